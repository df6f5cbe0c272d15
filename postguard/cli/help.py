"""`postguard help TOPIC`: a page on what is not one command's or one rule's."""

import difflib
import re
from importlib.resources import files

import click

from postguard.domain.errors import UsageError

TOPICS = {
    "draft": "What a draft is, and what to write in it.",
    "verdict": "What PASS and FAIL mean, and what to do next.",
    "exit-codes": "What a script may rely on.",
    "reports": "The formats, and who may read them.",
    "privacy": "What is kept, where, and what never happens.",
    "completion": "Let the Tab key finish commands.",
}
"""Topic to its line in the list. Each is a text in the folder `topics`."""


def _topics(ctx: click.Context, param: click.Parameter, typed: str) -> list[str]:
    return [topic for topic in TOPICS if topic.startswith(typed)]


@click.command(name="help")
@click.argument("topic", required=False, shell_complete=_topics)
@click.pass_context
def command(ctx: click.Context, topic: str | None) -> None:
    """Say more about TOPIC: a subject, a command (check) or a rule (PG301). Without TOPIC: the subjects there are."""
    if topic is None:
        click.echo(listing())
        return
    group = ctx.parent.command if ctx.parent else None
    other = group.get_command(ctx, topic) if isinstance(group, click.Group) else None
    if topic in TOPICS:
        click.echo(page(topic), nl=False)
    elif other is not None:
        with click.Context(other, info_name=topic, parent=ctx.parent) as its_own:
            click.echo(other.get_help(its_own))
    elif re.fullmatch(r"PG\d{3}", topic, re.IGNORECASE):
        from postguard.cli.explain import explanation

        click.echo(explanation(topic))
    else:
        near = difflib.get_close_matches(topic, TOPICS, n=1)
        hint = f"Did you mean {near[0]}? " if near else ""
        raise UsageError(f"There is no help on {topic}.", hint=f"{hint}`postguard help` lists what there is.")


def page(topic: str) -> str:
    """The text on one topic."""
    return files("postguard.cli").joinpath("topics", f"{topic}.txt").read_text(encoding="utf-8")


def listing() -> str:
    """Every topic with its line."""
    lines = [f"  {topic:<12} {line}" for topic, line in TOPICS.items()]
    return "\n".join(["postguard help TOPIC, where TOPIC is one of", "", *lines, "", "or a command, or a rule."])
