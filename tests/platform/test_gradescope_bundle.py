"""The zip for Gradescope: what is in it, the same every time, and its verb."""

import io
import json
import re
import stat
import subprocess
import zipfile
from pathlib import Path

import pytest

from autograder import assignment, cli
from autograder.assignment import Assignment, suite_hash
from autograder.errors import StaffError, UsageError
from autograder.export.gradescope import bundle, results
from autograder.export.gradescope.settings import Settings, limit_s
from autograder.sandbox.images import wheelhouse
from autograder.suite.seeds import VARIABLE

Capture = pytest.CaptureFixture[str]
SETTINGS = Settings("mini")


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, Path]:
    """Wheels for one Python, as they were collected."""
    folder = tmp_path / "wheelhouse" / "grader-3.11"
    for name in ("installer/pip-1-py3-none-any.whl", "libraries/tiny-1-py3-none-any.whl"):
        place = folder / name
        place.parent.mkdir(parents=True)
        place.write_bytes(name.encode())
    (folder / "collected.txt").write_text("tiny==1\n", "utf-8")
    return {"3.11": folder}


@pytest.fixture
def collected(
    folders: dict[str, Path],
    mini_course: Assignment,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> list[str]:
    """Commands run beside the miniature course; there are wheels for every Python."""
    asked: list[str] = []
    monkeypatch.setenv(assignment.ROOT_VARIABLE, str(mini_course.root))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        wheelhouse,
        "collect",
        lambda _profile, python, _place: asked.append(python) or folders["3.11"],
    )
    return asked


def opened(data: bytes) -> zipfile.ZipFile:
    """Open a zip."""
    return zipfile.ZipFile(io.BytesIO(data))


def names(course: Assignment, folders: dict[str, Path]) -> set[str]:
    """Return the names in the zip but for the platform's."""
    with opened(bundle.build_zip(course, SETTINGS, folders)) as archive:
        return {name for name in archive.namelist() if not name.startswith("platform/")}


def test_what_is_in_it(mini_course: Assignment, folders: dict[str, Path]) -> None:
    """The two scripts at the top, one assignment and its suite, the secret, the wheels."""
    assert names(mini_course, folders) == {
        "setup.sh",
        "run_autograder",
        "settings.json",
        "failed.json",
        "course/.autograder-secret",
        "course/assignments/mini/assignment.toml",
        "course/solutions/mini/basics.py",
        "course/solutions/mini/losses.py",
        "course/tests/hidden/mini/test_basics.py",
        "course/tests/hidden/mini/test_losses.py",
        "wheels/3.11/installer/pip-1-py3-none-any.whl",
        "wheels/3.11/libraries/tiny-1-py3-none-any.whl",
    }


def test_the_grader_is_in_it(mini_course: Assignment, folders: dict[str, Path]) -> None:
    """All of its modules, so that a verdict there is the verdict here."""
    with opened(bundle.build_zip(mini_course, SETTINGS, folders)) as archive:
        there = {name for name in archive.namelist() if name.startswith("platform/autograder/")}
    package = Path(bundle.__file__).parents[2]
    modules = {path.relative_to(package.parent).as_posix() for path in package.rglob("*.py")}
    assert {f"platform/{name}" for name in modules} <= there
    assert not [name for name in there if "__pycache__" in name]


def test_the_same_course_gives_the_same_bytes(
    mini_course: Assignment, folders: dict[str, Path]
) -> None:
    """Whenever it is made; another secret makes another zip."""
    first = bundle.build_zip(mini_course, SETTINGS, folders)
    for path in mini_course.root.rglob("*"):
        path.touch()
    assert bundle.build_zip(mini_course, SETTINGS, folders) == first
    (mini_course.root / ".autograder-secret").write_text("another\n", "utf-8")
    assert bundle.build_zip(mini_course, SETTINGS, folders) != first


def test_scripts_can_be_executed(mini_course: Assignment, folders: dict[str, Path]) -> None:
    """And nothing else can."""
    with opened(bundle.build_zip(mini_course, SETTINGS, folders)) as archive:
        modes = {each.filename: each.external_attr >> 16 for each in archive.infolist()}
    assert {name for name, mode in modes.items() if mode & stat.S_IXUSR} == set(bundle.PROGRAMS)
    assert {stat.S_IMODE(mode) for mode in modes.values()} == {0o755, 0o644}


@pytest.mark.parametrize("name", bundle.PROGRAMS)
def test_scripts_are_bash(name: str) -> None:
    """Both can be read by it."""
    subprocess.run(["bash", "-n", bundle.HERE / name], check=True)


