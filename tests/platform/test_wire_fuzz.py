"""Frames and workers that are nearly right: a plain value or `WireError`, a student's fault."""

import json
import re
import socket
import time
import tracemalloc
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.assignment import Limits
from autograder.errors import SandboxError
from autograder.report import MAX_TEXT as SHOWN
from autograder.report import Diagnosis, SandboxInfo, TestResult, TestStatus
from autograder.sandbox import faults
from autograder.sandbox.channel import Channel, Gone
from autograder.sandbox.imports import Load
from autograder.sandbox.inside import frames, wire
from autograder.sandbox.inside.frames import MAGIC, PREFIX, pack, sizes
from autograder.sandbox.inside.tensors import STORED, Tensor
from autograder.sandbox.inside.wire import DTYPES, Ref, WireError
from autograder.sandbox.replies import crash, import_fault, judge_reply
from autograder.sandbox.session import Session

FUZZ = settings(
    max_examples=250,
    deadline=None,
    database=None,
    derandomize=True,  # the same examples on every machine
    suppress_health_check=list(HealthCheck),
)

# What is put in place of something right. None of it may be read in a message.
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=6)
ODD_TEXTS = ANY_TEXT | st.sampled_from([
    "", "nan", "0x1p99999", "1" * 5000, "x" * (wire.MAX_TEXT + 1), "\ud83d\ude00", "\x1b[0m",
    "f8", "b1", "Sr", "ff", "attr", "item", "__class__", "m.py", "ValueError", "SIGSEGV", "E271828",
    "bfloat16",
])  # fmt: skip
ODD_NUMBERS = st.integers() | st.sampled_from([
    0, 1, 2, 3, 8, -1, 11, 271828, 2**31 - 1, 2**31, 2**63 - 1, 2**63, -(2**63), 10**4000,
    0.0, 1.0, 2.5, -0.0, 1e308, float("inf"), float("nan"),
])  # fmt: skip
ODD = st.recursive(
    st.none() | st.booleans() | ODD_NUMBERS | ODD_TEXTS,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(
            st.sampled_from(["f", "t", "l", "d", "r", "a", "s", "x", "value", ""]), inner
        )
    ),
    max_leaves=6,
)
TOKENS = st.binary(min_size=1, max_size=4) | st.sampled_from([
    b"NaN", b"-Infinity", b"1e999", b"9" * 5000, b"[" * 2000, b'{"l":' * 900, b'"\\ud800"', b"\xff",
    b"\xed\xa0\x80", b'"value":', b'{"f":"inf"}', b'{"a":["f8",[0],0,0,"S"]}', b"null", b",", b"0",
    b"\xef\xbb\xbf", b"\xff\xfe", b"\0\0", b"AGW1", pack({}),
])  # fmt: skip
EDITS = st.lists(st.tuples(st.integers(0, 2**16), st.integers(0, 5), TOKENS), max_size=3)


@st.composite
def arrays(draw: st.DrawFn) -> np.ndarray:
    """Return arrays that lie in memory in every way: turned, sliced, read-only, empty, shifted."""
    dtype = draw(st.sampled_from(list(DTYPES.values())))
    array = draw(hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0)))
    array = array.transpose(draw(st.permutations(range(array.ndim))))
    steps = st.sampled_from([slice(None), slice(None, None, 2), slice(None, None, -1)])
    array = array[tuple(draw(steps) for _ in range(array.ndim))] if array.ndim else array
    array.flags.writeable = draw(st.booleans())
    return array


