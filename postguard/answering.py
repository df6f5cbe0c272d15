"""Answering for the faces of a draft: what the poster says of each, weighed, and what of it is kept."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from postguard.domain.answers import (
    NOT_A_FACE,
    Confirmation,
    Confirmations,
    Mark,
    NotOurPupil,
    Place,
    place_of_face,
    place_of_finding,
    shas,
)
from postguard.domain.confirming import (
    BY_HAND,
    honour_confirmations,
    may_be_not_our_pupil,
    verify_claim,
    verify_not_a_face,
)
from postguard.domain.decision import Standing, decide
from postguard.domain.drafts import Draft
from postguard.domain.errors import UsageError
from postguard.domain.evidence import Decision, Face, Outcome, Photograph, Region, picture_of
from postguard.domain.people import Roster
from postguard.domain.report import Report
from postguard.domain.rules import Finding
from postguard.pipeline import Guard, standing_of

TAKE_BACK = "nothing"
NOT_OURS = "not-our-pupil"


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One answer of the poster's: a face or a finding about a name, and what they say."""

    claim: str
    face: Face | None = None
    finding: Finding | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What came of the answers."""

    lines: tuple[str, ...]
    held: int
    refused: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """Everything on the table: the draft's faces as the machine alone sees them, and the answers so far."""

    report: Report
    draft: Draft
    roster: Roster
    guard: Guard
    standing: Standing
    faces: tuple[Face, ...]
    answers: Confirmations
    sha_of: dict[str, str]

    @classmethod
    def of(cls, report: Report, guard: Guard, draft: Draft, answers: Confirmations) -> "Table":
        engines = guard.faces() if draft.pictures else None
        standing = standing_of(draft, guard.roster, report.evidence.channel, guard.on, engines)
        faces = tuple(d.face for d in report.evidence.decisions if not by_hand(d))
        return cls(
            report=report,
            draft=draft,
            roster=guard.roster,
            guard=guard,
            standing=standing,
            faces=faces,
            answers=answers,
            sha_of=shas(report.evidence.photographs),
        )

    def label(self, face: Face) -> str:
        """How the poster names a face: by its number, with its picture's name where there are several."""
        return str(face.number) if len({f.part for f in self.faces}) == 1 else f"{face.part}:{face.number}"

    def stopped(self) -> list[Decision]:
        return [d for d in self.report.evidence.decisions if d.outcome.stops]

    def same_before(self, face: Face) -> Face | None:
        """The first stopped face of the same clip that seems to be the same person, if that is another."""
        alike = [
            d.face
            for d in self.stopped()
            if d.face.figure == face.figure and picture_of(d.face.part) == picture_of(face.part)
        ]
        return alike[0] if face.figure and alike and alike[0] != face else None

    def names(self) -> list[Finding]:
        """Lone forenames that the poster may say are nobody's here, answered ones too, so that numbers stay."""
        findings = [*self.report.findings, *(w.finding for w in self.report.waived if w.by == "poster")]
        mine = [f for f in findings if may_be_not_our_pupil(f, self.report.evidence)]
        return sorted(mine, key=lambda f: (f.part, f.start or 0, f.person or ""))

    def claimed(self, claims: Iterable[str]) -> Iterator[Asked]:
        """`3=P07` as answers. Raises UsageError."""
        labels = {self.label(face): face for face in self.faces}
        for words in claims:
            label, equals, claim = words.rpartition("=")
            if not equals:
                raise UsageError(f"{words} does not say who it is.", hint=f"Say: --face {words}=ID")
            if label not in labels:
                known = ", ".join(labels) or "there are none"
                raise UsageError(f"There is no face {label} here.", hint=f"Faces: {known}.")
            yield Asked(claim=self.who(claim), face=labels[label])

    def named(self, names: Iterable[str]) -> Iterator[Asked]:
        """`1=not-our-pupil` as answers. Raises UsageError."""
        findings = self.names()
        for words in names:
            number, _, claim = words.partition("=")
            if not number.isdecimal() or not 1 <= int(number) <= len(findings):
                raise UsageError(
                    f"There is no forename {number} that you may answer for.",
                    hint="Only a forename that stands alone, in a post without pictures.",
                )
            if claim not in (NOT_OURS, TAKE_BACK):
                raise UsageError(f"A forename is {NOT_OURS}, or {TAKE_BACK} to take it back.")
            yield Asked(claim=claim, finding=findings[int(number) - 1])

    def who(self, words: str) -> str:
        """An id, from an id or a name. Raises UsageError for nobody, or for a name that two people bear."""
        said = words.strip()
        if said in (NOT_A_FACE, TAKE_BACK) or self.roster.person(said) is not None:
            return said
        folded = said.casefold()
        found = [p.id for p in self.roster.people if folded in (n.casefold() for n in (p.id, p.name, *p.known_as))]
        if len(found) == 1:
            return found[0]
        if found:
            raise UsageError(f"Several people are called {said}.", hint=f"Say which: {', '.join(found)}.")
        raise UsageError(
            f"Nobody on the roster is {said or 'without a name'}.",
            hint="Give an id or a name as the roster writes it; for somebody who is not on it, ask for a vouch.",
        )

    def with_marks(self, marks: Sequence[str]) -> Confirmations:
        """The answers with marks added. Raises UsageError."""
        photographs = {p.part: p for p in self.report.evidence.photographs}
        added = tuple(Mark(place=_mark(words, photographs)) for words in marks)
        return replace(self.answers, marks=tuple(dict.fromkeys((*self.answers.marks, *added))))

    def weigh(self, asked: Sequence[Asked]) -> tuple[Said, Confirmations]:
        """What holds of the answers, in words, and what is to be kept. A claim that does not hold is not kept."""
        kept = self.answers
        for one in asked:
            kept = self._with(kept, one)
        outcomes = {self.label(d.face): d for d in self._decided(kept)}
        lines, held, refused = [], 0, 0
        for one in asked:
            if one.face is None:
                held += 1
                lines.append(f"Forename: kept as {one.claim}.")
                continue
            label = self.label(one.face)
            if self._needs_no_answer(one, kept):
                lines.append(f"Face {label} is not stopped: it needs no answer, and yours was not kept.")
                kept = self._with(kept, replace(one, claim=TAKE_BACK))
                continue
            reason = self._refusal(one, outcomes[label])
            if reason is None:
                held += 1
                lines.append(f"Face {label}: {self._held(one.claim)}")
                continue
            refused += 1
            lines.append(f"Face {label}: {reason}.")
            if self._is_known_not_to_be_allowed(one.claim):
                continue  # kept: the poster knows what the machine does not, and the face stays stopped
            kept = self._with(kept, replace(one, claim=TAKE_BACK))
        return Said(lines=tuple(lines), held=held, refused=refused), kept

    def still_stopped(self, answers: Confirmations) -> list[str]:
        """The faces that these answers leave stopped, as the poster names them."""
        return [f"face {self.label(d.face)}" for d in self._decided(answers) if d.outcome.stops]

    def _decided(self, answers: Confirmations) -> tuple[Decision, ...]:
        thresholds = self.guard.policy.thresholds
        return honour_confirmations(
            decide(self.faces, self.standing, thresholds),
            replace(answers, marks=()),
            sha_of=self.sha_of,
            standing=self.standing,
            thresholds=thresholds,
            roster=self.roster,
        )

    def _with(self, answers: Confirmations, one: Asked) -> Confirmations:
        """The answers with this one in place of any older one about the same face or word."""
        if one.face is not None:
            place = place_of_face(one.face, self.sha_of)
            if place is None:
                raise UsageError("This picture could not be read, so nothing in it can be answered for.")
            faces = tuple(c for c in answers.faces if not c.place.covers(place))
            new = () if one.claim == TAKE_BACK else (Confirmation(place=place, claim=one.claim),)
            return replace(answers, faces=faces + new)
        place = place_of_finding(one.finding, self.report.evidence) if one.finding is not None else None
        if place is None:
            raise UsageError("These words cannot be answered for.")
        names = tuple(n for n in answers.names if not n.place.covers(place))
        return replace(answers, names=names if one.claim == TAKE_BACK else (*names, NotOurPupil(place=place)))

    def _needs_no_answer(self, one: Asked, answers: Confirmations) -> bool:
        """Whether the face would pass without this answer. That it is somebody refused is always listened to."""
        if one.claim == TAKE_BACK or self._is_known_not_to_be_allowed(one.claim):
            return False
        without = self._decided(self._with(answers, replace(one, claim=TAKE_BACK)))
        return not any(d.face is one.face and d.outcome.stops for d in without)

    def _refusal(self, one: Asked, decision: Decision) -> str | None:
        if one.claim == TAKE_BACK or one.face is None:
            return None
        if self._is_known_not_to_be_allowed(one.claim):
            return (
                "this person may not be shown here. It stays stopped: cover or crop the face, or leave the picture out"
            )
        if not decision.outcome.stops:
            return None
        thresholds = self.guard.policy.thresholds
        if decision.outcome is Outcome.UNCONSENTED:
            return "it looks like somebody without permission, and no answer changes that. Only the head teacher can"
        if one.claim == NOT_A_FACE:
            return verify_not_a_face(one.face, self.standing, thresholds)
        reason = verify_claim(one.face, one.claim, self.standing, thresholds)
        return reason or decision.because or "that does not hold"

    def _is_known_not_to_be_allowed(self, claim: str) -> bool:
        return claim not in (NOT_A_FACE, TAKE_BACK) and claim not in self.standing.consented

    def _held(self, claim: str) -> str:
        if claim == TAKE_BACK:
            return "your answer is taken back."
        return "kept as no face." if claim == NOT_A_FACE else f"{claim} it is."


def by_hand(decision: Decision) -> bool:
    """Whether it is somebody whom no detector saw and the poster marked."""
    return any(d.detector == BY_HAND for d in decision.face.detections)


def _mark(words: str, photographs: dict[str, Photograph]) -> Place:
    part, _, numbers = words.rpartition(":")
    picture = photographs.get(part)
    if picture is None:
        raise UsageError(f"There is no picture {part or words} that was read.", hint="Say: --mark IMG_1.jpg:X,Y,W,H")
    try:
        x, y, width, height = (int(n) for n in numbers.split(","))
    except ValueError:
        raise UsageError(
            f"{numbers} is no place in a picture.", hint="Four whole numbers of pixels: left, top, width, height."
        ) from None
    inside = x >= 0 and y >= 0 and x + width <= picture.width and y + height <= picture.height
    if width < 1 or height < 1 or not inside:
        raise UsageError(f"That place is not inside {part}.", hint=f"It is {picture.width} by {picture.height} pixels.")
    return Place(sha256=picture.sha256, region=Region(x=x, y=y, width=width, height=height))
