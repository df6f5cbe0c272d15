"""Receipts: a signed statement that exactly this draft passed, for a script or a person that publishes it.

Signed with Ed25519; what is signed is the statement as canonical JSON (keys sorted, no spaces, ASCII). It names
nobody: who was in the draft is kept as keyed hashes, which only the school's own key can compare with its roster
(docs/receipts.md).
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from postguard import __version__
from postguard.domain.answers import draft_hash, shas
from postguard.domain.drafts import Draft
from postguard.domain.errors import RecordError
from postguard.domain.evidence import Outcome
from postguard.domain.people import Roster
from postguard.domain.policy import Policy
from postguard.domain.report import Report, Verdict
from postguard.records.files import held, make_folder, read_whole, write_whole
from postguard.records.journal import append
from postguard.records.places import Odd, rows, table, text

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SCHEMA = "postguard-receipt/1"
KEY = "receipt_key.pem"
LARGEST = 1_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """What a receipt says. Hashes are lower-case hex; `register` and `settings` are fingerprints.

    `people`: a keyed hash for everybody consented who is shown or named. `until`: the last day of the shortest
    vouch it rests on.
    """

    made: datetime
    postguard: str
    means: tuple[str, ...]
    channel: str
    day: date
    register: str
    settings: str
    draft: str
    pictures: tuple[str, ...]
    people: tuple[str, ...]
    faces: int
    confirmed: int
    vouched: int
    until: date | None = None


def write_receipt(path: Path, report: Report, *, roster: Roster, policy: Policy, folder: Path, now: datetime) -> None:
    """Write the receipt of a draft that passed, its line in the journal first. `folder`: the school's records.

    Raises RecordError where there is nothing to put one's name to: a draft that failed, or a check as of a past day.
    """
    if report.verdict is not Verdict.PASS:
        raise RecordError("There is no receipt for a draft that did not pass.", hint="Mend it and check again.")
    if report.evidence.date < now.date():
        raise RecordError(
            "There is no receipt for a check as of a past day: consent may have changed since.",
            hint="Check again without --date.",
        )
    if path.resolve().is_relative_to(report.evidence.draft.path.resolve()):
        raise RecordError("A receipt does not belong into the draft.", hint="Write it somewhere else.")
    key = school_key(folder, make=True)
    statement = _statement(report, roster, policy, key, now)
    data = _sealed(statement, key)
    append(
        folder,
        "receipt",
        now=now,
        draft=statement.draft,
        channel=statement.channel,
        register=statement.register,
        receipt=hashlib.sha256(data).hexdigest(),
    )
    write_whole(path, data, mode=0o644)


def read_receipt(path: Path, folder: Path) -> Statement:
    """The statement of a receipt that this school signed. Raises RecordError for any other file."""
    data = read_whole(path)
    if data is None:
        raise RecordError(f"There is no receipt at {path}.", hint="`postguard check DRAFT --receipt FILE` writes one.")
    try:
        if len(data) > LARGEST:
            raise Odd("it is too long")
        return _opened(data, school_key(folder, make=False))
    except (Odd, ValueError, RecursionError) as trouble:
        why = f" ({trouble})" if isinstance(trouble, Odd) else ""
        raise RecordError(
            f"This is not a receipt of this school, or it was changed{why}.",
            hint="Check the draft again for a new one.",
        ) from None


def against(
    statement: Statement,
    draft: Draft,
    sha_of: Mapping[str, str],
    *,
    roster: Roster,
    policy: Policy,
    folder: Path,
    channel: str,
    on: date,
    failed_since: bool | None,
) -> tuple[str, ...]:
    """Every reason why this receipt does not let this draft be published today; none when it does.

    `sha_of`: picture's name to the SHA-256 of the bytes that are there now. `failed_since`: as the
    journal says it, None where it knows no such receipt.
    """
    reasons = []
    if draft.problems or draft_hash(draft, sha_of) != statement.draft:
        reasons.append("This is not the draft that was passed: words, pictures, their names or alt texts are others.")
    if channel != statement.channel:
        reasons.append("It was passed for another channel.")
    if policy.fingerprint != statement.settings:
        reasons.append("The school's settings have changed since. Check it again.")
    if roster.fingerprint != statement.register:  # somebody new may have the name, or the look, of who is in it
        reasons.append("The roster has changed since. Check it again.")
    if failed_since is None:
        reasons.append("The school's journal knows nothing of this receipt. Check it again.")
    elif failed_since:
        reasons.append("A later check of this very draft did not pass. Check it again.")
    if on < statement.day:
        reasons.append("It was passed for a later day.")
    if statement.until is not None and on > statement.until:
        reasons.append("It rests on a vouch that has run out since. Check it again.")
    still = set(_hidden(roster.may_appear(statement.channel, on), school_key(folder, make=False)))
    lost = sum(1 for person in statement.people if person not in still)
    if lost:
        who = "Somebody" if lost == 1 else f"{lost} people"
        reasons.append(f"{who} in it may no longer be shown or named there. Check it again.")
    return tuple(reasons)


def sha256_of_file(path: Path) -> str:
    """SHA-256 of a file's bytes, lower-case hex; "" for one that cannot be read, which equals no other."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def school_key(folder: Path, *, make: bool) -> "Ed25519PrivateKey":
    """The school's key for receipts. Raises RecordError when it is missing and not to be made, or damaged."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    path = folder / KEY
    data = read_whole(path)
    if data is None and make:
        make_folder(folder)
        with held(path):
            data = read_whole(path)
            if data is None:
                data = _pem(Ed25519PrivateKey.generate().private_bytes_raw())
                write_whole(path, data)
    if data is None:
        raise RecordError(
            f"This school has no key for receipts ({path}).", hint="The first `check --receipt` makes one."
        )
    try:
        der = base64.b64decode(b"".join(data.split(b"\n")[1:-2]), validate=True)
        key = Ed25519PrivateKey.from_private_bytes(der.removeprefix(_RFC_8410))
    except ValueError:
        key = None
    if key is None or data != _pem(key.private_bytes_raw()):
        raise RecordError(f"The key for receipts, {path}, is damaged.", hint="Put it back from a backup.")
    return key


_RFC_8410 = bytes.fromhex("302e020100300506032b657004220420")
"""What stands before the 32 bytes of every Ed25519 key in PKCS 8 (RFC 8410, section 7). Written and read here
because the library's own reader takes 75 ms to load, and `verify` stands in the way of every post."""


