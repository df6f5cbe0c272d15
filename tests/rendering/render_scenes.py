"""Batches that never were, one for every state a report can be in."""

import hashlib
from datetime import date
from pathlib import Path

from postguard.domain.drafts import Draft, HeadCount, Picture, Unchecked
from postguard.domain.evidence import (
    Candidate,
    Decision,
    Evidence,
    Face,
    How,
    Mention,
    Outcome,
    Passage,
    Photograph,
    Region,
    Spotting,
    Topic,
)
from postguard.domain.people import Consent, Person, Role, Roster
from postguard.domain.report import Batch, Report, Waived
from postguard.domain.rules import Finding, LiftedBy, Rule, Severity

ON = date(2026, 11, 23)
REGISTER = "sha256:" + "5" * 64

ROSTER = Roster(
    school="Example Primary School",
    people=(
        Person(
            id="P01",
            name="Aoife MacDonald",
            known_as=("Effie",),
            handles=("@aoife_m",),
            consent=(Consent(channel="twitter", granted=True),),
        ),
        Person(id="P02", name="Jamie Reid", consent=(Consent(channel="twitter", granted=False),)),
        Person(id="P03", name="Grace Okafor", high_risk=True, consent=(Consent(channel="twitter", granted=True),)),
        Person(id="S01", name="Mrs Campbell", role=Role.STAFF),
    ),
    fingerprint=REGISTER,
)

RULES = tuple(
    Rule(id=id_, name=name, severity=severity, summary=summary, lifted_by=LiftedBy.DEPUTY)
    for id_, name, severity, summary in (
        ("PG101", "unconsented-face", Severity.BLOCK, "The face is somebody without permission."),
        ("PG102", "unknown-face", Severity.BLOCK, "The face matches nobody who may be shown."),
        ("PG103", "ambiguous-face", Severity.BLOCK, "The face is too near to somebody without permission."),
        ("PG104", "unclear-face", Severity.BLOCK, "The face cannot be made out."),
        ("PG105", "protected-pupil", Severity.BLOCK, "A protected pupil is seen or named."),
        ("PG106", "head-count", Severity.BLOCK, "The poster counted another number of people."),
        ("PG201", "named-pupil", Severity.BLOCK, "A pupil's name stands in a post without pictures."),
        ("PG202", "possible-name", Severity.REVIEW, "A word may be a pupil's name."),
        ("PG203", "pupil-handle", Severity.BLOCK, "A pupil's or parent's account."),
        ("PG301", "named-with-picture", Severity.BLOCK, "A pupil's name goes with a picture."),
        ("PG302", "jigsaw", Severity.REVIEW, "A name in one draft, the face in another."),
        ("PG401", "phone", Severity.BLOCK, "A phone number."),
        ("PG901", "unchecked", Severity.BLOCK, "Something could not be checked."),
        ("PG902", "stale-reference", Severity.NOTE, "A reference is too old to clear anybody."),
    )
)


def face(
    number: int,
    outcome: Outcome,
    *,
    part: str = "class.jpg",
    person: str | None = None,
    because: str = "",
    score: float = 0.83,
) -> Decision:
    region = Region(x=100 * number, y=60, width=84, height=96)
    candidates = (Candidate(person=person, score=score),) if person else ()
    return Decision(
        face=Face(part=part, number=number, region=region, candidates=candidates),
        outcome=outcome,
        person=person,
        because=because,
    )


def on_face(
    decision: Decision,
    rule: str,
    message: str,
    *,
    cure: str = "Cover or crop this face, or leave the picture out.",
    reads_as: str | None = None,
) -> Finding:
    return Finding(
        rule=rule,
        severity=Severity.BLOCK,
        part=decision.face.part,
        message=message,
        cure=cure,
        region=decision.face.region,
        face=decision.face.number,
        person=decision.person,
        reads_as=reads_as,
    )


def photograph(part: str) -> Photograph:
    return Photograph(part=part, sha256="a" * 64, width=1600, height=1200, size=300_000, format="JPEG")


def picture(part: str) -> Picture:
    return Picture(part=part, path=Path("/school/week") / part)


