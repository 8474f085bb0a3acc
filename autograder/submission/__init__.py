"""Intake: what was handed in, as bytes of the files that the assignment asks for."""

from autograder.submission.discovery import discover
from autograder.submission.intake import read
from autograder.submission.model import Entry, Submission

__all__ = ["Entry", "Submission", "discover", "read"]
