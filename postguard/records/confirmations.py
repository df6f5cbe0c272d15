"""The poster's answers about one draft: a small file beside its pictures.

It can say nothing that the machine does not weigh again, so it needs no lock and no key. What in it cannot be
read fails the draft: half an answer is none.
"""

from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from postguard.domain.answers import CONFIRMATIONS_FILE, Confirmation, Confirmations, Mark, NotOurPupil
from postguard.domain.drafts import Unchecked
from postguard.records.files import write_whole
from postguard.records.places import Odd, place_from_plain, place_to_plain, rows, table, text

SCHEMA = "postguard-confirmed/1"
LARGEST = 1_000_000
"""Bytes. A class photograph's answers take 10 kB."""

_HEAD = """\
# What the poster answered about this draft (`postguard confirm`). It stays here; it is never published.
# postguard weighs every answer again on every check: changing a line here clears nobody.
"""


def load_confirmations(draft: Path) -> tuple[Confirmations, tuple[Unchecked, ...]]:
    """The answers in a draft's folder; none where there is no file. Never raises for what is in it."""
    path = draft / CONFIRMATIONS_FILE
    try:
        if not path.exists() and not path.is_symlink():
            return Confirmations(), ()
        if path.is_symlink() or not path.is_file():
            raise Odd("it is no ordinary file")
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise Odd("it is too long")
        return _from_plain(yaml.load(data.decode(), Loader=_Words)), ()
    except (Odd, OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as trouble:
        why = f": {trouble}" if isinstance(trouble, Odd) else ""
        reason = f"The poster's answers cannot be read{why}. Delete the file and run `postguard confirm` again."
        return Confirmations(), (Unchecked(part=CONFIRMATIONS_FILE, reason=reason),)


def save_confirmations(draft: Path, confirmations: Confirmations, *, now: datetime) -> Path:
    """Write the answers beside the pictures, in one step. Raises RecordError."""
    path = draft / CONFIRMATIONS_FILE
    plain: dict[str, Any] = {
        "schema": SCHEMA,
        "saved": now.isoformat(timespec="seconds"),
        "faces": [{"place": place_to_plain(c.place), "is": c.claim} for c in confirmations.faces],
        "marked": [{"place": place_to_plain(m.place)} for m in confirmations.marks],
        "not_our_pupils": [{"place": place_to_plain(n.place)} for n in confirmations.names],
    }
    words = yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, default_flow_style=None, width=200)
    write_whole(path, (_HEAD + words).encode())
    return path


class _Words(yaml.BaseLoader):
    """Everything is words, nothing is an object, and nothing is written twice by reference."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise Odd("there is something in it that postguard never writes")
        node: yaml.Node | None = super().compose_node(parent, index)  # type: ignore[no-untyped-call,unused-ignore]
        return node


def _from_plain(plain: object) -> Confirmations:
    found = table(plain, required=("schema", "saved", "faces", "marked", "not_our_pupils"))
    if found["schema"] != SCHEMA:
        raise Odd("it is of another version of postguard")
    faces = []
    for row in rows(found["faces"]):
        answer = table(row, required=("place", "is"))
        faces.append(Confirmation(place=place_from_plain(answer["place"]), claim=text(answer["is"])))
    marks = [Mark(place=place_from_plain(table(row, required=("place",))["place"])) for row in rows(found["marked"])]
    names = [
        NotOurPupil(place=place_from_plain(table(row, required=("place",))["place"]))
        for row in rows(found["not_our_pupils"])
    ]
    return Confirmations(faces=tuple(faces), marks=tuple(marks), names=tuple(names))
