"""What a check leaves behind: a line in the journal for each draft and, where asked for, a receipt."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from postguard.assembly import Setup
from postguard.domain.errors import RecordError
from postguard.domain.report import Report, Verdict
from postguard.records.files import records_folder
from postguard.records.journal import append, check_line
from postguard.records.receipts import write_receipt


def record(reports: Sequence[Report], setup: Setup, receipt: Path | None) -> None:
    """Write the journal, and the receipt of a draft that passed.

    Raises RecordError where that cannot be done, for a pass that nobody can answer for later is none; a failure
    outranks that error, which is then only said.
    """
    try:
        _record(reports, setup, receipt)
    except RecordError as error:
        if all(report.verdict is Verdict.PASS for report in reports):
            raise
        click.echo(f"postguard: {error.message} {error.hint}", err=True)


def _record(reports: Sequence[Report], setup: Setup, receipt: Path | None) -> None:
    folder = records_folder(setup.roster.path)
    now = datetime.now().astimezone()
    for report in reports:
        for note in append(folder, "check", now=now, **check_line(report, setup.policy, setup.roster)):
            click.echo(f"postguard: {note}", err=True)
        if receipt is not None and report.verdict is Verdict.PASS:
            write_receipt(receipt, report, roster=setup.roster, policy=setup.policy, folder=folder, now=now)
        elif receipt is not None:
            click.echo("postguard: no receipt was written, for the draft did not pass.", err=True)
