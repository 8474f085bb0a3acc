"""What files a release may hold, and that its data are the assignment's own."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import IO

import numpy as np

from autograder.assignment import Assignment
from autograder.release.gate.model import Kind, Leak

_FIXED = {
    "checks.py", "DATA.md", "README.md", "requirements.txt", "pytest.ini", "SHA256SUMS",
}  # fmt: skip
_TESTS = re.compile(r"tests/[A-Za-z_]\w*\.py")
_LEFTOVERS = {
    r"(^|/)__pycache__/|\.py[co]$": "compiled Python",
    r"(^|/)\.ipynb_checkpoints/": "a copy that Jupyter keeps",
    r"\.(so|o|a|pyd|dll|dylib|exe|class|obj)$": "a compiled object",
    r"\.(pt|pth|ckpt|pkl|pickle|joblib|npy|npz|safetensors|h5|hdf5|onnx|bin|msgpack)$": (
        "a model's checkpoint or data that the assignment does not name"
    ),
    r"\.(zip|tar|t?gz|t?bz2|t?xz|7z|rar|whl|zst)$": "an archive",
    r"~$|\.(sw[a-p]|bak|orig|rej|tmp|log)$|(^|/)(#[^/]*#|\.#[^/]*)$": "an editor's leftover",
    r"(^|/)(\.DS_Store|Thumbs\.db|desktop\.ini|\._[^/]*|__MACOSX(/.*)?)$": "a system's leftover",
    r"(^|/)\.[^/]+(/|$)": "a hidden file",
}


def check(assignment: Assignment, files: Mapping[str, bytes]) -> Iterator[Leak]:
    """Yield a finding for each file that is not expected, or not what it should be."""
    seen: dict[str, str] = {}
    for path, data in files.items():
        if (twin := seen.setdefault(path.casefold(), path)) != path:
            yield Leak(Kind.UNEXPECTED, path, None, None, f"differs from {twin} in case only")
        if path in assignment.data:
            yield from _data(assignment, path, data)
        elif not expected(assignment, path):
            yield _stranger(path)


def expected(assignment: Assignment, path: str) -> bool:
    """Whether a release of this assignment holds such a file; all of them are text or data."""
    named = {*assignment.files, *assignment.data, *_FIXED, f"{assignment.slug}.ipynb"}
    return path in named or _TESTS.fullmatch(path) is not None


def _stranger(path: str) -> Leak:
    parts = PurePosixPath(path).parts
    if path.startswith("/") or "\\" in path or ".." in parts:
        return Leak(Kind.UNEXPECTED, path, None, None, "the path leads out of the bundle")
    for pattern, what in _LEFTOVERS.items():
        if re.search(pattern, path, re.IGNORECASE):
            return Leak(Kind.ARTEFACT, path, None, None, f"{what}: leave it out")
    return Leak(Kind.UNEXPECTED, path, None, None, "no file of a release")


def _data(assignment: Assignment, path: str, data: bytes) -> Iterator[Leak]:
    source = assignment.data_dir / path
    shown = f"assignments/{assignment.slug}/data/{path}"
    if not source.is_file():
        yield Leak(Kind.ARTEFACT, path, None, None, f"there is no {shown} to compare with")
    elif source.read_bytes() != data:
        yield Leak(Kind.ARTEFACT, path, None, None, f"differs from {shown}")
    if what := _unsafe(path, data):
        yield Leak(Kind.ARTEFACT, path, None, None, what)


def _unsafe(path: str, data: bytes) -> str | None:
    """Say why a data file would run code, or cannot be read, when it is loaded."""
    if path.endswith((".pkl", ".pickle", ".joblib", ".pt", ".pth", ".ckpt")):
        return "needs pickle, which runs code: use .npz"
    try:
        if path.endswith(".npz"):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                return _unsafe_members(archive)
        return _unsafe_array(path, io.BytesIO(data)) if path.endswith(".npy") else None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        return "a damaged archive"


def _unsafe_members(archive: zipfile.ZipFile) -> str | None:
    for name in archive.namelist():
        if not name.endswith(".npy"):
            return f"holds {name!r}, which is no array"
        with archive.open(name) as member:
            if what := _unsafe_array(name, member):
                return what
    return None


def _unsafe_array(name: str, stream: IO[bytes]) -> str | None:
    """Read an array's header only: whatever follows, numpy reads no more than it says."""
    try:
        version = np.lib.format.read_magic(stream)
        header = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }[version]
        _, _, dtype = header(stream)
    except (ValueError, KeyError):
        return f"{name} is no numpy array"
    return f"{name} needs pickle, which runs code" if dtype.hasobject else None
