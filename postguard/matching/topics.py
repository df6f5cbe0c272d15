"""Words that say too much, other than names: phone numbers, addresses, birthdays, private matters, rudeness."""

import re
from collections.abc import Iterable, Iterator

from postguard.domain.evidence import Passage, Spotting, Topic
from postguard.domain.policy import Policy

_EMAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")


class TopicFinder:
    """Finds what a post must not say. The school's own numbers and addresses pass."""

    def __init__(self, policy: Policy) -> None:
        self._own = frozenset(contact.casefold() for contact in policy.own_contacts)

    def find(self, passages: Iterable[Passage]) -> tuple[Spotting, ...]:
        return tuple(spotting for passage in passages for spotting in self._find_in(passage))

    def _find_in(self, passage: Passage) -> Iterator[Spotting]:
        for match in _EMAIL.finditer(passage.text):
            if match.group().casefold() not in self._own:
                yield Spotting(
                    part=passage.part, start=match.start(), end=match.end(), topic=Topic.EMAIL, field=passage.field
                )
