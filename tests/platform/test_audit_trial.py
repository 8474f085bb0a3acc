"""Whole audits: a fair suite has no gaps, and a weak one is found out by every check."""

import json
import textwrap
from pathlib import Path

import pytest

from autograder import assignment, cli
from autograder.assignment import Assignment
from autograder.audit import lanes, page, plan
from autograder.audit.model import Audit, Check, Emptiness
from autograder.audit.plan import Effort
from autograder.audit.tasks import Ask, Grade, Noticed, Reply, Right, Setup, Slip
from autograder.audit.trial import audit
from autograder.errors import StaffError
from autograder.release import starter

NAMED = """
[[mutant]]
name = "negative"
wrong = "Doubles the negative."
kind = "bug"
cause = ["sign"]
find = "return 2 * x"
replace = "return -2 * x"

[[mutant]]
name = "quarter"
wrong = "Takes half of it."
kind = "bug"
cause = ["scaled"]
find = "return 2 * x"
replace = "return x / 2"

[[mutant]]
name = "in_place"
wrong = "Doubles the argument itself."
kind = "bug"
find = "return 2 * x"
replace = "x *= 2; return x"

[[mutant]]
name = "plus"
wrong = "Adds instead of multiplying."
kind = "equivalent"
reason = "x + x and 2 * x are the same float."
find = "return 2 * x"
replace = "return x + x"
"""

# What a weak suite looks like, one fault each.
WEAK = {
    "assignments/weak/assignment.toml": """
        title = "A weak suite"
        runtime = "numpy"
        files = ["parts.py"]

        [[exercise]]
        name = "softmax_backward"
        file = "parts.py"
        points = 60
        summary = "The gradient of a softmax."

        [[exercise]]
        name = "mean_square"
        file = "parts.py"
        points = 40
        summary = "The mean of squares."
        """,
    "solutions/weak/parts.py": '''
        """Parts."""

        import numpy as np


        def softmax_backward(dout, p, T):
            """Return p * (dout - sum(dout * p)) / T**2, the sum over each row."""
            ### BEGIN SOLUTION
            return p * (dout - np.sum(dout * p, axis=1, keepdims=True)) / T**2
            ### END SOLUTION


        def mean_square(x):
            """Return the mean of the squares of x."""
            ### BEGIN SOLUTION
            return np.mean(x**2)
            ### END SOLUTION
        ''',
    "tests/hidden/weak/test_parts.py": '''
        import numpy as np

        from autograder.suite import exercise


        @exercise("softmax_backward")
        def test_upstream_of_ones(student, reference, rng, close):
            """The gradient of ones."""
            p = np.exp(rng.normal(size=(4, 3)))
            p /= p.sum(axis=1, keepdims=True)
            dout = np.ones((4, 3))
            close(student.softmax_backward(dout, p, 3), reference.softmax_backward(dout, p, 3))


        @exercise("softmax_backward")
        def test_itself(student, rng, close):
            """An input is what it is."""
            x = rng.normal(size=(4, 3))
            close(x, x)


        @exercise("mean_square")
        def test_roughly(student, reference, rng, close):
            """The mean is about right."""
            x = rng.normal(size=50)
            close(student.mean_square(x), reference.mean_square(x), rtol=1e-1)


        @exercise("mean_square")
        def test_chatty(student, reference, rng, check):
            """Normal numbers have a mean square of about one."""
            x = rng.normal(size=9)
            got = student.mean_square(x)
            check(0.5 < got < 2, f"the mean square of {x[0]} and others is wrong")
        ''',
    "tests/mutants/weak/softmax_backward.toml": """
        [[mutant]]
        name = "doubled"
        wrong = "Is twice too large."
        kind = "bug"
        find = "return p * ("
        replace = "return 2 * p * ("

        [[mutant]]
        name = "no_sum"
        wrong = "Leaves the sum out."
        kind = "bug"
        cause = ["scaled"]
        find = "(dout - np.sum(dout * p, axis=1, keepdims=True))"
        replace = "dout"
        """,
    "tests/mutants/weak/mean_square.toml": """
        [[mutant]]
        name = "unbiased"
        wrong = "Divides by one less."
        kind = "bug"
        find = "np.mean(x**2)"
        replace = "np.sum(x**2) / (len(x) - 1)"

        [[mutant]]
        name = "no_square"
        wrong = "Does not square."
        kind = "bug"
        find = "np.mean(x**2)"
        replace = "np.mean(x)"

        [[mutant]]
        name = "root"
        wrong = "Takes the root."
        kind = "bug"
        find = "np.mean(x**2)"
        replace = "np.sqrt(np.mean(x**2)) * 1.2"
        """,
}


def put_on_trial(course: Assignment, **effort: int) -> Audit:
    """Audit with few seeds."""
    return audit(course, starter.generate(course), Effort(**{"seeds": 4, **effort}))


@pytest.fixture(scope="module")
def weak(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    """The audit of a suite with an upstream of ones, a tolerance of 1e-1 and a tautology."""
    root = tmp_path_factory.mktemp("course")
    for name, text in WEAK.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip(), "utf-8")
    return put_on_trial(assignment.load("weak", root), seeds=20)


