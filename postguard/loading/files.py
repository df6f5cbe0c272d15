"""Which files mean what, in one place: pictures, words, what is passed over, and what never belongs in a draft."""

import difflib
import unicodedata
from pathlib import Path

from postguard.domain.answers import CONFIRMATIONS_FILE

STILLS = frozenset({"jpg", "jpeg", "png", "gif", "webp", "tif", "tiff", "bmp", "heic", "heif", "avif"})
CLIPS = frozenset({"mp4", "mov", "m4v", "webm", "avi"})
MEDIA = STILLS | CLIPS
WORDS = frozenset({"md", "txt"})

OWN_FILES = frozenset({CONFIRMATIONS_FILE})
"""What postguard itself keeps beside a draft's pictures."""
IGNORED = frozenset({".ds_store", "thumbs.db", "desktop.ini"}) | OWN_FILES
"""In small letters. Passed over in silence when ordinary files; everything else is looked at or reported."""
ROSTERS = frozenset({"consent_roster.yaml", "consent_roster.yml", "consent_roster.csv"})
NEVER_IN_A_DRAFT = ROSTERS | {"postguard.yaml", "postguard.yml", "waivers.json", "faces", ".postguard"}


def media_suffix(name: str) -> str:
    """The ending of a file name in small letters, without its dot."""
    return Path(name).suffix.removeprefix(".").casefold()


def passed_over(entry: Path) -> bool:
    """Whether it is one of the ordinary files that are ignored in silence."""
    try:
        return entry.name.casefold() in IGNORED and entry.is_file() and not entry.is_symlink()
    except OSError:
        return False


def as_typed(name: str) -> str:
    """A file name for comparing: macOS stores é as two characters, and a keyboard types one."""
    return unicodedata.normalize("NFC", name)


def leaves(entry: Path, folder: Path) -> bool:
    """Whether a link leads out of `folder`, or nowhere."""
    if not entry.is_symlink():
        return False
    try:
        return not entry.resolve(strict=True).is_relative_to(folder.resolve())
    except (OSError, RuntimeError):
        return True


def like_it(path: Path) -> str:
    """ "Did you mean …?" for a path that is not there, or nothing."""
    folder = path.parent
    try:
        beside = [entry.name for entry in folder.iterdir()]
    except OSError:
        return ""
    found = difflib.get_close_matches(path.name, beside, n=1, cutoff=0.5)
    return f"Did you mean {folder / found[0]}?" if found else ""
