"""docs/submissions.md tells the truth: its messages are those of the code, its limits too."""

import ast
import re
from pathlib import Path

import pytest

from autograder.submission import book, model, source
from autograder.submission.folder import _ENTRIES

REPO = Path(__file__).parents[2]
GUIDE = (REPO / "docs" / "submissions.md").read_text("utf-8")
TABLES = GUIDE.partition("## Messages")[2].partition("## Rules")[0]
ROW = re.compile(r"^\| `(.+?)` \|", re.MULTILINE)


def texts() -> str:
    """Return every text in the code of intake, with `…` for what is filled in."""
    found = []
    for path in sorted((REPO / "autograder" / "submission").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = [getattr(part, "value", "…") for part in node.values]
                found.append("".join(part if isinstance(part, str) else "…" for part in parts))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
    return "\n".join(found)


TEXTS = texts()


@pytest.mark.parametrize("message", ROW.findall(TABLES))
def test_messages_are_real(message: str) -> None:
    """Every piece of a message in the guide stands in the code."""
    pieces = [piece.strip(" .") for piece in re.split(r"…|`|\. ", message)]
    assert all(piece in TEXTS for piece in pieces if len(piece) > 3)


def test_limits_are_real() -> None:
    """Every limit in the guide is the code's."""
    table = GUIDE.partition("## Limits")[2].partition("## Notebooks")[0]
    for number in (
        f"| {model.UPLOAD_BYTES // 10**6} MB |",
        f"| {model.NOTEBOOK_BYTES // 10**6} MB |",
        f"| {model.SOURCE_BYTES // 1000} KB and {source._WORDS:,} words and signs |",
        f"| {model.EXPANDED_BYTES // 10**6} MB, and {model.EXPANSION} times its packed size |",
        f"| {model.ENTRIES}, without",
        f"| {_ENTRIES:,} |",
        f"| {book._CELLS:,} cells;",
    ):
        assert number in table