SCALARS = st.sampled_from(list(DTYPES.values())).flatmap(
    lambda dtype: hnp.arrays(dtype, ()).map(lambda array: array[()])
)
TENSORS = st.sampled_from(list(STORED)).flatmap(
    lambda name: hnp.arrays(
        DTYPES[STORED[name]], hnp.array_shapes(min_dims=0, max_dims=3, min_side=0)
    ).map(lambda bits: Tensor(bits, name))
)
PLAIN = (
    st.none() | st.booleans() | st.integers(-wire.MAX_INT, wire.MAX_INT) | st.floats() | ANY_TEXT
    | arrays() | SCALARS | TENSORS
)  # fmt: skip
VALUES = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(ANY_TEXT, inner, max_size=3)
        | st.builds(
            Ref,
            st.integers(0, wire.MAX_INT),
            st.lists(st.tuples(ANY_TEXT, inner), max_size=2).map(tuple),
            ANY_TEXT,
        )
    ),
    max_leaves=6,
)


def parts(frame: bytes) -> tuple[bytes, bytearray]:
    """Return a right frame's header and payload."""
    head = PREFIX.size + sizes(frame[: PREFIX.size])[0]
    return frame[PREFIX.size : head], bytearray(frame[head:])


def framed(head: bytes, payload: bytes | bytearray = b"") -> bytes:
    """Return a frame with right lengths around whatever is in it."""
    return PREFIX.pack(MAGIC, len(head), len(payload)) + head + payload


