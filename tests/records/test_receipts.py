"""Receipts: whose they are, what they are about, and what ends them."""

import base64
import hashlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from postguard.domain.drafts import AltText, Draft, Picture, Unchecked
from postguard.domain.errors import RecordError
from postguard.domain.evidence import (
    Decision,
    Evidence,
    Face,
    How,
    Mention,
    Outcome,
    Photograph,
    Region,
)
from postguard.domain.people import Consent, Person, Roster
from postguard.domain.policy import Policy
from postguard.domain.report import Report, Waived
from postguard.domain.rules import Finding, Severity
from postguard.records.receipts import against, read_receipt, school_key, sha256_of_file, write_receipt

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
SHA = "a" * 64
SHAS = {"IMG_1.jpg": SHA}
POLICY = Policy(fingerprint="sha256:settings")


def person(who: str, granted: bool = True, **more) -> Person:
    return Person(id=who, name=f"Name {who}", consent=(Consent(channel="twitter", granted=granted, **more),))


ROSTER = Roster(
    school="Test", people=(person("P01"), person("P02", False), person("P03")), fingerprint="sha256:register"
)
DRAFT = Draft(
    name="d",
    path=Path("nowhere/d"),
    text="A good day.",
    pictures=(Picture(part="IMG_1.jpg", path=Path("nowhere/d/IMG_1.jpg")),),
    alt=(AltText(part="IMG_1.jpg", text="Children planting a tree"),),
)


def report(**changes) -> Report:
    face = Face(part="IMG_1.jpg", number=1, region=Region(x=1, y=1, width=40, height=40))
    evidence = Evidence(
        draft=DRAFT,
        channel="twitter",
        date=TODAY,
        photographs=(Photograph(part="IMG_1.jpg", sha256=SHA, width=9, height=9, size=9, format="JPEG"),),
        decisions=(Decision(face=face, outcome=Outcome.CLEARED, person="P01"),),
        means=("compared by two encoders",),
    )
    return Report(draft="d", evidence=replace(evidence, **changes), findings=(), register=ROSTER.fingerprint, waived=())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / ".postguard"


@pytest.fixture
def receipt(tmp_path: Path, folder: Path) -> Path:
    return written(tmp_path, folder, report())


def written(tmp_path: Path, folder: Path, of: Report, roster: Roster = ROSTER) -> Path:
    path = tmp_path / "d.receipt"
    write_receipt(path, of, roster=roster, policy=POLICY, folder=folder, now=NOW)
    return path


def reasons(
    receipt, folder, draft=DRAFT, sha_of=SHAS, roster=ROSTER, policy=POLICY, channel="twitter", on=TODAY, **more
):
    statement = read_receipt(receipt, folder)
    more = {"failed_since": False} | more
    return against(
        statement, draft, sha_of, roster=roster, policy=policy, folder=folder, channel=channel, on=on, **more
    )


def test_a_receipt_is_good_for_the_draft_that_passed(receipt, folder):
    assert reasons(receipt, folder) == ()


def test_it_names_nobody_and_no_file(receipt):
    words = receipt.read_text()
    assert not any(name in words for name in ("P01", "P02", "P03", "Name", "IMG_1", "good day", "planting"))


def test_who_is_in_it_cannot_be_found_by_trying_ids(receipt):
    people = json.loads(receipt.read_text())["statement"]["people"]
    assert len(people) == 1
    assert people[0] not in [hashlib.sha256(f"P0{n}".encode()).hexdigest() for n in range(10)]


RENAMED = replace(
    DRAFT,
    pictures=(replace(DRAFT.pictures[0], part="jamie.jpg"),),
    alt=(AltText(part="jamie.jpg", text=DRAFT.alt[0].text),),
)


@pytest.mark.parametrize(
    "changed",
    [
        {"draft": replace(DRAFT, text="A good day!")},
        {"draft": replace(DRAFT, text=None)},
        {"draft": replace(DRAFT, alt=())},
        {"draft": replace(DRAFT, alt=(AltText(part="IMG_1.jpg", text="Others"),))},
        {"draft": replace(DRAFT, pictures=())},
        {"draft": replace(DRAFT, pictures=(*DRAFT.pictures, Picture(part="IMG_2.jpg", path=Path("x"))))},
        {"draft": replace(DRAFT, problems=(Unchecked(part="x", reason="odd"),))},
        {"draft": RENAMED, "sha_of": {"jamie.jpg": SHA}},
        {"sha_of": {"IMG_1.jpg": "b" * 64}},
        {"sha_of": {"IMG_1.jpg": ""}},
        {"channel": "website"},
        {"policy": Policy(fingerprint="sha256:others")},
        {"on": TODAY - timedelta(days=1)},
        {"failed_since": True},
        {"failed_since": None},
        {"roster": replace(ROSTER, people=(person("P01", False),))},
        {"roster": replace(ROSTER, people=(person("P01", withdrawn=TODAY),))},
        {"roster": replace(ROSTER, people=(person("P01", until=TODAY - timedelta(days=1)),))},
        {"roster": replace(ROSTER, people=(replace(person("P01"), high_risk=True),))},
        {"roster": replace(ROSTER, people=(person("P03"),))},
    ],
    ids=[
        "text", "no text", "no alt", "alt", "no picture", "one picture more", "something odd in it", "renamed", "bytes",
        "unreadable", "channel", "settings", "another day", "failed since", "not in the journal", "refused",
        "withdrawn", "expired", "protected", "forgotten",
    ],
)  # fmt: skip
def test_it_ends_when_anything_that_counts_changes(receipt, folder, changed):
    assert len(reasons(receipt, folder, **changed)) == 1


