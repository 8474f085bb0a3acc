"""The verbs that bring our results into other systems: `export FORMAT`."""

import typer

from autograder.cli.gradescope import gradescope

app = typer.Typer(name="export", help="What other systems read.", no_args_is_help=True)
app.command()(gradescope)
