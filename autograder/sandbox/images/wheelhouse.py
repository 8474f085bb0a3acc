"""The wheels that an image is built from: collected once over the network, then kept."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from pathlib import Path

from autograder.errors import SandboxError
from autograder.sandbox.images.profiles import Profile

CONSTRAINTS = Path(__file__).parents[3] / "constraints.txt"
INSTALLER = "pip"
GLIBC = range(36, 11, -1)  # minor versions whose wheels run on Debian 12 and newer
DONE = "collected.txt"  # what was asked for, written last


def pins(profile: Profile) -> list[str]:
    """The profile's own requirements at their versions."""
    lines = CONSTRAINTS.read_text("utf-8").splitlines()
    pinned = dict(line.split()[0].split("==") for line in lines if "==" in line)
    return [f"{each}=={pinned[each]}" if each in pinned else each for each in profile.requirements]


def collect(profile: Profile, python: str, wheelhouse: Path) -> Path:
    """The profile's folder of wheels for a Python such as "3.11"; raises SandboxError.

    What is there already is used as it is, without a network.
    """
    folder = wheelhouse / f"{profile.name}-{python}"
    asked = "\n".join([*profile.requirements, CONSTRAINTS.read_text("utf-8")])
    done = folder / DONE
    if done.exists() and done.read_text("utf-8") == asked:
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    _download(profile.requirements, python, folder / "libraries", profile.name)
    _download((INSTALLER,), python, folder / "installer", profile.name)
    done.write_text(asked, encoding="utf-8")
    return folder


def _download(requirements: tuple[str, ...], python: str, folder: Path, name: str) -> None:
    folder.mkdir(parents=True)
    processor = platform.machine()
    wanted = [f"manylinux_2_{minor}_{processor}" for minor in GLIBC]
    tags = [*wanted, f"manylinux2014_{processor}", f"linux_{processor}", "any"]
    command = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
        *("--only-binary=:all:", f"--python-version={python}", "--implementation=cp"),
        *(f"--platform={tag}" for tag in tags),
        *(f"--dest={folder}", f"--constraint={CONSTRAINTS}", *requirements),
    ]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        said = ended.stderr.strip().splitlines()[::-1] or [f"it ended with {ended.returncode}"]
        last = next((line for line in said if line.startswith("ERROR")), said[0])
        raise SandboxError(f"pip could not collect the wheels of profile {name!r}: {last}")
