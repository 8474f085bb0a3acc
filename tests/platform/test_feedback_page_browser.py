"""Pages in a real browser: a phone's width is enough, on paper nothing is hidden."""

import html
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from graded_notebooks import (
    FILE,
    exercise,
    failed,
    notebook,
    passed,
    question,
    report,
    resources,
    ungraded,
)

from autograder.assignment import Assignment
from autograder.feedback import class_page, pages
from autograder.report import ReportStatus

CHROMIUM = shutil.which("chromium")
EXPORTER = pages.exporter()
PHONE = 360
LONG = "w" * 300

# Set where these tests must not be skipped, as in CI.
NEEDED = os.environ.get("AUTOGRADER_TESTS_NEED_CHROMIUM")
pytestmark = pytest.mark.skipif(CHROMIUM is None and not NEEDED, reason="chromium is not installed")


def chromium(*arguments: str) -> str:
    """Run the browser and return what it prints."""
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    command = [str(CHROMIUM), *flags, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


def width(page: str, place: Path) -> int:
    """How wide a page becomes on a phone: read by a script in a copy that allows scripts."""
    measured = re.sub(r"<meta http-equiv=[^>]*>", "", page)
    script = "document.title = document.querySelector('iframe').contentDocument"
    place.write_text(
        f"<!doctype html><iframe width={PHONE} height=800 style='border:0' "
        f'srcdoc="{html.escape(measured)}" '
        f'onload="{script}.documentElement.scrollWidth"></iframe>',
        "utf-8",
    )
    title = re.search(r"<title>(\d+)</title>", chromium("--dump-dom", place.as_uri()))
    assert title is not None
    return int(title[1])


def crowded() -> str:
    """A page with long words wherever there is room for any."""
    about = report(
        exercise("double", 40, failed(LONG, f"{FILE} line 1: {LONG}"), passed(LONG)),
        exercise("softmax_loss", 60, failed(LONG, LONG, "forbidden")),
        files=(LONG,),
        missing=(LONG,),
        problems={LONG: LONG},
    )
    node = notebook(
        about,
        {FILE: f"x = '{LONG}'\n" * 30, LONG: LONG},
        grades={"double": (12.3456, f"{LONG} {LONG}")},
        answers=question(f"{LONG}\n\n| {LONG} |", LONG, 1.25),
    )
    return pages.render(EXPORTER, node, resources(node, student=LONG, late=3))


def test_the_measure_notices(tmp_path: Path) -> None:
    """A page that is too wide is seen to be."""
    assert width("<!doctype html><p style='width: 500px'>wide", tmp_path / "page.html") > PHONE


def test_a_crowded_page_fits_on_a_phone(tmp_path: Path) -> None:
    """Only code scrolls sideways, never the page."""
    assert width(crowded(), tmp_path / "page.html") == PHONE


@pytest.mark.parametrize("status", [ReportStatus.REJECTED, ReportStatus.ERROR])
def test_a_page_without_verdicts_fits_on_a_phone(status: ReportStatus, tmp_path: Path) -> None:
    """Neither does the page of a submission that was not graded."""
    node = notebook(ungraded(status, LONG, student=LONG), {})
    page = pages.render(EXPORTER, node, resources(node, student=LONG))
    assert width(page, tmp_path / "page.html") == PHONE


def test_a_class_fits_on_a_phone(mini_course: Assignment, tmp_path: Path) -> None:
    """Neither does an instructor's page."""
    reports = [
        report(
            exercise("double", 40, failed("A.", LONG)),
            exercise("softmax_loss", 60, passed("B.")),
            student=LONG,
        ),
        ungraded(ReportStatus.ERROR, LONG, student=f"{LONG}x"),
    ]
    page = class_page.render(mini_course, reports)
    assert width(page, tmp_path / "page.html") == PHONE


def test_paper_shows_what_is_folded_on_a_screen(tmp_path: Path) -> None:
    """Printing a page with all its code takes more paper than one without any."""
    for name, files in (("long", {FILE: "x = 1\n" * 1000}), ("short", {})):
        node = notebook(files=files)
        page = tmp_path / f"{name}.html"
        page.write_text(pages.render(EXPORTER, node, resources(node)), "utf-8")
        chromium(f"--print-to-pdf={tmp_path / name}.pdf", page.as_uri())
    long, short = (sheets(tmp_path / f"{name}.pdf") for name in ("long", "short"))
    assert long > short + 5


def sheets(pdf: Path) -> int:
    """How many sheets a printed page has."""
    return len(re.findall(rb"/Type\s*/Page\b", pdf.read_bytes()))
