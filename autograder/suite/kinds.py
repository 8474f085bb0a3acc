"""What a value is: in words, and as numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograder.sandbox.inside.tensors import Tensor, by_value
from autograder.suite.remote import Remote, kind_of_remote

Names = str | Sequence[str] | None
NUMBERS = (int, float, np.floating, np.integer)


def numbers(value: Any) -> Any:
    """The array of a tensor, ours or torch's; anything else as it is."""
    value = by_value(value)
    return value.array if type(value) is Tensor else value


def kind_of(value: Any) -> str:
    """What a value is, in words; types that student code made up are `an object`."""
    if isinstance(value, Remote):
        return kind_of_remote(value)
    if value is None or isinstance(value, (bool, np.bool_)):
        return "None" if value is None else "a truth value"
    if type(by_value(value)) is Tensor:
        return "a tensor"
    words = {int: "an integer", float: "a number", str: "a text", np.ndarray: "a numpy array"}
    for kind, word in words.items():
        if isinstance(value, kind):
            return word
    if isinstance(value, (np.integer, np.floating)):
        return "an integer" if isinstance(value, np.integer) else "a number"
    return f"a {type(value).__name__}" if type(value) in (tuple, list, dict) else "an object"