def edited(data: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    """Replace some bytes here and there."""
    for where, dropped, put in edits:
        at = where % (len(data) + 1)
        data = data[:at] + put + data[at + dropped :]
    return data


def places(node: Any) -> list[tuple[Any, Any]]:
    """Return every place in a JSON tree, as a container and a key."""
    if type(node) not in (dict, list):
        return []
    keys = list(node) if type(node) is dict else list(range(len(node)))
    return [(node, key) for key in keys] + [place for key in keys for place in places(node[key])]


@st.composite
def spliced(draw: st.DrawFn) -> tuple[bytes, bytearray]:
    """Return header and payload of a frame in which nodes were replaced, removed or doubled."""
    head, payload = parts(pack({"done": True, "id": 1}, draw(VALUES)))
    root = json.loads(head)
    for _ in range(draw(st.integers(0, 2))):
        node, key = draw(st.sampled_from(places(root) or [([0], 0)]))
        how = draw(st.sampled_from(["odd", "odd", "copy", "remove", "double", "wrap"]))
        if how == "odd":
            node[key] = draw(ODD)
        elif how == "copy":
            node[key] = json.loads(json.dumps(draw(st.sampled_from(places(root)))[0]))
        elif how == "wrap":
            node[key] = draw(st.sampled_from([[node[key]], {"l": [node[key]]}]))
        elif how == "double" and type(node) is list:
            node.insert(key, node[key])
        else:
            del node[key]
    payload += b"\x07" * draw(st.sampled_from([0, 0, 0, 1, 8]))
    return json.dumps(root).encode(), payload


def is_plain(value: Any) -> bool:
    """Whether a decoded value is of exact base types all the way down."""
    if type(value) is Tensor and value.dtype in STORED:
        value = value.bits
    if type(value) is np.ndarray:
        bits = value.view(np.uint8) if value.dtype == np.bool_ else np.zeros(0, np.uint8)
        return value.dtype in DTYPES.values() and value.flags.aligned and not (bits > 1).any()
    if isinstance(value, np.generic):
        return type(value) is value.dtype.type and value.dtype in DTYPES.values()
    if type(value) is Ref:
        words = [value.kind, *(how for how, _ in value.path)]
        keys = [key for _, key in value.path]
        return type(value.handle) is int and {*map(type, words)} == {str} and is_plain(keys)
    if type(value) is dict:
        return {*map(type, value)} <= {str} and is_plain([*value.values()])
    if type(value) in (list, tuple):
        return all(map(is_plain, value))
    return value is None or type(value) in (bool, int, float, str)


def look(value: Any) -> tuple[type, Any]:
    """Return a value's types, bits and layouts, to be compared."""
    seen: Any = repr(value)
    if isinstance(value, np.ndarray):
        flags = value.flags
        layout = flags.c_contiguous, flags.f_contiguous, flags.writeable, flags.aligned
        seen = value.dtype, value.shape, value.tobytes(), layout
    elif isinstance(value, Tensor):
        seen = value.dtype, look(value.bits)
    elif isinstance(value, np.generic):
        seen = value.tobytes()
    elif isinstance(value, Ref):
        seen = value.handle, value.kind, look(value.path)
    elif isinstance(value, (list, tuple)):
        seen = [look(item) for item in value]
    elif isinstance(value, dict):
        seen = [look(item) for item in value.items()]
    return type(value), seen


def received(data: bytes) -> tuple[dict[str, Any], Any] | None:
    """Return what a channel makes of the bytes and the hang-up behind them; None: a refusal."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(data)
        theirs.shutdown(socket.SHUT_WR)
        try:
            return Channel(ours).receive(time.monotonic() + 60)
        except (WireError, Gone):
            return None


@given(VALUES)
@example((np.zeros(3, "i1"), np.zeros(2)))  # the second lies at an odd address of the payload
@example(np.broadcast_to(0.0, (0, 2)))  # read-only, and empty
@example("\ud83d\ude00")  # two halves, not one character
@example("é" * wire.MAX_TEXT)
@FUZZ
def test_every_value_arrives_as_it_was(value: object) -> None:
    """Types, bits and layouts survive: neighbours' sizes, slices and odd texts change nothing."""
    assert look(frames.unpack(*parts(pack({}, value)))[1]) == look(value)


@pytest.mark.parametrize(
    "value",
    [{"x" * (wire.MAX_TEXT + 1): 1}, np.broadcast_to(0.0, 2**40), [np.zeros(2**22)] * 3],
    ids=["a long key", "a broadcast", "large arrays"],
)
def test_what_could_not_be_read_is_not_sent(value: object) -> None:
    """The sender refuses what the receiver would, before it takes memory for it."""

    def send() -> None:
        with pytest.raises(WireError):
            pack({}, value)

    assert taken(send) <= 2 * wire.MAX_PAYLOAD


@given(VALUES, EDITS)
@FUZZ
def test_an_edited_frame_is_a_plain_value_or_refused(value: object, edits: Any) -> None:
    """Bytes that change on the way, lengths included, do no more than `WireError` or `Gone`."""
    result = received(edited(pack({"done": True, "id": 1}, value), edits))
    assert result is None or is_plain(result)


@given(VALUES, EDITS)
@FUZZ
def test_an_edited_header_is_a_plain_value_or_refused(value: object, edits: Any) -> None:
    """The same within right lengths, so that the header's parser sees it."""
    head, payload = parts(pack({"done": True, "id": 1}, value))
    result = received(framed(edited(head, edits), payload))
    assert result is None or is_plain(result)


@given(spliced())
@FUZZ
def test_a_spliced_tree_is_a_plain_value_or_refused(frame: tuple[bytes, bytearray]) -> None:
    """Nodes of a wrong type, in a wrong place, too many or too few: a plain value or a refusal."""
    result = received(framed(*frame))
    assert result is None or is_plain(result)


def taken(work: Any) -> int:
    """Return how many bytes are taken at most while something is done."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def cost(head: bytes, payload: bytearray) -> int:
    """Return how many bytes decoding takes at most, besides the frame itself."""

    def decode() -> None:
        with suppress(WireError):
            frames.unpack(head, payload)

    return taken(decode)


@given(spliced(), EDITS)
@FUZZ
def test_a_small_frame_takes_little_memory(frame: tuple[bytes, bytearray], edits: Any) -> None:
    """However much a frame promises, what it costs is in proportion to what it holds."""
    head, payload = frame
    assert cost(edited(head, edits), payload) <= 2 * len(payload) + 64 * len(head) + 300_000


@given(
    st.sampled_from(list(DTYPES)),
    st.sampled_from(["C", "F", "S", "Cr", "Fr", "Sr"]),
    st.lists(st.sampled_from([1, 2, 8, 64]), max_size=3),
    st.integers(0, 1),
)
@FUZZ
def test_a_large_frame_takes_twice_its_payload(
    name: str, layout: str, shape: list[int], shift: int
) -> None:
    """No type, layout or alignment makes more than two copies of a payload."""
    count = 2**21 // DTYPES[name].itemsize
    small = {"a": ["i1", [shift], 0, shift, "C"]}
    large = {"a": [name, [*shape, count // np.prod(shape, dtype=int).item()], shift, 2**21, layout]}
    head = json.dumps({"value": {"t": [small, large]}}).encode()
    assert cost(head, bytearray(2**21 + shift)) <= 2 * 2**21 + 300_000


@pytest.mark.parametrize(
    "node", [b"[],", b"{},", b'{"":0},', b'{"":{"":{"":[]}}},', b'{"\\ud800":[1e5]},', b"1e5,"]
)
def test_a_header_full_of_parts_takes_little_memory(node: bytes) -> None:
    """The largest header of the smallest parts costs some megabytes before it is refused."""
    head = b'{"value":[' + node * ((frames.MAX_HEADER - 20) // len(node)) + b"0]}"
    assert cost(head, bytearray()) <= 64 * frames.MAX_HEADER


@pytest.mark.parametrize(
    ("head", "payload", "bound"),
    [
        (0, 2**63, 100_000),
        (0, wire.MAX_PAYLOAD + 1, 100_000),
        (frames.MAX_HEADER + 1, 0, 100_000),
        (2**32 - 1, 2**64 - 1, 100_000),
        (frames.MAX_HEADER, wire.MAX_PAYLOAD, 2 * frames.MAX_HEADER),
        (2, wire.MAX_PAYLOAD, wire.MAX_PAYLOAD + 100_000),
    ],
)
def test_a_claim_takes_no_more_than_its_cap(head: int, payload: int, bound: int) -> None:
    """Lengths beyond the caps take nothing, and the payload's place is taken after the header."""
    claim = PREFIX.pack(MAGIC, head, payload) + b"{}"
    assert taken(lambda: received(claim)) <= bound


FILES = {"m.py": b"line 1\nline 2\n", "n.py": b"line 1\n"}
LIMITS = Limits(import_s=20, call_s=20, exercise_s=40, submission_s=80)
KNOWN = "|".join(sorted(faults.KNOWN_EXCEPTIONS)) + "|an exception of your own"
PLACE = r"(m\.py line [12]|n\.py line 1)"
IMPORT_FAILED = re.compile(rf"({PLACE}: )?({KNOWN}): .*")
SAID = re.compile(
    rf"{PLACE}: raised ({KNOWN})|the call raised ({KNOWN})"
    r"|the call raised TypeError: are its arguments those of the docstring\?"
    r"|(while [mn]\.py was imported, )?the process "
    r"(was ended by (a signal|SIG[A-Z]+[12]?)|ended itself with(out)? an error)"
    r"|importing [mn]\.py broke the grader's connection"
    r"|the connection to the grader was closed"
    r"|the reply is not one that the grader can read: does the code write to file descriptors"
    r" that it did not open\?"
    r"|the result is too large or too deeply nested to be graded"
    r"|(the code asked for|importing the file took) more memory than (an exercise|it) may use"
    r"|a name that the docstring asks for does not exist|not written yet: NotImplementedError"
)
OURS = re.compile(
    r"the sandbox was lost|no student code ran: (while \.py was imported, the process .*"
    r"|importing [mn]?\.py broke the grader's connection|importing the file took more memory .*)"
)
PLACES = st.tuples(
    st.sampled_from([*sorted(faults.KNOWN_EXCEPTIONS), "Own271828"]) | ODD_TEXTS,
    st.sampled_from(["m.py", "n.py", "", "/etc/passwd", "271828.py"]) | ODD_TEXTS,
    st.sampled_from([0, 1, 2, 3, -1, 271828]) | ODD_NUMBERS,
).map(list)
ENDING = st.sampled_from([0, 1, 9, 11, 34, 64, 271828, -9]) | ODD_NUMBERS
ENDINGS = st.tuples(ENDING, ENDING).map(list)
WORDS = {
    "id": st.sampled_from([1, 2, 3, 4]) | ODD,
    "done": st.just(value=True) | ODD,
    "memory": st.just(value=True) | ODD,
    "imported": st.just(value=True) | ODD,
    "missing": ODD,
    "unsendable": ODD,
    "confined": ODD,
    "importing": st.sampled_from(["m", "n"]) | ODD,
    "import_ended": st.sampled_from(["m", "n"]) | ODD,
    "raised": PLACES | PLACES | ODD,
    "exercise_over": ENDINGS | ENDINGS | ODD,
    "submission_over": ENDINGS | ENDINGS | ODD,
    "number": st.sampled_from([1, 2]) | ODD,
}
PAIRS = st.sampled_from([
    ("id", "done"), ("id", "done"), ("id", "raised"), ("id", "raised"), ("id", "memory"),
    ("id", "missing"), ("id", "unsendable"), ("exercise_over", "number"), ("submission_over",),
    ("importing",), ("import_ended",), ("imported",), ("confined",), ("id",), tuple(WORDS),
])  # fmt: skip
HEADERS = PAIRS.flatmap(lambda keys: st.fixed_dictionaries({key: WORDS[key] for key in keys}))
FAILURES = st.tuples(PLACES, ODD_TEXTS).map(lambda both: [*both[0], both[1]])
REPORTS = FAILURES.map(lambda failure: {"l": failure})


def frame(header: dict[str, Any], tree: object = None, payload: bytes = b"") -> bytes:
    """Return a frame of any header and tree, right or not."""
    return framed(json.dumps(header | {"value": tree}).encode()[: frames.MAX_HEADER], payload)


TREES = VALUES.map(lambda value: json.loads(parts(pack({}, value))[0])["value"])
LIES = (
    st.builds(frame, HEADERS, st.none() | REPORTS | TREES | ODD)
    | st.builds(
        frame, st.sampled_from(["m", "n"]).map(lambda module: {"import_ended": module}), REPORTS
    )
    | spliced().map(lambda both: framed(*both))
    | st.builds(edited, st.builds(frame, HEADERS), EDITS)
)
CHANGES = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 2), st.lists(LIES, max_size=3)), max_size=3
)


