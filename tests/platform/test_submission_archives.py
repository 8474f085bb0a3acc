"""Intake of zip and tar: archives that are right, and archives that attack."""

import gzip
import io
import stat
import tarfile
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.assignment import Assignment
from autograder.errors import Rejected
from autograder.submission import Submission, read

GOOD = b"def double(x):\n    return 2 * x\n"
LOSSES = b"def softmax_loss(x, y):\n    return 0.0, x\n"
Take = Callable[[bytes], Submission]
Refused = Callable[[bytes], str]


@pytest.fixture
def take(tmp_path: Path, mini_course: Assignment) -> Take:
    """Hand in these bytes under a name that says nothing."""

    def submit(data: bytes) -> Submission:
        (tmp_path / "upload").write_bytes(data)
        return read(tmp_path / "upload", mini_course, "ann")

    return submit


@pytest.fixture
def refused(take: Take) -> Refused:
    """Return why these bytes are rejected."""

    def submit(data: bytes) -> str:
        with pytest.raises(Rejected) as caught:
            take(data)
        return caught.value.reason

    return submit


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes], deflate: bool = True) -> bytes:
    """Return a zip file of these entries."""
    stream = io.BytesIO()
    method = zipfile.ZIP_DEFLATED if deflate else zipfile.ZIP_STORED
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in entries:
            if isinstance(name, zipfile.ZipInfo):
                name.compress_type = method
            archive.writestr(name, data)
    return stream.getvalue()


