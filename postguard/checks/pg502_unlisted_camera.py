"""A picture was taken with a camera that is not the school's.

Only where the settings list the school's devices (`cameras`). Staff's own phones are not to be used for
pictures of pupils. A picture or clip that does not say what took it passes.
"""

from collections.abc import Iterable

from postguard.domain.evidence import Evidence
from postguard.domain.people import Roster
from postguard.domain.policy import Policy
from postguard.domain.rules import Finding, Rule, Severity

RULE = Rule(
    id="PG502",
    name="unlisted-camera",
    severity=Severity.REVIEW,
    summary="A picture was taken with a device that the school does not list.",
)


def check(evidence: Evidence, roster: Roster, policy: Policy) -> Iterable[Finding]:
    if not policy.cameras:
        return
    for photograph in evidence.photographs:
        if photograph.camera and not _is_listed(photograph.camera, policy.cameras):
            yield Finding(
                rule=RULE.id,
                severity=RULE.severity,
                part=photograph.part,
                message="The picture was taken with a device that is not on the school's list.",
                cure="Use the school's device. If this is one, list it in the settings under cameras.",
            )


def _is_listed(camera: str, listed: tuple[str, ...]) -> bool:
    """Makers write "Apple iPad (9th generation)"; a school lists "iPad"."""
    taken_with = " ".join(camera.casefold().split())
    return any(" ".join(name.casefold().split()) in taken_with for name in listed if name.strip())
