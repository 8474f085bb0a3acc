"""Where a hidden test's random data come from: a course secret and the test's own name."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path

import numpy as np

from autograder.errors import StaffError

VARIABLE = "AUTOGRADER_SECRET"
FILE = ".autograder-secret"


def course_secret(root: Path) -> bytes:
    """The course's secret: from the environment, else from a file that is made once."""
    if told := os.environ.get(VARIABLE):
        return told.encode()
    path = root / FILE
    try:
        if not path.exists():
            _make(path)
        secret = path.read_bytes().strip()
    except OSError as error:
        raise StaffError(f"the course's secret: {error.strerror}", where=path) from error
    if not secret:
        raise StaffError("the course's secret is empty: remove the file", where=path)
    return secret


def _make(path: Path) -> None:
    """Make the secret as a whole: whoever comes at the same time finds all of it, or nothing."""
    part = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_hex(32).encode() + b"\n")
    with suppress(FileExistsError):
        os.link(part, path)
    part.unlink()


def seed_of(secret: bytes, name: str) -> int:
    """A test's seed: the same for every student, unknowable without the secret."""
    return int.from_bytes(hmac.digest(secret, name.encode(), hashlib.sha256)[:16], "big")


def rng_of(seed: int) -> np.random.Generator:
    """A fresh generator, so that a test draws the same data for every student."""
    return np.random.Generator(np.random.PCG64(seed))
