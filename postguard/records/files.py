"""Files that must never be torn: written whole or not at all, by one process at a time, for their owner alone."""

import glob
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from postguard.domain.errors import RecordError

FOLDER = ".postguard"
"""The folder of records beside the roster."""

PATIENCE = 30.0
"""Seconds to wait for another postguard that holds a file: the longest thing done under a lock takes one."""

_PART = ".part"

_LONGEST = 50
"""Letters of a file's name in the name of its unfinished copy: file systems take 255 bytes."""


def records_folder(roster: Path) -> Path:
    """Where the records of the school with this roster are kept."""
    return roster.parent / FOLDER


def make_folder(folder: Path) -> None:
    """Make the folder of records, for its owner alone and out of git's sight. Raises RecordError."""
    with _told(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    ignore = folder / ".gitignore"
    if folder.name == FOLDER and not ignore.exists():
        with suppress(OSError):  # a kindness, not a need
            ignore.write_text("# Templates and records of families: never in git.\n*\n", encoding="utf-8")


def write_whole(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Replace a file in one step: whoever reads, or whenever power goes, it is the old one or the new one.

    Raises RecordError; the old file is then still there.
    """
    with _told(path):
        _sweep(path)
        handle, name = tempfile.mkstemp(prefix=_prefix(path), suffix=_PART, dir=path.parent)
        part = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                if os.name == "posix":
                    os.fchmod(file.fileno(), mode)
                os.fsync(file.fileno())
            part.replace(path)
            sync_folder(path.parent)
        finally:
            part.unlink(missing_ok=True)


def read_whole(path: Path) -> bytes | None:
    """A file's bytes, or None when there is no file. Raises RecordError when it is there and cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RecordError(
            f"{path} cannot be read ({error.strerror}).", hint="Look whether you may read it; nothing was changed."
        ) from error


def sync_folder(folder: Path) -> None:
    """Make sure that a file's new name outlives a power cut. Windows has no such call and needs none."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def held(path: Path, *, patience: float | None = None) -> Iterator[None]:
    """Hold a file: another process that wants it waits here. The lock ends with the process, however it ends.

    Raises RecordError when another process does not let go within `patience` seconds (PATIENCE).
    """
    make_folder(path.parent)
    with _told(path):
        lock = (path.parent / f".{path.name}.lock").open("a+b")
    with lock:
        _wait_for(lock.fileno(), path, PATIENCE if patience is None else patience)
        try:
            yield
        finally:
            _let_go(lock.fileno())


def _wait_for(handle: int, path: Path, patience: float) -> None:
    end = time.monotonic() + patience
    with _told(path):  # some network drives know no locks
        while not _take(handle):
            if time.monotonic() > end:
                raise RecordError(
                    f"Another postguard is at work on {path.name} and does not let go.",
                    hint="Wait until it is done, or end it, and try again.",
                )
            time.sleep(0.02)


if os.name == "posix":
    import fcntl

    def _take(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _let_go(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)

else:
    import msvcrt

    def _take(handle: int) -> bool:
        try:
            os.lseek(handle, 0, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        except OSError:
            return False
        return True

    def _let_go(handle: int) -> None:
        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)  # type: ignore[attr-defined,unused-ignore]


def _sweep(path: Path) -> None:
    """Remove what a killed writer of this file left behind; writers hold the file, so nobody is writing now."""
    for left in path.parent.glob(f"{glob.escape(_prefix(path))}*{_PART}"):
        with suppress(OSError):
            left.unlink()


def _prefix(path: Path) -> str:
    return f".{path.name[:_LONGEST]}-"


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RecordError(
            f"{path} cannot be written ({error.strerror}).",
            hint="Look whether you may write there and whether the disk is full. What was there before is untouched.",
        ) from error