def report(
    name: str, evidence: Evidence, *findings: Finding, waived: tuple[Waived, ...] = (), remarks: tuple[str, ...] = ()
) -> Report:
    return Report(draft=name, evidence=evidence, findings=findings, register=REGISTER, waived=waived, remarks=remarks)


def batch(*reports: Report) -> Batch:
    return Batch(reports=reports, postguard="0.1.0", roster="/home/teacher/consent_roster.yaml")


def _draft(name: str, *pictures: str, text: str | None = None, heads: tuple[HeadCount, ...] = ()) -> Draft:
    return Draft(
        name=name,
        path=Path("/school/week") / name,
        text=text,
        pictures=tuple(picture(part) for part in pictures),
        head_counts=heads,
    )


MEANS = ("YuNet", "CenterFace", "dlib's and SFace's encoders")


def passed() -> Report:
    """Three pictured people, counted, and a text."""
    return report(
        "monday-assembly",
        Evidence(
            draft=_draft(
                "monday-assembly",
                "hall.jpg",
                text="Our assembly was about kindness.",
                heads=(HeadCount(part=None, people=2),),
            ),
            channel="twitter",
            date=ON,
            photographs=(photograph("hall.jpg"),),
            decisions=(
                face(1, Outcome.CLEARED, part="hall.jpg", person="P01"),
                face(2, Outcome.CONFIRMED, part="hall.jpg", person="S01"),
            ),
            passages=(Passage(part="text", text="Our assembly was about kindness."),),
            means=MEANS,
            not_looked_at=("joined handwriting in pictures",),
        ),
    )


def passed_uncounted() -> Report:
    evidence = Evidence(
        draft=_draft("tuesday-artwork", "paint.jpg"),
        channel="twitter",
        date=ON,
        photographs=(photograph("paint.jpg"),),
        passages=(Passage(part="paint.jpg:name", text="paint.jpg"),),
        means=MEANS,
    )
    return report("tuesday-artwork", evidence)


def faces() -> Report:
    """A face for every outcome, with the finding each of them makes."""
    decisions = (
        face(1, Outcome.CLEARED, person="P01"),
        face(2, Outcome.UNCONSENTED, person="P02"),
        face(3, Outcome.UNKNOWN, because="matches nobody who may be shown here"),
        face(
            4,
            Outcome.AMBIGUOUS,
            person="P02",
            because="too near to somebody without permission to tell them apart",
            score=0.58,
        ),
        face(5, Outcome.UNCLEAR, because="blurred"),
        face(6, Outcome.UNCONSENTED, person="P03"),
        face(7, Outcome.UNIDENTIFIABLE, because="too small for anybody to recognise"),
        face(8, Outcome.WAIVED, person="P02"),
    )
    waived = Waived(
        finding=on_face(decisions[7], "PG103", "Cannot be told apart."),
        by="deputy",
        until="2026-12-18",
        reason="Her cousin, asked in person.",
    )
    return report(
        "thursday-class",
        Evidence(
            draft=_draft("thursday-class", "class.jpg"),
            channel="twitter",
            date=ON,
            photographs=(photograph("class.jpg"),),
            decisions=decisions,
            means=MEANS,
        ),
        on_face(decisions[1], "PG101", "May not be shown: permission for this channel was refused."),
        on_face(decisions[5], "PG105", "May not be shown: permission for this channel was refused.", reads_as="PG101"),
        on_face(decisions[2], "PG102", "Nobody on the roster who may be shown here looks enough like this face."),
        on_face(
            decisions[3],
            "PG103",
            "Cannot be told apart with certainty: too near to somebody without permission to tell them apart.",
        ),
        on_face(decisions[4], "PG104", "Cannot be made out: blurred."),
        Finding(
            rule="PG104",
            severity=Severity.NOTE,
            part="class.jpg",
            message="1 face is smaller than 10 pixels: nobody could recognise anybody there.",
        ),
        Finding(
            rule="PG902",
            severity=Severity.NOTE,
            part="pictures",
            message="The reference photos of somebody near a face here are too old to clear it.",
            cure="Take new reference photos and run `postguard enrol`.",
            person="P01",
        ),
        waived=(waived,),
    )


STAR = "What a week! So proud of our star of the week Aoife, who read to all of us. #WellDoneAoife Call 01698 555 014."


