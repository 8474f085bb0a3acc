"""Checks for arithmetic.py that you can run as often as you like: small cases to follow by hand.

They lead the way; they do not grade. The graded tests use other data and more kinds of it.
"""

import pytest
from arithmetic import iterations, memory_bytes, n_loads, training_time, updates


def test_iterations_of_an_epoch():
    """100 examples in mini-batches of 25 are 4 iterations; one example more makes it 5."""
    assert iterations(100, 25) == 4
    assert iterations(101, 25) == 5, "the last, smaller mini-batch counts as well"
    assert iterations(101, 25, drop_last=True) == 4, "drop_last leaves it out"


def test_iterations_of_several_epochs():
    """Every epoch has its own last mini-batch: 3 times 5, and not 303 / 25 rounded up."""
    assert iterations(101, 25, epochs=3) == 15


def test_updates_of_three_methods():
    """20 examples, mini-batches of 8, two epochs."""
    assert updates("batch", 20, 8, 2) == 2, "full-batch descent steps once an epoch"
    assert updates("sgd", 20, 8, 2) == 40, "plain SGD steps once for each example"
    assert updates("minibatch", 20, 8, 2) == 6, "three mini-batches an epoch"


def test_updates_of_an_unknown_method():
    """There is no method called newton."""
    with pytest.raises(ValueError):  # noqa: PT011  any message will do
        updates("newton", 20, 8)


def test_memory():
    """1000 RGB images of 32 x 32 in float32 and in uint8."""
    assert memory_bytes((1000, 32, 32, 3)) == 12_288_000, "4 bytes for each float32"
    assert memory_bytes((1000, 32, 32, 3), "uint8") == 3_072_000, "1 byte for each uint8"
    assert memory_bytes((), "float64") == 8, "() is the shape of a single number"


def test_loads():
    """100 GB of data through 25 GB of memory."""
    assert n_loads(100 * 10**9, 25 * 10**9) == 4
    assert n_loads(100 * 10**9 + 1, 25 * 10**9) == 5, "one byte more needs another load"


def test_time():
    """Six steps of an hour, ten of five minutes, and three of 25 minutes."""
    assert tuple(training_time(6, 60)) == (6, 0)
    assert tuple(training_time(10, 5)) == (0, 50)
    assert tuple(training_time(3, 25)) == (1, 15), "75 minutes are an hour and 15 minutes"
