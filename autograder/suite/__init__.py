"""What a hidden suite is written with: `exercise` marks a test, `raises` expects an error."""

from autograder.suite.marks import exercise, raises
from autograder.suite.remote import each

__all__ = ["each", "exercise", "raises"]
