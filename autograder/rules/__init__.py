"""Rules of an assignment, checked on the syntax tree before anything runs.

A teaching aid first: it says which line and what to write instead. Who is bent on it can still
hide a call from it; that the library is not in the sandbox, and that results are compared on our
side, does not depend on these rules.
"""

from autograder.rules.checks import Violation, check

__all__ = ["Violation", "check"]
