"""A stand-in for Gradescope: an image built from our zip, and a container for each submission.

The layout, the order of the steps and the user (root) are those that Gradescope documents. Nothing
here has a network.
"""

import io
import json
import tarfile
import uuid
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
from docker.models.containers import Container

from autograder.assignment import Assignment
from autograder.export.gradescope import bundle
from autograder.export.gradescope.metadata import FILE
from autograder.export.gradescope.settings import Settings
from autograder.sandbox.images.profiles import BASE

REPO = Path(__file__).parents[3]
WHEELHOUSE = REPO / "build" / "wheelhouse"  # as `make images` fills it
PYTHON = "3.11"  # the base's
TOKEN = "a token of the harness"
EMAIL = "ada@example.org"
METADATA = {
    "id": 1,
    "created_at": "2026-12-01T08:15:00+01:00",
    "assignment": {"due_date": "2026-12-01T23:59:00+01:00", "late_due_date": None},
    "users": [{"email": EMAIL, "id": 7, "name": "Ada"}],
    "previous_submissions": [],
}
Files = Mapping[str, bytes | str]


@dataclass(frozen=True)
class Ran:
    """How a command in the container ended."""

    status: int
    said: str


@dataclass(frozen=True)
class Box:
    """One container."""

    container: Container

    def run(self, *command: str) -> Ran:
        """Run a command as root, from the root folder."""
        status, said = self.container.exec_run(list(command), workdir="/")
        return Ran(status, said.decode(errors="replace"))

    def put(self, files: Files) -> None:
        """Write files as root, links where a text begins with `->`."""
        self.container.put_archive("/", archive(files))

    def hand_in(self, files: Files, metadata: bytes | str | None = json.dumps(METADATA)) -> Ran:
        """Put a submission where Gradescope puts it, and run our script as its harness does."""
        given = {f"autograder/submission/{name}": text for name, text in files.items()}
        self.put(given | ({} if metadata is None else {f"autograder/{FILE}": metadata}))
        return self.run("/autograder/run_autograder")

    def results(self) -> dict[str, Any]:
        """Return results.json as Gradescope would read it."""
        told: dict[str, Any] = json.loads(self.run("cat", "/autograder/results/results.json").said)
        return told


def archive(files: Files) -> bytes:
    """Return a tar of files in which everything is readable to all, as an upload may be."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.mode = 0o777
            data = content.encode() if isinstance(content, str) else content
            if data.startswith(b"->"):
                member.type, member.linkname = tarfile.SYMTYPE, data[2:].decode()
                data = b""
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


@contextmanager
def started(client: docker.DockerClient, image: str, **options: Any) -> Iterator[Box]:
    """A container that waits, without a network; removed with everything in it."""
    container = client.containers.run(
        image,
        ["sleep", "600"],
        network_mode="none",
        detach=True,
        init=True,
        environment={"GRADESCOPE_TOKEN": TOKEN},
        **{"mem_limit": "3g"} | options,
    )
    try:
        yield Box(container)
    finally:
        container.remove(force=True)


def source(course: Assignment, **settings: Any) -> Files:
    """Return the zip's files where Gradescope unpacks them, with the script where it copies it."""
    data = bundle.build_zip(
        course, Settings(course.slug, **settings), bundle.wheels([PYTHON], WHEELHOUSE)
    )
    with zipfile.ZipFile(io.BytesIO(data)) as zipped:
        files = {f"autograder/source/{name}": zipped.read(name) for name in zipped.namelist()}
    return files | {"autograder/run_autograder": files["autograder/source/run_autograder"]}


@contextmanager
def image(client: docker.DockerClient, course: Assignment) -> Iterator[tuple[str, Ran]]:
    """An image on which our setup.sh has run, and what it said; removed at the end."""
    tag = f"autograder-gradescope-test:{uuid.uuid4().hex}"
    try:
        with started(client, BASE) as box:
            box.put(source(course))
            ran = box.run("bash", "/autograder/source/setup.sh")
            repository, _, version = tag.partition(":")
            box.container.commit(repository, version)
        yield tag, ran
    finally:
        client.images.remove(tag, force=True)
