"""Building an image from its profile, and finding the one to run from."""

from __future__ import annotations

import hashlib
import io
import json
import re
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import docker
import jinja2
from docker.errors import APIError, ImageNotFound

import autograder
from autograder.errors import SandboxError
from autograder.sandbox.container.engine import speaking
from autograder.sandbox.images import wheelhouse
from autograder.sandbox.images.profiles import BASE, PROFILES, Profile

HERE = Path(__file__).parent
PACKAGE = Path(autograder.__file__).parent
WORKER = PACKAGE / "sandbox" / "inside"
TEMPLATE = "Dockerfile.j2"
CONTENT_LABEL = "autograder.content"  # a digest of everything that goes into the image
CODE_LABEL = "autograder.code"  # a digest of what of ours is in it
PROFILE_LABEL = "autograder.profile"
STAGE_LABEL = "autograder.libraries"  # of the first stage, which nobody runs
VERSION_LABEL = "autograder.version"
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
ASK_VERSION = "import sys; print('%d.%d' % sys.version_info[:2])"

Say = Callable[[str], None]


@dataclass(frozen=True)
class Built:
    """An image as the engine has it, or what is known of one that is not there."""

    profile: Profile
    id: str = ""
    megabytes: int = 0
    created: str = ""
    current: bool = False  # holds today's code


def build(
    client: docker.DockerClient, profile: Profile, wheels: Path, base: str = BASE, say: Say = print
) -> tuple[Built, bool]:
    """The profile's image, and whether it had to be built; raises SandboxError."""
    base_id, python = _look_at_base(client, base)
    say(f"{profile.name}: collecting wheels for Python {python}")
    files = _context(profile, wheelhouse.collect(profile, python, wheels))
    text = render(profile, base, {})
    content = _digest({**_digests(files), "Dockerfile": text, "base": base_id})
    found = find(client, profile)
    if found is not None and _labels(client, profile).get(CONTENT_LABEL) == content:
        return found, False
    labels = {
        PROFILE_LABEL: profile.name,
        VERSION_LABEL: autograder.__version__,
        CODE_LABEL: code_digest(profile),
        CONTENT_LABEL: content,
    }
    with tempfile.TemporaryFile() as context:
        _write_context(context, files, render(profile, base, labels))
        _run_build(client, profile, context, say)
    _remove_old(client, profile)
    built = find(client, profile)
    assert built is not None
    return built, True


def render(profile: Profile, base: str, labels: Mapping[str, str]) -> str:
    """The profile's Dockerfile."""
    loader = jinja2.FileSystemLoader(HERE)
    environment = jinja2.Environment(
        loader=loader, undefined=jinja2.StrictUndefined, keep_trailing_newline=True
    )
    code = sorted({path.parts[0] for path in code_of(profile) if path.suffix == ".py"})
    template = environment.get_template(TEMPLATE)
    return template.render(profile=profile, base=base, labels=labels, code=code)


def find(client: docker.DockerClient, profile: Profile) -> Built | None:
    """The newest build, or None where there is none."""
    with speaking():
        try:
            image = client.images.get(profile.tag)
        except ImageNotFound:
            return None
    current = image.labels.get(CODE_LABEL) == code_digest(profile)
    size = round(image.attrs["Size"] / 1e6)
    return Built(profile, str(image.id), size, image.attrs["Created"][:19], current)


def to_run(client: docker.DockerClient, profile: Profile) -> Built:
    """The image to start containers from; SandboxError says what to do where there is none."""
    built, how = find(client, profile), f"autograder image build {profile.name}"
    if built is None:
        raise SandboxError(f"there is no image {profile.tag}: {how}")
    if not built.current:
        raise SandboxError(f"the image {profile.tag} holds another version of the worker: {how}")
    return built


def listing(client: docker.DockerClient) -> list[Built]:
    """All profiles, built or not."""
    return [find(client, profile) or Built(profile) for profile in PROFILES.values()]


def code_digest(profile: Profile) -> str:
    """A digest of what decides what the image does: our code in it, its libraries' versions."""
    code = {name.as_posix(): path.read_text("utf-8") for name, path in code_of(profile).items()}
    pins = ", ".join(wheelhouse.pins(profile))
    return _digest({**code, "pins": pins, "Dockerfile": render(profile, "", {})})


