"""The guides are true: their commands exist, their links lead somewhere, nothing is left out."""

import re
import shlex
import subprocess
import tomllib
from pathlib import Path

import pytest
import typer

from autograder import assignment, cli, report
from autograder.hostile import Threat
from autograder.sandbox.faults import StudentFault
from autograder.sandbox.images.profiles import PROFILES
from autograder.suite.diagnosis import Code

REPO = Path(__file__).parents[2]
PAGES = [
    REPO / "README.md",
    REPO / "CONTRIBUTING.md",
    REPO / "benchmarks" / "README.md",
    *sorted((REPO / "docs").glob("*.md")),
]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#:]+)\)")
# The command behind typer's decorators: parses without running.
COMMANDS = typer.main.get_group(cli.app).commands


def blocks(page: Path, kind: str) -> list[str]:
    """Return the code blocks of one kind."""
    return [text for found, text in BLOCK.findall(page.read_text("utf-8")) if found == kind]


def typed(text: str) -> list[str]:
    """Return the lines that a person types: those after `$ ` in a transcript, else all."""
    lines = text.splitlines()
    return [line[2:] for line in lines if line.startswith("$ ")] or lines


def shown(program: str) -> list[list[str]]:
    """Return the arguments of every call of a program in a console block of any page."""
    lines = [line for page in PAGES for text in blocks(page, "console") for line in typed(text)]
    words = [shlex.split(line, comments=True) for line in lines]
    return [call[1:] for call in words if call and Path(call[0]).name == program]


def make(*targets: str) -> list[str]:
    """Return what make prints, line by line."""
    command = ["make", "-s", *targets]
    done = subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


@pytest.mark.parametrize("arguments", shown("autograder"), ids=" ".join)
def test_commands_parse(arguments: list[str]) -> None:
    """Every command shown is accepted by the verb that it names."""
    verb, *rest = arguments
    command = COMMANDS[verb]
    while hasattr(command, "commands"):
        verb, *rest = rest
        command = command.commands[verb]
    command.make_context(verb, rest)


@pytest.mark.parametrize("arguments", shown("make"), ids=" ".join)
def test_targets_exist(arguments: list[str]) -> None:
    """Every target shown is one that `make help` lists."""
    assert set(arguments) <= {line.split()[1] for line in make("help")}


def test_make_alone_shows_the_help() -> None:
    """The first thing a newcomer types answers, and needs nothing installed."""
    assert {"make demo", "make test"} <= {line[2:11] for line in make()}


@pytest.mark.parametrize("verb", COMMANDS)
def test_every_verb_is_shown(verb: str) -> None:
    """Each verb of the command stands in a console block of some page."""
    assert verb in {arguments[0] for arguments in shown("autograder")}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """A link to a file of the repository names one that is there."""
    targets = LINK.findall(page.read_text("utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_every_page_can_be_reached() -> None:
    """README links to every other page."""
    targets = LINK.findall(PAGES[0].read_text("utf-8"))
    assert [page for page in PAGES[1:] if str(page.relative_to(REPO)) not in targets] == []


MODELS = [
    report.Report,
    report.SubmissionInfo,
    report.SandboxInfo,
    report.ExerciseResult,
    report.TestResult,
    report.Diagnosis,
]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_field_of_a_report_is_explained(model: type[report.Report]) -> None:
    """docs/reports.md has a row for each field."""
    page = (REPO / "docs" / "reports.md").read_text("utf-8")
    assert [name for name in model.model_fields if f"\n| `{name}` |" not in page] == []


def test_every_status_is_explained() -> None:
    """docs/reports.md names each status of a report, an exercise and a test."""
    page = (REPO / "docs" / "reports.md").read_text("utf-8")
    for status in [*report.ReportStatus, *report.ExerciseStatus]:
        assert f"`{status}`" in page


def test_every_diagnosis_code_is_explained() -> None:
    """docs/reports.md has each code that a diagnosis may have."""
    page = (REPO / "docs" / "reports.md").read_text("utf-8")
    codes = [*Code, *(kind.code for kind in subclasses(StudentFault))]
    assert [code for code in codes if f"`{code}`" not in page] == []


def subclasses(kind: type[StudentFault]) -> list[type[StudentFault]]:
    """Return a class and everything below it."""
    return [kind, *(below for child in kind.__subclasses__() for below in subclasses(child))]


@pytest.mark.parametrize("threat", Threat)
def test_every_threat_is_answered(threat: Threat) -> None:
    """docs/security.md says what stops each threat that tests/hostile/ stands for."""
    page = (REPO / "docs" / "security.md").read_text("utf-8")
    assert f"\n| {threat} |" in page


def test_claims_name_tests_that_exist() -> None:
    """Each test that docs/security.md names can be run."""
    page = (REPO / "docs" / "security.md").read_text("utf-8")
    named = re.findall(r"`(test_\w+)\.py(?:::(test_\w+))?`", page)
    assert len(named) > 5
    for module, test in named:
        text = (REPO / "tests" / "platform" / f"{module}.py").read_text("utf-8")
        assert not test or f"def {test}(" in text
    for attack in re.findall(r"tests/hostile/\w+\.py", page):
        assert (REPO / attack).exists()


def test_every_profile_of_an_image_is_explained() -> None:
    """docs/instructors.md has a row for each."""
    page = (REPO / "docs" / "instructors.md").read_text("utf-8")
    assert [name for name in PROFILES if f"\n| `{name}` |" not in page] == []


def test_every_key_of_an_assignment_is_explained() -> None:
    """docs/assignments.md has a row for each key."""
    page = (REPO / "docs" / "assignments.md").read_text("utf-8")
    keys = [
        *(f"limits.{key}" for key in assignment.Limits.model_fields),
        *(f"rules.{key}" for key in assignment.Rules.model_fields),
        *(f"exercise.{key}" for key in assignment.Exercise.model_fields),
        *("title", "runtime", "files", "data"),
    ]
    assert [key for key in keys if f"\n| `{key}` |" not in page] == []


def test_examples_of_toml_are_toml() -> None:
    """Every TOML block can be read."""
    for page in PAGES:
        for text in blocks(page, "toml"):
            assert tomllib.loads(text)


def test_the_tree_names_real_folders() -> None:
    """Each folder of README's tree has at least its upper part here."""
    tree = next(text for text in blocks(PAGES[0], "") if "assignments/<slug>/" in text)
    folders = [line.split()[0].partition("<")[0] for line in tree.splitlines()]
    assert [folder for folder in folders if not (REPO / folder).is_dir()] == []
