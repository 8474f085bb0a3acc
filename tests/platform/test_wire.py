"""The codec: every value goes there and back, and nothing that comes does more than `WireError`."""

import json
import math
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.sandbox.inside import frames, wire
from autograder.sandbox.inside.frames import PREFIX, pack, sizes, unpack
from autograder.sandbox.inside.tensors import STORED, Tensor
from autograder.sandbox.inside.wire import DTYPES, Ref, WireError

DTYPE = st.sampled_from(list(DTYPES.values()))
ARRAYS = DTYPE.flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0))
)
TENSORS = st.sampled_from(list(STORED)).flatmap(
    lambda name: hnp.arrays(
        DTYPES[STORED[name]], hnp.array_shapes(min_dims=0, max_dims=3, min_side=0)
    ).map(lambda bits: Tensor(bits, name))
)
PLAIN = (
    st.none()
    | st.booleans()
    | st.integers(-wire.MAX_INT, wire.MAX_INT)
    | st.floats()
    | st.text(max_size=20)
    | ARRAYS
    | TENSORS
    | st.builds(Ref, st.integers(0, 9), st.just((("attr", "w"), ("item", 3))), st.just("dict"))
)
VALUES = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.sampled_from("ftldrasx"), inner),
    max_leaves=12,
)
ARRAY_SPECS = st.tuples(
    st.sampled_from([*DTYPES, "O", "c8", 7]),
    st.lists(st.integers(-1, 4) | st.sampled_from([2**31 - 1, 2**40, True]), max_size=9),
    st.integers(-1, 64),
    st.integers(-1, 64),
    st.sampled_from(["C", "F", "S", "Cr", "Fr", "Sr", "x", 1]),
).map(list)


def through(value: object) -> Any:
    """Return the value as it arrives at the other end."""
    frame = pack({}, value)
    head, payload = sizes(frame[: PREFIX.size])
    body = frame[PREFIX.size :]
    assert len(body) == head + payload
    return unpack(body[:head], bytearray(body[head:]))[1]


def decoded(tree: object, payload: bytes = b"") -> Any:
    """Return what a hand-made value tree decodes to."""
    return unpack(json.dumps({"value": tree}).encode(), bytearray(payload))[1]


def same(a: Any, b: Any) -> bool:
    """Whether two values are of the same types, shapes and bits."""
    if type(a) is not type(b):
        return False
    if isinstance(a, Tensor):
        return a.dtype == b.dtype and same(a.bits, b.bits)
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    return a == b or (isinstance(a, float) and math.isnan(a) and math.isnan(b))


@given(VALUES)
@settings(max_examples=40, deadline=None)
def test_every_plain_value_goes_there_and_back(value: object) -> None:
    """Types, order, shapes and bits survive: NaN, empty arrays, nested containers, references."""
    assert same(through(value), value)


@pytest.mark.parametrize("name", DTYPES)
def test_numpy_scalars_keep_their_type(name: str) -> None:
    """A numpy scalar arrives as the same numpy scalar."""
    scalar = np.ones((), DTYPES[name])[()]
    assert type(through(scalar)) is type(scalar)
    assert through(scalar) == scalar


def test_a_negative_zero_and_the_infinities_arrive() -> None:
    """Floats cross bit by bit."""
    assert math.copysign(1, through(-0.0)) == -1
    assert through((math.inf, -math.inf)) == (math.inf, -math.inf)


LAYOUTS = {
    "C": np.arange(12.0).reshape(3, 4),
    "F": np.asfortranarray(np.arange(12.0).reshape(3, 4)),
    "strided": np.arange(24.0).reshape(3, 8)[:, ::2],
    "transposed": np.arange(24).reshape(2, 3, 4).transpose(2, 0, 1),
    "reversed": np.arange(5.0)[::-1],
    "one number": np.array(3.0),
}


@pytest.mark.parametrize("writeable", [True, False])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_awkward_arrays_arrive_as_awkward(layout: str, writeable: bool) -> None:
    """Fortran order, gaps and read-only are kept, since a hidden test may be about them."""
    array = LAYOUTS[layout].view()
    array.flags.writeable = writeable
    arrived = through(array)
    assert np.array_equal(arrived, array)
    for flag in ("C_CONTIGUOUS", "F_CONTIGUOUS", "WRITEABLE"):
        assert arrived.flags[flag] == array.flags[flag]


def test_an_array_of_the_other_byte_order_arrives_with_its_values() -> None:
    """Big-endian numbers are turned, not reinterpreted."""
    assert through(np.array([1, 2], ">i4")).tolist() == [1, 2]


def test_truth_values_of_any_byte_become_zero_or_one() -> None:
    """A bool whose byte is 7 would be neither equal nor unequal to True."""
    arrived = decoded({"a": ["b1", [3], 0, 3, "C"]}, b"\x00\x07\xff")
    assert arrived.view(np.uint8).tolist() == [0, 1, 1]
    assert decoded({"s": ["b1", "07"]}).tobytes() == b"\x01"


class Sly(np.ndarray):
    """An array of a student's own type."""


