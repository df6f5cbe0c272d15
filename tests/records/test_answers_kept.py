"""The files of answers: read strictly, written whole, and never half believed."""

import json
import os
import random
import signal
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import yaml

from postguard.domain.answers import (
    CONFIRMATIONS_FILE,
    NOT_A_FACE,
    Confirmation,
    Confirmations,
    Mark,
    NotOurPupil,
    Place,
    SomebodyElse,
    Voucher,
    Waiver,
    Waivers,
)
from postguard.domain.errors import RecordError
from postguard.domain.evidence import Region
from postguard.domain.rules import Severity
from postguard.records.confirmations import LARGEST, load_confirmations, save_confirmations
from postguard.records.files import held, write_whole
from postguard.records.lock import lock
from postguard.records.waivers import change_waivers, forget_person, load_waivers, without_old

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
FACE = Place(sha256="a" * 64, frame="@1.5", region=Region(x=-1, y=2, width=30, height=40))
WORDS = Place(sha256="b" * 64, span=(3, 8))
WHOLE = Place(sha256="c" * 64, about="d" * 64)
ANSWERS = Confirmations(
    faces=(Confirmation(place=FACE, claim="P07"), Confirmation(place=replace(FACE, frame=""), claim=NOT_A_FACE)),
    marks=(Mark(place=replace(FACE, sha256="e" * 64)),),
    names=(NotOurPupil(place=WORDS),),
)
HEAD = Voucher(
    by="S01", role="head", given=date(2026, 11, 23), until=date(2026, 12, 24), poster="S03", draft="sports-day"
)
WAIVERS = Waivers(
    waivers=(
        Waiver(rule="PG102", severity=Severity.BLOCK, place=FACE, channel="twitter", voucher=HEAD, reason="Größe"),
        Waiver(rule="PG201", severity=Severity.REVIEW, place=WORDS, channel="twitter", voucher=HEAD, person="P03"),
        Waiver(rule="PG106", severity=Severity.BLOCK, place=WHOLE, channel="website", voucher=HEAD),
    ),
    somebody_else=(SomebodyElse(place=FACE, channel="twitter", voucher=HEAD, person="P12", instead_of="P02"),),
)


def test_confirmations_come_back_as_they_were(tmp_path):
    path = save_confirmations(tmp_path, ANSWERS, now=NOW)
    assert path.name == CONFIRMATIONS_FILE
    assert load_confirmations(tmp_path) == (ANSWERS, ())
    assert [p.name for p in tmp_path.iterdir()] == [CONFIRMATIONS_FILE], "nothing else may lie about in a draft"


@pytest.mark.parametrize("claim", ["No", "001", "1e3", "null", "@x", "Ödön", "a: b", "- c"])
def test_an_id_that_yaml_would_misread_comes_back_as_it_was(tmp_path, claim):
    answers = Confirmations(faces=(Confirmation(place=FACE, claim=claim),))
    save_confirmations(tmp_path, answers, now=NOW)
    assert load_confirmations(tmp_path) == (answers, ())


def test_no_file_is_no_answer(tmp_path):
    assert load_confirmations(tmp_path) == (Confirmations(), ())
    assert load_confirmations(tmp_path / "nowhere") == (Confirmations(), ())


def damaged() -> dict[str, bytes]:
    good = {"schema": "postguard-confirmed/1", "saved": "x", "faces": [], "marked": [], "not_our_pupils": []}
    place = {"sha256": "a" * 64, "region": [1, 2, 3, 4]}

    def dump(**changes: object) -> bytes:
        return yaml.safe_dump({**good, **changes}).encode()

    return {
        "empty": b"",
        "binary": b"\xff\x00\xfe",
        "no yaml": b"{[",
        "a list": b"- 1",
        "another version": dump(schema="postguard-confirmed/2"),
        "something more": dump(extra=1),
        "a part missing": yaml.safe_dump({"schema": "postguard-confirmed/1"}).encode(),
        "faces no list": dump(faces="x"),
        "no place": dump(faces=[{"is": "P01"}]),
        "short region": dump(faces=[{"place": {**place, "region": [1, 2, 3]}, "is": "P01"}]),
        "empty region": dump(faces=[{"place": {**place, "region": [1, 2, 0, 3]}, "is": "P01"}]),
        "words for numbers": dump(faces=[{"place": {**place, "region": [1, 2, "x", 3]}, "is": "P01"}]),
        "no hash": dump(faces=[{"place": {"sha256": "abc"}, "is": "P01"}]),
        "claim no word": dump(faces=[{"place": place, "is": ["P01"]}]),
        "all fine": dump(faces=[{"place": place, "is": "P01", "fine": True}]),
        "aliases": b"a: &a [x]\nb: *a\n",
        "a tower": b"[" * 100_000,
        "huge": b"#" * (LARGEST + 1),
    }


@pytest.mark.parametrize("content", damaged().values(), ids=damaged().keys())
def test_what_is_odd_is_no_answer_and_fails_the_draft(tmp_path, content):
    (tmp_path / CONFIRMATIONS_FILE).write_bytes(content)
    answers, unchecked = load_confirmations(tmp_path)
    assert answers == Confirmations()
    assert len(unchecked) == 1


