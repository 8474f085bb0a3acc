"""JUnit XML: it keeps to the schema, and another program reads what the reports say."""

from pathlib import Path

import pytest
import xmlschema
from exports import AWKWARD, judged, report, said
from hypothesis import given
from hypothesis import strategies as st
from junitparser import Error, Failure, JUnitXml, Skipped, TestSuite
from reports import ungraded

from autograder.export.formats import junit
from autograder.report import Report, TestStatus

SCHEMA = xmlschema.XMLSchema(Path(__file__).parent / "schemas" / "xunit2.xsd")


def read(*reports: Report) -> list[TestSuite]:
    """Validate the document, and read it with junitparser."""
    text = junit.render("mini", reports)
    SCHEMA.validate(text)
    return list(JUnitXml.fromstring(text.encode()))


def test_a_student_is_a_suite() -> None:
    """With its tests, its time, and its points as properties."""
    (suite,) = read(report(judged("double", TestStatus.FAILED, "Twice too large.")))
    assert (suite.name, suite.tests, suite.failures, suite.time) == ("ann", 2, 1, 1.25)
    points = {each.name: each.value for each in suite.properties()}
    assert (points["score"], points["max_score"]) == ("10", "100")
    assert (points["score.double"], points["max_score.double"]) == ("10", "40")


def test_a_failure_says_why() -> None:
    """In the attribute and in the text, since readers differ."""
    (suite,) = read(report(judged("double", TestStatus.FAILED, "Twice too large.")))
    passed, failed = suite
    assert passed.is_passed
    (why,) = failed.result
    assert isinstance(why, Failure)
    assert (why.type, why.message, why.text) == ("failed", *["Twice too large."] * 2)
    assert (failed.classname, failed.name) == ("ann.double", "Test 0.")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (TestStatus.FAILED, Failure),
        (TestStatus.FORBIDDEN, Failure),
        (TestStatus.NOT_ATTEMPTED, Skipped),
        (TestStatus.BLOCKED, Skipped),
        (TestStatus.TIMEOUT, Error),
        (TestStatus.OUT_OF_MEMORY, Error),
        (TestStatus.CRASHED, Error),
        (TestStatus.PROTOCOL_ERROR, Error),
    ],
)
def test_each_status_has_its_word(status: TestStatus, kind: type) -> None:
    """A failure is wrong, an error came to no answer, and what is skipped was not judged."""
    (suite,) = read(report(judged("double", status, number=2)))
    assert (suite.failures, suite.errors, suite.skipped) == tuple(
        2 * (kind is each) for each in (Failure, Error, Skipped)
    )
    outcome = list(suite)[1].result[0]
    assert (type(outcome), outcome.type) == (kind, status)


def test_who_has_no_verdicts() -> None:
    """A refused submission is a failure, a fault of ours an error."""
    refused, lost = read(
        ungraded("rejected", "no zip").report, ungraded("error", "lost", "bob").report
    )
    assert (refused.failures, refused.errors) == (1, 0)
    assert (lost.failures, lost.errors) == (0, 1)
    assert next(iter(refused)).result[0].message == "no zip"
    assert "score" not in {each.name for each in lost.properties()}


@pytest.mark.parametrize("text", AWKWARD)
def test_words_come_back(text: str) -> None:
    """As a name and as a message, whatever they hold."""
    (suite,) = read(said(text, student=text))
    assert suite.name == text
    assert list(suite)[1].result[0].message == text


@given(st.text())
def test_any_text_is_xml(text: str) -> None:
    """Also what XML cannot hold, which is replaced."""
    (suite,) = read(said(text, student=f"x{text}"))
    assert suite.tests == 2


def test_no_two_cases_are_alike() -> None:
    """Class and name tell all cases of a class apart, as readers need it."""
    twins = judged("double", TestStatus.FAILED, number=2)
    alike = [test.model_copy(update={"title": "The same."}) for test in twins.tests]
    one = report(twins.model_copy(update={"tests": tuple(alike)}))
    two = one.model_copy(
        update={"submission": one.submission.model_copy(update={"student": "bob"})}
    )
    cases = [(case.classname, case.name) for suite in read(one, two) for case in suite]
    assert len(set(cases)) == len(cases) == 6


def test_the_sums_are_those_of_the_suites() -> None:
    """The document says how many there are in all."""
    reports = [said("wrong", student=name) for name in ("ann", "bob")]
    document = JUnitXml.fromstring(junit.render("mini", reports).encode())
    assert (document.tests, document.failures, document.errors) == (4, 2, 0)
    assert junit.render("mini", reports) == junit.render("mini", reports)
