"""The images of sandboxes: what is in them, how they are built, and what is said of them."""

import hashlib
import io
import json
import re
import shutil
import stat
import tarfile
import uuid
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any, Self

import docker
import pytest
from docker.errors import APIError, ImageNotFound

import autograder
from autograder import cli
from autograder.assignment import Assignment
from autograder.errors import SandboxError
from autograder.sandbox.container import engine as connection
from autograder.sandbox.container.plan import Plan
from autograder.sandbox.images import build, wheelhouse
from autograder.sandbox.images.build import Built, render
from autograder.sandbox.images.profiles import BASE, PROFILES, Profile, profile_of

Capture = pytest.CaptureFixture[str]
SANDBOXES = [profile for profile in PROFILES.values() if profile.is_sandbox]
NAMED: Any = {"ids": lambda profile: profile.name}


# What the template makes of a profile.


def steps(profile: Profile, **labels: str) -> list[tuple[str, str]]:
    """Return the instructions of a profile's Dockerfile, each with what follows it."""
    text = render(profile, BASE, labels).replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


@pytest.mark.parametrize("profile", PROFILES.values(), **NAMED)
def test_every_image_is_the_base_and_what_is_copied(profile: Profile) -> None:
    """Built in a first stage, of which only the libraries are kept; code comes beside them."""
    told = steps(profile)
    assert [rest for word, rest in told if word == "FROM"] == [f"{BASE} AS libraries", BASE]
    assert ("COPY", f"--from=libraries /libraries/ {profile.folder}/") in told
    assert ("COPY", f"code/ {profile.folder}/") in told
    assert {word for word, _ in told} <= {
        "FROM", "COPY", "RUN", "WORKDIR", "USER", "ENV", "ENTRYPOINT", "CMD", "LABEL",
    }  # fmt: skip


@pytest.mark.parametrize("profile", PROFILES.values(), **NAMED)
def test_no_step_needs_a_network(profile: Profile) -> None:
    """Nothing is fetched, and the installer takes nothing but the wheels beside it."""
    runs = [rest for word, rest in steps(profile) if word == "RUN"]
    assert not re.search(r"\b(apt|apt-get|dpkg|curl|wget|git|https?)\b", " ".join(runs))
    (install,) = (rest for rest in runs if "pip" in rest and "install" in rest)
    assert {"--no-index", "--no-deps"} <= set(install.split())


@pytest.mark.parametrize("profile", SANDBOXES, **NAMED)
def test_a_sandbox_runs_its_keeper_as_nobody(profile: Profile) -> None:
    """Started without a shell, isolated from its environment, and from nothing else."""
    told = dict(steps(profile))
    assert told["USER"] == "65534:65534"
    assert json.loads(told["ENTRYPOINT"]) == ["python3", "-I", "-S", "-B", "-c", profile.boot]
    assert told["WORKDIR"] == "/tmp"
    assert not {"CMD", "ENV"} & set(told)


def test_the_grader_runs_the_command() -> None:
    """Its entry point is `autograder`, which shows its help."""
    told = dict(steps(profile_of("grader")))
    assert json.loads(told["ENTRYPOINT"]) == ["python3", "-P", "-m", "autograder"]
    assert json.loads(told["CMD"]) == ["--help"]


def test_labels_are_quoted() -> None:
    """Whatever is in a value stays in it."""
    told = steps(profile_of("numpy"), one="1", two='a "b" c')
    labels = [rest for word, rest in told if word == "LABEL"]
    assert labels[1:] == ['one="1"', 'two="a \\"b\\" c"']  # the first is its first stage's


@pytest.mark.parametrize("profile", SANDBOXES, **NAMED)
def test_a_sandbox_is_sent_wheels_and_its_worker(profile: Profile, tmp_path: Path) -> None:
    """Nothing else of this repository is in the context of its build."""
    worker = {f"code/inside/{path.name}" for path in build.WORKER.glob("*.py")}
    assert set(build._context(profile, tmp_path)) == worker


def test_a_grader_is_sent_the_package(tmp_path: Path) -> None:
    """And neither solutions nor hidden tests: a course is mounted."""
    context = build._context(profile_of("grader"), tmp_path)
    others = [name for name in context if not name.startswith("code/autograder/")]
    assert others == ["code/constraints.txt"]
    assert {"code/autograder/report.py", "code/autograder/sandbox/images/Dockerfile.j2"} <= set(
        context
    )


