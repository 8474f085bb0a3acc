"""The templates of docs/ci/: valid, harmless, and run here step by step on students' files."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from junitparser import JUnitXml

from autograder import assignment as assignments
from autograder import demo
from autograder.sandbox.images.profiles import profile_of

REPO = Path(__file__).parents[2]
CI = REPO / "docs" / "ci"
GITHUB = yaml.safe_load((CI / "github.yml").read_text("utf-8"))
GITLAB = yaml.safe_load((CI / "gitlab.yml").read_text("utf-8"))
STEPS = [(name, step) for name, job in GITHUB["jobs"].items() for step in job["steps"]]
SCRIPTS = [step["run"] for _, step in STEPS if "run" in step]
SLUG = "a1_linear"
GRADER = profile_of("grader").tag
NEEDS_DOCKER = "AUTOGRADER_TESTS_NEED_DOCKER"
EXPRESSION = re.compile(r"\$\{\{ *(.*?) *\}\}")
# Students' words that a shell, a runner or a matrix could fall for.
NASTY = "it's $(touch owned) `touch owned` ; touch owned"
# Instead of the engine: what is behind the image's name is run right here.
NO_ENGINE = f"""#!/bin/bash
[ "$1" = run ] || exit 0
until [ "$1" = "$GRADER" ]; do shift; done
shift
exec env AUTOGRADER_ROOT="$PWD" PYTHONPATH="{REPO}" "{sys.executable}" -P -m autograder "$@"
"""
# With the engine: the image holds the libraries, and the code is that of this checkout.
ENGINE = f"""#!/bin/bash
[ "$1" = run ] || exit 0
shift
exec "{shutil.which("docker")}" run -v "{REPO}/autograder:/platform/autograder:ro" "$@"
"""


@pytest.mark.parametrize(
    ("schema", "name"),
    [("vendor.github-workflows", "github.yml"), ("vendor.gitlab-ci", "gitlab.yml")],
)
def test_templates_are_valid(schema: str, name: str) -> None:
    """By the schemas that the platforms publish."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, CI / name]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("script", [*SCRIPTS, "\n".join(GITLAB["grade"]["script"])])
def test_scripts_are_shell(script: str) -> None:
    """Each can be parsed, and no expression becomes part of one."""
    subprocess.run(["bash", "-n"], input=script, text=True, check=True)
    assert "${{" not in script


def test_github_is_given_little() -> None:
    """A job may read, keeps no credentials, and only grading knows the secret."""
    assert GITHUB["permissions"] == {"contents": "read", "packages": "read"}
    checkouts = [step for _, step in STEPS if "checkout" in step.get("uses", "")]
    assert len(checkouts) == len(GITHUB["jobs"])
    assert {step["with"]["persist-credentials"] for step in checkouts} == {False}
    knowing = [step["name"] for _, step in STEPS if "AUTOGRADER_SECRET" in str(step)]
    assert knowing == ["Grade"]