OUTCOMES = st.sampled_from(["raised", "raised", "memory", "missing", "unsendable"]).flatmap(
    lambda word: st.fixed_dictionaries({word: WORDS[word]})
)


def replies(number: int) -> st.SearchStrategy[bytes]:
    """Return replies to the right call, and ends of the right process."""
    return (
        VALUES.map(lambda value: pack({"id": number, "done": True}, value))
        | OUTCOMES.map(lambda outcome: frame({"id": number} | outcome))
        | ENDINGS.map(lambda ending: frame({"exercise_over": ending, "number": 1}))
    )


@st.composite
def transcripts(draw: st.DrawFn) -> bytes:
    """Return all that a worker will ever say: a conversation, with frames replaced and lost."""
    said = []
    for module in "mn":
        failure = draw(st.none() | st.none() | st.none() | REPORTS)
        said += [pack({"importing": module}), frame({"import_ended": module}, failure)]
    said.append(pack({"imported": True}))
    first = draw(st.sampled_from([1, 1, 2, 4]))
    said += [draw(replies(number)) for number in range(first, first + 6)]
    for where, dropped, put in draw(st.just([]) | CHANGES):
        at = where % (len(said) + 1)
        said[at : at + dropped] = put
    return edited(b"".join(said), draw(st.just([]) | EDITS))


