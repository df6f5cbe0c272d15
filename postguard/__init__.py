"""postguard: the check before a school posts.

    from postguard import load_draft, load_roster, open_guard

    guard = open_guard(load_roster("consent_roster.yaml"))
    report = guard.check(load_draft("drafts/sports-day"))
    print(report.verdict, [finding.message for finding in report.findings])

Names are loaded when they are first used, so that `import postguard` costs nothing.
"""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

__all__ = ["Draft", "Guard", "Report", "Roster", "Verdict", "__version__", "load_draft", "load_roster", "open_guard"]

if TYPE_CHECKING:
    from postguard.assembly import open_guard
    from postguard.domain.drafts import Draft
    from postguard.domain.people import Roster
    from postguard.domain.report import Report, Verdict
    from postguard.loading import load_draft, load_roster
    from postguard.pipeline import Guard

_HOMES = {
    "Draft": "postguard.domain.drafts",
    "Guard": "postguard.pipeline",
    "Report": "postguard.domain.report",
    "Roster": "postguard.domain.people",
    "Verdict": "postguard.domain.report",
    "load_draft": "postguard.loading",
    "load_roster": "postguard.loading",
    "open_guard": "postguard.assembly",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_HOMES[name]), name)
