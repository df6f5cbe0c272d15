"""What must not be said, other than names: that disguises are seen through, and every place leads back.

What counts as a number, an address or a rude word is held by the rules' cases (tests/checks/PG401.yaml on).
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postguard.domain.evidence import Passage, Topic
from postguard.domain.policy import Policy
from postguard.matching.topics import TopicFinder

FINDER = TopicFinder(Policy(own_contacts=("01236 794887", "@example.sch.uk")))


def found(text: str) -> list[tuple[str, Topic]]:
    return [(text[s.start : s.end], s.topic) for s in FINDER.find([Passage(part="text", text=text)])]


@pytest.mark.parametrize(
    ("text", "words", "topic"),
    [
        ("Call ０１４１ 496 0123!", "０１４１ 496 0123", Topic.PHONE),
        ("Call 0\ufe0f\u20e31\ufe0f\u20e341 496 0123", "0\ufe0f\u20e31\ufe0f\u20e341 496 0123", Topic.PHONE),
        ("me@mail\u200bbox.org", "me@mail\u200bbox.org", Topic.EMAIL),
        ("𝐦𝐢𝐧𝐠𝐞𝐫", "𝐦𝐢𝐧𝐠𝐞𝐫", Topic.RUDE),
        ("w\u00adanker", "w\u00adanker", Topic.RUDE),
        ("She has ａｕｔｉｓｍ", "ａｕｔｉｓｍ", Topic.CONFIDENTIAL),
    ],
)
def test_a_disguise_hides_nothing(text: str, words: str, topic: Topic) -> None:
    assert (words, topic) in found(text)


def test_the_schools_own_passes_however_it_is_written() -> None:
    assert found("Call 01236 794 887 or +44 1236 794887, write to P4@Example.sch.uk") == []


@pytest.mark.parametrize(
    ("text", "of_person"),
    [
        ("She has autism", True),
        ("A boy with asthma ran", True),
        ("Jamie was excluded", True),
        ("Mental health matters", False),
    ],
)
def test_a_private_matter_is_said_of_somebody_or_of_nobody(text: str, of_person: bool) -> None:
    (spotting,) = FINDER.find([Passage(part="text", text=text)])
    assert (spotting.topic, spotting.of_person) == (Topic.CONFIDENTIAL, of_person)


@given(st.text(st.characters(), max_size=80))
@settings(max_examples=150, deadline=None)
def test_any_text_gets_an_answer_and_every_place_is_in_it(text: str) -> None:
    for spotting in FINDER.find([Passage(part="text", text=text)]):
        assert 0 <= spotting.start < spotting.end <= len(text)


LONG = ["a" * 100_000, "a " * 20_000, "1" * 100_000, "@a.b" * 10_000, "." * 20_000, "a*" * 20_000]


@pytest.mark.parametrize("text", LONG, ids=range(len(LONG)))
def test_nothing_is_lost_behind_a_long_text(text: str) -> None:
    """What they cost: bench/long_texts.py."""
    assert ("0141 496 0123", Topic.PHONE) in found(f"{text} Call 0141 496 0123.")
