"""Putting a Guard together: from a roster and a few choices to something that checks drafts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from postguard.checks import ALL_CHECKS
from postguard.domain.answers import Confirmations
from postguard.domain.drafts import Draft, Unchecked
from postguard.domain.people import Roster
from postguard.domain.policy import Policy
from postguard.loading import check_present, find_settings, list_references, load_settings, refuse_orphans, refuse_stale
from postguard.pipeline import Faces, Guard
from postguard.records.confirmations import load_confirmations
from postguard.records.files import records_folder
from postguard.records.waivers import load_waivers

if TYPE_CHECKING:
    from postguard.enrolment import Enrolment
    from postguard.seeing.words import Reader

GALLERY = Path(".postguard") / "gallery.npz"
"""Where the gallery is kept, beside the roster."""

WORDS_NOT_READ = "the words in it were not read (--no-ocr), and a name may stand there"


@dataclass(frozen=True, kw_only=True, slots=True)
class Setup:
    """All that a Guard is made of, before anything heavy is loaded. Pickles, so every worker makes its own.

    `faces` is the folder of reference photos. `models` is a folder of weight files to use instead of the
    installed ones. Without `read_words` the words in pictures stay unread, which fails every picture.
    """

    roster: Roster
    policy: Policy
    faces: Path
    on: date
    channel: str | None = None
    models: Path | None = None
    read_words: bool = True
    threads: int | None = None
    """How many threads the engines may use; one where a process is to keep to one core. None: as they like."""
    remarks: tuple[str, ...] = ()

    @property
    def gallery_file(self) -> Path:
        return self.roster.path.parent / GALLERY

    def guard(self) -> Guard:
        """Raises RosterError where the roster allows no verdict; loads no engine yet."""
        from postguard.matching.names import NameFinder
        from postguard.matching.topics import TopicFinder

        return Guard(
            roster=self.roster,
            policy=self.policy,
            on=self.on,
            faces=_Once(self.engines),
            names=NameFinder(self.roster, self.policy),
            topics=TopicFinder(self.policy),
            channel=self.channel,
            problems=self._problems,
            confirmations=_confirmations,
            waivers=load_waivers(records_folder(self.roster.path)),
            remarks=self.remarks,
        )

    def engines(self) -> Faces:
        """Load the models and bring the gallery up to date. Takes seconds.

        Raises EngineError, GalleryError, and RosterError where reference photos belong to nobody.
        """
        from postguard.enrolment import bring_up_to_date
        from postguard.seeing.eyes import Eyes
        from postguard.seeing.models import Models

        eyes = Eyes(Models.find(self.models), reader=self._reader(), threads=self.threads)
        references = list_references(self.faces, self.roster)
        refuse_orphans(references)
        enrolment = bring_up_to_date(self.roster, references, eyes, self.gallery_file, on=self.on)
        return Faces(
            eyes=eyes,
            gallery=enrolment.gallery,
            stale=enrolment.stale,
            without_template=enrolment.without_template,
            means=(*eyes.means, *enrolment.means),
            remarks=(*enrolment.remarks, *_without_photos(enrolment), *self._without_assessment(enrolment)),
        )

    def _without_assessment(self, enrolment: "Enrolment") -> tuple[str, ...]:
        if self.roster.dpia or self.policy.dpia or not len(enrolment.gallery):
            return ()
        return (
            "Faces were compared, and neither the roster nor the settings name the assessment that allows it (dpia:).",
        )

    def _problems(self, draft: Draft, roster: Roster) -> tuple[Unchecked, ...]:
        """What of a draft does not fit this roster, or is not read in this run."""
        unread = () if self.read_words else draft.pictures
        return (
            *check_present(draft, roster),
            *(Unchecked(part=picture.part, reason=WORDS_NOT_READ) for picture in unread),
        )

    def _reader(self) -> "Reader | None":
        if not self.read_words:
            return None
        from postguard.seeing.words import Reader

        return Reader()


def open_guard(
    roster: Roster,
    *,
    faces: Path | None = None,
    on: date | None = None,
    channel: str | None = None,
    models: Path | None = None,
) -> Guard:
    """A Guard for a roster, its settings beside it and its reference photos (`faces/` beside it by default).

    `on` is the day of posting, today by default. Raises RosterError past the roster's review date,
    SettingsError for broken settings. Models are loaded when the first picture is met.
    """
    day = on or date.today()
    refuse_stale(roster, on=day)
    return Setup(
        roster=roster,
        policy=load_settings(find_settings(roster.path), [check.RULE for check in ALL_CHECKS]),
        faces=faces or roster.path.parent / "faces",
        on=day,
        channel=channel,
        models=models,
    ).guard()


def _without_photos(enrolment: "Enrolment") -> tuple[str, ...]:
    without = sum(account.used == 0 for account in enrolment.accounts)
    if not without:
        return ()
    who = "1 person" if without == 1 else f"{without} people"
    return (f"No face can be cleared as {who} without a photo in use: `postguard enrol` says who.",)


class _Once:
    """Calls `make` the first time it is asked, and hands on the same engines ever after."""

    def __init__(self, make: Callable[[], Faces]) -> None:
        self._make = make

    def __call__(self) -> Faces:
        return self._made

    @cached_property
    def _made(self) -> Faces:
        return self._make()


def _confirmations(draft: Draft) -> tuple[Confirmations, tuple[Unchecked, ...]]:
    return load_confirmations(draft.path)
