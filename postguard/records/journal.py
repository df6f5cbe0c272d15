"""The journal: what was checked, vouched for and changed, a line each, so that somebody can answer for it.

Lines are only ever added. Each carries a keyed hash (HMAC-SHA-256) over itself and the line before it, so a
changed, missing or reordered line shows; a small head file holds where the journal ends, so that missing last
lines show too. There are no names and no faces in it: EVENTS is the law of what a line may hold
(docs/decisions/0012-journal-and-receipts.md).
"""

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import FileIO
from pathlib import Path
from typing import Any

from postguard.domain.answers import draft_hash, shas
from postguard.domain.errors import RecordError
from postguard.domain.evidence import Outcome
from postguard.domain.people import Roster
from postguard.domain.policy import Policy
from postguard.domain.report import Report
from postguard.domain.vouching import id_of
from postguard.records.files import held, make_folder, read_whole, sync_folder, write_whole
from postguard.records.lock import refuse_locked

FILE = "journal.jsonl"
KEY = "journal.key"
HEAD = "journal.head"

EVENTS: Mapping[str, frozenset[str]] = {
    "check": frozenset(
        {"draft", "by", "channel", "date", "register", "settings", "verdict", "rules", "confirmed", "waived"}
    ),
    "confirm": frozenset({"draft", "by", "held", "refused", "marked"}),
    "vouch": frozenset({"draft", "channel", "rule", "by", "role", "until", "register"}),
    "receipt": frozenset({"draft", "channel", "register", "receipt"}),
    "consent": frozenset({"what", "how_many", "by", "register"}),
    "forget": frozenset({"how_many", "register"}),
    "enrol": frozenset({"people", "references", "register"}),
    "incident": frozenset({"kind", "happened", "by", "record"}),
    "lock": frozenset(),
    "unlock": frozenset(),
    "repaired": frozenset({"bytes", "sha256"}),
    "lines-missing": frozenset({"expected_bytes", "found_bytes"}),
}
"""Every event and what its line may say. Drafts, registers and incident records appear as hashes only;
`by` is the id of whoever answers for it, a member of staff."""

CLOCK_SLACK = timedelta(seconds=2)
"""Two computers that share a folder may differ by so much without anybody being told."""

_A_DAY = 86_400
_LONGEST_LINE = 65_536
_NO_LINE = hashlib.sha256(b"postguard journal").hexdigest()


@dataclass(frozen=True, kw_only=True, slots=True)
class Verified:
    """What the journal is worth. `problems` are sentences with line numbers; `notes` are no problems."""

    lines: int
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def append(folder: Path, event: str, *, now: datetime | None = None, **said: Any) -> tuple[str, ...]:
    """Add a line and wait until the disk has it. Returns what must be said to the user, usually nothing.

    `folder`: the school's records. Raises RecordError; the journal is then as it was.
    """
    if event not in EVENTS or set(said) - EVENTS[event]:
        raise ValueError(f"the journal has no room for {event} {sorted(said)}")
    refuse_locked(folder)
    make_folder(folder)
    path = folder / FILE
    with held(path):
        new = not path.exists()
        key = _key(folder, make=new)
        if key is None:
            raise RecordError(
                f"The journal's key, {folder / KEY}, is gone.",
                hint="Put it back from a backup. Or move the journal away as it is, and a new one begins.",
            )
        if new and not (folder / HEAD).exists():
            write_whole(folder / HEAD, _head(key, 0))  # before the first line, so that a missing head is never a crash
        try:
            with path.open("a+b", buffering=0) as file:
                path.chmod(0o600)
                notes = _mend(file, folder, key)
                _add(file, key, event, said, now or datetime.now(UTC))
                end = file.seek(0, os.SEEK_END)
                back = json.loads(_last_line(file, end) or b"{}").get("clock_went_back", 0)
            sync_folder(folder)
        except OSError as error:
            raise RecordError(
                f"The journal {path} cannot be written ({error.strerror}).",
                hint="Look whether the disk is full and whether you may write there. Without a journal nothing counts.",
            ) from error
        write_whole(folder / HEAD, _head(key, end))
    if back >= _A_DAY:
        notes += (f"This computer's clock has gone back by {back // 3600} hours. Consent ends by it: set it right.",)
    return notes


