"""Advice at intake: what is not there, what is gone, what to write instead."""

from collections.abc import Mapping
from pathlib import Path

from autograder.assignment import Assignment
from autograder.submission import Submission, read

GOOD = b"def double(x):\n    return 2 * x\n"
LOSSES = b"def softmax_loss(x, y):\n    return 0.0, x\n"


def lay(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write files below a folder and return it."""
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def take(path: Path, course: Assignment) -> Submission:
    """Read a path as ann's."""
    return read(path, course, "ann")


def test_notes_name_functions_that_are_not_there(tmp_path: Path, mini_course: Assignment) -> None:
    """A function that nothing defines is named, with a likely misspelling and its signature."""
    lay(mini_course.starter, {"losses.py": b"def softmax_loss(x, y):\n    raise ValueError\n"})
    files = {"basics.py": b"double = lambda x: x\n", "losses.py": b"def sofmax_loss(x, y): ...\n"}
    assert take(lay(tmp_path / "a", files), mini_course).notes == (
        "softmax_loss(x, y) not found in losses.py. Found sofmax_loss: did you mean softmax_loss?",
    )
    star = {"basics.py": b"from mine import *\n", "losses.py": LOSSES}
    assert take(lay(tmp_path / "b", star), mini_course).notes == ()


def test_notes_name_what_is_gone_from_numpy_and_python(
    tmp_path: Path, mini_course: Assignment
) -> None:
    """np.float and xrange cost nothing here, and the note says what to write."""
    text = b"import numpy as np\n# xrange\ndef double(x):\n    y = np.float(2)\n    xrange(3)\n"
    got = take(lay(tmp_path / "a", {"basics.py": text, "losses.py": LOSSES}), mini_course)
    assert got.notes == (
        "basics.py line 4: `np.float` is gone from NumPy; write `float`.",
        "basics.py line 5: `xrange` is Python 2; write `range`.",
    )
    shim = b"from past.builtins import xrange\ndef double(x):\n    xrange(3); np.float64(1)\n"
    got = take(lay(tmp_path / "b", {"basics.py": shim, "losses.py": LOSSES}), mini_course)
    assert got.notes == ()
