"""GitLab's Code Quality report: a finding for each remark about a line."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from autograder.export.formats.remarks import Remark, Sources
from autograder.report import ExerciseStatus

_SEVERITY = {
    ExerciseStatus.PARTIAL: "minor",
    ExerciseStatus.FAILED: "major",
    ExerciseStatus.FORBIDDEN: "critical",
    ExerciseStatus.PROTOCOL_ERROR: "blocker",
}


def render(remarks: Sequence[Remark], sources: Sources | None = None) -> str:
    """Return the findings as JSON.

    A fingerprint is made without the line, so that a finding stays the same one when lines above
    it come or go; the second finding of the same words gets another one.
    """
    seen: Counter[str] = Counter()
    findings = [_finding(remark, sources, seen) for remark in remarks]
    return json.dumps(findings, indent=2, ensure_ascii=False) + "\n"


def _finding(remark: Remark, sources: Sources | None, seen: Counter[str]) -> dict[str, Any]:
    path, line = _place(remark, sources)
    told = json.dumps([remark.student, remark.exercises, path, remark.message])
    seen[told] += 1
    return {
        "description": f"{remark.about}: {remark.message}",
        "check_name": f"autograder.{remark.status}",
        "fingerprint": hashlib.sha256(f"{told} {seen[told]}".encode()).hexdigest(),
        "severity": _SEVERITY.get(remark.status, "major"),
        "location": {"path": path, "lines": {"begin": line}},
    }


def _place(remark: Remark, sources: Sources | None) -> tuple[str, int]:
    """A finding must have a path: the file, else what was handed in, else the student's name."""
    file = remark.file if sources is None else sources.file(remark.student, remark.file)
    if file:
        return file, remark.line
    entry = "" if sources is None else sources.entry(remark.student)
    return entry or remark.student, 1
