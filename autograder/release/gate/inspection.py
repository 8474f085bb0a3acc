"""The static half of the gate: all that reading a bundle shows."""

from collections.abc import Iterator, Mapping

from autograder.assignment import Assignment
from autograder.release.gate import artefacts, copies, credentials, markers, reading, stubs, vault
from autograder.release.gate.machine import Traces
from autograder.release.gate.model import Kind, Leak
from autograder.release.gate.passages import Passage, blobs, unfold
from autograder.suite.seeds import course_secret


def inspect(assignment: Assignment, files: Mapping[str, bytes]) -> list[Leak]:
    """Return everything in a bundle (path -> bytes) that must not leave, sorted by place."""
    passages, leaks = reading.read(assignment, files)
    found = set(leaks)
    found.update(artefacts.check(assignment, files), stubs.check(assignment, files))
    secret = credentials.CourseSecret(course_secret(assignment.root))
    hidden, traces = vault.of(assignment), Traces(assignment.root)
    for outer in passages:
        found.update(blobs(outer), secret.find(outer))
        found.update(_of(outer, hidden, traces))
    return sorted(found, key=lambda leak: leak.order)


def _of(outer: Passage, hidden: vault.Vault, traces: Traces) -> Iterator[Leak]:
    """What a text holds, openly or wrapped up; each kind once in a place."""
    seen: set[tuple[Kind, int | None]] = set()
    for passage in unfold(outer):
        leaks = [
            leak for leak in _here(passage, hidden, traces) if (leak.kind, leak.line) not in seen
        ]
        yield from leaks
        seen.update((leak.kind, leak.line) for leak in leaks)


def _here(passage: Passage, hidden: vault.Vault, traces: Traces) -> Iterator[Leak]:
    yield from markers.find(passage)
    yield from credentials.find(passage)
    yield from traces.find(passage)
    yield from copies.find(passage, hidden)
