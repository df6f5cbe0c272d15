"""`postguard vouch --list`: every vouch that is kept, the idle and the expired with the rest."""

from datetime import date
from pathlib import Path

import click

from postguard.domain.answers import SomebodyElse, Waiver
from postguard.domain.errors import EXIT_PASS
from postguard.records.waivers import load_waivers
from postguard.rendering.masking import clean


def show_vouches(folder: Path, *, on: date) -> int:
    """A line for each, the one that ends first on top. `folder`: the school's records. Raises RecordError.

    Neither a rule nor a person is said: it would tell everybody which vouches are about a protected pupil.
    """
    kept = load_waivers(folder)
    vouches: list[Waiver | SomebodyElse] = [*kept.waivers, *kept.somebody_else]
    for vouch in sorted(vouches, key=lambda v: (v.voucher.until, v.voucher.draft)):
        until = vouch.voucher.until
        ends = f"ran out on {until.isoformat()}" if until < on else f"until {until.isoformat()}"
        draft = clean(vouch.voucher.draft)
        click.echo(f"{draft}  {_what(vouch)}, {vouch.channel}, by {vouch.voucher.by} ({vouch.voucher.role}), {ends}")
    click.echo("A check says which of them lifted nothing." if vouches else "Nothing was vouched for.")
    return EXIT_PASS


def _what(vouch: Waiver | SomebodyElse) -> str:
    if vouch.place.region is not None:
        return "a face or a place in a picture"
    return "words" if vouch.place.span is not None else "a picture or the whole post"
