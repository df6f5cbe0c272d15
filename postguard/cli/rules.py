"""`postguard rules`: every rule on one page."""

import click

from postguard.checks import ALL_CHECKS


@click.command(name="rules")
def command() -> None:
    """List every rule: its id, what it does by default, and what it is about."""
    for check in ALL_CHECKS:
        rule = check.RULE
        click.echo(f"{rule.id}  {rule.severity.value:<6}  {rule.name:<20}  {rule.summary}")
    click.echo("\nblock and review fail a draft; note is only printed. `postguard explain PG101` says more.")
