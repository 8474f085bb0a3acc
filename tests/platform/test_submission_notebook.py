"""Intake of notebooks: definitions become files; nothing else of a notebook counts or runs."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.assignment import Assignment
from autograder.errors import Rejected
from autograder.submission import Submission, read

DOUBLE = "def double(x):\n    return 2 * x\n"
LOSS = "def softmax_loss(x, y):\n    return 0.0, x\n"
Take = Callable[..., Submission]


def cell(source: str | list[str], kind: str = "code", **more: Any) -> dict[str, Any]:
    """Return one cell."""
    return {"cell_type": kind, "source": source, **more}


def book(*sources: str | dict[str, Any], **more: Any) -> str:
    """Return a notebook of these cells as JSON."""
    cells = [cell(source) if isinstance(source, str) else source for source in sources]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells} | more)


@pytest.fixture
def take(tmp_path: Path, mini_course: Assignment) -> Take:
    """Hand in a notebook of these cells."""

    def submit(*sources: str | dict[str, Any], text: str | bytes | None = None) -> Submission:
        whole = book(*sources) if text is None else text
        data = whole.encode() if isinstance(whole, str) else whole
        (tmp_path / "ann.ipynb").write_bytes(data)
        return read(tmp_path / "ann.ipynb", mini_course, "ann")

    return submit


def run(source: bytes) -> dict[str, Any]:
    """Run a file that was made from a notebook and return its names."""
    names: dict[str, Any] = {"__name__": "made"}
    exec(compile(source, "made.py", "exec"), names)
    return names


def test_functions_go_to_their_files(take: Take) -> None:
    """Each function goes to its exercise's file, with its cell's number above it."""
    got = take(DOUBLE, cell("# Text", "markdown"), LOSS)
    assert got.files == {
        "basics.py": f"# cell 1\n{DOUBLE}".encode(),
        "losses.py": f"# cell 3\n{LOSS}".encode(),
    }
    assert (got.missing, got.problems, got.notes) == ((), {}, ())


def test_imports_helpers_and_constants_follow(take: Take) -> None:
    """A function finds everything that it needs, also from later and other cells."""
    got = take(
        "import numpy as np, matplotlib.pyplot as plt\nEPS = 1e-3\nRNG = np.random.default_rng(0)",
        "def double(x):\n    return scale(x) + np.zeros(1) + EPS\n",
        "factor = 2; other = 3\ndef scale(x):\n    return factor * x\n",
        "def show(x):\n    plt.plot(x)\n",
    )
    assert run(got.files["basics.py"])["double"](2.0) == 4.001
    text = got.files["basics.py"].decode()
    assert "plt" not in text
    assert "other" not in text
    assert "default_rng" not in text


def test_statements_that_run_something_are_left_out(take: Take) -> None:
    """Plots, experiments, data and training beside the definitions are not run."""
    got = take(
        "import numpy as np\nX = np.load('data.npy')\nW = X.T\nprint(X.shape)",
        DOUBLE + "print(double(X))\nassert double(1) == 2\nfor i in range(10): double(i)\n",
        "model = train(X)\nif True:\n    double = None",
        "del double\n",
    )
    assert got.files["basics.py"].decode() == f"# cell 2\n{DOUBLE}"


def test_classes_patches_and_guards(take: Take) -> None:
    """Decorators, import guards, lambdas and methods set from outside are kept."""
    got = take(
        "from functools import lru_cache",
        "try:\n    import torch\nexcept ImportError:\n    torch = None",
        "class Helper:\n    def twice(self, x): return 2 * x\n    x = torch\n",
        "def extra(self, x): return self.twice(x) + ONE\nHelper.extra = extra\nONE = 1",
        "@lru_cache\ndef double(x):\n    half = lambda y: y / 2\n"
        "    return half(Helper().extra(x))\n",
    )
    assert run(got.files["basics.py"])["double"](2) == 2.5


def test_names_that_a_function_binds_itself_pull_nothing_in(take: Take) -> None:
    """A local `x` is not the experiment's `x`; an attribute or a global one may be."""
    got = take(
        "x = 1\ny = 2\nn = 3\nm = 4\nk = 5\ne = 6",
        "def double(x):\n    global k\n    y = [n for n in x]\n    (lambda m: m)(y)\n    try:\n"
        "        k = 1\n    except OSError as e:\n        print(e)\n    return k + x.z\n",
    )
    made = run(got.files["basics.py"])
    assert made.keys() & set("xynmke") == {"k"}


