"""Mutants and variants as data: what their files may say, and what becomes of the solution."""

import re
from pathlib import Path

import pytest

from autograder import assignment
from autograder.assignment import Assignment
from autograder.audit import mutants
from autograder.audit.mutants import Change, Kind
from autograder.audit.splice import splice
from autograder.errors import StaffError

BUG = 'name = "half"\nwrong = "Halves."\nkind = "bug"\n'
SOURCE = '''"""A file."""


def f(x):
    """Return x."""
    ### BEGIN SOLUTION
    return x
    ### END SOLUTION


class Knn:
    """Nearest."""

    @property
    def k(self):
        return 1

    def predict(self, x):
        return f(x)
'''


def sources(course: Assignment) -> dict[str, bytes]:
    """Return the solution's files."""
    return {name: (course.solutions / name).read_bytes() for name in course.files}


def write(course: Assignment, text: str, name: str = "double.toml") -> None:
    """Put a file of mutants in the place of double's."""
    (course.mutants / name).write_text(text, "utf-8")


def change(**said: str) -> Change:
    """Return a difference from the solution of `double`."""
    place = {"exercise": "double", "file": "basics.py", "where": "x.toml"}
    return Change.model_validate({"name": "half"} | place | said)


def test_load_knows_everything(mini_course: Assignment) -> None:
    """Mutants and variants come with their exercise and its file, in the order of the files."""
    lineup = mutants.load(mini_course)
    names = [
        "double/square",
        "double/in_place",
        "softmax_loss/no_shift",
        "softmax_loss/sum_of_rows",
    ]
    assert [mutant.id for mutant in lineup.mutants] == names
    assert [variant.id for variant in lineup.variants] == ["double/sum", "softmax_loss/one_hot"]
    first = lineup.mutants[0]
    assert (first.kind, first.file, first.cause) == (Kind.BUG, "basics.py", ("differs",))


def test_no_folder_is_no_mutants(mini_course: Assignment) -> None:
    """An assignment whose mutants nobody has written yet has none."""
    for path in mini_course.mutants.iterdir():
        path.unlink()
    mini_course.mutants.rmdir()
    assert mutants.load(mini_course) == mutants.Lineup()


def test_apply_changes_one_file(mini_course: Assignment) -> None:
    """Only the exercise's file changes, and the rest is the same object."""
    before = sources(mini_course)
    after = mutants.apply(mutants.load(mini_course).mutants[0], before)
    assert b"return x**2" in after["basics.py"]
    assert after["losses.py"] is before["losses.py"]


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"find": "x", "replace": "y"}, "`find` occurs 4 times in basics.py, not once"),
        ({"find": "return 3", "replace": "y"}, "`find` occurs 0 times in basics.py, not once"),
        ({"find": "2 * x\n", "replace": "2 *\n"}, "line 7 of the changed file: invalid syntax"),
        ({"find": "2 * x\n", "replace": "2 * x\n"}, "changes nothing"),
        ({"code": "def treble(x): pass"}, "no definition in it replaces one of the file"),
        ({"code": "def f(x): pass", "target": "A.f"}, "no definition in it replaces A.f"),
    ],
)
def test_apply_names_what_is_wrong(
    said: dict[str, str], problem: str, mini_course: Assignment
) -> None:
    """A difference that fits nowhere is a staff error with the file and the name."""
    with pytest.raises(StaffError) as caught:
        mutants.apply(change(**said), sources(mini_course))
    assert str(caught.value) == f"x.toml: change half: {problem}"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[[mutant]]\n" + BUG, "mutant half: give either find and replace, or code"),
        ("[[mutant]]\n" + BUG + 'find = "2"', "mutant half: find and replace go together"),
        (
            "[[mutant]]\n" + BUG + 'find = "2"\nreplace = ""\ntarget = "double"',
            "mutant half: target says what code replaces: there is no code",
        ),
        ("[[mutant]]\n" + BUG + 'code = "x"\nhow = "y"', "mutant half: how: unknown key"),
        ("[[mutant]]\n" + BUG + 'code = "x"\nfile = "y"', "mutant half: file: unknown key"),
        ("[[mutant]]\n" + BUG + 'code = "x"\npinned = "y"', "mutant half: a convention, and"),
        ("[[mutant]]\n" + BUG + 'code = "x"\nreason = "y"', "mutant half: an equivalent, and"),
        (
            "[[mutant]]\n" + BUG.replace("bug", "convention") + 'code = "x"',
            "mutant half: a convention, and",
        ),
        (
            "[[mutant]]\n" + BUG.replace("bug", "equivalent") + 'code = "x"',
            "mutant half: an equivalent, and",
        ),
        (
            "[[mutant]]\n" + BUG.replace("bug", "convention") + 'code = "x"\npinned = "Not said."',
            "mutant half: pinned: not in the docstring of double",
        ),
        (
            "[[mutant]]\n" + BUG + 'code = "x"\ncause = ["scaled", "scaledd"]',
            "mutant half: cause: 'scaledd' is neither a diagnosis code nor ~words",
        ),
        ("[[mutant]]\nwrong = 'x'", "mutant number 1: name: Field required"),
        (("[[mutant]]\n" + BUG + 'code = "x"\n') * 2, "mutant half: the name stands there twice"),
        ("[mutant]\n" + BUG, "write [[mutant]] with two brackets"),
        ("[[mutants]]\n" + BUG, "mutants: unknown key"),
        ("[[mutant]", "Expected"),
    ],
)
def test_load_names_what_is_wrong(text: str, problem: str, mini_course: Assignment) -> None:
    """Whatever is wrong with a file is a staff error with the file, and the mutant where it can."""
    write(mini_course, text)
    with pytest.raises(StaffError, match="^tests/mutants/mini/double.toml: " + re.escape(problem)):
        mutants.load(mini_course)


