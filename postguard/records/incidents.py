"""Incidents: what went wrong, written down the day it happened, as the school's policy asks.

The note may say anything a colleague must know, so it is a file of its own, for the school's eyes, and the
journal only holds its hash.
"""

import hashlib
from datetime import date, datetime
from pathlib import Path

from postguard.records.files import held, make_folder, write_whole
from postguard.records.journal import append
from postguard.records.lock import INCIDENTS, refuse_locked

KINDS = {
    "posted": "something was posted that should not have been",
    "complaint": "a family or a pupil complained",
    "abuse": "rude, abusive or bullying words online",
    "lost": "a device, a passphrase or records were lost or seen by others",
    "other": "anything else",
}


def record_incident(folder: Path, *, kind: str, happened: date, by: str, note: str, now: datetime) -> Path:
    """Keep a note and add it to the journal; returns where the note is. Raises RecordError."""
    refuse_locked(folder)
    notes = folder / INCIDENTS
    make_folder(folder)
    make_folder(notes)
    with held(notes / "notes"):
        refuse_locked(folder)
        number = 1 + len(list(notes.glob(f"{now.date().isoformat()}-*.md")))
        path = notes / f"{now.date().isoformat()}-{number}.md"
        words = (
            f"# Incident: {KINDS[kind]}\n\nHappened: {happened.isoformat()}\n"
            f"Recorded: {now.isoformat(timespec='minutes')}\nBy: {by}\n\n{note.strip()}\n"
        )
        data = words.encode()
        write_whole(path, data)
    append(
        folder,
        "incident",
        now=now,
        kind=kind,
        happened=happened.isoformat(),
        by=by,
        record=hashlib.sha256(data).hexdigest(),
    )
    return path