def test_any_change_of_the_roster_ends_it(receipt, folder):
    """Somebody new may be called as the post says, or look like who is in it: only a check can tell."""
    assert reasons(receipt, folder, on=TODAY + timedelta(days=3)) == ()
    others = replace(ROSTER, people=(*ROSTER.people, person("P04", False)), fingerprint="sha256:new")
    assert len(reasons(receipt, folder, roster=others)) == 1


def test_somebody_named_counts_as_well(tmp_path, folder):
    mention = Mention(part="text", start=0, end=1, person="P03", how=How.EXACT)
    path = written(tmp_path, folder, report(mentions=(mention,)))
    assert reasons(path, folder, roster=replace(ROSTER, people=(person("P01"), person("P03", False))))


def test_it_ends_with_the_shortest_vouch(tmp_path, folder):
    finding = Finding(rule="PG102", severity=Severity.BLOCK, part="IMG_1.jpg", message="m")
    waived = [Waived(finding=finding, by="head", until=day) for day in ("2026-12-24", "2026-11-30", None)]
    path = written(tmp_path, folder, replace(report(), waived=tuple(waived)))
    assert reasons(path, folder, on=date(2026, 11, 30)) == ()
    assert len(reasons(path, folder, on=date(2026, 12, 1))) == 1


def test_a_changed_receipt_is_none(receipt, folder):
    good = receipt.read_text()
    for key, value in json.loads(good)["statement"].items():
        bad = json.loads(good)
        bad["statement"][key] = [] if isinstance(value, list) and value else "x"
        receipt.write_text(json.dumps(bad))
        with pytest.raises(RecordError, match="signature"):
            read_receipt(receipt, folder)


def test_no_changed_byte_goes_unnoticed(receipt, folder):
    whole = receipt.read_bytes()
    assert read_receipt(receipt, folder)
    for at in range(0, len(whole), 7):
        receipt.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(RecordError):
            read_receipt(receipt, folder)


def test_what_is_said_twice_is_no_receipt(receipt, folder):
    """Signed content reads the same to us, and otherwise to somebody who looks at the first of the two."""
    twice = receipt.read_text().replace('"channel": "twitter"', '"channel": "website",\n    "channel": "twitter"')
    receipt.write_text(twice)
    with pytest.raises(RecordError, match="not as it was written"):
        read_receipt(receipt, folder)


def test_a_truncated_or_foreign_file_is_none(receipt, folder):
    whole = receipt.read_bytes()
    for content in [*(whole[:cut] for cut in range(0, len(whole) - 1, 97)), b"[]", b"\xff\xfe", b"[" * 100_000]:
        receipt.write_bytes(content)
        with pytest.raises(RecordError):
            read_receipt(receipt, folder)
    receipt.unlink()
    with pytest.raises(RecordError, match="no receipt"):
        read_receipt(receipt, folder)


def test_a_receipt_signed_with_another_key_is_none(receipt, folder, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    other = written(tmp_path, elsewhere, report())
    with pytest.raises(RecordError, match="another key"):
        read_receipt(other, folder)
    forged = json.loads(other.read_text())
    forged["key"] = base64.b64encode(school_key(folder, make=False).public_key().public_bytes_raw()).decode()
    other.write_text(json.dumps(forged))
    with pytest.raises(RecordError, match="signature"):
        read_receipt(other, folder)


def test_what_did_not_pass_gets_no_receipt(tmp_path, folder):
    finding = Finding(rule="PG102", severity=Severity.BLOCK, part="IMG_1.jpg", message="m")
    for failed in (
        replace(report(), findings=(finding,)),
        report(unchecked=(Unchecked(part="x", reason="odd"),)),
        report(date=TODAY - timedelta(days=1)),
        report(photographs=()),
        report(draft=replace(DRAFT, path=tmp_path)),
    ):
        with pytest.raises(RecordError):
            written(tmp_path, folder, failed)
    assert not (tmp_path / "d.receipt").exists()


def test_the_key_is_one_that_others_can_read_too_and_its_owner_alone(receipt, folder):
    path = folder / "receipt_key.pem"
    assert path.stat().st_mode & 0o777 == 0o600
    theirs = load_pem_private_key(path.read_bytes(), password=None)
    assert theirs.public_key() == school_key(folder, make=False).public_key()


def test_a_damaged_or_missing_key_is_said_and_stays(receipt, folder):
    path = folder / "receipt_key.pem"
    whole = path.read_bytes()
    for content in (b"", whole[:-30], whole.replace(b"MC4C", b"MC4D"), b"-----BEGIN PRIVATE KEY-----\n@@\n-----END\n"):
        path.write_bytes(content)
        with pytest.raises(RecordError, match="damaged"):
            school_key(folder, make=True)
        assert path.read_bytes() == content
    path.unlink()
    with pytest.raises(RecordError, match="no key"):
        read_receipt(receipt, folder)


def test_a_file_that_cannot_be_read_equals_no_other(tmp_path):
    assert sha256_of_file(tmp_path / "nowhere") == ""
    (tmp_path / "x").write_bytes(b"x")
    assert sha256_of_file(tmp_path / "x") == hashlib.sha256(b"x").hexdigest()