def said(found: Audit, check: Check) -> str:
    """Return all that one check complains about."""
    findings = (*found.gaps, *found.warnings)
    return "\n".join(finding.what for finding in findings if finding.check is check)


def name_causes(course: Assignment) -> None:
    """Give double mutants whose causes its suite names."""
    (course.mutants / "double.toml").write_text(NAMED, "utf-8")


def test_a_fair_suite_has_no_gaps(mini_course: Assignment) -> None:
    """Everything wrong is caught, everything right is accepted, and the numbers say so."""
    name_causes(mini_course)
    found = put_on_trial(mini_course)
    assert found.gaps == ()
    assert (found.passed, found.reference, found.starter) == (True, 100.0, 0.0)
    assert [trial.outcome for trial in found.trials] == [
        "caught", "caught", "caught", "equivalent", "caught", "caught",
    ]  # fmt: skip
    assert found.generic is not None
    assert (found.generic.score, found.generic.tried) == (100.0, found.generic.made)
    assert found.stability is not None
    assert found.stability.runs == 4 * 6  # four tests for the reference, two for a variant
    assert found.feedback is not None
    assert (found.feedback.named, found.feedback.conventions_named) == (75.0, 1)


def test_mutants_are_tried_in_the_sandbox(mini_course: Assignment) -> None:
    """What rules forbid or what hangs is judged as for a student."""
    code = "def double(x):\n    while True:\n        pass\n"
    toml = "[[mutant]]\nname = \"{}\"\nwrong = \"w\"\nkind = \"bug\"\ncode = '''\n{}'''\n"
    hangs = toml.format("hangs", code)
    (mini_course.mutants / "double.toml").write_text(hangs, "utf-8")
    loops = code.replace("double(x)", "softmax_loss(x, y)")
    (mini_course.mutants / "softmax_loss.toml").write_text(toml.format("loops", loops), "utf-8")
    text = mini_course.toml.read_text("utf-8").replace("call_s = 2", "call_s = 0.2")
    mini_course.toml.write_text(text, "utf-8")
    course = assignment.load("mini", mini_course.root)
    found = put_on_trial(course, seeds=1, sample=0)
    assert [trial.readings[0].code for trial in found.trials] == ["timeout", "forbidden"]


def test_a_wrong_reference_ends_the_audit(mini_course: Assignment) -> None:
    """Where the reference fails its own suite, nothing else would mean anything."""
    path = mini_course.hidden / "test_basics.py"
    path.write_text(
        path.read_text("utf-8").replace("exact(remote, x,", "exact(remote, -x,"), "utf-8"
    )
    found = put_on_trial(mini_course)
    assert (found.reference, found.trials) == (80.0, ())
    (gap,) = found.gaps
    assert gap.check is Check.REFERENCE
    assert "the reference fails test_basics::test_the_argument_stays: x is another" in gap.what


def test_a_broken_suite_is_a_staff_error(mini_course: Assignment) -> None:
    """A suite that cannot be collected is named, as when grading."""
    (mini_course.hidden / "test_basics.py").write_text("import nonsense\n", "utf-8")
    with pytest.raises(StaffError, match="tests/hidden/mini"):
        put_on_trial(mini_course)


def test_a_missing_solution_is_a_staff_error(mini_course: Assignment) -> None:
    """The file is named."""
    (mini_course.solutions / "basics.py").unlink()
    with pytest.raises(StaffError, match=r"solutions/mini/basics.py: no such file"):
        plan.make(mini_course, {}, Effort())


# The weak suite, found out by each check


def test_mutants_find_the_weak_suite(weak: Audit) -> None:
    """Ones as upstream and a tolerance of 1e-1 let mistakes through."""
    assert "softmax_backward/doubled gets full marks: Is twice" in said(weak, Check.MUTANTS)
    assert "mean_square/unbiased gets full marks: Divides" in said(weak, Check.MUTANTS)


def test_generic_mutations_find_the_weak_suite(weak: Audit) -> None:
    """Less than nine in ten are caught."""
    assert "% of the generic mutations are caught" in said(weak, Check.GENERIC)


def test_the_starter_finds_the_weak_suite(weak: Audit) -> None:
    """The tautology gives points for nothing."""
    assert said(weak, Check.STARTER) == "the untouched starter gets 30 points"


def test_seeds_find_the_weak_suite(weak: Audit) -> None:
    """A bound that nine random numbers may miss fails the reference for some seeds."""
    assert "reference is right and fails test_parts::test_chatty" in said(weak, Check.STABILITY)


def test_headroom_finds_the_weak_suite(weak: Audit) -> None:
    """A tolerance of 1e-1 is nearer to mutants than two decades, or beyond them."""
    assert "test_parts::test_roughly, the result: tolerance 1e-01 is" in said(weak, Check.HEADROOM)


def test_vacuity_finds_the_weak_suite(weak: Audit) -> None:
    """The test that compares an input with itself never calls the student's code."""
    why = {each.test.partition("::")[2]: each.why for each in weak.vacuity}
    assert why["test_itself"] is Emptiness.NEVER_CALLS
    assert "test_itself (softmax_backward) never calls" in said(weak, Check.VACUITY)


