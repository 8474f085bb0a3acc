"""Questions that are sent before their turn, so that nobody waits for each answer.

A later question may hold the answer to an earlier one. So only a submission whose files see nothing
but their arguments (`rules.sealed`) is asked ahead: it cannot look at what waits in the socket.
What a test will ask is known from others whom it has asked. Where it asks something else after all,
everything that was sent for it has to be asked again, in its order.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from autograder.sandbox.exchange import Question

# What is on its way has to fit into every pipe between here and the sandbox, or both sides could
# wait for each other.
MOST = 64
MOST_BYTES = 32 * 1024
FRAME_BYTES = 128  # beside the question


@dataclass(frozen=True)
class Script:
    """What a test on a module is expected to ask."""

    test: str
    module: str
    questions: tuple[Question, ...] = ()
    is_whole: bool = True  # else nobody knows what comes then


class Sending(NamedTuple):
    """A question on its way: the module is named where a test begins."""

    number: int
    module: str | None
    question: Question


class Pipeline:
    """The scripts of a submission's tests, in their order, and what was sent of them."""

    def __init__(self, scripts: Sequence[Script]) -> None:
        self._scripts = scripts
        self._place = {script.test: place for place, script in enumerate(scripts)}
        self._current = -1  # place of the test whose turn it is
        self._next = (0, 0)  # place and question to be sent next
        self._sent: deque[tuple[int, Sending]] = deque()
        self._bytes = 0  # of them

    def __bool__(self) -> bool:
        """Whether answers are on their way."""
        return bool(self._sent)

    def stop(self) -> None:
        """From here on nothing is sent ahead; what was is lost."""
        self.__init__(())  # type: ignore[misc]

    def turn_to(self, test: str) -> list[int]:
        """A test begins; numbers of the answers to earlier ones that still have to come."""
        if not self._scripts:
            return []
        self._current = self._place[test]
        self._next = max(self._next, (self._current, 0))
        stale = []
        while self._sent and self._sent[0][0] < self._current:
            stale.append(self.take())
        return stale

    def leave(self) -> list[int]:
        """The test does not follow its script; numbers of all answers that still have to come."""
        if self._current >= 0:
            self._next = (self._current + 1, 0)
        self._current = -1
        return [self.take() for _ in range(len(self._sent))]

    def expects(self, question: Question) -> bool:
        """Whether it is the next one of the current test's script."""
        if self._sent:
            place, (_, _, following) = self._sent[0]
        else:
            place, number = self._next
            script = self._scripts[place].questions if place < len(self._scripts) else ()
            if number >= len(script):
                return False
            following = script[number]
        return place == self._current and following.asks_the_same(question)

    def take(self) -> int:
        """The number of the next answer on its way."""
        _, sending = self._sent.popleft()
        self._bytes -= sending.question.size + FRAME_BYTES
        return sending.number

    @property
    def runs_low(self) -> bool:
        """Whether there is room for as much again as is on its way."""
        return 2 * len(self._sent) <= MOST and 2 * self._bytes <= MOST_BYTES

    def fill(self, last_number: int) -> list[Sending]:
        """What to send now, in its order: as much as there is room for."""
        sending: list[Sending] = []
        while len(self._sent) < MOST and (question := self._upcoming()):
            size = question.size + FRAME_BYTES
            if self._sent and self._bytes + size > MOST_BYTES:
                break
            place, number = self._next
            module = self._scripts[place].module if not number else None
            last_number += 1
            sending.append(Sending(last_number, module, question))
            self._sent.append((place, sending[-1]))
            self._bytes += size
            self._next = (place, number + 1)
        return sending

    def _upcoming(self) -> Question | None:
        """The next question to be sent; none behind a test that may ask what nobody knows."""
        place, number = self._next
        while place < len(self._scripts):
            script = self._scripts[place]
            if number < len(script.questions):
                self._next = (place, number)
                return script.questions[number]
            if not script.is_whole:
                return None
            place, number = place + 1, 0
        return None
