"""What a hidden suite is written with: `exercise` marks a test, `raises` expects an error."""

from autograder.suite.marks import exercise, raises

__all__ = ["exercise", "raises"]