def test_actions_are_pinned() -> None:
    """To a commit: a tag can be moved."""
    used = [step["uses"] for _, step in STEPS if "uses" in step]
    assert [each for each in used if not re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", each)] == []


def test_nothing_starts_by_itself() -> None:
    """A push or a pull request of somebody does not."""
    assert list(GITHUB[True]) == ["workflow_dispatch"]  # YAML takes `on` for true


def test_names_of_artefacts_are_ours() -> None:
    """Students' words are no names of artefacts."""
    names = [step["with"]["name"] for _, step in STEPS if "upload-artifact" in step.get("uses", "")]
    assert names == ["graded-${{ strategy.job-index }}", "class"]


@pytest.fixture(params=["no engine", "engine"])
def engine(request: pytest.FixtureRequest) -> bool:
    """Whether the grader's image is used; skipped where there is none."""
    if request.param == "engine" and not _has_image():
        if os.environ.get(NEEDS_DOCKER):
            pytest.fail(f"there is no image {GRADER}")
        pytest.skip(f"there is no image {GRADER}")
    return bool(request.param == "engine")


def _has_image() -> bool:
    command = ["docker", "image", "inspect", GRADER]
    found = shutil.which("docker")
    return bool(found) and not subprocess.run(command, capture_output=True, check=False).returncode


@pytest.fixture
def course(engine: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course's repository with hand-ins, as the jobs check it out."""
    place = tmp_path / "repository"
    for room in ("assignments", "solutions", "tests/hidden"):
        shutil.copytree(REPO / room / SLUG, place / room / SLUG)
    demo.write_class(assignments.load(SLUG, REPO), tmp_path / "class")
    hand_ins = {"alma.zip": "alma.zip", NASTY: "pia_syntax_error"}
    (place / "submissions" / SLUG).mkdir(parents=True)
    for name, made in hand_ins.items():
        (tmp_path / "class" / made).rename(place / "submissions" / SLUG / name)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "docker").write_text(ENGINE if engine else NO_ENGINE)
    (tmp_path / "bin" / "docker").chmod(0o755)
    monkeypatch.chdir(place)
    path = f"{tmp_path / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    monkeypatch.setenv("PATH", path)
    return place


class Runner:
    """Runs the steps of a job, as GitHub does."""

    def __init__(self, course: Path, **values: str) -> None:
        self.summary, self.outputs = course.parent / "summary.md", course.parent / "outputs"
        self.values = {"inputs.assignment": SLUG, "vars.GRADER_IMAGE": GRADER, **values}
        self.base = os.environ | {
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_OUTPUT": str(self.outputs),
            "RUNNER_TEMP": str(course.parent),
        }

    def run(self, job: str) -> str:
        """What the job's own steps print."""
        told = GITHUB["jobs"][job]
        around = self._filled(GITHUB["env"]) | self._filled(told.get("env", {}))
        steps = [step for step in told["steps"] if "run" in step]
        return "".join(self._step(step, around) for step in steps)

    def _step(self, step: Mapping[str, Any], around: Mapping[str, str]) -> str:
        environment = {**self.base, **around, **self._filled(step.get("env", {}))}
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _filled(self, told: Mapping[str, str]) -> dict[str, str]:
        def value(match: re.Match[str]) -> str:
            return self.values.get(match[1], "0" * 64)

        return {key: EXPRESSION.sub(value, text) for key, text in told.items()}


def test_the_jobs_of_github(course: Path) -> None:
    """The matrix, each submission with its summary and annotations, and the class."""
    runner = Runner(course)
    runner.run("submissions")
    name, _, entries = runner.outputs.read_text().strip().partition("=")
    assert (name, set(json.loads(entries))) == ("entries", {"alma.zip", NASTY})
    printed = {
        entry: Runner(course, **{"matrix.entry": entry}).run("grade")
        for entry in json.loads(entries)
    }
    assert "::notice title=Autograding complete::Points 100/100\n" in printed["alma.zip"]
    assert "::error" not in printed["alma.zip"]
    # Whatever else students wrote is in files: a log is where the runner looks for commands.
    assert [line for line in "".join(printed.values()).splitlines() if line[:2] != "::"] == []
    (syntax,) = [line for line in printed[NASTY].splitlines() if line.startswith("::error")]
    assert syntax.startswith(f"::error file=submissions/{SLUG}/{NASTY}/knn.py,line=110,")
    runner.run("class")
    assert "2 submissions, 100 points at most" in runner.summary.read_text()
    failures = {suite.name: suite.failures for suite in JUnitXml.fromfile("junit.xml")}
    assert failures.pop("alma") == 0 < min(failures.values())
    assert len((course / "class.csv").read_text().splitlines()) == 3
    assert not list(course.parent.rglob("owned"))


def test_the_job_of_gitlab(course: Path, engine: bool) -> None:
    """It runs in the grader's image, or in this Python."""
    variables = {"SLUG": SLUG, "AUTOGRADER_ROOT": str(course)}
    command = ["bash", "-eo", "pipefail", "-c", "\n".join(GITLAB["grade"]["script"])]
    if engine:
        given = [word for name, value in variables.items() for word in ("-e", f"{name}={value}")]
        told = ["--rm", "-v", f"{course}:{course}", "-w", course, *given, "--entrypoint"]
        command = ["docker", "run", *map(str, told), command[0], GRADER, *command[1:]]
    environment = os.environ | variables | {"PYTHONPATH": str(REPO)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    made = GITLAB["grade"]["artifacts"]
    assert len(list(JUnitXml.fromfile(made["reports"]["junit"]))) == 2
    findings = json.loads(Path(made["reports"]["codequality"]).read_text())
    paths = {each["location"]["path"] for each in findings}
    assert paths == {f"submissions/{SLUG}/{NASTY}/knn.py"}
    assert [path for path in made["paths"] if not Path(path).exists()] == []
