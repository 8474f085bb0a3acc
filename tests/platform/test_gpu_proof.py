"""The proof is an exercise like any other: on the CPU it shows that it can be passed and failed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_nvml import FIRST, SECOND, FakeNvml

from autograder.errors import SandboxError
from autograder.sandbox.backend import Backend
from autograder.sandbox.gpu import doctor, lease, proof
from autograder.sandbox.gpu.found import Gpu
from autograder.sandbox.gpu.lease import Lease
from autograder.sandbox.process import ProcessBackend

pytest.importorskip("torch")


@pytest.fixture(scope="module")
def backend() -> Iterator[Backend]:
    """A sandbox with PyTorch, on the CPU."""
    made = ProcessBackend(Path(__file__).parents[2], "torch")
    yield made
    made.shutdown()


def test_what_computes_is_proven(backend: Backend) -> None:
    """A product and its gradients agree with numpy's; how long it took."""
    assert 0 < proof.prove(backend, doctor.LIMITS) < 30


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (proof.FILE.replace(b"out = a @ b", b"out = a @ b * 1.001"), "is wrong by .*: is TF32 on"),
        (proof.FILE.replace(b"out = a @ b", b"out = a @ b + float('nan')"), "is wrong by nan"),
        (proof.FILE.replace(b"out.device.type", b"'meta'"), "on cpu is computed on meta"),
        (b"1 / 0", "nothing can be computed on the cpu: proof.py line 1"),
    ],
)
def test_what_does_not_is_said(
    backend: Backend, monkeypatch: pytest.MonkeyPatch, source: bytes, said: str
) -> None:
    """Wrong numbers, another device, or no result."""
    monkeypatch.setattr(proof, "FILE", source)
    with pytest.raises(SandboxError, match=said):
        proof.prove(backend, doctor.LIMITS)


def test_the_doctor_tries_every_free_gpu(
    backend: Backend, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Free ones are leased and tried in each sandbox; of leased ones it is said that they are."""
    monkeypatch.setattr(lease, "FOLDERS", tmp_path)
    made: list[Gpu] = []

    def here(held: Lease) -> Backend:
        made.append(held.gpu)
        return ProcessBackend(Path(__file__).parents[2], "torch")

    def nowhere(_: Lease) -> Backend:
        raise SandboxError("there is no image")

    held = lease.take([SECOND], 100)
    first, second = doctor.examined({"process": here, "docker": nowhere}, FakeNvml())
    held.release()
    assert made == [FIRST]
    assert (first.uuid, first.leased, second.leased) == (FIRST.uuid, False, True)
    assert first.tried[0].seconds is not None
    assert first.tried[1] == doctor.Tried("docker", None, "there is no image")
    assert [each.reason for each in second.tried] == [doctor.LEASED] * 2
    assert not lease.is_leased(FIRST)