def _look_at_base(client: docker.DockerClient, base: str) -> tuple[str, str]:
    """The base's id and its version of Python."""
    with speaking():
        try:
            image_id = str(client.images.get(base).id)
        except ImageNotFound:
            how = "make base-image" if base == BASE else f"docker pull {base}"
            raise SandboxError(f"the base image {base} is not here: {how}") from None
        if base != BASE and "@sha256:" not in base:
            raise SandboxError(f"name the base by its digest, {base}@sha256:..., not by a tag")
    return image_id, _version_of_python(client, base, image_id)


def _version_of_python(client: docker.DockerClient, base: str, image_id: str) -> str:
    """Such as "3.11"; SandboxError where there is none that works."""
    command = ["python3", "-c", ASK_VERSION]
    with speaking():
        container = client.containers.create(image_id, command, network_mode="none")
        try:
            container.start()
            if container.wait()["StatusCode"]:
                raise SandboxError(f"the base image {base} has a python3 that does not work")
            return container.logs(stderr=False).decode().strip()
        except APIError as error:
            raise SandboxError(f"the base image {base} has no python3 that starts") from error
        finally:
            container.remove(force=True)


def code_of(profile: Profile) -> dict[Path, Path]:
    """Our own files in the image: where they lie there, and here."""
    if profile.is_sandbox:
        return {path.relative_to(WORKER.parent): path for path in sorted(WORKER.glob("*.py"))}
    kinds = ("*.py", "*.j2", "*.sh")
    paths = sorted(path for kind in kinds for path in PACKAGE.rglob(kind))
    code = {path.relative_to(PACKAGE.parent): path for path in paths}
    return {**code, Path(wheelhouse.CONSTRAINTS.name): wheelhouse.CONSTRAINTS}


def _context(profile: Profile, wheels: Path) -> dict[str, Path]:
    """What the engine is sent: wheels and code, by their names in the context."""
    files = {f"wheelhouse/{p.relative_to(wheels)}": p for p in sorted(wheels.rglob("*.whl"))}
    return files | {f"code/{name.as_posix()}": path for name, path in code_of(profile).items()}


def _digests(files: Mapping[str, Path]) -> dict[str, str]:
    digests = {}
    for name, path in files.items():
        with path.open("rb") as file:
            digests[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return digests


def _digest(parts: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _labels(client: docker.DockerClient, profile: Profile) -> dict[str, str]:
    with speaking():
        labels: dict[str, str] = client.images.get(profile.tag).labels
    return labels


def _write_context(context: IO[bytes], files: Mapping[str, Path], dockerfile: str) -> None:
    with tarfile.open(fileobj=context, mode="w") as archive:
        for name, path in files.items():
            with path.open("rb") as file:
                archive.addfile(_member(name, path.stat().st_size), file)
        text = dockerfile.encode()
        archive.addfile(_member("Dockerfile", len(text)), io.BytesIO(text))
    context.seek(0)


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size = size
    return member


def _run_build(client: docker.DockerClient, profile: Profile, context: IO[bytes], say: Say) -> None:
    with speaking():
        answers = client.api.build(
            fileobj=context, custom_context=True, tag=profile.tag, network_mode="none",
            rm=True, forcerm=True, decode=True,
        )  # fmt: skip
        for line in _lines(answers):
            say(f"{profile.name}: {line}")


def _remove_old(client: docker.DockerClient, profile: Profile) -> None:
    """Remove earlier builds, as far as no container runs from them."""
    with speaking():
        for label in (PROFILE_LABEL, STAGE_LABEL):
            chosen = {"dangling": True, "label": f"{label}={profile.name}"}
            old = client.images.list(filters=chosen)
            newest = 1 if label == STAGE_LABEL else 0  # kept, so that a change of code is quick
            for image in sorted(old, key=lambda each: each.attrs["Created"], reverse=True)[newest:]:
                with suppress(APIError):
                    client.images.remove(str(image.id))


def _lines(answers: Iterator[dict[str, Any]]) -> Iterator[str]:
    """The steps of a build; the engine's error as ours, with what the step said last."""
    said = reason = ""
    for answer in answers:  # to the end, or the connection would stay open
        if "error" in answer:
            reason = said or answer["error"].strip()
        text = COLOURS.sub("", answer.get("stream", "")).strip()
        if text.startswith("Step "):
            said = ""
            yield text.partition("  ")[0]
        elif text and not text.startswith(("--->", "Removing intermediate container")):
            said = text.splitlines()[-1]
    if reason:
        raise SandboxError(f"the image could not be built: {reason}")
