"""At rest: templates, waivers, incident notes and the journal's key in one file that needs a passphrase.

Sealed with AES-256-GCM under a key from scrypt (docs/decisions/0013-at-rest.md). While the sealed file is there
the school is locked: nothing reads or makes records until it is opened again, so the two can never differ.
"""

import hashlib
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from postguard.domain.errors import RecordError
from postguard.records.files import held, read_whole, sync_folder, write_whole
from postguard.records.places import Odd, numbers, table, text

FILE = "records.locked"
SEALED = ("gallery.npz", "waivers.json", "journal.key")
"""What is sealed, by name, and every note of an incident. The journal itself holds hashes only, and the key for
receipts must be there for `postguard verify`."""
_HELD = ("gallery.npz", "waivers.json", "journal.jsonl")
"""Whoever writes what is sealed holds one of these."""
INCIDENTS = "incidents"
SHORTEST = 12
"""Characters of a passphrase. Four words are longer; NCSC's advice is three random words."""

_MAGIC = b"postguard-locked/1\n"
_FAMILY = b"postguard-locked/"
_DIGEST = 32
_SCRYPT_N, _SCRYPT_R, _SCRYPT_P = 2**17, 8, 1
"""OWASP's recommendation for scrypt (Password Storage Cheat Sheet): 128 MB and about half a second a try."""
_MOST_MEMORY = 2**28


@dataclass(frozen=True, kw_only=True, slots=True)
class Locked:
    """What was locked or unlocked: how many files."""

    files: int


def is_locked(folder: Path) -> bool:
    """Whether the school's records are locked. `folder`: the records."""
    return (folder / FILE).exists()


def refuse_locked(folder: Path) -> None:
    """Raises RecordError while the records are locked: a check without them would not be this school's check."""
    if is_locked(folder):
        raise RecordError(
            "The school's records are locked.", hint="Open them with `postguard unlock`, and lock them again after."
        )


def lock(folder: Path, passphrase: str) -> Locked:
    """Seal the records and remove the open files. Raises RecordError; nothing is then removed.

    After a crash halfway both are there, and alike: lock again, or unlock.
    """
    if len(passphrase) < SHORTEST:
        raise RecordError(
            f"The passphrase is shorter than {SHORTEST} characters.", hint="Three or four random words are good."
        )
    with _all_held(folder):
        sealed = read_whole(folder / FILE)
        if sealed is not None:
            kept = _open(sealed, passphrase, folder)
            _refuse_two_truths(folder, kept)
        else:
            kept = _records(folder)
            if not kept:
                raise RecordError("There is nothing to lock yet.", hint=f"{folder} holds no records.")
            data = _seal(kept, passphrase)
            if _open(data, passphrase, folder) != kept:
                raise RecordError("The sealed file could not be read back.", hint="Nothing was removed. Try again.")
            write_whole(folder / FILE, data)
        for name in kept:
            (folder / name).unlink(missing_ok=True)
        sync_folder(folder)
    return Locked(files=len(kept))


def unlock(folder: Path, passphrase: str) -> Locked:
    """Put the records back as they were. Raises RecordError; the sealed file is then still there."""
    with _all_held(folder):
        data = read_whole(folder / FILE)
        if data is None:
            raise RecordError("The records are not locked.", hint="There is nothing to open.")
        kept = _open(data, passphrase, folder)
        _refuse_two_truths(folder, kept)
        for name, content in kept.items():
            (folder / name).parent.mkdir(mode=0o700, exist_ok=True)
            write_whole(folder / name, content)
        (folder / FILE).unlink()
        sync_folder(folder)
    return Locked(files=len(kept))


@contextmanager
def _all_held(folder: Path) -> Iterator[None]:
    """Nobody makes a gallery, vouches or adds to the journal meanwhile: what they wrote would be lost."""
    with ExitStack() as stack:
        for name in (FILE, *_HELD):
            stack.enter_context(held(folder / name))
        yield


