"""Files become values: the roster, drafts, settings, reference photos.

Trouble with a draft comes back as data (`Draft.problems`); trouble with the school's own files is one
fatal error that lists everything wrong at once, with line numbers and what to do.
"""

from postguard.loading.drafts import check_present, draft_from_words, find_drafts, load_draft
from postguard.loading.privacy import refuse_git
from postguard.loading.references import References, list_references, refuse_orphans
from postguard.loading.roster import find_roster, load_roster, refuse_stale
from postguard.loading.settings import find_settings, load_settings

__all__ = [
    "References",
    "check_present",
    "draft_from_words",
    "find_drafts",
    "find_roster",
    "find_settings",
    "list_references",
    "load_draft",
    "load_roster",
    "load_settings",
    "refuse_git",
    "refuse_orphans",
    "refuse_stale",
]
