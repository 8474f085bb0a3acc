"""The verbs `release` and `gate`: what they write, what they refuse, and their exit status."""

import hashlib
import io
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder import assignment, cli
from autograder.assignment import Assignment
from autograder.release import bundle, gate
from autograder.release.gate import Kind, Leak

Capture = pytest.CaptureFixture[str]
Files = dict[str, bytes]
LEAK = Leak(Kind.MARKER, "losses.py", 41, None, "'# SOLUTION'")
CLEAN = "no leak found\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """The release of the miniature course."""
    root = tmp_path_factory.mktemp("made") / "course"
    shutil.copytree(Path(__file__).parent / "mini_course", root)
    return bundle.build(assignment.load("mini", root))


@pytest.fixture
def here(mini_course: Assignment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Commands run in a folder outside of the miniature course, which is the course."""
    monkeypatch.setenv(assignment.ROOT_VARIABLE, str(mini_course.root))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


@pytest.fixture
def quick(here: Path, made: Files, monkeypatch: pytest.MonkeyPatch) -> Files:
    """A release is made at once, and it may be changed here; the gate finds nothing."""
    files = dict(made)
    nothing: list[Leak] = []
    monkeypatch.setattr(bundle, "build", lambda _course: files)
    monkeypatch.setattr(gate, "inspect", lambda _course, _given: nothing)
    monkeypatch.setattr(gate, "run", lambda _course, _given: nothing)
    return files


@pytest.fixture
def seen(quick: Files, monkeypatch: pytest.MonkeyPatch) -> list[Files]:
    """What the gate is shown."""
    shown: list[Files] = []
    monkeypatch.setattr(gate, "inspect", lambda _course, given: shown.append(dict(given)) or [])
    return shown