def verify(folder: Path) -> Verified:
    """Whether the journal is whole. Raises RecordError when it cannot be read at all."""
    refuse_locked(folder)
    path = folder / FILE
    with held(path):
        data = read_whole(path)
        key = _key(folder, make=False)
        head = read_whole(folder / HEAD)
    if data is None:
        if head is not None or key is not None:
            return Verified(lines=0, problems=("The journal is gone, though there was one.",))
        return Verified(lines=0, notes=("There is no journal yet.",))
    if key is None:
        raise RecordError(
            f"The journal's key, {folder / KEY}, is gone.", hint="Without it nobody can tell. Look in a backup."
        )
    return _verify(data, key, head)


def entries(folder: Path) -> tuple[Mapping[str, Any], ...]:
    """The lines as they stand, for showing; a line that cannot be read is left out (`verify` says so)."""
    data = read_whole(folder / FILE) or b""
    found = []
    for raw in data.splitlines():
        with suppress(ValueError):
            line = json.loads(raw)
            if isinstance(line, dict):
                found.append({k: v for k, v in line.items() if k not in ("before", "mac")})
    return tuple(found)


def check_line(report: Report, policy: Policy, roster: Roster) -> dict[str, Any]:
    """What a check's line says: hashes, rule ids and the verdict; the poster where the roster knows them."""
    evidence = report.evidence
    return {
        "draft": draft_hash(evidence.draft, shas(evidence.photographs)),
        "by": id_of(evidence.draft.author or "", roster),
        "channel": evidence.channel,
        "date": evidence.date.isoformat(),
        "register": report.register,
        "settings": policy.fingerprint,
        "verdict": report.verdict.value,
        "rules": sorted({f.reads_as or f.rule for f in report.findings if f.severity.fails}),
        "confirmed": sum(1 for d in evidence.decisions if d.outcome is Outcome.CONFIRMED),
        "waived": sorted({w.finding.reads_as or w.finding.rule for w in report.waived}),
    }


def failed_since(folder: Path, receipt: str, draft: str, channel: str) -> bool | None:
    """Whether a check of this very draft (`draft_hash`) for this channel did not pass after that receipt was written.

    `receipt`: SHA-256 of its bytes. None where the journal has no line about it. The order of the lines counts and
    not their times, for a clock may jump back.
    """
    found: bool | None = None
    for raw in (read_whole(folder / FILE) or b"").splitlines():
        if draft.encode() not in raw:
            continue
        with suppress(ValueError, KeyError, TypeError):
            line = json.loads(raw)
            if line["event"] == "receipt" and line["receipt"] == receipt:
                found = False
            elif line["event"] == "check" and line["channel"] == channel and line["verdict"] != "pass":
                found = None if found is None else True
    return found


# Lines -----------------------------------------------------------------------------------------------