def _pem(raw: bytes) -> bytes:
    body = base64.b64encode(_RFC_8410 + raw)
    return b"-----BEGIN PRIVATE KEY-----\n" + body + b"\n-----END PRIVATE KEY-----\n"


def _statement(report: Report, roster: Roster, policy: Policy, key: "Ed25519PrivateKey", now: datetime) -> Statement:
    evidence = report.evidence
    sha_of = shas(evidence.photographs)
    if {p.part for p in evidence.draft.pictures} != set(sha_of):
        raise RecordError("There is no receipt for a draft with a picture that was not read.", hint="Check it again.")
    shown = {d.person for d in evidence.decisions if d.person is not None and d.outcome in _SHOWN}
    named = {m.person for m in evidence.mentions}
    consented = (shown | named) & roster.may_appear(evidence.channel, evidence.date)
    ends = [date.fromisoformat(w.until) for w in report.waived if w.until is not None]
    return Statement(
        made=now,
        postguard=__version__,
        means=evidence.means,
        channel=evidence.channel,
        day=evidence.date,
        register=report.register,
        settings=policy.fingerprint,
        draft=draft_hash(evidence.draft, sha_of),
        pictures=tuple(sorted(sha_of.values())),
        people=tuple(sorted(_hidden(consented, key))),
        faces=len(evidence.decisions),
        confirmed=sum(1 for d in evidence.decisions if d.outcome is Outcome.CONFIRMED),
        vouched=len(report.waived),
        until=min(ends, default=None),
    )


_SHOWN = frozenset({Outcome.CLEARED, Outcome.CONFIRMED, Outcome.WAIVED})


def _hidden(people: Iterable[str], key: "Ed25519PrivateKey") -> Iterable[str]:
    """Ids as hashes under a key of their own, derived from the school's: nobody else can try out P01, P02, …"""
    secret = hashlib.sha256(b"postguard receipt people\0" + key.private_bytes_raw()).digest()
    return (hmac.new(secret, person.encode(), hashlib.sha256).hexdigest() for person in people)


def _canonical(plain: object) -> bytes:
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def _sealed(statement: Statement, key: "Ed25519PrivateKey") -> bytes:
    plain = {
        "made": statement.made.isoformat(timespec="seconds"),
        "postguard": statement.postguard,
        "means": list(statement.means),
        "channel": statement.channel,
        "date": statement.day.isoformat(),
        "register": statement.register,
        "settings": statement.settings,
        "draft": statement.draft,
        "pictures": list(statement.pictures),
        "people": list(statement.people),
        "faces": statement.faces,
        "confirmed": statement.confirmed,
        "vouched": statement.vouched,
        "until": None if statement.until is None else statement.until.isoformat(),
    }
    signature = key.sign(_canonical({"schema": SCHEMA, "statement": plain}))
    return _written(
        {
            "schema": SCHEMA,
            "statement": plain,
            "key": base64.b64encode(key.public_key().public_bytes_raw()).decode(),
            "signature": base64.b64encode(signature).decode(),
        }
    )


def _written(receipt: Mapping[str, object]) -> bytes:
    return (json.dumps(receipt, indent=2) + "\n").encode()


def _opened(data: bytes, key: "Ed25519PrivateKey") -> Statement:
    from cryptography.exceptions import InvalidSignature

    receipt = table(json.loads(data), required=("schema", "statement", "key", "signature"))
    if receipt["schema"] != SCHEMA:
        raise Odd("it is of another version of postguard")
    public = key.public_key()
    if base64.b64decode(text(receipt["key"]), validate=True) != public.public_bytes_raw():
        raise Odd("it was signed with another key")
    try:
        public.verify(
            base64.b64decode(text(receipt["signature"]), validate=True),
            _canonical({"schema": SCHEMA, "statement": receipt["statement"]}),
        )
    except InvalidSignature:
        raise Odd("its signature does not fit") from None
    if data != _written(receipt):  # a key given twice reads in one way here and in another elsewhere
        raise Odd("it is not as it was written")
    said = receipt["statement"]
    until = said["until"]
    return Statement(
        made=datetime.fromisoformat(said["made"]),
        postguard=said["postguard"],
        means=tuple(rows(said["means"])),
        channel=said["channel"],
        day=date.fromisoformat(said["date"]),
        register=said["register"],
        settings=said["settings"],
        draft=said["draft"],
        pictures=tuple(rows(said["pictures"])),
        people=tuple(rows(said["people"])),
        faces=said["faces"],
        confirmed=said["confirmed"],
        vouched=said["vouched"],
        until=None if until is None else date.fromisoformat(until),
    )
