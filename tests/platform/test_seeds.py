"""The course secret and the seeds that follow from it."""

import threading
from pathlib import Path

import pytest

from autograder.errors import StaffError
from autograder.suite.seeds import FILE, VARIABLE, course_secret, rng_of, seed_of


@pytest.fixture(autouse=True)
def _no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)


def test_the_secret_is_made_once_and_kept(tmp_path: Path) -> None:
    """The first call makes a file that only its owner may read; later calls read it."""
    secret = course_secret(tmp_path)
    assert len(secret) == 64
    assert course_secret(tmp_path) == secret
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_courses_have_different_secrets(tmp_path: Path) -> None:
    """What one course draws says nothing about another's."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert course_secret(tmp_path / "a") != course_secret(tmp_path / "b")


def test_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server keeps its secret out of the checkout."""
    monkeypatch.setenv(VARIABLE, "told")
    assert course_secret(tmp_path) == b"told"
    assert list(tmp_path.iterdir()) == []


def test_all_who_come_at_once_get_the_same(tmp_path: Path) -> None:
    """Lanes that start together on a new course agree on one secret, and none sees half of it."""
    found: list[bytes] = []
    start = threading.Barrier(16)

    def ask() -> None:
        start.wait()
        found.append(course_secret(tmp_path))

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(found) == {(tmp_path / FILE).read_bytes().strip()}
    assert len(found) == 16


def test_an_empty_secret_is_refused(tmp_path: Path) -> None:
    """Anybody could compute the seeds of an empty secret."""
    (tmp_path / FILE).touch()
    with pytest.raises(StaffError, match=f"{FILE}.*empty"):
        course_secret(tmp_path)


def test_a_course_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    """Where the file cannot be made, the error says which one."""
    with pytest.raises(StaffError, match=FILE):
        course_secret(tmp_path / "no such folder")


def test_seeds_depend_on_secret_and_name() -> None:
    """The same test draws the same data for every student; another test or course does not."""
    seed = seed_of(b"secret", "a1/test_x::test_y")
    assert seed == seed_of(b"secret", "a1/test_x::test_y")
    assert seed != seed_of(b"secret", "a1/test_x::test_z")
    assert seed != seed_of(b"Secret", "a1/test_x::test_y")
    assert rng_of(seed).normal() == rng_of(seed).normal()