def _line(key: bytes, event: str, said: Mapping[str, Any], at: datetime, previous: bytes | None) -> bytes:
    fields: dict[str, Any] = {"at": at.isoformat(timespec="seconds"), "event": event}
    fields |= {name: value for name, value in said.items() if value is not None}
    before = _when(previous) if previous is not None else None
    if before is not None and at < before - CLOCK_SLACK:
        fields["clock_went_back"] = int((before - at).total_seconds())
    fields["before"] = _hash(previous)
    fields["mac"] = _mac(key, fields)
    return json.dumps(fields, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"


def _mac(key: bytes, fields: Mapping[str, Any]) -> str:
    words = json.dumps({k: v for k, v in fields.items() if k != "mac"}, ensure_ascii=True, sort_keys=True)
    return hmac.new(key, words.encode(), hashlib.sha256).hexdigest()


def _hash(previous: bytes | None) -> str:
    """Of the whole line before this one, as it stands in the file, without its line end."""
    return _NO_LINE if previous is None else hashlib.sha256(previous.rstrip(b"\n")).hexdigest()


def _when(line: bytes) -> datetime | None:
    try:
        when = datetime.fromisoformat(json.loads(line)["at"])
    except (ValueError, KeyError, TypeError):
        return None
    return when if when.tzinfo is not None else None


def _genuine(line: bytes, key: bytes) -> bool:
    try:
        fields = json.loads(line)
        return isinstance(fields, dict) and hmac.compare_digest(str(fields["mac"]), _mac(key, fields))
    except (ValueError, KeyError, RecursionError):
        return False


# Writing ---------------------------------------------------------------------------------------------


def _mend(file: FileIO, folder: Path, key: bytes) -> tuple[str, ...]:
    """Cut off a torn last line, and note lines that are missing before anything is added behind them."""
    end = file.seek(0, os.SEEK_END)
    notes: list[str] = []
    last = _last_line(file, end)
    if last is not None and not last.endswith(b"\n"):
        if _genuine(last, key):
            _write(file, b"\n")  # only the line end was lost
        else:
            file.truncate(end - len(last))
            _add(file, key, "repaired", {"bytes": len(last), "sha256": hashlib.sha256(last).hexdigest()})
        notes.append("The journal's last line was torn, by a crash perhaps. It was repaired.")
        end = file.seek(0, os.SEEK_END)
    expected = _expected(read_whole(folder / HEAD), key)
    if (expected is None and end) or (expected is not None and end < expected):
        _add(file, key, "lines-missing", {"expected_bytes": expected, "found_bytes": end})
        notes.append("Lines may be missing at the journal's end. That was noted: `postguard journal verify` says more.")
    return tuple(notes)


def _add(file: FileIO, key: bytes, event: str, said: Mapping[str, Any], at: datetime | None = None) -> None:
    end = file.seek(0, os.SEEK_END)
    line = _line(key, event, said, at or datetime.now(UTC), _last_line(file, end))
    if len(line) > _LONGEST_LINE:
        raise ValueError("a journal line is a line, not a book")
    try:
        _write(file, line)
    except OSError:
        with suppress(OSError):
            file.truncate(end)
        raise


def _write(file: FileIO, data: bytes) -> None:
    """All of it, and onto the disk. A disk that fills up takes a part and fails at the rest."""
    left = memoryview(data)
    while left:
        left = left[file.write(left) or 0 :]
    os.fsync(file.fileno())


def _last_line(file: FileIO, end: int) -> bytes | None:
    """The last line with its line end, or what there is of it; None for an empty file."""
    if end == 0:
        return None
    start = max(0, end - 2 * _LONGEST_LINE)
    file.seek(start)
    tail = file.readall()
    cut = tail.rfind(b"\n", 0, len(tail) - 1)
    return tail[cut + 1 :]


def _key(folder: Path, *, make: bool) -> bytes | None:
    path = folder / KEY
    data = read_whole(path)
    if data is None and make:
        data = secrets.token_hex(32).encode() + b"\n"
        write_whole(path, data)
    if data is None:
        return None
    try:
        key = bytes.fromhex(data.decode("ascii").strip())
    except (ValueError, UnicodeDecodeError):
        key = b""
    if len(key) != 32:
        raise RecordError(f"The journal's key, {path}, is damaged.", hint="Put it back from a backup.")
    return key


def _head(key: bytes, end: int) -> bytes:
    fields = {"bytes": end}
    return json.dumps({**fields, "mac": _mac(key, fields)}).encode() + b"\n"


def _expected(head: bytes | None, key: bytes) -> int | None:
    if head is None or not _genuine(head, key):
        return None
    return int(json.loads(head)["bytes"])


# Reading ---------------------------------------------------------------------------------------------


def _verify(data: bytes, key: bytes, head: bytes | None) -> Verified:
    problems: list[str] = []
    notes: list[str] = []
    lines = data.splitlines(keepends=True)
    if lines and not lines[-1].endswith(b"\n"):
        notes.append(f"Line {len(lines)} is torn, by a crash perhaps. The next line that is added repairs it.")
        lines.pop()
    previous: bytes | None = None
    for number, line in enumerate(lines, start=1):
        if not _genuine(line, key):
            problems.append(f"Line {number} was changed.")
        else:
            fields = json.loads(line)
            if fields["before"] != _hash(previous):
                problems.append(f"Before line {number} something is missing, changed or in another order.")
            notes += _remarks(number, fields)
            problems += _confessed(number, fields)
        previous = line
    if head is None:
        problems.append("The file that says where the journal ends is gone: missing last lines would not show.")
    elif (expected := _expected(head, key)) is None:
        problems.append("The file that says where the journal ends was changed.")
    elif len(data) < expected:
        problems.append(f"At the end {expected - len(data)} bytes of lines are missing.")
    return Verified(lines=len(lines), problems=tuple(problems), notes=tuple(notes))


def _remarks(number: int, fields: Mapping[str, Any]) -> Iterable[str]:
    if "clock_went_back" in fields:
        yield f"Line {number}: the clock had gone back by {fields['clock_went_back']} seconds."
    if fields["event"] == "repaired":
        yield f"Line {number}: a torn line of {fields['bytes']} bytes was cut off here after a crash."


def _confessed(number: int, fields: Mapping[str, Any]) -> Iterable[str]:
    if fields["event"] == "lines-missing" and "expected_bytes" not in fields:
        yield f"Before line {number} lines may be missing: nothing said any more where the journal ended."
    elif fields["event"] == "lines-missing":
        missing = int(fields["expected_bytes"]) - int(fields["found_bytes"])
        yield f"Before line {number} {missing} bytes of lines were missing when it was written."
