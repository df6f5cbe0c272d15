"""Where a part of somebody's name may stand: runs of atoms, alone or glued together again, that the lexicon knows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from postguard.matching.data import words
from postguard.matching.hashtags import LONGEST, TagSplitter
from postguard.matching.lexicon import NOBODY, Lexicon, People, is_proper, is_word
from postguard.matching.splitting import HANDLE, LINK, MAIL, TAG, Atom, atoms_of, is_tight

_MOST_ATOMS = 12
"""A name is looked for in at most this many pieces: "A o i f e" is five."""
_TOGETHER = frozenset({TAG, HANDLE, MAIL, LINK})
_LETTERS_FOR_SIGNS = (str.maketrans("014357$@!|", "oiaestsaii"), str.maketrans("014357$@!|", "olaestsall"))
_SHORTEST_LOOK_ALIKE = 4
_SHORTEST_GLUED = 7


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
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


class HitFinder:
    """Cuts folded texts into atoms and finds where a part of somebody's name begins."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._plain = words() - lexicon.keys - lexicon.heads.keys() - lexicon.owners
        self._splitter = TagSplitter(lexicon.keys)

    def atoms(self, text: str, file_name: bool) -> list[Atom]:
        """The text's atoms, with words that were written together taken apart."""
        atoms: list[Atom] = []
        for atom in atoms_of(text):
            if atom.low in self._plain and not atom.place and not file_name:
                atoms.append(atom)  # most words of most texts
            else:
                atoms += self._pieces(atom, file_name)
        return atoms

    def _pieces(self, atom: Atom, file_name: bool) -> tuple[Atom, ...]:
        if file_name or atom.place in _TOGETHER:
            return self._splitter.split(atom)
        if not self.holds_a_name(atom.low) or any(self._lexicon.spelt_like(atom.low)):
            return (atom,)
        pieces = self._splitter.split(atom)  # aoifemacdonald, aoifewon: the space was forgotten
        if any(piece.partial for piece in pieces):
            return (atom,)
        return tuple(replace(piece, partial=True) for piece in pieces) if len(pieces) > 1 else (atom,)

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

    def find(self, atoms: Sequence[Atom]) -> dict[int, Hit]:
        """Where a part of somebody's name begins, and what it is."""
        hits: dict[int, Hit] = {}
        for first, atom in enumerate(atoms):
            after = atoms[first + 1] if first + 1 < len(atoms) else None
            if atom.low in self._plain and _stands_alone(atom, after):
                continue  # most words of most texts
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
            if spaced and len(word) == 2:
                continue
            if word not in keys and signs.isalpha():
                continue
            if last > first + 1 and not (atom.gap or spaced or pieces in phrases) and _all_words(pieces):
                continue
            hit = self._exact(first, last, word) or (None if signs.isalpha() else self._look_alike(first, last, signs))
            if hit and spaced and last > first + 2:
                hit = None if _is_cut_out(atoms, first, last) else replace(hit, odd=True)
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
        return replace(hit, like_given=like_given, like_family=like_family)

    def _look_alike(self, first: int, last: int, signs: str) -> Hit | None:
        """A name with digits or signs for letters: A0ife, J@ck."""
        for table in _LETTERS_FOR_SIGNS:
            word = signs.translate(table)
            if word != signs and word in self._lexicon.keys and len(word) >= _SHORTEST_LOOK_ALIKE:
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
        last = first + 1
        if word in {"mc", "mac", "o"} and last < len(atoms) and is_tight(atoms[last]):
            word += atoms[last].low
            last += 1
        given, family = self._lexicon.spelt_like(word)
        if not given and not family:
            return None
        odd = self._lexicon.confused(word)
        return Hit(first=first, last=last, word=word, like_given=given, like_family=family, odd=odd)


def _stands_alone(atom: Atom, after: Atom | None) -> bool:
    """Whether a plain word can be no part of a name that goes on: a space follows, and it is no initial."""
    if after is not None and (" " not in after.gap or after.gap[0] == "-"):
        return False
    length = len(atom.low)
    return length > 2 or (not atom.text.isupper() if length == 2 else after is None or len(after.low) > 1)


def _all_words(pieces: Sequence[str]) -> bool:
    """Whether words merely stand without a space: #ThisIsAGame holds no Isa."""
    return all(is_word(piece) or (len(piece) == 1 and piece.isalpha()) for piece in pieces)


def _is_cut_out(atoms: Sequence[Atom], first: int, last: int) -> bool:
    """Whether three letters that stand apart are part of more: "t, I'm" of "won't, I'm", n-a-t of e-l-e-n-a-t."""
    if last - first > 3:
        return False
    goes_on = last < len(atoms) and is_tight(atoms[last]) and len(atoms[last].low) == 1
    went_before = first > 0 and is_tight(atoms[first]) and len(atoms[first - 1].low) == 1
    return atoms[first].gap == "'" or goes_on or went_before
