"""Names in words: each form that people write, what is no name, and what must hold for any text."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from postguard.domain.evidence import How, Mention, Passage
from postguard.domain.people import Consent, Person, Role, Roster
from postguard.domain.policy import Policy
from postguard.loading import load_roster
from postguard.matching.data import lines
from postguard.matching.names import NameFinder
from postguard.matching.normalise import key, readings

GRANTED = (Consent(channel="twitter", granted=True),)
REFUSED = (Consent(channel="twitter", granted=False),)


def pupil(number: int, name: str, **more: object) -> Person:
    return Person(**{"id": f"P{number:02}", "name": name, "consent": GRANTED, **more})  # type: ignore[arg-type]


PUPILS = (
    pupil(1, "Aoife MacDonald", known_as=("Effie",), handles=("@aoife_m",), parent_handles=("@aoifes_mum",)),
    pupil(2, "Jamie Reid", consent=REFUSED),
    pupil(3, "Grace Okafor"),
    pupil(4, "Callum Fraser"),
    pupil(5, "Rory Campbell"),
    pupil(6, "May Sinclair"),
    pupil(7, "Siobhán O'Brien"),
    pupil(8, "Anne-Marie van der Berg"),
    pupil(9, "Jo Smith-Jones"),
    pupil(10, "William Young"),
    pupil(11, "Jack Thomson"),
    pupil(12, "李小龍"),
)
STAFF = (
    Person(id="S01", name="Mrs Campbell", role=Role.STAFF),
    Person(id="S02", name="Isla Fraser", role=Role.STAFF),
)
SCHOOL = Roster(school="New Monkland Primary School", people=PUPILS + STAFF)
FINDER = NameFinder(SCHOOL, Policy(words_allowed=("Callum the Cat", "Rory's Hut")))


def find(
    text: str, *, finder: NameFinder = FINDER, part: str = "text", visitors: tuple[str, ...] = ()
) -> list[Mention]:
    return list(finder.find([Passage(part=part, text=text)], visitors))


def found(text: str, *, finder: NameFinder = FINDER, part: str = "text") -> list[tuple[str, str, bool]]:
    """What was found: the words, whose they are, and whether for sure."""
    return [(text[m.start : m.end], m.person, m.sure) for m in find(text, finder=finder, part=part)]


def who(text: str, *, part: str = "text") -> set[str]:
    return {m.person for m in find(text, part=part)}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Well done Aoife MacDonald!", "Aoife MacDonald"),
        ("well done aoife", "aoife"),
        ("WELL DONE AOIFE'S TEAM", "AOIFE"),
        ("aoife’s poem", "aoife"),
        ("Effie's poem", "Effie"),
        ("Aoife McDonald and Aoife Mc Donald", "Aoife McDonald"),
        ("MacDonald, Aoife", "MacDonald, Aoife"),
        ("MACDONALD AOIFE", "MACDONALD AOIFE"),
        ("Aoife Jane MacDonald", "Aoife Jane MacDonald"),
        ("#WellDoneAoife", "Aoife"),
        ("#AoifeMacDonald", "AoifeMacDonald"),
        ("#welldoneaoife", "aoife"),
        ("#WELLDONEAOIFE", "AOIFE"),
        ("@aoifemacdonald2014", "aoifemacdonald"),
        ("aoife.macdonald@mailbox.org", "aoife.macdonald"),
        ("Áoifé", "Áoifé"),
        ("A\u200boi\u00adfe", "A\u200boi\u00adfe"),
        ("Аоіfе", "Аоіfе"),
        ("𝐀𝐨𝐢𝐟𝐞", "𝐀𝐨𝐢𝐟𝐞"),
        ("A.o.i.f.e", "A.o.i.f.e"),
        ("A o i f e", "A o i f e"),
        ("A🎉o🎉i🎉f🎉e", "A🎉o🎉i🎉f🎉e"),
        ("Ao-ife", "Ao-ife"),
        ("Aoi-\nfe", "Aoi-\nfe"),
        ("Aoi\nfe", "Aoi\nfe"),
        ("Aoife\nMacDonald", "Aoife\nMacDonald"),
    ],
)
def test_finds_a_name_for_sure_where_it_stands(text: str, words: str) -> None:
    assert (words, "P01", True) in found(text)


@pytest.mark.parametrize(
    ("text", "words", "person", "how"),
    [
        ("Aiofe won a prize", "Aiofe", "P01", How.FUZZY),
        ("Aofie and the others", "Aofie", "P01", How.FUZZY),
        ("Well done A0ife", "A0ife", "P01", How.FUZZY),
        ("Well done J@mie", "J@mie", "P02", How.FUZZY),
        ("Well done Callurn", "Callurn", "P04", How.FUZZY),
        ("J. Reid scored", "J. Reid", "P02", How.INITIAL),
        ("Well done JR!", "JR", "P02", How.INITIAL),
        ("Billy loved it", "Billy", "P10", How.NICKNAME),
        ("Our star of the week is Will!", "Will", "P10", How.NICKNAME),
        ("Billy Young loved it", "Billy Young", "P10", How.NICKNAME),
        ("Well done Grace!", "Grace", "P03", How.EXACT),
        ("Well done grace!", "grace", "P03", How.EXACT),
        ("Grace won the race", "Grace", "P03", How.EXACT),
        ("We heard Grace sing", "Grace", "P03", How.EXACT),
        ("Rory and Grace won", "Grace", "P03", How.EXACT),
        ("Grace (P4) has a new book", "Grace", "P03", How.EXACT),
        ("#WellDoneGrace", "Grace", "P03", How.EXACT),
        ("#welldonegrace", "grace", "P03", How.EXACT),
        ("Campbell scored again", "Campbell", "P05", How.EXACT),
        ("May loved the trip", "May", "P06", How.EXACT),
        ("@aoife_dances", "aoife", "P01", How.EXACT),
    ],
)
def test_finds_a_possible_name(text: str, words: str, person: str, how: How) -> None:
    mentions = [m for m in find(text) if text[m.start : m.end] == words]
    assert [(m.person, m.how, m.sure) for m in mentions] == [(person, how, False)]


@pytest.mark.parametrize(
    "text",
    [
        "We say grace before lunch in May.",
        "We say grace before lunch in May",
        "GRACE BEFORE LUNCH",
        "May Day, May 12th, the 3rd of May. See you in May!",
        "May we remind you? Will you come? Will Friday do?",
        "Grace before meals is said by all.",
        "It will mark the end. Young people may come.",
        "Mrs Campbell's class. Mr. Reid and Miss J Fraser helped, and Dr O'Brien.",
        "Jack Frost, the Union Jack, Jack and the Beanstalk, black jack",
        "We jacked up the car in Campbeltown near Reidvale.",
        "Kirsty Campbell from the library read to us.",
        "Callum the Cat sat in Rory's Hut.",
        "Isla Fraser teaches us.",
        "New Monkland Primary is open.",
        "St Callum's Day and Storm Callum",
        "https://t.co/aoifeXjamie https://callumdesign.com/about",
        "#islandlife #gracefully #teamwork #willpower",
        "See www.rory.co.uk",
        "I am so happy, J. and R. too",
        "PE, RE, JR and MP",
    ],
)
def test_leaves_what_is_no_pupils_name(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("Our winner: Grace", {"P03"}),
        ("Photo: Grace", {"P03"}),
        ("Pictured: May", {"P06"}),
        ("L-R: Grace, May", {"P03", "P06"}),
        ("Grace & May", {"P03", "P06"}),
        ("GRACE AND MAY PLANTED TREES", {"P03", "P06"}),
        ("P4 Grace", {"P03"}),
        ("Grace planted a tree", {"P03"}),
        ("The winner was May", {"P06"}),
        ("Photo: May 2026", set()),
        ("In May, June and July we go swimming", set()),
        ("P4 May trip", set()),
        ("Wanted: volunteers for May", set()),
    ],
)
def test_plain_captions_name_pupils_whose_names_are_words(text: str, people: set[str]) -> None:
    assert who(text) == people


def test_two_months_side_by_side_are_children_where_one_is_told_of_as_a_child() -> None:
    finder = NameFinder(Roster(school="S", people=(pupil(1, "May Sinclair"), pupil(2, "June Reid"))), Policy())
    assert [words for words, _, _ in found("May and June (P4) read to us", finder=finder)] == ["May", "June"]
    assert found("Swimming is in May and June", finder=finder) == []


@pytest.mark.parametrize(
    ("name", "people"),
    [
        ("grace", {"P03"}),
        ("Grace-certificate", {"P03"}),
        ("May_medal", {"P06"}),
        ("sports-day-may", set()),
        ("may-2026", set()),
    ],
)
def test_names_that_are_words_are_found_in_file_names(name: str, people: set[str]) -> None:
    assert who(name, part="x.jpg:name") == people


def test_words_of_several_pieces() -> None:
    assert found("siobhan obrien, Siobhán O’Brien, SIOBHAN O BRIEN") == [
        ("siobhan obrien", "P07", True),
        ("Siobhán O’Brien", "P07", True),
        ("SIOBHAN O BRIEN", "P07", True),
    ]
    assert found("Anne Marie and anne-marie and AnneMarie Van Der Berg") == [
        ("Anne Marie", "P08", True),
        ("anne-marie", "P08", True),
        ("AnneMarie Van Der Berg", "P08", True),
    ]
    assert found("Jo Smith was here with Jo Smith-Jones") == [
        ("Jo Smith", "P09", True),
        ("Jo Smith-Jones", "P09", True),
    ]
    assert who("今天李小龍贏了") == {"P12"}


def test_file_names_are_taken_apart() -> None:
    for name in ("aoife-star-writer", "IMG_2024Aoife", "welldoneaoife01", "IMG_aoife_macdonald_2"):
        assert who(name, part="x.jpg:name") == {"P01"}, name
    assert who("IMG_20261123_093000", part="x.jpg:name") == set()


def test_a_staff_surname_is_not_the_pupils_unless_it_is_their_whole_name() -> None:
    assert found("Miss Rory Campbell and Mrs Campbell") == [("Rory Campbell", "P05", True)]


def test_a_forename_with_another_surname_is_possible_whoever_consented() -> None:
    """It may be another Rory, or ours by a surname that the roster does not have; and silence for some would tell."""
    assert found("We cooked with Rory Bannatyne today") == [("Rory", "P05", False)]
    assert found("We cooked with Jamie Bannatyne today") == [("Jamie", "P02", False)]
    assert found("Aoife McDonnald won") == [("Aoife McDonnald", "P01", True)]


def test_a_visitors_forename_is_only_possible() -> None:
    assert [m.sure for m in find("Rory read to us", visitors=("Rory MacLeod",))] == [False]
    assert [m.sure for m in find("Rory read to us", visitors=("Bob Smith",))] == [True]


def test_accounts() -> None:
    mentions = find("Follow @Aoife_M. or https://instagram.com/aoife_m/ and @aoifes_mum")
    handles = [(m.start, m.person, m.of_parent) for m in mentions if m.how is How.HANDLE]
    assert handles == [(7, "P01", False), (42, "P01", False), (55, "P01", True)]
    assert all(m.how is How.HANDLE or not m.sure for m in mentions), "an account is PG203's, not a name for sure"


def test_several_schools_need_more_than_a_forename() -> None:
    people = (pupil(1, "Aoife MacDonald", school="A"), pupil(2, "Jamie Reid", school="B"))
    finder = NameFinder(Roster(school="A", people=people), Policy())
    assert found("Aoife and Jamie and MacDonald and Jaimie", finder=finder) == []
    assert found("Aoife MacDonald", finder=finder) == [("Aoife MacDonald", "P01", True)]
    assert found("Aoife M. won", finder=finder) == [("Aoife M", "P01", False)]
    assert found("J. Reid won", finder=finder) == [("J. Reid", "P02", False)]


def test_two_pupils_of_one_name_are_both_named() -> None:
    people = (pupil(1, "Jamie Reid"), pupil(2, "Jamie Reid", consent=REFUSED), pupil(3, "Jamie Scott"))
    finder = NameFinder(Roster(school="A", people=people), Policy())
    assert {m.person for m in find("Jamie Reid", finder=finder)} == {"P01", "P02"}
    assert {m.person for m in find("Jamie", finder=finder)} == {"P01", "P02", "P03"}
    assert {m.person for m in find("Jamie S. won", finder=finder)} == {"P03"}


def test_of_many_who_share_a_name_those_whose_name_weighs_most_are_named() -> None:
    people = [pupil(n, f"Jamie A{n}") for n in range(10, 60)]
    people[45] = pupil(55, "Jamie B", high_risk=True)
    people[46] = pupil(56, "Jamie C", consent=REFUSED)
    finder = NameFinder(Roster(school="A", people=tuple(people)), Policy())
    mentions = find("Jamie", finder=finder)
    assert len(mentions) == 25
    assert {"P55", "P56"} <= {m.person for m in mentions}


def test_of_many_allowed_for_a_while_those_refused_or_first_to_end_are_named() -> None:
    def allowed(until: date) -> tuple[Consent, ...]:
        return (Consent(channel="twitter", granted=True, until=until),)

    people = [pupil(n, f"Jamie A{n}", consent=allowed(date(2027, 6, 30))) for n in range(10, 60)]
    people[45] = pupil(55, "Jamie B", consent=REFUSED)
    people[46] = pupil(56, "Jamie C", consent=allowed(date(2026, 6, 30)))
    people[47] = pupil(57, "Jamie D", consent=())
    finder = NameFinder(Roster(school="A", people=tuple(people), channels=("twitter",)), Policy())
    mentions = find("Jamie", finder=finder)
    assert len(mentions) == 25
    assert {"P55", "P56", "P57"} <= {m.person for m in mentions}


@pytest.mark.parametrize("praise", lines("praise.txt"))
def test_behind_praise_a_word_in_lower_case_is_a_possible_name(praise: str) -> None:
    assert {m.person for m in find(f"today {praise} grace")} == {"P03"}
    assert {m.person for m in find(f"Today: {praise.title()}  AM")} == {"P01"}


def test_a_name_of_one_letter_is_found_only_with_its_surname() -> None:
    finder = NameFinder(Roster(school="A", people=(pupil(1, "J Brown"), pupil(2, "X"))), Policy())
    assert found("J Brown won. X marks the spot, J is a letter", finder=finder) == [("J Brown", "P01", True)]


def test_a_name_that_is_the_schools_is_not_found_in_the_schools() -> None:
    people = (pupil(1, "Grace Monkland"), pupil(2, "Isla Thomson"))
    finder = NameFinder(Roster(school="Isla Primary School", people=people), Policy())
    assert found("Isla Primary is open. Isla ran.", finder=finder) == [("Isla", "P02", True)]
    same = NameFinder(Roster(school="Isla", people=people), Policy())
    assert found("Isla ran", finder=same) == [("Isla", "P02", True)], "never at the price of the pupil"


def test_a_word_that_is_allowed_is_never_a_name() -> None:
    finder = NameFinder(SCHOOL, Policy(words_allowed=("Grace", "Rory")))
    assert found("Well done Grace and Rory!", finder=finder) == []
    assert found("Rory Campbell", finder=finder) == [("Rory Campbell", "P05", True)], "the whole name still is"


@pytest.mark.parametrize("allowed", ["Jamie Reid", "jamie reid", "Jamie  Reid"])
def test_a_pupils_whole_name_is_theirs_though_it_is_allowed_or_somebody_of_the_staff_is_called_so(allowed: str) -> None:
    namesake = Person(id="S09", name="Jamie Reid", role=Role.STAFF)
    roster = Roster(school="S", people=(*PUPILS, namesake))
    finder = NameFinder(roster, Policy(words_allowed=(allowed,)))
    assert found("Well done Jamie Reid!", finder=finder) == [("Jamie Reid", "P02", True)]


def test_the_demo_school(root: Path) -> None:
    finder = NameFinder(load_roster(root / "consent_roster.yaml"), Policy())
    assert found("We say grace before lunch in May", finder=finder) == []
    assert [(words, sure) for words, _, sure in found("Our star writer! #WellDoneAoife", finder=finder)] == [
        ("Aoife", True)
    ]


def test_fields_and_parts_are_kept() -> None:
    passage = Passage(part="IMG_1.jpg:metadata", text="Aoife", field="IPTC:Caption")
    (mention,) = FINDER.find([passage])
    assert (mention.part, mention.field) == ("IMG_1.jpg:metadata", "IPTC:Caption")


NAMES = st.sampled_from(
    [
        "Aoife",
        "Aoife MacDonald",
        "aoife macdonald",
        "JAMIE REID",
        "Siobhán O'Brien",
        "Anne-Marie van der Berg",
        "Callum",
    ]
)
AROUND = st.text(st.sampled_from("abc .,!\n😀é١\u200b"), max_size=12)


@given(st.text(st.characters(), max_size=80))
@settings(max_examples=150, deadline=None)
def test_any_text_gets_an_answer_and_every_place_is_in_it(text: str) -> None:
    for mention in find(text):
        assert 0 <= mention.start < mention.end <= len(text)
        assert key(text[mention.start : mention.end])


@given(AROUND, NAMES, AROUND)
@settings(max_examples=150, deadline=None)
def test_a_name_is_found_whatever_stands_around_it(before: str, name: str, after: str) -> None:
    text = f"{before} {name} {after}"
    assert any(m.start <= len(before) + 1 and len(before) + 1 + len(name) <= m.end for m in find(text) if m.sure)


@given(NAMES, st.data())
@settings(max_examples=200, deadline=None)
def test_invisible_characters_never_hide_a_name(name: str, data: st.DataObject) -> None:
    text = f"well done {name} today"
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        text = (
            text[:at] + data.draw(st.sampled_from("\u200b\u200d\u2060\u00ad\u202e\ufeff\u180e\x00\ud83d")) + text[at:]
        )
    mentions = find(text)
    assert any(m.sure and key(name) in key(text[m.start : m.end]) for m in mentions)


TOLD = [
    "grace",
    "may",
    "Grace",
    "MAY",
    "will",
    "Will",
    "callum",
    "Reid",
    "jo",
    "o'brien",
    "young",
    "in",
    "p3",
    "from",
    "P4",
    "(p4)",
    "aged",
    "is",
    "8",
    ",",
    "&",
    "and",
    "her",
    "his",
]
AROUND = ["🎉", ".", "\n", "'s", "#", "@", "-", "1.", "won", "photo of", "the", "house", "Miss", "was brilliant"]


@given(st.lists(st.sampled_from([*TOLD, *AROUND, *lines("praise.txt")]), max_size=6), st.sampled_from([" ", " ", ""]))
@settings(max_examples=1_000, deadline=None)
@example(["grace", "🎉"], " ").via("found by hand: a sign beside it hid a lone name")
@example(["grace", "P4"], " ").via("found by hand")
def test_no_text_that_holds_a_name_is_left_unread(words: list[str], joint: str) -> None:
    text = joint.join(words)
    for part in ("text", "a.jpg:alt", "a.jpg:name"):
        for folded in readings(text):
            if not FINDER._gate.opens(folded.text, part.endswith(":name")):
                assert list(FINDER._read(folded, Passage(part=part, text=text), frozenset())) == []


@given(st.lists(st.sampled_from(["Aoife", "Jamie Reid", "grace", "May", "Campbell", "hello", "#welldonerory", "."])))
@settings(deadline=None)
def test_finding_is_the_same_however_much_was_found_before(words: list[str]) -> None:
    text = " ".join(words)
    fresh = NameFinder(SCHOOL, Policy())
    assert find(text, finder=fresh) == find(text, finder=fresh) == find(text)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 100_000,
        "a " * 10_000,
        "A.o.i.f." * 2_500,
        "Aoife\u200b" * 3_000,
        "#" + "welldone" * 12_500,
        "\ud800" * 100_000,
        "@a.b" * 5_000,
        "x\n" * 10_000,
        "Jamie " * 4_000,
    ],
    ids=[
        "one word",
        "letters apart",
        "dotted",
        "zero-width",
        "one hashtag",
        "surrogates",
        "accounts",
        "lines",
        "names",
    ],
)
def test_nothing_is_lost_behind_a_long_text_of_the_worst_kind(text: str) -> None:
    """20 to 100 kB each, so that the suite stays quick; what they cost: bench/long_texts.py."""
    said = f"{text} Jamie Reid was here"
    assert (len(text) + 11, "P02", True) in [(m.end, m.person, m.sure) for m in find(said)]


def test_words_without_a_name_are_looked_into_once(monkeypatch: pytest.MonkeyPatch) -> None:
    finder = NameFinder(SCHOOL, Policy())
    asked: list[str] = []
    look = finder._gate._speaks
    monkeypatch.setattr(finder._gate, "_speaks", lambda chunk, file_name: asked.append(chunk) or look(chunk, file_name))
    for post in ("We had a great day #teamwork", "We had a great day at the park", "a day at @nlcouncil"):
        find(post, finder=finder)
    assert sorted(asked) == sorted(["We", "had", "a", "great", "day", "#teamwork", "at", "the", "park", "@nlcouncil"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Молодець, Олена!", "Олена"),
        ("P4: ОЛЕНА, Ivan and Tom", "ОЛЕНА"),
        ("Олена Коваль won", "Олена Коваль"),
        ("Дякуємо Юлії", "Юлії"),
        ("Мар’яна read to us", "Мар’яна"),
        ("Μπράβο Γιώργος", "Γιώργος"),
        ("Ві\u0301ра read to us", "Ві\u0301ра"),
        ("В\u200bі\u200bра read to us", "В\u200bі\u200bра"),
        ("Ян and Tom", "Ян"),
    ],
)
def test_a_name_in_cyrillic_or_greek_is_found_as_it_sounds(text: str, words: str) -> None:
    people = (pupil(1, "Olena Koval"), pupil(2, "Yulia Bondar"), pupil(3, "Maryana Lys"), pupil(4, "Giorgos Pappas"))
    people = (*people, pupil(5, "Yan Bilyk"), pupil(6, "Vira Moroz"))
    finder = NameFinder(Roster(school="S", people=people), Policy())
    assert words in [found_words for found_words, _, _ in found(text, finder=finder)]


def test_other_words_in_cyrillic_or_greek_name_nobody() -> None:
    finder = NameFinder(Roster(school="S", people=(pupil(1, "Olena Koval"), pupil(2, "Max Reid"))), Policy())
    assert found("Ласкаво просимо до школи! Καλημέρα σε όλους. Мама мила раму.", finder=finder) == []
