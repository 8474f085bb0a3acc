"""How Canvas, Moodle and nbgrader name the files of a class.

canvas    lovelaceada[_LATE]_<user>_<file>_losses[-1].py; text entries end in _text.html
moodle    Ada Lovelace_<participant>_assignsubmission_file_/losses.py, or without the folder
nbgrader  <assignment>_<student>_attempt_<2026-01-30-15-00-00>[_losses.py], as zip_collect reads
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from autograder.export.downloads.attempts import Attempt, Hints, Owner, Reading
from autograder.submission.model import Found

_CANVAS = re.compile(
    r"(?P<name>[^/]+?)(?P<late>_LATE)?_(?P<user>\d{1,20})_(?P<file>\d{1,20})_(?P<rest>[^/]+)"
)
_CANVAS_BLIND = re.compile(
    r"(?P<late>LATE_)?anon_(?P<user>[A-Za-z0-9]+)_(?P<file>\d{1,20})_(?P<rest>[^/]+)"
)
_CANVAS_TEXT = re.compile(r"[^/]+_(?:text|link)\.html")
_AGAIN = re.compile(r"-\d+(?=\.[^.]+$)")  # Canvas numbers names that it has seen before
_MOODLE = re.compile(
    r"(?P<name>[^/]+?)(?:_(?P<id>\d{1,20}))?_assignsubmission_(?P<kind>[a-z]+)_?(?P<rest>.*)",
    re.DOTALL,
)
_NBGRADER = re.compile(
    r"(?P<work>[^/]+?)_(?P<student>[^_/]+)_attempt_(?P<time>\d{4}(?:-\d\d){5})(?:_(?P<rest>[^/]+)|(?P<suffix>\.\w+))"
)
_NUMBER_FIRST = re.compile(r"(\d{1,20})_(.+)", re.DOTALL)
_TWO_READINGS = "its name can be read in two ways: whose is it?"  # a name may end in numbers
_AGAIN_AS = "handed in again as {}"
_NOT_OURS = "its name is not one that {} gives"


def canvas(found: Sequence[Found], hints: Hints) -> Reading:
    """Read the names of Canvas."""
    reading = Reading()
    attempts: dict[str, Attempt] = {}
    numbers: dict[tuple[str, str], int] = {}  # owner and file: the number of the one that counts
    for each in sorted(found, key=lambda each: each.path):
        readings = _canvas_names(each.path, hints.users)
        if len(readings) != 1:
            reading.odd[each.path] = _TWO_READINGS if readings else _not_of_canvas(each.path)
            continue
        (name,) = readings
        attempt = attempts.setdefault(name.owner.label, Attempt((name.owner,)))
        attempt.late = attempt.late or name.late
        attempt.order = max(attempt.order, (float(name.number),))
        file = _first_name(name.file, hints.wanted)
        before = attempt.files.get(file)
        if before is not None and numbers[name.owner.label, file] > name.number:
            reading.odd[each.path] = _AGAIN_AS.format(before.path)
            continue
        if before is not None:
            reading.odd[before.path] = _AGAIN_AS.format(each.path)
        attempt.files[file] = each
        numbers[name.owner.label, file] = name.number
    reading.attempts = list(attempts.values())
    return reading


@dataclass(frozen=True)
class _CanvasName:
    """What Canvas says in a file's name."""

    owner: Owner
    late: bool
    number: int
    file: str


def _not_of_canvas(path: str) -> str:
    text = _CANVAS_TEXT.fullmatch(path)
    return "a text or a link, and no file" if text else _NOT_OURS.format("Canvas")


def _canvas_names(path: str, users: Collection[str]) -> list[_CanvasName]:
    """Return how a name can be read: in one way, unless numbers follow the user's and the file's.

    A student may be called `ada_101`, so of three numbers in a row the second may be the user.
    Known users tell; so does the mark for late work, which stands before the user.
    """
    if match := _CANVAS_BLIND.fullmatch(path):
        owner = Owner(f"anon_{match['user']}")
        return [_CanvasName(owner, bool(match["late"]), int(match["file"]), match["rest"])]
    match = _CANVAS.fullmatch(path)
    if match is None or not _is_word(match["name"]):
        return []
    readings = list(_readings(match))
    known = [each for each in readings if each.owner.ids[0][1] in users]
    return known if len(known) == 1 else readings


def _readings(match: re.Match[str]) -> Iterator[_CanvasName]:
    name, user, number, rest = match["name"], match["user"], match["file"], match["rest"]
    late = bool(match["late"])
    while True:
        owner = Owner(f"{name}_{user}", (("lms_user_id", user),), name)
        yield _CanvasName(owner, late, int(number), rest)
        more = _NUMBER_FIRST.fullmatch(rest)
        if late or more is None:
            return
        name, user, number, rest = f"{name}_{user}", number, more[1], more[2]


def _is_word(name: str) -> bool:
    """Tell whether a name holds only what Canvas leaves in names."""
    return all(c.isalnum() or unicodedata.category(c) in {"Mn", "Mc", "Me", "Pc"} for c in name)


def _first_name(name: str, wanted: Collection[str]) -> str:
    """Return the name without the number that Canvas gave it, where that is a name we ask for."""
    plain = _AGAIN.sub("", name)
    return plain if plain in wanted else name


def is_moodle(name: str) -> bool:
    """Tell whether a folder is one that Moodle makes for a student."""
    return _MOODLE.fullmatch(name) is not None


def moodle(found: Sequence[Found], _: Hints) -> Reading:
    """Read the folders, or the long names, of Moodle."""
    reading = Reading()
    attempts: dict[str, Attempt] = {}
    for each in found:
        top, _slash, below = each.path.partition("/")
        match = _MOODLE.fullmatch(top)
        rest = "/".join(part for part in (match["rest"], below) if part) if match else ""
        if match is None or not rest:
            reading.odd[each.path] = _NOT_OURS.format("Moodle")
        elif match["kind"] != "file":
            reading.odd[each.path] = f"{match['kind']}, and no file"
        else:
            label = f"{match['name']}_{match['id']}" if match["id"] else match["name"]
            owner = Owner(label, (), match["name"])
            attempts.setdefault(label, Attempt((owner,))).files[rest] = each
    reading.attempts = list(attempts.values())
    return reading


def nbgrader(found: Sequence[Found], _: Hints) -> Reading:
    """Read the names that zip_collect is shown with; times are in UTC, as nbgrader takes them."""
    reading = Reading()
    attempts: dict[tuple[str, datetime], Attempt] = {}
    matches = [(each, _NBGRADER.fullmatch(each.path)) for each in found]
    works = Counter(match["work"] for _, match in matches if match)
    usual = max(works, key=works.__getitem__, default="")
    for each, match in matches:
        came = _moment(match["time"]) if match else None
        if match is None or came is None:
            reading.odd[each.path] = _NOT_OURS.format("zip_collect")
            continue
        if match["work"] != usual:
            said = f"it begins with {match['work']!r} where others have {usual!r}"
            reading.odd[each.path] = f"{said}: whose is it?"
            continue
        student = match["student"]
        rest = match["rest"] or f"{student}{match['suffix']}"
        owner = Owner(student, (("id", student),))
        attempt = Attempt((owner,), order=(came.timestamp(),), came=came)
        attempts.setdefault((student, came), attempt).files[rest] = each
    reading.attempts = list(attempts.values())
    return reading


def _moment(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d-%H-%M-%S").replace(tzinfo=UTC)
    except ValueError:
        return None
