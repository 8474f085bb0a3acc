"""Whatever is handed in, intake answers with a Submission or with Rejected, and soon."""

import gzip
import io
import json
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder import rules
from autograder.assignment import Assignment
from autograder.errors import Rejected
from autograder.submission import Submission, read

SOURCE = b"import numpy as np\n\n\ndef double(x):\n    return 2 * x\n"
QUICK = settings(
    max_examples=60,
    deadline=None,
    database=None,
    derandomize=True,  # the same examples on every machine
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def a_zip() -> bytes:
    """Return an ordinary zip."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("basics.py", SOURCE)
        archive.writestr("losses.py", SOURCE * 20)
    return stream.getvalue()


def a_tar(form: int) -> bytes:
    """Return an ordinary tar with a long name in it."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=form) as archive:
        for name in ("basics.py", "é" * 120 + "/x.txt", "losses.py"):
            info = tarfile.TarInfo(name)
            info.size = len(SOURCE)
            archive.addfile(info, io.BytesIO(SOURCE))
    return stream.getvalue()


def a_notebook() -> bytes:
    """Return an ordinary notebook."""
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": [SOURCE.decode()]}
    return json.dumps(
        {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
    ).encode()


SEEDS = [
    a_zip(),
    a_tar(tarfile.PAX_FORMAT),
    a_tar(tarfile.GNU_FORMAT),
    gzip.compress(a_tar(tarfile.GNU_FORMAT), mtime=0),
    a_notebook(),
    SOURCE,
]


@pytest.fixture
def survive(tmp_path: Path, mini_course: Assignment) -> Any:
    """Hand in these bytes under a name; anything but a Submission or Rejected is a failure."""

    def submit(name: str, data: bytes) -> None:
        (tmp_path / name).write_bytes(data)
        try:
            got = read(tmp_path / name, mini_course, "ann")
        except Rejected as error:
            got = Submission("ann", {}, "", problems={"": error.reason})
        said = [*got.problems.values(), *got.ignored, *got.notes]
        assert set(got.files) <= set(mini_course.files)
        assert all(text.isprintable() and len(text) < 1000 for text in said)
        rules.check(got.files, mini_course)

    return submit


NAMES = st.sampled_from(["basics.py", "a.zip", "a.tar.gz", "a.ipynb", "a"])


@QUICK
@given(name=NAMES, data=st.binary(max_size=2000))
def test_any_bytes(survive: Any, name: str, data: bytes) -> None:
    """Noise."""
    survive(name, data)


@QUICK
@given(
    name=NAMES,
    seed=st.sampled_from(SEEDS),
    edits=st.lists(
        st.tuples(st.integers(0, 20_000), st.binary(min_size=1, max_size=8)), max_size=6
    ),
    cut=st.none() | st.integers(0, 5000),
)
def test_damaged_uploads(
    survive: Any, name: str, seed: bytes, edits: list[tuple[int, bytes]], cut: int | None
) -> None:
    """Right uploads with a few bytes changed, or with the end missing."""
    data = bytearray(seed)
    for place, new in edits:
        start = place % len(seed)
        data[start : start + len(new)] = new
    survive(name, bytes(data[:cut]))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=20,
)
CODE = st.sampled_from(
    [
        "def ",
        "double",
        "(x)",
        ":",
        "\n",
        "    ",
        "%time ",
        "!ls",
        "%%",
        "x",
        "=",
        "import numpy\n",
        "'",
        "(",
        "class ",
        "# %% export basics.py\n",
        "\x00",
        "\ud800",
        "return",
    ]
)


@QUICK
@given(
    cells=st.lists(
        JSON
        | st.fixed_dictionaries(
            {"cell_type": st.just("code") | JSON, "source": st.lists(CODE).map("".join) | JSON}
        ),
        max_size=6,
    )
)
def test_odd_notebooks(survive: Any, cells: list[Any]) -> None:
    """Notebooks whose cells are anything."""
    survive("a.ipynb", json.dumps({"nbformat": 4, "cells": cells}).encode())


@QUICK
@given(pieces=st.lists(CODE | st.text(max_size=10), max_size=30))
def test_odd_sources(survive: Any, pieces: list[str]) -> None:
    """Texts that are nearly Python."""
    survive("basics.py", "".join(pieces).encode("utf-8", "surrogatepass"))


@QUICK
@given(names=st.lists(st.text(max_size=40), max_size=5))
def test_odd_names_in_archives(survive: Any, names: list[str]) -> None:
    """Names of any characters in a zip and in a tar."""
    safe = [name.encode("utf-8", "replace").decode() for name in names]
    zipped, tarred = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        for info in {info.filename: info for info in map(zipfile.ZipInfo, safe)}.values():
            archive.writestr(info, SOURCE)
    with tarfile.open(fileobj=tarred, mode="w") as packed:
        for name in safe:
            packed.addfile(tarfile.TarInfo(name))
    survive("a.zip", zipped.getvalue())
    survive("a.tar", tarred.getvalue())
