"""Starter code: what students lose, what they keep, and that it is current."""

import ast
import importlib
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from autograder import assignment
from autograder.assignment import Assignment
from autograder.errors import StaffError
from autograder.release import starter

REPO = Path(__file__).parents[2]
STUB = 'raise NotImplementedError("{}: your code here")'


def solution(*lines: str) -> str:
    """Join lines, with `BEGIN` and `END` standing for the markers."""
    text = "\n".join(lines) + "\n"
    return text.replace("BEGIN", starter.BEGIN).replace("END", starter.END)


def strip(*lines: str) -> list[str]:
    """Return the lines that stay of a solution."""
    return starter.strip(solution(*lines), "x.py").splitlines()


@pytest.fixture
def load_starter(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path, str], ModuleType]]:
    """Import a module of a starter folder, and forget everything of that folder afterwards."""
    loaded: set[str] = set()

    def load(folder: Path, file: str) -> ModuleType:
        monkeypatch.syspath_prepend(folder)
        loaded.update(path.stem for path in folder.glob("*.py"))
        return importlib.import_module(file.removesuffix(".py"))

    yield load
    for name in loaded & set(sys.modules):
        del sys.modules[name]


def calls(module: ModuleType, qualname: str) -> list[Callable[..., Any]]:
    """Return the function of that name, or the methods that a class of that name writes."""
    owner, _, method = qualname.partition(".")
    value = getattr(module, owner)
    if not inspect.isclass(value):
        return [value]
    if method:
        return [getattr(value, method)]
    return [f for f in (getattr(value, name) for name in vars(value)) if inspect.isfunction(f)]


def call(function: Callable[..., Any]) -> None:
    """Call with None for every parameter that has no default."""
    parameters = inspect.signature(function).parameters.values()
    function(*(None for p in parameters if p.default is p.empty and p.kind is not p.VAR_KEYWORD))


def test_a_function_body_becomes_a_stub() -> None:
    """Signature, docstring and given lines stay; the block raises."""
    assert strip(
        "def f(x):", '    """Doc."""', "    y = x", "    BEGIN", "    return y", "    END"
    ) == ["def f(x):", '    """Doc."""', "    y = x", "    " + STUB.format("f")]


def test_a_method_is_named_with_its_class() -> None:
    """The message carries the qualified name, also below an `if` and inside another function."""
    assert strip("class A:", "    def f(self):", "        BEGIN", "        pass", "        END")[
        -1
    ].strip() == STUB.format("A.f")
    nested = ("def f():", "    def g():", "        BEGIN", "        pass", "        END")
    assert strip("if True:", *("    " + line for line in nested))[-1].strip() == STUB.format("f.g")


def test_helpers_are_dropped() -> None:
    """A block at module or class level leaves nothing, and no double gap."""
    assert strip("a = 1", "", "", "BEGIN", "def h(): return 1", "", "", "END", "", "", "b = 2") == [
        "a = 1",
        "",
        "",
        "b = 2",
    ]
    assert strip("class A:", "    x = 1", "    BEGIN", "    y = 2", "    END") == [
        "class A:",
        "    x = 1",
    ]


def test_a_helper_inside_a_function_is_part_of_its_body() -> None:
    """A nested function within the block goes with the block."""
    lines = strip("def f():", "    BEGIN", "    def g():", "        pass", "    g()", "    END")
    assert lines == ["def f():", "    " + STUB.format("f")]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["BEGIN", "a = 1"], "x.py:1: '### BEGIN SOLUTION' without an end"),
        (["a = 1", "END"], "x.py:2: '### END SOLUTION' without a beginning"),
        (["BEGIN", "a = 1", "BEGIN", "END"], "x.py:3: the block of line 1 is still open"),
        (["BEGIN", "END"], "x.py:1: nothing between the markers"),
        (["a = 1"], "x.py: no '### BEGIN SOLUTION': students would get the whole solution"),
        (["# Begin solution", "a = 1"], "x.py:1: a marker is exactly"),
        (["BEGINS", "a = 1", "END"], "x.py:1: a marker is exactly"),
        (["def f(:"], "x.py:1: invalid syntax"),
        (["if 1:", "    BEGIN", "    a = 1", "    END"], "x.py without its solutions:1"),
        (
            ["def f():", "    BEGIN", "    pass", "def g():", "    END", "    pass"],
            "x.py:2: the block goes on after its function's end",
        ),
    ],
)
def test_wrong_markers_name_file_and_line(lines: list[str], message: str) -> None:
    """What could leak a solution or break the starter is an error of staff."""
    with pytest.raises(StaffError) as caught:
        starter.strip(solution(*lines), "x.py")
    assert str(caught.value).startswith(message)


