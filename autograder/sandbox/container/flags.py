"""How a sandbox container is created: what it may do is little, and each line takes something away.

There is no `init` among them: the keeper is process 1 itself, which no process of the container can
kill, and which reaps what is orphaned.
"""

from __future__ import annotations

import json
from typing import Any

from docker.types import DeviceRequest, LogConfig, Ulimit

from autograder.assignment import Limits
from autograder.sandbox.container import seccomp
from autograder.sandbox.container.plan import Plan
from autograder.sandbox.environment import ENVIRONMENT
from autograder.sandbox.gpu import reach
from autograder.sandbox.keeper import MEGABYTE
from autograder.sandbox.walls import SCRATCH_BYTES

KEEPER_PROCESSES = 3  # the keeper, the submission's own process, and an exercise's
NOBODY = "65534:65534"
# A keeper that serves several submissions gives each a user of its own, and ends their processes.
CHANGES_USERS = ("SETUID", "SETGID", "KILL", "CHOWN")
# What student code may do is the same whatever the limits are.
CONFINED: dict[str, Any] = {
    "network_mode": "none",
    "read_only": True,
    "cap_drop": ["ALL"],
    "nano_cpus": 10**9,
    "shm_size": SCRATCH_BYTES,
    "ipc_mode": "private",
    "tmpfs": {"/tmp": f"rw,noexec,nosuid,nodev,size={SCRATCH_BYTES},mode=1777"},
    "log_config": LogConfig(type=LogConfig.types.NONE),
    "stop_signal": "SIGKILL",  # or an engine that stops would wait for each of them
    "stdin_open": True,
    "tty": False,
    "environment": ENVIRONMENT,
}


def creation(plan: Plan, limits: Limits, labels: dict[str, str]) -> dict[str, Any]:
    """The arguments of docker's `containers.create`."""
    for_cuda = reach.HOST_MB if plan.gpu else 0
    memory = (limits.memory_mb + plan.keeper_mb + for_cuda) * MEGABYTE
    users: dict[str, Any] = {"user": NOBODY}
    if plan.reuse > 1:
        users = {"user": "0:0", "cap_add": list(CHANGES_USERS)}
    return {
        **CONFINED,
        **users,
        **({"runtime": plan.runtime} if plan.runtime else {}),
        **(_gpu(plan.gpu) if plan.gpu else {}),
        "image": plan.image,
        "labels": labels,
        "security_opt": ["no-new-privileges:true", f"seccomp={json.dumps(seccomp.profile())}"],
        "pids_limit": limits.processes + KEEPER_PROCESSES + (reach.THREADS if plan.gpu else 0),
        "mem_limit": memory,
        "memswap_limit": memory,
        "ulimits": [
            Ulimit(name="core", soft=0, hard=0),
            Ulimit(name="nofile", soft=256, hard=256),
            Ulimit(name="fsize", soft=SCRATCH_BYTES, hard=SCRATCH_BYTES),
        ],
    }


def _gpu(uuid: str) -> dict[str, Any]:
    """One GPU, and what CUDA needs to find in its environment."""
    environment = {**ENVIRONMENT, **reach.environment(uuid)}
    request = DeviceRequest(device_ids=[uuid], capabilities=[["gpu", "compute", "utility"]])
    return {"device_requests": [request], "environment": environment}
