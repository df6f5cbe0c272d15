"""A protected pupil's findings read, to everybody, like those of a pupil whose family refused."""

import pytest
from cases import evidence_of, policy_of, roster_of

from postguard.checks import ALL_CHECKS
from postguard.domain.report import Batch, Report
from postguard.pipeline import judge
from postguard.rendering.audience import view_for
from postguard.rendering.view import Audience, View

ZARA = {
    "id": "P08",
    "name": "Zara Hussain",
    "handles": ["@zara_h"],
    "parent_handles": ["@zaras_mum"],
    "consent": "refused",
}
RORY = {"id": "P06", "name": "Rory Campbell", "consent": "granted"}
DRAFTS = {
    "the name": {"post": "Well done Zara and Rory!"},
    "the name beside a picture": {"post": "Well done Zara and Rory!", "pictures": ["IMG_1.jpg"]},
    "the name in the picture": {"pictures": ["IMG_1.jpg"], "seen": {"IMG_1.jpg": "Star of the week Zara Hussain"}},
    "a possible name": {"post": "Well done Zarra!"},
    "an account": {"post": "Look at @zara_h and Zara"},
    "a parent's account": {"post": "Thanks @zaras_mum!"},
    "a parent's account beside a picture": {"post": "Thanks @zaras_mum!", "pictures": ["zara.jpg"]},
    "the face": {"pictures": ["IMG_1.jpg"], "faces": [{"in": "IMG_1.jpg", "near": {"P08": 0.9}}]},
}
SETTINGS = ({}, {"PG201": "review"}, {"PG201": "note"}, {"PG203": "review"}, {"PG203": "block"}, {"PG301": "review"})


def shown(draft: dict[str, object], severities: dict[str, str], audience: Audience, *, protected: bool) -> View:
    case = {
        **draft,
        "pupils": [{**ZARA, "high_risk": protected}, RORY],
        "settings": {"severities": severities},
    }
    roster, policy = roster_of(case), policy_of(case)
    evidence = evidence_of(case, roster, policy)
    report = Report(draft="d", evidence=evidence, findings=judge(evidence, roster, policy), register="")
    rules = [check.RULE for check in ALL_CHECKS]
    return view_for(Batch(reports=(report,), postguard="0"), roster=roster, rules=rules, audience=audience)


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize("draft", DRAFTS.values(), ids=DRAFTS)
def test_protected_reads_as_refused_whatever_the_settings(draft: dict[str, object], audience: Audience) -> None:
    for severities in SETTINGS:
        protected = shown(draft, severities, audience, protected=True)
        assert protected == shown(draft, severities, audience, protected=False), severities
        assert protected.drafts[0].findings
        assert protected.drafts[0].verdict.value == "fail"
