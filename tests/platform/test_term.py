"""A course's whole way with the real nbgrader: release, hand in, grade, gradebook, feedback."""

import csv
import io
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder.report import Report, ReportStatus

BIN = Path(sys.executable).parent
MINI = Path(__file__).parent / "mini_course"
SECRET = "sentinel-5c1f"  # stands in hidden tests and solutions
NUMBERS = ["31415.9", "62831.8"]  # what a hidden test calls with, and what it expects
TOKEN = "of-this-test"
START_S = 60.0

HIDDEN_TEST = f'''
import numpy as np


@exercise("double")
def test_a_secret_number(student, reference, close):
    """Another number."""
    secret = "{SECRET}"
    x = np.array([31415.9265])
    close(student.double(x), reference.double(x), rtol=1e-9)
'''
TELLTALE = """
import sys

def double(x):
    print("STOLEN", x, file=sys.stderr)
    raise ValueError(f"STOLEN {x!r} {x * 2!r} <script>alert(1)</script>")
"""


@dataclass(frozen=True)
class Term:
    """The folders of one course after a class was graded."""

    root: Path  # the course
    work: Path  # where the commands were given

    @property
    def folder(self) -> Path:
        """The course folder of nbgrader."""
        return self.work / "course"

    @property
    def reports(self) -> dict[str, Report]:
        """Everybody's report."""
        found = sorted((self.work / "graded" / "mini").glob("*/report.json"))
        return {path.parent.name: Report.load(path.read_bytes()) for path in found}

    def run(self, *command: str, folder: Path | None = None) -> str:
        """Run a command of our environment; what it printed."""
        path = os.pathsep.join([str(BIN), os.environ["PATH"]])
        environment = os.environ | {"AUTOGRADER_ROOT": str(self.root), "PATH": path}
        done = subprocess.run(
            command,
            cwd=folder or self.work,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def term(tmp_path_factory: pytest.TempPathFactory) -> Term:
    """Release, hand in (folder, zip, notebook, junk), grade, import, feedback: all by commands."""
    place = tmp_path_factory.mktemp("term")
    made = Term(place / "root", place)
    shutil.copytree(MINI, made.root, ignore=shutil.ignore_patterns("__pycache__"))
    plant(made.root)
    made.run("autograder", "release", "mini")
    with zipfile.ZipFile(place / "dist" / "mini-1.zip") as archive:
        archive.extractall(place)
    hand_in(made.root / "solutions" / "mini", place / "mini-1", place / "class")
    write_lists(place / "course")
    made.run(
        "autograder", "grade", "mini", "class", "--sandbox", "process", "--gradebook", "course"
    )
    made.run("autograder", "feedback", "mini")
    return made


def plant(root: Path) -> None:
    """Put sentinels where nothing may ever come out, and a due date."""
    test = root / "tests" / "hidden" / "mini" / "test_basics.py"
    test.write_text(test.read_text("utf-8") + HIDDEN_TEST, "utf-8")
    solution = root / "solutions" / "mini" / "basics.py"
    text = solution.read_text("utf-8").replace(
        "    return 2 * x\n", f"    secret = '{SECRET}'  # {SECRET}\n    return 2 * x\n"
    )
    assert SECRET in text
    solution.write_text(text, "utf-8")
    toml = root / "assignments" / "mini" / "assignment.toml"
    toml.write_text("due = 2026-12-01T12:00:00+01:00\n" + toml.read_text("utf-8"), "utf-8")
    late = '[late]\npolicy = "percent_per_day"\npercent = 10\ngrace_days = 1\n'
    (root / "course.toml").write_text(late, "utf-8")


def hand_in(solutions: Path, release: Path, folder: Path) -> None:
    """Write a class: each in another way."""
    files = {name: (solutions / name).read_text("utf-8") for name in ("basics.py", "losses.py")}
    files["basics.py"] = re.sub(f".*{SECRET}.*\n", "", files["basics.py"])
    book = json.loads((release / "mini.ipynb").read_text("utf-8"))
    (folder / "ann").mkdir(parents=True)
    for name, text in (files | {"mini.ipynb": json.dumps(answered(book))}).items():
        (folder / "ann" / name).write_text(text, "utf-8")
    with zipfile.ZipFile(folder / "bob.zip", "w") as archive:
        archive.writestr("work/basics.py", files["basics.py"].replace("2 * x", "3 * x"))
        archive.writestr("work/losses.py", files["losses.py"])
    cells = [{**new_cell(text), "metadata": {}} for text in files.values()]
    (folder / "cleo.ipynb").write_text(json.dumps(book | {"cells": cells}), "utf-8")
    (folder / "dan.zip").write_bytes(b"Rar!\x1a\x07\x01\x00")
    (folder / "eve").mkdir()
    (folder / "eve" / "basics.py").write_text(TELLTALE, "utf-8")


def new_cell(text: str) -> dict[str, object]:
    """Return a code cell."""
    return {"cell_type": "code", "source": text, "outputs": [], "execution_count": None}


def answered(book: dict) -> dict:
    """Answer the first question, with HTML that nobody should run."""
    for cell in book["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "question_1":
            cell["source"] = "Nothing. <img src=x onerror=alert(1)>"
    return book


def write_lists(course: Path) -> None:
    """Say who the students are and when they handed in; bob is two days late, one is grace."""
    (course / "hand_ins").mkdir(parents=True)
    roster = "student,first_name,last_name,email\nann,Ann,Ångström,ann@example.org\n"
    (course / "roster.csv").write_text(roster, "utf-8")
    times = "student,submitted_at\nann,2026-12-01T12:00:00+01:00\nbob,2026-12-02T12:00:01+01:00\n"
    (course / "hand_ins" / "mini.csv").write_text(times, "utf-8")


def test_everybody_has_a_verdict(term: Term) -> None:
    """Folder, zip and notebook are graded, junk is refused."""
    scores = {name: report.score for name, report in term.reports.items()}
    assert (scores["ann"], scores["cleo"], scores["dan"]) == (100.0, 100.0, 0.0)
    assert scores["bob"] == pytest.approx(73.3333, abs=1e-4)
    assert term.reports["dan"].status is ReportStatus.REJECTED


def test_export_says_what_the_reports_say(term: Term) -> None:
    """`nbgrader export`: raw scores to the last decimal, with penalties beside them."""
    term.run("nbgrader", "export", folder=term.folder)
    rows = csv.DictReader(io.StringIO((term.folder / "grades.csv").read_text("utf-8")))
    found = {row["student_id"]: row for row in rows}
    raw = {name: float(row["raw_score"]) for name, row in found.items()}
    assert raw == {name: report.score for name, report in term.reports.items()}
    assert {row["max_score"] for row in found.values()} == {"110.0"}
    assert found["ann"]["last_name"] == "Ångström"
    assert float(found["ann"]["late_submission_penalty"]) == 0
    assert float(found["bob"]["late_submission_penalty"]) == pytest.approx(7.3333, abs=1e-4)


def everything(term: Term) -> Iterator[tuple[str, str]]:
    """Everything that leaves us: releases, gradebook, notebooks, pages; zips unpacked."""
    for path in sorted(term.work.rglob("*")):
        inside = path.relative_to(term.work)
        if path.is_file() and inside.parts[0] in {"dist", "course", "mini-1"}:
            yield str(inside), path.read_bytes().decode("utf-8", "replace")
            if path.suffix == ".zip":
                with zipfile.ZipFile(path) as archive:
                    for name in archive.namelist():
                        yield f"{inside}/{name}", archive.read(name).decode("utf-8", "replace")


def test_nothing_hidden_comes_out(term: Term) -> None:
    """No sentinel of hidden tests, solutions or expected values is anywhere that others see."""
    seen = dict(everything(term))
    assert {"course/gradebook.db", "course/feedback/eve/mini/mini.html"} <= seen.keys()
    for planted in [SECRET, *NUMBERS, "STOLEN ["]:
        assert [name for name, text in seen.items() if planted in text] == []


def test_pages_run_nothing(term: Term) -> None:
    """No script element, no handler, whatever students wrote."""
    pages = [text for name, text in everything(term) if name.endswith(".html")]
    assert len(pages) == len(term.reports) + 1
    for page in pages:
        assert "<script" not in page
        assert not re.search(r"<[^>]+\son\w+=", page)


def test_manual_grades_count_and_stay(term: Term) -> None:
    """A person's points and words are on the page, and a second import leaves them alone."""
    from nbgrader.api import Gradebook

    url = f"sqlite:///{term.folder / 'gradebook.db'}"
    with Gradebook(url) as book:
        grade = book.find_grade("question_1", "mini", "mini", "ann")
        assert grade.needs_manual_grade
        grade.manual_score, grade.needs_manual_grade = 4.5, False
        comment = book.find_comment("double", "mini", "mini", "ann")
        comment.manual_comment = "Short and <b>clear</b>."
        book.db.commit()
    term.run("autograder", "gradebook", "import", "mini")
    term.run("autograder", "feedback", "mini")
    page = (term.folder / "feedback" / "ann" / "mini" / "mini.html").read_text("utf-8")
    assert "104.5" in page
    assert "Short and &lt;b&gt;clear&lt;/b&gt;." in page
    with Gradebook(url) as book:
        assert book.find_grade("question_1", "mini", "mini", "ann").manual_score == 4.5


@pytest.fixture(scope="module")
def formgrader(term: Term) -> Iterator[str]:
    """The address of a Jupyter server with formgrader on the course folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "jpserver_extensions": {"nbgrader.server_extensions.formgrader": True},
        "token": TOKEN, "port": port, "open_browser": False, "allow_root": True,
        "root_dir": str(term.folder),
    }  # fmt: skip
    config = term.work / "jupyter.json"
    config.write_text(json.dumps({"ServerApp": settings}), "utf-8")
    own = {"JUPYTER_CONFIG_DIR": str(term.work / "jupyter"), "AUTOGRADER_ROOT": str(term.root)}
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyter_server", f"--config={config}"],
        cwd=term.folder, env=os.environ | own,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}/formgrader"
    try:
        wait_for(address, server)
        yield address
    finally:
        server.terminate()
        server.wait()


def wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    """Wait until the server answers."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and server.poll() is None:
        try:
            get(f"{address}/api/students")
        except urllib.error.URLError:
            time.sleep(0.2)
        else:
            return
    pytest.fail("the Jupyter server does not answer")


def get(url: str) -> str:
    """Return what a page of formgrader says."""
    join = "&" if "?" in url else "?"
    with urllib.request.urlopen(f"{url}{join}token={TOKEN}", timeout=START_S) as answer:
        return answer.read().decode()


@pytest.mark.parametrize(
    "page",
    ["manage_assignments", "manage_submissions/mini", "manage_students", "manage_students/ann",
     "manage_students/ann/mini", "gradebook", "gradebook/mini", "gradebook/mini/mini"],
)  # fmt: skip
def test_formgrader_answers(formgrader: str, page: str) -> None:
    """Each of its pages is there."""
    assert "<title>nbgrader formgrade</title>" in get(f"{formgrader}/{page}")


def test_formgrader_has_the_scores(formgrader: str, term: Term) -> None:
    """Everybody counts as autograded, with our score."""
    found = {
        each["student"]: each for each in json.loads(get(f"{formgrader}/api/submissions/mini"))
    }
    assert all(each["autograded"] for each in found.values())
    scores = {name: each["code_score"] for name, each in found.items()}
    assert scores == {name: report.score for name, report in term.reports.items()}


def test_formgrader_shows_a_submission(formgrader: str) -> None:
    """With a box for a comment at each exercise, and nothing active of the student's."""
    listed = json.loads(get(f"{formgrader}/api/submitted_notebooks/mini/mini"))
    ann = next(each["id"] for each in listed if each["student"] == "ann")
    page = get(f"{formgrader}/submissions/{ann}/")
    assert page.count("<textarea") == 4
    assert "def double" in re.sub(r"<[^>]+>", "", page)
    assert "<img src=x" not in page