def words() -> Report:
    """Names in the post, a hashtag, a file's name, alt text, and words in the picture."""
    first, tag = STAR.index("Aoife"), STAR.rindex("Aoife")
    phone = STAR.index("01698")
    part = "aoife-star.jpg"
    alt = "A girl holds up a certificate. May Reid stands beside her."

    def named(part: str, start: int, person: str, length: int = 5) -> Finding:
        return Finding(
            rule="PG301",
            severity=Severity.BLOCK,
            part=part,
            message="A pupil's name must never go with a picture.",
            cure="Take the name out, or post without the picture.",
            person=person,
            start=start,
            end=start + length,
        )

    return report(
        "aoifes-star",
        Evidence(
            draft=_draft("aoifes-star", part, text=STAR),
            channel="twitter",
            date=ON,
            photographs=(photograph(part),),
            decisions=(face(1, Outcome.CLEARED, part=part, person="P01"),),
            passages=(
                Passage(part="text", text=STAR),
                Passage(part=f"{part}:alt", text=alt),
                Passage(part=f"{part}:name", text="aoife-star"),
            ),
            mentions=(
                Mention(part="text", start=first, end=first + 5, person="P01", how=How.EXACT),
                Mention(part="text", start=tag, end=tag + 5, person="P01", how=How.EXACT),
                Mention(part=f"{part}:alt", start=35, end=39, person="P02", how=How.INITIAL, sure=False),
                Mention(part=f"{part}:name", start=0, end=5, person="P01", how=How.EXACT),
            ),
            spottings=(Spotting(part="text", start=phone, end=phone + 13, topic=Topic.PHONE),),
            means=MEANS,
        ),
        named("text", first, "P01"),
        named("text", tag, "P01"),
        named(f"{part}:name", 0, "P01"),
        Finding(
            rule="PG202",
            severity=Severity.REVIEW,
            part=f"{part}:alt",
            message="This may be a pupil's name.",
            cure="Take it out, or say that it is nobody of yours.",
            person="P02",
            start=35,
            end=39,
        ),
        Finding(
            rule="PG401",
            severity=Severity.BLOCK,
            part="text",
            message="A phone number stands in the post.",
            cure="Take it out.",
            start=phone,
            end=phone + 13,
        ),
    )


def unread() -> Report:
    """What nobody could read."""
    unchecked = (
        Unchecked(part="broken.jpg", reason="the picture is cut short."),
        Unchecked(part="Jamie.docx", reason="postguard does not know what kind of file this is."),
    )
    return report(
        "friday-broken",
        Evidence(
            draft=_draft("friday-broken", "broken.jpg"), channel="twitter", date=ON, unchecked=unchecked, means=MEANS
        ),
        Finding(
            rule="PG901",
            severity=Severity.BLOCK,
            part="broken.jpg",
            message="Could not be checked: the picture is cut short.",
            cure="Mend it or take it out of the draft, then check again.",
        ),
        remarks=("The date is in the past: this is what would have been said then. It gives no receipt.",),
    )


def miscounted() -> Report:
    evidence = Evidence(
        draft=_draft("wednesday-sports", "field.jpg", heads=(HeadCount(part="field.jpg", people=3),)),
        channel="twitter",
        date=ON,
        photographs=(photograph("field.jpg"),),
        decisions=(face(1, Outcome.CLEARED, part="field.jpg", person="P01"),),
    )
    return report(
        "wednesday-sports",
        evidence,
        Finding(
            rule="PG106",
            severity=Severity.BLOCK,
            part="field.jpg",
            message="You counted 3 people, postguard found 1 face.",
            cure="Look again at everybody, backs of heads too.",
        ),
    )


