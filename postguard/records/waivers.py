"""What the head teacher and the deputies vouched for, in one file of the school's records."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from postguard.domain.answers import SomebodyElse, Voucher, Waiver, Waivers
from postguard.domain.errors import RecordError
from postguard.domain.rules import Severity
from postguard.records.files import held, read_whole, write_whole
from postguard.records.lock import refuse_locked
from postguard.records.places import Odd, place_from_plain, place_to_plain, rows, table, text

SCHEMA = "postguard-waivers/1"
FILE = "waivers.json"
KEPT_AFTER = timedelta(days=90)
"""How long a vouch is kept after its last day: a term, in which a report may still say that it ran out."""


def load_waivers(folder: Path) -> Waivers:
    """Everything vouched for; nothing where there is no file. `folder`: the school's records.

    Raises RecordError when the file is damaged: a gate must not run on half of what was decided.
    """
    refuse_locked(folder)
    path = folder / FILE
    data = read_whole(path)
    if data is None:
        return Waivers()
    try:
        return _from_plain(json.loads(data))
    except (Odd, ValueError, RecursionError) as trouble:
        why = f" ({trouble})" if isinstance(trouble, Odd) else ""
        raise RecordError(
            f"The file of what was vouched for, {path}, is damaged{why}.",
            hint="Put it back from a backup; or move it away, and what was vouched for must be vouched for again.",
        ) from None


def change_waivers(folder: Path, change: Callable[[Waivers], Waivers]) -> Waivers:
    """Change the file in one step while nobody else does, and return what is kept now. Raises RecordError."""
    path = folder / FILE
    with held(path):
        before = load_waivers(folder)
        after = change(before)
        if after != before:
            write_whole(path, (json.dumps(_to_plain(after), indent=1) + "\n").encode())
        return after


def without_person(waivers: Waivers, person: str) -> Waivers:
    """What is left when everything that names this person is gone (`roster forget`)."""
    return Waivers(
        waivers=tuple(w for w in waivers.waivers if not _names(w.voucher, person) and person != w.person),
        somebody_else=tuple(
            w for w in waivers.somebody_else if not _names(w.voucher, person) and person not in (w.person, w.instead_of)
        ),
    )


def _names(voucher: Voucher, person: str) -> bool:
    """A folder called after somebody counts too; P1 is also found in P10, and a vouch more than need be is lost."""
    return person in (voucher.by, voucher.poster) or person in voucher.draft


def without_old(waivers: Waivers, today: date) -> Waivers:
    """What is left when everything that ran out long ago is gone; what ran out lately is still to be reported."""
    since = today - KEPT_AFTER
    return Waivers(
        waivers=tuple(w for w in waivers.waivers if w.voucher.until >= since),
        somebody_else=tuple(w for w in waivers.somebody_else if w.voucher.until >= since),
    )


def forget_person(folder: Path, person: str) -> int:
    """Remove every waiver that names this person; says how many. Raises RecordError."""
    if not (folder / FILE).exists():
        return 0
    before = load_waivers(folder)
    after = change_waivers(folder, lambda waivers: without_person(waivers, person))
    return _count(before) - _count(after)


def _count(waivers: Waivers) -> int:
    return len(waivers.waivers) + len(waivers.somebody_else)


def _to_plain(waivers: Waivers) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "waivers": [
            {
                "rule": w.rule,
                "severity": w.severity.value,
                "place": place_to_plain(w.place),
                "channel": w.channel,
                **_voucher_to_plain(w.voucher),
                "reason": w.reason,
                "person": w.person,
            }
            for w in waivers.waivers
        ],
        "somebody_else": [
            {
                "place": place_to_plain(w.place),
                "channel": w.channel,
                **_voucher_to_plain(w.voucher),
                "person": w.person,
                "instead_of": w.instead_of,
            }
            for w in waivers.somebody_else
        ],
    }


_VOUCHER = ("by", "role", "given", "until", "poster", "draft")


def _voucher_to_plain(voucher: Voucher) -> dict[str, Any]:
    return {
        "by": voucher.by,
        "role": voucher.role,
        "given": voucher.given.isoformat(),
        "until": voucher.until.isoformat(),
        "poster": voucher.poster,
        "draft": voucher.draft,
    }


def _voucher(row: Any) -> Voucher:
    return Voucher(
        by=text(row["by"]),
        role=text(row["role"]),
        given=date.fromisoformat(text(row["given"])),
        until=date.fromisoformat(text(row["until"])),
        poster=_text_or_none(row["poster"]),
        draft=text(row["draft"]),
    )


def _text_or_none(plain: object) -> str | None:
    return None if plain is None else text(plain)


def _from_plain(plain: object) -> Waivers:
    found = table(plain, required=("schema", "waivers", "somebody_else"))
    if found["schema"] != SCHEMA:
        raise Odd("it is of another version of postguard")
    waivers = []
    for row in rows(found["waivers"]):
        table(row, required=("rule", "severity", "place", "channel", "reason", "person", *_VOUCHER))
        waivers.append(
            Waiver(
                rule=text(row["rule"]),
                severity=Severity(text(row["severity"])),
                place=place_from_plain(row["place"]),
                channel=text(row["channel"]),
                voucher=_voucher(row),
                reason=text(row["reason"]),
                person=_text_or_none(row["person"]),
            )
        )
    somebody_else = []
    for row in rows(found["somebody_else"]):
        table(row, required=("place", "channel", "person", "instead_of", *_VOUCHER))
        somebody_else.append(
            SomebodyElse(
                place=place_from_plain(row["place"]),
                channel=text(row["channel"]),
                voucher=_voucher(row),
                person=text(row["person"]),
                instead_of=text(row["instead_of"]),
            )
        )
    return Waivers(waivers=tuple(waivers), somebody_else=tuple(somebody_else))
