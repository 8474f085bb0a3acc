"""How a sandbox container is created, as docker's own library sends it to the engine."""

import json
from contextlib import closing
from dataclasses import replace
from typing import Any

import docker
import pytest
from docker.models.containers import _create_container_args

from autograder.assignment import Limits
from autograder.sandbox.container import flags, seccomp
from autograder.sandbox.container.plan import Plan
from autograder.sandbox.gpu import reach

PLAN = Plan(image="sha256:" + "5" * 64, keeper_mb=128)
LIMITS = Limits(memory_mb=300, processes=7)
LABELS = {"autograder.run": "1-abc"}
MEGABYTE = 2**20
VERSION = "1.41"  # of the engine's interface
LEAKS = {"privileged", "volumes", "mounts", "devices", "device_requests", "pid_mode", "links",
         "userns_mode", "uts_mode", "volumes_from", "extra_hosts", "ports", "cgroup_parent",
         "group_add", "sysctls", "init", "auto_remove", "restart_policy"}  # fmt: skip


def sent(plan: Plan = PLAN) -> dict[str, Any]:
    """Return what docker's library would send to an engine; TypeError for a flag that it lacks."""
    told = flags.creation(plan, LIMITS, LABELS) | {"command": None, "version": VERSION}
    with closing(docker.APIClient("unix:///nowhere.sock", version=VERSION)) as api:
        made = api.create_container_config(**_create_container_args(told))
    return json.loads(json.dumps(made))


def test_the_container_is_the_plans() -> None:
    """The image by its id, the labels, and streams that stay open for the keeper."""
    made = sent()
    assert (made["Image"], made["Labels"]) == (PLAN.image, LABELS)
    assert (made["OpenStdin"], made["StdinOnce"], made["Tty"]) == (True, True, False)
    assert made["StopSignal"] == "SIGKILL"


def test_the_program_is_the_images() -> None:
    """No command, entry point or folder is given beside those of the image."""
    made = sent()
    assert [made[key] for key in ("Cmd", "Entrypoint", "WorkingDir", "Volumes")] == [None] * 4


def test_what_student_code_may_do_is_little() -> None:
    """No network, nothing to write to but /tmp, no capability, no log, one processor."""
    host = sent()["HostConfig"]
    expected = {
        "NetworkMode": "none",
        "ReadonlyRootfs": True,
        "CapDrop": ["ALL"],
        "NanoCpus": 10**9,
        "ShmSize": 64 * MEGABYTE,
        "IpcMode": "private",
        "LogConfig": {"Type": "none", "Config": {}},
    }
    assert {key: host[key] for key in expected} == expected
    assert "CapAdd" not in host


def test_the_only_folder_to_write_to() -> None:
    """In memory, bounded, and nothing in it is a program or a device."""
    ((folder, options),) = sent()["HostConfig"]["Tmpfs"].items()
    assert folder == "/tmp"
    assert set(options.split(",")) == {
        "rw", "noexec", "nosuid", "nodev", f"size={64 * MEGABYTE}", "mode=1777",
    }  # fmt: skip


def test_no_new_privileges_and_our_filter() -> None:
    """The filter goes along as JSON and is the one of `seccomp.py`."""
    privileges, filtered = sent()["HostConfig"]["SecurityOpt"]
    assert privileges == "no-new-privileges:true"
    kind, _, told = filtered.partition("=")
    assert kind == "seccomp"
    assert json.loads(told) == seccomp.profile()


def test_limits_are_the_assignments() -> None:
    """The keeper's own share comes on top; none of it is swapped out."""
    host = sent()["HostConfig"]
    assert host["Memory"] == host["MemorySwap"] == (300 + 128) * MEGABYTE
    assert host["PidsLimit"] == 7 + 3
    told = {each["Name"]: (each["Soft"], each["Hard"]) for each in host["Ulimits"]}
    scratch = 64 * MEGABYTE
    assert told == {"core": (0, 0), "nofile": (256, 256), "fsize": (scratch, scratch)}


def test_nothing_of_the_machine_is_handed_in() -> None:
    """No folder, no device, no other namespace; and nobody else removes or restarts it."""
    assert not LEAKS & set(flags.creation(PLAN, LIMITS, LABELS))
    assert not {"Binds", "Devices", "PortBindings", "Privileged"} & set(sent()["HostConfig"])


def test_the_environment_is_all_ours() -> None:
    """No variable of the grader gets in, and each library uses one thread."""
    told = dict(each.split("=", 1) for each in sent()["Env"])
    assert told == flags.ENVIRONMENT
    assert {value for name, value in told.items() if name.endswith("_THREADS")} == {"1"}
    assert told["PYTHONHASHSEED"] == "0"


def test_a_container_for_one_submission_is_nobodys() -> None:
    """Its user has no name, owns no file, and gains nothing."""
    assert sent()["User"] == "65534:65534"


def test_reuse_adds_four_capabilities_and_their_user() -> None:
    """So that its keeper can give each submission a user of its own; all the rest is the same."""
    once, often = sent(), sent(replace(PLAN, reuse=2))
    assert often["User"] == "0:0"
    assert often["HostConfig"].pop("CapAdd") == ["SETUID", "SETGID", "KILL", "CHOWN"]
    assert often | {"User": once["User"]} == once


def test_a_runtime_is_given_only_where_it_is_chosen() -> None:
    """Otherwise the engine uses its own."""
    assert "Runtime" not in sent()["HostConfig"]
    chosen = sent(replace(PLAN, runtime="runsc"))
    assert chosen["HostConfig"].pop("Runtime") == "runsc"
    assert chosen == sent()


def test_an_argument_that_docker_lacks_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests would see a misspelt flag."""
    monkeypatch.setitem(flags.CONFINED, "read_onyl", True)
    with pytest.raises(TypeError, match="read_onyl"):
        sent()


def test_one_container_changes_nothing_for_the_next() -> None:
    """What all of them share is only read."""
    first = sent()
    sent(replace(PLAN, reuse=5, runtime="runsc"))
    assert sent() == first


def test_a_gpu_is_one_by_its_uuid() -> None:
    """What CUDA needs comes along, and beside that nothing changes."""
    plain, with_gpu = sent(), sent(replace(PLAN, gpu="GPU-1234"))
    (request,) = with_gpu["HostConfig"].pop("DeviceRequests")
    assert request["DeviceIDs"] == ["GPU-1234"]
    assert request["Capabilities"] == [["gpu", "compute", "utility"]]
    assert set(with_gpu.pop("Env")) - set(plain.pop("Env")) == {
        f"{name}={value}" for name, value in reach.environment("GPU-1234").items()
    }
    grown = {
        "Memory": reach.HOST_MB * MEGABYTE,
        "MemorySwap": reach.HOST_MB * MEGABYTE,
        "PidsLimit": reach.THREADS,
    }
    for name, more in grown.items():
        assert with_gpu["HostConfig"].pop(name) == plain["HostConfig"].pop(name) + more
    assert not plain["HostConfig"].pop("DeviceRequests", None)
    assert with_gpu == plain