def test_unknown_exercise(mini_course: Assignment) -> None:
    """A file of mutants is named after an exercise."""
    write(mini_course, "", "treble.toml")
    with pytest.raises(StaffError, match="treble.toml: there is no exercise 'treble'"):
        mutants.load(mini_course)


def test_pinned_may_be_wrapped(mini_course: Assignment) -> None:
    """A pinned sentence is found however the docstring breaks its lines."""
    pinned = 'pinned = "as a new array; `x` stays as it was."'
    write(mini_course, "[[mutant]]\n" + BUG.replace("bug", "convention") + pinned + '\ncode = "x"')
    path = mini_course.solutions / "basics.py"
    path.write_text(path.read_text("utf-8").replace("array; `x`", "array;\n    `x`"), "utf-8")
    assert mutants.load(mini_course).mutants[0].pinned is not None


def test_every_mutant_of_the_course_applies(repo: Path) -> None:
    """What the course's own files say can be done to its solutions."""
    for slug in assignment.slugs(repo):
        course = assignment.load(slug, repo)
        lineup = mutants.load(course)
        for each in (*lineup.mutants, *lineup.variants):
            mutants.apply(each, sources(course))


def test_splice_replaces_a_function() -> None:
    """The function of that name is replaced whole, docstring and markers too."""
    text = splice(SOURCE, "def f(x):\n    return -x\n")
    assert text.startswith('"""A file."""\n\n\ndef f(x):\n    return -x\n')
    assert "Return x." not in text


def test_splice_keeps_helpers_in_front() -> None:
    """What replaces nothing stands before the first definition that is replaced."""
    text = splice(SOURCE, "import math\ndef g(x): return x\ndef f(x): return g(x)\n")
    assert text.index("import math") < text.index("def g(x)") < text.index("def f(x)")


def test_splice_replaces_a_method() -> None:
    """A method at column 0 is indented into its class; decorators go with it."""
    text = splice(SOURCE, "def predict(self, x):\n    return 0\n", "Knn.predict")
    assert text.endswith("    def predict(self, x):\n        return 0\n")
    text = splice(SOURCE, "@property\ndef k(self):\n    return 2\n", "Knn.k")
    assert text.count("@property") == 1
    assert "        return 2\n" in text


def test_splice_puts_helpers_of_a_method_outside() -> None:
    """A helper beside a method stands at module level, in front of the class."""
    code = "def help(): return 0\ndef predict(self, x):\n    return help()\n"
    text = splice(SOURCE, code, "Knn.predict")
    assert "\ndef help(): return 0\n\n\nclass Knn:" in text
