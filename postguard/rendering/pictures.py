"""Small copies of the pictures, put into a view for the formats that show them."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from postguard.domain.evidence import Region
from postguard.domain.report import Batch, Report
from postguard.rendering.view import ShownDraft, ShownPicture, View

LARGE, SMALL = 1024, 640
"""Pixels of a copy's longer side; many pictures get small copies, or no browser would open the page."""
MANY = 40


class Reduces(Protocol):
    """What makes a small JPEG without metadata, `cover` painted over; None where it cannot (seeing.thumbnails)."""

    def __call__(self, path: Path, *, sha256: str, cover: Sequence[Region], longest: int) -> bytes | None: ...


def with_pictures(view: View, batch: Batch, reduce: Reduces) -> View:
    """The same view with a copy of every picture that its reader may see. `batch` is the one it was made of."""
    pictures = sum(len(draft.pictures) for draft in view.drafts)
    longest = LARGE if pictures <= MANY else SMALL
    return replace(
        view,
        drafts=tuple(
            _with_copies(draft, report, reduce, longest)
            for draft, report in zip(view.drafts, batch.reports, strict=True)
        ),
    )


def _with_copies(draft: ShownDraft, report: Report, reduce: Reduces, longest: int) -> ShownDraft:
    hashes = {photograph.part: photograph.sha256 for photograph in report.evidence.photographs}
    shown: list[ShownPicture] = []
    for picture, file in zip(draft.pictures, report.evidence.draft.pictures, strict=True):
        copy = None
        if not picture.withheld:
            copy = reduce(file.path, sha256=hashes.get(file.part, ""), cover=picture.cover, longest=longest)
        missing = "" if picture.withheld or copy else "it is no longer the file that was checked"
        shown.append(replace(picture, image=copy, withheld=picture.withheld or missing))
    return replace(draft, pictures=tuple(shown))
