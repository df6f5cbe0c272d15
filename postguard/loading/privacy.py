"""Families' data stays out of git repositories that can be pushed somewhere."""

import re
from pathlib import Path

from postguard.domain.errors import PrivacyError
from postguard.domain.people import Roster

_REMOTE = re.compile(r'^\s*\[\s*remote[\s."]', re.MULTILINE | re.IGNORECASE)


def refuse_git(folder: Path, roster: Roster) -> None:
    """Raises PrivacyError for a roster of real people inside a git work tree that has a remote.

    Git is not run: its files are read. What cannot be read counts as a remote.
    """
    if roster.demo:
        return
    work_tree = _work_tree(folder.resolve())
    if work_tree is not None and _has_remote(work_tree / ".git"):
        raise PrivacyError(
            "This roster of real people lies in a git repository that is connected to another computer: "
            f"{work_tree}. One push would publish it.",
            hint="Keep the school's folder somewhere outside the repository, and name it with --roster and --faces. "
            "If you know that nothing is pushed from there: --allow-git.",
        )


def _work_tree(folder: Path) -> Path | None:
    """The folder, or the nearest above it, that git would take for a work tree."""
    for candidate in (folder, *folder.parents):
        dot_git = candidate / ".git"
        if dot_git.is_file() or (dot_git / "HEAD").exists():
            return candidate
    return None


def _has_remote(dot_git: Path) -> bool:
    try:
        git_dir = _follow(dot_git, dot_git.read_text(errors="replace")) if dot_git.is_file() else dot_git
        common = git_dir / "commondir"  # a linked work tree shares the configuration of the first one
        if common.is_file():
            git_dir = git_dir / common.read_text(errors="replace").strip()
        return bool(_REMOTE.search((git_dir / "config").read_text(errors="replace")))
    except FileNotFoundError:
        return dot_git.is_file()  # it points where nothing is: nobody can say what is connected
    except OSError:
        return True


def _follow(dot_git: Path, words: str) -> Path:
    """Where a .git *file* points: submodules and linked work trees have one."""
    return dot_git.parent / words.removeprefix("gitdir:").strip()
