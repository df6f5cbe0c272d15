"""Pupils' names in words, wherever they stand.

Reading goes in three steps. *Atoms*: the folded text is cut into runs of letters, with CamelCase, hashtags,
file names and digits taken apart. *Hits*: atoms, alone or glued together again, that the lexicon knows.
*Mentions*: hits beside each other that make a name, judged by what stands around them (docs/names.md).

Most words of most texts are no name, so a text is first asked, word by word and from memory, whether it
holds anything like one; only then is it read.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from postguard.domain.evidence import How, Mention, Passage
from postguard.domain.people import Person, Roster
from postguard.domain.policy import Policy
from postguard.matching.context import Context
from postguard.matching.data import lines
from postguard.matching.lexicon import NOBODY, Lexicon, People, is_common, is_word
from postguard.matching.normalise import Folded, fold, key, readings
from postguard.matching.splitting import Atom, atoms_of, is_tight

_MOST_ATOMS = 8
"""A name is looked for in at most this many pieces: "A o i f e" is five."""
_REMEMBERED = 200_000
"""How many words without a name are remembered before starting afresh: about 20 MB."""
_MOST_PEOPLE = 25
"""At most this many people are named for one mention; those with the least consent come first."""
_SPACED = re.compile(r"(?<![A-Za-z0-9])(?:[A-Za-z][^A-Za-z0-9]{1,3}){2,}[A-Za-z](?![A-Za-z0-9])")
_ACCOUNT = re.compile(r"(?:(?<![\w.])(?=@)|\w\.\w{2,}/(?:(?:in|user|c|channel|profile|add)/)?)(?P<handle>@?[\w.]+)")
_BROKEN = re.compile(r"[A-Za-z]-\s*\n\s*[A-Za-z]")
_SCHOOL_KINDS = ("academy", "elc", "grammar", "high", "infant", "junior", "nursery", "primary", "school", "secondary")


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """Atoms [first, last) that may be part of a name, and whose."""

    first: int
    last: int
    word: str
    given: People = NOBODY
    known: People = NOBODY
    family: People = NOBODY

    @property
    def first_named(self) -> People:
        return self.given | self.known


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """Atoms [first, last) that name one of these people."""

    first: int
    last: int
    people: People
    how: How
    sure: bool
    full: bool = False


class NameFinder:
    """Finds the roster's pupils in texts. Build it once; it holds no state that changes what it finds."""

    def __init__(self, roster: Roster, policy: Policy) -> None:
        self._lexicon = Lexicon(roster)
        self._several_schools = roster.several_schools
        self._allowed = frozenset(filter(None, (key(word) for word in policy.words_allowed)))
        self._others = _not_pupils() | _school_names(roster) | self._lexicon.staff
        self._longest_phrase = max(map(len, self._others | self._allowed), default=0)
        self._accounts = _accounts(self._lexicon.pupils)
        self._dull: set[str] = set()

    def find(self, passages: Iterable[Passage], visitors: Iterable[str] = ()) -> tuple[Mention, ...]:
        """Every mention of a pupil, in the order of the passages and their text.

        `visitors` are people present who are not on the roster: a lone forename that is one of theirs is a
        possible name only.
        """
        theirs = frozenset(key(name) for visitor in visitors for name in visitor.split())
        return tuple(mention for passage in passages for mention in self._find_in(passage, theirs))

    def _find_in(self, passage: Passage, visitors: frozenset[str]) -> Iterator[Mention]:
        found: dict[tuple[int, int, str], Mention] = {}
        own: list[Mention] = []
        for folded in readings(passage.text):
            for mention in self._handles(folded, passage):
                found[mention.start, mention.end, mention.person] = mention
                own += [] if mention.of_parent else [mention]
            if not self._worth_reading(folded.text):
                continue
            for mention in self._read(folded, passage, visitors):
                if any(account.start <= mention.start and mention.end <= account.end for account in own):
                    continue
                known = found.get((mention.start, mention.end, mention.person))
                if known is None or mention.sure > known.sure:
                    found[mention.start, mention.end, mention.person] = mention
        return iter(sorted(found.values(), key=lambda m: (m.start, m.end, m.person)))

    def _worth_reading(self, text: str) -> bool:
        chunks = text.split()
        if not self._dull.issuperset(chunks):
            if len(self._dull) > _REMEMBERED:
                self._dull.clear()
            fresh = set(chunks) - self._dull
            speaking = {chunk for chunk in fresh if self._speaks(chunk)}
            self._dull |= fresh - speaking
            if speaking:
                return True
        return bool(_SPACED.search(text) or _BROKEN.search(text))

    def _speaks(self, chunk: str) -> bool:
        atoms = atoms_of(chunk)
        return any(atom.low in self._lexicon.heads for atom in atoms) or any(
            self._hit(atoms, index) is not None for index in range(len(atoms))
        )

    def _read(self, folded: Folded, passage: Passage, visitors: frozenset[str]) -> Iterator[Mention]:
        atoms = atoms_of(folded.text)
        hits = {index: hit for index in range(len(atoms)) if (hit := self._hit(atoms, index)) is not None}
        context = Context(atoms=atoms, named=frozenset(i for i, hit in hits.items() if hit.first_named))
        index = 0
        while index < len(atoms):
            named = self._name_at(index, hits, context, visitors) if index in hits else None
            if named is None or self._is_somebody_else(named, atoms):
                index += 1
                continue
            start, end = folded.span(atoms[named.first].start, atoms[named.last - 1].end)
            for number in self._least_consent_first(named.people):
                yield Mention(
                    part=passage.part,
                    start=start,
                    end=end,
                    person=self._lexicon.pupils[number].id,
                    how=named.how,
                    sure=named.sure,
                    field=passage.field,
                )
            index = named.last

    # -- accounts

    def _handles(self, folded: Folded, passage: Passage) -> Iterator[Mention]:
        """Accounts of pupils and parents that the roster lists, as @handles and as links to profiles."""
        if not self._accounts or not ("@" in folded.text or "/" in folded.text):
            return
        for match in _ACCOUNT.finditer(folded.text):
            written = match.group("handle")
            start, end = folded.span(match.start("handle"), match.start("handle") + len(written.rstrip(".")))
            for number, of_parent in self._accounts.get(_account(written), ()):
                yield Mention(
                    part=passage.part,
                    start=start,
                    end=end,
                    person=self._lexicon.pupils[number].id,
                    how=How.HANDLE,
                    of_parent=of_parent,
                    field=passage.field,
                )

    # -- hits

    def _hit(self, atoms: Sequence[Atom], first: int) -> Hit | None:
        """The longest run of atoms from here that is a part of somebody's name."""
        best: Hit | None = None
        word = ""
        spaced = True
        pieces: tuple[str, ...] = ()
        for last in range(first + 1, min(first + _MOST_ATOMS, len(atoms)) + 1):
            atom = atoms[last - 1]
            pieces = (*pieces, atom.low)
            spaced = spaced and len(atom.low) == 1
            if last > first + 1 and not self._may_join(atom, pieces, spaced):
                break
            word += atom.low
            whole = self._lexicon.phrases.get(pieces, word)
            if last > first + 1 and whole != word and not is_tight(atom):
                whole = word
            if word not in self._lexicon.keys:
                continue
            if spaced and 1 < len(word) < 3:
                continue
            best = Hit(
                first=first,
                last=last,
                word=word,
                given=self._lexicon.forename(word),
                known=self._lexicon.known_as(word),
                family=self._lexicon.surname(word),
            )
        return best

    def _may_join(self, atom: Atom, pieces: tuple[str, ...], spaced: bool) -> bool:
        if is_tight(atom) or (spaced and len(atom.gap) <= 3):
            return True
        return len(pieces) <= self._lexicon.heads.get(pieces[0], 0) and len(atom.gap) <= 3

    # -- names

    def _name_at(self, index: int, hits: dict[int, Hit], context: Context, visitors: frozenset[str]) -> Named | None:
        hit = hits[index]
        named = self._full_name(hit, hits, context)
        if named is None and hit.first_named:
            named = self._forename(hit, hits, context, visitors)
        if named is None and hit.family:
            named = self._surname(hit, context)
        return named

    def _full_name(self, hit: Hit, hits: dict[int, Hit], context: Context) -> Named | None:
        atoms = context.atoms
        for skipped in range(3):
            other = hits.get(hit.last + skipped)
            between = range(hit.last, hit.last + skipped + 1)
            if hit.last + skipped >= len(atoms) or not all(_close(atoms[i]) for i in between):
                break
            if skipped and not atoms[hit.last + skipped - 1].capital:
                break
            if other is None:
                continue
            for given, family in ((hit, other), (other, hit)):
                people = given.first_named & family.family
                if people and (given is hit or not skipped):
                    if (
                        is_common(given.word)
                        and is_word(family.word)
                        and not (atoms[given.first].capital and atoms[family.first].capital)
                    ):
                        continue
                    how = How.EXACT if people & given.given else How.KNOWN_AS
                    return Named(first=hit.first, last=other.last, people=people, how=how, sure=True, full=True)
        return None

    def _forename(self, hit: Hit, hits: dict[int, Hit], context: Context, visitors: frozenset[str]) -> Named | None:
        if self._several_schools:
            return None
        people = hit.first_named
        how = How.EXACT if hit.given else How.KNOWN_AS
        if len(hit.word) == 1 or context.is_saint(hit.first):
            return None
        sure = True
        if is_common(hit.word) or len(hit.word) == 2:
            if not context.looks_like_a_name(hit.first, hit.last, hit.word):
                return None
            sure = len(hit.word) == 2 and not is_common(hit.word)
        elif not context.atoms[hit.first].capital and is_word(hit.word) and not context.no_case(hit.first):
            if not context.looks_like_a_name(hit.first, hit.last, hit.word):
                return None
            sure = False
        if hit.word in visitors or context.is_titled(hit.first):
            sure = False
        if context.other_surname(hit.last) and hit.last not in hits:
            sure = False
        return Named(first=hit.first, last=hit.last, people=people, how=how, sure=sure)

    def _surname(self, hit: Hit, context: Context) -> Named | None:
        initial = self._initial_and_surname(hit, context)
        if initial is not None:
            return initial
        if self._several_schools or len(hit.word) < 3 or context.is_titled(hit.first):
            return None
        if context.other_forename(hit.first):
            return None
        if is_word(hit.word) and not context.after_cue(hit.first, hit.last):
            return None
        return Named(first=hit.first, last=hit.last, people=hit.family, how=How.EXACT, sure=False)

    def _initial_and_surname(self, hit: Hit, context: Context) -> Named | None:
        """ "J. Brown": the initial stands right before the surname."""
        before = hit.first - 1
        if before < 0 or len(context.atoms[before].low) != 1 or not _close(context.atoms[hit.first]):
            return None
        letter = context.atoms[before].low
        people = frozenset(n for n in hit.family if self._lexicon.first_letters[n] == letter)
        if not people or not context.atoms[before].capital or context.is_titled(before):
            return None
        return Named(first=before, last=hit.last, people=people, how=How.INITIAL, sure=False)

    # -- what is no pupil's name

    def _is_somebody_else(self, named: Named, atoms: Sequence[Atom]) -> bool:
        """Whether the atoms lie inside words the school allows, or inside the name of somebody or something else."""
        for first in range(max(0, named.first - 7), named.first + 1):
            phrase = ""
            for last in range(first, len(atoms)):
                if last > first and not _close(atoms[last]):
                    break
                phrase += atoms[last].low
                if len(phrase) > self._longest_phrase:
                    break
                if last + 1 < named.last:
                    continue
                if phrase in self._allowed or (phrase in self._others and not named.full):
                    return True
                if phrase in self._lexicon.staff and named.first == first and named.last == last + 1:
                    return True
        return False

    def _least_consent_first(self, people: People) -> list[int]:
        if len(people) <= 1:
            return list(people)
        return sorted(people, key=lambda n: (_consent_rank(self._lexicon.pupils[n]), n))[:_MOST_PEOPLE]


