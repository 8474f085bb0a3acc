"""What all containers of one grading process have in common."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """Which image to start containers from, and how to use them."""

    image: str  # its id, so that a new build changes nothing under way
    keeper_mb: int  # what the keeper takes with its libraries imported
    reuse: int = 1  # submissions that one container serves in turn
    spares: int = 1  # containers started ahead
    runtime: str = ""  # another runtime of the engine than its own, such as gVisor's runsc
    gpu: str = ""  # the UUID of the one that it reaches; none where this is empty
