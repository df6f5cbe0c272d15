"""Folded text cut into atoms: runs of letters, with CamelCase and digits taken apart."""

import re
from dataclasses import dataclass

_ATOM = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_CONTRACTIONS = frozenset({"s", "t", "d", "m", "ll", "re", "ve"})
_TIGHT = 3
"""At most this many signs may stand inside a name that is to be read as one word."""


@dataclass(frozen=True, slots=True)
class Atom:
    """Letters or digits at [start, end). `gap` is what stands between the atom before and this one."""

    start: int
    end: int
    text: str
    low: str
    gap: str

    @property
    def capital(self) -> bool:
        return self.text[0].isupper()

    @property
    def is_possessive_s(self) -> bool:
        return self.low == "s" and self.gap == "'"


def atoms_of(text: str) -> list[Atom]:
    """The atoms of a folded text, in order."""
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
    if gap == "'" and atom.low in _CONTRACTIONS:
        return False
    if len(gap) <= _TIGHT and not any(c.isspace() for c in gap):
        return True
    return gap[0] == "-" and "\n" in gap and gap.strip() == "-" and len(gap) <= 6
