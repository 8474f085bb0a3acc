"""The wheels of images: collected once over the network, then kept."""

import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from autograder.errors import SandboxError
from autograder.sandbox.images import wheelhouse
from autograder.sandbox.images.profiles import PROFILES, Profile

PROFILE = Profile("small", "for these tests", ("tiny", "little==2"), "tiny")
PINNED = dict(
    line.split("#")[0].strip().split("==")
    for line in wheelhouse.CONSTRAINTS.read_text("utf-8").splitlines()
    if "==" in line
)


@dataclass
class Pip:
    """Stands in for pip: leaves a wheel where it is told to, or fails."""

    commands: list[list[str]] = field(default_factory=list)
    status: int = 0
    stderr: str = ""
    killed_at: int = 0

    def run(self, command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        """Take the place of `subprocess.run`."""
        self.commands.append(command)
        if len(self.commands) == self.killed_at:
            raise KeyboardInterrupt
        folder = Path(option(command, "--dest"))
        folder.joinpath("tiny-1-py3-none-any.whl").write_bytes(b"")
        return subprocess.CompletedProcess(command, self.status, "", self.stderr)


@pytest.fixture
def pip(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Pip:
    """No pip and no network, and constraints that a test may change."""
    pip, constraints = Pip(), tmp_path / "constraints.txt"
    constraints.write_text("tiny==1\n", "utf-8")
    monkeypatch.setattr(subprocess, "run", pip.run)
    monkeypatch.setattr(wheelhouse, "CONSTRAINTS", constraints)
    return pip


def option(command: list[str], name: str) -> str:
    """Return the value of an option that is given once."""
    (value,) = (word.partition("=")[2] for word in command if word.startswith(f"{name}="))
    return value


def test_wheels_are_collected_once(pip: Pip, tmp_path: Path) -> None:
    """One call of pip for the libraries and one for the installer; none at all the next time."""
    folder = wheelhouse.collect(PROFILE, "3.11", tmp_path)
    assert [Path(option(each, "--dest")).name for each in pip.commands] == [
        "libraries",
        "installer",
    ]
    assert wheelhouse.collect(PROFILE, "3.11", tmp_path) == folder
    assert len(pip.commands) == 2
    assert folder.parent == tmp_path


def test_pip_is_told_whom_the_wheels_are_for(pip: Pip, tmp_path: Path) -> None:
    """Wheels only, for the image's Python and Linux and not ours, in the versions we pin."""
    wheelhouse.collect(PROFILE, "3.12", tmp_path)
    libraries, installer = pip.commands
    assert libraries[-2:] == list(PROFILE.requirements)
    assert installer[-1] == "pip"
    for command in pip.commands:
        assert "--only-binary=:all:" in command
        assert option(command, "--python-version") == "3.12"
        assert option(command, "--constraint") == str(wheelhouse.CONSTRAINTS)
        assert any(word.startswith("--platform=manylinux") for word in command)


def test_each_python_and_profile_has_a_folder(pip: Pip, tmp_path: Path) -> None:
    """What was collected for one is not taken for another's."""
    other = Profile("other", "for these tests", ("tiny",), "tiny")
    asked = [(PROFILE, "3.11"), (PROFILE, "3.12"), (other, "3.11")]
    folders = {wheelhouse.collect(profile, python, tmp_path) for profile, python in asked}
    assert len(folders) == 3
    assert len(pip.commands) == 6


def test_a_failure_is_one_line(pip: Pip, tmp_path: Path) -> None:
    """The profile, and the last error of all that pip has said."""
    pip.status = 1
    pip.stderr = "WARNING: slow\nERROR: no version\nERROR: No match for tiny\nnotice: update\n"
    with pytest.raises(SandboxError) as caught:
        wheelhouse.collect(PROFILE, "3.11", tmp_path)
    expected = "pip could not collect the wheels of profile 'small': ERROR: No match for tiny"
    assert str(caught.value) == expected


def test_after_a_failure_it_is_tried_again(pip: Pip, tmp_path: Path) -> None:
    """What a failed collection has left is not used."""
    pip.status = 1
    with pytest.raises(SandboxError):
        wheelhouse.collect(PROFILE, "3.11", tmp_path)
    pip.status = 0
    wheelhouse.collect(PROFILE, "3.11", tmp_path)
    assert len(pip.commands) == 3


@pytest.mark.parametrize("killed_at", [1, 2])
def test_an_interrupted_collection_is_not_finished(
    pip: Pip, tmp_path: Path, killed_at: int
) -> None:
    """The next one begins anew, in an empty folder."""
    pip.killed_at = killed_at
    with pytest.raises(KeyboardInterrupt):
        wheelhouse.collect(PROFILE, "3.11", tmp_path)
    partial = tmp_path / "small-3.11" / "libraries" / "half.whl"
    partial.write_bytes(b"")
    folder = wheelhouse.collect(PROFILE, "3.11", tmp_path)
    assert len(pip.commands) == killed_at + 2
    assert [path.name for path in folder.rglob("*.whl")] == ["tiny-1-py3-none-any.whl"] * 2


def test_a_changed_version_collects_anew(pip: Pip, tmp_path: Path) -> None:
    """Wheels that the constraints no longer ask for are removed."""
    folder = wheelhouse.collect(PROFILE, "3.11", tmp_path)
    (folder / "libraries" / "old.whl").write_bytes(b"")
    wheelhouse.CONSTRAINTS.write_text("tiny==2\n", "utf-8")
    wheelhouse.collect(PROFILE, "3.11", tmp_path)
    assert len(pip.commands) == 4
    assert not (folder / "libraries" / "old.whl").exists()


def test_a_changed_requirement_collects_anew(pip: Pip, tmp_path: Path) -> None:
    """The folder belongs to what was asked for, not only to the profile's name."""
    wheelhouse.collect(PROFILE, "3.11", tmp_path)
    changed = Profile("small", "for these tests", ("tiny", "little==3"), "tiny")
    wheelhouse.collect(changed, "3.11", tmp_path)
    assert len(pip.commands) == 4


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.name)
def test_every_requirement_is_pinned(profile: Profile) -> None:
    """In constraints.txt, or where it is asked for; the installer is, too."""
    for requirement in (*profile.requirements, wheelhouse.INSTALLER):
        name, _, version = requirement.partition("==")
        assert version or name in PINNED
