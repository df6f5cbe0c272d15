"""The poster's word: who a face is, that a box is no face, that a forename is no pupil's, who was not seen.

The machine weighs every claim again on every check, one to one, and refuses it where somebody without
permission is too near. There is no "all fine".
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from postguard.domain.answers import (
    NOT_A_FACE,
    Confirmations,
    Mark,
    NotOurPupil,
    place_of_face,
    place_of_finding,
    words_of,
)
from postguard.domain.decision import Standing
from postguard.domain.evidence import Decision, Detection, Evidence, Face, Outcome, Region, is_claimed_twice
from postguard.domain.people import Roster
from postguard.domain.policy import Thresholds
from postguard.domain.report import Waived
from postguard.domain.rules import Finding, Severity

NOT_A_FACE_BELOW = 0.5
"""A box that one detector alone saw, with a score under this, may be called no face.

Measured on school groups (docs/decisions/0011-answers.md): most false boxes lie under it, and a face of use
is nearly always seen by both detectors or with a higher score.
"""

STRANGER_VERIFY = 0.45
"""The least score at which a claim holds while somebody without permission has no template: nothing but the likeness
to the claimed child then speaks against a lie. Of lies about demo pupils without a template 6.0 % held at 0.35, 1.3 %
at 0.45 (docs/decisions/0011-answers.md)."""

BY_HAND = "by hand"
"""The detector of a person whom no detector saw and the poster marked."""


def verify_claim(face: Face, person: str, standing: Standing, thresholds: Thresholds) -> str | None:
    """Whether a face is this person, one to one. None when the claim holds, else why it does not.

    A look-alike without permission counts as within the margin: nobody lists twins that a machine can tell apart.
    Which of two consented people it is does not matter.
    """
    if person not in standing.consented:
        return "this person may not be shown here"
    if person not in standing.clearing:
        return (
            "this person cannot clear a face here: not said to be there, or without reference photos that are"
            " recent enough. A deputy or the head teacher must vouch for it"
        )
    claimed = max((c.score for c in face.candidates if c.person == person), default=None)
    if claimed is None and face.flaws:
        return "this face could not be compared. A deputy or the head teacher must vouch for it"
    if claimed is None or claimed < _needed(standing, thresholds):
        return "this face does not look enough like that person. A deputy or the head teacher must vouch for it"
    near = {c.person for c in face.candidates if c.score >= claimed - thresholds.margin}
    if near - standing.consented or any(map(standing.barred_doubles, near & standing.clearing)):
        return "this face is too near to somebody without permission. A deputy or the head teacher must vouch for it"
    return None


def _needed(standing: Standing, thresholds: Thresholds) -> float:
    return max(thresholds.verify, STRANGER_VERIFY) if standing.strangers_without_template else thresholds.verify


def verify_not_a_face(face: Face, standing: Standing, thresholds: Thresholds) -> str | None:
    """Whether a box may be called no face. None when it may, else why not."""
    if len(face.detections) != 1 or face.detections[0].score >= NOT_A_FACE_BELOW:
        return "postguard is sure that there is a face here. A deputy or the head teacher must vouch for it"
    if any(c.person not in standing.consented or c.score >= thresholds.verify for c in face.candidates):
        return "this looks too much like somebody on the roster. A deputy or the head teacher must vouch for it"
    return None


def honour_confirmations(
    decisions: Iterable[Decision],
    confirmations: Confirmations,
    *,
    sha_of: Mapping[str, str],
    standing: Standing,
    thresholds: Thresholds,
    roster: Roster,
) -> tuple[Decision, ...]:
    """The decisions with the poster's word weighed: CONFIRMED where a claim holds, as they were where it does not.

    A claim that names somebody without permission always stops the face: the poster saw what the machine did
    not. `sha_of`: picture's name to the SHA-256 of its bytes. Marked people are added as unclear faces,
    numbered after those of their picture.
    """

    def weigh(decision: Decision) -> Decision:
        place = place_of_face(decision.face, sha_of)
        if place is None or decision.outcome is Outcome.UNCONSENTED:
            return decision
        claims = frozenset(c.claim for c in confirmations.faces if c.place.covers(place))
        barred = _barred(decision, claims, standing, roster)
        if barred is not None or decision.outcome is Outcome.UNIDENTIFIABLE:
            return barred or decision
        return _held(decision, claims, standing, thresholds) or decision

    answered = [weigh(decision) for decision in decisions]
    claimed = [d for d in answered if d.outcome in _ONE_EACH]
    kept = tuple(_twice(d) if d.outcome in _ONE_EACH and is_claimed_twice(d, claimed) else d for d in answered)
    return kept + _marked(confirmations.marks, kept, sha_of)


_ONE_EACH = frozenset({Outcome.CLEARED, Outcome.CONFIRMED})


def _barred(decision: Decision, claims: frozenset[str], standing: Standing, roster: Roster) -> Decision | None:
    """UNCONSENTED where any claim names somebody who may not be shown, or whom the roster does not know."""
    barred = sorted(claims - standing.consented - {NOT_A_FACE})
    if not barred:
        return None
    return replace(
        decision,
        outcome=Outcome.UNCONSENTED,
        person=next((who for who in barred if roster.person(who) is not None), None),
        because="the poster says that this is somebody who may not be shown here",
    )


def _held(decision: Decision, claims: frozenset[str], standing: Standing, thresholds: Thresholds) -> Decision | None:
    """CONFIRMED where the one claim holds. Two different claims about one face are no claim."""
    if len(claims) != 1:
        return None
    (claim,) = claims
    if claim == NOT_A_FACE:
        if decision.outcome is Outcome.CLEARED or verify_not_a_face(decision.face, standing, thresholds):
            return None
        return replace(decision, outcome=Outcome.CONFIRMED, person=None, because="not a face, by the poster's word")
    if verify_claim(decision.face, claim, standing, thresholds) is not None:
        return None
    return replace(
        decision, outcome=Outcome.CONFIRMED, person=claim, because="by the poster's word, and it looks like them"
    )


def _twice(decision: Decision) -> Decision:
    return replace(
        decision, outcome=Outcome.AMBIGUOUS, because="two faces of this picture were said to be the same person"
    )


def _marked(marks: Iterable[Mark], decisions: tuple[Decision, ...], sha_of: Mapping[str, str]) -> tuple[Decision, ...]:
    seen = [(place_of_face(d.face, sha_of), d.face) for d in decisions]
    last = {part: max(f.number for _, f in seen if f.part == part) for part in {f.part for _, f in seen}}
    added: list[Decision] = []
    for mark in sorted(
        set(marks), key=lambda m: (m.place.frame, m.place.region or Region(x=0, y=0, width=0, height=0))
    ):
        if mark.place.region is None or any(place and mark.place.covers(place) for place, _ in seen):
            continue
        for picture in sorted(name for name, sha in sha_of.items() if sha == mark.place.sha256):
            part = picture + mark.place.frame
            last[part] = last.get(part, 0) + 1
            face = Face(
                part=part,
                number=last[part],
                region=mark.place.region,
                detections=(Detection(detector=BY_HAND, score=1.0),),
                flaws=("marked by hand",),
            )
            added.append(Decision(face=face, outcome=Outcome.UNCLEAR, because="marked by hand"))
    return tuple(added)


_NAMES_IN_TEXT = frozenset({"PG201", "PG202"})


def may_be_not_our_pupil(finding: Finding, evidence: Evidence) -> bool:
    """Whether the poster may say "not our pupil": one word, and nothing harder than a review stands against it."""
    if finding.rule not in _NAMES_IN_TEXT or finding.severity is not Severity.REVIEW:
        return False
    text = words_of(finding, evidence.passages)
    if text is None or finding.start is None or finding.end is None:
        return False
    return len(text[finding.start : finding.end].split()) == 1


def honour_names(
    findings: Iterable[Finding], names: Iterable[NotOurPupil], evidence: Evidence
) -> tuple[tuple[Finding, ...], tuple[Waived, ...]]:
    """What still stands, and what the poster's "not our pupil" lifted."""
    answers = tuple(names)
    standing: list[Finding] = []
    lifted: list[Waived] = []
    for finding in findings:
        place = place_of_finding(finding, evidence)
        if (
            place is not None
            and any(a.place.covers(place) for a in answers)
            and may_be_not_our_pupil(finding, evidence)
        ):
            lifted.append(Waived(finding=finding, by="poster", reason="not our pupil, by the poster's word"))
        else:
            standing.append(finding)
    return tuple(standing), tuple(lifted)
