"""Lane processes side by side; one that hangs or dies is replaced, and its task has no answer."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence

from autograder.audit.tasks import REPLY, Ask, Broken, Reply, Setup, Slip, Steady
from autograder.errors import SandboxError, StaffError
from autograder.sandbox.environment import THREADS

START_S, END_S = 120.0, 5.0
TASK_S = {"grade": 300.0, "try": 120.0, "slip": 60.0, "steady": 300.0}
# -P: the folder where the command was given may hold a `numpy.py` of its own.
COMMAND = [sys.executable, "-P", "-c", "from autograder.audit.lane import main; main()"]
BLAS_THREADS = (1, 2)  # one lane each

Done = tuple[Ask, Reply | None] | BaseException
Told = Callable[[Ask, Reply | None], bool]  # None where the lane was lost; whether to go on


def run(setup: Setup, asks: Sequence[Ask], told: Told) -> bool:
    """Perform all tasks; stop as soon as `told`, which gets each answer, says no."""
    work, lanes = _Work(asks), [_Lane(setup, threads) for threads in BLAS_THREADS]
    done: queue.SimpleQueue[Done] = queue.SimpleQueue()
    threads = [threading.Thread(target=_serve, args=[lane, work, done]) for lane in lanes]
    for thread in threads:
        thread.start()
    finished = False
    try:
        for _ in asks:
            result = done.get()
            if isinstance(result, BaseException):
                raise result
            if not told(*result):
                return False
        finished = True
        return True
    finally:
        work.stop()
        for lane, thread in zip(lanes, threads, strict=True):
            if not finished:
                lane.kill()
            thread.join()


def _serve(lane: _Lane, work: _Work, done: queue.SimpleQueue[Done]) -> None:
    """Perform one task after the other; a lane does not outlive the thread that started it."""
    try:
        while (ask := work.next(lane.threads)) is not None:
            done.put((ask, lane.perform(ask)))
    except BaseException as error:  # noqa: BLE001 - handed over to the thread that waits
        done.put(error)
    finally:
        lane.close()


class _Work:
    """What is left to do: steady tasks wait for the lane with their number of threads."""

    def __init__(self, asks: Sequence[Ask]) -> None:
        self._lock = threading.Lock()
        steady = [ask for ask in asks if isinstance(ask, Steady)]
        self._own = {n: deque[Ask](a for a in steady if a.threads == n) for n in BLAS_THREADS}
        self._shared = deque[Ask](ask for ask in asks if not isinstance(ask, Steady))

    def next(self, threads: int) -> Ask | None:
        """The next task for the lane with so many threads; None when there is no more."""
        with self._lock:
            if self._shared:
                return self._shared.popleft()
            return self._own[threads].popleft() if self._own[threads] else None

    def stop(self) -> None:
        """Nothing is left to do."""
        with self._lock:
            for left in (self._shared, *self._own.values()):
                left.clear()


class _Lane:
    """The near end of one lane process, started when the first task comes."""

    def __init__(self, setup: Setup, threads: int) -> None:
        self.threads = threads
        self._setup = setup
        self._process: subprocess.Popen[str] | None = None
        self._over = threading.Event()  # nothing is started any more

    def perform(self, ask: Ask) -> Reply | None:
        """The answer; a lost lane is a verdict on a generic mutation only, others get another."""
        answer = self._ask(ask)
        if answer is None and not isinstance(ask, Slip):
            answer = self._ask(ask)
            if answer is None and not self._over.is_set():
                raise SandboxError(f"the lane that tried {ask.id} was lost, twice")
        return answer

    def close(self) -> None:
        """Let the idle process end itself and its sandbox; end it where it does not."""
        process, self._process = self._process, None
        if process is None:
            return
        try:
            process.communicate(timeout=END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()

    def kill(self) -> None:
        """End the process whatever it is doing; its sandbox ends with it."""
        self._over.set()
        if self._process is not None:
            self._process.kill()

    def _ask(self, ask: Ask) -> Reply | None:
        if self._over.is_set():
            return None
        if self._process is None:
            self._process = self._start()
            if self._over.is_set():  # it was, while this one started
                self._process.kill()
            if self._exchange(self._process, self._setup.model_dump_json(), START_S) is None:
                raise StaffError("an audit's lane did not start; what it said stands above")
        return self._exchange(self._process, ask.model_dump_json(), TASK_S[ask.kind])

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            COMMAND,
            env=os.environ | dict.fromkeys(THREADS, str(self.threads)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,  # an interrupt is the near end's to deal with
        )

    def _exchange(self, process: subprocess.Popen[str], line: str, limit: float) -> Reply | None:
        """Say a line and read the answer; where none comes in time, the process is ended."""
        assert process.stdin is not None
        assert process.stdout is not None
        timer = threading.Timer(limit, process.kill)
        timer.daemon = True
        timer.start()
        try:
            process.stdin.write(line + "\n")
            process.stdin.flush()
            said = process.stdout.readline()
        except OSError:
            said = ""
        finally:
            timer.cancel()
        if not said.endswith("\n"):
            self.close()
            return None
        answer = REPLY.validate_json(said)
        if isinstance(answer, Broken):
            raise StaffError(answer.message)
        return answer
