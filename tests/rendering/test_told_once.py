"""A clip asks about each person once, and hides nobody by it."""

from dataclasses import replace

import pytest
from render_scenes import ON, ROSTER, RULES, _draft, batch, face, on_face, report

from postguard.domain.evidence import Decision, Evidence, Outcome
from postguard.domain.report import Batch
from postguard.rendering import Audience, render_json, view_for
from postguard.rendering.view import ShownDraft

RULE_OF = {Outcome.UNCONSENTED: "PG101", Outcome.UNKNOWN: "PG102", Outcome.UNCLEAR: "PG104"}


def sight(at: float, figure: int = 1, *, outcome: Outcome = Outcome.UNCLEAR, clip: str = "clip.mp4") -> Decision:
    person = "P02" if outcome is Outcome.UNCONSENTED else None
    seen = face(1, outcome, part=f"{clip}@{at:g}", person=person, because="blurred")
    return replace(seen, face=replace(seen.face, figure=figure))


def clip(*sights: Decision) -> Batch:
    evidence = Evidence(draft=_draft("d", "clip.mp4", "other.mp4"), channel="twitter", date=ON, decisions=sights)
    return batch(report("d", evidence, *(on_face(d, RULE_OF[d.outcome], f"{d.outcome.value}.") for d in sights)))


def shown(*sights: Decision, audience: Audience = Audience.POSTER) -> ShownDraft:
    (draft,) = view_for(clip(*sights), roster=ROSTER, rules=RULES, audience=audience).drafts
    return draft


@pytest.mark.parametrize("audience", Audience)
def test_a_runner_lost_and_found_is_one_finding_that_tells_when(audience: Audience) -> None:
    draft = shown(sight(1.0), sight(1.4), sight(1.8), audience=audience)
    (finding,) = draft.findings
    assert finding.part == "clip.mp4@1"
    assert finding.message.endswith(". It seems to be the same person at 1.4 and 1.8 seconds.")
    assert [one.part for one in draft.faces] == ["clip.mp4@1", "clip.mp4@1.4", "clip.mp4@1.8"]
    assert all(one.stops for one in draft.faces)


def test_many_sights_are_counted() -> None:
    (finding,) = shown(*(sight(0.4 * n) for n in range(6))).findings
    assert finding.message.endswith("the same person 5 times more, the last time at 2 seconds.")


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(sight(1.4, 2), id="another person"),
        pytest.param(sight(1.4, outcome=Outcome.UNKNOWN), id="another rule"),
        pytest.param(sight(1.4, clip="other.mp4"), id="another clip"),
    ],
)
def test_what_is_another_persons_or_another_finding_is_told_apart(other: Decision) -> None:
    assert [f.message for f in shown(sight(1.0), other).findings] == ["unclear.", f"{other.outcome.value}."]


def test_one_who_is_named_as_two_people_has_a_finding_for_each() -> None:
    one, other = sight(1.0, outcome=Outcome.UNCONSENTED), sight(1.4, outcome=Outcome.UNCONSENTED)
    assert len(shown(one, replace(other, person="P03")).findings) == 2


def test_what_travels_tells_known_children_together_as_it_does_unknown_ones() -> None:
    def told(*outcomes: Outcome) -> str:
        sights = (sight(float(n), outcome=outcome) for n, outcome in enumerate(outcomes))
        return render_json(view_for(clip(*sights), roster=ROSTER, rules=RULES, audience=Audience.TRAVEL))

    known, unknown = Outcome.UNCONSENTED, Outcome.UNKNOWN
    assert told(known, unknown) == told(unknown, unknown) == told(known, known)


def test_faces_of_pictures_are_told_of_one_by_one() -> None:
    first, second = (face(n, Outcome.UNCLEAR, part="a.gif", because="blurred") for n in (1, 2))
    assert len(shown(first, second).findings) == 2
