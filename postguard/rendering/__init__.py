"""A batch as its readers see it: console, JSON, JSON Lines, JUnit, SARIF, GitHub, HTML.

Two steps. First `view_for(batch, roster=…, rules=…, audience=…)` decides what a reader may see: the only
place that does. Then a renderer turns that `View` into a string and decides nothing:

    view = view_for(batch, roster=roster, rules=[check.RULE for check in ALL_CHECKS], audience=Audience.TRAVEL)
    print(render_json(view))

What goes to the poster's terminal is for Audience.POSTER (`--redact`: REDACTED); what is written to a file,
or in any other format than console, is for TRAVEL (`--private`: PRIVATE).
"""

from collections.abc import Callable
from dataclasses import dataclass

from postguard.rendering.audience import view_for
from postguard.rendering.console import render_console
from postguard.rendering.machine import render_error_json, render_json, render_jsonl
from postguard.rendering.view import Audience, View


@dataclass(frozen=True, kw_only=True, slots=True)
class Format:
    """A format a report can be written in, and the ending its files have."""

    render: Callable[[View], str]
    suffix: str


FORMATS = {
    "json": Format(render=render_json, suffix=".json"),
    "jsonl": Format(render=render_jsonl, suffix=".jsonl"),
}
"""Every format but the console's, by the name that `--format` knows."""

__all__ = [
    "FORMATS",
    "Audience",
    "Format",
    "View",
    "render_console",
    "render_error_json",
    "render_json",
    "render_jsonl",
    "view_for",
]
