"""The leak gate's static half: each kind of leak is found where it is, and clean bundles pass."""

import base64
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import numpy as np
import pytest

from autograder import assignment
from autograder.assignment import Assignment
from autograder.release import gate, starter
from autograder.release.gate import Kind, Leak

REPO = Path(__file__).parents[2]
Files = dict[str, bytes]
Found = Callable[[Files], list[str]]


def code(source: str, **more: Any) -> dict[str, Any]:
    """Return a code cell as Jupyter saves it."""
    empty = {"outputs": [], "execution_count": None, "metadata": {}}
    return {"cell_type": "code", "source": source} | empty | more


def text(source: str, kind: str = "markdown", **more: Any) -> dict[str, Any]:
    """Return a cell of text."""
    return {"cell_type": kind, "source": source, "metadata": {}} | more


def book(*cells: dict[str, Any], **more: Any) -> Files:
    """Return the bundle's notebook of these cells after one that is clean."""
    said = {"cells": [text("# Hello"), *cells], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return {"mini.ipynb": json.dumps(said | more).encode()}


def bundle(course: Assignment) -> Files:
    """Return a release as it should be."""
    given = {name: text.encode() for name, text in starter.generate(course).items()}
    checks = {f"tests/{path.name}": path.read_bytes() for path in course.visible.glob("*.py")}
    data = {name: (course.data_dir / name).read_bytes() for name in course.data}
    fixed = {
        "README.md": b"# Read me\n\nThere is a closed-form solution. Run `python checks.py`.\n",
        "checks.py": b'"""Run the checks."""\n\nimport pytest\n\npytest.main(["tests"])\n',
        "requirements.txt": b"numpy>=2\npytest\n",
        "pytest.ini": b"[pytest]\n",
        "DATA.md": b"# Data\n\nFrom https://example.org/home/of/data.\n",
        "SHA256SUMS": b"b2dab7b501728c22e9119ad76740b2e17c77a231e42d1e592380d90886f1a05e  x\n",
    }
    return given | checks | data | fixed


@pytest.fixture
def found(mini_course: Assignment) -> Found:
    """`found(files)`: what the gate says of a clean bundle with these files added or changed."""
    clean = bundle(mini_course) | book(code("import basics\nbasics.double(2)"))
    return lambda files: [str(leak) for leak in gate.inspect(mini_course, clean | files)]


def test_a_clean_bundle_passes(found: Found) -> None:
    """Nothing is found in what students are to get."""
    assert found({}) == []


@pytest.mark.parametrize("slug", assignment.slugs(REPO))
def test_the_course_gives_no_false_alarm(slug: str) -> None:
    """Starter code, visible checks, data and handout of each assignment pass."""
    course = assignment.load(slug, REPO)
    files = bundle(course)
    if course.handout.exists():
        notebook = jupytext.reads(course.handout.read_text("utf-8"), fmt="md")
        files[f"{slug}.ipynb"] = nbformat.writes(notebook).encode()
    assert [str(leak) for leak in gate.inspect(course, files)] == []


def test_a_leak_names_its_place() -> None:
    """File, then cell or line, as far as there are any; then the kind and what it is."""
    assert str(Leak(Kind.STUB, "a.py", 4, None, "x")) == "a.py:4: stub: x"
    assert str(Leak(Kind.STUB, "a.py", None, None, "x")) == "a.py: stub: x"
    assert str(Leak(Kind.SECRET, "a.ipynb", 3, 12, "x")) == "a.ipynb cell 12 line 3: secret: x"
    assert str(Leak(Kind.SECRET, "a.ipynb", None, 12, "x")) == "a.ipynb cell 12: secret: x"


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("__pycache__/basics.cpython-311.pyc", "build artefact: compiled Python"),
        (".ipynb_checkpoints/mini-checkpoint.ipynb", "build artefact: a copy that Jupyter keeps"),
        ("basics.py~", "build artefact: an editor's leftover"),
        (".basics.py.swp", "build artefact: an editor's leftover"),
        ("tests/.DS_Store", "build artefact: a system's leftover"),
        (".autograder-secret", "build artefact: a hidden file"),
        ("model.pt", "build artefact: a model's checkpoint"),
        ("weights.npy", "build artefact: a model's checkpoint"),
        ("fast.so", "build artefact: a compiled object"),
        ("more.zip", "build artefact: an archive"),
        ("notes.txt", "unexpected file: no file of a release"),
        ("solutions/basics.py", "unexpected file: no file of a release"),
        ("tests/hidden/test_basics.py", "unexpected file: no file of a release"),
        ("other.ipynb", "unexpected file: no file of a release"),
        ("tests/../../basics.py", "unexpected file: the path leads out of the bundle"),
        ("/etc/passwd", "unexpected file: the path leads out of the bundle"),
        ("Basics.py", "unexpected file: differs from basics.py in case only"),
    ],
)
def test_only_expected_files_leave(found: Found, path: str, what: str) -> None:
    """What tools leave behind, and anything else that no release holds, is named."""
    assert found({path: b"{}"})[0].startswith(f"{path}: {what}")


