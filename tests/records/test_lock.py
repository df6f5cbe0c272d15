"""At rest: sealed and opened again, and nothing lost whatever goes wrong."""

import os
import random
import signal
import time

import pytest

from postguard.domain.errors import RecordError
from postguard.records import files
from postguard.records import lock as at_rest
from postguard.records.lock import FILE, is_locked, lock, refuse_locked, unlock

WORDS = "three random words"
RECORDS = {
    "gallery.npz": bytes(range(256)) * 500,
    "waivers.json": b'{"a": 1}\n\n{',
    "journal.key": b"k" * 64 + b"\n",
    "incidents/2026-11-23-1.md": "Größe\n".encode(),
}
OPEN = {"journal.jsonl": b"{}\n", "receipt_key.pem": b"pem"}


@pytest.fixture(autouse=True)
def a_quick_scrypt(monkeypatch):
    """The real cost is tried once, in test_a_try_costs_what_scrypt_is_told_to."""
    monkeypatch.setattr(at_rest, "_SCRYPT_N", 2**10)


@pytest.fixture
def folder(tmp_path):
    for name, data in {**RECORDS, **OPEN}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    return tmp_path


def records(folder):
    return {name: (folder / name).read_bytes() for name in RECORDS if (folder / name).exists()}


def test_locked_there_is_nothing_to_read_and_unlocked_all_is_back(folder):
    assert lock(folder, WORDS).files == 4
    assert records(folder) == {}
    sealed = (folder / FILE).read_bytes()
    assert not any(data[:16] in sealed for data in RECORDS.values())
    assert (folder / FILE).stat().st_mode & 0o777 == 0o600
    assert {name: (folder / name).read_bytes() for name in OPEN} == OPEN
    assert unlock(folder, WORDS).files == 4
    assert records(folder) == RECORDS
    assert not is_locked(folder)
    assert all((folder / name).stat().st_mode & 0o777 == 0o600 for name in RECORDS)


def test_while_it_is_locked_everybody_is_told(folder):
    refuse_locked(folder)
    lock(folder, WORDS)
    with pytest.raises(RecordError, match="locked"):
        refuse_locked(folder)


def test_a_wrong_passphrase_changes_nothing(folder):
    lock(folder, WORDS)
    sealed = (folder / FILE).read_bytes()
    for wrong in ("three random word", "", WORDS + " ", WORDS.upper()):
        with pytest.raises(RecordError, match="not the passphrase"):
            unlock(folder, wrong)
    assert (folder / FILE).read_bytes() == sealed
    assert records(folder) == {}


def test_damage_anywhere_is_told_from_a_wrong_passphrase_and_changes_nothing(folder):
    lock(folder, WORDS)
    sealed = (folder / FILE).read_bytes()
    places = [*range(0, 400, 7), *range(400, len(sealed), len(sealed) // 40), len(sealed) - 1]
    for place in places:
        damaged = bytearray(sealed)
        damaged[place] ^= 1
        (folder / FILE).write_bytes(damaged)
        with pytest.raises(RecordError, match=r"damaged|another version"):
            unlock(folder, WORDS)
        assert (folder / FILE).read_bytes() == damaged
    for cut in (0, 1, 20, 300, len(sealed) - 1):
        (folder / FILE).write_bytes(sealed[:cut])
        with pytest.raises(RecordError, match=r"damaged|another version"):
            unlock(folder, WORDS)
    (folder / FILE).write_bytes(sealed)
    unlock(folder, WORDS)
    assert records(folder) == RECORDS


def test_another_version_is_said(folder):
    lock(folder, WORDS)
    path = folder / FILE
    path.write_bytes(path.read_bytes().replace(b"postguard-locked/1", b"postguard-locked/0"))
    with pytest.raises(RecordError, match="another version"):
        unlock(folder, WORDS)


def test_a_short_passphrase_or_nothing_to_lock_is_refused(folder, tmp_path):
    with pytest.raises(RecordError, match="shorter"):
        lock(folder, "short")
    assert records(folder) == RECORDS
    with pytest.raises(RecordError, match="nothing to lock"):
        lock(tmp_path / "empty", WORDS)
    with pytest.raises(RecordError, match="not locked"):
        unlock(folder, WORDS)


def test_after_a_crash_between_sealing_and_removing_both_ways_out_work(folder):
    lock(folder, WORDS)
    sealed = (folder / FILE).read_bytes()
    unlock(folder, WORDS)
    (folder / FILE).write_bytes(sealed)  # as a crash leaves it: sealed, and the open files still there
    lock(folder, WORDS)
    assert records(folder) == {}
    unlock(folder, WORDS)
    assert records(folder) == RECORDS


def test_open_records_that_differ_from_the_locked_ones_are_never_overwritten(folder):
    lock(folder, WORDS)
    (folder / "waivers.json").write_bytes(b"somebody's work")
    for call in (lock, unlock):
        with pytest.raises(RecordError, match="another one"):
            call(folder, WORDS)
    assert (folder / "waivers.json").read_bytes() == b"somebody's work"
    assert is_locked(folder)


def test_two_locks_of_the_same_records_have_nothing_in_common(folder):
    lock(folder, WORDS)
    first = (folder / FILE).read_bytes()
    unlock(folder, WORDS)
    lock(folder, WORDS)
    second = (folder / FILE).read_bytes()
    assert first[-400:] != second[-400:] and first[19:200] != second[19:200]


def test_a_try_costs_what_scrypt_is_told_to(folder, monkeypatch):
    monkeypatch.undo()
    lock(folder, WORDS)
    assert b"[131072, 8, 1]" in (folder / FILE).read_bytes()[:80]


@pytest.mark.parametrize("name", ["gallery.npz", "waivers.json", "journal.jsonl"])
@pytest.mark.parametrize("call", [lock, unlock])
def test_what_somebody_is_writing_is_not_sealed_without_it(folder, monkeypatch, name, call):
    if call is unlock:
        lock(folder, WORDS)
    before = records(folder)
    monkeypatch.setattr(files, "PATIENCE", 0.05)
    with files.held(folder / name), pytest.raises(RecordError, match="at work on"):
        call(folder, WORDS)
    assert records(folder) == before and is_locked(folder) is (call is unlock)
    call(folder, WORDS)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a forked process")
def test_killed_at_random_points_nothing_is_lost(folder):
    """kill -9 while it locks and unlocks over and over: the records can always be had back, whole."""
    rng = random.Random(13)
    for _ in range(40):
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                while True:
                    os.write(writer, b".")
                    (unlock if is_locked(folder) else lock)(folder, WORDS)
            finally:
                os._exit(1)
        os.close(writer)
        os.read(reader, 1)
        time.sleep(rng.uniform(0, 0.06))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(reader)
        if is_locked(folder):
            unlock(folder, WORDS)
        assert records(folder) == RECORDS
