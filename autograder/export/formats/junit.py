"""JUnit XML, as pytest's family `xunit2` and Jenkins's schema have it.

A student is a suite, so that a class is one file and every reader counts by student; a hidden test
is a case. Readers tell cases apart by class and name only, so the class is `student.exercise`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from xml.etree import ElementTree as ET

from autograder.export.formats.numbers import number
from autograder.report import ExerciseResult, Report, ReportStatus, TestStatus

_OUTCOMES = {
    TestStatus.PASSED: None,
    TestStatus.FAILED: "failure",
    TestStatus.FORBIDDEN: "failure",
    TestStatus.NOT_ATTEMPTED: "skipped",
    TestStatus.BLOCKED: "skipped",
}  # everything else did not come to an answer: "error"
_COUNTED = {"failure": "failures", "error": "errors", "skipped": "skipped"}
_SUMMED = ("tests", "failures", "errors")
# What XML 1.0 cannot hold, whatever it is written as.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(slug: str, reports: Sequence[Report]) -> str:
    """Return the document."""
    suites = [_suite(report) for report in reports]
    # The schema knows no sum of skipped cases here.
    sums = {key: str(sum(int(s.get(key, 0)) for s in suites)) for key in _SUMMED}
    seconds = f"{sum(report.seconds for report in reports):.3f}"
    root = ET.Element("testsuites", {"name": slug, **sums, "time": seconds})
    root.extend(suites)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, "unicode")}\n'


def _suite(report: Report) -> ET.Element:
    cases = list(_cases(report))
    outcomes = Counter(child.tag for case in cases for child in case)
    counts = {key: str(outcomes[tag]) for tag, key in _COUNTED.items()}
    about = {"name": _clean(report.submission.student), "tests": str(len(cases)), **counts}
    suite = ET.Element("testsuite", {**about, "time": f"{report.seconds:.3f}"})
    suite.append(_properties(report))
    suite.extend(cases)
    return suite


def _properties(report: Report) -> ET.Element:
    values = {"status": str(report.status), "max_score": _points(report.max_score)}
    if report.score is not None:
        values["score"] = _points(report.score)
    for each in report.exercises:
        values[f"score.{each.name}"] = _points(each.score)
        values[f"max_score.{each.name}"] = _points(each.points)
    properties = ET.Element("properties")
    for name, value in values.items():
        ET.SubElement(properties, "property", {"name": _clean(name), "value": value})
    return properties


def _cases(report: Report) -> Iterator[ET.Element]:
    student = report.submission.student
    for exercise in report.exercises:
        yield from _of_exercise(student, exercise)
    if report.status is not ReportStatus.GRADED:
        case = _case(student, "the submission as a whole")
        tag = "failure" if report.status is ReportStatus.REJECTED else "error"
        _outcome(case, tag, report.status, report.message)
        yield case


def _of_exercise(student: str, exercise: ExerciseResult) -> Iterator[ET.Element]:
    titles = Counter(test.title for test in exercise.tests)
    for test in exercise.tests:
        name = test.title if titles[test.title] == 1 else f"{test.title} ({test.id})"
        case = _case(f"{student}.{exercise.name}", name)
        if tag := _OUTCOMES.get(test.status, "error"):
            said = test.diagnosis.message if test.diagnosis else exercise.message
            _outcome(case, tag, test.status, said)
        yield case


def _case(classname: str, name: str) -> ET.Element:
    return ET.Element("testcase", {"classname": _clean(classname), "name": _clean(name)})


def _outcome(case: ET.Element, tag: str, kind: str, said: str) -> None:
    """Say it twice: some readers show the attribute, others the text."""
    message = _clean(said or kind)
    ET.SubElement(case, tag, {"type": str(kind), "message": message}).text = message


def _points(value: float) -> str:
    return str(number(value))


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
