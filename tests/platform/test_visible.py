"""Visible checks: which exercise each belongs to, and what is wrong with checks is named."""

import importlib.util

import pytest

from autograder.assignment import Assignment
from autograder.errors import StaffError
from autograder.release import visible
from autograder.release.visible import Check

TWO = '''"""Checks of both."""

import basics
import losses
import numpy as np
import pytest


'''


def checks(course: Assignment, *lines: str) -> None:
    """Replace all visible checks by one file that imports both files of the course."""
    for path in course.visible.glob("*.py"):
        path.unlink()
    (course.visible / "test_two.py").write_text(TWO + "\n".join(lines) + "\n", "utf-8")


def ids(course: Assignment) -> dict[str, list[str]]:
    """Return the names of the checks of each exercise, without their file."""
    found = visible.checks_of(course)
    return {name: [each.id.partition("::")[2] for each in mine] for name, mine in found.items()}


def asking(course: Assignment, name: str, *functions: str) -> Assignment:
    """Return the course with an exercise that asks for these functions in losses.py."""
    asked = {"file": "losses.py", "functions": functions}
    exercises = [
        each.model_copy(update=asked) if each.name == name else each for each in course.exercises
    ]
    return course.model_copy(update={"exercises": tuple(exercises)})


LOSS = "losses.softmax_loss(np.zeros((2, 3)), np.array([0, 1]))"


def test_each_exercise_has_its_checks(mini_course: Assignment) -> None:
    """A check has its id inside a release, and the first line of its docstring."""
    assert visible.checks_of(mini_course) == {
        "double": [Check("tests/test_basics.py::test_double", "Twice 1, 2, 3 is 2, 4, 6.")],
        "softmax_loss": [
            Check(
                "tests/test_losses.py::test_equal_scores_cost_log_c",
                "Four equal scores cost log 4.",
            )
        ],
    }


def test_the_files_are_those_of_the_release(mini_course: Assignment) -> None:
    """Every Python file of the folder travels, also one that holds no check."""
    (mini_course.visible / "conftest.py").write_text('"""Fixtures."""\n', "utf-8")
    (mini_course.visible / "notes.txt").write_text("mine", "utf-8")
    found = visible.files(mini_course)
    assert list(found) == ["tests/conftest.py", "tests/test_basics.py", "tests/test_losses.py"]
    assert found["tests/conftest.py"] == b'"""Fixtures."""\n'


def test_a_check_may_use_earlier_exercises(mini_course: Assignment) -> None:
    """It belongs to the last exercise that it enters, in the assignment's order."""
    checks(mini_course, "def test_both():", f"    {LOSS}", "    basics.double(2)")
    assert ids(mini_course) == {"double": [], "softmax_loss": ["test_both"]}


def test_a_check_of_no_exercise(mini_course: Assignment) -> None:
    """What enters no exercise's function belongs to none, and is run all the same."""
    checks(mini_course, "def test_helper():", "    losses._log_softmax(np.eye(2))")
    assert ids(mini_course) == {"double": [], "softmax_loss": []}


def test_a_parametrised_check_is_named_once(mini_course: Assignment) -> None:
    """All cases belong to one exercise, so its cell does not list them."""
    cases = '@pytest.mark.parametrize("x", [1, 2, 3])'
    checks(mini_course, cases, "def test_x(x):", "    assert basics.double(x) == 2 * x")
    assert ids(mini_course)["double"] == ["test_x"]


def test_a_parametrised_check_is_split_between_exercises(mini_course: Assignment) -> None:
    """Each exercise names its own cases."""
    cases = '@pytest.mark.parametrize("call", ["one", "two", "three"])'
    body = f'    {LOSS} if call == "two" else basics.double(1)'
    checks(mini_course, cases, "def test_x(call):", body)
    assert ids(mini_course) == {
        "double": ["test_x[one]", "test_x[three]"],
        "softmax_loss": ["test_x[two]"],
    }


def test_checks_of_one_name_in_two_files_are_two(mini_course: Assignment) -> None:
    """Merging looks at the file and at the class, too."""
    checks(mini_course, "class TestIt:", "    def test_double(self):", f"        {LOSS}")
    (mini_course.visible / "test_one.py").write_text(
        "import basics\n\n\ndef test_double():\n    basics.double(1)\n", "utf-8"
    )
    assert ids(mini_course) == {"double": ["test_double"], "softmax_loss": ["TestIt::test_double"]}


