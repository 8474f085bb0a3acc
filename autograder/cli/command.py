"""The command `autograder`: its verbs, and what becomes of an error.

Exit 0: done. 1: done, and it found something. 2: it could not be done, and one line on stderr says
what and where. A verb returns its status, or None for 0.
"""

import sys
import traceback
from collections.abc import Sequence

import typer
from typer import TyperException

from autograder.cli import (
    audit,
    collect,
    course,
    export,
    grading,
    images,
    machine,
    nbgrader,
    releases,
    similar,
    students,
)
from autograder.errors import AutograderError

# What the extras bring, by the target of make that installs them; grading does without.
EXTRAS = {
    "nbgrader": {"jupytext", "nbconvert", "nbformat", "nbgrader", "sqlalchemy", "traitlets"},
    "similar": {"compare50"},
}

app = typer.Typer(
    name="autograder",
    help="Auto-graded assignments for deep-learning courses.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("list")(course.list_)
app.command()(course.starter)
app.command()(students.check)
app.command()(grading.grade)
app.command()(grading.demo)
app.command()(audit.audit)
app.command()(machine.doctor)
app.command()(releases.release)
app.command()(releases.gate)
app.command()(similar.similar)
app.command()(nbgrader.feedback)
app.add_typer(nbgrader.app, name="gradebook")
app.command()(collect.collect)
app.add_typer(images.app, name="image")
app.add_typer(export.app, name="export")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; without a command, show the help."""
    told = list(sys.argv[1:] if arguments is None else arguments)
    try:
        status = app(told or ["--help"], prog_name="autograder", standalone_mode=False)
    except AutograderError as error:
        return _fail(str(error))
    except TyperException as error:
        wrong = error.format_message().rstrip(".")
        return _fail(f"{wrong} (see '{_command_path(error)} --help')")
    except ModuleNotFoundError as error:
        module = (error.name or "").partition(".")[0]
        extra = next((name for name, modules in EXTRAS.items() if module in modules), None)
        if extra is None:
            raise
        return _fail(f"this needs the part {extra!r}, and {error.name} is missing: make {extra}")
    except OSError as error:
        return _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except Exception:  # noqa: BLE001 - a bug of ours is shown whole, and is never "found something"
        traceback.print_exc()
        return 2
    return status if isinstance(status, int) else 0


def _command_path(error: TyperException) -> str:
    context = getattr(error, "ctx", None)
    return context.command_path if context is not None else "autograder"


def _fail(message: str) -> int:
    print("autograder:", " ".join(message.split()), file=sys.stderr)
    return 2
