"""Generic mutations: what the operators make, how a mutation is named, what is listed as equal."""

import ast
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from autograder import assignment
from autograder.assignment import Assignment
from autograder.audit import generic, slips
from autograder.audit.generic import Mutation
from autograder.audit.operators import OPERATORS
from autograder.errors import StaffError

LISTED = '[[equivalent]]\nfunction = "basics.double"\nchange = "{change}"\nreason = "Twice."\n'


def made_of(statement: str) -> list[str]:
    """Return all that the operators make of a statement."""
    tree = ast.parse(statement)
    nodes = [node for node in ast.walk(tree) if not isinstance(node, ast.Module)]
    return [
        ast.unparse(slip) for node in nodes for operator in OPERATORS for slip in operator(node)
    ]


def sources(course: Assignment) -> dict[str, bytes]:
    """Return the solution's files."""
    return {name: (course.solutions / name).read_bytes() for name in course.files}


def ids(course: Assignment, changed: Mapping[str, bytes] | None = None) -> list[str]:
    """Return the names of all mutations."""
    return [m.id for m in generic.mutations(course, changed or sources(course))]


@pytest.mark.parametrize(
    ("statement", "made"),
    [
        ("a + b", ["a - b"]),
        ("a @ b", ["b @ a"]),
        ("x -= a", ["x += a", "pass"]),
        ("-a", ["a"]),
        ("a < b", ["a <= b", "a > b"]),
        ("a and b", ["a or b"]),
        ("a if b else c", ["c if b else a"]),
        ("a[2]", ["3", "1"]),
        ("0.5", ["1.0"]),
        ("True", ["False"]),
        ("x.max()", ["pass", "x.min()"]),
        ("np.sum(x)", ["pass", "np.mean(x)"]),
        ("f(a, b)", ["pass", "f(b, a)"]),
        ("np.maximum(a, b)", ["pass", "np.minimum(a, b)"]),
        ("np.sqrt(x)", ["pass", "x"]),
        ("x.copy()", ["pass", "x"]),
        ("f(x, axis=a)", ["pass", "f(x)"]),
        ("x.T", ["x"]),
        ("range(n)", ["pass", "range(1, n)", "range(n - 1)"]),
        ("x[a:b]", [":b", "a:"]),
        ("x[i] = a", ["pass"]),
        ("x = a", []),
        ("break", ["pass"]),
    ],
)
def test_operators(statement: str, made: list[str]) -> None:
    """Every operator makes what a slip would make."""
    assert sorted(set(made_of(statement))) == sorted(made)


def test_mutations_are_runnable_and_distinct(mini_course: Assignment) -> None:
    """Each mutation changes one file into other code that still is code, under its own name."""
    before = sources(mini_course)
    mutations = generic.mutations(mini_course, before)
    assert len({mutation.id for mutation in mutations}) == len(mutations) > 20
    for mutation in mutations:
        after = mutation.apply(before)
        (changed,) = [name for name in before if after[name] != before[name]]
        assert ast.dump(ast.parse(after[changed])) != ast.dump(ast.parse(before[changed]))


def test_a_helper_concerns_the_whole_file(mini_course: Assignment) -> None:
    """What a helper gets wrong may show in any exercise of its file."""
    found = {m.function: m.exercises for m in generic.mutations(mini_course, sources(mini_course))}
    assert found == {
        "basics.double": ("double",),
        "losses.softmax_loss": ("softmax_loss",),
        "losses._log_softmax": ("softmax_loss",),
    }


def test_given_code_is_left_alone(mini_course: Assignment) -> None:
    """Functions that students do not write, docstrings, errors and defaults make no mutations."""
    given = b"def shown(a=1):\n    return a + 1\n\n"
    before = sources(mini_course)
    assert ids(mini_course, {**before, "basics.py": given + before["basics.py"]}) == ids(
        mini_course
    )
    raising = before["basics.py"].replace(b"    return", b"    if x is 1: raise E(2)\n    return")
    new = set(ids(mini_course, {**before, "basics.py": raising})) - set(ids(mini_course))
    assert not any("raise" in name for name in new)


def test_names_survive_line_shifts(mini_course: Assignment) -> None:
    """Other lines above and other formatting leave a mutation's name as it is."""
    before = sources(mini_course)
    moved = {name: b"\n\nimport os\n" + text for name, text in before.items()}
    moved["basics.py"] = moved["basics.py"].replace(b"2 * x", b"(2  *  x)")
    assert ids(mini_course, moved) == ids(mini_course)


def test_sample_is_always_the_same(mini_course: Assignment) -> None:
    """A sample has its size, is the same every time, and another one for another seed."""
    everything = generic.mutations(mini_course, sources(mini_course))
    ten = generic.sample(everything, 10)
    assert len(ten) == 10
    assert generic.sample(reversed(everything), 10) == ten
    assert generic.sample(everything, 10, seed="1") != ten
    assert len(generic.sample(everything, 1000)) == len(everything)


def test_equivalents(mini_course: Assignment) -> None:
    """The list says what is equal and why."""
    path = mini_course.mutants / "generic_equivalents.toml"
    assert generic.equivalents(mini_course) == {}
    path.write_text(LISTED.format(change="a -> b"), "utf-8")
    assert generic.equivalents(mini_course) == {"basics.double: a -> b": "Twice."}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[[equivalent]]\nfunction = 'f'\nchange = 'c'", "entry 1: needs exactly change,"),
        (LISTED.format(change=""), "entry 1: needs exactly change, function, reason"),
        (LISTED.format(change="c") * 2, "entry 2: stands there twice: basics.double: c"),
        ("[[equivalent]", "Expected"),
    ],
)
def test_equivalents_name_what_is_wrong(text: str, problem: str, mini_course: Assignment) -> None:
    """A list that cannot be read names the entry."""
    (mini_course.mutants / "generic_equivalents.toml").write_text(text, "utf-8")
    where = "tests/mutants/mini/generic_equivalents.toml: "
    with pytest.raises(StaffError, match=re.escape(where + problem)):
        generic.equivalents(mini_course)


def test_the_lists_of_the_course_are_current(repo: Path) -> None:
    """Every equivalent that the course lists is a mutation that is made today."""
    for slug in assignment.slugs(repo):
        course = assignment.load(slug, repo)
        assert set(generic.equivalents(course)) - set(ids(course)) == set()


def test_score_does_not_count_equivalents() -> None:
    """The share is of those that differ; a list that is not true is a gap."""
    noticed = {"a": ["t"], "b": ["t"], "c": [], "d": []}
    trial = slips.judge(noticed, {*noticed, "e"}, {"c"})
    assert (trial.made, trial.tried, trial.caught, trial.equivalent) == (5, 4, 2, 1)
    assert (trial.score, trial.survivors) == (66.7, ("d",))
    assert [gap.what for gap in slips.gaps(trial)] == [
        "66.7% of the generic mutations are caught, less than 90%"
    ]
    assert [hint.what for hint in slips.warnings(trial)] == ["survives: d"]


def test_a_list_that_is_not_true_is_a_gap() -> None:
    """What is caught is no equivalent, and what is not made needs no entry."""
    trial = slips.judge({"a": ["t"]}, {"a"}, ["a", "gone"])
    assert [gap.what for gap in slips.gaps(trial)] == [
        "listed as equivalent, and caught: a",
        "listed as equivalent, and never made: gone",
    ]


def test_mutation_id() -> None:
    """A name is the function and the change."""
    assert Mutation("m.f", "`a` -> `b`", (), "m.py", (0, 1), "b").id == "m.f: `a` -> `b`"
