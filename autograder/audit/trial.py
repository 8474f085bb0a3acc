"""The audit of one assignment: plan, try, judge.

    audit(assignment, starter_code) -> Audit

`starter_code` comes from outside, since what makes it stands above this room.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from autograder.assignment import Assignment
from autograder.audit import feedback, kills, lanes, plan, slips, steadiness, vacuity
from autograder.audit.model import (
    Audit,
    Check,
    Feedback,
    Finding,
    GenericTrial,
    Headroom,
    Outcome,
    Stability,
    Trial,
    Vacuous,
    VariantTrial,
)
from autograder.audit.plan import REFERENCE, STARTER, Effort, Plan
from autograder.audit.tasks import Ask, Graded, Held, Judged, Noticed, Reply
from autograder.report import Report, TestStatus

Kind = TypeVar("Kind", Graded, Judged, Noticed, Held)
HANGS = ("(it hangs or ends the process)",)
Progress = Callable[[int, int, Ask], None]


def audit(
    assignment: Assignment,
    starter: Mapping[str, str],
    effort: Effort | None = None,
    progress: Progress | None = None,
) -> Audit:
    """Put the assignment's hidden suite on trial; a reference that fails ends it at once."""
    started = time.monotonic()
    planned = plan.make(assignment, starter, effort or Effort())
    answers: dict[str, Reply | None] = {}

    def told(ask: Ask, reply: Reply | None) -> bool:
        answers[ask.id] = reply
        if progress is not None:
            progress(len(answers), len(planned.asks), ask)
        return ask.id != REFERENCE or _is_full(reply)

    goes_on = lanes.run(planned.setup, planned.asks, told)
    results = Results(planned, answers)
    return results.audit(started) if goes_on else results.stopped(started)


@dataclass(frozen=True)
class Results:
    """The answers to a plan's tasks, and what follows from them."""

    plan: Plan
    answers: Mapping[str, Reply | None]

    def stopped(self, started: float) -> Audit:
        """What is known when the reference fails: nothing else would mean anything."""
        lost = (
            f"the reference fails {test.id}: {test.diagnosis.message if test.diagnosis else ''}"
            for exercise in self._report(REFERENCE).exercises
            for test in exercise.tests
            if test.status is not TestStatus.PASSED
        )
        gaps = tuple(Finding(check=Check.REFERENCE, what=what) for what in lost)
        return self._bare(started).model_copy(update={"gaps": gaps})

    def audit(self, started: float) -> Audit:
        """Everything that has been found."""
        found = {
            "trials": self.trials,
            "variants": self.variants,
            "generic": self.generic,
            "stability": self.stability,
            "headroom": self.headroom,
            "vacuity": self.vacuity,
            "feedback": self.feedback,
            "gaps": tuple(self._gaps()),
            "warnings": tuple(self._warnings()),
        }
        return self._bare(started).model_copy(update=found)

    def _bare(self, started: float) -> Audit:
        assignment, reference = self.plan.assignment, self._report(REFERENCE)
        return Audit(
            assignment=assignment.slug,
            title=assignment.title,
            suite=reference.suite,
            seconds=round(time.monotonic() - started, 1),
            tests={e.name: tuple(test.id for test in e.tests) for e in reference.exercises},
            reference=reference.score or 0.0,
            starter=self._report(STARTER).score if STARTER in self.answers else None,
        )

    @cached_property
    def judged(self) -> dict[str, Judged]:
        """The verdicts on mutants and variants."""
        lineup = self.plan.lineup
        changes = (*lineup.mutants, *lineup.variants)
        return {change.id: _as(Judged, self.answers[change.id]) for change in changes}

    @cached_property
    def trials(self) -> tuple[Trial, ...]:
        """Every mutant."""
        return tuple(kills.trial(m, self.judged[m.id]) for m in self.plan.lineup.mutants)

    @cached_property
    def variants(self) -> tuple[VariantTrial, ...]:
        """Every right variant."""
        return tuple(kills.variant_trial(v, self.judged[v.id]) for v in self.plan.lineup.variants)

    @cached_property
    def noticed(self) -> dict[str, tuple[str, ...]]:
        """Which tests caught each generic mutation; a lost lane is a catch, too."""
        replies = {slip.id: self.answers[slip.id] for slip in self.plan.slips}
        return {
            name: HANGS if reply is None else _as(Noticed, reply).tests
            for name, reply in replies.items()
        }

    @cached_property
    def generic(self) -> GenericTrial:
        """The generic number."""
        return slips.judge(self.noticed, self.plan.made, self.plan.equivalents)

    @cached_property
    def held(self) -> dict[int, Held]:
        """The answers of every seed."""
        seeds = range(self.plan.seeds)
        return {seed: _as(Held, self.answers[plan.steady_id(seed)]) for seed in seeds}

    @cached_property
    def stability(self) -> Stability:
        """False failures."""
        threads = {seed: plan.threads_of(seed) for seed in self.held}
        return steadiness.stability(self.held, threads, len(self.plan.setup.rights))

    @cached_property
    def headroom(self) -> tuple[Headroom, ...]:
        """Every comparison's tolerance."""
        right = (shown for held in self.held.values() for shown in held.shown)
        mutants = self.plan.lineup.mutants
        wrong = (shown for mutant in mutants for shown in self.judged[mutant.id].shown)
        survivors = {trial.id for trial in self.trials if trial.outcome is Outcome.SURVIVED}
        return tuple(steadiness.headroom(right, wrong, survivors))

    @cached_property
    def vacuity(self) -> tuple[Vacuous, ...]:
        """Tests that prove nothing."""
        tests = {e.name: [test.id for test in e.tests] for e in self._report(REFERENCE).exercises}
        called = (test for held in self.held.values() for test in held.called)
        catches = [*(trial.caught_by for trial in self.trials), *self.noticed.values()]
        needed = (test for variant in self.plan.lineup.variants for test in variant.needs)
        return tuple(vacuity.find(tests, self._passed_on_starter(), called, catches, needed))

    @cached_property
    def feedback(self) -> Feedback:
        """What students would read."""
        again = {name: judged.again or () for name, judged in self.judged.items()}
        return feedback.judge(self.trials, again, self.plan.assignment.hidden)

    def _gaps(self) -> Iterator[Finding]:
        yield from kills.gaps(self.plan.assignment, self.trials, self.variants)
        starter = self._report(STARTER).score if STARTER in self.answers else 0.0
        if starter:
            said = f"the untouched starter gets {starter:g} points"
            yield Finding(check=Check.STARTER, what=said)
        yield from slips.gaps(self.generic)
        yield from steadiness.stability_gaps(self.stability)
        yield from vacuity.findings(self.vacuity, hints=False)
        yield from feedback.gaps(self.feedback)

    def _warnings(self) -> Iterator[Finding]:
        yield from kills.warnings(self.plan.assignment, self.variants)
        yield from slips.warnings(self.generic)
        yield from steadiness.headroom_warnings(self.headroom)
        yield from vacuity.findings(self.vacuity, hints=True)

    def _passed_on_starter(self) -> Iterable[str]:
        if STARTER not in self.answers:
            return []
        tests = (test for each in self._report(STARTER).exercises for test in each.tests)
        return [test.id for test in tests if test.status is TestStatus.PASSED]

    def _report(self, name: str) -> Report:
        return _as(Graded, self.answers[name]).report


def _is_full(reply: Reply | None) -> bool:
    return isinstance(reply, Graded) and reply.report.score == reply.report.max_score


def _as(kind: type[Kind], reply: Reply | None) -> Kind:
    assert isinstance(reply, kind)
    return reply
