"""Gradescope's bulk export: `submission_<id>/` for each, and who handed it in, in one YAML file.

    submission_17:
      :submitters:
      - :name: Ada Lovelace
        :sid: '1815'
        :email: ada@example.org
      :created_at: 2026-01-30 15:00:00.000000000 Z
      :results: ...

The file may be large and holds what students wrote, so it is read as a stream of events: nothing is
constructed from it, and no alias is followed.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import yaml

from autograder.errors import UsageError
from autograder.export.downloads.attempts import Attempt, Hints, Owner, Reading
from autograder.export.downloads.patterns import is_moodle
from autograder.submission.model import Fault, Found

METADATA = "submission_metadata.yml"
_BYTES = 100_000_000
_DEEPEST = 4  # all, submission, submitters, person: what we need is in them
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(\.\d+)?\s*(Z|[+-]\d\d:?\d\d)", re.ASCII)
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def metadata(found: Sequence[Found]) -> Found | None:
    """Return the file about the submissions: at the top, or in the one folder around all.

    A folder that Moodle makes for a student is no such folder: what is in it, a student wrote.
    """
    tops = {each.path.partition("/")[0] for each in found}
    around = f"{min(tops)}/" if len(tops) == 1 and not is_moodle(min(tops)) else ""
    places = {METADATA, around + METADATA}
    return next((each for each in found if each.path in places), None)


def read(found: Sequence[Found], _: Hints) -> Reading:
    """Read an export; UsageError where nothing says who handed in."""
    about = metadata(found)
    if about is None:
        advice = "download it as 'Export Submissions' makes it"
        raise UsageError(f"this export of Gradescope has no {METADATA}; {advice}")
    known, reading = _submissions(about), Reading()
    files = _by_submission(found, about, known, reading)
    for folder, said in known.items():
        if not said.owners:
            reading.odd |= {each.path: "nobody is named" for each in files.get(folder, {}).values()}
        elif folder in files:
            order = (said.came.timestamp(),) if said.came else ()
            reading.attempts.append(Attempt(said.owners, files[folder], order, said.came))
    return reading


def _by_submission(
    found: Sequence[Found], about: Found, known: Collection[str], reading: Reading
) -> dict[str, dict[str, Found]]:
    """Return the files of each submission by their paths inside; others are put aside."""
    top = f"{about.parent}/" if about.parent else ""
    files: dict[str, dict[str, Found]] = {}
    for each in found:
        folder, slash, rest = each.path.removeprefix(top).partition("/")
        if each is about:
            continue
        if folder not in known or not each.path.startswith(top):
            reading.odd[each.path] = f"{METADATA} does not say whose it is"
        else:
            files.setdefault(folder, {})[rest if slash else folder] = each
    return files


@dataclass
class _Said:
    """What the file says about one submission."""

    people: dict[str, dict[str, str]] = field(default_factory=dict)
    came: datetime | None = None

    @property
    def owners(self) -> tuple[Owner, ...]:
        made = (_owner(person) for person in self.people.values())
        return tuple(owner for owner in made if owner is not None)


def _owner(person: dict[str, str]) -> Owner | None:
    name, sid, email = (person.get(f":{key}", "") for key in ("name", "sid", "email"))
    label = sid or email or name
    ids = ("id", sid), ("lms_user_id", sid), ("email", email)
    return Owner(label, tuple((kind, text) for kind, text in ids if text), name) if label else None


def _submissions(about: Found) -> dict[str, _Said]:
    data = about.load(_BYTES)
    if isinstance(data, Fault):
        raise UsageError(f"{about.path} {data.message}")
    known: dict[str, _Said] = {}
    try:
        for path, text in _scalars(data):
            said = known.setdefault(path[0], _Said())
            if path[1:2] == (":submitters",) and len(path) == 4:
                said.people.setdefault(path[2], {})[path[3]] = text.strip()
            elif path[1:] == (":created_at",):
                said.came = _moment(text)
    except (yaml.YAMLError, ValueError) as error:
        first = str(error).splitlines()[0]
        raise UsageError(f"{about.path}: not YAML as Gradescope writes it: {first}") from None
    return known


@dataclass
class _Open:
    """A mapping or a list that is being read, and what is filled in it: a key, or a place."""

    keyed: bool
    key: str | None = None  # None where a key comes next
    place: int = 0

    @property
    def step(self) -> str:
        return (self.key or "") if self.keyed else str(self.place)

    def fill(self, text: str = "") -> None:
        """Take a key, or be done with a value."""
        waits = self.keyed and self.key is None
        self.key = text if waits else None
        self.place += not waits


def _scalars(data: bytes) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield each scalar with the keys and places that lead to it, where they are few."""
    opened: list[_Open] = []
    for event in yaml.parse(data, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            opened.append(_Open(isinstance(event, yaml.MappingStartEvent)))
        elif isinstance(event, yaml.CollectionEndEvent):
            opened.pop()
            if opened:
                opened[-1].fill()
        elif isinstance(event, yaml.NodeEvent) and opened:  # a scalar, or an alias: never followed
            text = event.value if isinstance(event, yaml.ScalarEvent) else ""
            is_value = not opened[-1].keyed or opened[-1].key is not None
            if is_value and text and len(opened) <= _DEEPEST:
                yield tuple(each.step for each in opened), text
            opened[-1].fill(text)


def _moment(text: str) -> datetime | None:
    """Return a time with its zone; None where it has none, or is no time."""
    match = _TIME.fullmatch(text.strip())
    if match is None:
        return None
    day, time, fraction, zone = match.groups(default="")
    try:
        moment = datetime.fromisoformat(f"{day}T{time}{fraction[:7]}{zone}")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
