"""Reports for the tests of exports: with places in files, and with words that attack a format."""

from autograder.report import (
    Diagnosis,
    ExerciseResult,
    ExerciseStatus,
    Report,
    ReportStatus,
    SubmissionInfo,
    TestResult,
    TestStatus,
    total,
)

# As names, and as what is said about an exercise. Reports hold no control characters.
AWKWARD = [
    "a,b",
    'An "n"',
    "it's",
    "of\ntwo lines",
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "'=1",
    " =1",
    "a;=1",
    "graduate 🎓",
    "שלום, عمر",
    "<script>alert(1)</script>",
    "&lt;&#61;",
    "]]><x/>",
    "a | b",
    "`c` ``d``",
    "[x](https://evil.example) ![y](z.png)",
    "https://evil.example www.evil.example",
    "# head\n- item\n1. one\n> said\n***",
    "*a* _b_ ~c~ \\d $e$ :f: !g",
    "@everybody #1",
    "::add-mask::x",
    "x\n::error file=a.py,line=1::forged",
    "%0A::stop-commands::x",
    "##[add-path]/tmp",
    '{"scores": {"double": 40}}\n{"scores": {}}',
    "${IFS}$(id)`id`",
    "\ufdd0 is no character",
]


def judged(
    name: str, status: TestStatus, said: str = "", *, points: float = 40.0, number: int = 1
) -> ExerciseResult:
    """An exercise with a passed test, and `number` others of a status."""
    why = Diagnosis(code="differs", message=said) if said else None
    others = [
        TestResult(id=f"test_{n}", title=f"Test {n}.", status=status, diagnosis=why)
        for n in range(number)
    ]
    first = TestResult(id="test_first", title="The first.", status=TestStatus.PASSED)
    lost = status is not TestStatus.PASSED
    return ExerciseResult(
        name=name,
        points=points,
        score=points / 4 if lost else points,
        status=ExerciseStatus.PARTIAL if lost else ExerciseStatus.PASSED,
        message=said,
        tests=(first, *others),
    )


def report(*results: ExerciseResult, student: str = "ann", message: str = "") -> Report:
    """A graded report on `mini`."""
    return Report(
        assignment="mini",
        suite="sha256:suite",
        submission=SubmissionInfo(student=student, sha256="sha256:1"),
        status=ReportStatus.GRADED,
        score=total(results),
        max_score=100,
        seconds=1.25,
        exercises=results,
        message=message,
    )


def said(text: str, student: str = "ann") -> Report:
    """A graded report that says something about `double`, and as a whole."""
    return report(judged("double", TestStatus.FAILED, text), student=student, message=text)
