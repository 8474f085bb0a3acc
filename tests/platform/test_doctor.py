"""The doctor tries, and tells what got through."""

import json
from pathlib import Path

import pytest
from fake_nvml import FakeNvml

from autograder.cli import main
from autograder.errors import SandboxError
from autograder.sandbox import backends, doctor
from autograder.sandbox.container.plan import Plan
from autograder.sandbox.gpu import found
from autograder.sandbox.process import ProcessBackend
from autograder.sandbox.walls import Walls, strongest_walls

REPO = Path(__file__).parents[2]


def examine(walls: Walls) -> dict[str, doctor.Finding]:
    """Examine one kind of walls; findings by title."""
    backend = ProcessBackend(REPO, walls=walls)
    try:
        return {finding.title: finding for finding in doctor.examine(backend, REPO)}
    finally:
        backend.shutdown()


@pytest.mark.skipif(strongest_walls() is not Walls.BUBBLEWRAP, reason="bubblewrap is not usable")
def test_bubblewrap_has_one_known_gap() -> None:
    """Behind bubblewrap nothing gets through but memory that many processes take together."""
    gaps = [finding for finding in examine(Walls.BUBBLEWRAP).values() if not finding.stopped]
    assert [gap.title for gap in gaps] == ["the same by several processes"]
    assert gaps[0].how == "grade with --sandbox docker"


def test_docker_stops_everything(containers: Plan) -> None:
    """In a container nothing that the doctor tries gets through."""
    examined = doctor.examined(backends.of_plan(containers, REPO, "numpy"), REPO)
    assert [finding.title for finding in examined.findings if not finding.stopped] == []
    assert examined.backend == "docker"


def test_what_gets_through_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """What gets through is told as such, with what to do about it."""
    backend = ProcessBackend(REPO, walls=Walls.NONE)
    probe = doctor.Probe("answering", "works", (), "close it")
    monkeypatch.setattr(doctor, "_probes", lambda *_: iter([probe]))
    try:
        (finding,) = doctor.examine(backend, REPO)
    finally:
        backend.shutdown()
    assert not finding.stopped
    assert finding.how == "close it"


def test_honest_code_must_work(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A sandbox in which nothing can be imported is no success."""
    broken = tmp_path / "probe.py"
    broken.write_text("import no_such_module\n")
    monkeypatch.setattr(doctor, "PROBE", broken)
    with pytest.raises(SandboxError, match="stops honest code"):
        examine(strongest_walls())


def test_the_command_tells_it(capsys: pytest.CaptureFixture[str]) -> None:
    """`doctor --json` lists every try in each sandbox; its status is about the one to be used."""
    status = main(["doctor", "--json"])
    told = json.loads(capsys.readouterr().out)
    used = told["sandboxes"][-1]["findings"]
    assert status == (0 if all(each["stopped"] for each in used) else 1)
    assert "an endless loop" in [each["title"] for each in used]
    assert "resource limits" in told["sandboxes"][0]["confinement"]


def test_the_command_draws_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """`doctor` prints a table for people, and says why a sandbox is not to be had."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    main(["doctor"])
    shown = " ".join(capsys.readouterr().out.split())
    assert "process sandbox:" in shown
    assert "docker sandbox: not to be had: no Docker engine answers: start it" in shown
    assert "network" in shown


def test_a_machine_without_a_gpu_is_said_in_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What is missing, in the table's way and in JSON."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    monkeypatch.setattr(found, "_nvml", lambda: FakeNvml(driver=False))
    main(["doctor"])
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("GPUs: none: no NVIDIA driver answers here (Driver Not Loaded)")
    main(["doctor", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert (told["gpus"], told["gpus_unavailable"]) == ([], last.removeprefix("GPUs: none: "))
