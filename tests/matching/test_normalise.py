"""Folding: whatever the disguise, the letters come out, and every place leads back to the text as it was written."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postguard.matching.normalise import fold, key, readings

ANY_TEXT = st.text(st.characters(), max_size=60)
INVISIBLE = st.sampled_from("\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u202e\u2066\u034f\ufe0f\x00\ud800\U000e0041")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Zoë Seán Łukasz Ægir Straße", "Zoe Sean Lukasz Aegir Strasse"),
        ("Аоіfе", "Aoife"),  # Cyrillic А о і е
        ("𝐀𝐨𝐢𝐟𝐞 Ａｏｉｆｅ Ⓐⓞⓘⓕⓔ ﬁn", "Aoife Aoife Aoife fin"),
        ("🅐🅞 🅰🅾 🇦🇴", "AO AO ao"),
        ("O’Brien Oʼbrien", "O'Brien O'brien"),
        ("well‑done—Aoife", "well-done-Aoife"),
        ("done🎉Aoife…", "done*Aoife..."),
        ("２０２６ ① ²", "2026 1 2"),
        ("A\u00a0B\u2028C", "A B\nC"),
        ("李小龍", "LiXiaoLong"),
    ],
)
def test_folds_to_plain_letters(written: str, read: str) -> None:
    assert fold(written).text == read


def test_what_cannot_be_seen_is_gone() -> None:
    assert fold("A\u200bo\u00adi\u2060f\u202ee\x00\ud800").text == "Aoife"


def test_accents_on_their_own_are_gone_and_belong_to_their_letter() -> None:
    folded = fold("Zoe\u0308 ran")
    assert folded.text == "Zoe ran"
    assert folded.span(0, 3) == (0, 4)


def test_one_character_of_several_letters_is_covered_whole() -> None:
    folded = fold("x ﬁn")
    assert folded.span(2, 3) == (2, 3)
    assert folded.span(3, 5) == (2, 4)


def test_a_text_with_invisible_characters_inside_is_read_both_ways() -> None:
    assert [folded.text for folded in readings("A\u200boife")] == ["Aoife", "A\x01oife"]
    assert len(readings("Aoife")) == 1
    assert len(readings("Zoe\u0308s")) == 1, "an accent separates nothing"


def test_what_is_shown_from_right_to_left_is_read_as_it_is_shown() -> None:
    text = "Hi \u202eefioA\u202c won"
    shown = readings(text)[-1]
    assert shown.text == "Hi Aoife won"
    start, end = shown.span(3, 8)
    assert "efioA" in text[start:end] and "won" not in text[start:end]
    assert [r.text for r in readings("\u202eefioA")] == ["efioA", "Aoife"]
    assert len(readings("Hi \u202e")) == 1


@given(ANY_TEXT)
@settings(deadline=None)
def test_folding_is_plain_ascii_and_leads_back(text: str) -> None:
    for folded in readings(text):
        assert folded.text.isascii()
        assert folded.length == len(text)
        last = 0
        for index in range(len(folded.text)):
            start, end = folded.span(index, index + 1)
            assert 0 <= start < end <= len(text)
            assert start >= last, "places never go back"
            last = start


@given(ANY_TEXT)
@settings(deadline=None)
def test_what_a_place_covers_folds_to_what_was_found_there(text: str) -> None:
    folded = fold(text)
    for index in range(len(folded.text)):
        start, end = folded.span(index, index + 1)
        assert folded.text[index] in fold(text[start:end]).text


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=30), st.data())
@settings(deadline=None)
def test_invisible_characters_change_nothing(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    sign = data.draw(INVISIBLE)
    assert fold(text[:at] + sign + text[at:]).text == text


@given(ANY_TEXT)
@settings(deadline=None)
def test_folding_twice_is_folding_once(text: str) -> None:
    once = fold(text).text
    assert fold(once).text == once


def test_a_key_is_letters_alone() -> None:
    assert key("  Anne-Marie O’Brien ") == "annemarieobrien"
