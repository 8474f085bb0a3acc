"""What a keeper does before it serves anybody."""

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import signal
from autograder.sandbox.inside import keeper
from autograder.sandbox.inside.line import Closed
class Hung:
    def receive(self): raise Closed
keeper.main(Hung())
print([number.name for number in signal.valid_signals() & set(signal.Signals)
       if callable(signal.getsignal(number))])
"""


def test_a_keeper_handles_no_signal() -> None:
    """The kernel keeps from process 1 what it does not handle; Python would handle SIGINT."""
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", PROGRAM]
    ended = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"