def test_exercises_that_share_a_function_share_its_checks(mini_course: Assignment) -> None:
    """One function in two exercises: both name its check."""
    both = asking(mini_course, "double", "softmax_loss")
    checks(both, "def test_loss():", f"    {LOSS}")
    assert ids(both) == {"double": ["test_loss"], "softmax_loss": ["test_loss"]}


def with_a_class(course: Assignment) -> Assignment:
    """Give the second exercise a class; the first has its function."""
    (course.solutions / "losses.py").write_text(
        "import basics\n\n\nclass Net:\n    size = 3\n\n    def loss(self):\n        return 1\n\n"
        "    def step(self):\n        return [basics.double(x) for x in [1]]\n",
        "utf-8",
    )
    return asking(course, "softmax_loss", "Net")


def test_a_class_is_entered_by_its_methods(mini_course: Assignment) -> None:
    """An exercise that names a class has the checks of all its methods."""
    course = with_a_class(mini_course)
    checks(course, "def test_step():", "    losses.Net().step()", "", "", "def test_no():", "    1")
    assert ids(course) == {"double": [], "softmax_loss": ["test_step"]}


def test_a_method_of_a_class(mini_course: Assignment) -> None:
    """An exercise that names one method has the checks that enter this one."""
    course = asking(with_a_class(mini_course), "softmax_loss", "Net.loss")
    lines = ["def test_loss():", "    losses.Net().loss()", "", "", "def test_step():"]
    checks(course, *lines, "    losses.Net().step()")
    assert ids(course) == {"double": ["test_step"], "softmax_loss": ["test_loss"]}


def test_importing_a_class_does_not_enter_it(mini_course: Assignment) -> None:
    """A module that a check imports on its way runs the bodies of its classes."""
    course = with_a_class(mini_course)
    checks(course)
    (course.visible / "test_two.py").write_text(
        "import basics\n\n\ndef test_it():\n    import losses\n"
        "    basics.double(losses.Net.size)\n",
        "utf-8",
    )
    assert ids(course) == {"double": ["test_it"], "softmax_loss": []}


def test_what_a_fixture_does_is_done_by_its_check(mini_course: Assignment) -> None:
    """A check may leave the call to a fixture."""
    fixture = ["@pytest.fixture", "def twice():", "    return basics.double(1)", "", ""]
    checks(mini_course, *fixture, "def test_it(twice):", "    assert twice == 2")
    assert ids(mini_course)["double"] == ["test_it"]


@pytest.mark.parametrize(
    ("docstring", "title"),
    [
        ('"""One.\n\n    More.\n    """', "One."),
        ('"""\n    Later.\n    """', "Later."),
        ("'Say \"é\" # \\\\n.'", 'Say "é" # \\n.'),
        ('"""   """', "test_it"),
        ('""', "test_it"),
        ("pass", "test_it"),
    ],
)
def test_a_title(mini_course: Assignment, docstring: str, title: str) -> None:
    """The first line of the docstring; without one, the check's name."""
    checks(mini_course, "def test_it():", f"    {docstring}", "    basics.double(1)")
    assert visible.checks_of(mini_course)["double"] == [
        Check("tests/test_two.py::test_it", title),
    ]


@pytest.mark.parametrize(
    "lines",
    [
        ["def test_it():", "    assert basics.double(1) == 3"],
        ["@pytest.fixture", "def bad():", "    1 / 0", "", "", "def test_it(bad):", "    pass"],
        ["@pytest.fixture", "def bad():", "    yield", "    1 / 0", "def test_it(bad):", "    1"],
        ["def test_it():", "    pytest.skip('not today')"],
        ["@pytest.mark.skip", "def test_it():", "    pass"],
    ],
    ids=["fails", "fails before", "fails after", "skips", "is skipped"],
)
def test_the_solution_must_pass(mini_course: Assignment, lines: list[str]) -> None:
    """A check that the solution does not pass is named, whenever it went wrong."""
    checks(mini_course, *lines)
    with pytest.raises(StaffError) as caught:
        visible.checks_of(mini_course)
    assert str(caught.value) == "tests/visible/mini: the solution fails tests/test_two.py::test_it"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["def test_it(:", "    pass"], r"pytest cannot run them: .*test_two\.py.*SyntaxError"),
        (["import nowhere"], r"pytest cannot run them: .*test_two\.py"),
        (["x = 1"], "pytest cannot run them: no tests ran"),
        (["def test_it(unknown):", "    pass"], "the solution fails tests/test_two.py::test_it"),
        (["raise SystemExit(0)"], "pytest cannot run them"),
        (["import os", "os._exit(0)"], "pytest cannot run them"),
    ],
)
def test_checks_that_cannot_be_run(mini_course: Assignment, lines: list[str], said: str) -> None:
    """Files that pytest cannot collect are named with the folder they lie in."""
    checks(mini_course, *lines)
    with pytest.raises(StaffError, match=f"^tests/visible/mini: {said}"):
        visible.checks_of(mini_course)