def test_a_link_is_no_answer(tmp_path):
    save_confirmations(tmp_path, ANSWERS, now=NOW)
    other = tmp_path / "draft"
    other.mkdir()
    (other / CONFIRMATIONS_FILE).symlink_to(tmp_path / CONFIRMATIONS_FILE)
    assert load_confirmations(other)[1]
    (other / CONFIRMATIONS_FILE).unlink()
    (other / CONFIRMATIONS_FILE).symlink_to("nowhere")
    assert load_confirmations(other)[1]


def test_waivers_come_back_as_they_were(tmp_path):
    folder = tmp_path / ".postguard"
    assert change_waivers(folder, lambda _: WAIVERS) == WAIVERS
    assert load_waivers(folder) == WAIVERS
    assert (folder / "waivers.json").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert "*" in (folder / ".gitignore").read_text()


def test_damaged_waivers_stop_everything_and_stay_as_they_are(tmp_path):
    change_waivers(tmp_path, lambda _: WAIVERS)
    path = tmp_path / "waivers.json"
    whole = path.read_bytes()
    for content in (
        whole[:-40],
        b"",
        b"[]",
        b"\xff",
        whole.replace(b"postguard-waivers/1", b"postguard-waivers/9"),
        whole.replace(b'"block"', b'"gone"', 1),
        whole.replace(b"2026-12-24", b"someday", 1),
        whole.replace(b'"role"', b'"rank"', 1),
        b"[" * 100_000,
    ):
        path.write_bytes(content)
        with pytest.raises(RecordError):
            load_waivers(tmp_path)
        with pytest.raises(RecordError):
            change_waivers(tmp_path, lambda _: Waivers())
        assert path.read_bytes() == content


def test_forgetting_somebody_removes_every_waiver_that_names_them(tmp_path):
    change_waivers(tmp_path, lambda _: WAIVERS)
    assert forget_person(tmp_path, "P02") == 1
    assert forget_person(tmp_path, "P03") == 1
    assert forget_person(tmp_path, "P99") == 0
    assert json.loads((tmp_path / "waivers.json").read_bytes())["somebody_else"] == []
    assert forget_person(tmp_path, "S01") == 2
    assert load_waivers(tmp_path) == Waivers()
    assert forget_person(tmp_path / "nowhere", "P02") == 0


def test_what_ran_out_a_term_ago_is_not_kept():
    last = HEAD.until
    assert without_old(WAIVERS, last + timedelta(days=90)) == WAIVERS
    assert without_old(WAIVERS, last + timedelta(days=91)) == Waivers()


def test_locked_waivers_are_not_taken_for_none(tmp_path):
    change_waivers(tmp_path, lambda _: WAIVERS)
    lock(tmp_path, "three random words")
    with pytest.raises(RecordError, match="locked"):
        load_waivers(tmp_path)
    with pytest.raises(RecordError, match="locked"):
        change_waivers(tmp_path, lambda _: Waivers())


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / ".postguard").write_text("a file in the way")
    with pytest.raises(RecordError):
        change_waivers(tmp_path / ".postguard", lambda _: WAIVERS)


def test_whoever_holds_a_file_is_waited_for_and_not_for_ever(tmp_path, monkeypatch):
    monkeypatch.setattr("postguard.records.files.PATIENCE", 0.05)
    with held(tmp_path / "x"), pytest.raises(RecordError, match="Another postguard"), held(tmp_path / "x"):
        pass
    with held(tmp_path / "x"):
        pass


def test_a_drive_that_knows_no_locks_is_said(tmp_path, monkeypatch):
    def no_locks(handle: int) -> bool:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("postguard.records.files._take", no_locks)
    with pytest.raises(RecordError, match="not supported"), held(tmp_path / "x"):
        pass


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a forked process")
def test_killed_at_random_points_a_file_is_the_old_one_or_the_new_one(tmp_path):
    """kill -9 while waivers, confirmations and a plain file are replaced over and over: never torn, never gone."""
    rng = random.Random(6)
    path = tmp_path / "file"
    contents = [bytes([65 + n]) * 200_000 for n in range(2)]
    write_whole(path, contents[0])
    save_confirmations(tmp_path, ANSWERS, now=NOW)
    change_waivers(tmp_path, lambda _: WAIVERS)
    fewer = replace(WAIVERS, somebody_else=())
    seen = set()
    for _ in range(50):
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                while True:
                    for n in range(2):
                        os.write(writer, b".")
                        write_whole(path, contents[n])
                        change_waivers(tmp_path, lambda w: fewer if w == WAIVERS else WAIVERS)
                        save_confirmations(tmp_path, Confirmations() if n else ANSWERS, now=NOW)
            finally:
                os._exit(1)
        os.close(writer)
        for _ in range(rng.randrange(1, 4)):
            os.read(reader, 1)  # it is at work now, on the one content or the other
        time.sleep(rng.uniform(0, 0.02))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(reader)
        data = path.read_bytes()
        seen.add(data[:1])
        assert data in contents
        assert load_waivers(tmp_path) in (WAIVERS, fewer)
        answers, unchecked = load_confirmations(tmp_path)
        assert answers in (ANSWERS, Confirmations()) and not unchecked
    assert seen == {b"A", b"B"}, "it was always killed at the same point: this proves nothing"
    write_whole(path, contents[0])
    assert not list(tmp_path.glob(".file-*.part")), "what a killed writer left is swept by the next"
