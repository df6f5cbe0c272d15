"""`postguard unlock`: open what `postguard lock` put behind a passphrase."""

from pathlib import Path

import click

from postguard.cli.passphrase import passphrase
from postguard.cli.school import records_of, roster_option
from postguard.domain.errors import EXIT_PASS


@click.command(name="unlock")
@roster_option
@click.option("--keyring", is_flag=True, help="Take the passphrase from this computer's keyring.")
def command(roster: Path | None, keyring: bool) -> int:
    """Open the school's records again. A wrong passphrase changes nothing."""
    from postguard.records.journal import append
    from postguard.records.lock import unlock

    folder = records_of(Path.cwd(), roster)
    opened = unlock(folder, passphrase(folder, keyring=keyring))
    append(folder, "unlock")
    files = "1 file is" if opened.files == 1 else f"{opened.files} files are"
    click.echo(f"Unlocked: {files} back.")
    return EXIT_PASS
