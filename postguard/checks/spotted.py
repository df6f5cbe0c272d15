"""What the rules on words about a topic share: one finding for each place."""

from collections.abc import Iterator

from postguard.domain.evidence import Evidence, Spotting, Topic
from postguard.domain.rules import Finding, Rule


def spotted(evidence: Evidence, topic: Topic) -> Iterator[Spotting]:
    return (spotting for spotting in evidence.spottings if spotting.topic is topic)


def finding(rule: Rule, spotting: Spotting, message: str, cure: str) -> Finding:
    return Finding(
        rule=rule.id,
        severity=rule.severity,
        part=spotting.part,
        message=message,
        cure=cure,
        start=spotting.start,
        end=spotting.end,
        field=spotting.field,
    )