class Prompted:
    """A backend whose workers have said everything before they are asked, and then hang up."""

    name = "prompted"

    def __init__(self, said: list[bytes], state: str) -> None:
        self.said = said
        self.open_ends: list[socket.socket] = []
        self.opened = self.closed = 0
        self.state = state

    def open(self, *_: object) -> Channel:
        """Start the next worker; the last one is always the same."""
        ours, theirs = socket.socketpair()
        theirs.setblocking(False)
        theirs.send(self.said[min(self.opened, len(self.said) - 1)])
        theirs.shutdown(socket.SHUT_WR)
        self.open_ends.append(theirs)
        self.opened += 1
        return Channel(ours)

    def close(self, channel: Channel, **_: bool) -> None:
        """Hang up."""
        channel.close()
        self.closed += 1

    def lost(self) -> bool:
        """Whether the sandbox itself has ended."""
        return self.state == "lost"

    def out_of_memory(self) -> bool:
        """Whether the sandbox's memory was used up."""
        return self.state == "out of memory"

    def processor_seconds(self) -> None:
        """Nobody tells."""

    def describe(self) -> SandboxInfo:
        """Return its name: nothing runs."""
        return SandboxInfo(backend=self.name)

    def shutdown(self) -> None:
        """Close the far ends."""
        for end in self.open_ends:
            end.close()


