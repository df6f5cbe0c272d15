"""What stands on the terminal. The snapshots beside this file are what a teacher sees; look at them when they change.

POSTGUARD_WRITE_SNAPSHOTS=1 python -m pytest tests/rendering/test_console.py   writes them anew.
"""

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from render_scenes import (
    ON,
    ROSTER,
    RULES,
    SCENES,
    _draft,
    batch,
    hostile,
    passed,
    passed_uncounted,
    photograph,
    report,
)

from postguard.domain.evidence import Evidence, Passage
from postguard.domain.report import Verdict
from postguard.rendering import Audience, render_console, render_html, view_for

SNAPSHOTS = Path(__file__).parent / "snapshots"
WIDTH_OF_A_PIPE = 80

CASES: dict[str, tuple[str, Audience, dict[str, Any]]] = {
    **{f"{scene}.poster.80": (scene, Audience.POSTER, {"width": 80}) for scene in SCENES},
    "week.poster.60": ("week", Audience.POSTER, {"width": 60}),
    "week.poster.200": ("week", Audience.POSTER, {"width": 200}),
    "week.poster.ascii": ("week", Audience.POSTER, {"width": 80, "unicode": False}),
    "week.poster.quiet": ("week", Audience.POSTER, {"width": 80, "quiet": True}),
    "week.redacted": ("week", Audience.REDACTED, {"width": 80}),
    "week.private": ("week", Audience.PRIVATE, {"width": 80}),
    "week.travel": ("week", Audience.TRAVEL, {"width": 80}),
    "faces.poster.verbose": ("faces", Audience.POSTER, {"width": 80, "verbose": True}),
    "faces.poster.color": ("faces", Audience.POSTER, {"width": 80, "color": True}),
    "words.poster.links": ("words", Audience.POSTER, {"width": 80, "links": True}),
}


def shown(scene: str, audience: Audience, options: dict[str, Any]) -> str:
    return render_console(view_for(SCENES[scene], roster=ROSTER, rules=RULES, audience=audience), **options)


@pytest.mark.parametrize("name", sorted(CASES))
def test_the_console_looks_as_it_was_agreed(name: str) -> None:
    text = re.sub(r"id=\d+;", "id=0;", shown(*CASES[name]))
    path = SNAPSHOTS / f"{name}.txt"
    if os.environ.get("POSTGUARD_WRITE_SNAPSHOTS"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_no_snapshot_is_left_over() -> None:
    assert {path.name for path in SNAPSHOTS.iterdir()} == {f"{name}.txt" for name in CASES}


@pytest.mark.parametrize("width", [1, 40, 60, 80, 200, 1000])
@pytest.mark.parametrize("scene", sorted(SCENES))
def test_no_line_is_longer_than_the_terminal(scene: str, width: int) -> None:
    for line in shown(scene, Audience.POSTER, {"width": width, "verbose": True}).splitlines():
        assert len(line) <= max(40, width)


def test_every_draft_has_its_verdict_in_words() -> None:
    text = shown("week", Audience.POSTER, {})
    for one in SCENES["week"].reports:
        assert re.search(rf"^{'PASS' if one.verdict is Verdict.PASS else 'FAIL'} +{one.draft} ", text, re.M)


def test_a_pass_never_says_more_than_it_knows() -> None:
    text = shown("passed", Audience.POSTER, {}).casefold()
    for word in ("safe", "approved", " ok", "okay", "all clear"):
        assert word not in text
    flat = " ".join(text.split())
    assert "nothing was found against it. looked at: 1 picture, 2 faces (1 by the poster's word)" in flat
    assert "and 5 words. how: yunet" in flat
    assert "not looked at: joined handwriting in pictures." in flat
    assert "the poster remains responsible." in flat


def test_where_nobody_counted_the_poster_is_asked_to() -> None:
    assert "as many as the poster counted" in shown("passed", Audience.POSTER, {})
    assert "do not post it yet" in " ".join(shown("passed-uncounted", Audience.POSTER, {}).split())


def test_nothing_in_a_file_can_drive_the_terminal_or_the_layout() -> None:
    view = view_for(batch(hostile()), roster=ROSTER, rules=RULES, audience=Audience.POSTER)
    for options in ({}, {"color": True, "links": True}, {"unicode": False}):
        text = render_console(view, **options)
        text.encode()
        assert "\x1b[31mb" not in text
        assert "\x00" not in text
        assert "\u202e" not in text
    assert "[bold]e[/bold]" in render_console(view, width=110)


def test_without_unicode_every_character_is_plain() -> None:
    assert shown("week", Audience.POSTER, {"unicode": False}).isascii()


def test_without_color_there_are_no_escapes_and_with_it_no_word_is_lost() -> None:
    plain = shown("week", Audience.POSTER, {})
    assert "\x1b" not in plain
    colored = re.sub(r"\x1b\[[0-9;]*m", "", shown("week", Audience.POSTER, {"color": True}))
    assert [line.rstrip() for line in colored.splitlines()] == plain.splitlines()


def test_links_lead_to_the_poster_s_own_files_and_nobody_else_s() -> None:
    assert "file:///school/week/aoife-star.jpg" in shown("words", Audience.POSTER, {"links": True})
    for audience in (Audience.REDACTED, Audience.PRIVATE, Audience.TRAVEL):
        assert "file:" not in shown("words", audience, {"links": True})


def test_what_holds_for_every_draft_is_said_once() -> None:
    remark = "The date is in the past."
    twice = batch(
        *(replace(report, remarks=(remark, f"About {report.draft}.")) for report in (passed(), passed_uncounted()))
    )
    for render in (render_console, render_html):
        text = render(view_for(twice, roster=ROSTER, rules=RULES, audience=Audience.POSTER))
        assert text.count(remark) == 1
        assert text.count("About monday-assembly.") == text.count("About tuesday-artwork.") == 1
    alone = batch(replace(passed(), remarks=(remark,)))
    assert remark in render_console(view_for(alone, roster=ROSTER, rules=RULES, audience=Audience.POSTER))


@pytest.mark.parametrize(
    ("opened", "text", "said"),
    [
        (2, "Two words", "2 pictures, no face and 2 words"),
        (1, "Two words", "1 of 2 pictures, no face and 2 words"),
        (0, "Two words", "no picture, no face and 2 words"),
        (0, "", "nothing"),
    ],
)
def test_what_could_not_be_opened_was_not_looked_at(opened: int, text: str, said: str) -> None:
    names = ("a.jpg", "b.jpg")
    evidence = Evidence(
        draft=_draft("d", *names),
        channel="twitter",
        date=ON,
        photographs=tuple(photograph(name) for name in names[:opened]),
        passages=(Passage(part="text", text=text),),
    )
    view = view_for(batch(report("d", evidence)), roster=ROSTER, rules=RULES, audience=Audience.POSTER)
    assert f"Looked at: {said}." in render_console(view)