def test_the_secret_is_the_courses(
    mini_course: Assignment, folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the environment or its file, so that a submission meets the same data there and here."""
    monkeypatch.setenv(VARIABLE, "told")
    with opened(bundle.build_zip(mini_course, SETTINGS, folders)) as archive:
        assert archive.read("course/.autograder-secret") == b"told\n"


def test_the_suite_is_the_same(
    mini_course: Assignment, folders: dict[str, Path], tmp_path: Path
) -> None:
    """Reports from there name the digest that reports from here do."""
    with opened(bundle.build_zip(mini_course, SETTINGS, folders)) as archive:
        archive.extractall(tmp_path / "there")
    there = assignment.load("mini", tmp_path / "there" / "course")
    assert suite_hash(there) == suite_hash(mini_course)


def test_data_and_late_policy_come_along(mini_course: Assignment, folders: dict[str, Path]) -> None:
    """What the assignment names and what the course has; caches and hidden files stay here."""
    course = mini_course.model_copy(update={"data": ("digits.npz",)})
    course.data_dir.mkdir()
    (course.data_dir / "digits.npz").write_bytes(b"0123")
    (course.root / "course.toml").write_text('[late]\npolicy = "hard"\n', "utf-8")
    (course.hidden / "__pycache__").mkdir()
    (course.hidden / "__pycache__" / "x.pyc").write_bytes(b"")
    (course.hidden / ".test_basics.py.swp").write_bytes(b"")
    added = names(course, folders) - names(mini_course, folders)
    assert added == {"course/assignments/mini/data/digits.npz"}
    assert "course/course.toml" in names(course, folders)


def test_data_that_are_missing(mini_course: Assignment, folders: dict[str, Path]) -> None:
    """A staff error that names the file."""
    course = mini_course.model_copy(update={"data": ("digits.npz",)})
    with pytest.raises(StaffError, match="assignments/mini/data/digits.npz: no such file"):
        bundle.build_zip(course, SETTINGS, folders)


def test_torch_is_refused(mini_course: Assignment, folders: dict[str, Path]) -> None:
    """Before anything is uploaded that could not run there."""
    course = mini_course.model_copy(update={"runtime": "torch"})
    with pytest.raises(UsageError, match="mini runs on torch"):
        bundle.build_zip(course, SETTINGS, folders)


def test_what_stands_until_there_is_a_verdict(
    mini_course: Assignment, folders: dict[str, Path]
) -> None:
    """Valid results without points, for when the grader itself is killed."""
    with opened(bundle.build_zip(mini_course, SETTINGS, folders)) as archive:
        told = json.loads(archive.read("failed.json"))
    assert told == results.failed(results.ENDED)


def test_how_long_a_submission_may_take(mini_course: Assignment) -> None:
    """Two runs and the grader's own time, below Gradescope's ten minutes for usual limits."""
    usual = mini_course.limits.model_copy(update={"submission_s": 120})
    assert limit_s(mini_course.model_copy(update={"limits": usual})) == 480


def test_the_verb_writes_the_zip(collected: list[str], capsys: Capture) -> None:
    """Readable by nobody else, with its digest and what staff must know on stdout."""
    assert cli.main(["export", "gradescope", "mini"]) == 0
    place = Path("dist/mini-gradescope.zip")
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    said = capsys.readouterr().out.splitlines()
    assert re.match(r"dist/mini-gradescope\.zip: \d MB, sha256 [0-9a-f]{64}$", said[0])
    assert "nobody else" in said[1]
    assert said[2].endswith("minutes for a submission there.")
    assert collected == ["3.11"]


def test_choices_of_the_verb(collected: list[str]) -> None:
    """Several Pythons, a leaderboard, and another place."""
    options = ["--python", "3.12", "--python", "3.11", "--python", "3.12", "--leaderboard"]
    assert cli.main(["export", "gradescope", "mini", "--out", "here/there.zip", *options]) == 0
    with zipfile.ZipFile("here/there.zip") as archive:
        assert json.loads(archive.read("settings.json")) == {"slug": "mini", "leaderboard": True}
        assert "wheels/3.12/libraries/tiny-1-py3-none-any.whl" in archive.namelist()
    assert collected == ["3.11", "3.12"]


@pytest.mark.parametrize("version", ["3.10", "3", "2.7", "latest", "3.11.2", "../3.11", "3.11\n"])
def test_versions_that_are_none(version: str, collected: list[str], capsys: Capture) -> None:
    """One line that names the value, and nothing is collected."""
    assert cli.main(["export", "gradescope", "mini", "--python", version]) == 2
    assert "is no version from 3.11 on" in capsys.readouterr().err
    assert collected == []


def test_a_place_that_is_no_zip(collected: list[str], capsys: Capture) -> None:
    """A folder, say, is not overwritten and not written into."""
    assert cli.main(["export", "gradescope", "mini", "--out", "."]) == 2
    assert "end it with .zip" in capsys.readouterr().err


def test_an_unknown_assignment(collected: list[str], capsys: Capture) -> None:
    """Answered with those that there are."""
    assert cli.main(["export", "gradescope", "minni"]) == 2
    assert "did you mean 'mini'?" in capsys.readouterr().err
