"""Runs visible checks from the notebook: its check cells call `check`."""

import subprocess
import sys
from pathlib import Path

OPTIONS = ["-q", "--no-header", "--tb=short", "-p", "no:cacheprovider"]


def check(*names: str) -> None:
    """Run these checks of `tests/` on the files beside this one; AssertionError when one fails."""
    command = [sys.executable, "-m", "pytest", *OPTIONS, *names]
    here = Path(__file__).resolve().parent
    done = subprocess.run(command, cwd=here, capture_output=True, text=True, check=False)
    print(done.stdout + done.stderr)
    if done.returncode:
        raise AssertionError("not all of these checks pass yet: what they say stands above")
