"""What each image is for, and which libraries it holds; versions are in constraints.txt."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.errors import UsageError

REPOSITORY = "autograder"
BASE = f"{REPOSITORY}-base:bookworm"
BOOT = (
    "import sys; sys.path.insert(0, '/sandbox'); import {preload}; "
    "from inside import keeper, links; keeper.main(links.StreamLink())"
)


@dataclass(frozen=True)
class Profile:
    """One kind of image."""

    name: str
    purpose: str
    requirements: tuple[str, ...]  # as pip takes them
    preload: str = ""  # what the keeper imports ahead; empty for the grader's image
    keeper_mb: int = 0  # what that takes, at most

    @property
    def tag(self) -> str:
        """The name under which the engine knows the newest build."""
        return f"{REPOSITORY}-{'sandbox' if self.is_sandbox else 'platform'}:{self.name}"

    @property
    def is_sandbox(self) -> bool:
        """Whether student code runs in it."""
        return bool(self.preload)

    @property
    def folder(self) -> str:
        """Where libraries and code lie in the image."""
        return "/sandbox" if self.is_sandbox else "/platform"

    @property
    def workdir(self) -> str:
        """The folder in which its program starts."""
        return "/tmp" if self.is_sandbox else "/grading"

    @property
    def boot(self) -> str:
        """The program of a sandbox."""
        return BOOT.format(preload=self.preload)


PROFILES = {
    profile.name: profile
    for profile in (
        Profile("numpy", "sandbox for numpy assignments", ("numpy",), "numpy", 128),
        Profile(
            "torch",
            "sandbox for PyTorch assignments on the CPU",
            # The build without CUDA, which would be several gigabytes.
            ("numpy", "torch==2.13.0+cpu"),
            "numpy, torch",
            512,
        ),
        Profile(
            "cuda",
            "sandbox for PyTorch assignments on NVIDIA GPUs",
            # Its wheels bring the CUDA libraries; `===` keeps the build for CPUs out.
            ("numpy", "torch===2.13.0"),
            "numpy, torch",
            2048,
        ),
        Profile(
            "grader",
            "the platform itself, for CI and servers",
            ("docker", "jinja2", "numpy", "pydantic", "pytest", "PyYAML", "rich", "typer"),
        ),
    )
}


def profile_of(name: str) -> Profile:
    """The profile of that name; UsageError names those that there are."""
    if name not in PROFILES:
        raise UsageError(f"no profile {name!r}; there are: {', '.join(PROFILES)}")
    return PROFILES[name]
