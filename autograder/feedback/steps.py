"""What a student should look at next: the few steps that are worth most, from the report alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from autograder.feedback.words import count, listed, sentence
from autograder.report import ExerciseResult, ExerciseStatus, Report, TestResult, TestStatus

MOST = 3

_FILE = re.compile(r"[\w.-]+\.py")
_WORK = {
    ExerciseStatus.PARTIAL: "Complete {}",
    ExerciseStatus.NOT_ATTEMPTED: "Write {}",
    ExerciseStatus.TIMEOUT: "Make {} faster",
    ExerciseStatus.OUT_OF_MEMORY: "Make {} use less memory",
}


@dataclass(frozen=True)
class Step:
    """One thing to do, why, and how many points it may bring."""

    title: str
    why: str
    gain: float
    urgent: bool = False


@dataclass(frozen=True)
class _Loss:
    """An exercise that lost points, with what waits for it."""

    result: ExerciseResult
    waiting: tuple[ExerciseResult, ...]

    @property
    def gain(self) -> float:
        """What it may bring, together with what waits for it."""
        return sum(each.points - each.score for each in (self.result, *self.waiting))


def steps(report: Report, summaries: Mapping[str, str]) -> tuple[Step, ...]:
    """At most three steps; a file that cannot be imported first, then by what they may bring."""
    losses = _losses(report.exercises)
    if losses and len(losses) == len(report.exercises) and not any(map(_begun, losses)):
        return _beginning(report, summaries)
    shared: dict[str, list[_Loss]] = {}
    found: list[Step] = []
    for loss in losses:
        if _is_shared(loss.result, report):
            shared.setdefault(_cause(loss.result), []).append(loss)
        else:
            found.append(_single(loss, summaries))
    found += [_common(group) for group in shared.values()]
    return tuple(sorted(found, key=lambda step: (not step.urgent, -step.gain))[:MOST])


def _losses(exercises: tuple[ExerciseResult, ...]) -> list[_Loss]:
    """Exercises that lost points by themselves; those that only wait stand with their cause."""
    lost = {each.name: each for each in exercises if each.score < each.points}
    waits = {name: roots for name, each in lost.items() if (roots := _roots(each, lost))}
    return [
        _Loss(each, tuple(lost[other] for other, roots in waits.items() if name in roots))
        for name, each in lost.items()
        if name not in waits
    ]


def _roots(exercise: ExerciseResult, lost: Mapping[str, ExerciseResult]) -> set[str]:
    """The exercises that it waits for in the end; empty if it has a mistake of its own."""
    failing = [test for test in exercise.tests if test.status is not TestStatus.PASSED]
    if not failing or any(test.status is not TestStatus.BLOCKED for test in failing):
        return set()
    named = {name for test in failing for name in _named(test, lost)} - {exercise.name}
    # An exercise requires earlier ones only, so this ends; a report that says otherwise is cut.
    earlier = dict(list(lost.items())[: list(lost).index(exercise.name)])
    return {
        root for name in named & earlier.keys() for root in _roots(earlier[name], earlier) or {name}
    }


def _named(test: TestResult, lost: Mapping[str, ExerciseResult]) -> Iterator[str]:
    words = re.findall(r"\w+", test.diagnosis.message) if test.diagnosis else []
    return (word for word in words if word in lost)


def _begun(loss: _Loss) -> bool:
    return loss.result.status is not ExerciseStatus.NOT_ATTEMPTED


def _is_shared(result: ExerciseResult, report: Report) -> bool:
    """Whether something of the whole file, and not of the exercise, is in the way."""
    codes = {test.diagnosis.code for test in result.tests if test.diagnosis}
    absent = any(name in result.message for name in report.submission.missing)
    return "import" in codes or result.status is ExerciseStatus.FORBIDDEN or absent


def _cause(result: ExerciseResult) -> str:
    """What exercises have in common that one step helps: the rules of a file, or a message."""
    file = _FILE.search(result.message)
    forbidden = result.status is ExerciseStatus.FORBIDDEN and file
    return f"rules {file[0]}" if file and forbidden else result.message


def _common(losses: list[_Loss]) -> Step:
    """One step for all exercises that one cause has stopped."""
    message = losses[0].result.message
    gain = sum(loss.gain for loss in losses)
    named = _FILE.search(message)
    file = f"`{named[0]}`" if named else "the file"
    names = listed([f"`{loss.result.name}`" for loss in losses])
    was = "was" if len(losses) == 1 else "were"
    status = losses[0].result.status
    if status is ExerciseStatus.FORBIDDEN:
        why = f"{sentence(message)} {sentence(f'{names} {was} not run because of it')}"
        return Step(f"Replace what the rules forbid in {file}", why, gain)
    if status is ExerciseStatus.NOT_ATTEMPTED:
        unjudged = f"{count(len(losses), 'exercise')} of it could not be judged: {names}."
        why = f"{sentence(message)} {unjudged}"
        return Step(f"Hand in {file}", why, gain)
    why = f"{sentence(message)} Until Python can load it, nothing in it can be judged: {names}."
    return Step(f"First of all, repair {file}", why, gain, urgent=True)


def _single(loss: _Loss, summaries: Mapping[str, str]) -> Step:
    result = loss.result
    title = _WORK.get(result.status, "Correct {}").format(f"`{result.name}`")
    if result.status is ExerciseStatus.NOT_ATTEMPTED:
        why = sentence(summaries.get(result.name) or "It is not written yet")
    else:
        why = sentence(result.message or "Some of its tests do not pass yet")
    if loss.waiting:
        names = listed([f"`{each.name}`" for each in loss.waiting])
        why += f" {names} {'waits' if len(loss.waiting) == 1 else 'wait'} for it."
    return Step(title, why, loss.gain)


def _beginning(report: Report, summaries: Mapping[str, str]) -> tuple[Step, ...]:
    """Nothing is written: the first exercise, then the next ones, as they build on each other."""
    first, *rest = report.exercises[:MOST]
    why = sentence(summaries.get(first.name) or "It is the first exercise")
    opening = f"{why} Every test that passes counts, so a small start already brings points."
    found = [Step(f"Begin with `{first.name}`", opening, first.points)]
    for each in rest:
        then = sentence(summaries.get(each.name) or "It comes next")
        found.append(Step(f"Then write `{each.name}`", then, each.points))
    return tuple(found)
