"""The connection to the Docker engine, and what is said when there is none."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import docker
from docker.errors import APIError, DockerException
from requests.exceptions import ConnectionError as ConnectionFailed
from requests.exceptions import RequestException, Timeout

from autograder.errors import NoEngine, SandboxError

TIMEOUT_S = 60
HOST = "DOCKER_HOST"
DEFAULT_HOST = "unix:///var/run/docker.sock"
LIMITED = {"MemoryLimit": "memory", "PidsLimit": "processes", "CpuCfsQuota": "the processor"}
START_IT = "start it (on Debian as root: dockerd), or grade with --sandbox process"


def connect() -> docker.DockerClient:
    """A client of the engine that DOCKER_HOST names, or of this machine's; raises SandboxError."""
    host = os.environ.get(HOST) or DEFAULT_HOST
    if not host.startswith("unix://"):  # only a Unix socket can be handed to another process
        raise SandboxError(f"{HOST} is {host}: the engine must be reached over a Unix socket")
    with speaking():
        with socket.socket(socket.AF_UNIX) as trial:
            trial.connect(host.removeprefix("unix://"))
        return docker.from_env(timeout=TIMEOUT_S)


def check_limits(client: docker.DockerClient) -> None:
    """Raise SandboxError where the engine would not apply the limits that it is given."""
    with speaking():
        told = client.info()
    if missing := [what for key, what in LIMITED.items() if not told.get(key, True)]:
        raise SandboxError(f"the Docker engine cannot limit {' and '.join(missing)} here")


class PerThread:
    """One client for each thread: they are not made to be shared."""

    def __init__(self) -> None:
        self._own = threading.local()

    @property
    def client(self) -> docker.DockerClient:
        """This thread's client; raises SandboxError."""
        if not hasattr(self._own, "client"):
            self._own.client = connect()
        client: docker.DockerClient = self._own.client
        return client


@contextmanager
def speaking() -> Iterator[None]:
    """Turn what goes wrong between here and the engine into one line."""
    try:
        yield
    except APIError as error:
        raise SandboxError(f"the Docker engine refuses: {error.explanation or error}") from error
    except Timeout as error:
        raise SandboxError(f"the Docker engine took longer than {TIMEOUT_S} s") from error
    except PermissionError as error:
        raise SandboxError("this user may not speak to the Docker engine (group docker)") from error
    except (FileNotFoundError, ConnectionError, ConnectionFailed) as error:
        raise NoEngine(f"no Docker engine answers: {START_IT}") from error
    except (DockerException, RequestException, OSError) as error:
        raise SandboxError(f"speaking to the Docker engine has failed: {error}") from error
