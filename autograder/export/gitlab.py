"""GitLab's Code Quality report: a finding for each remark about a line."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from autograder.export.remarks import Remark, Sources
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
    path = _path(remark, sources)
    told = json.dumps([remark.student, remark.exercises, path, remark.message])
    seen[told] += 1
    return {
        "description": f"{remark.about}: {remark.message}",
        "check_name": f"autograder.{remark.status}",
        "fingerprint": hashlib.sha256(f"{told} {seen[told]}".encode()).hexdigest(),
        "severity": _SEVERITY.get(remark.status, "major"),
        "location": {"path": path, "lines": {"begin": remark.line}},
    }


def _path(remark: Remark, sources: Sources | None) -> str:
    """A finding must have a path: the file, else what was handed in, else the student's name."""
    file, entry = remark.file, ""
    if sources is not None:
        file = sources.file(remark.student, remark.file)
        entry = sources.entry(remark.student)
    return file or entry or remark.student