# What is in the images that there are.

BUILDERS = re.compile(
    r"(.*-)?(cc|gcc|g\+\+|c\+\+|clang|clang\+\+|cpp|tcc|as|ld|gold|lld|make|cmake|ninja|nvcc|rustc"
    r"|go|gfortran|pip|pipx|uv|conda|easy_install)(-?[0-9.]+)?"
)
HISTORIES = {".bash_history", ".python_history", ".lesshst", ".viminfo", ".wget-hsts", ".netrc"}
STAFFS = {"assignment.toml", "losses.py", "gradcheck_solution.py", "handout.md", "digits.npz"}
# What the engine itself puts into each container that it makes.
ENGINES = {".dockerenv", "dev/console", "etc/hostname", "etc/hosts", "etc/mtab", "etc/resolv.conf"}


@dataclass(frozen=True)
class Entry:
    """A file, folder or link of an image."""

    kind: str  # "file", "folder", or "other"
    mode: int
    digest: str
    content: bytes = b""  # of the lists of files that libraries bring along


Files = dict[str, Entry]


class Pipe(io.RawIOBase):
    """The pieces of a download as a file."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._left = b""

    def readable(self) -> bool:
        """It is read only."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Take from the piece at hand."""
        while not self._left:
            self._left = next(self._pieces, b"")
            if not self._left:
                return 0
        count = min(len(buffer), len(self._left))
        buffer[:count], self._left = self._left[:count], self._left[count:]
        return count


def files_of(client: docker.DockerClient, image: str) -> Files:
    """Return all that a container of the image would see, without starting one."""
    container = client.api.create_container(image, command=["none"], network_disabled=True)
    try:
        pipe = io.BufferedReader(Pipe(client.api.export(container["Id"])), 1 << 20)
        with tarfile.open(fileobj=pipe, mode="r|") as archive:
            return {member.name: entry_of(archive, member) for member in archive}
    finally:
        client.api.remove_container(container["Id"])


def entry_of(archive: tarfile.TarFile, member: tarfile.TarInfo) -> Entry:
    """Return what is checked about a member."""
    opened = archive.extractfile(member) if member.isreg() else None
    content = opened.read() if opened else b""
    kind = "file" if member.isreg() or member.islnk() else "folder" if member.isdir() else "other"
    digest = hashlib.sha256(content or member.linkname.encode()).hexdigest()
    kept = content if member.name.endswith(".dist-info/RECORD") else b""
    return Entry(kind, member.mode, digest, kept)


@pytest.fixture(scope="module")
def engine() -> Iterator[docker.DockerClient]:
    """A client of the engine; a test asks for `containers` as well, so that there is one."""
    with closing(connection.connect()) as client:
        yield client


@pytest.fixture(scope="module")
def base(containers: Plan, engine: docker.DockerClient) -> Files:
    """What the image brings along that all others are built on."""
    return files_of(engine, BASE)


@pytest.fixture(scope="module", params=["containers", "torch_containers"], ids=["numpy", "torch"])
def image(request: pytest.FixtureRequest) -> Files:
    """Each image that sandboxes run from."""
    plan: Plan = request.getfixturevalue(request.param)
    return files_of(request.getfixturevalue("engine"), plan.image)


@pytest.fixture(scope="module")
def numpy_image(containers: Plan, engine: docker.DockerClient) -> Files:
    """The one for numpy."""
    return files_of(engine, containers.image)


def ours(image: Files) -> Files:
    """Return what lies in the folder of libraries and code."""
    return {name: entry for name, entry in image.items() if name.startswith("sandbox/")}


def files(image: Files) -> dict[str, Entry]:
    """Return its files, without folders, links and devices."""
    return {name: entry for name, entry in image.items() if entry.kind == "file"}


def test_all_that_is_added_is_in_one_folder(image: Files, base: Files) -> None:
    """Outside of /sandbox an image is its base, of which nothing is changed."""
    changed = {name for name, entry in image.items() if base.get(name) != entry}
    assert changed - set(ours(image)) <= ENGINES | {"sandbox"}


