"""How many people a picture or a clip shows."""

from postguard.domain.evidence import Decision, Face, Glance, Outcome, Region, people_in_view

BOX = Region(x=0, y=0, width=40, height=50)


def seen(part: str, *looks: float) -> Decision:
    path = tuple(Glance(at=at, since=at - 0.2, until=at + 0.2, region=BOX) for at in looks)
    return Decision(face=Face(part=part, number=1, region=BOX, path=path), outcome=Outcome.CLEARED)


def test_in_a_clip_those_in_view_at_one_moment_count() -> None:
    early, late, long = seen("a.mp4@0", 0.0, 0.2), seen("a.mp4@3", 3.0), seen("a.mp4@1", 0.2, 1.0, 3.0)
    assert people_in_view([early, late]) == 1
    assert people_in_view([early, late, long]) == 2
    assert people_in_view([]) == 0


def test_in_an_animation_the_fullest_frame_counts() -> None:
    assert people_in_view([seen("a.gif@0"), seen("a.gif@0.1"), seen("a.gif@0.1")]) == 2
