"""A keeper's folder: made under a lock, removed whatever is in it, swept up after a sudden end."""

import os
import sys
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.sandbox.homes import PREFIX, Home
from autograder.sandbox.inside.folders import empty


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder for temporary files, empty."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_home_has_links_and_goes_without_a_trace(temporary: Path) -> None:
    """Libraries are linked, other users may pass through, and `remove` leaves nothing."""
    home = Home({"numpy": Path("/usr")})
    assert Path(home.libraries, "numpy").readlink() == Path("/usr")
    assert Path(home.path).stat().st_mode & 0o777 == 0o711
    home.remove()
    assert list(temporary.iterdir()) == []
    assert Path("/usr/bin").exists()


def test_what_a_killed_process_left_is_swept_up(temporary: Path) -> None:
    """A home that nobody holds is removed by the next one; one that is held stays."""
    (temporary / f"{PREFIX}old" / "submission").mkdir(parents=True)
    (temporary / "somebody-else").mkdir()
    held = Home({})
    other = Home({})
    assert sorted(path.name for path in temporary.iterdir()) == sorted(
        [Path(held.path).name, Path(other.path).name, "somebody-else"]
    )
    held.remove()
    other.remove()


def test_links_are_not_followed(tmp_path: Path) -> None:
    """A link to a folder is removed, and the folder stays."""
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "file").touch()
    (tmp_path / "box" / "inner").mkdir(parents=True)
    for place in ("box/link", "box/inner/link"):
        (tmp_path / place).symlink_to(tmp_path / "precious")
    empty(str(tmp_path / "box"))
    assert list((tmp_path / "box").iterdir()) == []
    assert (tmp_path / "precious" / "file").exists()


def test_locked_folders_are_opened(tmp_path: Path) -> None:
    """Folders without any permission, the top one included, hold nothing back."""
    inner = tmp_path / "box" / "locked" / "inner"
    inner.mkdir(parents=True)
    (inner / "file").touch()
    for folder in (inner, inner.parent, tmp_path / "box"):
        folder.chmod(0)
    empty(str(tmp_path / "box"))
    assert os.listdir(tmp_path / "box") == []  # noqa: PTH208 - as short as it gets


def test_no_depth_is_too_deep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths longer than the system takes, nested deeper than Python recurses, are removed."""
    monkeypatch.chdir(tmp_path)
    for _ in range(120):
        os.mkdir("d" * 50)  # noqa: PTH102 - one name, not a path
        os.chdir("d" * 50)
    os.chdir(tmp_path)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(100 + len(traceback.extract_stack()))
    try:
        empty(str(tmp_path))
    finally:
        sys.setrecursionlimit(limit)
    assert list(tmp_path.iterdir()) == []