UNSENDABLE = {
    "object array": np.array([object()]),
    "complex": np.array([1j]),
    "structured": np.zeros(2, "i4,f8"),
    "text array": np.array(["a"]),
    "subclass of ndarray": np.zeros(2).view(Sly),
    "masked array": np.ma.masked_array([1.0]),
    "complex number": 1j,
    "bytes": b"x",
    "set": {1},
    "keys that are no text": {1: 2},
    "65 bits": 2**64,
    "object": object(),
    "function": len,
    "nine dimensions": np.zeros((1,) * 9),
    "long text": "x" * (wire.MAX_TEXT + 1),
    "many parts": [0] * wire.MAX_LEAVES,
    "bits of another dtype": Tensor(np.zeros(2), "float32"),
    "tensor of another dtype": Tensor(np.zeros(2), "complex64"),
    "64 MB": np.zeros(wire.MAX_PAYLOAD // 8 + 1),
}


@pytest.mark.parametrize("value", UNSENDABLE.values(), ids=UNSENDABLE)
def test_what_is_no_plain_value_is_refused(value: object) -> None:
    """Subclasses, objects and oversized values do not cross."""
    with pytest.raises(WireError):
        pack({}, value)


def test_a_list_within_itself_is_refused() -> None:
    """A value without a bottom ends as an error, not as a crash."""
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(WireError, match="nested"):
        pack({}, endless)


@given(st.binary(max_size=200), st.binary(max_size=64))
@settings(max_examples=50, deadline=None)
def test_noise_is_a_wire_error(head: bytes, payload: bytes) -> None:
    """Random bytes decode to nothing but `WireError`."""
    with pytest.raises(WireError):
        unpack(head, bytearray(payload))


@given(JSON, st.binary(max_size=64))
@settings(max_examples=80, deadline=None)
def test_any_json_is_a_value_or_a_wire_error(tree: object, payload: bytes) -> None:
    """Well-formed JSON of any shape is refused or gives a plain value."""
    head = json.dumps({"value": tree}).encode()
    try:
        value = unpack(head, bytearray(payload))[1]
    except WireError:
        return
    assert same(through(value), value)


@given(ARRAY_SPECS, st.binary(max_size=64))
@settings(max_examples=120, deadline=None)
def test_any_array_description_fits_or_is_a_wire_error(spec: list[Any], payload: bytes) -> None:
    """Dtype, shape, place and length are each checked against the bytes that are there."""
    try:
        array = decoded({"a": spec}, payload)
    except WireError:
        return
    assert type(array) is np.ndarray
    assert array.nbytes == len(payload)


FORGED = {
    "shape too large for numpy, yet empty": {"a": ["f8", [0, 2**31 - 1, 2**31 - 1], 0, 0, "C"]},
    "negative handle": {"r": [-1, [], ""]},
    "handle of another type": {"r": [True, [], ""]},
    "steps that are none": {"r": [0, [["attr"]], ""]},
    "a dict with a key twice": {"d": [["a", 1], ["a", 2]]},
    "a float in decimal": 1.5,
    "two forms": {"f": "0x1p0", "t": []},
    "an unknown form": {"ft": []},
    "an empty form": {"": []},
    "65 bits": 2**64,
    "bytes that no array uses": None,
    "a tensor of no known dtype": {"x": ["float8", ["u1", [0], 0, 0, "C"]]},
    "a tensor of a dtype that is none": {"x": [["float32"], ["f4", [0], 0, 0, "C"]]},
    "a tensor whose bits are another's": {"x": ["bfloat16", ["f4", [0], 0, 0, "C"]]},
    "a tensor without bits": {"x": ["float32"]},
    "a tensor in a tensor": {"x": ["float32", {"x": ["float32", ["f4", [0], 0, 0, "C"]]}]},
    "an array beyond the payload": {"a": ["f8", [2], 0, 16, "C"]},
}


@pytest.mark.parametrize("tree", FORGED.values(), ids=FORGED)
def test_a_forged_value_is_a_wire_error(tree: object) -> None:
    """Each field of each form is checked."""
    with pytest.raises(WireError):
        decoded(tree, b"\0" * 8)


def test_arrays_must_not_overlap() -> None:
    """Two arrays over the same bytes would be changed together."""
    spec = {"a": ["f8", [1], 0, 8, "C"]}
    with pytest.raises(WireError, match="overlap"):
        decoded({"l": [spec, spec]}, b"\0" * 8)


@pytest.mark.parametrize(
    "head",
    [b"[" * 100_000, b'{"value":' * 20_000, b'{"value":' + b"9" * 100_000 + b"}", b'{"value":NaN}'],
    ids=["deep list", "deep object", "long number", "NaN"],
)
def test_a_header_that_strains_the_parser_is_a_wire_error(head: bytes) -> None:
    """Depth, long numbers and what JSON does not know end as an error."""
    with pytest.raises(WireError):
        unpack(head, bytearray())


@pytest.mark.parametrize(
    "prefix",
    [
        PREFIX.pack(b"HTTP", 2, 0),
        PREFIX.pack(frames.MAGIC, frames.MAX_HEADER + 1, 0),
        PREFIX.pack(frames.MAGIC, 2, 2**63),
    ],
    ids=["magic", "header", "payload"],
)
def test_sizes_are_checked_before_anything_is_read(prefix: bytes) -> None:
    """Another protocol, or a frame of 2**63 bytes, is refused by its first 16 bytes."""
    with pytest.raises(WireError):
        sizes(prefix)


def test_a_small_frame_cannot_take_much_memory() -> None:
    """A header that promises gigabytes, or 4000 empty arrays, costs next to nothing."""
    tracemalloc.start()
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    for tree in (
        {"a": ["f8", [2**20, 2**10], 0, 2**33, "C"]},
        {"l": [{"a": ["f8", [0, 2**30], 0, 0, "S"]}] * 4000},
    ):
        with pytest.raises(WireError):
            decoded(tree, b"\0")
    peak = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    assert peak < 8_000_000
