"""`postguard explain PG101`: one rule, in the words of its own module."""

import difflib
import inspect

import click

from postguard.checks import ALL_CHECKS
from postguard.domain.errors import UsageError
from postguard.domain.rules import Rule
from postguard.domain.vouching import who_lifts

COLLAPSED = {
    "PG100": (
        "PG100 face-not-cleared\n\n"
        "A face in the picture was not cleared. Reports that may travel say no more than this, whichever of\n"
        "PG101 to PG105 it is, because the difference would tell a stranger who has refused. The console, and\n"
        "`--private`, tell the poster which it is."
    )
}
"""What stands in reports but is no rule of its own."""


def _rules(ctx: click.Context, param: click.Parameter, typed: str) -> list[str]:
    return [check.RULE.id for check in ALL_CHECKS if check.RULE.id.startswith(typed.upper())]


@click.command(name="explain")
@click.argument("rule", shell_complete=_rules)
def command(rule: str) -> None:
    """Explain RULE, for example PG101 or unconsented-face."""
    click.echo(explanation(rule))


def explanation(rule: str) -> str:
    """The rule's heading and the help that its module carries. Raises UsageError for a rule that is not there."""
    wanted = rule.strip().casefold()
    if wanted.upper() in COLLAPSED:
        return COLLAPSED[wanted.upper()]
    known = {}
    for check in ALL_CHECKS:
        known[check.RULE.id.casefold()] = known[check.RULE.name] = check
    if wanted not in known:
        near = difflib.get_close_matches(wanted, known, n=1)
        hint = f"Did you mean {near[0].upper()}? " if near else ""
        raise UsageError(f"There is no rule {rule}.", hint=f"{hint}`postguard rules` lists them all.")
    check = known[wanted]
    rule_ = check.RULE
    return (
        f"{rule_.id} {rule_.name}\n\n{inspect.getdoc(check)}\n\n"
        f"By default: {rule_.severity.value}. Settings may turn it down to: {rule_.floor.value}.\n"
        f"Who may lift it: {rule_.lifted_by.value}.{_blocks(rule_)}"
    )


def _blocks(rule: Rule) -> str:
    """What is lifted by a deputy as a review, and by the head alone where it blocks."""
    by_default = who_lifts(rule.id, rule.severity, {rule.id: rule.lifted_by})
    return "" if by_default is rule.lifted_by else " Where it blocks, only the head teacher may."
