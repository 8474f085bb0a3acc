"""Each famous mistake is recognised, and told in a sentence that teaches and gives nothing away."""

import numpy as np
import pytest

from autograder.suite.compare import close
from autograder.suite.diagnosis import Code, Mismatch, magnitude

RNG = np.random.default_rng(7)
W = RNG.normal(size=(5, 7))
X = RNG.normal(size=(2, 6, 6))
S = RNG.normal(size=(4, 4))
INSIDE = np.zeros((6, 6), bool)
INSIDE[1:-1, 1:-1] = True
ROW = np.arange(5)[:, None]

CASES = {
    "N times": (W * 5, W, Code.SCALED, "N times too large: is a division by N missing?"),
    "1/N": (W / 5, W, Code.SCALED, "1/N of what it should be: is it divided by N once too often?"),
    "N * C": (W * 35, W, Code.SCALED, "(N * C) times too large"),
    "N, other sign": (W * -5, W, Code.SCALED, "N times too large: is a division by N missing? and"),
    "twice": (W * 2, W, Code.SCALED, "2 times too large: is a factor 1/2 missing"),
    "half": (W / 2, W, Code.SCALED, "half of what it should be: is a factor 2 missing"),
    "a constant": (W * 1.7, W, Code.SCALED, "off by a constant factor"),
    "sign": (-W, W, Code.SIGN, "has the wrong sign"),
    "zero": (W * 0, W, Code.ZERO, "is zero everywhere"),
    "shift": (W + 0.3, W, Code.OFFSET, "differs by the same amount everywhere"),
    "transposed": (S.T.copy(), S, Code.TRANSPOSED, "is transposed"),
    "reversed": (W[:, ::-1].copy(), W, Code.REVERSED, "is in reversed order along an axis"),
    "border": (np.where(INSIDE, X, X + 1), X, Code.BORDER, "is right inside and wrong at the"),
    "last": (np.where(ROW == 4, W * 3, W), W, Code.LAST, "is wrong only in the last place"),
    "first": (np.where(ROW == 0, W * 3, W), W, Code.FIRST, "is wrong only in the first place"),
    "partly": (np.where(W > 1, 0, W), W, Code.PARTLY, "is wrong in a few of its entries"),
    "half of them": (np.where(W > 0, W**3, W), W, Code.PARTLY, "is wrong in about half of"),
    "float32": (W.astype("f4").astype("f8"), W, Code.PRECISION, "is right to single precision"),
    "otherwise": (W**3, W, Code.DIFFERS, "differs: the error is"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_each_mistake_has_its_sentence(case: str) -> None:
    """Code and sentence name the likely cause."""
    got, want, code, said = CASES[case]
    with pytest.raises(Mismatch) as difference:
        close(got, want, names="dx", axes={"dx": "N C"} if want is W else None)
    assert difference.value.code is code
    assert said in difference.value.message


def test_other_sizes_can_be_named() -> None:
    """A ratio is told by the name of a size that the test gives."""
    with pytest.raises(Mismatch, match="is H times too large"):
        close(W * 11, W, sizes={"H": 11})


def test_small_sizes_name_no_factor() -> None:
    """A factor of two is a two, also where N happens to be two."""
    with pytest.raises(Mismatch, match="2 times too large"):
        close(W[:2] * 2, W[:2], axes="N C")


def test_a_single_wrong_number_is_no_offset() -> None:
    """One number always differs by a constant; that says nothing."""
    with pytest.raises(Mismatch) as difference:
        close(1.234, 5.678, names="loss")
    assert difference.value.code is Code.DIFFERS


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (2e-3, "about 1e-03"),
        (0.5, "about 1e-01"),
        (1e4, "larger than the values"),
        (np.inf, "larger"),
    ],
)
def test_the_error_is_told_as_a_power_of_ten(error: float, said: str) -> None:
    """No digit of the error is shown."""
    assert said in magnitude(np.array([1.0 + error]), np.array([1.0]), 1e-7)
    assert "below 1e-07" in magnitude(np.array([1.0 + error]), np.array([1.0]), 1e-7)


def test_overflowing_values_have_no_ratio() -> None:
    """Numbers whose difference overflows are not called a constant factor or offset."""
    with pytest.raises(Mismatch) as difference:
        close(np.full(3, -1.7e308), np.array([1e305, 1e304, 1e308]))
    assert difference.value.code is Code.DIFFERS
