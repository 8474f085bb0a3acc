"""What stands around student code, and under which user it runs."""

import os
from itertools import islice
from pathlib import Path

import pytest

from autograder.errors import SandboxError
from autograder.sandbox import walls
from autograder.sandbox.walls import BLOCK, FIRST_UID, Site, Walls, bubblewrap, own_uids

SITE = Site("/opt/py/bin/python3", Path("/opt/py"), {"inside": Path("/course/inside")})
root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has other users to give")


@root
def test_grading_processes_never_share_a_user() -> None:
    """Two at a time take users from blocks of their own, so that neither ends the other's."""
    one, other = (own_uids(SITE, Walls.BUBBLEWRAP) for _ in range(2))
    taken = set(islice(one, 2 * BLOCK)), set(islice(other, 2 * BLOCK))
    assert taken[0] & taken[1] == set()
    assert max(map(len, taken)) <= BLOCK
    assert min(taken[0] | taken[1]) >= FIRST_UID


@root
def test_when_no_users_are_left_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """More grading processes than blocks is an error of the machine, not of a student."""
    monkeypatch.setattr(walls, "BLOCKS", 0)
    with pytest.raises(SandboxError, match="no users are left"):
        next(own_uids(SITE, Walls.BUBBLEWRAP))


@root
def test_a_closed_interpreter_means_no_other_user(tmp_path: Path) -> None:
    """Where another user could not even start Python, root stays, and says so in the report."""
    (tmp_path / "closed").mkdir(mode=0o700)
    site = Site(str(tmp_path / "closed"), tmp_path, {})
    assert list(own_uids(site, Walls.NONE)) == []


def test_an_ordinary_user_has_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only root can change users."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert list(own_uids(SITE, Walls.BUBBLEWRAP)) == []


def test_bubblewrap_binds_no_more_than_it_must() -> None:
    """System, interpreter and libraries, read-only; no home, no course, no network."""
    flags = bubblewrap(SITE, Path("/course"))
    bound = {flags[i + 1] for i, flag in enumerate(flags) if flag == "--ro-bind"}
    assert bound <= {"/usr", "/opt/py", "/course/inside", "/lib", "/lib64", "/bin"}
    assert "--bind" not in flags
    assert {"--unshare-net", "--unshare-pid", "--unshare-ipc", "--die-with-parent"} <= set(flags)
    assert flags[flags.index("--cap-drop") + 1] == "ALL"


def test_scratch_is_bounded_and_comes_before_the_interpreter() -> None:
    """/tmp has a size, and hides no interpreter that lies below it."""
    site = Site("/tmp/py/bin/python3", Path("/tmp/py"), {})
    flags = bubblewrap(site, Path("/course"))
    scratch = flags.index("/tmp")
    assert flags[scratch - 3 : scratch] == ["--size", str(walls.SCRATCH_BYTES), "--tmpfs"]
    assert scratch < flags.index("/tmp/py")


def test_a_course_below_a_bound_folder_is_masked(tmp_path: Path) -> None:
    """A checkout inside the interpreter's own folder is not to be seen."""
    (tmp_path / "course").mkdir()
    flags = bubblewrap(Site("", tmp_path, {}), tmp_path / "course")
    assert flags[flags.index(str(tmp_path / "course")) - 1] == "--tmpfs"
