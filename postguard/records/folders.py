"""A folder that appears whole or not at all, whatever ends the process meanwhile."""

import os
import re
import shutil
import tempfile
from pathlib import Path

from postguard.domain.errors import OutputError
from postguard.records.files import sync_folder


def taken(out: Path) -> OutputError:
    return OutputError(
        f"{out} is already there and holds something else.",
        hint="Delete it, or name another folder with -o. Nothing in it was changed.",
    )


def not_written(out: Path, error: OSError) -> OutputError:
    return OutputError(f"The copy could not be put at {out} ({error.strerror}).", hint="Choose another place with -o.")


def room_beside(out: Path) -> Path:
    """A hidden folder on the same disk as `out`. What a killed run left there is swept away first."""
    parent, prefix, suffix = out.absolute().parent, f".{out.name}-", ".part"
    try:
        for left in parent.iterdir():
            # What mkdtemp puts in the middle has no dash: another copy's room is never taken for one of this.
            if re.fullmatch(rf"{re.escape(prefix)}\w+{suffix}", left.name):
                shutil.rmtree(left, ignore_errors=True)
        return Path(tempfile.mkdtemp(prefix=prefix, suffix=suffix, dir=parent))
    except OSError as error:
        raise not_written(out, error) from error


def same_files(folder: Path, out: Path) -> bool:
    ours, theirs = ({p.name: p.read_bytes() for p in place.iterdir() if p.is_file()} for place in (folder, out))
    return ours == theirs


def appear(folder: Path, out: Path) -> None:
    """The folder takes its place in one step, its files safe on the disk before."""
    for file in folder.iterdir():
        with file.open("rb") as handle:
            os.fsync(handle.fileno())
    sync_folder(folder)
    if out.is_dir() and not any(out.iterdir()):
        out.rmdir()
    if out.exists():
        raise taken(out)
    folder.rename(out)
    sync_folder(out.absolute().parent)
