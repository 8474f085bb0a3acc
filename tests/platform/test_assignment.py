"""Reading assignment.toml, and finding an assignment's files."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from autograder import assignment
from autograder.assignment import Assignment
from autograder.errors import StaffError


def edit(course: Assignment, old: str, new: str) -> None:
    """Replace a piece of the assignment.toml that must be there."""
    text = course.toml.read_text("utf-8")
    assert old in text
    course.toml.write_text(text.replace(old, new, 1), "utf-8")


def reload(course: Assignment) -> Assignment:
    """Read the course's assignment again."""
    return assignment.load(course.slug, course.root)


def test_everything_is_read(mini_course: Assignment) -> None:
    """Title, files, limits, rules and exercises come from the file."""
    assert mini_course.title == "A miniature course"
    assert mini_course.files == ("basics.py", "losses.py")
    assert mini_course.limits.call_s == 2
    assert mini_course.rules.forbid_imports == ("scipy",)
    assert [e.name for e in mini_course.exercises] == ["double", "softmax_loss"]
    assert mini_course.max_score == 100


def test_defaults(mini_course: Assignment) -> None:
    """An exercise is its own only function, needs nothing and may loop; limits have defaults."""
    double = mini_course.exercise("double")
    assert double.functions == ("double",)
    assert (double.requires, double.no_loops, double.forbid_calls) == ((), False, ())
    assert assignment.Limits().submission_s == 120


def test_loop_free_functions(mini_course: Assignment) -> None:
    """`no_loops = true` means all functions, a list means those."""
    assert mini_course.exercise("softmax_loss").loop_free == ("softmax_loss",)
    assert mini_course.exercise("double").loop_free == ()
    edit(mini_course, "no_loops = true", 'functions = ["a", "b"]\nno_loops = ["b"]')
    assert reload(mini_course).exercise("softmax_loss").loop_free == ("b",)


def test_the_rooms(mini_course: Assignment) -> None:
    """One slug names the assignment in every room."""
    root = mini_course.root
    assert mini_course.solutions == root / "solutions/mini"
    assert mini_course.starter == root / "starter_code/mini"
    assert mini_course.hidden == root / "tests/hidden/mini"
    assert mini_course.visible == root / "tests/visible/mini"
    assert mini_course.mutants == root / "tests/mutants/mini"
    assert mini_course.data_dir == root / "assignments/mini/data"


def test_values_are_frozen(mini_course: Assignment) -> None:
    """Nobody changes an assignment that was read."""
    with pytest.raises(ValidationError):
        mini_course.title = "other"  # type: ignore[misc]


def test_unknown_exercise(mini_course: Assignment) -> None:
    """Asking for an exercise that is not there names those that are."""
    with pytest.raises(StaffError, match="no exercise 'triple'; there are: double, softmax_loss"):
        mini_course.exercise("triple")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('title = "', 'titel = "', "title: Field required"),
        ("call_s = 2", "call_s = 0", "limits.call_s: Input should be greater than 0"),
        ("call_s = 2", "calls = 2", "limits.calls: unknown key"),
        ("points = 40", "point = 40", "exercise 'double': points: Field required"),
        ("points = 40", "points = 39", "points of all exercises add up to 99, not 100"),
        ('"numpy"', '"jax"', "runtime: Input should be 'numpy' or 'torch'"),
        ('name = "double"', "", "exercise number 1: name: Field required"),
        ('name = "double"', 'name = "softmax_loss"', "exercise 'softmax_loss' stands there twice"),
        ('"basics.py", "l', '"basics.py", "extra.py", "l', "files: no exercise uses 'extra.py'"),
        ('file = "basics.py"', 'file = "b.py"', "exercise 'double': file: 'b.py' is not among"),
        ('"basics.py", "l', '"../basics.py", "l', "files.0: String should match pattern"),
        ('"basics.py", "l', '"basics.py", "Basics.py", "l', "files: 'basics.py' stands there tw"),
        ("no_loops = true", 'no_loops = ["x"]', "no_loops names 'x', not among its functions"),
        ("no_loops = true", 'requires = ["x"]', "requires: 'x' is no earlier exercise"),
        ("[limits]", 'slug = "other"\n[limits]', "slug: unknown key"),
        ("[limits]", 'data = ["a/b"]\n[limits]', "data.0: String should match pattern"),
        ("[limits]", "[limits", r"\(at line 6, column 8\)"),
    ],
)
def test_mistakes_name_file_and_key(
    mini_course: Assignment, old: str, new: str, message: str
) -> None:
    """Each mistake of staff is one line with the file, the exercise and the key."""
    edit(mini_course, old, new)
    with pytest.raises(StaffError, match=message) as caught:
        reload(mini_course)
    assert str(caught.value).startswith("assignments/mini/assignment.toml: ")
    assert "\n" not in str(caught.value)


def test_not_text(mini_course: Assignment) -> None:
    """A file that is not UTF-8 is a staff error too."""
    mini_course.toml.write_bytes(b"\xff\xfe")
    with pytest.raises(StaffError, match="not UTF-8"):
        reload(mini_course)


def test_missing_assignment(mini_course: Assignment) -> None:
    """The missing file is named."""
    with pytest.raises(StaffError, match="assignments/other/assignment.toml: no such file"):
        assignment.load("other", mini_course.root)


@pytest.mark.parametrize("slug", ["", "../mini", "Mini", "1st", "a-b", "a/b"])
def test_a_slug_is_a_plain_name(mini_course: Assignment, slug: str) -> None:
    """A slug never leads out of its room."""
    with pytest.raises(StaffError, match="slug"):
        assignment.load(slug, mini_course.root)


def test_slugs(mini_course: Assignment) -> None:
    """Only folders with an assignment.toml are assignments."""
    (mini_course.root / "assignments" / "notes").mkdir()
    assert assignment.slugs(mini_course.root) == ["mini"]


def test_root_is_found_upwards(mini_course: Assignment, monkeypatch: pytest.MonkeyPatch) -> None:
    """From any folder of the course, and from the working folder."""
    assert assignment.find_root(mini_course.solutions) == mini_course.root
    monkeypatch.chdir(mini_course.hidden)
    assert assignment.find_root() == mini_course.root


def test_root_falls_back_to_the_checkout(
    tmp_path: Path, repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Outside of any course, the checkout of the installed package is the course."""
    monkeypatch.chdir(tmp_path)
    assert assignment.find_root() == repo


def test_no_root(tmp_path: Path) -> None:
    """A folder without a course is an error that says what was looked for."""
    with pytest.raises(StaffError, match="assignments/ and solutions/"):
        assignment.find_root(tmp_path)


def test_the_environment_wins(
    mini_course: Assignment, repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AUTOGRADER_ROOT is taken before any folder, and must be a course."""
    monkeypatch.setenv(assignment.ROOT_VARIABLE, str(mini_course.root))
    assert assignment.find_root(repo) == mini_course.root
    monkeypatch.setenv(assignment.ROOT_VARIABLE, str(tmp_path))
    with pytest.raises(StaffError, match="AUTOGRADER_ROOT"):
        assignment.find_root()
