"""Where a part of somebody's name may stand: runs of atoms, alone or glued together again, that the lexicon knows."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from postguard.matching.data import words
from postguard.matching.hashtags import LONGEST, TagSplitter
from postguard.matching.lexicon import NOBODY, Lexicon, People, is_proper, is_word
from postguard.matching.splitting import HANDLE, LINK, MAIL, TAG, Atom, is_tight, split

_MOST_ATOMS = 12
"""A name is looked for in at most this many pieces: "A o i f e" is five."""
_TOGETHER = frozenset({TAG, HANDLE, MAIL, LINK})
_LETTERS_FOR_SIGNS = (str.maketrans("014357$@!|", "oiaestsaii"), str.maketrans("014357$@!|", "olaestsall"))
_SONS = frozenset({"mc", "mac", "o"})
_SHORTEST_LOOK_ALIKE = 4
_SHORTEST_GLUED = 7
_REMEMBERED = 50_000
"""How many chunks are remembered before starting afresh: about 30 MB."""
PLAIN = re.compile(r"[^A-Za-z0-9@#._/]*([A-Z]?[a-z]+|[A-Z]+)[^A-Za-z0-9@#/_]*")
"""One word and signs around it that make no hashtag, account, address or link of it."""
_LONGEST_KNOWN = 200
"""Longer chunks are read each time."""
_TOWNS = ("burg", "burgh", "ville", "ton", "town", "toun", "shire", "neuk", "dale", "muir")
"""How places end, and no word that stands behind a child's name."""


class Hit(NamedTuple):
    """Atoms [first, last) that may be part of a name, and whose: as it is written on the roster (`given`,
    `known`, `family`), a diminutive (`short`), a name of theirs only where the surname follows (`formal`), spelt
    another way (`like_given`, `like_family`), or two initials."""

    first: int
    last: int
    word: str
    given: People = NOBODY
    known: People = NOBODY
    family: People = NOBODY
    short: People = NOBODY
    formal: People = NOBODY
    like_given: People = NOBODY
    like_family: People = NOBODY
    initials: People = NOBODY
    odd: bool = False
    """Whether its letters stand apart, or are digits and signs: nobody writes a word like that."""

    @property
    def named(self) -> People:
        """Whose forename or known-as name it is, exactly."""
        return self.given | self.known if self.known else self.given

    def moved(self, by: int) -> "Hit":
        """The same with so many atoms before it."""
        return Hit(self.first + by, self.last + by, *self[2:])


class _Chunk(NamedTuple):
    """What stands between two spaces, read by itself: its atoms, the first behind a space; what stands behind the
    last; its hits; whether one of the roster's names of several words may begin in it; whether it ends in a single
    letter or digit."""

    atoms: tuple[Atom, ...]
    rest: str
    hits: dict[int, Hit]
    has_head: bool
    ends_in_letter: bool

    def stays_the_same(self, atoms: Sequence[Atom], start: int, end: int) -> bool:
        """Whether it is read as by itself where it is the atoms [start, end) of a text.

        Over a space a name goes on only where a line ends, from letter to letter (A o i f e) or behind a head
        (`_may_join`). Letters that stand apart are told from "t, I'm" by what joins them, too, or where they begin
        a text by the sign before them (`_is_cut_out`).
        """
        if (start == 0 and self.hits) or "\n" in atoms[start].gap:
            return False
        if start and len(atoms[start - 1].low) == len(atoms[start].low) == 1:
            return False
        if end == len(atoms):
            return True
        letters = self.ends_in_letter and len(atoms[end].low) == 1
        return not (letters or self.has_head or "\n" in atoms[end].gap)


