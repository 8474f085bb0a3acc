"""Runs visible checks from the notebook: its check cells call `check`."""

import os
import subprocess
import sys
from pathlib import Path

OPTIONS = ["-q", "--no-header", "--tb=short", "-p", "no:cacheprovider"]


def check(*names: str) -> None:
    """Run these checks of `tests/` on the files beside this one; AssertionError when one fails."""
    command = [sys.executable, "-m", "pytest", *OPTIONS, *names]
    here = Path(__file__).resolve().parent
    speaking = os.environ | {"PYTHONIOENCODING": "utf-8"}  # on Windows, too
    done = subprocess.run(command, cwd=here, env=speaking, capture_output=True, check=False)
    print((done.stdout + done.stderr).decode("utf-8", "replace"))
    if done.returncode:
        raise AssertionError("not all of these checks pass yet: what they say stands above")