def test_generate(mini_course: Assignment) -> None:
    """Every file gets a header that says where it comes from; no line of the solution stays."""
    files = starter.generate(mini_course)
    assert list(files) == ["basics.py", "losses.py"]
    first, second = files["losses.py"].splitlines()[:2]
    assert first == "# Generated from solutions/mini/losses.py by `autograder starter`."
    assert "NotImplementedError" in second
    assert not [word for word in ("log_p", "SOLUTION") if word in files["losses.py"]]


def test_generate_needs_every_file(mini_course: Assignment) -> None:
    """A solution that is not there is named."""
    (mini_course.solutions / "losses.py").unlink()
    with pytest.raises(StaffError, match="solutions/mini/losses.py: no such file"):
        starter.generate(mini_course)


def test_write_then_check(mini_course: Assignment) -> None:
    """After writing, all is current, and writing again changes nothing."""
    assert starter.write(mini_course) == ["basics.py", "losses.py"]
    assert starter.check(mini_course) == []
    assert starter.write(mini_course) == []


def test_check_names_each_difference(mini_course: Assignment) -> None:
    """Missing, stale and extra files are one line each; stale ones show where."""
    starter.write(mini_course)
    (mini_course.starter / "basics.py").unlink()
    stale = mini_course.starter / "losses.py"
    stale.write_text(stale.read_text("utf-8").replace("import numpy as np", "import numpy"))
    (mini_course.starter / "notes.txt").write_text("mine")
    assert starter.check(mini_course) == [
        "starter_code/mini/basics.py is missing",
        "starter_code/mini/losses.py is stale: @@ -5 +5 @@ -import numpy",
        "starter_code/mini/notes.txt is extra: no such file in the assignment",
    ]


def test_write_removes_only_what_was_generated(mini_course: Assignment) -> None:
    """A generated file of a former name goes; anything else is left for a person."""
    starter.write(mini_course)
    (mini_course.starter / "basics.py").rename(mini_course.starter / "old.py")
    (mini_course.starter / "notes.txt").write_text("mine")
    assert starter.write(mini_course) == ["basics.py", "old.py"]
    assert starter.check(mini_course) == [
        "starter_code/mini/notes.txt is extra: no such file in the assignment"
    ]


@pytest.mark.parametrize("name", ["double", "softmax_loss"])
def test_stubs_of_the_mini_course_raise(
    mini_course: Assignment, name: str, load_starter: Callable[[Path, str], ModuleType]
) -> None:
    """Each function of freshly generated starter code raises NotImplementedError."""
    starter.write(mini_course)
    module = load_starter(mini_course.starter, mini_course.exercise(name).file)
    with pytest.raises(NotImplementedError, match=f"{name}: your code here"):
        call(getattr(module, name))


@pytest.mark.parametrize("slug", assignment.slugs(REPO))
def test_committed_starter_code_is_current(slug: str) -> None:
    """`make starter` was run after the last change of a solution."""
    assert starter.check(assignment.load(slug, REPO)) == []


@pytest.mark.parametrize("slug", assignment.slugs(REPO))
def test_committed_stubs_raise(slug: str, load_starter: Callable[[Path, str], ModuleType]) -> None:
    """Each exercise leaves something to write, and what it leaves raises NotImplementedError."""
    course = assignment.load(slug, REPO)
    for exercise in course.exercises:
        module = load_starter(course.starter, exercise.file)
        asked = [f for name in exercise.functions for f in calls(module, name)]
        stubs = [f for f in asked if "your code here" in inspect.getsource(f)]
        assert stubs, exercise.name
        assert [f.__qualname__ for f in stubs if not always_raises(f)] == []


def always_raises(function: Callable[..., Any]) -> bool:
    """Tell whether the body raises NotImplementedError, after the lines that are given."""
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    assert isinstance(definition, ast.FunctionDef)
    raised = [ast.unparse(line) for line in definition.body if isinstance(line, ast.Raise)]
    return any(line.startswith("raise NotImplementedError(") for line in raised)
