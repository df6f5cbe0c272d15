"""Real people stay out of git repositories that can be pushed somewhere."""

from pathlib import Path

import pytest

from postguard.domain.errors import EXIT_NO_VERDICT, PrivacyError
from postguard.domain.people import Roster
from postguard.loading import refuse_git

REAL = Roster(school="S", people=())
DEMO = Roster(school="S", people=(), demo=True)
REMOTE = '[core]\n\tbare = false\n[remote "origin"]\n\turl = git@example.org:school.git\n'
LOCAL = "[core]\n\tbare = false\n# [remote]\n"


def git_dir(path: Path, config: str | None) -> Path:
    path.mkdir(parents=True)
    (path / "HEAD").write_text("ref: refs/heads/main\n")
    if config is not None:
        (path / "config").write_text(config)
    return path


def school(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path


def test_a_remote_anywhere_above_is_refused_with_the_cure(tmp_path: Path) -> None:
    git_dir(tmp_path / ".git", REMOTE)
    folder = school(tmp_path / "a" / "b")
    with pytest.raises(PrivacyError, match="connected to another computer") as caught:
        refuse_git(folder, REAL)
    assert caught.value.exit_code == EXIT_NO_VERDICT
    assert "--allow-git" in caught.value.hint
    refuse_git(folder, DEMO)


@pytest.mark.parametrize("config", ['[remote "x"]\n', "  [ REMOTE 'x']\n", "[remote.origin]\nurl = x\n"])
def test_every_spelling_of_a_remote(config: str, tmp_path: Path) -> None:
    git_dir(tmp_path / ".git", config)
    with pytest.raises(PrivacyError):
        refuse_git(tmp_path, REAL)


@pytest.mark.parametrize("config", [LOCAL, None])
def test_a_repository_without_a_remote_is_fine(config: str | None, tmp_path: Path) -> None:
    git_dir(tmp_path / ".git", config)
    refuse_git(tmp_path, REAL)


def test_no_repository_is_fine(tmp_path: Path) -> None:
    refuse_git(tmp_path, REAL)


def test_an_empty_git_folder_hides_nothing(tmp_path: Path) -> None:
    """Git itself looks further up then."""
    git_dir(tmp_path / ".git", REMOTE)
    folder = school(tmp_path / "a" / ".git").parent
    with pytest.raises(PrivacyError):
        refuse_git(folder, REAL)


def test_a_submodule_has_its_own_configuration(tmp_path: Path) -> None:
    git_dir(tmp_path / ".git", LOCAL)
    git_dir(tmp_path / ".git" / "modules" / "a", REMOTE)
    folder = school(tmp_path / "a")
    (folder / ".git").write_text("gitdir: ../.git/modules/a\n")
    with pytest.raises(PrivacyError):
        refuse_git(folder, REAL)


def test_a_linked_work_tree_shares_the_first_ones_configuration(tmp_path: Path) -> None:
    main = git_dir(tmp_path / "main" / ".git", REMOTE)
    linked = git_dir(main / "worktrees" / "other", None)
    (linked / "commondir").write_text("../..\n")
    folder = school(tmp_path / "other")
    (folder / ".git").write_text(f"gitdir: {linked}\n")
    with pytest.raises(PrivacyError):
        refuse_git(folder, REAL)
    (main / "config").write_text(LOCAL)
    refuse_git(folder, REAL)


def test_what_cannot_be_followed_counts_as_connected(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: /nowhere/at/all\n")
    with pytest.raises(PrivacyError):
        refuse_git(tmp_path, REAL)


def test_through_a_link_the_real_place_counts(tmp_path: Path) -> None:
    git_dir(tmp_path / "repo" / ".git", REMOTE)
    school(tmp_path / "repo" / "school")
    (tmp_path / "link").symlink_to(tmp_path / "repo" / "school")
    with pytest.raises(PrivacyError):
        refuse_git(tmp_path / "link", REAL)
