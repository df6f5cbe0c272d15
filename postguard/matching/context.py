"""What stands around a word: is "Grace" a girl here, or what is said before lunch?"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from postguard.matching.data import grammar, lines, listed
from postguard.matching.lexicon import given_names, is_word, surname_forenames, word_surnames
from postguard.matching.splitting import Atom

_JOINT = re.compile(r"\s?[,&+/|*-]{0,2}\s*(?:and|x|agus)?\s*(?:\d{1,2}[.)])?\s*")
"""What stands between two names of a list."""
_AGES = frozenset(map(str, range(3, 14)))
_NEXT_TO = frozenset({"", " ", "-", "_"})
_BEHIND_SHORT = _NEXT_TO | {".", ". "}
"""What stands behind "Mr" or "St" and before the name, and what behind a word that is written out, as Miss is."""
_NUMBERS = frozenset(["one", "two", "three", "four", "five", "six", "seven"])
_SONS = frozenset({"mc", "mac"})
_REPEATED = re.compile(r"(.)\1+")
_SENTENCE_END = re.compile(r"[.!?:*•|\n\"()\[\]]")


@dataclass(frozen=True, kw_only=True)
class Context:
    """The atoms of one text, and where a forename of the roster may stand."""

    atoms: Sequence[Atom]
    named: frozenset[int] = frozenset()
    """Atoms of the roster's forenames and surnames."""
    file_name: bool = False
    described: bool = False
    """Whether it tells what a picture shows: what comes first is who is seen."""

    def looks_like_a_name(self, first: int, last: int, word: str) -> bool:
        """Whether a word that is usually no name stands where a name would."""
        atom = self.atoms[first]
        season = word in grammar("seasons")
        if self.file_name and self._alone_in_its_name(first, last):
            return not season or not any(a.low.isdigit() for a in self.atoms)
        if not atom.capital:
            return self._small_one_looks_like_a_name(first, last, word)
        if self._is_a_label(first, last) or self._is_shown(first, last):
            return True
        if self._alone_on_its_line(first, last) and (not season or len(self.atoms) == 1):
            return True
        if self.after_cue(first, last) or self._in_a_list(first, last) or self._told_of_a_child(first, last):
            return True
        follower = self._next_low(last)
        if follower in _person_verbs():
            return True
        if not season and ((follower.endswith("ed") and len(follower) > 4) or self._behind_a_class(first)):
            return True
        if self._is_praised(last) or self._has_her(last):
            return True
        if season or self.no_case(first):
            return False
        if follower in _weak_verbs():
            return True
        if last < len(self.atoms) and self.atoms[last].is_possessive_s:
            return True
        return self._capital_mid_sentence(first, last)

    def _small_one_looks_like_a_name(self, first: int, last: int, word: str) -> bool:
        """The same for a word in lower case: behind praise, alone, in a list, or with a child's class."""
        if self._cued(first, _praise()) and (self._ends(last) or self._in_a_list(first, last)):
            return True
        if word in grammar("ordinary"):
            return False
        told = word not in grammar("seasons") and self._told_of_a_child(first, last)
        return told or len(self.atoms) == 1 or self._in_a_list(first, last)

    def after_cue(self, first: int, last: int) -> bool:
        """Whether words stand before it that usually stand before a name, and nothing that goes on after it."""
        if not self.atoms[first].capital or not self._cued(first, _cues()):
            return False
        follower = self.atoms[last] if last < len(self.atoms) else None
        if follower is None or follower.low in grammar("fields"):
            return True
        if follower.low.isdigit() and not follower.gap.strip(" ,") and self.atoms[first].low in grammar("seasons"):
            return False  # "Photo: May 2026", but "Well done May! 10/10"
        return not (follower.capital and len(follower.low) > 1 and follower.gap in {" ", ""})

    def is_titled(self, first: int) -> bool:
        """Whether Mr, Miss or the like stands before it, with an initial between or not."""
        if first > 1 and len(self.atoms[first - 1].low) == 1 and self.atoms[first - 1].capital:
            first -= 1
        if first > 1 and self.atoms[first - 2].low in grammar("young"):
            return False  # Little Miss, Junior Ranger
        if first > 1 and self.atoms[first].gap == " " and self.atoms[first].low in _adults():
            first -= self._is_forename(first - 1)  # Mrs Grace Stewart
        if first == 0 or self.atoms[first - 1].low not in grammar("titles"):
            return False
        if self.atoms[first - 1].low not in grammar("whole_titles"):
            return self.atoms[first].gap in _BEHIND_SHORT
        # "Thanks Miss. Jack loved it", "We will miss Jack"
        title = self.atoms[first - 1].capital or self.no_case(first) or self.file_name
        return title and self.atoms[first].gap in _NEXT_TO

    def is_of_a_surname(self, first: int, last: int) -> bool:
        """Whether it is a piece of a surname: Callum or Mac of MacCallum, Neil of O'Neil."""
        here = self.atoms[first]
        if here.low in _SONS:
            return last < len(self.atoms) and not self.atoms[last].gap and self.atoms[last].capital
        if first == 0 or not here.capital:
            return False
        before = self.atoms[first - 1]
        return (
            (before.low in _SONS and not here.gap)
            or (before.text == "Mc" and here.gap == " ")
            or (before.low == "o" and here.gap == "'")
        )

    def is_saint(self, first: int) -> bool:
        if first == 0 or self.atoms[first - 1].low not in grammar("saints"):
            return False
        if first > 1 and not self.atoms[first - 1].gap and self.atoms[first - 2].low.isdigit():
            return False  # "1st Leo"
        return self.atoms[first].gap in _BEHIND_SHORT

    def is_a_place(self, first: int, last: int, *, also_a_place: bool) -> bool:
        """In Skye, Duncan Street, Skye house; and a storm, a clan, a tartan, which are none of ours either."""
        before = self.atoms[first - 1] if first and self.atoms[first].gap == " " else None
        if before is not None and before.capital and before.low in {"storm", "hurricane", "clan"}:
            return True
        building = self._next_low(last)
        if building in {"tartan", "tartans"}:
            return True
        if building in {"cup", "trophy"}:  # "the Callum Cup", but "Callum Cup Winner"
            return before is not None and before.low == "the" and self.atoms[last].capital
        if building in grammar("buildings"):
            after = self._next_low(last + 1)
            if after in grammar("roles") or (after in grammar("points") and not also_a_place):
                return False  # "Leo House Captain", "Anna Road Safety Officer"
            if building == "house":
                return True
            counted = building in {"primary", "station"} and (after.isdigit() or after in _NUMBERS)  # "Rory Primary 4"
            return self.atoms[last].capital and not counted and not self.no_case(last)
        follower = self.atoms[last] if last < len(self.atoms) else None
        owned = follower is not None and (follower.is_possessive_s or follower.low in _person_verbs())
        return also_a_place and before is not None and before.low in {"in", "near", "around"} and not owned

    def is_a_measure(self, first: int, last: int) -> bool:
        """ "Max 30 tickets", "20 mins max", "Jan 24th", "24 Dec"."""
        atom = self.atoms[first]
        if atom.low not in {"max", "jan", "dec"}:
            return False
        if atom.low == "max" and (atom.capital or self._behind_a_class(first)):  # "P4 Max", "Max 2nd"
            counted = self._next_low(last + 1)
            goes_on = counted in {"and", "x"} or last + 1 in self.named
            return self._next_low(last).isdigit() and counted.isalpha() and not goes_on
        before = self.atoms[max(0, first - 2) : first] if atom.gap in {" ", ""} else ()
        after = [a for a in self.atoms[last : last + 1] if a.gap in {" ", ""}]
        return any(a.low.isdigit() for a in (*before, *after))

    def has_something(self, last: int) -> bool:
        """Whether something that children have follows: "Jacks goal"."""
        return self._next_low(last) in grammar("belongings")

    def other_surname(self, last: int) -> bool:
        """Whether a capitalised word follows that no dictionary has, or that is a surname: somebody else's, likely."""
        if last >= len(self.atoms):
            return False
        atom = self.atoms[last]
        return (
            atom.gap in {" ", "", "-", "_"}
            and atom.capital
            and not atom.text.isupper()
            and len(atom.low) > 2
            and (not is_word(atom.low) or atom.low in word_surnames())
            and not self.no_case(last)
        )

    def known_forename(self, first: int) -> bool:
        """Whether a forename that people bear, or an initial, stands right before."""
        return self.other_forename(first) and (
            self.atoms[first - 1].low in given_names() or len(self.atoms[first - 1].low) == 1
        )

    def other_forename(self, first: int) -> bool:
        """Whether what may be somebody else's forename or initial stands right before."""
        if first == 0 or self.atoms[first].gap not in {" ", "", "-", "_", ". "}:
            return False
        atom = self.atoms[first - 1]
        if not atom.capital or (self.atoms[first].gap == ". " and len(atom.low) > 1):
            return False
        return (len(atom.low) == 1 and atom.low != "i") or not is_word(atom.low) or atom.low in given_names()

    def initial_after(self, last: int) -> str:
        """The single capital that follows ("Jack B."), or nothing; "I" and "A" are words unless a stop follows."""
        if last >= len(self.atoms):
            return ""
        atom = self.atoms[last]
        if len(atom.low) != 1 or atom.low.isdigit() or atom.gap not in {" ", "", "_", "-", "."}:
            return ""
        if not (atom.capital or self.file_name):
            return ""
        if last + 1 < len(self.atoms) and self.atoms[last + 1].low.isdigit() and not self.atoms[last + 1].gap:
            return ""  # "on 29th May P4 will visit"
        ends = last + 1 >= len(self.atoms) or self.atoms[last + 1].gap.lstrip(" ").startswith(tuple(".,;:!?&)(/+\n"))
        return atom.low if ends or atom.low not in {"a", "i"} else ""

    def initials_look_like_a_name(self, first: int) -> bool:
        """Whether two initials ("J.B.") stand where a name would: behind praise or a cue, with what a person does
        after them, or as all there is at a line's end. "J.B. Smith" is somebody else, and P.E. nobody."""
        last = first + 2
        if "".join(a.low for a in self.atoms[first:last]) in grammar("abbreviations"):
            return False
        after = self.atoms[last] if last < len(self.atoms) else None
        if after is not None and after.capital and after.gap in {" ", ". "} and last not in self.named:
            name = not is_word(after.low) or after.low in word_surnames()
            if name and not after.text.isupper():
                return False
        if self.after_praise(first):
            return True
        if self.atoms[first + 1].gap != ".":
            return False
        if self.after_cue(first, last):
            return True
        if after is not None and after.gap in {" ", ". "} and after.low in _person_verbs():
            return True
        starts = first == 0 or bool(_SENTENCE_END.search(self.atoms[first].gap))
        return starts and (after is None or "\n" in after.gap)

    def after_praise(self, first: int) -> bool:
        """Whether it stands right behind "well done" and the like."""
        return self._cued(first, _praise())

    def beside_unknown_letters(self, first: int, last: int) -> bool:
        """Whether it is part of one address or account with letters that are no words: somebody else's name."""
        near = self.atoms[max(0, first - 1) : first] if not any(c.isspace() for c in self.atoms[first].gap) else []
        after = self.atoms[last : last + 1]
        near = [*near, *(a for a in after if not any(c.isspace() for c in a.gap))]
        here = self.atoms[first].place
        return any(a.place == here and len(a.low) > 2 and a.low.isalpha() and not is_word(a.low) for a in near)

    def no_case(self, index: int) -> bool:
        """Whether the text around is written without telling capitals: all capitals, or none at all."""
        here = self.atoms[index]
        if here.capital and not here.text.isupper():
            return False  # this one tells them
        if self.file_name and self._all_lower:
            return True
        near = [a for a in self.atoms[max(0, index - 4) : index + 5] if len(a.low) > 1 and a.low.isalpha()]
        return len(near) > 1 and (all(a.text.isupper() for a in near) or self._all_lower)

    @cached_property
    def _all_lower(self) -> bool:
        return all(not a.capital for a in self.atoms)

    def _cued(self, first: int, cues: frozenset[str]) -> bool:
        gap = self.atoms[first].gap
        if first and len(gap) > 4 and len(_REPEATED.sub(r"\1", gap)) > 4:
            return False
        before = ""
        for atom in reversed(self.atoms[max(0, first - 4) : first]):
            before = f"{atom.low} {before}".strip()
            if before in cues:
                return True
        return False

    def _ends(self, last: int) -> bool:
        return last >= len(self.atoms) or not self.atoms[last].gap.isspace()

    def _next_low(self, last: int) -> str:
        return self.atoms[last].low if last < len(self.atoms) and self.atoms[last].gap == " " else ""

    def _alone_on_its_line(self, first: int, last: int) -> bool:
        starts = first == 0 or "\n" in self.atoms[first].gap
        rest = [a for a in self.atoms[last : last + 2] if not a.low.isdigit()]
        return starts and (not rest or "\n" in rest[0].gap)

    def _alone_in_its_name(self, first: int, last: int) -> bool:
        """Whether a file's name says nothing else: "grace", "IMG_grace_2", "Grace-certificate"."""
        known = _words_of_file_names()
        return all(
            first <= n < last or a.low in known or n in self.named or a.low.isdigit() for n, a in enumerate(self.atoms)
        )

    def _is_a_label(self, first: int, last: int) -> bool:
        """Whether the text says no more than a name and a class: a peg, a badge."""
        return self._alone_in_its_name(first, last) and any(a.low in grammar("classes") for a in self.atoms)

    def _is_shown(self, first: int, last: int) -> bool:
        """Whether what tells of a picture begins with it: "Hope holding up her medal", "Mark with the trophy"."""
        follower = self._next_low(last)
        seen = follower in {"with", "on", "in", "at"} or (follower.endswith("ing") and len(follower) > 4)
        return self.described and first == 0 and seen

    def _is_forename(self, index: int) -> bool:
        atom = self.atoms[index]
        return atom.capital and (atom.low in given_names() or index in self.named)

    def _in_a_list(self, first: int, last: int) -> bool:
        """Beside another name: "Rory and Grace", "Grace, Isla", one below the other, with numbers before them."""
        after = last
        while after < min(last + 3, len(self.atoms)) and self._joins(after):
            after += 1
        before = first - 1
        while before > max(first - 3, -1) and self._joins(before):
            before -= 1
        small = not self.atoms[first].capital
        return self._beside(after, last, after, small=small) or self._beside(before, before + 1, first, small=small)

    def _joins(self, index: int) -> bool:
        atom = self.atoms[index]
        return atom.low in {"and", "x", "agus"} or (atom.low.isdigit() and len(atom.low) < 3)

    def _beside(self, other: int, start: int, stop: int, *, small: bool) -> bool:
        """Whether the atom `other` is a name and what joins the two (the gaps of [start, stop]) makes a list.

        `small`: the word is written in lower case, and then takes more than a space.
        """
        if not 0 <= other < len(self.atoms) or stop >= len(self.atoms):
            return False
        atom = self.atoms[other]
        if other not in self.named and atom.low not in given_names():
            return False
        joint = "".join(a.gap + a.low for a in self.atoms[start:stop]) + self.atoms[stop].gap
        if not _JOINT.fullmatch(joint) or (small and joint == " "):
            return False
        if not (atom.capital or small or self.no_case(other)):
            return False
        if other in self.named:
            if not is_word(atom.low):
                return True
            return not small and (self._is_told(other) or self._both_named(start, stop, joint))
        return not is_word(atom.low) and ("and" in joint or "&" in joint)

    def _both_named(self, start: int, stop: int, joint: str) -> bool:
        """Two of the roster's forenames side by side are two children, if not two months: "Grace & May"."""
        seasons = grammar("seasons")
        pair = (self.atoms[start - 1].low, self.atoms[stop].low)
        return bool(joint.strip(" ")) and not all(word in seasons for word in pair)

    def _behind_a_class(self, first: int) -> bool:
        """Right behind a class: "P4 Grace"."""
        if first < 2 or self.atoms[first].gap not in {" ", ": "}:
            return False
        return self.atoms[first - 1].low.isdigit() and self.atoms[first - 2].low in grammar("classes")

    def _is_told(self, index: int) -> bool:
        """Whether a word that is usually no name is one here, whatever stands in a list with it."""
        last = index + 1
        return (
            self.after_cue(index, last) or self._told_of_a_child(index, last) or self._next_low(last) in _person_verbs()
        )

    def _told_of_a_child(self, first: int, last: int) -> bool:
        """Followed by a class ("(P4)", "in P4", "from Room 3"), an age ("aged 8", ", 8,"), something that children
        have ("'s painting"), or "and her"."""
        rest = self.atoms[last : last + 3]
        if not rest:
            return False
        lows = [a.low for a in rest]
        if self.has_something(last) and self.atoms[first].low.endswith("s"):
            return True
        if len(rest) > 1:
            if lows[0] == "and" and lows[1] in {"her", "his"}:
                return True
            if rest[0].is_possessive_s and not grammar("belongings").isdisjoint(lows[1:]):
                return True
            if lows[0] in {"aged", "is"} and lows[1] in _AGES:
                return True
        if lows[0] in _AGES and rest[0].gap in {", ", " (", "("} and self._ends(last + 1):
            dated = first > 0 and self.atoms[first - 1].low.isdigit()  # "9 May, 10am"
            return not dated and (len(lows) < 2 or lows[1] not in {"am", "pm"} or rest[1].gap.strip() != "")
        if lows[0] in {"in", "from", "of"}:
            lows = lows[1:]
        elif rest[0].gap == " " and self.atoms[first].low in grammar("seasons"):
            return False  # "in May P4 will visit"
        if len(lows) < 2 or rest[0].gap not in {" ", " (", ", "}:
            return False
        return lows[0] in grammar("classes") and lows[1].isdigit()

    def _is_praised(self, last: int) -> bool:
        """Followed by what is said of people: "was brilliant", "is our star", but not "was a brilliant month"."""
        if self._next_low(last) not in {"is", "was"}:
            return False
        for index in range(last + 1, min(last + 4, len(self.atoms))):
            if self.atoms[index].gap != " ":
                return False
            if self.atoms[index].low in grammar("people_are"):
                return self._next_low(index + 1) not in grammar("times")
        return False

    def _has_her(self, last: int) -> bool:
        """ "May lost her tooth"."""
        if self._next_low(last) not in _weak_verbs() | _person_verbs():
            return False
        return any(self._next_low(index) in {"her", "his"} for index in range(last + 1, last + 4))

    def _capital_mid_sentence(self, first: int, last: int) -> bool:
        """A capital inside a sentence written in lower case, not after "the" and not in a title."""
        if first == 0 or _SENTENCE_END.search(self.atoms[first].gap) or not self.atoms[first].gap:
            return False
        before = self.atoms[first - 1]
        if before.capital or before.place or before.low.isdigit() or before.low in grammar("determiners"):
            return False
        if last >= len(self.atoms):
            return True
        follower = self.atoms[last]
        if follower.gap == " " and (follower.low in grammar("subjects") or follower.low.isdigit()):
            return False  # "out of bed. Hope you are well" without its full stop
        return bool(_SENTENCE_END.search(follower.gap)) or not (follower.capital and follower.low != "i")


@cache
def _adults() -> frozenset[str]:
    """Surnames that are words or forenames too."""
    return word_surnames() | surname_forenames()


@cache
def _praise() -> frozenset[str]:
    return frozenset(lines("praise.txt"))


@cache
def _cues() -> frozenset[str]:
    return frozenset(lines("cues.txt"))


@cache
def _words_of_file_names() -> frozenset[str]:
    return grammar("files") | grammar("classes") | grammar("belongings")


@cache
def _weak_verbs() -> frozenset[str]:
    return listed("weak_verbs.txt")


@cache
def _person_verbs() -> frozenset[str]:
    return listed("person_verbs.txt")
