"""`postguard doctor`: what is installed, and what would be missing."""

from itertools import groupby
from pathlib import Path

import click

from postguard.domain.errors import EXIT_NO_VERDICT, EXIT_PASS


@click.command(name="doctor")
@click.option("--models", type=click.Path(path_type=Path), metavar="DIR", help="A folder that holds the model files.")
def command(models: Path | None) -> int:
    """Say what is installed, which model files were found, their licences, and what would be missing.

    Ends with 0 when postguard can give verdicts here, with 2 when it cannot.
    """
    from postguard.seeing.health import State, examine

    items = examine(models)
    for topic, group in groupby(items, key=lambda item: item.topic):
        click.echo(f"{topic}")
        for item in group:
            mark = {State.OK: "ok", State.ABSENT: "missing", State.BROKEN: "BROKEN"}[item.state]
            licence = f"  [{item.licence}]" if item.licence else ""
            click.echo(f"  {mark:<8} {item.name:<24} {item.detail}{licence}")
            if item.cure:
                click.echo(f"  {'':<8} {'':<24} → {item.cure}")
    if any(item.prevents_verdicts for item in items):
        click.echo("\npostguard cannot give verdicts on this computer until that is mended.")
        return EXIT_NO_VERDICT
    click.echo("\npostguard can give verdicts on this computer. Nothing of it needs the internet.")
    return EXIT_PASS