def test_each_file_is_a_librarys_or_the_workers(image: Files) -> None:
    """Below /sandbox is what the libraries' own lists name, and `inside`; beside them bytecode."""
    lists = [name for name in files(image) if name.endswith(".dist-info/RECORD")]
    listed = {
        f"sandbox/{line.split(',')[0].removeprefix('../../')}"
        for name in lists
        for line in image[name].content.decode().splitlines()
    }
    others = {name for name in files(ours(image)) if name not in listed}
    assert {PurePosixPath(name).parts[1] for name in others} == {"inside"}
    assert {PurePosixPath(name).suffix for name in others} == {".py", ".pyc"}


def test_the_worker_is_ours_to_the_byte(image: Files) -> None:
    """The code that serves submissions is that of `autograder/sandbox/inside`, and all of it."""
    found = {name: each.digest for name, each in files(image).items() if name.endswith(".py")}
    worker = {
        f"sandbox/inside/{path.name}": hashlib.sha256(path.read_bytes()).hexdigest()
        for path in build.WORKER.glob("*.py")
    }
    assert {name: found[name] for name in found if name.startswith("sandbox/inside/")} == worker


def test_nothing_builds_or_installs_programs(image: Files) -> None:
    """No compiler, linker or installer, not even one that the base or Python brings along."""
    programs = [name for name, each in image.items() if each.mode & 0o111 and each.kind != "folder"]
    assert [name for name in programs if BUILDERS.fullmatch(PurePosixPath(name).name)] == []
    folders = {PurePosixPath(name).name for name in image}
    assert not {"ensurepip", "pip", "_pip"} & folders


def test_nothing_of_who_built_it_is_left(image: Files) -> None:
    """No history of a shell, no home with settings, no cache, nothing in temporary folders."""
    assert not HISTORIES & {PurePosixPath(name).name for name in image}
    left = [name for name in image if re.match(r"(root|home|tmp|var/tmp|var/cache)/.", name)]
    assert left == []
    assert "wheelhouse" not in image
    assert "libraries" not in image


def test_nothing_of_the_course_is_in_it(image: Files, repo: Path) -> None:
    """No solution, no test of any kind, no assignment: neither by name nor by content."""
    rooms = ["solutions", "tests", "assignments", "starter_code"]
    secret = {
        hashlib.sha256(path.read_bytes()).hexdigest(): path.relative_to(repo).as_posix()
        for room in rooms
        for path in (repo / room).rglob("*")
        if path.is_file() and path.stat().st_size and path.suffix != ".pyc"
    }
    assert len(secret) > 100
    assert [secret[each.digest] for each in files(image).values() if each.digest in secret] == []
    assert not STAFFS & {PurePosixPath(name).name for name in image}
    assert not [name for name in image if "hidden/" in name or "solutions" in name.split("/")]


def test_no_file_gives_rights(image: Files) -> None:
    """No program runs as somebody else, and only folders that keep owners apart are open to all."""
    gives = stat.S_ISUID | stat.S_ISGID
    assert [name for name, each in files(image).items() if each.mode & gives] == []
    writable = {
        name: each
        for name, each in image.items()
        if each.mode & stat.S_IWOTH and each.kind != "other"
    }
    assert {name for name, each in writable.items() if each.kind == "file"} == set()
    assert all(each.mode & stat.S_ISVTX for each in writable.values())


def test_bytecode_is_there(image: Files) -> None:
    """Nothing is compiled when a container starts, which could not keep it."""
    for folder in ("sandbox/inside", "sandbox/numpy", "sandbox/numpy/_core"):
        paths = [PurePosixPath(name) for name in image]
        sources = {path.stem for path in paths if path.match("*.py") and str(path.parent) == folder}
        cached = f"{folder}/__pycache__"
        compiled = {path.name.split(".")[0] for path in paths if str(path.parent) == cached}
        assert sources
        assert sources == compiled


def test_an_image_holds_only_its_profiles_libraries(numpy_image: Files) -> None:
    """In the one for numpy there is no PyTorch, and none holds SciPy."""
    found = {PurePosixPath(name).parts[1] for name in ours(numpy_image)}
    version = dict(line.split("==") for line in constraints())["numpy"]
    assert found == {"inside", "numpy", f"numpy-{version}.dist-info", "numpy.libs"}


