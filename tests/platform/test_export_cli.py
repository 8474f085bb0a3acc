"""The commands `export FORMAT`, on the demo class."""

import csv
import json
import os
import re
import shlex
from pathlib import Path

import pytest
import xmlschema
from junitparser import JUnitXml
from reports import graded, save

from autograder import assignment as assignments
from autograder import demo
from autograder.assignment import Assignment
from autograder.cli import main
from autograder.grading import Settings, grade_class
from autograder.submission import discover
from autograder.suite.seeds import course_secret

REPO = Path(__file__).parents[2]
A1 = assignments.load("a1_linear", REPO)
PAGE = (REPO / "docs" / "ci.md").read_text("utf-8")
SHOWN = re.findall(r"^autograder export (.+)$", PAGE, re.MULTILINE)
SCHEMA = xmlschema.XMLSchema(Path(__file__).parent / "schemas" / "xunit2.xsd")
FORMATS = ["junit", "markdown", "csv", "github", "gitlab", "autolab", "prairielearn"]
PLACED = {"github", "gitlab"}
ONE = {"autolab", "prairielearn"}


@pytest.fixture(scope="module")
def graded_class(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the demo class in it, and its reports."""
    place: Path = tmp_path_factory.mktemp("demo")
    demo.write_class(A1, place / "submissions")
    entries = discover(place / "submissions", A1)
    settings = Settings(A1.slug, str(A1.root), str(place / "graded" / A1.slug))
    grade_class(A1, entries, settings, jobs=2)
    return place


@pytest.fixture
def here(graded_class: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Commands are given in that folder."""
    monkeypatch.chdir(graded_class)
    monkeypatch.setenv(assignments.ROOT_VARIABLE, str(REPO))
    return graded_class


def printed(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """What a command prints; it succeeds, and says nothing on stderr."""
    status = main(["export", *map(str, arguments)])
    out, err = capsys.readouterr()
    assert (status, err) == (0, "")
    return out


def failed(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """What a command says that cannot be carried out; it prints nothing else."""
    status = main(["export", *map(str, arguments)])
    out, err = capsys.readouterr()
    assert (status, out, err.count("\n")) == (2, "", 1)
    return err


def of(kind: str) -> list[str]:
    """A command line that exports the class, or ada, in some format."""
    files = ["--files", "submissions"] if kind in PLACED else []
    return [kind, A1.slug, *(["graded/a1_linear/ada"] if kind in ONE else []), *files]


def test_the_page_shows_every_format() -> None:
    """With a command that can be copied."""
    assert {line.split()[0] for line in SHOWN} == set(FORMATS)


@pytest.mark.parametrize("line", SHOWN)
def test_the_page_can_be_followed(
    here: Path, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    """Each command that it shows works as it stands there."""
    out = printed(capsys, *shlex.split(line))
    (there,) = re.findall(r"--out (\S+)", line) or [""]
    assert (here / there).stat().st_size > 0 if there else out


def test_junit_of_the_class(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A suite for everybody; those who are perfect have no failure."""
    text = printed(capsys, *of("junit"))
    SCHEMA.validate(text)
    suites = {suite.name: suite for suite in JUnitXml.fromstring(text.encode())}
    assert set(suites) == {place.name for place in Path("graded", A1.slug).iterdir()} - {
        "class.json"
    }
    assert (suites["ada"].failures, suites["ada"].errors, suites["ada"].skipped) == (0, 0, 0)
    assert suites["zoe"].failures == 1
    assert suites["nils_starter_untouched"].skipped == suites["nils_starter_untouched"].tests > 29
    assert suites["x_endless_loop"].errors > 0


def test_csv_of_the_class(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The scores are those of class.json."""
    rows = csv.DictReader(printed(capsys, *of("csv")).splitlines())
    scores = {row["student"]: float(row["score"]) for row in rows}
    told = json.loads(Path("graded", A1.slug, "class.json").read_text())
    assert scores == {each["student"]: each["score"] for each in told["students"]}


def test_annotations_of_the_class(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They are on lines of the students' own files."""
    lines = printed(capsys, *of("github")).splitlines()
    placed = [found for line in lines if (found := re.match(r"::\w+ file=(.+?),line=(\d+),", line))]
    assert len(placed) > 10
    for found in placed:
        text = Path(found[1]).read_bytes()
        assert 1 <= int(found[2]) <= text.count(b"\n") + 1
    (syntax,) = [line for line in lines if "pia_syntax_error" in line]
    assert syntax.startswith("::error file=submissions/pia_syntax_error/knn.py,line=110,title=")
    assert "%3A compute_distances_two_loops and 4 more::SyntaxError" in syntax
    assert "::error title=zoe%3A the submission::zoe.zip is not a zip" in "\n".join(lines)


def test_findings_of_the_class(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Their paths are there, and no two have one fingerprint."""
    found = json.loads(printed(capsys, *of("gitlab")))
    assert all(Path(each["location"]["path"]).exists() for each in found)
    assert len({each["fingerprint"] for each in found}) == len(found) > 10


@pytest.mark.parametrize("kind", FORMATS)
def test_the_same_reports_are_the_same_bytes(
    here: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    """Printed or written, and once more."""
    out = printed(capsys, *of(kind))
    for _ in range(2):
        assert printed(capsys, *of(kind), "--out", "written") == ""
        assert Path("written").read_bytes() == out.encode()


@pytest.mark.parametrize("kind", FORMATS)
def test_nothing_hidden_is_exported(
    here: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    """No line of a hidden test, no path of a suite, no digest, no secret."""
    out = printed(capsys, *of(kind))
    secret = course_secret(REPO).decode()
    assert not [word for word in ("tests/hidden", "sha256:", secret, str(REPO)) if word in out]
    sources = [path.read_text("utf-8") for path in A1.hidden.glob("*.py")]
    code = {line.strip() for text in sources for line in text.splitlines() if "(" in line}
    assert not [
        line for line in code if len(line) > 20 and not line.startswith('"') and line in out
    ]


@pytest.mark.parametrize("kind", ["link", "folder", "fifo"])
def test_only_ordinary_files_are_written(
    here: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    """A device such as /dev/stdout is not replaced."""
    place = tmp_path / kind
    {
        "link": lambda: place.symlink_to("/dev/null"),
        "folder": place.mkdir,
        "fifo": lambda: os.mkfifo(place),
    }[kind]()
    assert "no ordinary file" in failed(capsys, *of("csv"), "--out", place)


def test_a_failure_leaves_the_file_alone(
    mini_course: Assignment,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What was written before is still there, as a whole."""
    monkeypatch.chdir(mini_course.root)
    reports = save(tmp_path / "reports", graded())
    printed(capsys, "csv", "mini", reports, "--out", tmp_path / "out.csv")
    before = (tmp_path / "out.csv").read_bytes()
    (reports / "ann" / "report.json").write_text("{")
    assert "ann/report.json: not a report" in failed(
        capsys, "csv", "mini", reports, "--out", tmp_path / "out.csv"
    )
    assert (tmp_path / "out.csv").read_bytes() == before
    assert [each.name for each in tmp_path.glob("*out.csv*")] == ["out.csv"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["junit", "a1_linaer"], "did you mean 'a1_linear'?"),
        (["junit", "a1_linear", "nowhere"], "nowhere: no reports"),
        (["autolab", "a1_linear"], "here are 20: name one"),
        (["prairielearn", "a1_linear"], "here are 20: name one"),
        (["github", "a1_linear", "--result"], "here are 20: name one"),
        (["github", "a1_linear"], "Say --files DIR"),
        (["gitlab", "a1_linear", "--files", "nowhere"], "nowhere"),
        (["word", "a1_linear"], "word"),
    ],
)
def test_what_cannot_be_exported(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    """One line says what is wrong, and what to do."""
    assert said in failed(capsys, *arguments)
