"""The journal: every line is there, in its place, as it was written, or somebody is told."""

import json
import os
import random
import signal
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from postguard.domain.errors import RecordError
from postguard.records import journal
from postguard.records.files import write_whole
from postguard.records.journal import EVENTS, append, entries, failed_since, verify
from postguard.records.lock import lock

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a forked process")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def fill(folder: Path, lines: int = 5) -> Path:
    for number in range(lines):
        append(folder, "enrol", now=NOW + timedelta(minutes=number), people=number)
    return folder / "journal.jsonl"


def people(folder: Path) -> list[int]:
    return [line["people"] for line in entries(folder) if line.get("event") == "enrol"]


def test_lines_are_kept_in_order_and_the_journal_is_whole(tmp_path):
    fill(tmp_path)
    assert people(tmp_path) == [0, 1, 2, 3, 4]
    found = verify(tmp_path)
    assert (found.lines, found.problems, found.notes) == (5, (), ())


def test_only_its_owner_may_read_it(tmp_path):
    path = fill(tmp_path)
    path.chmod(0o644)
    append(tmp_path, "lock")
    for name in ("journal.jsonl", "journal.key", "journal.head"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("number", range(5))
def test_a_changed_line_shows(tmp_path, number):
    path = fill(tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    lines[number] = lines[number].replace(f'"people":{number}'.encode(), b'"people":9')
    path.write_bytes(b"".join(lines))
    assert any(f"Line {number + 1} was changed" in problem for problem in verify(tmp_path).problems)


@pytest.mark.parametrize("number", range(5))
def test_a_missing_line_shows(tmp_path, number):
    path = fill(tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    del lines[number]
    path.write_bytes(b"".join(lines))
    assert verify(tmp_path).problems


@pytest.mark.parametrize("number", range(4))
def test_reordered_lines_show(tmp_path, number):
    path = fill(tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    lines[number], lines[number + 1] = lines[number + 1], lines[number]
    path.write_bytes(b"".join(lines))
    assert verify(tmp_path).problems


def test_lines_made_without_the_key_show(tmp_path):
    """A chain of plain hashes could be made anew by anybody; this one needs the key."""
    path = fill(tmp_path)
    elsewhere = tmp_path / "elsewhere"
    fill(elsewhere)
    path.write_bytes((elsewhere / "journal.jsonl").read_bytes())
    assert len(verify(tmp_path).problems) >= 5


def test_missing_last_lines_show_even_after_more_was_written(tmp_path):
    path = fill(tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:3]))
    assert "missing" in verify(tmp_path).problems[0]
    notes = append(tmp_path, "enrol", people=9)
    assert "missing" in notes[0]
    assert any("missing" in problem for problem in verify(tmp_path).problems)


def test_a_journal_that_is_gone_shows(tmp_path):
    fill(tmp_path).unlink()
    assert "gone" in verify(tmp_path).problems[0]
    append(tmp_path, "enrol", people=9)
    assert "missing" in verify(tmp_path).problems[0]


def test_a_head_that_is_gone_or_changed_shows(tmp_path):
    fill(tmp_path)
    head = tmp_path / "journal.head"
    head.write_text(head.read_text().replace('"bytes": ', '"bytes": 1'))
    assert "was changed" in verify(tmp_path).problems[0]
    head.unlink()
    assert "gone" in verify(tmp_path).problems[0]


@pytest.mark.parametrize("harm", ["gone", "changed"])
def test_writing_on_does_not_cover_up_a_head_that_was_gone_or_changed(tmp_path, harm):
    path = fill(tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-2]))
    if harm == "gone":
        (tmp_path / "journal.head").unlink()
    else:
        (tmp_path / "journal.head").write_text("{}")
    assert any("may be missing" in note for note in append(tmp_path, "lock"))
    append(tmp_path, "unlock")
    assert [problem for problem in verify(tmp_path).problems if "Before line 4 lines may be missing" in problem]


def test_a_crash_right_after_the_first_line_is_no_problem(tmp_path, monkeypatch):
    def crash(path, data):
        if path.name == "journal.head" and b'"bytes": 0' not in data:
            raise RecordError("power cut")
        write_whole(path, data)

    monkeypatch.setattr(journal, "write_whole", crash)
    with pytest.raises(RecordError, match="power cut"):
        append(tmp_path, "lock")
    monkeypatch.undo()
    assert append(tmp_path, "unlock") == ()
    assert (verify(tmp_path).lines, verify(tmp_path).problems) == (2, ())


def test_no_journal_yet_is_no_problem(tmp_path):
    found = verify(tmp_path)
    assert (found.lines, found.problems) == (0, ())


def test_a_lost_key_stops_and_makes_no_new_one(tmp_path):
    fill(tmp_path)
    (tmp_path / "journal.key").unlink()
    for call in (lambda: append(tmp_path, "lock"), lambda: verify(tmp_path)):
        with pytest.raises(RecordError, match="key"):
            call()
    assert not (tmp_path / "journal.key").exists()


def test_a_torn_last_line_is_repaired_at_every_byte_and_said(tmp_path):
    """Whatever a crash left of the last line: what was whole before stays, and the next line goes on from there."""
    path = fill(tmp_path, 3)
    whole = path.read_bytes()
    head = (tmp_path / "journal.head").read_bytes()
    append(tmp_path, "enrol", people=3)
    last = path.read_bytes()[len(whole) :]
    for cut in range(1, len(last)):
        path.write_bytes(whole + last[:cut])
        (tmp_path / "journal.head").write_bytes(head)  # it is written after the line, so a crash leaves the old one
        assert verify(tmp_path).problems == ()
        notes = append(tmp_path, "enrol", people=4)
        assert notes and "torn" in notes[0]
        found = verify(tmp_path)
        assert found.problems == ()
        if cut == len(last) - 1:  # only the line end was missing: the line itself is not lost
            assert people(tmp_path) == [0, 1, 2, 3, 4]
        else:
            assert people(tmp_path) == [0, 1, 2, 4]
            assert any("cut off" in note for note in found.notes)