def constraints() -> list[str]:
    """Return the lines that pin a version."""
    lines = wheelhouse.CONSTRAINTS.read_text("utf-8").splitlines()
    return [line.split("#")[0].strip() for line in lines if "==" in line]


def test_the_engine_knows_what_an_image_is(containers: Plan, engine: docker.DockerClient) -> None:
    """The user, the program and the labels are in the image's own description."""
    profile = profile_of("numpy")
    config = engine.images.get(containers.image).attrs["Config"]
    assert config["User"] == "65534:65534"
    assert config["Entrypoint"][-1] == profile.boot
    assert (config["Cmd"], config["Volumes"], config.get("ExposedPorts")) == (None, None, None)
    assert config["Labels"][build.PROFILE_LABEL] == "numpy"
    assert config["Labels"][build.VERSION_LABEL] == autograder.__version__
    assert config["Labels"][build.CODE_LABEL] == build.code_digest(profile)


# How they are built: with a library and an installer made by hand, under a profile of the test's.

INSTALLER = """
import os, sys, zipfile
(target,) = (word.partition("=")[2] for word in sys.argv if word.startswith("--target="))
for word in sys.argv:
    if word.endswith(".whl"):
        print("unpacking", word)
        zipfile.ZipFile(word).extractall(target)
with open(f"{target}/devices.py", "w") as file:
    print("FOUND =", os.listdir("/sys/class/net"), file=file)
"""
BROKEN = "raise SystemExit('this wheel is broken')"
IMPORT = """
import sys
sys.path.insert(0, "/sandbox")
import devices, inside, tiny
print(tiny.NUMBER, *devices.FOUND)
"""


