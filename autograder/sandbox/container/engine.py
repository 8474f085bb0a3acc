"""The connection to the Docker engine, and what is said when there is none."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import docker
from docker.errors import APIError, DockerException
from requests.exceptions import RequestException

from autograder.errors import NoEngine, SandboxError

TIMEOUT_S = 60
START_IT = "start it (on Debian as root: dockerd), or grade with --sandbox process"


def connect() -> docker.DockerClient:
    """A client of the engine that DOCKER_HOST names, or of this machine's; raises SandboxError."""
    with speaking():
        client = docker.from_env(timeout=TIMEOUT_S)
        client.ping()
    return client


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
    except (DockerException, RequestException, OSError) as error:
        raise NoEngine(f"no Docker engine answers: {START_IT}") from error
