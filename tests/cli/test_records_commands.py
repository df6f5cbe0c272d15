"""`journal`, `incident`, `lock` and `unlock` through the command line."""

import json

import pytest

from postguard.records import lock as at_rest


@pytest.fixture
def at_school(monkeypatch, school):
    monkeypatch.chdir(school)
    return school


@pytest.fixture
def secret(monkeypatch, tmp_path):
    monkeypatch.setattr(at_rest, "_SCRYPT_N", 2**10)
    path = tmp_path / "passphrase"
    path.write_text("three random words\n")
    monkeypatch.setenv("POSTGUARD_PASSPHRASE_FILE", str(path))
    return path


def test_a_whole_journal_and_a_changed_one(postguard, at_school, draft):
    assert postguard("check", draft("A good day for all.")).code == 0
    assert postguard("journal", "verify").code == 0
    shown = postguard("journal", "show").out
    assert "check" in shown and "verdict=pass" in shown
    path = at_school / ".postguard" / "journal.jsonl"
    path.write_text(path.read_text().replace('"verdict":"pass"', '"verdict":"fail"'))
    ran = postguard("journal", "verify")
    assert ran.code == 1 and "Line 1 was changed." in ran.out


def test_the_last_lines_as_json(postguard, at_school, draft):
    for number in range(3):
        postguard("check", draft("A good day for all.", name=f"d{number}"))
    lines = postguard("journal", "show", "--last", "2", "--json").out.splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["check", "check"]


def test_an_empty_journal_is_said(postguard, at_school):
    assert "nothing in the journal" in postguard("journal", "show").err
    assert postguard("journal", "verify").code == 0


def test_an_incident_is_kept_with_its_hash_in_the_journal(postguard, at_school):
    ran = postguard(
        "incident", "--kind", "posted", "--by", "S01", "--on", "2026-11-20", "--note", "P02 on the website."
    )
    assert ran.code == 0
    (note,) = (at_school / ".postguard" / "incidents").glob("*.md")
    assert "P02 on the website." in note.read_text() and note.stat().st_mode & 0o777 == 0o600
    journal = (at_school / ".postguard" / "journal.jsonl").read_text()
    assert "posted" in journal and "P02" not in journal
    assert postguard("incident", "--kind", "other", "--by", "S01", "--note", "x").code == 0
    assert len(list((at_school / ".postguard" / "incidents").glob("*.md"))) == 2


SAYS_NOTHING = [
    ("--note", " "),
    ("--note", "x", "--on", "2999-01-01"),
    ("--note", "x", "--kind", "gossip"),
    ("--note", "x", "--by", "Nobody"),
]


@pytest.mark.parametrize("arguments", SAYS_NOTHING)
def test_an_incident_that_says_nothing_is_refused(postguard, at_school, arguments):
    assert postguard("incident", "--kind", "other", "--by", "S01", *arguments).code == 2
    assert not (at_school / ".postguard" / "journal.jsonl").exists()


def test_locked_nothing_can_be_checked_and_unlocked_all_is_as_before(postguard, at_school, draft, secret):
    folder = draft("A good day for all.")
    assert postguard("check", folder).code == 0
    assert postguard("lock").code == 0
    for command in (("check", folder), ("journal", "verify"), ("vouch", folder), ("confirm", folder), ("enrol",)):
        ran = postguard(*command)
        assert ran.code == 2 and "locked" in ran.err, command
        assert "unlock" in ran.err
    assert not (at_school / ".postguard" / "journal.key").exists()
    assert postguard("unlock").code == 0
    assert postguard("check", folder).code == 0
    assert postguard("journal", "verify").code == 0


def test_a_wrong_passphrase_is_said_and_changes_nothing(postguard, at_school, draft, secret):
    postguard("check", draft("A good day for all."))
    assert postguard("lock").code == 0
    secret.write_text("four other random words")
    ran = postguard("unlock")
    assert ran.code == 2 and "not the passphrase" in ran.err
    secret.write_text("three random words")
    assert postguard("unlock").code == 0


def test_a_short_passphrase_or_no_file_for_it_is_refused(postguard, at_school, draft, secret):
    postguard("check", draft("A good day for all."))
    secret.write_text("short")
    assert postguard("lock").code == 2
    secret.unlink()
    assert postguard("lock").code == 2
    assert (at_school / ".postguard" / "journal.key").exists()


def test_without_a_file_and_without_a_person_there_is_no_passphrase(postguard, at_school, monkeypatch, draft):
    import io

    monkeypatch.delenv("POSTGUARD_PASSPHRASE_FILE", raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO("three random words\n"))
    postguard("check", draft("A good day for all."))
    ran = postguard("lock")
    assert ran.code == 2 and "POSTGUARD_PASSPHRASE_FILE" in ran.err


def test_outside_a_school_every_command_says_so(postguard, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for command in (("journal", "verify"), ("lock",), ("unlock",), ("incident", "--kind", "other", "--by", "S01")):
        ran = postguard(*command)
        assert ran.code == 2 and "consent_roster.yaml" in ran.err, command


class Ring:
    """A keyring as the package is used here."""

    class errors:
        class KeyringError(Exception):
            pass

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, name: str) -> str | None:
        return self.kept.get((service, name))

    def set_password(self, service: str, name: str, word: str) -> None:
        self.kept[service, name] = word


def test_the_keyring_keeps_the_passphrase(postguard, at_school, monkeypatch, draft, secret):
    monkeypatch.delenv("POSTGUARD_PASSPHRASE_FILE")
    ring = Ring()
    ring.set_password("postguard", str((at_school / ".postguard").resolve()), "three random words")
    monkeypatch.setattr("postguard.cli.passphrase._ring", lambda: ring)
    postguard("check", draft("A good day for all."))
    assert postguard("lock", "--keyring").code == 0
    assert postguard("unlock", "--keyring").code == 0


def test_a_keyring_that_does_not_work_is_said(postguard, at_school, monkeypatch, draft, secret):
    monkeypatch.delenv("POSTGUARD_PASSPHRASE_FILE")
    ring = Ring()

    def broken(service: str, name: str) -> None:
        raise Ring.errors.KeyringError

    ring.get_password = broken  # type: ignore[method-assign]
    monkeypatch.setattr("postguard.cli.passphrase._ring", lambda: ring)
    postguard("check", draft("A good day for all."))
    ran = postguard("lock", "--keyring")
    assert ran.code == 2 and "no keyring" in ran.err


def test_a_passphrase_file_that_others_may_read_is_said(postguard, at_school, draft, secret):
    postguard("check", draft("A good day for all."))
    secret.chmod(0o644)
    assert "chmod 600" in postguard("lock").err
    secret.chmod(0o600)
    assert "chmod 600" not in postguard("unlock").err