def tarred(*entries: tuple[str | tarfile.TarInfo, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    """Return a tar file of these entries."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=form) as archive:
        for name, data in entries:
            info = tarfile.TarInfo(name) if isinstance(name, str) else name
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    """Return a tar entry that is no ordinary file."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def zip_link(name: str, mode: int = stat.S_IFLNK) -> zipfile.ZipInfo:
    """Return a zip entry whose mode says what it is."""
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, (mode | 0o777) << 16
    return info


BOTH = (("basics.py", GOOD), ("losses.py", LOSSES))


@pytest.mark.parametrize(
    "data",
    [
        zipped(*BOTH),
        zipped(*BOTH, deflate=False),
        tarred(*BOTH),
        tarred(*BOTH, form=tarfile.USTAR_FORMAT),
        tarred(*BOTH, form=tarfile.GNU_FORMAT),
        gzip.compress(tarred(*BOTH)),
        zipped(("hw 1/", b""), ("hw 1/basics.py", GOOD), ("hw 1/losses.py", LOSSES)),
        tarred(("./basics.py", GOOD), ("./losses.py", LOSSES)),
        zipped(*BOTH, ("__MACOSX/._losses.py", b"\x00"), ("__pycache__/losses.pyc", b"\x00")),
    ],
    ids=["zip", "stored", "pax", "ustar", "gnu", "tgz", "wrapped", "dotted", "noise"],
)
def test_every_ordinary_archive(take: Take, data: bytes) -> None:
    """Zip, tar and tar.gz give the same files, whatever packed them."""
    got = take(data)
    assert got.files == dict(BOTH)
    assert (got.missing, got.ignored, got.problems) == ((), (), {})


def test_long_and_foreign_names(take: Take) -> None:
    """Extended headers of tar and unflagged names of zip do no harm beside the right files."""
    long = "d" * 90 + "/" + "x" * 150 + "ü.txt"
    for form in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT):
        assert take(tarred((long, b"1"), *BOTH, form=form)).files == dict(BOTH)
    assert take(zipped(("größe.txt", b"1"), *BOTH)).files == dict(BOTH)


def test_shadowing_names_are_ignored_with_a_note(take: Take) -> None:
    """conftest.py and friends cost nothing, are listed, and are not among the files."""
    stray = ("conftest.py", "numpy.py", "torch/__init__.py", "sitecustomize.py", "evil.pth")
    got = take(zipped(*BOTH, *((name, b"boom") for name in stray)))
    assert set(got.files) == {"basics.py", "losses.py"}
    assert len(got.ignored) == 5
    assert all("never used" in label for label in got.ignored)


@pytest.mark.parametrize("name", ["../basics.py", "/basics.py", "a/../../x", "C:/basics.py"])
@pytest.mark.parametrize("pack", [zipped, tarred])
def test_paths_stay_inside(refused: Refused, pack: Callable[..., bytes], name: str) -> None:
    """No path leaves the archive, though nothing would be written anyway."""
    said = refused(pack(*BOTH, (name, b"x")))
    assert said == f"Archive contains '{name}'. Paths must stay inside the archive."


@pytest.mark.parametrize("name", ["a\\b.py", "losses.py\n", "\x1b[2J.py"])
def test_odd_characters_in_names(refused: Refused, name: str) -> None:
    """Backslashes and control characters are refused, and shown harmlessly."""
    for data in (zipped((name, b"x")), tarred((name, b"x"))):
        said = refused(data)
        assert "Names must not contain backslashes or control characters" in said
        assert said.isprintable()


def test_a_nul_in_a_zip_name(refused: Refused) -> None:
    """A name with a NUL is not quietly cut to losses.py there."""
    data = zipped(("losses.pyX.txt", b"x")).replace(b"losses.pyX.txt", b"losses.py\x00.txt")
    assert "control characters" in refused(data)


@pytest.mark.parametrize(
    "data",
    [
        zipped(*BOTH, (zip_link("weights"), b"/etc")),
        tarred(*BOTH, (special("weights", tarfile.SYMTYPE, "/etc"), b"")),
        tarred(*BOTH, (special("weights", tarfile.LNKTYPE, "../x"), b"")),
    ],
    ids=["zip", "tar-symbolic", "tar-hard"],
)
def test_links_are_refused(refused: Refused, data: bytes) -> None:
    """A link is refused by name, needed or not."""
    said = refused(data)
    assert said.startswith("Links are not allowed in archives (weights")


@pytest.mark.parametrize(
    "data",
    [
        zipped((zip_link("losses.py", stat.S_IFIFO), b"")),
        tarred((special("losses.py", tarfile.FIFOTYPE), b"")),
        tarred((special("losses.py", tarfile.CHRTYPE), b"")),
        tarred((special("losses.py", tarfile.BLKTYPE), b"")),
        tarred((special("losses.py", tarfile.GNUTYPE_SPARSE), b"")),
        tarred((special("losses.py", b"V"), b"")),
    ],
    ids=["zip-fifo", "fifo", "character", "block", "sparse", "label"],
)
def test_only_ordinary_files(refused: Refused, data: bytes) -> None:
    """Devices, pipes, sparse files and volume labels are refused."""
    assert "Only ordinary files are allowed in archives (losses.py" in refused(data)


def test_sparse_files_of_extended_headers(refused: Refused) -> None:
    """A sparse map hidden in a pax header is seen."""
    info = tarfile.TarInfo("GNUSparseFile.0/losses.py")
    info.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0"}
    assert "Sparse files are not allowed" in refused(tarred((info, LOSSES)))


def test_a_password(refused: Refused) -> None:
    """An encrypted archive says what to do."""
    data = bytearray(zipped(("losses.py", LOSSES)))
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(magic) + offset] |= 1
    assert "protected by a password" in refused(bytes(data))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_methods(refused: Refused, method: int) -> None:
    """Only what every zip program writes is unpacked."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        archive.writestr("losses.py", LOSSES)
    assert "packed by an unusual method" in refused(stream.getvalue())


def test_an_archive_in_an_archive(refused: Refused) -> None:
    """A nested archive is named and not opened."""
    said = refused(zipped(("hw1.zip", zipped(*BOTH))))
    assert "hw1.zip is another archive: hand in the files in it." in said


def test_an_archive_named_like_a_file(take: Take) -> None:
    """losses.py that is a zip in truth costs that file."""
    got = take(zipped(("basics.py", GOOD), ("losses.py", zipped(*BOTH))))
    assert got.problems == {
        "losses.py": "losses.py is not Python source: it looks like an archive."
    }


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_names_twice(take: Take, pack: Callable[..., bytes]) -> None:
    """Of two losses.py none is chosen; twins of other names are nobody's business."""
    with warnings.catch_warnings(action="ignore"):  # zipfile warns who writes such a thing
        data = pack(*BOTH, ("losses.py", b"x = 1\n"), ("a.txt", b""), ("A.txt", b""))
    got = take(data)
    assert "more than once (losses.py, losses.py); keep one" in got.problems["losses.py"]


def test_names_in_another_normal_form(take: Take) -> None:
    """A decomposed name (as macOS writes it) is shown composed."""
    got = take(zipped(*BOTH, ("re\u0301sume\u0301.txt", b"")))
    assert got.ignored == ("r\u00e9sum\u00e9.txt",)


def test_a_folder_named_like_a_file(take: Take) -> None:
    """losses.py/ in an archive costs that file."""
    for pack in (zipped, tarred):
        got = take(pack(("basics.py", GOOD), ("losses.py/x.py", b"")))
        assert got.problems == {"losses.py": "losses.py is a folder; hand in the file itself."}


def test_empty_archives(refused: Refused) -> None:
    """An archive with nothing in it says so."""
    assert "Expected basics.py, losses.py. Found e/." in refused(zipped(("e/", b"")))
    assert refused(zipped()) == "Nothing was handed in. Expected basics.py, losses.py."