class HitFinder:
    """Cuts folded texts into atoms and finds where a part of somebody's name begins."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._beginnings = frozenset(name[:end] for name in lexicon.keys for end in range(1, len(name) + 1))
        self._dull = words() - self._beginnings - lexicon.owners - _SONS
        """Words that begin no part of a name, whatever follows, if they are longer than two letters: nothing that is
        joined to one is a key, and words are not read as if misspelt."""
        self._splitter = TagSplitter(lexicon.keys)
        self._known: dict[bool, dict[str, _Chunk]] = {False: {}, True: {}}
        """What stood between two spaces, in texts and in file names."""

    def read(self, text: str, file_name: bool) -> tuple[list[Atom], dict[int, Hit]]:
        """The text's atoms, with words that were written together taken apart; and where among them a part of
        somebody's name begins, in order, and what it is.

        What stands between two spaces is read once, then known by heart: no atom reaches over a space, neither does
        the hashtag or address that it is a part of, and hardly a name does.
        """
        atoms: list[Atom] = []
        telling: list[tuple[int, _Chunk]] = []
        known = self._known[file_name]
        lines = "\n" in text
        gap = ""
        for written in text.split(" "):
            chunk = known.get(written) or self._chunk(written, file_name)
            if not chunk.atoms:
                gap += chunk.rest
                continue
            if chunk.hits or chunk.has_head or chunk.ends_in_letter or lines:
                telling.append((len(atoms), chunk))
            if gap:
                atoms.append(chunk.atoms[0].behind(gap))
                atoms += chunk.atoms[1:]
            else:
                atoms += chunk.atoms
            gap = chunk.rest
        if atoms:
            atoms[0] = atoms[0]._replace(gap=atoms[0].gap[1:])  # no space stands before the text
        hits: dict[int, Hit] = {}
        for start, chunk in telling:
            end = start + len(chunk.atoms)
            if chunk.stays_the_same(atoms, start, end):
                hits |= {start + at: hit.moved(start) for at, hit in chunk.hits.items()}
            else:
                hits |= self._find(atoms, start, end)
        return atoms, hits

    def may_name(self, written: str, file_name: bool) -> bool:
        """Whether what stands between two spaces holds a part of a name, or may be the first word of one."""
        chunk = self._known[file_name].get(written) or self._chunk(written, file_name)
        return chunk.has_head or bool(chunk.hits)

    def _chunk(self, written: str, file_name: bool) -> "_Chunk":
        """What stands between two spaces, read by itself."""
        plain = None if file_name else PLAIN.fullmatch(written)
        if plain is not None and self._is_dull(plain[1].lower()):
            gap, word, rest = f" {written[: plain.start(1)]}", plain[1], written[plain.end(1) :]
            chunk = _Chunk((Atom(word, word.lower(), gap),), rest, {}, False, False)  # most words of most texts
        else:
            chunk = self._read_chunk(written, file_name)
        if len(written) <= _LONGEST_KNOWN:
            known = self._known[file_name]
            if len(known) >= _REMEMBERED:
                known.clear()
            known[written] = chunk
        return chunk

    def _read_chunk(self, written: str, file_name: bool) -> "_Chunk":
        cut, rest = split(f" {written}")
        atoms: list[Atom] = []
        for atom in cut:
            atoms += self._pieces(atom, file_name)
        return _Chunk(
            tuple(atoms),
            rest,
            self._find(atoms, 0, len(atoms)),
            not self._lexicon.heads.keys().isdisjoint([atom.low for atom in atoms]),
            bool(atoms) and len(atoms[-1].low) == 1,
        )

    def _pieces(self, atom: Atom, file_name: bool) -> tuple[Atom, ...]:
        if not file_name and self._is_a_town(atom):
            return (atom,)
        if file_name or atom.place in _TOGETHER:
            return self._splitter.split(atom)
        if not self.holds_a_name(atom.low) or any(self._lexicon.spelt_like(atom.low)):
            return (atom,)
        pieces = self._splitter.split(atom)  # aoifemacdonald, aoifewon: the space was forgotten
        if any(piece.partial for piece in pieces):
            return (atom,)
        return tuple(piece._replace(partial=True) for piece in pieces) if len(pieces) > 1 else (atom,)

    def _is_a_town(self, atom: Atom) -> bool:
        """Whether a word with one capital ends as places do: Jamestown, Charlottesville; nobody is called so here."""
        if len(atom.low) < _SHORTEST_GLUED or not atom.text.istitle() or atom.low in self._lexicon.keys:
            return False
        return any(
            atom.low.endswith(ending) and not self._lexicon.surname(ending) and ending not in self._lexicon.keys
            for ending in _TOWNS
        )

    def holds_a_name(self, word: str) -> bool:
        """Whether a word that is none begins or ends with a name of the roster."""
        if not _SHORTEST_GLUED <= len(word) <= LONGEST:
            return False
        if word in self._lexicon.keys or is_word(word) or is_proper(word):
            return False
        return any(
            word[:at] in self._lexicon.keys or word[at:] in self._lexicon.keys
            for at in range(_SHORTEST_LOOK_ALIKE, len(word) - 1)
        )

    def _is_dull(self, word: str) -> bool:
        return len(word) > 2 and word in self._dull

    def _find(self, atoms: Sequence[Atom], start: int, end: int) -> dict[int, Hit]:
        """Where among the atoms [start, end) a part of somebody's name begins, and what it is."""
        hits: dict[int, Hit] = {}
        for first in range(start, end):
            atom = atoms[first]
            after = atoms[first + 1] if first + 1 < len(atoms) else None
            if self._is_dull(atom.low):
                continue
            if after is not None and after.gap == "'" and after.low == "t":
                continue  # Don't
            hit = self._hit(atoms, first)
            if hit is not None:
                hits[first] = hit
        return hits

    def _hit(self, atoms: Sequence[Atom], first: int) -> Hit | None:
        """The longest run of atoms from here that is a part of somebody's name."""
        best: Hit | None = None
        keys, phrases = self._lexicon.keys, self._lexicon.phrases
        word = signs = ""
        pieces: tuple[str, ...] = ()
        spaced = True
        for last in range(first + 1, min(first + _MOST_ATOMS, len(atoms)) + 1):
            atom = atoms[last - 1]
            pieces = (*pieces, atom.low)
            spaced = spaced and len(atom.low) == 1
            if last > first + 1:
                if not self._may_join(atom, pieces, spaced):
                    break
                signs += atom.gap
            word += atom.low
            signs += atom.low
            if word not in self._beginnings and signs.isalpha():
                break
            if spaced and len(word) == 2:
                continue
            if word not in keys and signs.isalpha():
                continue
            if last > first + 1 and not (atom.gap or spaced or pieces in phrases) and _all_words(pieces):
                continue
            hit = self._exact(first, last, word) or (None if signs.isalpha() else self._look_alike(first, last, signs))
            if hit and spaced and last > first + 2:
                hit = None if _is_cut_out(atoms, first, last) else hit._replace(odd=True)
            best = hit or best
        return best or self._loose(atoms, first)

    def _may_join(self, atom: Atom, pieces: tuple[str, ...], spaced: bool) -> bool:
        if is_tight(atom) or (spaced and len(atom.gap) <= 3):
            return True
        if "\n" in atom.gap and not atom.gap.strip() and len(pieces) == 2:
            return not any(map(is_word, pieces))
        return len(pieces) <= self._lexicon.heads.get(pieces[0], 0) and len(atom.gap) <= 3

    def _exact(self, first: int, last: int, word: str) -> Hit | None:
        if word not in self._lexicon.keys:
            return None
        hit = Hit(
            first=first,
            last=last,
            word=word,
            given=self._lexicon.forename(word),
            known=self._lexicon.known_as(word),
            family=self._lexicon.surname(word),
            short=self._lexicon.short(word),
            formal=self._lexicon.formal(word),
        )
        if hit.named or hit.short:
            return hit
        like_given, like_family = self._lexicon.spelt_like(word)
        return hit._replace(like_given=like_given, like_family=like_family)

    def _look_alike(self, first: int, last: int, signs: str) -> Hit | None:
        """A name with digits or signs for letters: A0ife, J@ck."""
        if len(signs) < _SHORTEST_LOOK_ALIKE:
            return None
        for table in _LETTERS_FOR_SIGNS:
            word = signs.translate(table)
            if word != signs and word in self._lexicon.keys:
                people = self._lexicon.forename(word) | self._lexicon.known_as(word)
                family = self._lexicon.surname(word)
                return Hit(first=first, last=last, word=word, like_given=people, like_family=family, odd=True)
        return None

    def _loose(self, atoms: Sequence[Atom], first: int) -> Hit | None:
        """A word that is no word and no name but nearly one; or two capitals that are somebody's initials."""
        atom = atoms[first]
        word = atom.low
        if len(word) == 2 and atom.text.isupper():
            people = self._lexicon.initials(word)
            return Hit(first=first, last=first + 1, word=word, initials=people) if people else None
        if _are_initials(atoms, first):
            word += atoms[first + 1].low
            people = self._lexicon.initials(word)
            return Hit(first=first, last=first + 2, word=word, initials=people) if people else None
        last = first + 1
        if word in _SONS and last < len(atoms) and is_tight(atoms[last]):
            word += atoms[last].low
            last += 1
        given, family = self._lexicon.spelt_like(word)
        if not given and not family:
            return None
        odd = self._lexicon.confused(word)
        return Hit(first=first, last=last, word=word, like_given=given, like_family=family, odd=odd)


