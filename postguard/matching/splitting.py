"""Folded text cut into atoms: runs of letters, with CamelCase and digits taken apart."""

import re
import sys
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_ATOM = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_CONTRACTIONS = frozenset({"s", "t", "d", "m", "ll", "re", "ve"})
_TIGHT = 3
"""At most this many signs may stand inside a name that is to be read as one word."""


class Atom(NamedTuple):
    """Letters or digits. `gap` is what stands between the atom before and this one, so that a text is its atoms and
    their gaps, up to the last atom."""

    text: str
    low: str
    gap: str
    place: str = ""
    """What it is a part of: TAG, HANDLE, MAIL (before its @), DOMAIN, LINK (after its host), or just words."""
    partial: bool = False
    """Whether it was cut out of letters that are otherwise no words."""

    @property
    def capital(self) -> bool:
        return self.text[0].isupper()

    def behind(self, gap: str) -> "Atom":
        """The same with more before its gap."""
        return Atom(self.text, self.low, gap + self.gap, *self[3:])

    @property
    def is_possessive_s(self) -> bool:
        return self.low == "s" and self.gap == "'"


TAG, HANDLE, MAIL, DOMAIN, LINK = "#", "@", "mail", "domain", "link"
_LONGEST_ADDRESS = 500
"""Longer runs without a space are no hashtag, account, address or link, and are only read as words."""
_CHUNK = re.compile(r"\S+")
_HAS_PLACE = re.compile(r"[#@]|\.\w")
_TAGGED = re.compile(r"[#@][\w.-]*")
_NOWHERE = (sys.maxsize, sys.maxsize, "")
_MAIL = re.compile(r"[\w.+'-]+@(?=[\w-]+\.\w)")
_HOST = re.compile(r"(?i:https?://|www\.)[\w.-]+|\w[\w-]*(?:\.[\w-]+)*\.(?:com|org|net|uk|scot|ly|co|io|me|tv|sch)\b")


def atoms_of(text: str) -> list[Atom]:
    """The atoms of a folded text, in order."""
    return split(text)[0]


def split(text: str) -> tuple[list[Atom], str]:
    """The atoms of a folded text, in order, and what stands behind the last."""
    places = _places(text) if _HAS_PLACE.search(text) else iter(())
    begin, stop, place = next(places, _NOWHERE)
    atoms: list[Atom] = []
    end = 0
    for match in _ATOM.finditer(text):
        start = match.start()
        while start >= stop:
            begin, stop, place = next(places, _NOWHERE)
        written = match.group()
        atoms.append(Atom(written, written.lower(), text[end:start], place if start >= begin else ""))
        end = match.end()
    return atoms, text[end:]


def placed(atoms: Iterable[Atom], at: int = 0) -> Iterator[tuple[int, Atom]]:
    """Each atom and the index it begins at, where what stands before the first one begins at `at`."""
    for atom in atoms:
        at += len(atom.gap)
        yield at, atom
        at += len(atom.text)


def _places(text: str) -> Iterator[tuple[int, int, str]]:
    """Which [begin, stop) of the text are a hashtag, an account, an address or a link, in order, and what."""
    for chunk in _CHUNK.finditer(text):
        written = chunk.group()
        if len(written) <= _LONGEST_ADDRESS and _HAS_PLACE.search(written):
            for begin, stop, place in _places_in(written):
                yield chunk.start() + begin, chunk.start() + stop, place


def _places_in(chunk: str) -> Iterator[tuple[int, int, str]]:
    """The same for words without a space between."""
    mail = _MAIL.search(chunk) if "@" in chunk else None
    if mail:
        yield *mail.span(), MAIL
        yield mail.end(), len(chunk), DOMAIN
        return
    host = _HOST.search(chunk) if "." in chunk or "://" in chunk else None
    for tag in _TAGGED.finditer(chunk, 0, host.start() if host else len(chunk)):
        yield *tag.span(), TAG if tag.group()[0] == "#" else HANDLE
    if host:
        yield *host.span(), DOMAIN
        yield host.end(), len(chunk), DOMAIN if host.group().endswith("t.co") else LINK


def is_tight(atom: Atom) -> bool:
    """Whether nothing but signs stands between this atom and the one before: no space, or a hyphen at a line's end."""
    gap = atom.gap
    if not gap:
        return True
    if gap == " " or (gap == "'" and atom.low in _CONTRACTIONS):
        return False
    if len(gap) <= _TIGHT and not any(c.isspace() for c in gap):
        return True
    return gap[0] == "-" and "\n" in gap and gap.strip() == "-" and len(gap) <= 6


def is_close(before: Atom, atom: Atom) -> bool:
    """Whether an atom stands near enough to the one before it to belong to the same name."""
    gap = atom.gap
    if gap == " ":
        return True
    if len(gap) > 3 or any(mark in gap for mark in "!?;:()&+"):
        return False
    return not (gap.startswith(".") and len(gap) > 1 and len(before.low) > 1)  # "J. Brown", but not "lunch. Brown"
