"""The leak gate: hidden code is found wherever it stands, and whatever its names are."""

import base64
import json
import textwrap
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder import assignment
from autograder.assignment import Assignment
from autograder.release import gate, starter
from autograder.release.gate import Kind

REPO = Path(__file__).parents[2]
Files = dict[str, bytes]
Found = Callable[[Files], list[str]]

FUNCTION = """def softmax_loss(x, y):
    N = len(y)
    log_p = _log_softmax(x)
    dx = np.exp(log_p)
    dx[np.arange(N), y] -= 1
    return -log_p[np.arange(N), y].mean(), dx / N
"""
RENAMED = '''def anything(scores: "array", labels) -> tuple:
    """Words."""
    import numpy as onp
    count = len(labels)  # rows

    logs = _helper(scores)
    grad = onp.exp(logs)
    grad[
        onp.arange(count),
        labels,
    ] -= 1
    return (-logs[onp.arange(count), labels].mean(), grad/count)
'''
BODY = textwrap.dedent(FUNCTION.partition("\n")[2])
HELPER = """def shift(scores):
    rows = scores - scores.max(axis=1, keepdims=True)
    return rows - np.log(np.exp(rows).sum(axis=1, keepdims=True))
"""
METHOD = f"class Model:\n{textwrap.indent(RENAMED, '    ')}"
TEST = """def test_batch(student, reference, rng, close):
    x, y = rng.normal(size=(5, 3)), rng.integers(3, size=5)
    got = student.softmax_loss(x, y)
    close(got, reference.softmax_loss(x, y), names=("loss", "dx"), axes={"dx": "N C"})
"""
VARIANT = """def softmax_loss(x, y):
    one_hot = np.eye(x.shape[1])[y]
    log_p = _log_softmax(x)
    return -(one_hot * log_p).sum() / len(x), (np.exp(log_p) - one_hot) / len(x)
"""


NO_SHIFT = """wrong = "Does not subtract the row maximum, so large scores overflow."
kind = "bug"
cause = ["not_finite"]
find = "shifted = x - x.max(axis=1, keepdims=True)"
"""


def cell(source: str, kind: str = "code", **more: Any) -> dict[str, Any]:
    """Return a cell as Jupyter saves it."""
    empty = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "source": source, "metadata": {}} | empty | more


