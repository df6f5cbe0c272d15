"""What the face rules share: one finding for each face with a given outcome."""

from collections.abc import Iterator

from postguard.domain.evidence import Decision, Evidence, Outcome
from postguard.domain.rules import Finding, Rule


def with_outcome(evidence: Evidence, outcome: Outcome) -> Iterator[Decision]:
    return (decision for decision in evidence.decisions if decision.outcome is outcome)


def finding(rule: Rule, decision: Decision, message: str, cure: str, *, reads_as: str | None = None) -> Finding:
    """A finding on one face, at its place in the picture."""
    return Finding(
        rule=rule.id,
        severity=rule.severity,
        part=decision.face.part,
        message=message,
        cure=cure,
        region=decision.face.region,
        face=decision.face.number,
        person=decision.person,
        reads_as=reads_as,
    )
