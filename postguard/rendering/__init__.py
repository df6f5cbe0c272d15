"""A batch as its readers see it: console, JSON, JSON Lines, JUnit, SARIF, GitHub, HTML.

Two steps. First `view_for(batch, roster=…, rules=…, audience=…)` decides what a reader may see: the only
place that does. Then a renderer turns that `View` into a string and decides nothing:

    view = view_for(batch, roster=roster, rules=[check.RULE for check in ALL_CHECKS], audience=Audience.TRAVEL)
    if FORMATS["html"].pictures:
        view = with_pictures(view, batch, postguard.seeing.thumbnails.reduced)
    page = FORMATS["html"].render(view)

What goes to the poster's terminal is for Audience.POSTER (`--redact`: REDACTED); what is written to a file,
or in any other format than console, is for TRAVEL (`--private`: PRIVATE).
"""

from collections.abc import Callable
from dataclasses import dataclass

from postguard.rendering.audience import view_for
from postguard.rendering.console import render_console
from postguard.rendering.github import render_github
from postguard.rendering.junit import render_junit
from postguard.rendering.machine import render_error_json, render_json, render_jsonl
from postguard.rendering.page import render_html
from postguard.rendering.pictures import with_pictures
from postguard.rendering.sarif import render_sarif
from postguard.rendering.view import Audience, View


@dataclass(frozen=True, kw_only=True, slots=True)
class Format:
    """How a report is written. `suffix` is of the file it goes to; `pictures`: it shows them (`with_pictures`)."""

    render: Callable[[View], str]
    suffix: str
    pictures: bool = False


FORMATS: dict[str, Format] = {
    "json": Format(render=render_json, suffix=".json"),
    "jsonl": Format(render=render_jsonl, suffix=".jsonl"),
    "junit": Format(render=render_junit, suffix=".xml"),
    "sarif": Format(render=render_sarif, suffix=".sarif"),
    "github": Format(render=render_github, suffix=".txt"),
    "html": Format(render=render_html, suffix=".html", pictures=True),
}
"""Every format but the console, which needs to know its terminal (`render_console`)."""

__all__ = [
    "FORMATS",
    "Audience",
    "Format",
    "View",
    "render_console",
    "render_error_json",
    "render_github",
    "render_html",
    "render_json",
    "render_jsonl",
    "render_junit",
    "render_sarif",
    "view_for",
    "with_pictures",
]
