"""Which entries of an upload are graded, which are missing, and which are left alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from autograder.errors import Rejected
from autograder.submission.model import Fault, Found
from autograder.submission.paths import is_shadowing
from autograder.submission.text import near_miss, printable

_LISTED = 20
_ARCHIVES = {".zip", ".tar", ".gz", ".tgz", ".rar", ".7z", ".bz2", ".xz"}


@dataclass(frozen=True)
class Selection:
    """The assignment's files that are there, or one notebook in their stead.

    `answers` is the notebook beside the files, which is read for its answers only.
    """

    files: dict[str, Found | Fault]
    notebook: Found | None
    hints: dict[str, str]
    ignored: tuple[str, ...]
    answers: Found | None = None


def select(found: Sequence[Found], names: Sequence[str], slug: str) -> Selection:
    """Find the assignment's files at the top or in one wrapping folder; Rejected without any."""
    base = _home(found, names)
    if base is not None:
        files = {name: there for name in names if (there := _there(found, base, name))}
        hints = _hints(found, base, [name for name in names if name not in files])
        used = {entry.path for entry in files.values() if isinstance(entry, Found)}
        beside = _beside(found, base, slug)
        used |= {beside.path} if beside else set()
        return Selection(files, None, hints, _ignored(found, base, used, names), beside)
    notebook = _notebook(found, slug)
    if notebook is None:
        raise Rejected(_nothing(found, names))
    return Selection({}, notebook, {}, _ignored(found, notebook.parent, {notebook.path}, names))


def has_candidates(found: Sequence[Found], names: Sequence[str], slug: str) -> bool:
    """Tell whether there is anything to grade, without complaint."""
    return _home(found, names) is not None or _notebook(found, slug) is not None


def _home(found: Sequence[Found], names: Sequence[str]) -> str | None:
    """Return the folder that holds the files: the top, or the only folder that has any."""
    paths = {path for entry in found for path in (entry.path, entry.parent)}
    split = [path.rpartition("/") for path in paths]
    homes = {parent for parent, _, name in split if name in names and "/" not in parent}
    if "" in homes or not homes:
        return "" if homes else None
    if len(homes) > 1:
        shown = ", ".join(printable(home, 40) for home in sorted(homes)[:3])
        raise Rejected(f"The files are there in several folders ({shown}). Hand in one of them.")
    return homes.pop()


def _within(base: str, name: str) -> str:
    return f"{base}/{name}" if base else name


def _there(found: Sequence[Found], base: str, name: str) -> Found | Fault | None:
    """Return the file of that name; a Fault when the name stands for something else or for two."""
    path = _within(base, name)
    alike = [e for e in found if e.parent == base and e.name.casefold() == name.casefold()]
    exact = [entry for entry in alike if entry.name == name]
    if any(entry.folder for entry in exact) or any(entry.parent == path for entry in found):
        return Fault("is a folder; hand in the file itself")
    if not exact:
        return None
    if len(alike) > 1:
        shown = ", ".join(printable(entry.name, 40) for entry in alike[:3])
        return Fault(f"is there more than once ({shown}); keep one")
    return exact[0]


def _notebook(found: Sequence[Found], slug: str) -> Found | None:
    books = [e for e in found if e.name.lower().endswith(".ipynb") and "/" not in e.parent]
    top = [entry for entry in books if not entry.parent] or books
    named = [entry for entry in top if entry.name == f"{slug}.ipynb"] or top
    if len(named) > 1:
        shown = ", ".join(printable(entry.name, 40) for entry in named[:3])
        raise Rejected(f"Found {len(named)} notebooks ({shown}). Hand in one.")
    return named[0] if named else None


def _beside(found: Sequence[Found], base: str, slug: str) -> Found | None:
    """Return the assignment's notebook beside the files, or the only one there."""
    there = [entry for entry in found if entry.parent == base and not entry.folder]
    books = [entry for entry in there if entry.name.lower().endswith(".ipynb")]
    named = [entry for entry in books if entry.name == f"{slug}.ipynb"] or books
    return named[0] if len(named) == 1 else None


def _hints(found: Sequence[Found], base: str, absent: Sequence[str]) -> dict[str, str]:
    said = {name: _meant(found, base, name) for name in absent}
    return {name: f"{name} is missing. {hint}" for name, hint in said.items() if hint}


def _meant(found: Sequence[Found], base: str | None, name: str) -> str | None:
    """Say which other file was probably meant to be `name`."""
    for entry in found:
        if entry.name == name:
            return f"Found {printable(entry.path)}: put it at the top, beside the other files."
    near = [e.name for e in found if not e.folder and base in {None, e.parent}]
    meant = near_miss(name, near)
    if meant is None:
        return None
    shown = printable(meant)
    if meant.casefold() == name.casefold():
        return f"Found {shown}: did you mean {name}? Upper and lower case make a difference."
    return f"Found {shown}: did you mean {name}?"


def _nothing(found: Sequence[Found], names: Sequence[str]) -> str:
    """Say what was expected and what was found instead."""
    if not found:
        return f"Nothing was handed in. Expected {', '.join(names)}."
    shown = ", ".join(printable(label, 40) for label in _labels(found, "", set())[:5])
    packed = [e.name for e in found if PurePosixPath(e.name).suffix.lower() in _ARCHIVES]
    hints = [hint for name in names if (hint := _meant(found, None, name))]
    if packed:
        hints.append(f"{printable(packed[0], 40)} is another archive: hand in the files in it.")
    return " ".join([f"Expected {', '.join(names)}. Found {shown}.", *hints[:5]])


def _ignored(
    found: Sequence[Found], base: str, used: set[str], names: Sequence[str]
) -> tuple[str, ...]:
    labels = [label for label in _labels(found, base, used) if label not in names]
    shown = [
        printable(label) + (" (never used: it could change the grader)" * is_shadowing(label))
        for label in labels[:_LISTED]
    ]
    more = len(labels) - _LISTED
    return (*shown, f"and {more} more") if more > 0 else tuple(shown)


def _labels(found: Iterable[Found], base: str, used: set[str]) -> list[str]:
    """Name what lies beside the files; a folder is named once, whatever is in it."""
    labels: set[str] = set()
    for entry in found:
        if entry.path in used or (entry.path == base and entry.folder):
            continue
        path = entry.path.removeprefix(f"{base}/") if base else entry.path
        first, slash, _ = path.partition("/")
        labels.add(first + "/" if slash or entry.folder else first)
    return sorted(labels)
