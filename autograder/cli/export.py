"""The verbs that bring our results into other systems: `export FORMAT`."""

import typer

from autograder.cli import lms

app = typer.Typer(
    name="export", help="Reports in the formats of other systems.", no_args_is_help=True
)
app.command()(lms.canvas)
app.command()(lms.moodle)