def test_without_checks(mini_course: Assignment) -> None:
    """An empty folder, one without a test file, and none at all are the same mistake."""
    for path in mini_course.visible.glob("*.py"):
        path.rename(path.with_name(path.name.removeprefix("test_")))
    with pytest.raises(StaffError, match="^tests/visible/mini: there are no visible checks"):
        visible.checks_of(mini_course)
    mini_course.visible.rename(mini_course.visible.with_name("other"))
    with pytest.raises(StaffError, match="^tests/visible/mini: there are no visible checks"):
        visible.checks_of(mini_course)


def test_an_endless_check(mini_course: Assignment, monkeypatch: pytest.MonkeyPatch) -> None:
    """Checks have a limit all together, and the message says where they lie."""
    monkeypatch.setattr(visible, "LIMIT_S", 2)
    checks(mini_course, "def test_it():", "    while True:", "        pass")
    with pytest.raises(StaffError, match="^tests/visible/mini: they take longer than 2 s"):
        visible.checks_of(mini_course)


def test_a_missing_file_is_named(mini_course: Assignment) -> None:
    """A solution or data that the assignment names and that is not there."""
    (mini_course.solutions / "losses.py").unlink()
    with pytest.raises(StaffError, match="^solutions/mini/losses.py: no such file"):
        visible.checks_of(mini_course)
    data = mini_course.model_copy(update={"files": ("basics.py",), "data": ("x.npz",)})
    with pytest.raises(StaffError, match="^assignments/mini/data/x.npz: no such file"):
        visible.checks_of(data)


def test_checks_run_in_the_release_folder(mini_course: Assignment) -> None:
    """Data lie in the working folder, and what a check writes stays there."""
    mini_course.data_dir.mkdir()
    (mini_course.data_dir / "x.txt").write_text("7", "utf-8")
    course = mini_course.model_copy(update={"data": ("x.txt",)})
    lines = ["from pathlib import Path", "", "", "def test_it():"]
    lines += ["    basics.double(int(Path('x.txt').read_text()))", "    Path('y').write_text('')"]
    checks(course, *lines)
    assert ids(course)["double"] == ["test_it"]


def test_a_helper_beside_the_checks(mini_course: Assignment) -> None:
    """Checks import from each other as they do in a student's folder."""
    checks(mini_course, "import helper", "", "", "def test_it():", "    basics.double(helper.ONE)")
    (mini_course.visible / "helper.py").write_text("ONE = 1\n", "utf-8")
    assert ids(mini_course)["double"] == ["test_it"]


def test_nobodys_own_settings_count(
    mini_course: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the environment asks of pytest does not change a release."""
    monkeypatch.setenv("PYTEST_ADDOPTS", "-k nothing")
    monkeypatch.setenv("PYTEST_PLUGINS", "not_there")
    assert ids(mini_course)["double"] == ["test_double"]


def test_what_pytest_says_need_not_be_text(mini_course: Assignment) -> None:
    """Bytes of any kind on the output of a check are a message, not a crash."""
    checks(mini_course, "import os", r"os.write(2, b'\xff\xfe')", "os._exit(3)")
    with pytest.raises(StaffError, match="pytest cannot run them: "):
        visible.checks_of(mini_course)


def test_nothing_is_run_in_this_process(mini_course: Assignment) -> None:
    """The modules of an assignment stay out of the platform's own."""
    visible.checks_of(mini_course)
    assert importlib.util.find_spec("basics") is None
