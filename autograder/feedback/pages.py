"""A student's feedback page, by nbconvert: for a class at once, or by nbgrader's own command.

    made = exporter()
    html = render(made, notebook, {"nbgrader": {"student": "ada", ...}})   # again and again

For `nbgrader generate_feedback`, nbgrader_config.py says

    c.GenerateFeedback.exporter_class = "autograder.feedback.pages.FeedbackExporter"

nbconvert's own templates escape nothing by themselves and its HTMLExporter parses each page anew;
this exporter escapes everything, and leaves that out.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment
from nbconvert.exporters.html import HTMLExporter
from nbconvert.exporters.templateexporter import TemplateExporter
from traitlets.config import Config

from autograder.feedback.outline import outline
from autograder.feedback.words import prepare

TEMPLATES = Path(__file__).parent / "templates"
NAME = "autograder"


class FeedbackExporter(HTMLExporter):  # type: ignore[misc]  # nbconvert has no types
    """nbconvert's HTML exporter with our template, autoescaping, and no slow steps."""

    export_from_notebook = None  # not offered in a notebook's menu: it needs a report

    @property
    def default_config(self) -> Config:
        """Our template, even where nbgrader names its own for every HTMLExporter."""
        own = Config()
        own.FeedbackExporter.template_name = NAME
        own.FeedbackExporter.extra_template_basedirs = [str(TEMPLATES)]
        own.FeedbackExporter.default_preprocessors = []  # nothing is executed or rewritten
        config: Config = super().default_config.copy()
        config.merge(own)
        return config

    def _create_environment(self) -> Environment:
        return prepare(super()._create_environment())

    def _preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Add the page's values after all preprocessors, of which nbgrader's adds the grades."""
        nb, resources = super()._preprocess(nb, resources)
        resources["page"] = outline(nb, resources)
        return nb, resources

    def from_notebook_node(
        self, nb: Any, resources: Any = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """Render a notebook as HTMLExporter does, without its second parse of the page."""
        made: tuple[str, dict[str, Any]]
        if self._preprocessors:
            made = TemplateExporter.from_notebook_node(self, nb, resources, **kw)
        else:  # nothing is going to change the notebook, so nbconvert's three copies are left out
            told = self._init_resources({**(resources or {})})
            told["page"] = outline(nb, told)
            made = self.template.render(nb=nb, resources=told), told
        return made


def exporter() -> FeedbackExporter:
    """An exporter for many pages; its template is compiled once."""
    return FeedbackExporter()


def render(exporter: FeedbackExporter, nb: Any, resources: Any) -> str:
    """The page of one autograded notebook; `resources["nbgrader"]` is what GetGrades sets."""
    html, _ = exporter.from_notebook_node(nb, resources)
    return html
