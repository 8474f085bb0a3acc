"""Pages of a comparison in a real browser: they fit, the columns follow, nothing else runs."""

import html
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from autograder.assignment import Assignment
from autograder.similarity.model import Comparison, Match, Own, Pair, Skipped, Span, Work
from autograder.similarity.page import render

CHROMIUM = shutil.which("chromium")
PHONE = 360
LONG = "w" * 300
BLOCK = "def f():\n    return 1\n"
PADDING = "x = 1\n" * 200

# Set where these tests must not be skipped, as in CI.
NEEDED = os.environ.get("AUTOGRADER_TESTS_NEED_CHROMIUM")
pytestmark = pytest.mark.skipif(CHROMIUM is None and not NEEDED, reason="chromium is not installed")


def title(place: Path) -> str:
    """The title of a page once its scripts have run."""
    flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        "--virtual-time-budget=5000",
    ]
    command = [str(CHROMIUM), *flags, "--dump-dom", place.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    found = re.search(r"<title>(.*?)</title>", done.stdout)
    assert found is not None
    return found[1]


def framed(page: str, script: str, place: Path, width: int = PHONE) -> str:
    """The title that a script gives after a page has been laid out in a frame of that width."""
    place.write_text(
        "<!doctype html><title>nothing</title><script>function look(frame) {"
        f"const page = frame.contentDocument; {script} }}</script>"
        f"<iframe width={width} height=600 style='border:0' onload='look(this)' "
        f'srcdoc="{html.escape(page)}"></iframe>',
        "utf-8",
    )
    return title(place)


def open_to_scripts(page: str) -> str:
    """The page without its policy, so that a test can look into it."""
    return re.sub(r"<meta http-equiv=[^>]*>", "", page)


def pages(course: Assignment, name: str = "ann") -> dict[str, str]:
    """A pair that has its function at the end of the one, and at the beginning of the other."""
    files = [PADDING + BLOCK + PADDING, BLOCK + PADDING + f"y = '{name}'\n" + PADDING]
    works = tuple(Work(f"{name}{n}", str(n), {"basics.py": text}) for n, text in enumerate(files))
    spans = [Span("basics.py", text.index("def"), text.index("def") + 21) for text in files]
    pair = Pair(0, 1, 4.5, (Match(spans[0], spans[1], 8),), 8, 8)
    skipped = (Skipped(name, name),)
    return dict(render(course, Comparison(works, (Own(10), Own(8)), (pair,), (4.5, 4.5), skipped)))


@pytest.mark.parametrize("name", ["index.html", "pairs/1.html"])
def test_a_crowded_page_fits_on_a_phone(mini_course: Assignment, tmp_path: Path, name: str) -> None:
    """Only code and the table scroll sideways, never the page."""
    page = open_to_scripts(pages(mini_course, LONG)[name])
    measure = "document.title = page.documentElement.scrollWidth;"
    assert framed(page, measure, tmp_path / "page.html") == str(PHONE)


def test_the_other_column_follows(mini_course: Assignment, tmp_path: Path) -> None:
    """Once a match is reached, its counterpart stands at the same height."""
    page = open_to_scripts(pages(mini_course)["pairs/1.html"])
    script = (
        "const [left] = page.querySelectorAll('.pane');"
        "left.dispatchEvent(new Event('pointerenter'));"
        "left.scrollTop = page.getElementById('a1').offsetTop - 150;"
        "const height = (id) => page.getElementById(id).getBoundingClientRect().top;"
        "setTimeout(() => { document.title = Math.round(height('a1') - height('b1'))"
        " + ' ' + (left.scrollTop > 1000); }, 500);"
    )
    # The counterpart is at the very top of its column, which cannot be scrolled any further down.
    apart, scrolled = framed(page, script, tmp_path / "page.html", 1200).split()
    assert scrolled == "true"
    assert abs(int(apart)) < 120


def test_no_script_of_a_submission_runs(mini_course: Assignment, tmp_path: Path) -> None:
    """Even one that got onto a page would be stopped by its policy; ours is not."""
    page = pages(mini_course)["pairs/1.html"].replace(
        "<main", "<script>document.title = 'owned'</script><main"
    )
    (tmp_path / "page.html").write_text(page, "utf-8")
    assert title(tmp_path / "page.html") == "ann0 and ann1"
    ours = page.replace("let led = null;", "let led = null; document.title = 'ours';")
    (tmp_path / "page.html").write_text(ours, "utf-8")
    assert title(tmp_path / "page.html") == "ann0 and ann1"  # a changed script is not ours
