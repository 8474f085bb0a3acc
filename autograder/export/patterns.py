"""How Canvas, Moodle and nbgrader name the files of a class.

canvas    lovelaceada[_LATE]_<user>_<file>_losses[-1].py; text entries end in _text.html
moodle    Ada Lovelace_<participant>_assignsubmission_file_/losses.py, or without the folder
nbgrader  <assignment>_<student>_attempt_<2026-01-30-15-00-00>[_losses.py], as zip_collect reads
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from autograder.export.attempts import Attempt, Owner, Reading
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
_NUMBER_FIRST = re.compile(r"\d+_")
_TWO_READINGS = "its name can be read in two ways: whose is it?"  # a name may end in numbers
_NOT_OURS = "its name is not one that {} gives"


def canvas(found: Sequence[Found], wanted: Collection[str]) -> Reading:
    """Read the names of Canvas; `wanted` are those that the assignment asks for."""
    reading = Reading()
    by_user: dict[str, Attempt] = {}
    files: dict[str, dict[str, list[tuple[int, Found]]]] = {}
    for each in found:
        name = _canvas_name(each.path)
        if name is None:
            text = _CANVAS_TEXT.fullmatch(each.path)
            reading.odd[each.path] = (
                "a text or a link, and no file" if text else _NOT_OURS.format("Canvas")
            )
            continue
        owner, late, number, rest = name
        if _NUMBER_FIRST.match(rest):
            reading.odd[each.path] = _TWO_READINGS
            continue
        attempt = by_user.setdefault(owner.label, Attempt((owner,)))
        attempt.late = attempt.late or late
        attempt.order = max(attempt.order, (float(number),))
        own = files.setdefault(owner.label, {})
        own.setdefault(_first_name(rest, wanted), []).append((number, each))
    for label, own in files.items():
        for rest, versions in own.items():
            *older, (_, newest) = sorted(versions, key=lambda version: version[0])
            by_user[label].files[rest] = newest
            reading.odd |= {each.path: f"handed in again as {newest.path}" for _, each in older}
    reading.attempts = list(by_user.values())
    return reading


def _canvas_name(path: str) -> tuple[Owner, bool, int, str] | None:
    if match := _CANVAS_BLIND.fullmatch(path):
        owner = Owner(f"anon_{match['user']}")
    elif (match := _CANVAS.fullmatch(path)) and _is_word(match["name"]):
        owner = Owner(
            f"{match['name']}_{match['user']}", (("lms_user_id", match["user"]),), match["name"]
        )
    else:
        return None
    return owner, bool(match["late"]), int(match["file"]), match["rest"]


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


def moodle(found: Sequence[Found], _: Collection[str]) -> Reading:
    """Read the folders, or the long names, of Moodle."""
    reading = Reading()
    attempts: dict[str, Attempt] = {}
    for each in found:
        top, _, below = each.path.partition("/")
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


def nbgrader(found: Sequence[Found], _: Collection[str]) -> Reading:
    """Read the names that zip_collect is shown with; times are in UTC, as nbgrader takes them."""
    reading = Reading()
    attempts: dict[tuple[str, datetime], Attempt] = {}
    matches = [(each, _NBGRADER.fullmatch(each.path)) for each in found]
    works = Counter(match["work"] for _, match in matches if match)
    for each, match in matches:
        came = _moment(match["time"]) if match else None
        if match is None or came is None:
            reading.odd[each.path] = _NOT_OURS.format("zip_collect")
            continue
        if match["work"] != (usual := max(works, key=works.__getitem__)):
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
