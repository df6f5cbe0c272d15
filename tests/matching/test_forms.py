"""How teachers and children write the names of the demo school's pupils: each must be found, none elsewhere."""

from pathlib import Path

import pytest
import yaml

from postguard.domain.evidence import Passage
from postguard.domain.people import Consent, Person, Roster
from postguard.domain.policy import Policy
from postguard.loading import load_roster
from postguard.matching.names import NameFinder

DEMO = load_roster(Path(__file__).parents[2] / "consent_roster.yaml")
MORE = {
    "X01": "Mary-Kate O'Donnell",
    "X02": "Anna Maria Kowalska",
    "X03": "Zoë McIntyre",
    "X04": "Seán Ó Briain",
    "X05": "Mohammed Al-Hassan",
    "X07": "Catriona MacLeod",
    "X09": "Lewis van der Berg",
    "X11": "Jack Smith",
    "X13": "Bo Chen",
    "X14": "James-Lee Johnstone",
    "X15": "Siobhán Gallagher",
    "X20": "Ellie Mae Docherty",
    "X23": "Joshua Lee",
    "X24": "Maximilian Weiß",
    "X26": "Ng Wei Ling",
}
GRANTED = (Consent(channel="twitter", granted=True),)
ROSTER = Roster(
    school=DEMO.school,
    people=(*DEMO.people, *(Person(id=i, name=name, consent=GRANTED) for i, name in MORE.items())),
)
FINDER = NameFinder(ROSTER, Policy())

CASES = yaml.safe_load(Path(__file__).with_name("forms.yaml").read_text("utf-8"))


def forms(kind: str) -> list[tuple[str, str]]:
    return [(who, text) for who, texts in CASES[kind].items() for text in texts]


def found(text: str, part: str = "text") -> set[str]:
    return {mention.person for mention in FINDER.find([Passage(part=part, text=text)])}


@pytest.mark.parametrize(("who", "text"), forms("written"))
def test_the_pupil_is_found(who: str, text: str) -> None:
    assert who in found(text)


@pytest.mark.parametrize(("who", "text"), forms("files"))
def test_the_pupil_is_found_in_a_file_name(who: str, text: str) -> None:
    assert who in found(text, "x.jpg:name")


@pytest.mark.parametrize(("who", "text"), forms("in pictures"))
def test_the_pupil_is_found_on_a_label(who: str, text: str) -> None:
    assert who in found(text, "x.jpg:picture")


@pytest.mark.parametrize("text", CASES["nobody"])
def test_nobody_is_found(text: str) -> None:
    assert found(text) == set()


def test_a_surname_behind_somebody_elses_forename_is_theirs() -> None:
    assert found("Marvin Lewis and J. Cole played, Emma Fraser sang") == set()
    assert found("Aoife Lewis and Rory") == {"P09", "P12", "X09", "P06"}, "a list whose comma was forgotten"