@pytest.fixture
def leaks(quick: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    """The gate finds something."""
    monkeypatch.setattr(gate, "run", lambda _course, _given: [LEAK])


def last_line(capsys: Capture) -> str:
    """Return the last line on stderr, with nothing on stdout."""
    said = capsys.readouterr()
    assert said.out == ""
    return said.err.splitlines()[-1]


def zipped(path: Path, *members: tuple[str, bytes], how: int = zipfile.ZIP_STORED) -> str:
    """Write a zip and return its name."""
    with zipfile.ZipFile(path, "w", how) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path.name


def test_a_real_release(here: Path, capsys: Capture) -> None:
    """The miniature course passes the gate; the zip is where it should be, as its digest says."""
    assert cli.main(["release", "mini"]) == 0
    said = capsys.readouterr()
    data = (here / "dist" / "mini-1.zip").read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    place = Path("dist") / "mini-1.zip"
    assert said.out == f"{place}: 9 files, {len(data) // 1000} KB, sha256 {digest}\n"
    assert cli.main(["gate", "mini", str(place)]) == 0
    assert capsys.readouterr().out == CLEAN


def test_a_real_leak(here: Path, made: Files, mini_course: Assignment, capsys: Capture) -> None:
    """A solution in the place of starter code is found by reading and by running."""
    leaky = made | {"basics.py": (mini_course.solutions / "basics.py").read_bytes()}
    (here / "x.zip").write_bytes(bundle.packed(leaky, "mini-1"))
    assert cli.main(["gate", "mini", "x.zip"]) == 1
    said = capsys.readouterr().out
    assert "basics.py:6: solution marker" in said
    assert "hidden test passes" in said
    assert said.endswith(" leaks\n")


def test_progress(quick: Files, capsys: Capture) -> None:
    """What takes seconds is said before, on stderr."""
    assert cli.main(["release", "mini"]) == 0
    assert capsys.readouterr().err.splitlines() == [
        "mini: running the visible checks and making the notebook",
        "mini: reading the release for leaks",
        "mini: running the hidden tests on the release and on the solution",
    ]


def test_the_same_release_again(here: Path, quick: Files) -> None:
    """What is there already may be made again."""
    assert cli.main(["release", "mini"]) == 0
    first = (here / "dist" / "mini-1.zip").read_bytes()
    assert cli.main(["release", "mini"]) == 0
    assert (here / "dist" / "mini-1.zip").read_bytes() == first


def test_another_release_of_a_version(here: Path, quick: Files, capsys: Capture) -> None:
    """What students have is not replaced, unless one insists."""
    assert cli.main(["release", "mini"]) == 0
    place = here / "dist" / "mini-1.zip"
    first = place.read_bytes()
    quick["basics.py"] += b"# more\n"
    capsys.readouterr()
    assert cli.main(["release", "mini"]) == 2
    assert last_line(capsys) == (
        f"autograder: {Path('dist') / 'mini-1.zip'} is another release of version 1: raise"
        " `version` in assignments/mini/assignment.toml, or say --force"
    )
    assert place.read_bytes() == first
    assert cli.main(["release", "mini", "--force"]) == 0
    assert place.read_bytes() == bundle.packed(quick, "mini-1")


def test_a_new_version(here: Path, quick: Files, mini_course: Assignment) -> None:
    """A raised version is another file, in whatever folder is named."""
    mini_course.toml.write_text(f'version = "2.1"\n{mini_course.toml.read_text("utf-8")}', "utf-8")
    assert cli.main(["release", "mini", "--out", "some/where"]) == 0
    with zipfile.ZipFile(here / "some" / "where" / "mini-2.1.zip") as archive:
        assert archive.namelist()[0] == "mini-2.1/README.md"


def test_a_leak(here: Path, leaks: None, capsys: Capture) -> None:
    """Each leak is a line; nothing is written, also where one insists."""
    assert cli.main(["release", "mini", "--force"]) == 1
    assert capsys.readouterr().out == "losses.py:41: solution marker: '# SOLUTION'\n1 leak\n"
    assert list(here.iterdir()) == []


def test_a_leak_keeps_what_is_there(here: Path, leaks: None) -> None:
    """A release that students have stays."""
    (here / "dist").mkdir()
    (here / "dist" / "mini-1.zip").write_bytes(b"old")
    assert cli.main(["release", "mini", "--force"]) == 1
    assert (here / "dist" / "mini-1.zip").read_bytes() == b"old"


def test_a_write_that_fails(
    here: Path, quick: Files, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """A full disk leaves no half release, and an older one as it was."""
    place = here / "dist" / "mini-1.zip"
    place.parent.mkdir()
    place.write_bytes(b"old")

    def full(path: Path, content: bytes) -> int:
        with path.open("wb") as half:
            half.write(content[:100])
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(Path, "write_bytes", full)
    assert cli.main(["release", "mini", "--force"]) == 2
    assert "No space left on device" in last_line(capsys)
    assert place.read_bytes() == b"old"
    assert list(here.glob("dist/*.zip")) == [place]


def test_a_place_that_is_no_folder(here: Path, quick: Files, capsys: Capture) -> None:
    """Where nothing can be written, one line says so."""
    (here / "dist").write_text("mine", "utf-8")
    assert cli.main(["release", "mini"]) == 2
    assert last_line(capsys).startswith("autograder: dist")


def test_a_broken_course(here: Path, mini_course: Assignment, capsys: Capture) -> None:
    """A mistake of the course is named, and nothing is written."""
    mini_course.handout.unlink()
    assert cli.main(["release", "mini"]) == 2
    assert last_line(capsys) == "autograder: assignments/mini/handout.md: no such file"
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("verb", ["release", "gate"])
def test_an_unknown_assignment(here: Path, verb: str, capsys: Capture) -> None:
    """The right names are said."""
    assert cli.main([verb, "maxi"]) == 2
    assert "There are: mini" in last_line(capsys)


def test_gate_without_a_path(quick: Files, seen: list[Files], here: Path, capsys: Capture) -> None:
    """A new release is made, looked at, and written nowhere."""
    assert cli.main(["gate", "mini"]) == 0
    assert capsys.readouterr().out == CLEAN
    assert seen == [quick]
    assert list(here.iterdir()) == []


def test_gate_as_json(leaks: None, capsys: Capture) -> None:
    """A machine reads each leak's kind and place; stdout holds nothing else."""
    assert cli.main(["gate", "mini", "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == [
        {"kind": "solution marker", "path": "losses.py", "line": 41, "cell": None,
         "what": "'# SOLUTION'"}
    ]  # fmt: skip


def test_gate_as_json_without_leaks(quick: Files, capsys: Capture) -> None:
    """No leak is an empty list."""
    assert cli.main(["gate", "mini", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


Written = Callable[[Path, Files], object]


def as_zip(place: Path, files: Files) -> None:
    """Write a release as it is."""
    place.write_bytes(bundle.packed(files, "mini-1"))


def as_bare_zip(place: Path, files: Files) -> None:
    """Write a zip that somebody made inside of the folder."""
    zipped(place, *files.items(), how=zipfile.ZIP_DEFLATED)


def as_folder(place: Path, files: Files) -> None:
    """Unpack a release into a folder, as it is."""
    with zipfile.ZipFile(io.BytesIO(bundle.packed(files, "mini-1"))) as archive:
        archive.extractall(place)


def as_bare_folder(place: Path, files: Files) -> None:
    """Write the files into the folder itself."""
    for name, content in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(content)


@pytest.mark.parametrize("write", [as_zip, as_bare_zip, as_folder, as_bare_folder])
def test_gate_on_a_path(
    write: Written, here: Path, quick: Files, seen: list[Files], capsys: Capture
) -> None:
    """The files of a zip or a folder are looked at, whether or not one folder is around them."""
    write(here / "it", quick)
    assert cli.main(["gate", "mini", "it"]) == 0
    assert capsys.readouterr().out == CLEAN
    assert seen == [quick]


@pytest.mark.parametrize("other", ["other/basics.py", "more.txt", "../x", "tests/mini-1/x"])
def test_gate_sees_every_file(here: Path, seen: list[Files], other: str) -> None:
    """Files beside the one folder of a release are not taken for the ones inside of it."""
    zipped(here / "x.zip", ("mini-1/basics.py", b"1"), (other, b"2"))
    assert cli.main(["gate", "mini", "x.zip"]) == 0
    assert seen == [{"mini-1/basics.py": b"1", other: b"2"}]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_gate_on_a_file_that_is_there_twice(here: Path, seen: list[Files], capsys: Capture) -> None:
    """Which of them a student gets depends on the program, so it is refused."""
    zipped(here / "x.zip", ("mini-1/basics.py", b"1"), ("mini-1/basics.py", b"2"))
    assert cli.main(["gate", "mini", "x.zip"]) == 2
    assert last_line(capsys) == "autograder: x.zip: holds a file twice"
    assert seen == []


def broken(data: bytes) -> bytes:
    """Change a byte of a zip's first file."""
    at = data.index(b"raise")
    return data[:at] + b"R" + data[at + 1 :]


def encrypted(data: bytes) -> bytes:
    """Say that the first file of a zip is encrypted."""
    at = data.index(b"PK\x01\x02") + 8
    return data[:at] + b"\x01" + data[at + 1 :]


def compressed_anew(data: bytes) -> bytes:
    """Say that the first file of a zip is compressed in a way that nobody knows."""
    at = data.index(b"PK\x01\x02") + 10
    return data[:at] + b"\x63" + data[at + 1 :]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda _: b"not a zip", "File is not a zip file"),
        (lambda _: b"", "File is not a zip file"),
        (lambda data: data[:-30], "File is not a zip file"),
        (broken, "Bad CRC-32 for file 'mini-1/"),
        (encrypted, "is encrypted, password required"),
        (compressed_anew, "compression method is not supported"),
    ],
)
def test_gate_on_what_cannot_be_read(
    here: Path, quick: Files, spoil: Callable[[bytes], bytes], said: str, capsys: Capture
) -> None:
    """A file that is no whole zip is named, with what is wrong."""
    (here / "x.zip").write_bytes(spoil(bundle.packed(quick, "mini-1")))
    assert cli.main(["gate", "mini", "x.zip"]) == 2
    line = last_line(capsys)
    assert line.startswith("autograder: x.zip: neither a folder nor a zip that can be read: ")
    assert said.lower() in line.lower()


def test_gate_on_nothing(here: Path, quick: Files, capsys: Capture) -> None:
    """A path that is not there, an empty folder, an empty zip."""
    assert cli.main(["gate", "mini", "nowhere.zip"]) == 2
    assert last_line(capsys) == "autograder: nowhere.zip: no such file or folder"
    (here / "empty").mkdir()
    assert cli.main(["gate", "mini", "empty"]) == 2
    assert last_line(capsys) == "autograder: empty: holds no file"
    zipped(here / "empty.zip")
    assert cli.main(["gate", "mini", "empty.zip"]) == 2
    assert last_line(capsys) == "autograder: empty.zip: holds no file"
