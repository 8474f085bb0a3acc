"""The command line: one verb a function, thin; the work is done in the rooms below."""

from autograder.cli.command import app, main

__all__ = ["app", "main"]
