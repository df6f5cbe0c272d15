"""How teachers and children write the names of the demo school's pupils: each must be found, none elsewhere."""

from pathlib import Path

import pytest
import yaml

from postguard.domain.evidence import Passage
from postguard.domain.people import Consent, Person, Role, Roster
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


@pytest.mark.parametrize(("who", "text"), forms("descriptions"))
def test_the_pupil_is_found_in_what_tells_of_a_picture(who: str, text: str) -> None:
    assert who in found(text, "x.jpg:alt")


@pytest.mark.parametrize(("who", "text"), forms("in pictures"))
def test_the_pupil_is_found_on_a_label(who: str, text: str) -> None:
    assert who in found(text, "x.jpg:picture")


@pytest.mark.parametrize("text", CASES["nobody"])
def test_nobody_is_found(text: str) -> None:
    assert found(text) == set()


def called(*names: str) -> NameFinder:
    people = tuple(Person(id=name, name=name, consent=GRANTED) for name in names)
    return NameFinder(Roster(school="S", people=people), Policy())


def test_behind_a_title_a_forename_of_ours_may_stand_before_the_surname() -> None:
    finder = called("Stewart Baird", "Grace Low")
    assert finder.find([Passage(part="text", text="Mrs Grace Stewart retires")]) == ()
    assert finder.find([Passage(part="text", text="Mrs Low and Stewart won")]) != ()


def test_a_member_of_staff_who_shares_a_forename_is_no_pupil() -> None:
    staff = Person(id="S1", name="Skye Henderson", role=Role.STAFF)
    pupil = Person(id="P1", name="Skye Baird", consent=GRANTED)
    finder = NameFinder(Roster(school="S", people=(staff, pupil)), Policy())
    assert finder.find([Passage(part="text", text="Skye Henderson told us about trees")]) == ()
    assert finder.find([Passage(part="text", text="Skye told us about trees")]) != ()


def test_among_several_schools_whoever_has_no_surname_is_found_by_the_forename() -> None:
    people = tuple(Person(id=name, name=name, school=name[0], consent=GRANTED) for name in ("Zoë", "Aoife Baird"))
    finder = NameFinder(Roster(school="S", people=people), Policy())
    (found,) = finder.find([Passage(part="text", text="Zoe and Aoife won")])
    assert found.person == "Zoë" and not found.sure


def test_names_between_commas_are_of_several_pupils() -> None:
    finder = called("Jack Kelly", "Jack Wong", "Kelly Burns", "Rory Reid")
    (passage,) = [Passage(part="text", text="Well done Jack, Kelly and Rory")]
    assert {m.person for m in finder.find([passage])} == {"Jack Kelly", "Jack Wong", "Kelly Burns", "Rory Reid"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Elliot Brown", "Elliott Brown won"),
        ("Holly Baird", "Hollie Baird won"),
        ("Robyn Baird", "Robin Baird won"),
        ("Aisha Khan", "Ayesha Khan won"),
        ("Seumas Baird", "Seamus Baird won"),
        ("Lucy Baird", "Lucie Baird won"),
        ("James Iqbal", "James I am so proud of you"),
        ("Elizabeth Baird", "Elizabeth I think you were great"),
        ("Lewis Baird", "Lewis and Harris are best pals"),
        ("Jack Baird", "Well done Jack black belt at last!"),
        ("Peterhead Baird", "Peterhead won"),
        ("Iona Baird", "Iona was the house captain"),
        ("Grace Baird", "Graceee!"),
        ("Finn Baird", "Finns goal won it"),
        ("Eva Baird", "Evas poem is up"),
        ("Hayley Baird", "Haley P7 won"),
        ("Holly Baird", "Hollly won"),
        ("Eva Baird", "E v a  w o n"),
        ("Jack Town", "#Jacktown won"),
    ],
)
def test_of_a_pupil_called_so_it_is_found(name: str, text: str) -> None:
    assert {m.person for m in called(name).find([Passage(part="text", text=text)])} == {name}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Callum Baird", "Mrs McCallum told a story"),
        ("Donald Baird", "Mr MacDonald's class"),
        ("Mac Baird", "Dougie MacLean sang"),
        ("Neil Baird", "The O'Neil family gave us a tree"),
        ("Ross Stewart", "Mrs Grace Stewart retires"),
        ("Stewart Baird", "Mrs Grace Stewart retires"),
        ("Iona Baird", "Well done Iona House, 1203 points!"),
        ("Iona Baird", "IONA HOUSE"),
        ("Ross Burns", "Burns house"),
        ("Ross Hamilton", "Hamilton Grammar"),
        ("Rowan Baird", "We sat under the rowan"),
        ("Mary Baird", "A cake sale for Mary's Meals"),
        ("Peter Baird", "We went to Peterhead"),
        ("Parker Baird", "Off to Parkersburg with P4 #Parkersburg"),
        ("Hope Baird", "Garden hoeeee work today!"),
        ("Eva Baird", "n e w s e v a l u e"),
        ("Finn Baird", "The Finns live by the sea"),
        ("Noah Baird", "We read the story of Noah"),
        ("Callum Baird", "Ready for the Callum Cup final"),
    ],
)
def test_what_only_holds_a_pupils_name_is_not_it(name: str, text: str) -> None:
    assert called(name).find([Passage(part="text", text=text)]) == ()


def test_a_surname_behind_somebody_elses_forename_is_theirs() -> None:
    assert found("Marvin Lewis and J. Cole played, Emma Fraser sang") == set()
    assert found("Aoife Lewis and Rory") == {"P09", "P12", "X09", "P06"}, "a list whose comma was forgotten"
