"""`check --receipt` and `verify`: a gate for a script that publishes."""

import json
import subprocess
import sys

import pytest
from staged_faces import CLEAR, refuse, stage

POST = "---\npeople: 1\n---\nA good day for all."


@pytest.fixture
def passed(postguard, monkeypatch, draft, tmp_path):
    stage(monkeypatch, **{"IMG_1.jpg": [{"P04": CLEAR}]})
    folder = draft(POST, **{"IMG_1.jpg": b"bytes"})
    receipt = tmp_path / "monday.receipt"
    assert postguard("check", folder, "--receipt", receipt).code == 0
    return folder, receipt


def test_what_passed_may_be_published(postguard, passed):
    folder, receipt = passed
    ran = postguard("verify", receipt, folder)
    assert ran.code == 0 and "This is what passed for twitter" in ran.out


def test_what_was_changed_may_not(postguard, passed):
    folder, receipt = passed
    (folder / "IMG_1.jpg").write_bytes(b"other")
    ran = postguard("verify", receipt, folder)
    assert ran.code == 1 and "not the draft that was passed" in ran.out
    (folder / "IMG_1.jpg").write_bytes(b"bytes")
    (folder / "IMG_2.jpg").write_bytes(b"one more")
    assert postguard("verify", receipt, folder).code == 1
    (folder / "IMG_2.jpg").unlink()
    (folder / "post.md").write_text(POST + " More.")
    assert postguard("verify", receipt, folder).code == 1


def test_consent_withdrawn_since_stops_it_and_nobody_is_named(postguard, school, passed):
    folder, receipt = passed
    refuse(school, "P04")
    ran = postguard("verify", receipt, folder)
    assert ran.code == 1 and "no longer" in ran.out
    assert "P04" not in ran.said and "Callum" not in ran.said


def test_a_receipt_the_journal_does_not_know_is_none(postguard, school, passed):
    folder, receipt = passed
    for name in ("journal.jsonl", "journal.head", "journal.key"):
        (school / ".postguard" / name).unlink()
    ran = postguard("verify", receipt, folder)
    assert ran.code == 1 and "knows nothing of this receipt" in ran.out


def test_another_channel_is_another_matter(postguard, passed):
    folder, receipt = passed
    assert postguard("verify", receipt, folder, "--channel", "website").code == 1


def test_a_later_check_that_failed_ends_the_receipt(postguard, monkeypatch, passed):
    folder, receipt = passed
    stage(monkeypatch, **{"IMG_1.jpg": [{"P02": CLEAR}]})
    assert postguard("check", folder).code == 1
    ran = postguard("verify", receipt, folder)
    assert ran.code == 1 and "later check" in ran.out


def test_what_failed_gets_no_receipt_and_says_so(postguard, monkeypatch, draft, tmp_path):
    stage(monkeypatch, **{"IMG_1.jpg": [{"P02": CLEAR}]})
    folder = draft(POST, **{"IMG_1.jpg": b"bytes"})
    ran = postguard("check", folder, "--receipt", tmp_path / "r")
    assert ran.code == 1 and "no receipt" in ran.err
    assert not (tmp_path / "r").exists()


def test_a_check_as_of_a_past_day_gives_no_receipt_and_no_pass(postguard, draft, tmp_path):
    folder = draft("A good day for all.")
    assert postguard("check", folder, "--date", "2026-11-01").code == 0
    ran = postguard("check", folder, "--date", "2026-11-01", "--receipt", tmp_path / "r")
    assert ran.code == 2 and "past day" in ran.err
    assert not (tmp_path / "r").exists()


def test_a_receipt_is_for_one_draft_in_a_folder(postguard, school, draft, tmp_path):
    draft("One.", name="a")
    draft("Two.", name="b")
    assert postguard("check", school / "drafts", "--receipt", tmp_path / "r").code == 2
    assert (
        postguard("check", "--text", "x", "--roster", school / "consent_roster.yaml", "--receipt", tmp_path / "r").code
        == 2
    )
    inside = school / "drafts" / "a" / "r"
    assert postguard("check", school / "drafts" / "a", "--receipt", inside).code == 2
    assert not inside.exists()


def test_a_receipt_that_is_none_is_no_verdict(postguard, passed, tmp_path):
    folder, receipt = passed
    receipt.write_text(receipt.read_text().replace('"faces": 1', '"faces": 2'))
    assert postguard("verify", receipt, folder).code == 2
    assert postguard("verify", tmp_path / "nowhere", folder).code == 2
    assert postguard("verify", receipt, folder.parent).code == 2


def test_a_check_writes_its_line_without_names(postguard, school, passed):
    lines = [json.loads(line) for line in (school / ".postguard" / "journal.jsonl").read_text().splitlines()]
    assert [line["event"] for line in lines] == ["check", "receipt"]
    assert lines[0]["verdict"] == "pass" and lines[0]["draft"] == lines[1]["draft"]
    assert not any(word in str(lines) for word in ("P04", "Callum", "IMG_1", "good day"))


def test_without_a_journal_there_is_no_pass_but_a_failure_is_still_one(postguard, school, draft):
    good, bad = draft("A good day for all.", name="good"), draft("Well done Jamie Reid.", name="bad")
    assert postguard("check", good).code == 0
    (school / ".postguard" / "journal.key").unlink()
    ran = postguard("check", good)
    assert ran.code == 2 and "key" in ran.err and "PASS" not in ran.out
    ran = postguard("check", bad)
    assert ran.code == 1 and "key" in ran.err and "FAIL" in ran.out


def test_verify_loads_no_engine_and_no_array(passed):
    folder, receipt = passed
    words = (
        "import sys; from postguard.cli import group; from postguard.cli.ending import run\n"
        f"code = run(group, ['verify', {str(receipt)!r}, {str(folder)!r}])\n"
        "heavy = {'numpy', 'cv2', 'dlib', 'PIL', 'face_recognition', 'onnxruntime', 'rich'} & set(sys.modules)\n"
        "print(code, sorted(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "0 []"