def hostile() -> Report:
    """Control characters, markup, colour codes, half surrogates and direction overrides wherever words can stand."""
    nasty = "a\x1b[31mb\x00c\u202ed\ud800[bold]e[/bold]<script>alert(1)</script>&\"'%0A::error::\ufffe]]>"
    part = f"{nasty}.jpg"
    return report(
        nasty,
        Evidence(
            draft=Draft(
                name=nasty,
                path=Path("/school"),
                text=nasty,
                pictures=(Picture(part=part, path=Path("/school/gone.jpg")),),
            ),
            channel="twitter",
            date=ON,
            photographs=(photograph(part),),
            decisions=(face(1, Outcome.UNKNOWN, part=part, because=nasty),),
            passages=(Passage(part="text", text=nasty), Passage(part=f"{part}:metadata", text=nasty, field=nasty)),
            mentions=(Mention(part=f"{part}:metadata", start=0, end=8, person="P01", how=How.FUZZY, field=nasty),),
            unchecked=(Unchecked(part=part, reason=nasty),),
            means=(nasty,),
            not_looked_at=(nasty,),
        ),
        Finding(
            rule="PG301",
            severity=Severity.BLOCK,
            part=f"{part}:metadata",
            message=nasty,
            cure=nasty,
            person="P01",
            start=0,
            end=8,
            field=nasty,
        ),
        Finding(rule="PG901", severity=Severity.BLOCK, part=part, message=nasty),
        remarks=(nasty,),
    )


SCENES = {
    "nothing": batch(),
    "passed": batch(passed()),
    "passed-uncounted": batch(passed_uncounted()),
    "faces": batch(faces()),
    "words": batch(words()),
    "unread": batch(unread()),
    "miscounted": batch(miscounted()),
    "week": batch(passed(), passed_uncounted(), faces(), words(), unread(), miscounted()),
}

CLASS = Path(__file__).parents[1] / "pictures" / "G1_class.jpg"


def class_batch(*, sha256: str | None = None) -> Batch:
    """A real picture of the demo school: five cleared faces, one refused, one unknown; and words beside it."""
    places = (
        (283, 260, "P01"),
        (641, 163, None),
        (950, 290, None),
        (1315, 274, None),
        (414, 651, "P02"),
        (829, 640, "S01"),
    )
    outcomes = (
        Outcome.CLEARED,
        Outcome.CLEARED,
        Outcome.CLEARED,
        Outcome.UNKNOWN,
        Outcome.UNCONSENTED,
        Outcome.CLEARED,
    )
    decisions = tuple(
        Decision(
            face=Face(part="class.jpg", number=number, region=Region(x=x - 60, y=y - 70, width=120, height=140)),
            outcome=outcome,
            person=person,
        )
        for number, ((x, y, person), outcome) in enumerate(zip(places, outcomes, strict=True), 1)
    )
    text = "We measured everything that would hold still. Well done Aoife! Call 01698 555 014."
    start, phone = text.index("Aoife"), text.index("01698")
    evidence = Evidence(
        draft=Draft(
            name="thursday-class",
            path=CLASS.parent,
            text=text,
            pictures=(Picture(part="class.jpg", path=CLASS),),
        ),
        channel="twitter",
        date=ON,
        photographs=(
            Photograph(
                part="class.jpg",
                sha256=sha256 or hashlib.sha256(CLASS.read_bytes()).hexdigest(),
                width=1600,
                height=1000,
                size=300_000,
                format="JPEG",
            ),
        ),
        decisions=decisions,
        passages=(Passage(part="text", text=text),),
        mentions=(Mention(part="text", start=start, end=start + 5, person="P01", how=How.EXACT),),
        spottings=(Spotting(part="text", start=phone, end=phone + 13, topic=Topic.PHONE),),
        means=MEANS,
        not_looked_at=("joined handwriting in pictures",),
    )
    stopped = report(
        "thursday-class",
        evidence,
        on_face(decisions[3], "PG102", "Nobody on the roster who may be shown here looks enough like this face."),
        on_face(decisions[4], "PG101", "May not be shown: permission for this channel was refused."),
        Finding(
            rule="PG202",
            severity=Severity.REVIEW,
            part="text",
            message="This may be a name.",
            cure="Take it out.",
            person="P01",
            start=start,
            end=start + 5,
        ),
        Finding(rule="PG902", severity=Severity.NOTE, part="pictures", message="References are old.", person="P01"),
        waived=(Waived(finding=on_face(decisions[0], "PG103", "m"), by="head", until="2026-12-18", reason="Asked."),),
        remarks=("The date is in the past.",),
    )
    return batch(stopped, passed(), unread(), miscounted(), hostile())
