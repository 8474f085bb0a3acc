"""The release: which files it holds, the same bytes everywhere, and that it works on its own."""

import ast
import hashlib
import io
import os
import re
import shutil
import stat
import subprocess
import sys
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from autograder import assignment
from autograder.assignment import Assignment
from autograder.errors import StaffError
from autograder.release import bundle

REPO = Path(__file__).parents[2]
KIT = ["README.md", "checks.py", "pytest.ini", "requirements.txt"]
NOTEBOOK = b'{"cells": []}'
ANSWER = b'{"cells": [{"metadata": {"nbgrader": {"grade": true, "solution": true}}}]}'
HABITS = 'c.ClearSolutions.text_stub = "Mine"\nc.IncludeHeaderFooter.header = "mine.ipynb"\n'
DIGEST = (
    "import hashlib, sys; from pathlib import Path; from autograder import assignment;"
    "from autograder.release import bundle;"
    "files = bundle.build(assignment.load('mini', Path(sys.argv[1])));"
    "print(hashlib.sha256(bundle.packed(files, 'mini-1')).hexdigest())"
)
# With -S, what is installed as a link to this checkout is not seen.
ALONE = (
    f"import sys; sys.path.append({str(Path(pytest.__file__).parents[1])!r});"
    "import importlib.util; assert importlib.util.find_spec('autograder') is None;"
    "import pytest; raise SystemExit(pytest.main(['-q']))"
)


@pytest.fixture(scope="module")
def mini(tmp_path_factory: pytest.TempPathFactory) -> Assignment:
    """The miniature course, for tests that only read it."""
    root = tmp_path_factory.mktemp("mini") / "course"
    shutil.copytree(Path(__file__).parent / "mini_course", root)
    return assignment.load("mini", root)


@pytest.fixture(scope="module")
def release(mini: Assignment) -> dict[str, bytes]:
    """The files of the miniature course's release."""
    return bundle.build(mini)


@pytest.fixture
def student(release: dict[str, bytes], tmp_path: Path) -> Path:
    """A folder with the unpacked release, as a student has it."""
    with zipfile.ZipFile(io.BytesIO(bundle.packed(release, "mini-1"))) as archive:
        archive.extractall(tmp_path / "somewhere")
    return tmp_path / "somewhere" / "mini-1"


def clean(**more: str) -> dict[str, str]:
    """Return an environment with nothing of ours in it."""
    return {"PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1"} | more


def python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a folder with an empty environment."""
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=folder, env=clean(), capture_output=True, text=True, check=False
    )


def readme(course: Assignment, notebook: bytes = NOTEBOOK, **changes: object) -> str:
    """Return the README of a release of a course with these changes."""
    changed = course.model_copy(update=changes)
    return bundle.companions(changed, notebook)["README.md"].decode()


def test_the_files_of_the_mini_course(release: dict[str, bytes]) -> None:
    """Starter code, checks, notebook and kit, sorted; nothing else."""
    assert list(release) == [
        "README.md", "basics.py", "checks.py", "losses.py", "mini.ipynb", "pytest.ini",
        "requirements.txt", "tests/test_basics.py", "tests/test_losses.py",
    ]  # fmt: skip
    assert b"NotImplementedError" in release["basics.py"]
    assert b"SOLUTION" not in b"".join(release.values())


def test_the_files_of_a_real_assignment() -> None:
    """Data come with what says where they are from, and with their digests."""
    files = bundle.companions(assignment.load("a1_linear", REPO), NOTEBOOK)
    code = ["arithmetic", "features", "gradcheck", "knn", "linear", "losses"]
    assert sorted(files) == sorted([
        *KIT, "DATA.md", "SHA256SUMS", "digits.npz",
        *(f"{name}.py" for name in code), *(f"tests/test_{name}.py" for name in code),
    ])  # fmt: skip


@pytest.mark.parametrize("slug", assignment.slugs(REPO))
def test_digests_are_those_of_the_data(slug: str) -> None:
    """`sha256sum --check SHA256SUMS` passes in a student's folder."""
    files = bundle.companions(assignment.load(slug, REPO), NOTEBOOK)
    lines = files["SHA256SUMS"].decode().splitlines()
    assert lines == [
        f"{hashlib.sha256(files[name]).hexdigest()}  {name}" for name in ["digits.npz"]
    ]


