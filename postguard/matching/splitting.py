"""Folded text cut into atoms: runs of letters, with CamelCase and digits taken apart."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

_ATOM = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_CONTRACTIONS = frozenset({"s", "t", "d", "m", "ll", "re", "ve"})
_TIGHT = 3
"""At most this many signs may stand inside a name that is to be read as one word."""


@dataclass(slots=True)
class Atom:
    """Letters or digits at [start, end). `gap` is what stands between the atom before and this one."""

    start: int
    end: int
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

    @property
    def is_possessive_s(self) -> bool:
        return self.low == "s" and self.gap == "'"


TAG, HANDLE, MAIL, DOMAIN, LINK = "#", "@", "mail", "domain", "link"
_LONGEST_ADDRESS = 500
"""Longer runs without a space are no hashtag, account, address or link, and are only read as words."""
_CHUNK = re.compile(r"\S+")
_MAIL = re.compile(r"[\w.+'-]+@(?=[\w-]+\.\w)")
_HOST = re.compile(r"(?i:https?://|www\.)[\w.-]+|\w[\w-]*(?:\.[\w-]+)*\.(?:com|org|net|uk|scot|ly|co|io|me|tv|sch)\b")


def atoms_of(text: str) -> list[Atom]:
    """The atoms of a folded text, in order."""
    atoms = _cut(text)
    places = dict(_places(text)) if _HAS_PLACE.search(text) else {}
    if not places:
        return atoms
    starts = sorted(places)
    placed: list[Atom] = []
    for atom in atoms:
        at = bisect_right(starts, atom.start) - 1
        place = places[starts[at]].of(atom.start) if at >= 0 else ""
        placed.append(Atom(atom.start, atom.end, atom.text, atom.low, atom.gap, place) if place else atom)
    return placed


_HAS_PLACE = re.compile(r"[#@]|\.\w")


def _places(text: str) -> Iterator[tuple[int, "_Places"]]:
    """Where a chunk begins that holds a hashtag, an account or an address, and what of it is which."""
    for chunk in _CHUNK.finditer(text):
        written = chunk.group()
        may = "#" in written or "@" in written or "." in written
        if may and len(written) <= _LONGEST_ADDRESS and _HAS_PLACE.search(written):
            yield chunk.start(), _Places(written, chunk.start())


class _Places:
    """Which part of a chunk (words without a space between) is a hashtag, an account, an address or a link."""

    def __init__(self, chunk: str, start: int) -> None:
        self._start = start
        self._end = start + len(chunk)
        self._chunk = chunk
        mail = _MAIL.search(chunk)
        host = None if mail else _HOST.search(chunk)
        self._mail = mail.span() if mail else None
        self._host = host.span() if host else None

    def of(self, index: int) -> str:
        if index >= self._end:
            return ""
        at = index - self._start
        if self._mail:
            return DOMAIN if at >= self._mail[1] else MAIL if at >= self._mail[0] else ""
        if self._host and at >= self._host[0]:
            short = self._chunk[self._host[0] : self._host[1]].endswith("t.co")
            return DOMAIN if at < self._host[1] or short else LINK
        tag = max(self._chunk.rfind("#", 0, at), self._chunk.rfind("@", 0, at))
        if tag < 0 or any(not (c.isalnum() or c in "_-.") for c in self._chunk[tag + 1 : at]):
            return ""
        return TAG if self._chunk[tag] == "#" else HANDLE


def _cut(text: str) -> list[Atom]:
    atoms: list[Atom] = []
    end = 0
    for match in _ATOM.finditer(text):
        start = match.start()
        written = match.group()
        atoms.append(Atom(start, match.end(), written, written.lower(), text[end:start]))
        end = match.end()
    return atoms


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