def book(*cells: dict[str, Any]) -> Files:
    """Return the bundle's notebook of these cells."""
    said = {"cells": [*cells], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return {"mini.ipynb": json.dumps(said).encode()}


@pytest.fixture
def found(mini_course: Assignment) -> Found:
    """`found(files)`: what the gate says of starter code and visible checks with these files."""
    given = {name: text.encode() for name, text in starter.generate(mini_course).items()}
    checks = {f"tests/{p.name}": p.read_bytes() for p in mini_course.visible.glob("*.py")}
    return lambda files: [str(leak) for leak in gate.inspect(mini_course, given | checks | files)]


def fenced(code: str) -> str:
    """Return code as Markdown shows it."""
    return f"```python\n{code}```\n"


@pytest.mark.parametrize("code", [FUNCTION, RENAMED, METHOD, HELPER], ids=range(4))
@pytest.mark.parametrize(
    "wrapped",
    [
        cell("import numpy as np\n{}"),
        cell("%matplotlib inline\n{}"),
        cell("!ls\n{}"),
        cell("%%time\n{}"),
        cell("this is no Python\n\n{}"),
        cell("first = 1\n{}\nthis is no Python"),
    ],
    ids=range(6),
)
def test_a_function_in_a_code_cell(found: Found, code: str, wrapped: dict[str, Any]) -> None:
    """With other names, annotations, layout and a docstring; beside magics and broken lines."""
    said = found(book(cell("1"), wrapped | {"source": wrapped["source"].format(code)}))
    assert said[0].startswith("mini.ipynb cell 2 line ")
    assert ": solution code: " in said[0]
    assert " of solutions/mini/losses.py:" in said[0]


@pytest.mark.parametrize("code", [FUNCTION, RENAMED, HELPER], ids=range(3))
@pytest.mark.parametrize(
    "wrap",
    [
        fenced,
        lambda code: f"Words.\n\n~~~\n{code}~~~\n",
        lambda code: "> " + fenced(code).replace("\n", "\n> "),
        lambda code: f"1. First\n\n{textwrap.indent(fenced(code), '   ')}",
        lambda code: f"Indented:\n\n{textwrap.indent(code, '    ')}",
        lambda code: f"<!--\n{code}-->",
        lambda code: f"<pre>\n{code.replace('-', '&#45;')}</pre>",
        lambda code: textwrap.indent(code, "# ", lambda _line: True),
        lambda code: f"text = '''\n{code}'''",
        repr,
        lambda code: base64.b64encode(code.encode()).decode(),
        lambda code: base64.b64encode(zlib.compress(code.encode())).decode(),
        lambda code: code.encode().hex(),
        lambda code: f">>> {code.rstrip()}".replace("\n", "\n... "),
    ],
    ids=range(14),
)
def test_a_function_in_text(found: Found, code: str, wrap: Callable[[str], str]) -> None:
    """In Markdown, quoted, commented out, in strings or encoded: in cells and in files."""
    wrapped = wrap(code)
    files = {"README.md": wrapped.encode()}
    files |= book(cell(wrapped, "markdown"), cell(wrapped, "raw"))
    said = "\n".join(found(files))
    for place in ("README.md:", "mini.ipynb cell 1 line ", "mini.ipynb cell 2 line "):
        assert place in said


@pytest.mark.parametrize("code", [FUNCTION, RENAMED, HELPER], ids=range(3))
@pytest.mark.parametrize(
    "wrap",
    [
        lambda code: code,
        lambda code: textwrap.indent(code, "# ", lambda _line: True),
        lambda code: f'"""Words.\n\n{code}"""',
        lambda code: f"def f():\n    '''\n{textwrap.indent(code, '    ')}    '''",
        lambda code: f"text = {code!r}",
        lambda code: f"text = {code.encode()!r}",
        lambda code: f"text = '{base64.b64encode(code.encode()).decode()}'",
        lambda code: "text = (\n" + "".join(f"{x!r}\n" for x in code.splitlines(True)) + ")",
    ],
    ids=range(8),
)
def test_a_function_in_a_file(found: Found, code: str, wrap: Callable[[str], str]) -> None:
    """As code, in a comment, in a docstring, in strings and bytes with escapes."""
    said = found({"checks.py": f"import numpy as np\n\n\n{wrap(code)}\n".encode()})
    assert said[0].startswith("checks.py:")
    assert ": solution code: " in said[0]


@pytest.mark.parametrize("code", [FUNCTION, RENAMED], ids=range(2))
def test_a_function_in_metadata(found: Found, code: str) -> None:
    """The metadata of a cell and of the notebook are read as well, as lines or as one text."""
    lines = code.splitlines()
    assert found(book(cell("1", metadata={"old": lines})))[0].startswith("mini.ipynb cell 1: sol")
    assert found(book(cell("1", metadata={"old": code})))[0].startswith("mini.ipynb cell 1: sol")
    whole = json.loads(book(cell("1"))["mini.ipynb"]) | {"metadata": {"x": {"old": code}}}
    assert found({"mini.ipynb": json.dumps(whole).encode()})[0].startswith("mini.ipynb: solution")


def test_the_line_of_a_function_is_named(found: Found) -> None:
    """Where it stands, and where it comes from."""
    said = ": solution code: anything is the code of solutions/mini/losses.py:14 (softmax_loss)"
    assert found(book(cell("1"), cell(f"x = 1\n\n{RENAMED}"))) == [
        f"mini.ipynb cell 2 line 3{said}"
    ]
    assert found({"README.md": f"# A\n\n{fenced(RENAMED)}".encode()}) == [f"README.md:4{said}"]
    assert found({"checks.py": f"x = 1\n# {RENAMED}".replace("\n", "\n# ")[:-2].encode()}) != []


def test_a_tiny_function_is_told_by_its_name(found: Found) -> None:
    """`return 2 * x` is a leak in `double` only."""
    said = "checks.py:1: solution code: double is the code of solutions/mini/basics.py:4 (double)"
    assert found({"checks.py": b"def double(array):\n    return 2 * array\n"}) == [said]
    assert found({"checks.py": b"def twice(x):\n    return 2 * x\n"}) == []
    assert found({"checks.py": b"twice = lambda x: 2 * x\n"}) == []


@pytest.mark.parametrize(
    "body",
    [
        BODY,
        BODY.replace("    ", "").replace(" ", "  "),
        BODY.replace("log_p", "q").replace("dx", "g").replace("N", "rows").replace("y", "labels"),
        "\n\n".join(BODY.splitlines()),
        "\n# why\n".join(BODY.splitlines()),
        "".join(f"print(1)\n{BODY}"),
        textwrap.indent(BODY, "        ").replace("        N", "if x:\n        N"),
    ],
    ids=range(7),
)
def test_a_body_without_its_function(found: Found, body: str) -> None:
    """Three lines as they stand, or three statements with other names."""
    for files in (book(cell(body)), {"README.md": fenced(body).encode()}):
        assert ": solution code: " in found(files)[0]
        assert len(found(files)) == 1


def test_a_long_line_is_enough(found: Found) -> None:
    """Also in the middle of a sentence, broken over lines or with other names."""
    line = "return -log_p[np.arange(N), y].mean(), dx / N"
    long = "return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))"
    renamed = "z = w - np.log(np.exp(w).sum(axis=1, keepdims=True))"
    assert found(book(cell(f"Remember `{line}` well", "markdown"))) == []
    assert len(found(book(cell(f"Remember `{long}` well", "markdown")))) == 1
    assert len(found(book(cell(f"# Remember {long[:30]}\n# {long[30:]} well")))) == 1
    assert len(found(book(cell("w = 1\n" + renamed.replace("z =", "return"))))) == 0


@pytest.mark.parametrize(
    ("code", "what"),
    [
        (TEST, "hidden test: "),
        (TEST.replace("got", "g").replace("rng", "r").replace("y)", "y )"), "hidden test: "),
        (f"# {TEST}".replace("\n", "\n# "), "hidden test: "),
        (fenced(TEST), "hidden test: "),
        (TEST.replace(" ", ""), "hidden test: "),
        (VARIANT, "mutant: "),
        (VARIANT.replace("one_hot", "hot").replace("log_p", "q"), "mutant: "),
        (NO_SHIFT, "mutant: "),
        ("See test_loss_and_gradient.", "hidden test: names test_loss_and_gradient of tests/"),
    ],
)
def test_hidden_tests_and_mutants(found: Found, code: str, what: str) -> None:
    """As code, with other names, commented out, squeezed; in any text."""
    for files in (book(cell(code)), book(cell(code, "markdown")), {"README.md": code.encode()}):
        assert f": {what}" in found(files)[0]
    assert f": {what}" in found({"tests/test_more.py": code.encode()})[0]


def test_a_hidden_test_among_the_visible_checks(mini_course: Assignment, found: Found) -> None:
    """A hidden test that was copied to the visible ones is not public for that."""
    path = mini_course.visible / "test_losses.py"
    path.write_text(path.read_text("utf-8") + f"\n\n{TEST}", "utf-8")
    said = found({"tests/test_losses.py": path.read_bytes()})
    assert said[0].startswith("tests/test_losses.py:15: hidden test: test_batch is the code of ")
    assert found({}) == []


def test_a_whole_hidden_file(mini_course: Assignment, found: Found) -> None:
    """A hidden suite under the name of a visible check."""
    said = found({"tests/test_basics.py": (mini_course.hidden / "test_basics.py").read_bytes()})
    assert said[0].startswith("tests/test_basics.py:")
    assert all(": hidden test: " in leak for leak in said)


def test_a_whole_solution(mini_course: Assignment, found: Found) -> None:
    """The solution's file in place of the starter code: markers, code and stubs are named."""
    said = found({"losses.py": (mini_course.solutions / "losses.py").read_bytes()})
    kinds = {leak.split(": ")[1] for leak in said}
    assert kinds == {"solution marker", "solution code", "stub"}


def test_given_code_is_public(mini_course: Assignment, found: Found) -> None:
    """What the starter code and helpers of visible checks hold is no secret."""
    given = "def helper(x):\n    return [a * b + 1 for a, b in zip(x, x[1:]) if a > b] or [x[0]]\n"
    for path in (mini_course.solutions / "basics.py", mini_course.hidden / "test_basics.py"):
        path.write_text(path.read_text("utf-8") + f"\n\n{given}", "utf-8")
    text = starter.generate(mini_course)["basics.py"].encode()
    assert found(book(cell(given)) | {"basics.py": text}) == []


@pytest.mark.parametrize("slug", assignment.slugs(REPO))
def test_every_solution_file_is_recognized(slug: str) -> None:
    """Each file of each real solution is found without its markers, as a visible check say."""
    course = assignment.load(slug, REPO)
    files = {}
    for name in course.files:
        text = (course.solutions / name).read_text("utf-8")
        bare = "\n".join(line for line in text.splitlines() if "### " not in line)
        files[f"tests/{name}"] = bare.encode()
    leaks = gate.inspect(course, files)
    assert {leak.path for leak in leaks if leak.kind is Kind.SOLUTION} == set(files)