def test_outputs_do_not_leave(found: Found) -> None:
    """Outputs, execution counts, attachments and the state of widgets are named by cell."""
    output = {"output_type": "stream", "name": "stdout", "text": ["1\n"]}
    files = book(
        code("1", outputs=[output]),
        code("1", execution_count=3),
        text("![](attachment:a.png)", attachments={"a.png": {"image/png": "iVBORw0K"}}),
        metadata={"widgets": {"state": {}}},
    )
    assert found(files) == [
        "mini.ipynb: build artefact: the state of widgets: clear all outputs",
        "mini.ipynb cell 2: build artefact: outputs (1): clear them",
        "mini.ipynb cell 3: build artefact: execution count 3: clear the outputs",
        "mini.ipynb cell 4: unreadable: the attachment 'a.png': nobody can read what is in it",
    ]


@pytest.fixture
def with_data(mini_course: Assignment) -> Callable[..., list[str]]:
    """`with_data(source, shipped)`: what the gate says of the data file x.npz."""

    def inspect(source: bytes, shipped: bytes) -> list[str]:
        course = mini_course.model_copy(update={"data": ("x.npz",)})
        course.data_dir.mkdir()
        (course.data_dir / "x.npz").write_bytes(source)
        return [str(leak) for leak in gate.inspect(course, bundle(course) | {"x.npz": shipped})]

    return inspect


def npz(**arrays: Any) -> bytes:
    """Return the bytes of an .npz file."""
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def test_data_are_the_assignments_own(with_data: Callable[..., list[str]]) -> None:
    """A data file whose bytes differ from the assignment's is named."""
    said = "x.npz: build artefact: differs from assignments/mini/data/x.npz"
    assert with_data(npz(x=np.ones(3)), npz(x=np.ones(4))) == [said]


def test_data_need_no_pickle(with_data: Callable[..., list[str]]) -> None:
    """Arrays of objects run code when they are loaded, even the assignment's own."""
    data = npz(x=np.array([{}], dtype=object))
    assert with_data(data, data) == ["x.npz: build artefact: x.npy needs pickle, which runs code"]


