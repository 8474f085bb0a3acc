"""docs/lms.md, followed literally with the demo class: in from each system, and back out."""

import csv
import json
import re
import shlex
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder import assignment, cli, demo
from autograder.assignment import Assignment
from autograder.export.lists.people import canvas_name

COMMANDS = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
# What people are called who have one of these demo entries.
NAMES = {
    "ada": "Lovelace, Ada",
    "alma": '=1+1, "Alma"',
    "anton": "\u202eAnt\u00f3n",
    "ben_no_shift": "@SUM(A1), +Ben",
    "nils_starter_untouched": "N, Nils\nNull",
    "olga_one_file_missing": "\u041e\u043b\u044c\u0433\u0430 \U0001f980",
    "pia_syntax_error": "Ba\u00f1os; Pia",
    "zoe": "Zo\u00eb",
}


@pytest.fixture(scope="module")
def a1() -> Assignment:
    """The demo's assignment."""
    return assignment.load(demo.SLUG, assignment.find_root(Path(__file__)))


@pytest.fixture(scope="module")
def work(a1: Assignment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what Canvas gives of the class: a download, and its gradebook."""
    folder = tmp_path_factory.mktemp("lms")
    demo.write_class(a1, folder / "demo")
    with zipfile.ZipFile(folder / "submissions.zip", "w") as archive:
        for user, (path, name) in enumerate(entries(folder / "demo")):
            files = sorted(path.iterdir()) if path.is_dir() else [path]
            for number, file in enumerate(files):
                prefix = f"{canvas_name(name)}_{100 + user}_{5000 + 10 * user + number}"
                archive.writestr(f"{prefix}_{file.name}", file.read_bytes())
    with (folder / "from_canvas.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["Student", "ID", "SIS Login ID", "Section", f"{a1.title} (7)", "Quiz (8)"])
        writer.writerow(["    Points Possible", "", "", "", "100", "5"])
        for user, (_, name) in enumerate(entries(folder / "demo")):
            writer.writerow([name, 100 + user, f"login{user}", "1", "", "4"])
        writer.writerow(["Student, Test", 999, "x", "1", "", ""])
    return folder


def entries(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield the entries of the class that have a name above."""
    for path in sorted(folder.iterdir()):
        if name := NAMES.get(path.name.partition(".")[0]):
            yield path, name


def test_the_guides_first_block(
    a1: Assignment, work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Three commands; Canvas gets every grade, and everybody's name back as it was."""
    page = (a1.root / "docs" / "lms.md").read_text("utf-8")
    first = COMMANDS.findall(page)[0].splitlines()
    monkeypatch.chdir(work)
    monkeypatch.setenv("AUTOGRADER_ROOT", str(a1.root))
    for line in first:
        assert cli.main(shlex.split(line)[1:]) == 0, capsys.readouterr().err
    told = json.loads((work / "graded" / a1.slug / "class.json").read_text("utf-8"))
    scores = {each["student"]: each["score"] for each in told["students"]}
    assert len(scores) == len(NAMES)
    assert scores["lovelaceada_100"] == 100
    before, after = (table(work / name) for name in ("from_canvas.csv", f"{a1.slug}.canvas.csv"))
    for old, new in zip(before[2:-1], after[2:-1], strict=True):
        assert new[0].removeprefix("'") == old[0]
        assert new[1:4] == old[1:4]
        assert float(new[4]) == scores[f"{canvas_name(old[0])}_{old[1]}"]
        assert new[5] == "4"
    assert [after[0], after[1], after[-1]] == [before[0], before[1], before[-1]]


def table(path: Path) -> list[list[str]]:
    """What Python's own module reads."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))
