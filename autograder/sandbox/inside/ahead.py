"""What student code is likely to import, loaded once by the keeper: each exercise is a fork of it.

numpy loads some of its parts when they are first used, which would be in every exercise anew.
"""

import collections.abc
import copy
import dataclasses
import functools
import itertools
import math
import random
import typing

import numpy as np

from . import tensors

MODULES = (collections.abc, copy, dataclasses, functools, itertools, math, random, typing)
SEED = 0


def seed() -> None:
    """Let code that sets no seed draw the same numbers, and have the same verdict, each time."""
    random.seed(SEED)
    np.random.seed(SEED)
    # Where `default_rng()` has its first bits from.
    np.random.bit_generator.randbits = random.Random(SEED).getrandbits  # type: ignore[attr-defined]
    if library := tensors.torch():
        library.manual_seed(SEED)