def test_a_clock_that_went_back_is_noted_and_no_problem(tmp_path):
    append(tmp_path, "lock", now=NOW)
    append(tmp_path, "unlock", now=NOW - timedelta(hours=1))
    append(tmp_path, "lock", now=NOW - timedelta(hours=1, seconds=1))
    found = verify(tmp_path)
    assert found.problems == ()
    assert found.notes == ("Line 2: the clock had gone back by 3600 seconds.",)
    back = append(tmp_path, "unlock", now=NOW - timedelta(days=2))
    assert back == ("This computer's clock has gone back by 46 hours. Consent ends by it: set it right.",)
    assert append(tmp_path, "lock", now=NOW - timedelta(days=2)) == ()


def test_there_is_no_room_for_anything_but_what_is_listed(tmp_path):
    with pytest.raises(ValueError, match="no room"):
        append(tmp_path, "check", pupil="P02")
    with pytest.raises(ValueError, match="no room"):
        append(tmp_path, "gossip")
    listed = {name for names in EVENTS.values() for name in names}
    assert not listed & {"person", "pupil", "name", "text", "reason", "face", "region", "part", "picture"}


def test_while_the_records_are_locked_nothing_is_written(tmp_path):
    fill(tmp_path)
    lock(tmp_path, "three random words")
    with pytest.raises(RecordError, match="locked"):
        append(tmp_path, "lock")
    with pytest.raises(RecordError, match="locked"):
        verify(tmp_path)


def test_a_later_failing_check_of_the_same_draft_is_found(tmp_path):
    draft = "d" * 64
    append(tmp_path, "check", now=NOW, draft=draft, channel="twitter", verdict="fail")
    append(tmp_path, "check", now=NOW, draft=draft, channel="twitter", verdict="pass")
    assert failed_since(tmp_path, "r", draft, "twitter") is None
    append(tmp_path, "receipt", now=NOW, draft=draft, channel="twitter", receipt="r")
    assert failed_since(tmp_path, "r", draft, "twitter") is False
    append(tmp_path, "check", now=NOW + timedelta(hours=1), draft=draft, channel="website", verdict="fail")
    append(tmp_path, "check", now=NOW + timedelta(hours=1), draft="e" * 64, channel="twitter", verdict="fail")
    assert failed_since(tmp_path, "r", draft, "twitter") is False
    append(tmp_path, "check", now=NOW - timedelta(hours=1), draft=draft, channel="twitter", verdict="fail")
    assert failed_since(tmp_path, "r", draft, "twitter") is True, "though the clock jumped back"
    append(tmp_path, "receipt", now=NOW, draft=draft, channel="twitter", receipt="s")
    assert failed_since(tmp_path, "s", draft, "twitter") is False


@needs_fork
def test_a_full_disk_leaves_the_journal_as_it_was(tmp_path):
    import resource

    path = fill(tmp_path)
    before = path.read_bytes()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            room = len(before) + 40  # a part of the next line fits, and no more
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
            append(tmp_path, "enrol", people=9)
        except RecordError:
            code = 7
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert path.read_bytes() == before
    append(tmp_path, "enrol", people=5)
    assert verify(tmp_path).problems == ()


@needs_fork
def test_killed_at_random_points_nothing_that_was_written_is_lost(tmp_path):
    """kill -9 while it writes, many times. What was acknowledged is there, and the chain is whole after repair."""
    rng = random.Random(20261123)
    acknowledged: list[int] = []
    number = 0
    for _ in range(50):
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                for count in range(number, number + 100_000):
                    append(tmp_path, "enrol", people=count)
                    os.write(writer, f"{count}\n".encode())
            finally:
                os._exit(1)
        os.close(writer)
        with os.fdopen(reader) as said:
            acknowledged.append(int(said.readline()))  # it is at work now
            time.sleep(rng.uniform(0, 0.02))
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            acknowledged += [int(line) for line in said]
        number = max(people(tmp_path)) + 1
        append(tmp_path, "enrol", people=number)
        acknowledged.append(number)
        number += 1
    kept = people(tmp_path)
    assert set(acknowledged) <= set(kept)
    assert kept == sorted(set(kept))
    assert verify(tmp_path).problems == ()


def test_two_at_once_take_turns(tmp_path):
    import subprocess

    words = (
        "import sys; from pathlib import Path; from postguard.records.journal import append\n"
        "for n in range(25): append(Path(sys.argv[1]), 'enrol', people=n)"
    )
    running = [subprocess.Popen([sys.executable, "-c", words, str(tmp_path)]) for _ in range(3)]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    found = verify(tmp_path)
    assert (found.lines, found.problems, found.notes) == (75, (), ())


def test_what_is_shown_holds_no_hash_of_the_chain(tmp_path):
    fill(tmp_path, 1)
    (line,) = entries(tmp_path)
    assert set(line) == {"at", "event", "people"}


def test_odd_bytes_in_the_file_are_a_problem_and_no_crash(tmp_path):
    path = fill(tmp_path, 2)
    with path.open("ab") as file:
        file.write(b"\xff\xfe{}\n[1]\n" + json.dumps({"at": "x", "mac": 3}).encode() + b"\n")
    assert len(verify(tmp_path).problems) == 3
    append(tmp_path, "enrol", people=2)
    assert people(tmp_path) == [0, 1, 2]
    assert journal.entries(tmp_path)
