"""One lane of an audit: a process that collects the suite once and performs task after task.

It is told its setup and then one task a line, as JSON on stdin, and answers with one line each on
what was its stdout.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
from pydantic import BaseModel

from autograder import assignment as assignments
from autograder.audit.bench import Bench
from autograder.audit.tasks import ASK, Broken, Ready, Setup
from autograder.errors import AutograderError, SandboxError
from autograder.sandbox.inside.confine import die_with_parent
from autograder.suite.plugin import Suite, run_session


def main() -> None:
    """Serve the tasks on stdin until it ends."""
    die_with_parent()
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # whatever else is printed goes nowhere
    warnings.simplefilter("ignore")  # mutants overflow and divide by zero
    np.seterr(all="ignore")

    def say(answer: BaseModel) -> None:
        print(answer.model_dump_json(), file=answers, flush=True)

    try:
        serve(Setup.model_validate_json(sys.stdin.readline()), say)
    except SandboxError as error:
        sys.exit(str(error))  # no answer: the near end tries again
    except AutograderError as error:
        say(Broken(message=str(error)))


def serve(setup: Setup, say: Callable[[BaseModel], None]) -> None:
    """Collect the suite, say so, and answer one task after the other."""

    def drive(suite: Suite) -> None:
        bench = Bench(suite, setup)
        say(Ready())
        try:
            for line in sys.stdin:
                say(bench.perform(ASK.validate_json(line)))
        finally:
            bench.close()

    course = assignments.load(setup.slug, Path(setup.root))
    run_session(course, setup.seed.encode(), drive)
