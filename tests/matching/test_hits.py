"""What is remembered and what is asked first change nothing: a text is read as if every word of it were new."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from postguard.domain.people import Consent, Person, Roster
from postguard.matching.data import lines
from postguard.matching.gate import _SPACED, _has_letters_apart, _has_praise, _praise
from postguard.matching.hits import Hit, HitFinder
from postguard.matching.lexicon import Lexicon
from postguard.matching.splitting import Atom, placed, split

NAMES = ("Aoife Baird", "Anne Marie van der Berg", "Jo O'Neil", "Grace Stewart", "Isla Rae Weir", "Tom Low", "Gus Orr")
GRANTED = (Consent(channel="twitter", granted=True),)
ROSTER = Roster(school="S", people=tuple(Person(id=name, name=name, consent=GRANTED) for name in NAMES))
FINDER = HitFinder(Lexicon(ROSTER))

PLAIN = "A o i f e T J 8 Aoife aoife Anne Marie Rae van Berg mc O Neil grace graces this island marine GO P4 TW won't"
OTHERS = "t' e' 'A.o.i Mar-ie T-o-m Aiofe A0ife @aoife #WellDoneAoife #islaweir aoife.weir@a.uk https://t.co/Jo ..."
WORDS = st.sampled_from([*PLAIN.split(), *OTHERS.split(), "", "\n", "-\n", "A\nnne", "Ao-\nife"])
GAPS = st.sampled_from([" ", " ", " ", " ", "  ", " \n", "\n", "-", "-\n ", " - ", ", ", "'", ""])
TEXTS = st.lists(st.tuples(WORDS, GAPS), max_size=8).map(lambda pieces: "".join(map("".join, pieces)))


def read_anew(text: str, file_name: bool) -> tuple[list[Atom], dict[int, Hit]]:
    """The whole text at once, and every word of it."""
    atoms = [piece for atom in split(text)[0] for piece in FINDER._pieces(atom, file_name)]
    hits = {first: FINDER._hit(atoms, first) for first in range(len(atoms))}
    negated = {first for first, after in enumerate(atoms[1:]) if after.gap == "'" and after.low == "t"}
    return atoms, {first: hit for first, hit in hits.items() if hit is not None and first not in negated}


@given(TEXTS, st.booleans())
@settings(max_examples=2_000, deadline=None)
@example("Anne Marie won", False).via("a name that goes on over a space")
@example("A o i f e", False).via("letters apart")
@example("van der Berg", False).via("a word that begins a name")
@example("mar-ie", False).via("the same without a space")
@example("Graces", False).via("the apostrophe was forgotten")
@example("GO", False).via("initials that are a word")
@example("Ao \nife", False).via("a name that goes on in the next line")
@example("'T-o-m", False).via("letters behind the text's first sign are of another word")
@example("x-\n T-o-m", False).via("the same where a line ends")
def test_a_text_is_read_as_if_every_word_were_new(text: str, file_name: bool) -> None:
    assert FINDER.read(text, file_name) == read_anew(text, file_name)


@given(TEXTS)
@settings(deadline=None)
def test_atoms_and_their_gaps_leave_nothing_out(text: str) -> None:
    atoms, rest = split(text)
    assert "".join(atom.gap + atom.text for atom in atoms) + rest == text
    assert all(text[at : at + len(atom.text)] == atom.text for at, atom in placed(atoms))


@given(st.text(st.sampled_from("aB1 .-\n"), max_size=12))
@settings(max_examples=1_000, deadline=None)
def test_no_letters_apart_are_overlooked(text: str) -> None:
    assert _has_letters_apart(text) == bool(_SPACED.search(text))


@given(st.lists(st.sampled_from([*lines("praise.txt"), "Well", "DONE", "swell", "of", "the", "week", "-", "\n"])))
@settings(deadline=None)
def test_no_praise_is_overlooked(words: list[str]) -> None:
    for text in (" ".join(words), "".join(words), " ".join(words).upper()):
        assert _has_praise(text) == bool(_praise().search(text))
