"""A notebook's cells as texts, and what tools have left in them."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from autograder.release.gate.model import Kind, Leak
from autograder.release.gate.passages import Passage, clean

# How the notebook world says that a cell is not for students: tags and keys of the metadata.
_TAGS = {
    "answer", "answers", "hidden", "hide", "hidecell", "hideinput", "hideoutput", "instructor",
    "instructoronly", "key", "private", "remove", "removecell", "removeinput", "solution",
    "solutions", "staff", "teacher", "teacheronly",
}  # fmt: skip
_HIDING = {"hide_input", "hidden", "source_hidden", "hide_cell", "solution2", "solution_first"}


def read(path: str, text: str) -> tuple[list[Passage], list[Leak]]:
    """Return the texts of all cells, of the metadata, and what should not be there."""
    try:
        book = json.loads(text, object_pairs_hook=_distinct)
    except (ValueError, RecursionError) as error:
        said = f"no notebook: {error}"
        return [Passage(path, clean(text))], [Leak(Kind.UNREADABLE, path, None, None, said)]
    cells = book.get("cells") if isinstance(book, dict) else None
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        said = "no notebook of format 4: it has no list of cells"
        return [Passage(path, clean(text))], [Leak(Kind.UNREADABLE, path, None, None, said)]
    around = "\n".join(_strings({key: value for key, value in book.items() if key != "cells"}))
    passages = [Passage(path, clean(around), first=None, hint="in the notebook's metadata")]
    leaks = list(_widgets(path, book))
    for number, cell in enumerate(cells, start=1):
        passages += _texts(path, number, cell)
        leaks += [Leak(kind, path, None, number, what) for kind, what in _left(cell)]
    return passages, leaks


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    said = dict(pairs)
    if len(said) != len(pairs):
        raise ValueError("a key of the JSON stands there twice")
    return said


def _texts(path: str, number: int, cell: Mapping[str, Any]) -> Iterator[Passage]:
    source = cell.get("source", "")
    text = "".join(map(str, source)) if isinstance(source, list) else str(source)
    kind = cell.get("cell_type")
    yield Passage(path, clean(text), number, code=kind == "code")
    if kind not in {"code", "markdown"}:
        yield Passage(path, clean(text), number, code=True)
    rest = {key: value for key, value in cell.items() if key not in {"source", "cell_type"}}
    around = "\n".join(_strings(rest))
    yield Passage(path, clean(around), number, first=None, code=True, hint="in its metadata")


def _strings(value: Any) -> Iterator[str]:
    """All strings of a JSON value: keys, values and the parts of lists, in their order."""
    if isinstance(value, str):
        yield from value.splitlines()
    elif isinstance(value, dict):
        for key, below in value.items():
            if not key.isidentifier():  # the usual keys are words like `solution`
                yield key
            yield from _strings(below)
    elif isinstance(value, list):
        for below in value:
            yield from _strings(below)


def _widgets(path: str, book: Mapping[str, Any]) -> Iterator[Leak]:
    metadata = book.get("metadata")
    if isinstance(metadata, dict) and metadata.get("widgets"):
        said = "the state of widgets: clear all outputs"
        yield Leak(Kind.ARTEFACT, path, None, None, said)


def _left(cell: Mapping[str, Any]) -> Iterator[tuple[Kind, str]]:
    """What running a notebook, or teaching with it, has left in a cell."""
    if cell.get("outputs"):
        yield Kind.ARTEFACT, f"outputs ({len(cell['outputs'])}): clear them"
    if cell.get("execution_count") is not None:
        yield Kind.ARTEFACT, f"execution count {cell['execution_count']}: clear the outputs"
    for name in cell.get("attachments") or ():
        yield Kind.UNREADABLE, f"the attachment {name!r}: nobody can read what is in it"
    metadata = cell.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    tags = metadata.get("tags")
    for tag in tags if isinstance(tags, list) else [tags]:
        if "".join(filter(str.isalnum, str(tag).lower())) in _TAGS:
            yield Kind.MARKER, f"the tag {tag!r}"
    for key in sorted(_hiding(metadata)):
        yield Kind.MARKER, f"the metadata key {key!r}"


def _hiding(metadata: Mapping[str, Any]) -> Iterator[str]:
    for key, value in metadata.items():
        if key in _HIDING and value:
            yield key
        if isinstance(value, dict):
            yield from _hiding(value)
