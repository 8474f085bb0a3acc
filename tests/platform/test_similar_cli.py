"""The verb `similar`: from a class folder to pages, a table or JSON."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.assignment import ROOT_VARIABLE, Assignment
from autograder.cli import main

pytest.importorskip("compare50")
HandIn = Callable[..., Path]
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def everybody(mini_course: Assignment, hand_in: HandIn, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same solution twice, another one, and what intake refuses; commands run in the course."""
    monkeypatch.chdir(mini_course.root)
    place = hand_in("ann").parent
    hand_in("bob")
    hand_in("cleo", {"losses.py": "def softmax_loss(x, y):\n    return 0.0, x\n"})
    (place / "zoe.zip").write_bytes(b"Rar!\x1a\x07\x01\x00")
    return place


def run(*arguments: object) -> None:
    """Run a command that is done."""
    assert main(["similar", "mini", *map(str, arguments)]) == 0


def test_a_class(everybody: Path, capsys: Capture) -> None:
    """Who is refused is told; the closest pair has a line and a page; progress is on stderr."""
    run(everybody)
    said = capsys.readouterr()
    assert "not compared: zoe: zoe.zip is not a zip file" in said.out
    assert "ann and bob" in said.out
    assert "1 pair: similar/mini/index.html" in said.out
    assert "read 4 of 4" in said.err
    pages = sorted(p.relative_to("similar").as_posix() for p in Path("similar").rglob("*.html"))
    assert pages == ["mini/index.html", "mini/pairs/1.html"]


def test_json(everybody: Path, tmp_path: Path, capsys: Capture) -> None:
    """Stdout is JSON and nothing else; pages are written all the same."""
    run(everybody, "--json", "--out", tmp_path / "pages", "--top", 1)
    said = json.loads(capsys.readouterr().out)
    assert [pair["names"] for pair in said["pairs"]] == [["ann", "bob"]]
    assert said["pairs"][0]["shares"] == [100, 100]
    assert [each["who"] for each in said["skipped"]] == ["zoe"]
    assert (tmp_path / "pages" / "index.html").is_file()


def test_an_earlier_year(everybody: Path, tmp_path: Path, capsys: Capture) -> None:
    """A copy from there is found; who is in both years is no pair with themselves."""
    shutil.copytree(everybody / "ann", tmp_path / "2025" / "ann")
    shutil.copytree(everybody / "ann", tmp_path / "2025" / "dan")
    shutil.rmtree(everybody / "bob")
    run(everybody, "--archive", tmp_path / "2025")
    said = capsys.readouterr().out
    assert "ann and dan (2025)" in said
    assert "1 pair:" in said
    assert "1 pair left out" in Path("similar/mini/index.html").read_text()


def test_the_same_pages_every_time(everybody: Path) -> None:
    """To the byte."""
    for name in ("one", "two"):
        run(everybody, "--out", name)
    for page in Path("one").rglob("*.html"):
        assert page.read_bytes() == (Path("two") / page.relative_to("one")).read_bytes()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "nowhere: no such file or folder"),
        (["{class}", "--archive", "nowhere"], "nowhere: no such file or folder"),
        (["{class}/ann"], "is a single submission"),
        (["{class}", "--archive", "{class}"], "is given twice"),
        (["{class}", "--top", "0"], "--top"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(
    everybody: Path, capsys: Capture, arguments: list[str], said: str
) -> None:
    """And nothing is written."""
    told = [each.replace("{class}", str(everybody)) for each in arguments]
    assert main(["similar", "mini", *told]) == 2
    line = capsys.readouterr().err
    assert said in line
    assert line.count("\n") == 1
    assert not Path("similar").exists()


def test_the_guide_can_be_followed(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every command of docs/similarity.md does what it says, beside the classes that it names."""
    monkeypatch.setenv(ROOT_VARIABLE, str(repo))
    monkeypatch.chdir(tmp_path)
    solution = repo / "solutions" / "a1_linear"
    for place in ("submissions/ada", "submissions/ben", "2025/cleo", "2024/dan"):
        shutil.copytree(solution, place, ignore=shutil.ignore_patterns("__pycache__"))
    page = (repo / "docs" / "similarity.md").read_text("utf-8")
    block = re.search(r"```console\n(.*?)```", page, re.DOTALL)
    assert block is not None
    first, *commands = block[1].splitlines()
    assert first == "make similar"
    for command in commands:
        assert main(command.split()[1:]) == 0
    made = [p.as_posix() for p in Path("similar").glob("*/pairs/*.html")]
    assert sorted(made) == [
        *(f"similar/a1/pairs/{number}.html" for number in range(1, 6)),
        "similar/a1_linear/pairs/1.html",
    ]


def test_without_compare50(
    everybody: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line says what to install, before anything has been read."""
    from autograder.similarity import analysis

    monkeypatch.setattr(analysis, "NEEDED", "compare50.nothing")
    assert main(["similar", "mini", str(everybody)]) == 2
    said = "this needs the part 'similar', and compare50.nothing is missing: make similar\n"
    assert capsys.readouterr().err == f"autograder: {said}"
