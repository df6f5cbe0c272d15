"""`postguard verify`: is this draft the one that passed, and may it still be published? No picture is looked at."""

from datetime import date
from pathlib import Path

import click

from postguard.cli.school import open_school, roster_option
from postguard.domain.errors import EXIT_FAIL, EXIT_PASS, UsageError


@click.command(name="verify")
@click.argument("receipt", type=click.Path(path_type=Path))
@click.argument("draft", type=click.Path(path_type=Path))
@roster_option
@click.option(
    "--channel", metavar="NAME", help="Where it will be posted. Default: what the draft says, else the first."
)
def command(receipt: Path, draft: Path, roster: Path | None, channel: str | None) -> int:
    """Whether RECEIPT says that exactly this DRAFT passed, and whether consent has been withdrawn since.

    Ends with 0 only when the draft may be published today, 1 when it may not, 2 when nobody can tell. A script
    that publishes asks this first:

    \b
      postguard verify monday.receipt drafts/monday --channel twitter || exit 1
      publish-to-twitter drafts/monday
    """
    from postguard.loading import find_drafts, load_draft, refuse_stale
    from postguard.records.journal import failed_since
    from postguard.records.receipts import against, read_receipt, sha256_of_file

    if find_drafts(draft) != (draft,):
        raise UsageError(f"{draft} is a folder of drafts.", hint="A receipt is for one draft: name that.")
    school = open_school(draft.absolute().parent, roster)
    refuse_stale(school.roster, on=date.today())
    statement = read_receipt(receipt, school.folder)
    loaded = load_draft(draft)
    reasons = against(
        statement,
        loaded,
        {picture.part: sha256_of_file(picture.path) for picture in loaded.pictures},
        roster=school.roster,
        policy=school.policy,
        folder=school.folder,
        channel=channel or loaded.channel or school.roster.channels[0],
        on=date.today(),
        failed_since=failed_since(school.folder, sha256_of_file(receipt), statement.draft, statement.channel),
    )
    for reason in reasons:
        click.echo(reason)
    if reasons:
        click.echo("Do not publish it.")
        return EXIT_FAIL
    click.echo(f"This is what passed for {statement.channel} on {statement.day}, and nothing was withdrawn since.")
    return EXIT_PASS
