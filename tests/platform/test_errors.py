"""The exception tree."""

import copy
import pickle

import pytest

from autograder import errors


@pytest.mark.parametrize(
    "error",
    [
        errors.StaffError("wrong", where="a.toml"),
        errors.UsageError("no such thing"),
        errors.Rejected("empty archive"),
        errors.SandboxError("no worker"),
    ],
)
def test_all_belong_to_one_tree_and_cross_processes(error: errors.AutograderError) -> None:
    """Every error is an AutograderError, and says the same after pickling and copying."""
    assert isinstance(error, errors.AutograderError)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    assert str(copy.copy(error)) == str(error)


def test_a_staff_error_says_where() -> None:
    """The place stands before the message, and both can be read apart."""
    error = errors.StaffError("unknown key", where="x.toml")
    assert (str(error), error.where, error.message) == (
        "x.toml: unknown key",
        "x.toml",
        "unknown key",
    )


def test_a_staff_error_needs_no_place() -> None:
    """Without a place only the message is said."""
    assert str(errors.StaffError("no secret")) == "no secret"


def test_rejected_carries_its_reason() -> None:
    """The reason is there for the report."""
    assert errors.Rejected("The archive is empty.").reason == "The archive is empty."


def test_the_tree_is_drawn() -> None:
    """The module's docstring shows every class."""
    for name, value in vars(errors).items():
        if isinstance(value, type):
            assert name in (errors.__doc__ or "")
