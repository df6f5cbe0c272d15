"""Where the passphrase of the school's records comes from: a file for jobs, the system's keyring, or a person."""

import os
import sys
from pathlib import Path
from typing import Any

import click

from postguard.domain.errors import RecordError, UsageError

VARIABLE = "POSTGUARD_PASSPHRASE_FILE"
_SERVICE = "postguard"


def passphrase(folder: Path, *, keyring: bool, twice: bool = False) -> str:
    """The passphrase for the records in `folder`. Raises RecordError or UsageError; never takes it from argv."""
    if named := os.environ.get(VARIABLE):
        return _from_file(Path(named))
    if keyring and (kept := _from_keyring(folder)) is not None:
        return kept
    if not sys.stdin.isatty():
        raise UsageError(
            "There is nobody here to ask for the passphrase.",
            hint=f"Put it into a file that only you may read, and name that file in {VARIABLE}.",
        )
    said: str = click.prompt("Passphrase", hide_input=True, confirmation_prompt=twice, err=True)
    if keyring:
        _into_keyring(folder, said)
    return said


def _from_file(path: Path) -> str:
    try:
        if os.name == "posix" and path.stat().st_mode & 0o077:
            click.echo(f"Others on this computer may read {path}: chmod 600 it.", err=True)
        words = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise RecordError(
            f"The passphrase file that {VARIABLE} names cannot be read.", hint=f"Look at {path}."
        ) from None
    return words.rstrip("\r\n")


def _ring() -> Any:
    """The keyring package, an extra."""
    try:
        import keyring
        import keyring.errors
    except ImportError:
        raise UsageError(
            "The system's keyring is not supported by this installation.",
            hint="Install postguard's keyring extra, or leave --keyring out.",
        ) from None
    return keyring


def _from_keyring(folder: Path) -> str | None:
    ring = _ring()
    try:
        kept: str | None = ring.get_password(_SERVICE, str(folder.resolve()))
    except ring.errors.KeyringError:
        raise RecordError("This computer has no keyring that works.", hint="Leave --keyring out.") from None
    return kept


def _into_keyring(folder: Path, said: str) -> None:
    ring = _ring()
    try:
        ring.set_password(_SERVICE, str(folder.resolve()), said)
    except ring.errors.KeyringError:
        click.echo("The passphrase could not be kept in this computer's keyring.", err=True)
