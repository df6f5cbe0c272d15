"""Suggested words: names become pupils, numbers go, and nothing else changes."""

import pytest

from postguard.domain.evidence import How, Mention, Spotting, Topic
from postguard.domain.people import Person, Roster
from postguard.domain.rewording import reworded

ROSTER = Roster(
    school="Example Primary School",
    people=(
        Person(id="P01", name="Aoife MacDonald", group="P4"),
        Person(id="P02", name="Jamie Reid", group="P4"),
        Person(id="P03", name="Effie Campbell", group="P5"),
    ),
)
NAMES = {"Aoife MacDonald": "P01", "Aoife": "P01", "Jamie": "P02", "Effie": "P03"}


def mentions(text: str) -> list[Mention]:
    found, taken = [], 0
    for name, person in NAMES.items():
        start = text.find(name, taken if name == "Aoife" and "Aoife MacDonald" in text else 0)
        if start >= 0 and not (name == "Aoife" and "Aoife MacDonald" in text):
            found.append(Mention(part="text", start=start, end=start + len(name), person=person, how=How.EXACT))
    return found


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("Well done Aoife MacDonald!", "Well done a pupil!"),
        ("Aoife won. Well done.", "A pupil won. Well done."),
        ("It is Aoife's prize.", "It is a pupil's prize."),
        ("Well done Aoife, Jamie and all.", "Well done our P4s and all."),
        ("Aoife, Jamie and Effie sang.", "Our pupils sang."),
        ("A prize! #WellDoneAoife", "A prize!"),
        ("Thanks @Jamie_r for coming.", "Thanks for coming."),
        ("Well done Aoife and Jamie of P4!", "Well done our P4s!"),
        ("AOIFE won.", "AOIFE won."),
        ("Aoife AND Jamie (P4)", "Our P4s"),
        ("Nobody  is named. ", "Nobody  is named. "),
    ],
)
def test_names_become_pupils(text: str, suggestion: str) -> None:
    assert reworded(text, mentions(text), [], ROSTER) == suggestion


def test_numbers_go_and_opinions_stay() -> None:
    text = "Ring 01632 960123 now, you git."
    spotted = [
        Spotting(part="text", start=5, end=17, topic=Topic.PHONE),
        Spotting(part="text", start=27, end=30, topic=Topic.RUDE),
    ]
    assert reworded(text, [], spotted, ROSTER) == "Ring now, you git."


def test_a_date_beside_a_name_goes_too() -> None:
    text = "Happy birthday Aoife, born 12/05/2017, well done."
    born = Spotting(part="text", start=6, end=37, topic=Topic.BIRTH_DATE)
    assert reworded(text, mentions(text), [born], ROSTER) == "Happy a pupil, well done."


def test_no_commas_are_left_behind() -> None:
    text = "He lives at 12 High Street, ML6 0AA."
    spotted = [Spotting(part="text", start=s, end=e, topic=Topic.ADDRESS) for s, e in ((12, 26), (28, 35))]
    assert reworded(text, [], spotted, ROSTER) == "He lives at."


def test_two_people_of_one_name_are_replaced_once() -> None:
    both = [Mention(part="text", start=3, end=8, person=person, how=How.EXACT) for person in ("P01", "P02")]
    assert reworded("To Aoife.", both, [], ROSTER) == "To a pupil."