def test_exported_cells_go_whole(take: Take) -> None:
    """A first line that names the file takes the cell as it is; %%writefile does the same."""
    got = take(
        "import numpy as np",
        f"# %% export basics.py\nprint('kept')\n{DOUBLE}\nz = np.ones(1)",
        f"%%writefile losses.py\n{LOSS}",
        "#| export basics.py\nmore = double(2)",
    )
    assert got.files["basics.py"].decode() == (
        "# cell 1\nimport numpy as np\n"
        f"# cell 2\n# %% export basics.py\nprint('kept')\n{DOUBLE}\nz = np.ones(1)\n"
        "# cell 4\n#| export basics.py\nmore = double(2)\n"
    )
    assert got.files["losses.py"].decode() == f"# cell 3\n# %%writefile losses.py\n{LOSS}\n"


def test_exports_to_unknown_files_are_noted(take: Take) -> None:
    """A file that nobody asks for is not made."""
    got = take(DOUBLE, "%%writefile ../../etc/passwd\nx", "%%writefile conftest.py\nimport os")
    assert set(got.files) == {"basics.py"}
    assert "Cell 3 is for conftest.py, which nobody asks for." in got.notes


def test_future_imports_come_first(take: Take) -> None:
    """`from __future__` may stand in any cell, in a file only at the top."""
    got = take("import numpy as np", f"from __future__ import annotations\n{DOUBLE}np.e")
    assert got.files["basics.py"].decode().startswith("from __future__ import annotations\n# cell")
    assert run(got.files["basics.py"])["double"](2) == 4


def test_harmless_magics_are_commented_out(take: Take) -> None:
    """%matplotlib and friends do no harm beside a definition."""
    got = take(
        f"%matplotlib inline\n%load_ext autoreload\n{DOUBLE}if 1:\n    %time double(1)\n?double\n",
        f"%%time\n{LOSS}",
    )
    assert run(got.files["basics.py"])["double"](2) == 4
    assert run(got.files["losses.py"])["softmax_loss"](1, 2) == (0.0, 1)


@pytest.mark.parametrize("line", ["!pip install x", "out = !ls /", "    !rm -rf /"])
def test_shell_commands_are_refused(take: Take, line: str) -> None:
    """A shell command beside an asked function costs its file; elsewhere the cell is left out."""
    got = take(f"{DOUBLE}{line}\n", LOSS)
    said = f"Cell 1 runs a shell command (`{line[line.index('!') :]}`), which is refused."
    assert got.problems["basics.py"].startswith(said)
    assert set(got.files) == {"losses.py"}
    apart = take(DOUBLE, LOSS, line)
    assert set(apart.files) == {"basics.py", "losses.py"}
    assert "The cell was left out." in apart.notes[0]


def test_cells_in_other_languages_are_left_out(take: Take) -> None:
    """%%bash and %%html are never run; a file is lost only if its function stands there."""
    got = take(DOUBLE, "%%bash\nrm -rf /", f"%%cython\n{LOSS}")
    assert (
        got.notes[0] == "Cell 2 starts with `%%bash`, which is not Python. The cell was left out."
    )
    assert got.problems == {"losses.py": "Cell 3 starts with `%%cython`, which is not Python."}


def test_a_function_twice(take: Take) -> None:
    """Of two definitions none is chosen; a helper may be improved in a later cell."""
    got = take(DOUBLE, LOSS, DOUBLE)
    said = "Cell 3 defines double twice; keep one (the other is in cell 1)."
    assert got.problems == {"basics.py": said}
    assert "twice; keep one" in take(DOUBLE + DOUBLE).problems["basics.py"]
    helper = "def double(x):\n    return f(x)\n"
    got = take("def f(x): return x", helper, "def f(x): return 2 * x")
    assert run(got.files["basics.py"])["double"](2) == 4


