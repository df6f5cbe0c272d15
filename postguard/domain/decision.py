"""Who may be shown: the identity decision (docs/decisions/0004-identity-decision.md).

One pure function. For each face, the first row that matches decides:

| # | if | then |
|-|-|-|
| 1 | lower than 10 px | unidentifiable |
| 2 | flawed: small, blurred, turned, covered, weakly detected | unclear |
| 3 | a non-consented person within the blocking threshold, a consented one within the margin of it | ambiguous |
| 4 | the nearest within the blocking threshold is not consented | unconsented |
| 5 | nobody who may clear is within the clearing threshold | unknown |
| 6 | a non-consented person within the margin of the nearest who may clear, or its look-alike is barred | ambiguous |
| 7 | another face of the same picture claims the same person | ambiguous, both |
| 8 | else | cleared |
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from math import log10

from postguard.domain.evidence import Candidate, Decision, Face, Outcome, is_claimed_twice
from postguard.domain.policy import CROWD, SMALLEST_CROWD, UNIDENTIFIABLE_BELOW, Thresholds


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """Who is who for one draft, on its channel and day.

    `consented`: may be shown. `clearing`: may clear a face: consented, there by the poster's word, with
    references fresh enough; always a part of `consented`. Everybody else can only block.
    `look_alikes`: whom nobody should tell somebody from by face alone, by the roster. `alike`: the same by their
    reference photos, told when it is asked.
    `strangers_without_template`: somebody without consent has no template, so a stranger may be that child.
    """

    consented: frozenset[str]
    clearing: frozenset[str]
    look_alikes: tuple[tuple[str, frozenset[str]], ...] = ()
    alike: Callable[[str], frozenset[str]] = field(default=lambda person: frozenset(), compare=False)
    strangers_without_template: bool = True

    def __post_init__(self) -> None:
        if not self.clearing <= self.consented:
            raise ValueError("only consented people may clear a face")

    def barred_doubles(self, person: str) -> frozenset[str]:
        """Who may not be shown and could be taken for this person: a twin whom nobody tells apart, or somebody whose
        photos lie in this person's folder."""
        return (dict(self.look_alikes).get(person, frozenset()) | self.alike(person)) - self.consented


def decide(faces: Iterable[Face], standing: Standing, thresholds: Thresholds) -> tuple[Decision, ...]:
    """Decide every face of a draft; the order of the faces does not matter and is kept."""
    alone = [_decide_alone(face, standing, thresholds) for face in faces]
    cleared = [d for d in alone if d.outcome is Outcome.CLEARED]
    return tuple(_twice(d) if d.outcome is Outcome.CLEARED and is_claimed_twice(d, cleared) else d for d in alone)


def clearing_threshold(standing: Standing, thresholds: Thresholds) -> float:
    """The score that a consented person needs.

    Stricter while a non-consented person has no template, and the more people may clear: each of them is
    one more chance for a stranger to look like somebody.
    """
    base = thresholds.stranger_clear if standing.strangers_without_template else thresholds.clear
    return base + thresholds.crowd * log10(max(len(standing.clearing), SMALLEST_CROWD) / CROWD)


def _decide_alone(face: Face, standing: Standing, thresholds: Thresholds) -> Decision:
    if face.region.height < UNIDENTIFIABLE_BELOW:
        return Decision(face=face, outcome=Outcome.UNIDENTIFIABLE, because="too small for anybody to recognise")
    if face.flaws:
        return Decision(face=face, outcome=Outcome.UNCLEAR, because=", ".join(face.flaws))

    nearest = _nearest(face.candidates)
    barred = _nearest(c for c in face.candidates if c.person not in standing.consented)
    clearer = _nearest(c for c in face.candidates if c.person in standing.clearing)

    if barred is not None and barred.score >= thresholds.block:
        if clearer is not None and abs(clearer.score - barred.score) <= thresholds.margin:
            return _ambiguous(face, barred, "too near to somebody without permission to tell them apart")
        if nearest is None or barred.score >= nearest.score:
            return Decision(face=face, outcome=Outcome.UNCONSENTED, person=barred.person)
    if clearer is None or clearer.score < clearing_threshold(standing, thresholds):
        return Decision(face=face, outcome=Outcome.UNKNOWN, because="matches nobody who may be shown here")
    if barred is not None and barred.score >= clearer.score - thresholds.margin:
        return _ambiguous(face, barred, "too near to somebody without permission to tell them apart")
    double = _barred_look_alike(clearer.score, face, standing, thresholds)
    if double is not None:
        return Decision(
            face=face,
            outcome=Outcome.AMBIGUOUS,
            person=double,
            because="looks like somebody without permission (look-alikes, by the roster or by their reference photos)",
        )
    return Decision(face=face, outcome=Outcome.CLEARED, person=clearer.person)


def _twice(decision: Decision) -> Decision:
    return replace(
        decision, outcome=Outcome.AMBIGUOUS, because="two faces of this picture were taken for the same person"
    )


def _nearest(candidates: Iterable[Candidate]) -> Candidate | None:
    return max(candidates, key=lambda c: (c.score, c.person), default=None)


def _ambiguous(face: Face, barred: Candidate, because: str) -> Decision:
    return Decision(face=face, outcome=Outcome.AMBIGUOUS, person=barred.person, because=because)


def _barred_look_alike(best: float, face: Face, standing: Standing, thresholds: Thresholds) -> str | None:
    """Somebody not consented who could be taken for anybody whom this face could just as well be."""
    for candidate in face.candidates:
        if candidate.person in standing.clearing and candidate.score >= best - thresholds.margin:
            doubles = standing.barred_doubles(candidate.person)
            if doubles:
                return min(doubles)
    return None