def test_data_are_arrays(with_data: Callable[..., list[str]]) -> None:
    """Anything else in an .npz file, or a damaged one, is named."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("solution.py", "def double(x): return 2 * x")
    said = "x.npz: build artefact: holds 'solution.py', which is no array"
    assert with_data(stream.getvalue(), stream.getvalue()) == [said]


def test_damaged_data(with_data: Callable[..., list[str]]) -> None:
    """What numpy could not load does not leave."""
    assert with_data(b"PK\x03\x04", b"PK\x03\x04") == ["x.npz: build artefact: a damaged archive"]


def test_data_that_are_text_are_read(mini_course: Assignment) -> None:
    """A table is data; what it says is looked at like any text. Data need a source."""
    course = mini_course.model_copy(update={"data": ("x.csv", "y.pkl")})
    course.data_dir.mkdir()
    (course.data_dir / "x.csv").write_text("a,b\n# SOLUTION\n", "utf-8")
    files = bundle(mini_course) | {"x.csv": b"a,b\n# SOLUTION\n", "y.pkl": b"\x80\x04."}
    assert [str(leak) for leak in gate.inspect(course, files)] == [
        "x.csv:2: solution marker: '# SOLUTION'",
        "y.pkl: build artefact: needs pickle, which runs code: use .npz",
        "y.pkl: build artefact: there is no assignments/mini/data/y.pkl to compare with",
    ]


def test_clean_data_pass(with_data: Callable[..., list[str]]) -> None:
    """Numbers in an .npz file are fine."""
    assert with_data(npz(x=np.ones(3)), npz(x=np.ones(3))) == []


@pytest.mark.parametrize(
    ("stub", "what"),
    [
        ("return 2 * x", "does not end in raise NotImplementedError"),
        ("pass", "does not end in raise NotImplementedError"),
        ("return 0\n    raise NotImplementedError", "does not end in raise NotImplementedError"),
        ("raise ValueError('no')", "does not end in raise NotImplementedError"),
    ],
)
def test_stubs_raise(mini_course: Assignment, found: Found, stub: str, what: str) -> None:
    """A stub that does anything else is named, as is the first line that differs."""
    given = starter.generate(mini_course)["basics.py"]
    raising = 'raise NotImplementedError("double: your code here")'
    said = "\n".join(found({"basics.py": given.replace(raising, stub).encode()}))
    assert "basics.py:8: stub: not the starter code that the solution gives: expected" in said
    assert f"basics.py:6: stub: double has a solution and {what}" in said


def test_starter_code_is_the_generated_one(mini_course: Assignment, found: Found) -> None:
    """Anything added is named with its line; line ends of Windows are no difference."""
    given = starter.generate(mini_course)["basics.py"].encode()
    said = "basics.py:9: stub: not the starter code that the solution gives: expected ''"
    assert found({"basics.py": given + b"x = 1\n"}) == [said]
    assert found({"basics.py": given.replace(b"\n", b"\r\n")}) == []
    assert "basics.py:9: stub: no Python" in "\n".join(found({"basics.py": given + b"def ("}))


def utf(encoding: str) -> bytes:
    """Return a marker in another encoding."""
    return "### BEGIN SOLUTION\n".encode(encoding)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (utf("utf-16"), "not UTF-8 text but UTF-16"),
        (utf("utf-16-le"), "the control character"),
        (b"\xe9\n### BEGIN SOLUTION", "not UTF-8 text"),
        (b"# coding: utf-7\n### BEGIN SOLUTION", "asks to be read in another encoding: utf-7"),
        (b"x = 1\x08\n### BEGIN SOLUTION", "the control character"),
    ],
)
def test_text_is_utf_8(found: Found, data: bytes, what: str) -> None:
    """Another encoding is a finding, and hides nothing."""
    said = "\n".join(found({"checks.py": data}))
    assert f"unreadable: {what}" in said
    assert "solution marker" in said


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_line_ends_hide_nothing(found: Found, newline: str) -> None:
    """The line is counted as an editor counts; a byte order mark is passed over."""
    data = f"\ufeff# a{newline}# b{newline}### BEGIN SOLUTION{newline}".encode()
    assert found({"checks.py": data}) == ["checks.py:3: solution marker: '### BEGIN SOLUTION'"]


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        b"[]",
        b'{"worksheets": []}',
        b'{"cells": [1]}',
        b'{"cells": [], "cells": []}',
        b"[" * 9**5,
    ],
)
def test_a_damaged_notebook_does_not_leave(found: Found, data: bytes) -> None:
    """What is no notebook of format 4, or says a thing twice, is unreadable."""
    assert found({"mini.ipynb": data})[0].startswith("mini.ipynb: unreadable: no notebook")


def test_encoded_data_do_not_leave(found: Found) -> None:
    """A long code that stands for no text may be anything: it is named."""
    picture = base64.b64encode(np.random.default_rng(0).bytes(600)).decode()
    said = found(book(text(f"Look:\n![x](data:image/png;base64,{picture})")))
    assert said == ["mini.ipynb cell 2 line 2: unreadable: 800 characters of encoded data"]


def test_code_that_is_nested_too_deeply(found: Found) -> None:
    """What cannot be compared does not leave."""
    data = f"x = {'+'.join(['1'] * 2000)}\n".encode()
    assert found({"checks.py": data}) == ["checks.py:1: unreadable: code that is nested too deeply"]


def test_large_text_is_read_in_seconds(found: Found) -> None:
    """A long table that is no Python takes time in proportion to its length."""
    table = "a b c d e f g h\n" * 5000
    assert found({"README.md": f"{table}# SOLUTION\n".encode()}) == [
        "README.md:5001: solution marker: '# SOLUTION'"
    ]