def test_a_syntax_error_names_the_cell(take: Take) -> None:
    """A broken cell costs the file whose function it defines, or nothing."""
    got = take("x = (", "\ndef double(x):\n    return (x\n", LOSS)
    assert got.problems == {"basics.py": "Cell 2 line 3: SyntaxError: '(' was never closed"}
    assert got.notes == (
        "Cell 1 line 1: SyntaxError: '(' was never closed. The cell was left out.",
    )
    assert set(got.files) == {"losses.py"}


def test_tampered_metadata_does_no_harm(take: Take) -> None:
    """Ids, outputs, attachments, flipped types and nonsense cells change nothing."""
    junk: dict[str, Any] = {
        "id": "same",
        "outputs": [{"text": "x" * 1000}],
        "metadata": {"nbgrader": {"grade": 1}},
    }
    odd: list[Any] = [None, 3, [], {}, {"cell_type": "code"}, cell(["a", 3, None])]  # type: ignore[list-item]
    got = take(cell(DOUBLE, **junk), cell(LOSS, "markdown"), cell(list(LOSS), **junk), *odd)
    assert set(got.files) == {"basics.py", "losses.py"}
    assert got.files["losses.py"] == f"# cell 3\n{LOSS}".encode()


def test_huge_outputs_are_dropped(take: Take) -> None:
    """A notebook may have 10 MB, most of it pictures."""
    start = time.perf_counter()
    got = take(cell(DOUBLE, outputs=[{"data": {"image/png": "A" * 9_500_000}}]))
    assert got.files["basics.py"] == f"# cell 1\n{DOUBLE}".encode()
    assert time.perf_counter() - start < 10
    with pytest.raises(Rejected, match="Upload is 10.5 MB; the limit is 10 MB"):
        take(cell(DOUBLE, outputs="A" * 10_500_000))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"cells": [', "not valid JSON"),
        ('{"cells": ' + "[" * 90_000, "not valid JSON"),
        ('{"cells": ' + "[" * 600_000, "too large to read"),
        ('{"cells": 1' + "1" * 5000 + "}", "not valid JSON"),
        ('{"cells": 3, "nbformat": 4}', "not in format 4"),
        ('{"cells": [], "nbformat": 3}', "not in format 4"),
        ('{"worksheets": [{"cells": []}], "nbformat": 3}', "not in format 4"),
        ('{"cells": [], "nbformat": 4}', "defines none of the functions"),
        (book(*["1"] * 2001), "more than 2000 cells"),
        (book("#" * 600_000), "far too much code"),
        (b'\xff\xfe{"cells"', "not valid JSON"),
        (b'{"cells": "\xff"}', "not valid JSON"),
        ("", "is empty"),
        ("no json", "not valid JSON"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_no_notebook(take: Take, text: str | bytes, said: str) -> None:
    """A damaged notebook is rejected with what to do."""
    with pytest.raises(Rejected) as caught:
        take(text=text)
    assert said in caught.value.reason


def test_files_win_over_a_notebook(tmp_path: Path, mini_course: Assignment, take: Take) -> None:
    """A folder with files and a notebook is its files; of two notebooks none is chosen."""
    folder = tmp_path / "both"
    folder.mkdir()
    (folder / "work.ipynb").write_text(book(DOUBLE, LOSS))
    assert set(read(folder, mini_course, "ann").files) == {"basics.py", "losses.py"}
    (folder / "old.ipynb").write_text(book(LOSS))
    with pytest.raises(Rejected, match=r"Found 2 notebooks \(old.ipynb, work.ipynb\)"):
        read(folder, mini_course, "ann")
    (folder / "mini.ipynb").write_text(book(LOSS))
    assert set(read(folder, mini_course, "ann").files) == {"losses.py"}
    (folder / "basics.py").write_text(DOUBLE)
    got = read(folder, mini_course, "ann")
    assert (set(got.files), got.missing) == ({"basics.py"}, ("losses.py",))