def _accounts(pupils: Sequence[Person]) -> dict[str, list[tuple[int, bool]]]:
    accounts: dict[str, list[tuple[int, bool]]] = {}
    for number, pupil in enumerate(pupils):
        for handles, of_parent in ((pupil.handles, False), (pupil.parent_handles, True)):
            for handle in handles:
                accounts.setdefault(_account(handle), []).append((number, of_parent))
    return accounts


def _account(handle: str) -> str:
    """An account's bare name: "@Aoife_M", "aoife_m." and a link to its profile are one."""
    return fold(handle).text.rstrip("/.").rpartition("/")[2].lstrip("@").lower()


def _consent_rank(person: Person) -> tuple[bool, bool, bool]:
    """Sorts people whose name weighs most first: protected, then refused or missing, then granted for a time."""
    for_good = [c for c in person.consent if c.granted and c.withdrawn is None and c.until is None]
    granted = [c for c in person.consent if c.granted and c.withdrawn is None]
    return (
        not person.high_risk,
        len(granted) == len(person.consent) and bool(granted),
        len(for_good) == len(person.consent),
    )


def _close(atom: Atom) -> bool:
    """Whether an atom stands near enough to the one before it to belong to the same name."""
    gap = atom.gap
    return len(gap) <= 3 and not any(mark in gap for mark in "!?;:()&+") and not (gap.startswith(".") and len(gap) > 2)


@cache
def _not_pupils() -> frozenset[str]:
    return frozenset(key(line) for line in lines("not_pupils.txt"))


def _school_names(roster: Roster) -> frozenset[str]:
    """The schools' own names, whole and without their last words ("New Monkland Primary"), never one bare word."""
    names: set[str] = set()
    for school in {roster.school, *(p.school for p in roster.people if p.school)}:
        pieces = school.split()
        for length in range(2, len(pieces) + 1):
            if length == len(pieces) or pieces[length].lower() in _SCHOOL_KINDS:
                names.add(key(" ".join(pieces[:length])))
    return frozenset(names)
