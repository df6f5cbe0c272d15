"""A folder for the school to start from."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from postguard.loading import find_drafts, load_draft, load_settings
from postguard.loading.roster import parse_roster

Run = Callable[..., Any]


@pytest.mark.parametrize("table", [True, False])
def test_it_makes_what_loads(table: bool, tmp_path: Path, postguard: Run) -> None:
    folder = tmp_path / "a" / "school"
    ran = postguard("init", folder, "--school", 'St "Mary\'s": Leith', *(["--table"] if table else []))
    assert ran.code == 0
    path = folder / ("consent_roster.csv" if table else "consent_roster.yaml")
    roster = parse_roster(path.read_bytes(), path, empty_too=True)
    assert roster.school == 'St "Mary\'s": Leith'
    assert roster.channels == ("twitter", "website")
    assert roster.review_by is not None
    assert 360 < (roster.review_by - date.today()).days < 370
    assert load_settings(folder / "postguard.yaml").severities == ()
    assert (folder / "faces").is_dir()
    (draft,) = find_drafts(folder / "drafts")
    assert (load_draft(draft).problems, load_draft(draft).channel) == ((), "twitter")
    assert path.stat().st_mode & 0o777 == 0o600
    assert (folder / ".postguard").stat().st_mode & 0o777 == 0o700
    key = next((folder / ".postguard").glob("*key*.pem"))
    assert key.stat().st_mode & 0o777 == 0o600


def test_a_new_roster_gives_no_verdict_until_somebody_is_on_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postguard: Run
) -> None:
    postguard("init", tmp_path)
    monkeypatch.chdir(tmp_path)
    ran = postguard("check", "drafts/first-post")
    assert (ran.code, "nobody is on this roster yet" in ran.err) == (2, True)
    assert postguard("roster", "add", "P01", "Aoife MacDonald").code == 0
    assert postguard("check", "drafts/first-post").code == 0


def test_what_the_examples_in_the_comments_say_is_right(tmp_path: Path, postguard: Run) -> None:
    postguard("init", tmp_path)
    for name in ("consent_roster.yaml", "postguard.yaml"):
        path = tmp_path / name
        lines = path.read_text().splitlines()
        wanted = ("- {", "roles:", "own_contacts:", "cameras:", "require_head_count:", "severities:", "dpia:")
        lines = [
            line.replace("# ", "", 1) if line.strip().removeprefix("# ").startswith(wanted) else line for line in lines
        ]
        path.write_text("\n".join(lines) + "\n")
    roster = parse_roster((tmp_path / "consent_roster.yaml").read_bytes(), tmp_path / "consent_roster.yaml")
    assert len(roster.people) == 6
    assert roster.dpia
    assert load_settings(tmp_path / "postguard.yaml").roles


def test_what_is_there_stays(tmp_path: Path, postguard: Run) -> None:
    postguard("init", tmp_path)
    for name in ("consent_roster.yaml", "postguard.yaml", "drafts/first-post/post.md"):
        (tmp_path / name).write_text("mine")
    ran = postguard("init", tmp_path, "--table")
    assert ran.code == 0
    assert ran.out.count("is already there and was left as it is") == 5
    for name in ("consent_roster.yaml", "postguard.yaml", "drafts/first-post/post.md"):
        assert (tmp_path / name).read_text() == "mine"
    assert not (tmp_path / "consent_roster.csv").exists()


def test_not_into_a_repository_that_is_shared(tmp_path: Path, postguard: Run) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (tmp_path / ".git" / "config").write_text('[remote "origin"]\n\turl = x\n')
    ran = postguard("init", tmp_path / "school")
    assert (ran.code, "--allow-git" in ran.err) == (2, True)
    assert not (tmp_path / "school").exists()
    assert postguard("init", tmp_path / "school", "--allow-git").code == 0


def test_where_nothing_can_be_made(tmp_path: Path, postguard: Run) -> None:
    (tmp_path / "file").write_text("x")
    ran = postguard("init", tmp_path / "file" / "school")
    assert (ran.code, "cannot be made" in ran.err) == (2, True)
    assert postguard("init", tmp_path, "--school", " ").code == 2
