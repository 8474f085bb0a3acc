"""The zip for Gradescope: the grader, one assignment with its hidden suite, and wheels to install.

It holds everything that students must not see, down to the course's secret.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from autograder.assignment import Assignment
from autograder.errors import StaffError, UsageError
from autograder.export.gradescope import results
from autograder.export.gradescope.settings import COURSE, SETTINGS, Settings
from autograder.feedback import lateness
from autograder.release.bundle import packed
from autograder.sandbox.images import build, profiles, wheelhouse
from autograder.suite import seeds

HERE = Path(__file__).parent
PROGRAMS = ("run_autograder", "setup.sh")
FAILED = "failed.json"


def check_runtime(assignment: Assignment) -> None:
    """Refuse what the wheels in the zip could not run."""
    if assignment.runtime != "numpy":
        raise UsageError(
            f"{assignment.slug} runs on {assignment.runtime}, and a zip for Gradescope brings numpy"
            " only: grade it here, and hand the scores over (autograder export canvas or moodle)"
        )


def wheels(pythons: Iterable[str], place: Path) -> dict[str, Path]:
    """Return the folder of wheels for each version of Python, collected where it is not there."""
    profile = profiles.profile_of("grader")
    return {python: wheelhouse.collect(profile, python, place) for python in pythons}


def build_zip(assignment: Assignment, settings: Settings, wheels: Mapping[str, Path]) -> bytes:
    """Return the zip: the same bytes for the same course, secret and wheels."""
    check_runtime(assignment)
    files = {name: (HERE / name).read_bytes() for name in PROGRAMS}
    files |= {
        SETTINGS: settings.dump(),
        FAILED: results.dump(results.failed(results.ENDED)).encode(),
    }
    files |= {f"{COURSE}/{name}": data for name, data in _course(assignment)}
    for name, path in build.code_of(profiles.profile_of("grader")).items():
        files[f"platform/{name.as_posix()}"] = path.read_bytes()
    for python, folder in wheels.items():
        for path in folder.rglob("*.whl"):
            files[f"wheels/{python}/{path.relative_to(folder).as_posix()}"] = path.read_bytes()
    return packed(files, programs=PROGRAMS)


def _course(assignment: Assignment) -> Iterator[tuple[str, bytes]]:
    """The one assignment as it lies in its course, and what belongs to the course."""
    root = assignment.root
    yield seeds.FILE, seeds.course_secret(root) + b"\n"
    policy = root / lateness.FILE
    data = [assignment.data_dir / name for name in assignment.data]
    paths = [assignment.toml, *data, *([policy] if policy.exists() else [])]
    for path in (*paths, *_below(assignment.solutions), *_below(assignment.hidden)):
        where = path.relative_to(root).as_posix()
        if not path.is_file():
            raise StaffError("no such file", where)
        yield where, path.read_bytes()


def _below(folder: Path) -> Iterator[Path]:
    """Every file of a folder but caches and what is hidden."""
    for path in folder.rglob("*"):
        inside = path.relative_to(folder).parts
        if path.is_file() and not any(part.startswith((".", "__pycache__")) for part in inside):
            yield path
