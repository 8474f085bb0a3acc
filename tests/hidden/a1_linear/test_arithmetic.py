"""Hidden checks of arithmetic.py: exact integers, rounded the right way."""

import math

import numpy as np

from autograder.suite import exercise, raises


def together(cases, mistakes_of):
    """Suspects for all cases at once: a mistake has to explain every result."""
    each = [mistakes_of(*case) for case in cases]
    return {
        sentence: lambda sentence=sentence: tuple(values[sentence] for values in each)
        for sentence in each[0]
    }


def judge(exact, function, right, cases, mistakes_of):
    """Hold the function's results for all cases against the right ones."""
    got = tuple(function(*case) for case in cases.values())
    want = tuple(right(*case) for case in cases.values())
    suspects = together(cases.values(), mistakes_of)
    # What a mistake leaves right is no sign of it.
    suspects = {text: wrong for text, wrong in suspects.items() if wrong() != want}
    exact(got, want, names=[f"the result for {name}" for name in cases], suspects=suspects)


def awkward(rng):
    """A number of examples, a smaller mini-batch that does not divide it, and some epochs."""
    batch = int(rng.integers(9, 30))
    # Rests below a half and above it over some epochs tell all ways of rounding apart.
    n = batch * int(rng.integers(4, 9)) + int(rng.integers(1, batch // 2))
    return n, batch, int(rng.integers(3, 7))


def iteration_mistakes(n, batch, epochs=1, drop_last=False):
    """Wrong numbers of iterations by the mistake behind them."""
    up, down = -(-n // batch), n // batch
    right = down if drop_last else up
    return {
        "At least one iteration an epoch is counted; with drop_last it can be none.": (
            epochs * max(right, 1)
        ),
        "The last, smaller mini-batch is left out, though drop_last is not set.": epochs * down,
        "The last, smaller mini-batch is counted, though drop_last is set.": epochs * up,
        "drop_last works the wrong way round.": epochs * (up if drop_last else down),
        "The epochs are left out.": right,
        "The epochs are added; multiply by them.": epochs + right,
        "Epochs do not run into each other: each ends with a mini-batch of its own.": (
            n * epochs // batch if drop_last else -(-n * epochs // batch)
        ),
        "The quotient is rounded to the nearest; drop_last decides between up and down.": (
            epochs * round(n / batch)
        ),
        "The quotient is rounded to the nearest; round up, so that all examples are seen.": (
            epochs * (down if drop_last else round(n / batch))
        ),
        "One more is counted even where the mini-batches come out even.": (
            epochs * (down if drop_last else down + 1)
        ),
        "These are no whole numbers: round up, or down with drop_last.": epochs * n / batch,
    }


@exercise("iterations", weight=2)
def test_iterations(student, reference, rng, exact):
    """Mini-batches that come out even, that do not, over several epochs, and with drop_last."""
    n, batch, epochs = awkward(rng)
    even = batch * int(rng.integers(3, 9))
    cases = {
        "one epoch": (n, batch, 1, False),
        "several epochs": (n, batch, epochs, False),
        "a large rest": (even - 1, batch, 1, False),
        "several epochs with drop_last": (n, batch, epochs, True),
        "a large rest with drop_last": (even - 1, batch, epochs, True),
        "mini-batches that come out even": (even, batch, epochs, False),
        "mini-batches that come out even, with drop_last": (even, batch, epochs, True),
        "less than a mini-batch": (batch - 1, batch, epochs, False),
    }
    judge(exact, student.iterations, reference.iterations, cases, iteration_mistakes)


@exercise("iterations")
def test_iterations_of_less_than_a_mini_batch(student, reference, rng, exact):
    """With drop_last, fewer examples than a mini-batch give none; what may be left out."""
    n, batch, epochs = awkward(rng)
    cases = {
        "less than a mini-batch, with drop_last": (batch - 1, batch, epochs, True),
        "n and batch alone": (n, batch),
        "n, batch and epochs alone": (n, batch, epochs),
    }
    judge(exact, student.iterations, reference.iterations, cases, iteration_mistakes)


def update_mistakes(method, n, batch, epochs=1):
    """Wrong numbers of updates by the mistake behind them."""
    up, down = -(-n // batch), n // batch

    def of(full, single, mini):
        return {"batch": full, "sgd": single, "minibatch": mini}[method]

    return {
        "The epochs are left out.": of(1, n, up),
        "The last, smaller mini-batch changes the weights too.": epochs * of(1, n, down),
        "One more is counted even where the mini-batches come out even.": (
            epochs * of(1, n, down + 1)
        ),
        "Epochs do not run into each other: each ends with its own smaller mini-batch.": (
            of(epochs, n * epochs, -(-n * epochs // batch))
        ),
        "Full-batch descent makes one step an epoch, and plain SGD one for each example: these "
        "two are swapped.": epochs * of(n, 1, up),
        "Plain SGD makes a step for each example, not for each mini-batch.": (
            epochs * of(1, up, up)
        ),
        "Full-batch descent makes one step an epoch, not one for each mini-batch.": (
            epochs * of(up, n, up)
        ),
        "There is one step for each mini-batch, not for each example in one.": (
            epochs * of(1, n, batch)
        ),
        "Full-batch descent makes a step in each epoch, not one in all.": (
            of(1, n * epochs, up * epochs)
        ),
    }


@exercise("updates", weight=2)
def test_updates(student, reference, rng, exact):
    """Full-batch, one by one and in mini-batches, over several epochs."""
    n, batch, epochs = awkward(rng)
    cases = {
        "full-batch descent": ("batch", n, batch, epochs),
        "plain SGD": ("sgd", n, batch, epochs),
        "mini-batches": ("minibatch", n, batch, epochs),
        "mini-batches that come out even": ("minibatch", 5 * batch, batch, epochs),
        "mini-batches when epochs is left out": ("minibatch", n, batch),
    }
    judge(exact, student.updates, reference.updates, cases, update_mistakes)


@exercise("updates")
def test_updates_of_unknown_method(student, rng):
    """Raises ValueError for a method that does not exist."""
    with raises(ValueError, "updates should raise ValueError for an unknown method."):
        student.updates("adam", *awkward(rng))


def memory_mistakes(shape, dtype="float32"):
    """Wrong numbers of bytes by the mistake behind them."""
    count, width = int(np.prod(shape, dtype=np.int64)), np.dtype(dtype).itemsize
    return {
        "This is the number of elements; each takes the bytes of its dtype.": count,
        "These are bits; a byte has eight.": 8 * count * width,
        "The dtype is ignored: four bytes an element.": 4 * count,
        "The dtype is ignored: eight bytes an element.": 8 * count,
        "The sizes of the axes are added; multiply them.": sum(shape) * width,
        "Only the first axis is counted.": shape[0] * width if shape else width,
        "The last axis is left out.": int(np.prod(shape[:-1], dtype=np.int64)) * width,
        "A shape of () is a single number, not none.": count * width if shape else 0,
    }


@exercise("memory_bytes")
def test_memory_bytes(student, reference, rng, exact):
    """Arrays of several shapes and dtypes, a single number, none at all, and one of exabytes."""
    shape = tuple(int(n) for n in rng.integers(3, 9, 3))
    cases = {
        "float64": (shape, "float64"),
        "float16": (shape, "float16"),
        "two axes of uint8": (shape[:2], "uint8"),
        "a single number": ((), "int64"),
        "an empty array": ((shape[0], 0), "float32"),
        "an array that no computer could hold": ((2**19 + 1, 2**19 + 3, 2**19 - 1), "float16"),
        "no dtype": (shape,),
    }
    judge(exact, student.memory_bytes, reference.memory_bytes, cases, memory_mistakes)


def load_mistakes(total, ram):
    """Wrong numbers of loads by the mistake behind them."""
    up, down = -(-total // ram), total // ram
    return {
        "The last piece, smaller than the memory, is left out.": down,
        "One piece more is counted even where they come out even.": down + 1,
        "The quotient is rounded to the nearest; a rest needs another load.": round(total / ram),
        "These are no whole numbers: round up.": total / ram,
        "No data needs no loading.": max(up, 1),
        "The memory is divided by the data; it is the other way round.": -(-ram // max(total, 1)),
    }


@exercise("n_loads", weight=2)
def test_n_loads(student, reference, rng, exact):
    """Pieces that come out even, pieces that do not, less than one piece, and no data."""
    ram = int(rng.integers(11, 40))
    many = ram * int(rng.integers(4, 9))
    cases = {
        "pieces that come out even": (many, ram),
        "one byte more": (many + 1, ram),
        "one byte less": (many - 1, ram),
        "less than one piece": (ram - 1, ram),
        "no data": (0, ram),
    }
    judge(exact, student.n_loads, reference.n_loads, cases, load_mistakes)


@exercise("n_loads")
def test_n_loads_of_large_numbers(student, rng, exact, check):
    """Exact also where a float has lost the last digits."""
    ram, pieces = int(rng.integers(11, 40)), 2 * 10**16 + 2 * int(rng.integers(10**6))
    total = ram * pieces + 1  # one piece more than an even number of them: no float is that odd
    got = student.n_loads(total, ram)
    lost = isinstance(got, int | float) and got == math.ceil(total / ram)
    check(not lost, "The quotient goes through a float, which loses digits of large numbers.")
    exact(got, pieces + 1)


def time_mistakes(steps, minutes):
    """Wrong times by the mistake behind them."""
    total = steps * minutes
    hours, rest = divmod(total, 60)
    return {
        "Hours and minutes are swapped.": (rest, hours),
        "The minutes are those of the whole run; take off the whole hours.": (hours, total),
        "Days are taken off the hours; they may be more than 24.": (hours % 24, rest),
        "An hour has 60 minutes, not 100.": divmod(total, 100),
        "The steps are left out: this is the time of one.": divmod(minutes, 60),
        "The steps and their minutes are added; multiply them.": divmod(steps + minutes, 60),
        "The hours are not whole: round them down.": (total / 60, rest),
        "The hours are rounded to the nearest: round them down.": (round(total / 60), rest),
    }


@exercise("training_time")
def test_training_time(student, reference, rng, exact):
    """Whole hours, less than an hour, hours and minutes, more than a day, no step at all."""
    steps, minutes = (int(n) for n in rng.integers(11, 50, 2))
    cases = {
        "steps of an hour": (steps, 60),
        "less than an hour": (5, 7),
        "hours and minutes": (steps, 2 * minutes + 1),
        "more than a day": (30 * steps, 97),
        "no step": (0, minutes),
    }
    judge(exact, student.training_time, reference.training_time, cases, time_mistakes)