def test_feedback_finds_the_weak_suite(weak: Audit) -> None:
    """Causes are not named, and a sentence holds a number of the data."""
    assert "0.0% of the bugs are diagnosed by cause" in said(weak, Check.FEEDBACK)
    assert "may be hidden data: the mean square of" in said(weak, Check.FEEDBACK)


# The page and the command


def test_the_page_is_whole(weak: Audit) -> None:
    """No script, nothing loaded, both colour schemes; survivors are shown; texts are escaped."""
    *others, last = sorted(weak.trials, key=lambda trial: trial.name == "doubled")
    trial = last.model_copy(update={"wrong": "<script>alert(1)</script>"})
    html = page.render([weak.model_copy(update={"trials": (*others, trial)})])
    assert "<script" not in html
    assert "src=" not in html
    assert "prefers-color-scheme: dark" in html
    assert html.count("<svg") == html.count("</svg>") > 2
    assert 'class="k-survived"><title>doubled: &lt;script&gt;' in html


def test_the_page_of_a_wrong_reference(weak: Audit) -> None:
    """An audit that ended early has a page as well."""
    bare = {"trials": (), "generic": None, "stability": None, "feedback": None, "headroom": ()}
    assert "90 of 100 points" in page.render([weak.model_copy(update={"reference": 90.0, **bare})])


def test_the_command(
    mini_course: Assignment,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Prints matrix and summary, writes JSON and a page, exits 1 on a gap and 0 without."""
    monkeypatch.chdir(mini_course.root)
    as_json, as_html = tmp_path / "a.json", tmp_path / "a.html"
    effort = ["audit", "mini", "--seeds", "1", "--sample", "3"]
    assert cli.main([*effort, "--json", str(as_json), "--html", str(as_html)]) == 1
    output = capsys.readouterr()
    assert "gap: feedback: 33.3% of the bugs are diagnosed by cause" in output.out
    assert "no_shift\N{NO-BREAK SPACE}b" in output.out
    assert output.out.splitlines()[-1].startswith("mini: 1 gap, ")
    assert "mini: tried 12 of 12" in output.err
    (written,) = json.loads(as_json.read_text("utf-8"))["audits"]
    assert (written["assignment"], written["passed"]) == ("mini", False)
    assert Audit.model_validate(written).trials[0].caught_by == ("test_basics::test_a_matrix",)
    assert "A miniature course" in as_html.read_text("utf-8")
    name_causes(mini_course)
    assert cli.main([*effort]) == 0


def test_the_command_looks_where_it_writes(
    mini_course: Assignment, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder that does not exist is said before anything is tried."""
    monkeypatch.chdir(mini_course.root)
    assert cli.main(["audit", "mini", "--json", "nowhere/a.json"]) == 2
    assert capsys.readouterr().err.startswith("autograder: no such folder: ")


# Lanes


def ask_lanes(course: Assignment, *asks: Ask) -> dict[str, Reply | None]:
    """Return what lanes answer."""
    everywhere = Right(name="reference", exercises=(), files={})
    setup = Setup(
        slug="mini", root=str(course.root), seed="0", other_seed="1", rights=(everywhere,)
    )
    answers: dict[str, Reply | None] = {}

    def told(ask: Ask, reply: Reply | None) -> bool:
        answers[ask.id] = reply
        return True

    assert lanes.run(setup, asks, told)
    return answers


def slip(name: str, code: str) -> Slip:
    """Return a generic mutation of basics.py."""
    return Slip(id=name, files={"basics.py": code}, exercises=("double",))


def test_lanes_survive_what_mutations_do(mini_course: Assignment) -> None:
    """Ending the process, hanging, asking for all memory, no Python: each is noticed."""
    start = "import os\nimport numpy as np\n"
    answers = ask_lanes(
        mini_course,
        slip("exits", start + "def double(x):\n    os._exit(3)\n"),
        slip("hangs", start + "def double(x):\n    while True:\n        pass\n"),
        slip("eats", start + "def double(x):\n    return np.zeros((10**6, 10**6))\n"),
        slip("no_import", "import nonsense\n"),
        slip("fine", "def double(x):\n    return x + x\n"),
        Grade(id="fine too", files={}),
    )
    both = ("test_basics::test_a_matrix", "test_basics::test_the_argument_stays")
    assert answers["exits"] is None
    for name in ("hangs", "eats", "no_import"):
        assert answers[name] == Noticed(tests=both), name
    assert answers["fine"] == Noticed(tests=())
    assert answers["fine too"] is not None


def test_lanes_stop_when_told(mini_course: Assignment) -> None:
    """Once whoever listens has heard enough, nothing more is done."""
    asks = [slip(str(number), "import nonsense\n") for number in range(50)]
    heard: list[str] = []

    def told(ask: Ask, _reply: Reply | None) -> bool:
        heard.append(ask.id)
        return False

    setup = Setup(slug="mini", root=str(mini_course.root), seed="0", other_seed="1", rights=())
    assert lanes.run(setup, asks, told) is False
    assert len(heard) == 1