def test_the_zip(release: dict[str, bytes]) -> None:
    """One folder, no times, nobody's permissions, every byte as it was."""
    with zipfile.ZipFile(io.BytesIO(bundle.packed(release, "mini-1"))) as archive:
        members = archive.infolist()
        assert [each.filename for each in members] == [f"mini-1/{name}" for name in release]
        assert {each.date_time for each in members} == {(1980, 1, 1, 0, 0, 0)}
        assert {stat.filemode(each.external_attr >> 16) for each in members} == {"-rw-r--r--"}
        assert {each.compress_type for each in members} == {zipfile.ZIP_STORED}
        assert [archive.read(each) for each in members] == list(release.values())


def test_the_same_bytes_everywhere(
    mini: Assignment, release: dict[str, bytes], tmp_path: Path
) -> None:
    """Another process, zone, locale, umask, seed, folder and habits make the same zip."""
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -k nothing\n", "utf-8")
    (tmp_path / "jupytext.toml").write_text('formats = "py:percent"\n', "utf-8")
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n" + HABITS, "utf-8")
    (tmp_path / ".jupyter").mkdir()
    (tmp_path / ".jupyter" / "nbgrader_config.py").write_text(HABITS, "utf-8")
    env = clean(PYTHONHASHSEED="7", TZ="Asia/Kolkata", LC_ALL="C", HOME=str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", DIGEST, str(mini.root)],
        cwd=tmp_path, env=env, umask=0o077, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == hashlib.sha256(bundle.packed(release, "mini-1")).hexdigest()


def test_the_name(mini: Assignment) -> None:
    """Slug and version."""
    assert bundle.name_of(mini.model_copy(update={"version": "2.1"})) == "mini-2.1"


def test_no_file_hides_another(mini_course: Assignment) -> None:
    """Files of one name, also in other letters, are named: one would be lost."""
    code = mini_course.model_copy(update={"files": ("basics.py", "losses.py", "Checks.py")})
    shutil.copy(mini_course.solutions / "basics.py", mini_course.solutions / "Checks.py")
    where = "^assignments/mini/assignment.toml: "
    with pytest.raises(StaffError, match=f"{where}'Checks.py' is the name of another file"):
        bundle.companions(code, NOTEBOOK)
    mini_course.data_dir.mkdir()
    (mini_course.data_dir / "README.md").write_text("From nowhere.", "utf-8")
    data = mini_course.model_copy(update={"data": ("README.md",)})
    with pytest.raises(StaffError, match=f"{where}'README.md' is the name of another file"):
        bundle.companions(data, NOTEBOOK)


def test_without_checks(mini_course: Assignment) -> None:
    """A course without visible checks has no release."""
    shutil.rmtree(mini_course.visible)
    with pytest.raises(StaffError, match="^tests/visible/mini: there are no visible checks"):
        bundle.companions(mini_course, NOTEBOOK)


def test_missing_data(mini_course: Assignment) -> None:
    """Data that are not there are named."""
    course = mini_course.model_copy(update={"data": ("x.npz",)})
    with pytest.raises(StaffError, match="^assignments/mini/data/x.npz: no such file"):
        bundle.companions(course, NOTEBOOK)


def test_the_readme(mini: Assignment, release: dict[str, bytes]) -> None:
    """Title, files, points, questions, rules and what to hand in."""
    said = " ".join(release["README.md"].decode().split())
    assert said.startswith("# A miniature course mini, version 1. ## Set up")
    assert "| `double` | `basics.py` | 40 | Twice an array. |" in said
    assert "| inline questions | `mini.ipynb` | 2 x 5 | read by a person |" in said
    assert "python -m pytest tests/test_basics.py" in said
    assert "These may not be imported: `scipy`." in said
    assert "Hand in `basics.py`, `losses.py` and `mini.ipynb`: a zip file of them" in said


def test_a_readme_without_extras(mini: Assignment) -> None:
    """Nothing is said about what an assignment does not have."""
    said = readme(mini, rules=mini.rules.model_copy(update={"forbid_imports": ()}))
    assert not re.search(r"Due|data \(|inline questions|may not be imported", said)
    assert "Hand in `basics.py`, `losses.py`: a zip file of them" in " ".join(said.split())
    assert "`mini.ipynb` | the way through the assignment |" in said


def test_questions_without_points(mini: Assignment) -> None:
    """Answers are handed in, and no points are promised for them."""
    said = readme(mini, ANSWER, question_points=0)
    assert "| inline questions |" not in said
    assert "and `mini.ipynb`: a zip file" in " ".join(said.split())


def test_a_readme_with_data(mini_course: Assignment) -> None:
    """Data are listed; only notes that are there are spoken of."""
    mini_course.data_dir.mkdir()
    (mini_course.data_dir / "x.npz").write_bytes(b"x")
    assert "| `x.npz` | data |\n\n## Check" in readme(mini_course, data=("x.npz",))
    (mini_course.data_dir / "README.md").write_text("From nowhere.", "utf-8")
    said = readme(mini_course, data=("x.npz",))
    assert "| `x.npz` | data (`DATA.md` says where it comes from) |\n\n## Check" in said


@pytest.mark.parametrize(
    ("due", "said"),
    [
        ("2026-12-01T23:59:00+01:00", "Tuesday, 1 December 2026, 23:59 (UTC+01:00)"),
        ("2026-03-29T08:05:00-03:30", "Sunday, 29 March 2026, 08:05 (UTC-03:30)"),
        ("2026-01-01T00:00:00Z", "Thursday, 1 January 2026, 00:00 (UTC)"),
    ],
)
def test_a_due_date(mini: Assignment, due: str, said: str) -> None:
    """Day, time and zone are said as people write them."""
    assert bundle.due_text(datetime.fromisoformat(due)) == said
    text = readme(mini, due=datetime.fromisoformat(due))
    assert f"mini, version 1. **Due {said}.**\n\n## Set up" in text


def test_a_due_date_in_another_language(monkeypatch: pytest.MonkeyPatch) -> None:
    """The names of days and months are English, whatever the machine speaks."""

    class Polish(datetime):
        def __format__(self, spec: str) -> str:
            assert not set(spec) & set("aAbBcxXp"), "depends on the locale"
            return super().__format__(spec)

    for month in range(1, 13):
        due = Polish.fromisoformat(f"2026-{month:02}-01T12:00:00+00:00")
        assert datetime.strptime(bundle.due_text(due), "%A, %d %B %Y, %H:%M (UTC)").month == month


def test_a_table_holds_any_words(mini: Assignment) -> None:
    """A summary with bars or in two lines stays in its row; words in braces stay as they are."""
    first, second = mini.exercises
    odd = first.model_copy(update={"summary": "|x| for\nall {{ x }} & <y>"})
    said = readme(mini, title="Two\nlines", exercises=(odd, second))
    assert r"| 40 | \|x\| for all {{ x }} & <y> |" in said
    assert said.startswith("# Two lines\n\nmini")


VERSIONS: list[tuple[dict[str, object], bytes]] = [
    ({}, NOTEBOOK),
    ({}, ANSWER),
    ({"question_points": 0}, ANSWER),
    ({"due": datetime.fromisoformat("2026-12-01T23:59:00+01:00")}, ANSWER),
    ({"rules": assignment.Rules()}, NOTEBOOK),
    ({"rules": assignment.Rules()}, ANSWER),
    ({"rules": assignment.Rules(forbid_imports=("a" * 30, "b" * 30, "c" * 30, "d" * 30))}, ANSWER),
]


@pytest.mark.parametrize(("changes", "notebook"), VERSIONS)
def test_a_readme_is_tidy(mini: Assignment, changes: dict[str, object], notebook: bytes) -> None:
    """No template is left over, no gap is wider than a line, and lines fit."""
    assert_tidy(readme(mini, notebook, **changes))


@pytest.mark.parametrize("slug", assignment.slugs(REPO))
def test_the_readmes_of_the_course_are_tidy(slug: str) -> None:
    """Likewise with many files and many rules."""
    assert_tidy(readme(assignment.load(slug, REPO), ANSWER))


def assert_tidy(text: str) -> None:
    """Check the look of Markdown."""
    assert not re.search(r"\{\{|\}\}|\{%|%\}", text)
    assert "\n\n\n" not in text
    assert text.endswith("others.\n")
    assert [line for line in text.split("\n") if line != line.rstrip()] == []
    assert [line for line in text.split("\n") if len(line) > 120 and line[0] != "|"] == []
    assert not re.search(r"\n\n\|[^-]*\n\n", text), "a row without its table"
    assert re.findall(r"[^\n]\n## .*", text) == []


@pytest.mark.parametrize("runtime", ["numpy", "torch"])
def test_requirements(mini: Assignment, runtime: str) -> None:
    """Every line is one that pip reads; torch is asked for where it is needed."""
    course = mini.model_copy(update={"runtime": runtime})
    text = bundle.companions(course, NOTEBOOK)["requirements.txt"].decode()
    names = [Requirement(line).name for line in text.splitlines() if not line.startswith("#")]
    assert names == ["jupyterlab", "matplotlib", "numpy", "pytest"] + ["torch"] * (
        runtime == "torch"
    )


@pytest.mark.parametrize("slug", assignment.slugs(REPO))
def test_nothing_needs_more_than_is_required(slug: str) -> None:
    """Python files import the standard library, each other, and what the runtime has; no more."""
    course = assignment.load(slug, REPO)
    files = bundle.companions(course, NOTEBOOK)
    code = {Path(name).stem: text for name, text in files.items() if name.endswith(".py")}
    known = {*sys.stdlib_module_names, *code, "numpy", "pytest", course.runtime}
    assert {name for text in code.values() for name in imported(text)} <= known


def imported(text: bytes) -> set[str]:
    """Return the packages that a file imports anywhere."""
    nodes = list(ast.walk(ast.parse(text)))
    plain = [each.name for node in nodes if isinstance(node, ast.Import) for each in node.names]
    given = [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    return {name.partition(".")[0] for name in plain + given}


def test_at_first_every_check_fails(student: Path) -> None:
    """Without this repository: the checks run, and each says what is to be done."""
    done = python(student, "-I", "-S", "-c", ALONE)
    assert done.returncode == 1, done.stdout + done.stderr
    assert re.search(r"^2 failed in", done.stdout, re.MULTILINE)
    assert done.stdout.count("E       NotImplementedError: ") == 2


def test_with_the_solution_every_check_passes(student: Path, mini: Assignment) -> None:
    """The solution's files in the place of the starter code's are all that it takes."""
    shutil.copytree(mini.solutions, student, dirs_exist_ok=True)
    done = python(student, "-I", "-S", "-c", ALONE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^2 passed in", done.stdout, re.MULTILINE)


def test_one_file_of_checks(student: Path, mini: Assignment) -> None:
    """What the README says about one file of checks works as it stands there."""
    shutil.copytree(mini.solutions, student, dirs_exist_ok=True)
    done = python(student, "-m", "pytest", "tests/test_basics.py")
    assert "1 passed" in done.stdout


CHECK = "import sys; sys.path.insert(0, {folder!r}); from checks import check; check({name!r})"


def test_check_from_another_folder(student: Path, mini: Assignment, tmp_path: Path) -> None:
    """`check` finds tests and code beside itself, wherever the notebook's kernel runs."""
    shutil.copytree(mini.solutions, student, dirs_exist_ok=True)
    code = CHECK.format(folder=str(student), name="tests/test_basics.py::test_double")
    done = python(tmp_path, "-c", code)
    assert done.returncode == 0, done.stderr
    assert "1 passed" in done.stdout


def test_check_shows_what_is_missing(student: Path) -> None:
    """On starter code `check` raises, and the output says what is not written yet."""
    code = CHECK.format(folder=str(student), name="tests/test_basics.py::test_double")
    done = python(student, "-c", code)
    assert "NotImplementedError: double: your code here" in done.stdout
    assert done.stderr.strip().endswith(
        "AssertionError: not all of these checks pass yet: what they say stands above"
    )


def test_check_of_a_name_that_is_gone(student: Path) -> None:
    """A check that a student has renamed is an error that names it."""
    code = CHECK.format(folder=str(student), name="tests/test_basics.py::test_gone")
    done = python(student, "-c", code)
    assert done.returncode == 1
    assert "not found" in done.stdout
    assert "test_gone" in done.stdout


def test_check_shows_any_letters(student: Path) -> None:
    """Output outside of ASCII is shown in a plain locale, too."""
    (student / "basics.py").write_text("def double(x):\n    raise ValueError('∂é')\n", "utf-8")
    code = CHECK.format(folder=str(student), name="tests/test_basics.py")
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", code],
        cwd=student, env=clean(LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0"),
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert "ValueError: ∂é" in done.stdout
