"""Rule cases as data: what a case says, turned into evidence, and the findings that come of it.

A case is a few lines that a teacher can read (see PG201.yaml):

    fails_on_a_refused_pupil:
      post: Jamie scored twice!
      finds: {severity: block, person: P02, words: Jamie}

`passes_on_…` expects no finding of the file's rule, `notes_on_…` one that fails nothing, `fails_on_…` one
that does. `finds` is a finding or a list of them: exactly these, each with at least what is written.

What a draft may say: `post`, `pictures` (names, or name to what is known of the file), `alt`, `metadata`
(picture to field to text), `seen` (picture to the words in it), `faces` (each `in`, and either what was decided,
`outcome` and `person`, or what was seen, `near`: person to score, `height` in px, `flaws`), `present` (groups),
`people` (a count, or picture to count), `visitors`, `unchecked` (part to reason), `stale`, `without_template`,
`channel`, `date`. A case may bring `pupils`, `settings` and `limits`. `drafts` is a batch, for PG302; `finds` then
belongs to each draft.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path, PurePath
from typing import Any

import yaml

from postguard.checks.pg302_jigsaw import RULE as JIGSAW
from postguard.checks.pg302_jigsaw import across
from postguard.domain.decision import decide
from postguard.domain.drafts import AltText, Draft, HeadCount, Picture, Present, Unchecked, Visitor
from postguard.domain.evidence import Candidate, Decision, Evidence, Face, Outcome, Passage, Photograph, Region
from postguard.domain.people import Consent, Person, Role, Roster
from postguard.domain.policy import ChannelLimits, Policy, Thresholds
from postguard.domain.rules import Finding, Severity
from postguard.matching.names import NameFinder
from postguard.matching.topics import TopicFinder
from postguard.pipeline import Faces, judge, standing_of
from postguard.seeing.types import Sight, Templates

HERE = Path(__file__).parent
SCHOOL = yaml.safe_load((HERE / "school.yaml").read_text("utf-8"))
TODAY = date(2026, 11, 23)
THRESHOLDS = Thresholds(block=0.45, clear=0.55, stranger_clear=0.60, margin=0.05, verify=0.50, crowd=0.0)
"""Round numbers for the cases; the real ones are measured and may move."""
Case = Mapping[str, Any]


def findings_of(case: Case, rule: str) -> list[tuple[Finding, Evidence]]:
    """The findings of this rule in a case, each with the evidence it is about."""
    roster, policy = roster_of(case), policy_of(case)
    drafts = case.get("drafts", [case])
    evidences = [evidence_of(draft, roster, policy) for draft in drafts]
    if rule == JIGSAW.id:
        found = across(evidences, roster, policy)
    else:
        found = tuple(judge(evidence, roster, policy) for evidence in evidences)
    return [(f, e) for findings, e in zip(found, evidences, strict=True) for f in findings if f.rule == rule]


def agrees(finding: Finding, evidence: Evidence, wanted: Case) -> bool:
    """Whether a finding is what a case expects of it."""
    shown = {
        "severity": finding.severity.value,
        "person": finding.person,
        "part": finding.part,
        "field": finding.field,
        "reads_as": finding.reads_as,
        "face": finding.face,
        "draft": evidence.draft.name,
        "words": words_of(finding, evidence),
    }
    says = str(wanted.get("says", ""))
    return says in finding.message and all(shown[name] == value for name, value in wanted.items() if name != "says")


def words_of(finding: Finding, evidence: Evidence) -> str | None:
    if finding.start is None or finding.end is None:
        return None
    texts = [p.text for p in evidence.passages if p.part == finding.part and p.field == finding.field]
    return texts[0][finding.start : finding.end]


def roster_of(case: Case) -> Roster:
    pupils = case.get("pupils", SCHOOL["pupils"])
    people = (*(person_of(p, Role.PUPIL) for p in pupils), *(person_of(p, Role.STAFF) for p in SCHOOL["staff"]))
    return Roster(school=SCHOOL["school"], people=people, channels=tuple(SCHOOL["channels"]), fingerprint="sha256:0")


def person_of(said: Case, role: Role) -> Person:
    return Person(
        id=said["id"],
        name=said["name"],
        role=role,
        known_as=tuple(said.get("known_as", ())),
        group=said.get("group"),
        school=said.get("school"),
        handles=tuple(said.get("handles", ())),
        parent_handles=tuple(said.get("parent_handles", ())),
        consent=tuple(_consent(channel, word) for channel, word in _channels(said.get("consent", {})).items()),
        high_risk=said.get("high_risk", False),
        look_alikes=tuple(said.get("look_alikes", ())),
    )


def _channels(consent: object) -> Mapping[str, Any]:
    return consent if isinstance(consent, dict) else dict.fromkeys(SCHOOL["channels"], consent)


def _consent(channel: str, word: object) -> Consent:
    if isinstance(word, dict):
        return Consent(
            channel=channel,
            granted=True,
            since=word.get("granted"),
            until=word.get("until"),
            withdrawn=word.get("withdrawn"),
        )
    return Consent(channel=channel, granted=word == "granted")


def policy_of(case: Case) -> Policy:
    settings = dict(case.get("settings", {}))
    limits = tuple(
        ChannelLimits(channel=channel, **{k: tuple(v) if isinstance(v, list) else v for k, v in said.items()})
        for channel, said in case.get("limits", {}).items()
    )
    severities = tuple((rule, Severity(word)) for rule, word in settings.pop("severities", {}).items())
    return Policy(
        thresholds=THRESHOLDS,
        severities=severities,
        limits=limits,
        **{name: tuple(value) if isinstance(value, list) else value for name, value in settings.items()},
    )


def evidence_of(said: Case, roster: Roster, policy: Policy) -> Evidence:
    pictures = said.get("pictures", ())
    known = pictures if isinstance(pictures, dict) else {name: {} for name in pictures}
    draft = _draft(said, known)
    passages = tuple(_passages(said, known))
    visitors = [v.name for v in draft.present.others] if draft.present else []
    return Evidence(
        draft=draft,
        channel=said.get("channel", roster.channels[0]),
        date=said.get("date", TODAY),
        photographs=tuple(_photograph(name, facts or {}) for name, facts in known.items()),
        decisions=_decisions(said, draft, roster, policy),
        passages=passages,
        mentions=NameFinder(roster, policy).find(passages, visitors),
        spottings=TopicFinder(policy).find(passages),
        unchecked=tuple(Unchecked(part=part, reason=why) for part, why in said.get("unchecked", {}).items()),
        stale_references=tuple(said.get("stale", ())),
    )


def _draft(said: Case, pictures: Mapping[str, Any]) -> Draft:
    people = said.get("people", {})
    counts = people if isinstance(people, dict) else {None: people}
    others = tuple(Visitor(name=name, permission="e-mail, 3 November") for name in said.get("visitors", ()))
    return Draft(
        name=said.get("name", "draft"),
        path=Path("draft"),
        text=said.get("post"),
        pictures=tuple(Picture(part=name, path=Path("draft") / name) for name in pictures),
        alt=tuple(AltText(part=part, text=text) for part, text in said.get("alt", {}).items()),
        present=Present(groups=tuple(said.get("present", ())), others=others) if others or "present" in said else None,
        head_counts=tuple(HeadCount(part=part, people=count) for part, count in counts.items()),
    )


def _passages(said: Case, pictures: Iterable[str]) -> Iterable[Passage]:
    if "post" in said:
        yield Passage(part="text", text=said["post"])
    for part, text in said.get("alt", {}).items():
        yield Passage(part=f"{part}:alt", text=text)
    for name in pictures:
        yield Passage(part=f"{name}:name", text=PurePath(name).stem)
    for part, fields in said.get("metadata", {}).items():
        yield from (Passage(part=f"{part}:metadata", text=text, field=field) for field, text in fields.items())
    for part, text in said.get("seen", {}).items():
        yield Passage(part=f"{part}:picture", text=text)


def _photograph(name: str, facts: Mapping[str, Any]) -> Photograph:
    return Photograph(
        part=name,
        sha256=facts.get("sha256", "0" * 64),
        width=facts.get("width", 1200),
        height=facts.get("height", 900),
        size=facts.get("size", 300_000),
        format=facts.get("format", "JPEG"),
        frames=facts.get("frames", 1),
        camera=facts.get("camera"),
        place=tuple(facts.get("place", ())),
    )


def _decisions(said: Case, draft: Draft, roster: Roster, policy: Policy) -> tuple[Decision, ...]:
    told = list(enumerate(said.get("faces", ()), start=1))
    channel, on = said.get("channel", roster.channels[0]), said.get("date", TODAY)
    told_of = ToldOf()
    engines = Faces(
        eyes=told_of,
        gallery=told_of,
        stale=frozenset(said.get("stale", ())),
        without_template=frozenset(said.get("without_template", ())),
    )
    near = decide(
        [_face(face, number) for number, face in told if "outcome" not in face],
        standing_of(draft, roster, channel, on, engines),
        policy.thresholds,
    )
    given = [
        Decision(
            face=_face(face, number),
            outcome=Outcome(face["outcome"]),
            person=face.get("person"),
            because=face.get("because", ""),
        )
        for number, face in told
        if "outcome" in face
    ]
    return (*near, *given)


class ToldOf:
    """Engines of which nothing is asked but who looks like whom by the photos: nobody. A case tells the rest."""

    def look(self, picture: Picture) -> Sight:
        raise NotImplementedError

    def search(self, templates: Templates, floor: float) -> tuple[Candidate, ...]:
        raise NotImplementedError

    def alike(self, person: str) -> frozenset[str]:
        return frozenset()


def _face(said: Mapping[str, Any], number: int) -> Face:
    size = said.get("height", 84)
    return Face(
        part=said["in"],
        number=said.get("number", number),
        region=Region(x=10 + 100 * number, y=20, width=size, height=size),
        flaws=tuple(said.get("flaws", ())),
        candidates=tuple(Candidate(person=who, score=score) for who, score in said.get("near", {}).items()),
    )


def wanted_of(case: Case) -> Sequence[Case]:
    """What the case expects: `finds` at the top, or one for each draft of a batch."""
    if "drafts" in case:
        each = [{**f, "draft": d["name"]} for d in case["drafts"] for f in _listed(d.get("finds", []))]
        return each
    return _listed(case.get("finds", []))


def _listed(finds: Any) -> list[Any]:
    return finds if isinstance(finds, list) else [finds]
