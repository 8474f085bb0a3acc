"""GitLab's findings have what GitLab asks for, and keep their identity."""

import json
from dataclasses import replace
from typing import Any

import pytest
from exports import AWKWARD
from jsonschema import validate

from autograder.export.formats import gitlab
from autograder.export.formats.remarks import Remark
from autograder.report import ExerciseStatus

# What GitLab's documentation lists as required.
SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "minLength": 1, "not": {"pattern": "^\\./"}},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}
WRONG = Remark("ann", ("double",), ExerciseStatus.FAILED, 3.0, "Wrong.", "basics.py", 7)


def findings(*remarks: Remark) -> list[dict[str, Any]]:
    """Validate the report, and read it."""
    found: list[dict[str, Any]] = json.loads(gitlab.render(remarks))
    validate(found, SCHEMA)
    return found


def test_a_finding() -> None:
    """Says what, where, and how bad it is."""
    (found,) = findings(WRONG)
    assert found["description"] == "double: Wrong."
    assert found["check_name"] == "autograder.failed"
    assert found["severity"] == "major"
    assert found["location"] == {"path": "basics.py", "lines": {"begin": 7}}


def test_no_findings() -> None:
    """Are an empty list, and no missing file."""
    assert findings() == []


@pytest.mark.parametrize("status", ExerciseStatus)
def test_each_status_is_severe_in_some_way(status: ExerciseStatus) -> None:
    """GitLab knows five words."""
    assert findings(replace(WRONG, status=status))


def test_a_finding_that_moves_is_the_same() -> None:
    """Lines above it come and go."""
    (here,), (there,) = findings(WRONG), findings(replace(WRONG, line=70))
    assert here["fingerprint"] == there["fingerprint"]


def test_two_findings_are_two() -> None:
    """Of the same words, of another student, or in another file."""
    others = [
        WRONG,
        replace(WRONG, line=8),
        replace(WRONG, student="bob"),
        replace(WRONG, file="b.py"),
    ]
    assert len({each["fingerprint"] for each in findings(*others)}) == 4


def test_what_is_about_no_file() -> None:
    """Is about the student's hand-in: GitLab shows nothing without a path."""
    (found,) = findings(replace(WRONG, file="", exercises=()))
    assert found["location"] == {"path": "ann", "lines": {"begin": 1}}


@pytest.mark.parametrize("text", AWKWARD)
def test_words_come_back(text: str) -> None:
    """Whatever they hold."""
    (found,) = findings(replace(WRONG, message=text, student=text))
    assert found["description"] == f"double: {text}"
