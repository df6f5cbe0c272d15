"""A draft: the words and pictures that somebody wants to post."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

TEXT = "text"
"""The part that a draft's own words are."""
DRAFT = "draft"
"""The part that stands for the draft as a whole."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Unchecked:
    """A part nobody could check, and why. It always fails the draft (PG901)."""

    part: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """A picture or clip of a draft. `part` is its file name, the name it has in every report."""

    part: str
    path: Path


@dataclass(frozen=True, kw_only=True, slots=True)
class AltText:
    """`part` is the picture the text describes."""

    part: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Visitor:
    """Somebody present who is not on the roster, and the permission the poster holds."""

    name: str
    permission: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Present:
    """Who was there, by the poster's word. It narrows who may clear a face, never who may block one."""

    groups: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    others: tuple[Visitor, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class HeadCount:
    """How many people the poster counted: in one picture, or in all of them together (`part` None)."""

    part: str | None
    people: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """What would be published. `name` is the folder's name; trouble met while loading is in `problems`."""

    name: str
    path: Path
    channel: str | None = None
    author: str | None = None
    text: str | None = None
    pictures: tuple[Picture, ...] = ()
    alt: tuple[AltText, ...] = ()
    present: Present | None = None
    head_counts: tuple[HeadCount, ...] = ()
    problems: tuple[Unchecked, ...] = ()


def split_part(part: str, pictures: Iterable[str]) -> tuple[str | None, str]:
    """A part's picture and its suffix (`@2.5`, `:alt`), or None and the part where it is of no picture.

    File names may hold : and @ too.
    """
    for name in sorted(pictures, key=len, reverse=True):
        if part == name or (part.startswith(name) and part[len(name)] in "@:"):
            return name, part[len(name) :]
    return None, part
