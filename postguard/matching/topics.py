"""Words that say too much, other than names: phone numbers, addresses, birthdays, private matters, rudeness.

Everything is looked for on the folded text (normalise.py), so that bold letters or a zero-width space hide
nothing, and found places point into the text as it was written.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from postguard.domain.evidence import Passage, Spotting, Topic
from postguard.domain.policy import Policy
from postguard.matching.data import any_of, lines
from postguard.matching.lexicon import is_common
from postguard.matching.normalise import Folded, readings
from postguard.matching.personal import Contacts, birth_dates
from postguard.matching.rudeness import rude_words

_SENTENCE = re.compile(r"[^.!?\n]+")
_NEAR = 40
"""Characters around a private matter within which somebody must stand for it to be said of them."""
_PEOPLE = (
    "he|she|him|her|his|hers|himself|herself|pupils?|boys?|girls?|lad|lass|laddie|lassie|child|son|daughter|brother"
    "|sister|mum|dad|mother|father|auntie|uncle|gran|granny|grandad|cousin|niece|nephew|twins?|triplets|friend|pal"
    "|one of our|one of the|wee man|wee one|wee star|our star|learner|youngster"
)
_PERSONAL = re.compile(
    rf"\b(?:{_PEOPLE})\b[^.!?]{{0,20}}\b(?:has|have|had|is|are|was|were|with|who|whose|gets?|got|needs?|suffers?|lives?|living|takes?"
    r"|wears?|wore|uses|goes|went|attends?|came|joined|started"
    rf"|receives?|on|being|been|because of|of)\b|\b(?:his|her)\s(?:\w+\s)?$"
    r"|\b(?:he|she)'s\s(?:\w+\s){0,2}$|\b(?:he|she)\s$|^\s(?:pupil|child|boy|girl)s?\b"
)
_ITS_DAY = re.compile(r"(?:\W+(?!(?:last|this|next|every|all)\b)\w+){0,2}?\W+(?:day|week|month)\b", re.I)
"""Right behind a matter: Autism Awareness Week."""
_SOMEBODY = re.compile(
    r"\b([A-Z][a-z]+)(?:'s\b|,?\s(?:who\s)?(?:has|had|is|was|gets|got|needs|suffers|lives|takes|receives|wears|uses|goes|attends"
    r"|joined|with)\b)"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Place:
    start: int
    end: int
    topic: Topic
    about: str = ""
    of_person: bool = False


class TopicFinder:
    """Finds what a post must not say. The school's own numbers and addresses (`own_contacts`) pass."""

    def __init__(self, policy: Policy) -> None:
        self._contacts = Contacts(policy)

    def find(self, passages: Iterable[Passage]) -> tuple[Spotting, ...]:
        """Everything found, in the order of the passages and their text."""
        return tuple(spotting for passage in passages for spotting in self._find_in(passage))

    def _find_in(self, passage: Passage) -> Iterator[Spotting]:
        found: dict[tuple[int, int, str], Spotting] = {}
        for folded in readings(passage.text):
            for place in self._places(folded, passage.text):
                start, end = folded.span(place.start, place.end)
                found[start, end, place.topic.value] = Spotting(
                    part=passage.part,
                    start=start,
                    end=end,
                    topic=place.topic,
                    about=place.about,
                    of_person=place.of_person,
                    field=passage.field,
                )
        return iter(spotting for _, spotting in sorted(found.items(), key=lambda item: item[0]))

    def _places(self, folded: Folded, written: str) -> Iterator[_Place]:
        text = folded.text
        for spans, topic, about in (
            (self._contacts.phones(text), Topic.PHONE, ""),
            (self._contacts.emails(text), Topic.EMAIL, ""),
            (self._contacts.postcodes(text), Topic.ADDRESS, "postcode"),
            (self._contacts.streets(text), Topic.ADDRESS, "street"),
            (birth_dates(text), Topic.BIRTH_DATE, ""),
            (rude_words(folded, written), Topic.RUDE, ""),
        ):
            yield from (_Place(start=start, end=end, topic=topic, about=about) for start, end in spans)
        yield from _private_matters(text)


# -- private matters


def _private_matters(text: str) -> Iterator[_Place]:
    if not _confidential_pattern().search(text):
        return
    text = _harmless_pattern().sub(lambda found: " " * len(found.group()), text)
    for sentence in _SENTENCE.finditer(text):
        words = sentence.group()
        public = [found.span() for found in _public_pattern().finditer(words)]
        for match in _confidential_pattern().finditer(words):
            start, end = match.span()
            if match.group().lower() in _in_capitals() and not match.group().isupper():
                continue
            somebody = _is_said_of_somebody(words[max(0, start - _NEAR) : start], words[end : end + _NEAR])
            # An awareness week, a form, a fundraiser: by what else the sentence says, not by the matter's own words.
            in_general = bool(public) and (public[0][1] <= start or public[-1][0] >= end)
            if somebody or not (in_general or _ITS_DAY.match(words, end)):
                yield _Place(
                    start=sentence.start() + match.start(),
                    end=sentence.start() + match.end(),
                    topic=Topic.CONFIDENTIAL,
                    about=_confidential()[match.group().lower()],
                    of_person=somebody,
                )


def _is_said_of_somebody(before: str, after: str) -> bool:
    """ "She has autism", "a boy with dyslexia", "Jamie was excluded", "diagnosed": not "autism awareness week"."""
    if _PERSONAL.search(before.lower()) or _PERSONAL.match(after.lower()):
        return True
    return any(not is_common(match.group(1).lower()) for match in _SOMEBODY.finditer(before))


@cache
def _confidential() -> dict[str, str]:
    kinds: dict[str, str] = {}
    for line in lines("confidential.txt"):
        kind, _, terms = line.partition(":")
        kinds |= {term.strip().lower(): kind for term in terms.split(",")}
    return kinds


@cache
def _in_capitals() -> frozenset[str]:
    """Those that are another word, or somebody's name, in lower case."""
    terms = (term.strip() for line in lines("confidential.txt") for term in line.partition(":")[2].split(","))
    return frozenset(term.lower() for term in terms if term.isupper())


@cache
def _confidential_pattern() -> re.Pattern[str]:
    return any_of(_confidential())


@cache
def _harmless_pattern() -> re.Pattern[str]:
    return any_of(lines("confidential_harmless.txt"))


@cache
def _public_pattern() -> re.Pattern[str]:
    return any_of(lines("confidential_public.txt"))