def converse(session: Session) -> list[Any]:
    """Ask several times in two exercises; return the answers and what was raised."""
    heard: list[Any] = []
    for module in ("m", "n"):
        session.begin(module)
        for _ in range(3):
            try:
                heard.append(session.request("call", (Ref(0), (), {})))
            except (faults.StudentFault, SandboxError) as fault:
                heard.append(fault)
    session.close()
    return heard


def heard_from(judge: Any) -> Any:
    """Return the fault that a claim leads to; None: it is refused."""
    try:
        return judge()
    except faults.StudentFault as fault:
        return fault
    except WireError:
        return None


def shown(fault: faults.StudentFault) -> str:
    """Return the message as a report has it after it was written and read."""
    diagnosis = Diagnosis(code=fault.code, message=fault.message)
    result = TestResult(id="t", title="t", status=TestStatus(fault.status), diagnosis=diagnosis)
    read = TestResult.model_validate_json(result.model_dump_json())
    assert read == result
    return read.diagnosis.message if read.diagnosis else ""


def is_in_order(heard: object) -> bool:
    """Whether an answer is plain, or a fault says nothing but what we have written."""
    if isinstance(heard, faults.ImportFailed):
        text = shown(heard)
        whole = text == heard.message if len(heard.message) <= SHOWN else len(text) == SHOWN
        return whole and text.isprintable() and bool(IMPORT_FAILED.fullmatch(text))
    if isinstance(heard, faults.StudentFault):
        return bool(SAID.fullmatch(heard.message)) and shown(heard) == heard.message
    if isinstance(heard, SandboxError):
        return bool(OURS.fullmatch(str(heard)))
    return is_plain(heard)


@given(HEADERS | OUTCOMES, FAILURES | ODD, ENDINGS | ODD)
@FUZZ
def test_claims_are_told_in_our_words(header: Any, failure: Any, ending: Any) -> None:
    """A reply, a failed import and an end are faults without the worker's own numbers and names."""
    heard = [
        heard_from(lambda: judge_reply(header, None, FILES)),
        heard_from(lambda: import_fault(failure, FILES)),
        heard_from(lambda: crash(ending)),
    ]
    assert [each for each in heard if not is_in_order(each)] == []


@given(
    st.lists(transcripts(), min_size=1, max_size=2),
    st.sampled_from(["in order", "in order", "lost", "out of memory"]),
)
@FUZZ
def test_a_lying_worker_is_a_students_fault(said: list[bytes], state: str) -> None:
    """Whatever is said and when: plain answers, and faults whose texts hold nothing made up."""
    backend = Prompted(said, state)
    heard = converse(Session(backend, Load(FILES, ["m", "n"]), LIMITS))
    backend.shutdown()
    assert [each for each in heard if not is_in_order(each)] == []
    assert backend.opened == backend.closed