def _refuse_two_truths(folder: Path, kept: Mapping[str, bytes]) -> None:
    """Beside the sealed file there may be what a crash left, and that is alike. Anything else is somebody's work."""
    for name, data in kept.items():
        found = read_whole(folder / name)
        if found is not None and found != data:
            raise RecordError(
                f"{folder / name} is there, and the locked records hold another one.",
                hint="Nothing was changed. Move the one beside the locked records away, and try again.",
            )


def _records(folder: Path) -> dict[str, bytes]:
    names = [*SEALED, *(f"{INCIDENTS}/{path.name}" for path in sorted((folder / INCIDENTS).glob("*.md")))]
    found = {name: read_whole(folder / name) for name in names}
    return {name: data for name, data in found.items() if data is not None}


def _key(passphrase: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(passphrase.encode(), salt=salt, n=n, r=r, p=p, maxmem=2 * 128 * n * r, dklen=64)


def _seal(kept: Mapping[str, bytes], passphrase: str) -> bytes:
    """Magic, one line of JSON, the ciphertext, and a SHA-256 over all of it that tells damage from a wrong word."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    salt, nonce = secrets.token_bytes(16), os.urandom(12)
    keys = _key(passphrase, salt, _SCRYPT_N, _SCRYPT_R, _SCRYPT_P)
    header = json.dumps(
        {
            "scrypt": [_SCRYPT_N, _SCRYPT_R, _SCRYPT_P],
            "salt": salt.hex(),
            "nonce": nonce.hex(),
            "check": hashlib.sha256(keys[32:]).hexdigest(),
        }
    ).encode()
    index = json.dumps({name: len(data) for name, data in kept.items()}).encode() + b"\n"
    front = _MAGIC + header + b"\n"
    body = front + AESGCM(keys[:32]).encrypt(nonce, index + b"".join(kept.values()), front)
    return body + hashlib.sha256(body).digest()


def _open(data: bytes, passphrase: str, folder: Path) -> dict[str, bytes]:
    damaged = RecordError(
        f"The locked records, {folder / FILE}, are damaged.",
        hint="Nothing was changed. Put the file back from a backup; or move it away and enrol again.",
    )
    if data.startswith(_FAMILY) and not data.startswith(_MAGIC):
        raise RecordError(
            "The records were locked by another version of postguard.",
            hint="Nothing was changed. Unlock them with that version, then lock them with this one.",
        )
    body = data[:-_DIGEST]
    if not data.startswith(_MAGIC) or hashlib.sha256(body).digest() != data[-_DIGEST:]:
        raise damaged
    try:
        return _unsealed(body, passphrase)
    except (Odd, ValueError, KeyError):
        raise damaged from None


def _unsealed(body: bytes, passphrase: str) -> dict[str, bytes]:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    line, _, ciphertext = body[len(_MAGIC) :].partition(b"\n")
    header: Mapping[str, Any] = table(json.loads(line), required=("scrypt", "salt", "nonce", "check"))
    n, r, p = numbers(header["scrypt"], 3)
    if not (1 < n * r * 128 <= _MOST_MEMORY and 0 < p <= 4):
        raise Odd("its numbers are not postguard's")
    keys = _key(passphrase, bytes.fromhex(text(header["salt"])), n, r, p)
    if hashlib.sha256(keys[32:]).hexdigest() != header["check"]:
        raise RecordError("That is not the passphrase.", hint="Nothing was changed. Try again.")
    try:
        plain = AESGCM(keys[:32]).decrypt(
            bytes.fromhex(text(header["nonce"])), ciphertext, body[: len(body) - len(ciphertext)]
        )
    except InvalidTag:
        raise Odd("its content does not fit") from None
    first, _, rest = plain.partition(b"\n")
    kept: dict[str, bytes] = {}
    for name, size in json.loads(first).items():
        if name not in SEALED and Path(name).parent != Path(INCIDENTS):
            raise Odd("it holds what postguard never locks")
        kept[name], rest = rest[:size], rest[size:]
    return kept
