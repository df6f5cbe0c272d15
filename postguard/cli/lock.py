"""`postguard lock`: templates and records behind a passphrase while nobody works with them."""

from pathlib import Path

import click

from postguard.cli.passphrase import passphrase
from postguard.cli.school import records_of, roster_option
from postguard.domain.errors import EXIT_PASS


@click.command(name="lock")
@roster_option
@click.option("--keyring", is_flag=True, help="Keep the passphrase in this computer's keyring.")
def command(roster: Path | None, keyring: bool) -> int:
    """Put the templates, what was vouched for, incident notes and the journal's key behind a passphrase.

    While they are locked nothing can be checked. Without the passphrase nobody can open them, postguard's authors
    included: write it down and keep it where the school keeps such things. For jobs, name a file that holds it in
    POSTGUARD_PASSPHRASE_FILE.
    """
    from postguard.records.journal import append
    from postguard.records.lock import is_locked, lock

    folder = records_of(Path.cwd(), roster)
    word = passphrase(folder, keyring=keyring, twice=True)
    if not is_locked(folder):
        append(folder, "lock")
    locked = lock(folder, word)
    files = "1 file is" if locked.files == 1 else f"{locked.files} files are"
    click.echo(f"Locked: {files} behind the passphrase now. `postguard unlock` opens them.")
    if (folder.parent / "faces").is_dir():
        click.echo("The reference photos in faces/ are not: `postguard enrol --discard-photos` removes them.")
    return EXIT_PASS