def _goes_on(atoms: Sequence[Atom], index: int) -> bool:
    """Whether the atom goes on with the letters that stand apart before it."""
    return len(atoms[index].low) == len(atoms[index - 1].low) == 1 and len(atoms[index].gap) <= 3


def _are_initials(atoms: Sequence[Atom], first: int) -> bool:
    """Whether two capitals with a stop between stand here, and no third: "J.B."."""
    here = atoms[first : first + 2]
    if len(here) < 2 or any(len(a.low) > 1 or not a.text.isupper() or a.place for a in here):
        return False
    around = atoms[max(0, first - 1) : first], atoms[first + 2 : first + 3]
    gaps = here[0].gap, atoms[first + 2].gap if first + 2 < len(atoms) else ""
    if any(len(other[0].low) == 1 and len(gap) < 3 for other, gap in zip(around, gaps, strict=True) if other):
        return False
    return here[1].gap in {".", ". ", " "}


def _all_words(pieces: Sequence[str]) -> bool:
    """Whether words merely stand without a space: #ThisIsAGame holds no Isa."""
    return all(is_word(piece) or (len(piece) == 1 and piece.isalpha()) for piece in pieces)


def _is_cut_out(atoms: Sequence[Atom], first: int, last: int) -> bool:
    """Whether letters that stand apart are part of more: I-s-l-a of I-s-l-a-n-d, and three of any at all: "t, I'm" of
    "won't, I'm", n-a-t of e-l-e-n-a-t."""
    start, stop = first, last
    while start and first - start < _MOST_ATOMS and _goes_on(atoms, start):
        start -= 1
    while stop < len(atoms) and stop - last < _MOST_ATOMS and _goes_on(atoms, stop):
        stop += 1
    if (start, stop) != (first, last) and is_word("".join(atom.low for atom in atoms[start:stop])):
        return True
    if last - first > 3:
        return False
    goes_on = last < len(atoms) and len(atoms[last].low) == 1
    goes_on = goes_on and (is_tight(atoms[last]) or atoms[last].gap == atoms[last - 1].gap)
    went_before = first > 0 and is_tight(atoms[first]) and len(atoms[first - 1].low) == 1
    return atoms[first].gap == "'" or goes_on or went_before