class Workshop:
    """Builds images under a profile of its own, and removes all that this has made."""

    def __init__(self, client: docker.DockerClient, folder: Path) -> None:
        self.client = client
        self.wheels = folder / "wheels"
        name = f"autograder-test-{uuid.uuid4().hex[:12]}"
        self.profile = replace(profile_of("numpy"), name=name, preload="tiny")
        self.said: list[str] = []
        self._before = {image.id for image in client.images.list(all=True)}
        self._steps: list[str] = []
        self.pack("installer/pip-0-py3-none-any.whl", "pip/__main__.py", INSTALLER)
        self.pack("libraries/tiny-1-py3-none-any.whl", "tiny.py", "NUMBER = 1\n")

    def pack(self, wheel: str, name: str, text: str) -> None:
        """Make a wheel that holds one file."""
        path = self.wheels / wheel
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(zipfile.ZipInfo(name), text)

    def build(self) -> tuple[Built, bool]:
        """Build the image as it is to be now."""
        return build.build(self.client, self.profile, self.wheels, say=self.said.append)

    def exists(self, image: str) -> bool:
        """Whether the engine has an image."""
        with suppress(ImageNotFound):
            return bool(self.client.images.get(image))
        return False

    def note(self, answers: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Remember each image that a build goes through."""
        for answer in answers:
            self._steps += re.findall(
                r"^ ---> ([0-9a-f]{12})$", answer.get("stream", ""), re.MULTILINE
            )
            yield answer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.exists(self.profile.tag):
            self.client.images.remove(self.profile.tag)
        for step in reversed(self._steps):
            with suppress(APIError):  # gone with a later one, or in use by others
                image = self.client.images.get(step)
                if not image.tags and image.id not in self._before:
                    self.client.images.remove(step)


@pytest.fixture
def workshop(
    containers: Plan, engine: docker.DockerClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Workshop]:
    """A place to build images in that are small and nobody else's."""
    lines = build._lines
    with Workshop(engine, tmp_path) as made:
        monkeypatch.setattr(wheelhouse, "collect", lambda *_: made.wheels)
        monkeypatch.setattr(build, "_lines", lambda answers: lines(made.note(answers)))
        yield made


@pytest.fixture
def worker(workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the worker's code, for a test to change."""
    copy = tmp_path / "copy" / "inside"
    shutil.copytree(build.WORKER, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(build, "WORKER", copy)
    return copy


def test_an_image_is_built(workshop: Workshop) -> None:
    """It holds the library and the worker, was built without a network, and is today's."""
    built, anew = workshop.build()
    assert (anew, built.current, built.profile) == (True, True, workshop.profile)
    assert build.to_run(workshop.client, workshop.profile) == built
    labels = workshop.client.images.get(built.id).labels
    assert labels[build.PROFILE_LABEL] == workshop.profile.name
    said = workshop.client.containers.run(
        built.id, entrypoint=["python3", "-I", "-S", "-c", IMPORT], network_mode="none", remove=True
    )
    assert said == b"1 lo\n"


def test_a_build_says_how_far_it_is(workshop: Workshop) -> None:
    """One line a step, each with the profile's name."""
    workshop.build()
    assert all(line.startswith(f"{workshop.profile.name}: ") for line in workshop.said)
    assert "collecting wheels for Python 3." in workshop.said[0]
    assert re.search(r"Step 1/\d+ : FROM", workshop.said[1])


def test_the_same_is_not_built_twice(workshop: Workshop) -> None:
    """The image that is there is kept, and no step is taken."""
    first, _ = workshop.build()
    workshop.said.clear()
    assert workshop.build() == (first, False)
    assert len(workshop.said) == 1


def test_a_changed_library_builds_anew(workshop: Workshop) -> None:
    """The earlier image goes."""
    first, _ = workshop.build()
    workshop.pack("libraries/tiny-1-py3-none-any.whl", "tiny.py", "NUMBER = 2\n")
    second, anew = workshop.build()
    assert anew
    assert second.id != first.id
    assert not workshop.exists(first.id)


def test_a_changed_dockerfile_builds_anew(
    workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The template is a part of the content, too."""
    first, _ = workshop.build()
    template = (build.HERE / build.TEMPLATE).read_text("utf-8")
    (tmp_path / build.TEMPLATE).write_text(template + "\nENV CHANGED=1\n", "utf-8")
    monkeypatch.setattr(build, "HERE", tmp_path)
    second, anew = workshop.build()
    assert anew
    assert "CHANGED=1" in workshop.client.images.get(second.id).attrs["Config"]["Env"]
    assert not workshop.exists(first.id)


def test_changed_code_makes_an_image_unusable(workshop: Workshop, worker: Path) -> None:
    """The error names the command that builds it anew; then it can be used."""
    workshop.build()
    (worker / "keeper.py").write_text("CHANGED = True\n", "utf-8")
    found = build.find(workshop.client, workshop.profile)
    assert found is not None
    assert not found.current
    command = f"autograder image build {workshop.profile.name}"
    with pytest.raises(SandboxError, match=f"another version of the worker: {command}"):
        build.to_run(workshop.client, workshop.profile)
    built, anew = workshop.build()
    assert anew
    assert build.to_run(workshop.client, workshop.profile) == built


def test_an_image_in_use_outlives_its_successor(workshop: Workshop) -> None:
    """A container goes on with the image that it was made from."""
    first, _ = workshop.build()
    container = workshop.client.api.create_container(first.id, network_disabled=True)
    try:
        workshop.pack("libraries/tiny-1-py3-none-any.whl", "tiny.py", "NUMBER = 3\n")
        second, _ = workshop.build()
        assert workshop.exists(first.id)
        assert build.to_run(workshop.client, workshop.profile) == second
    finally:
        workshop.client.api.remove_container(container["Id"])


def test_a_build_that_fails_says_why(workshop: Workshop) -> None:
    """What its step said last is in the error; the image before it stays, and no container."""
    first, _ = workshop.build()
    workshop.pack("installer/pip-0-py3-none-any.whl", "pip/__main__.py", BROKEN)
    with pytest.raises(SandboxError) as caught:
        workshop.build()
    assert str(caught.value) == "the image could not be built: this wheel is broken"
    assert build.to_run(workshop.client, workshop.profile) == first
    containers = workshop.client.api.containers(all=True)
    assert [each for each in containers if "/wheelhouse/installer" in each["Command"]] == []


def test_a_step_that_fails_silently_is_explained_by_the_engine() -> None:
    """What the step before it has said is not taken for its reason."""
    told = [
        {"stream": "Step 1/2 : RUN one"},
        {"stream": " ---> Running in 0123456789ab\n"},
        {"stream": "all is well\n"},
        {"stream": "Step 2/2 : COPY code/ /sandbox/"},
        {"error": "COPY failed: no space left on device"},
    ]
    with pytest.raises(SandboxError, match="could not be built: COPY failed: no space left"):
        list(build._lines(iter(told)))


def test_an_image_that_is_not_there(containers: Plan, engine: docker.DockerClient) -> None:
    """The error says how to make it."""
    profile = replace(profile_of("numpy"), name="no-such-image")
    assert build.find(engine, profile) is None
    with pytest.raises(
        SandboxError,
        match="there is no image autograder-sandbox:no-such-image: "
        "autograder image build no-such-image",
    ):
        build.to_run(engine, profile)


def test_a_base_that_is_not_there(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Ours is made, any other is pulled by hand: a build fetches nothing by itself."""
    missing = "autograder-none:1"
    with pytest.raises(SandboxError, match=f"{missing} is not here: docker pull {missing}"):
        build.build(workshop.client, workshop.profile, tmp_path, missing)
    monkeypatch.setattr(build, "BASE", missing)
    with pytest.raises(SandboxError, match=f"{missing} is not here: make base-image"):
        build.build(workshop.client, workshop.profile, tmp_path, missing)


def test_a_base_is_named_by_its_digest(workshop: Workshop, tmp_path: Path) -> None:
    """A tag may mean something else tomorrow."""
    tag = profile_of("numpy").tag
    with pytest.raises(SandboxError, match=f"name the base by its digest, {tag}@sha256:"):
        build.build(workshop.client, workshop.profile, tmp_path, tag)


BAD_BASES = {
    "no python": "FROM scratch\nLABEL autograder.test=1",
    "python fails": f"FROM {BASE}\nENV PYTHONHOME=/nowhere",
}


@pytest.mark.parametrize("kind", BAD_BASES)
def test_a_base_without_a_python_that_works(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str
) -> None:
    """The error is about the base and not about the engine, and no container is left."""
    tag = f"{workshop.profile.name}:base"
    dockerfile = io.BytesIO(BAD_BASES[kind].encode())
    workshop.client.images.build(fileobj=dockerfile, tag=tag, rm=True)
    monkeypatch.setattr(build, "BASE", tag)
    try:
        with pytest.raises(SandboxError, match="(?i)python") as caught:
            build.build(workshop.client, workshop.profile, tmp_path, tag)
        left = workshop.client.containers.list(all=True, filters={"ancestor": tag})
        for container in left:
            container.remove()
        assert caught.type is SandboxError
        assert left == []
    finally:
        workshop.client.images.remove(tag)


# What the command says.


@pytest.fixture
def _at_home(mini_course: Assignment, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command runs in the miniature course, without an engine and in a wide window."""
    monkeypatch.chdir(mini_course.root)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(connection, "connect", io.BytesIO)


@pytest.fixture
def _three_states(_at_home: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """One image is of today, one of yesterday, and two are not there."""
    numpy, torch, *others = PROFILES.values()
    found = [
        Built(numpy, "sha256:1", 186, "2026-01-02T03:04:05", current=True),
        Built(torch, "sha256:2", 1051, "2025-01-02T03:04:05"),
        *map(Built, others),
    ]
    monkeypatch.setattr(build, "listing", lambda _: found)


@pytest.mark.usefixtures("_three_states")
def test_list_shows_each_profile(capsys: Capture) -> None:
    """Its image, and whether that can be used."""
    assert cli.main(["image", "list"]) == 0
    rows = [re.split(r"  +", line.strip()) for line in capsys.readouterr().out.splitlines()]
    shown = [row for row in rows if row[0].startswith("autograder-")]
    numpy, torch, cuda, grader = shown
    assert numpy[:4] == ["autograder-sandbox:numpy", "up to date", "186", "2026-01-02"]
    assert torch[1:3] == ["out of date", "1051"]
    assert cuda == ["autograder-sandbox:cuda", "not built", profile_of("cuda").purpose]
    assert grader[0] == "autograder-platform:grader"


@pytest.mark.usefixtures("_three_states")
def test_list_shows_one_profile(capsys: Capture) -> None:
    """The one that is named."""
    assert cli.main(["image", "list", "torch"]) == 0
    said = capsys.readouterr().out
    assert "autograder-sandbox:torch" in said
    assert "autograder-sandbox:numpy" not in said


@pytest.mark.usefixtures("_three_states")
def test_list_as_json(capsys: Capture) -> None:
    """`--json` says the same for a machine."""
    assert cli.main(["image", "list", "--json"]) == 0
    told = {each["profile"]["name"]: each for each in json.loads(capsys.readouterr().out)}
    assert list(told) == list(PROFILES)
    numpy = told["numpy"]
    assert numpy.pop("profile")["requirements"] == ["numpy"]
    assert numpy == {
        "id": "sha256:1",
        "megabytes": 186,
        "created": "2026-01-02T03:04:05",
        "current": True,
        "tag": "autograder-sandbox:numpy",
    }
    assert (told["cuda"]["id"], told["cuda"]["current"]) == ("", False)


def test_list_asks_the_engine(containers: Plan, capsys: Capture) -> None:
    """The image that sandboxes are started from is listed as today's."""
    assert cli.main(["image", "list", "numpy", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["id"], told["current"]) == (containers.image, True)


@pytest.mark.usefixtures("_at_home")
@pytest.mark.parametrize("verb", ["list", "build"])
def test_a_profile_that_is_not_there(verb: str, capsys: Capture) -> None:
    """One line names those that are, and the status is 2."""
    assert cli.main(["image", verb, "nump"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    expected = "autograder: no profile 'nump'; there are: numpy, torch, cuda, grader\n"
    assert said.err == expected


@pytest.mark.parametrize("verb", ["list", "build"])
def test_without_an_engine(
    verb: str, mini_course: Assignment, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """One line says so and what to do."""
    monkeypatch.chdir(mini_course.root)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{mini_course.root}/none.sock")
    assert cli.main(["image", verb]) == 2
    said = capsys.readouterr()
    assert said.err.startswith("autograder: no Docker engine answers: start it")
    assert said.err.count("\n") == 1


@pytest.mark.usefixtures("_at_home")
def test_build_names_what_it_has_built(
    mini_course: Assignment, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """Both sandboxes where none is named, with wheels kept in the course."""
    asked: list[tuple[str, Path, str]] = []

    def fake(_: Any, profile: Profile, wheels: Path, base: str, __: Any) -> tuple[Built, bool]:
        asked.append((profile.name, wheels, base))
        return Built(profile, "sha256:1", 186), profile.name == "numpy"

    monkeypatch.setattr(build, "build", fake)
    assert cli.main(["image", "build"]) == 0
    wheels = mini_course.root / "build" / "wheelhouse"
    assert asked == [("numpy", wheels, BASE), ("torch", wheels, BASE)]
    assert capsys.readouterr().out.splitlines() == [
        "autograder-sandbox:numpy built: sha256:1, 186 MB",
        "autograder-sandbox:torch is up to date: sha256:1, 186 MB",
    ]


@pytest.mark.usefixtures("_at_home")
def test_build_takes_a_base_and_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """Both are handed on as they are given."""
    asked: list[Callable[..., Any]] = []

    def fake(*told: Any) -> tuple[Built, bool]:
        asked.extend(told[1:4])
        return Built(told[1]), True

    monkeypatch.setattr(build, "build", fake)
    base = "python@sha256:" + "5" * 64
    told = ["--base", base, "--wheelhouse", str(tmp_path)]
    assert cli.main(["image", "build", "cuda", *told]) == 0
    assert asked == [profile_of("cuda"), tmp_path, base]


def test_the_image_with_cuda_is_rendered() -> None:
    """It is the one for CPUs with the whole build of torch, and asks for no GPU by itself."""
    cuda, torch = profile_of("cuda"), profile_of("torch")
    assert wheelhouse.pins(cuda)[-1] == "torch===2.13.0"
    assert wheelhouse.pins(torch)[-1] == "torch==2.13.0+cpu"
    text, plain = (render(each, "base", {}) for each in (cuda, torch))
    assert text.replace("cuda", "torch") == plain
    assert "NVIDIA" not in text
