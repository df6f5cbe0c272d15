"""Who may see what: the one place where a batch becomes what a reader may see of it.

A report that leaves the safeguarding circle must not tell who has refused, nor that a child is protected
(docs/decisions/0010-what-travels.md). It is enough that two reports differ to tell such a thing. So what is
hidden is not only names: severities, order, doubles and sentences that would differ are made alike here.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby

from postguard.domain.drafts import DRAFT, TEXT, split_part
from postguard.domain.evidence import Decision, Evidence, Mention, Outcome, Region
from postguard.domain.people import Roster
from postguard.domain.report import Batch, Report, Verdict, Waived
from postguard.domain.rules import Finding, LiftedBy, Rule, Severity
from postguard.rendering.clips import one_a_person
from postguard.rendering.found_words import excerpt, pieces
from postguard.rendering.masking import NameMask, clean
from postguard.rendering.view import (
    Audience,
    ShownCandidate,
    ShownDraft,
    ShownFace,
    ShownFinding,
    ShownMention,
    ShownPassage,
    ShownPicture,
    ShownUnchecked,
    ShownWaiver,
    View,
    Who,
)

FACE_NOT_CLEARED = Rule(
    id="PG100",
    name="face-not-cleared",
    severity=Severity.BLOCK,
    summary="The face is not cleared to be shown.",
    floor=Severity.REVIEW,
    lifted_by=LiftedBy.POSTER,
)
"""What PG101 to PG105 read as in everything that may travel, and when they were lifted."""

PROTECTED = "PG105"
COLLAPSED = frozenset({"PG101", "PG102", "PG103", "PG104", PROTECTED})
WHOLE_DRAFT = frozenset({DRAFT, TEXT, "pictures"})
"""Parts that are no file."""

_ALIKE = {
    "PG100": ("This face is not cleared to be shown.", "Cover or crop it, or leave the picture out."),
    "PG201": ("A pupil's name stands in words that would be posted.", "Take the name out."),
}
"""Rule to the message and cure that everybody reads where the check's own would tell who has refused."""
_PLACELESS = frozenset({"PG302"})
"""Rules about somebody who is not named: where they stand would point at the person."""
_ONE_A_PLACE = frozenset({"PG100", "PG101", "PG201", "PG202", "PG203", "PG301", "PG302"})
"""Rules that PG105 may read as: a second finding of one at the same place is a double, and would tell."""
_LET_SEE = frozenset({Outcome.CLEARED, Outcome.CONFIRMED, Outcome.UNIDENTIFIABLE})
"""Outcomes whose face stays uncovered in what travels. A face that is only vouched for is covered."""


def view_for(batch: Batch, *, roster: Roster, rules: Iterable[Rule], audience: Audience) -> View:
    """What `audience` may see of `batch`. `rules` are all rules there are; `roster` tells whose names to keep out."""
    described = tuple(rules)
    by_id = {rule.id: rule for rule in described}
    people = {person.id: clean(person.name) for person in roster.people}
    mask = NameMask(roster)
    openly = [_openly_shown(report) for report in batch.reports]
    in_drafts = Counter(person for people_shown in openly for person in people_shown)
    drafts = tuple(
        _Reader(
            audience=audience,
            people=people,
            rules=by_id,
            mask=mask,
            channels=roster.channels,
            report=report,
            number=number,
            shown_here=openly[number - 1],
            shown_elsewhere=frozenset(in_drafts - Counter(openly[number - 1])),
        ).draft()
        for number, report in enumerate(batch.reports, 1)
    )
    return View(
        audience=audience,
        verdict=batch.verdict,
        postguard=batch.postguard,
        drafts=drafts,
        rules=_rules_for(described, audience),
        roster=clean(batch.roster) if audience is not Audience.TRAVEL else "",
        shared_remarks=_said_of_all(drafts),
    )


def _openly_shown(report: Report) -> frozenset[str]:
    """Whose faces in a draft do not stop it."""
    return frozenset(d.person for d in report.evidence.decisions if d.person is not None and not d.outcome.stops)


def _said_of_all(drafts: tuple[ShownDraft, ...]) -> tuple[str, ...]:
    if len(drafts) < 2:
        return ()
    return tuple(remark for remark in drafts[0].remarks if all(remark in draft.remarks for draft in drafts))


def _rules_for(rules: tuple[Rule, ...], audience: Audience) -> tuple[Rule, ...]:
    hidden = COLLAPSED if audience is Audience.TRAVEL else {PROTECTED}
    shown = [FACE_NOT_CLEARED, *(rule for rule in rules if rule.id not in hidden)]
    return tuple(sorted(shown, key=lambda rule: rule.id))


class _Reader:
    """Reads one report for one audience."""

    def __init__(
        self,
        *,
        audience: Audience,
        people: Mapping[str, str],
        rules: Mapping[str, Rule],
        mask: NameMask,
        channels: tuple[str, ...],
        report: Report,
        number: int,
        shown_here: frozenset[str],
        shown_elsewhere: frozenset[str],
    ) -> None:
        self.audience = audience
        self.people = people
        self.rules = rules
        self.mask = mask
        self.channels = channels
        self.report = report
        self.number = number
        self.shown_here = shown_here
        self.shown_elsewhere = shown_elsewhere
        self.said: dict[str, str] = {}
        self.shown_parts: dict[str, str] = {}
        self.mentions: dict[tuple[str, str | None, int | None, int | None], tuple[Mention, ...]] = {}
        for mention in report.evidence.mentions:
            place = (mention.part, mention.field, mention.start, mention.end)
            self.mentions[place] = (*self.mentions.get(place, ()), mention)
        self.faces_in = Counter(decision.face.part for decision in report.evidence.decisions)
        self.parts = self._file_names()
        """The name of each file to the name the reader sees, in the draft's order."""
        self.order = {shown: place for place, shown in enumerate(self.parts.values(), 1)}
        self.name = self._draft_name()

    @property
    def evidence(self) -> Evidence:
        return self.report.evidence

    @property
    def travels(self) -> bool:
        return self.audience is Audience.TRAVEL

    def draft(self) -> ShownDraft:
        evidence, findings = self.evidence, self._findings(self.report.findings)
        faces = tuple(self._face(decision) for decision in evidence.decisions)
        counted = next((count.people for count in evidence.draft.head_counts if count.part is None), None)
        return ShownDraft(
            name=self.name,
            number=self.number,
            verdict=self.report.verdict,
            channel=clean(evidence.channel) if evidence.channel in self.channels else self._label(evidence.channel),
            date=evidence.date,
            register=self.report.register,
            words=sum(len(p.text.split()) for p in evidence.passages if not p.part.endswith(":name")),
            people=evidence.people_found(None),
            findings=findings,
            faces=faces,
            mentions=self._mentions(),
            unchecked=tuple(
                dict.fromkeys(
                    ShownUnchecked(part=self.part(item.part), reason=self._say(item.reason))
                    for item in evidence.unchecked
                )
            ),
            waived=self._waived(),
            pictures=self._pictures(faces),
            passages=tuple(self._passages()),
            remarks=tuple(self._say(remark) for remark in self._remarks()),
            means=tuple(clean(means) for means in evidence.means),
            not_looked_at=tuple(self._say(words) for words in evidence.not_looked_at),
            counted=counted,
            path=evidence.draft.path if self.audience is Audience.POSTER else None,
        )

    def _remarks(self) -> tuple[str, ...]:
        return self.report.remarks + (() if self.travels else self.report.about_vouches)

    # Names of files and folders -----------------------------------------------------------------

    def _draft_name(self) -> str:
        name = clean(self.report.draft)
        if self.audience.file_names or not (self.mask.names_somebody(name) or _is_alias(name, "draft")):
            return name
        return f"draft-{self.number}"

    def _file_names(self) -> dict[str, str]:
        pictures = [picture.part for picture in self.evidence.draft.pictures]
        others = [item.part for item in self.evidence.unchecked] + [f.part for f in self.report.findings]
        others = [p for p in dict.fromkeys(others) if p not in WHOLE_DRAFT and split_part(p, pictures)[0] is None]
        named = {m.part.removesuffix(":name") for m in self.evidence.mentions if m.part.endswith(":name")}
        shown = {}
        for kind, parts in (("picture", pictures), ("file", others)):
            for number, part in enumerate(parts, 1):
                name = clean(part) or f"{kind}-{number}"
                hidden = part in named or self.mask.names_somebody(name) or _is_alias(name, kind)
                shown[part] = f"{kind}-{number}" if hidden and not self.audience.file_names else name
        return shown

    def part(self, part: str) -> str:
        if part not in self.shown_parts:
            owner = split_part(part, self.parts)[0]
            self.shown_parts[part] = self.parts[owner] + clean(part[len(owner) :]) if owner else clean(part)
        return self.shown_parts[part]

    def _label(self, label: str) -> str:
        """A word out of a draft or a file, such as an unknown channel or a field's name: it may name somebody."""
        label = clean(label)
        return label if self.audience.names or not self.mask.names_somebody(label) else "…"

    def _say(self, words: str) -> str:
        """A sentence without the names of files, drafts and people that this reader must not see."""
        if words not in self.said:
            self.said[words] = self._hide(words)
        return self.said[words]

    def _hide(self, words: str) -> str:
        hidden = {real: shown for real, shown in self.parts.items() if clean(real) != shown}
        if self.name != clean(self.report.draft):
            hidden[self.report.draft] = self.name
        for real in sorted(hidden, key=len, reverse=True):
            words = words.replace(real, hidden[real])
        return clean(words if self.audience.names else self.mask.hide(words))

    # People ---------------------------------------------------------------------------------------

    def _who(self, person_id: str | None) -> Who | None:
        if person_id is None or not self.audience.ids:
            return None
        return Who(id=clean(person_id), name=self.people.get(person_id) if self.audience.names else None)

    def _face(self, decision: Decision) -> ShownFace:
        face = decision.face
        stops = decision.outcome.stops
        return ShownFace(
            part=self.part(face.part),
            number=face.number,
            of=self.faces_in[face.part],
            region=face.region,
            outcome=Outcome.UNKNOWN.value if stops and self.travels else decision.outcome.value,
            stops=stops,
            who=self._who(decision.person),
            candidates=tuple(
                ShownCandidate(who=who, score=round(candidate.score, 3))
                for candidate in sorted(face.candidates, key=lambda near: (-near.score, near.person))
                if (who := self._who(candidate.person))
            ),
            because="" if self.travels else self._say(decision.because),
        )

    # Findings -------------------------------------------------------------------------------------

    def _findings(self, findings: Iterable[Finding]) -> tuple[ShownFinding, ...]:
        """In the order of the draft, so that the order tells nothing; doubles that became alike are one."""
        shown = [(self._finding(finding), finding.rule) for finding in self._told(tuple(findings))]
        shown.sort(
            key=lambda pair: (not pair[0].severity.fails, self._place(pair[0]), pair[0].rule, pair[0].rule != pair[1])
        )
        told = (
            replace(first, severity=max((f.severity for f in doubles), key=lambda severity: severity.rank))
            for doubles in (
                [pair[0] for pair in group]
                for _, group in groupby(shown, key=lambda pair: (self._place(pair[0]), pair[0].rule))
            )
            for first in doubles[:1]
        )
        return one_a_person(told, {(self.part(d.face.part), d.face.number): d.face for d in self.evidence.decisions})

    def _told(self, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        """Without those that would tell that a stopped face is somebody on the roster, unless nothing else stops it."""
        told = tuple(finding for finding in findings if not (self.travels and self._knows_a_stopped_face(finding)))
        lost = any(f.severity.fails for f in findings) and not any(f.severity.fails for f in told)
        return findings if lost else told

    def _knows_a_stopped_face(self, finding: Finding) -> bool:
        if finding.rule == "PG302":
            return finding.person not in (self.shown_here if finding.start is None else self.shown_elsewhere)
        return finding.rule == "PG902"

    def _place(self, finding: ShownFinding) -> tuple[object, ...]:
        region = finding.region or Region(x=-1, y=-1, width=-1, height=-1)
        return (
            self._order_of(finding.part),
            finding.part,
            finding.face or 0,
            region,
            -1 if finding.start is None else finding.start,
            -1 if finding.end is None else finding.end,
            finding.field or "",
            finding.who.id if finding.who else "",
            "" if finding.rule in _ONE_A_PLACE and finding.severity.fails else finding.message,
        )

    def _order_of(self, part: str) -> int:
        if part not in self.order:
            owner = None if part in WHOLE_DRAFT else split_part(part, self.order)[0]
            self.order[part] = self.order[owner] if owner else 0
        return self.order[part]

    def _finding(self, finding: Finding) -> ShownFinding:
        rule, severity = self._rule_of(finding), finding.severity
        message, cure = finding.message, finding.cure
        placeless = self.travels and rule in _PLACELESS
        if self.travels and rule in _ALIKE and severity.fails:
            severity, (message, cure) = Severity.BLOCK, _ALIKE[rule]
        described = FACE_NOT_CLEARED if rule == FACE_NOT_CLEARED.id else self.rules.get(rule)
        return ShownFinding(
            rule=rule,
            name=described.name if described else rule.lower(),
            severity=severity,
            part=self.part(finding.part),
            message=self._say(message),
            cure=self._say(cure),
            region=None if placeless else finding.region,
            face=None if placeless else self._face_number(finding),
            faces=self.faces_in[finding.part],
            who=self._who(finding.person) if len(self._bearers(finding)) < 2 else None,
            start=None if placeless else finding.start,
            end=None if placeless else finding.end,
            field=self._label(finding.field) if finding.field is not None else None,
            excerpt=excerpt(finding, self.evidence) if self.audience is Audience.POSTER else None,
        )

    def _named_by(self, finding: Finding) -> tuple[Mention, ...]:
        return self.mentions.get((finding.part, finding.field, finding.start, finding.end), ())

    def _bearers(self, finding: Finding) -> frozenset[str]:
        """Everybody whose name stands there. Of two who share one neither is shown, or the protected one would be."""
        if finding.start is None:
            return frozenset()
        return frozenset(mention.person for mention in self._named_by(finding))

    def _rule_of(self, finding: Finding) -> str:
        about_words = finding.start is not None
        rule = finding.rule
        if rule == PROTECTED or finding.reads_as is not None:
            words = "PG301" if self.evidence.has_picture else "PG201"
            rule = finding.reads_as or (words if about_words else "PG101")
        return FACE_NOT_CLEARED.id if self.travels and rule in COLLAPSED and not about_words else rule

    def _face_number(self, finding: Finding) -> int | None:
        if finding.face is not None or finding.region is None:
            return finding.face
        for decision in self.evidence.decisions:
            if (decision.face.part, decision.face.region) == (finding.part, finding.region):
                return decision.face.number
        return None

    def _waived(self) -> tuple[ShownWaiver, ...]:
        told = [w for w in self.report.waived if not (self.travels and self._knows_a_stopped_face(w.finding))]
        shown = [self._waiver(waived) for waived in told]
        return tuple(dict.fromkeys(sorted(shown, key=lambda w: (self._place(w.finding), w.finding.rule))))

    def _waiver(self, waived: Waived) -> ShownWaiver:
        """A lifted face reads alike for everybody: PG101 cannot be lifted, so one that was would be PG105.

        The reason is shown to nobody: none is ever kept for a protected pupil, so its absence would tell.
        """
        finding = self._finding(waived.finding)
        if finding.rule in COLLAPSED:
            message, cure = _ALIKE[FACE_NOT_CLEARED.id]
            finding = replace(finding, rule=FACE_NOT_CLEARED.id, name=FACE_NOT_CLEARED.name, message=message, cure=cure)
        return ShownWaiver(
            finding=finding,
            by="" if self.travels else self._say(waived.by),
            until=None if self.travels else waived.until,
        )

    # Words ----------------------------------------------------------------------------------------

    def _mentions(self) -> tuple[ShownMention, ...]:
        shown = (
            ShownMention(
                part=self.part(mention.part),
                start=mention.start,
                end=mention.end,
                how=mention.how.value,
                who=self._who(mention.person),
            )
            for mention in self.evidence.mentions
        )
        return tuple(dict.fromkeys(shown))

    def _passages(self) -> Iterator[ShownPassage]:
        """The draft's words in pieces. In what travels: only the post and its alt texts, found words hidden, and while
        the draft is stopped whatever else might name somebody; a draft that passed is public."""
        suspects = None if self.report.verdict is Verdict.PASS else self.mask.spans
        for passage in self.evidence.passages:
            words_of_the_post = passage.part == TEXT or passage.part.endswith(":alt")
            if self.audience in {Audience.REDACTED, Audience.TRAVEL} and not words_of_the_post:
                continue
            yield ShownPassage(
                part=self.part(passage.part),
                field=clean(passage.field) if passage.field is not None else None,
                pieces=tuple(pieces(passage, self.evidence, hide=not self.audience.file_names, suspects=suspects)),
            )

    # Pictures -------------------------------------------------------------------------------------

    def _pictures(self, faces: tuple[ShownFace, ...]) -> tuple[ShownPicture, ...]:
        counted = {count.part: count.people for count in self.evidence.draft.head_counts}
        facts = {photograph.part: photograph for photograph in self.evidence.photographs}
        return tuple(
            ShownPicture(
                part=self.part(picture.part),
                number=number,
                width=facts[picture.part].width if picture.part in facts else 0,
                height=facts[picture.part].height if picture.part in facts else 0,
                faces=tuple(face for face in faces if face.part == self.part(picture.part)),
                cover=tuple(
                    decision.face.region
                    for decision in self.evidence.decisions
                    if self.travels and decision.face.part == picture.part and decision.outcome not in _LET_SEE
                ),
                withheld=self._withheld(picture.part),
                counted=counted.get(picture.part),
                path=picture.path if self.audience is Audience.POSTER else None,
            )
            for number, picture in enumerate(self.evidence.draft.pictures, 1)
        )

    def _withheld(self, part: str) -> str:
        """Why a picture is not shown at all: what cannot be covered face by face must not travel."""
        facts = {photograph.part: photograph for photograph in self.evidence.photographs}.get(part)
        if facts is None:
            return "it could not be opened"
        if facts.frames > 1:
            return "it moves: open the file itself to see every moment"
        if not self.travels:
            return ""
        unchecked = {item.part for item in self.evidence.unchecked}
        if unchecked & {DRAFT, "pictures"} or any(split_part(other, [part])[0] for other in unchecked):
            return "not all of it could be checked"
        if any(f.rule == "PG106" and f.part in {part, "pictures"} for f in self._counts()):
            return "the people in it were counted differently from the faces found"
        found = {mention.part for mention in self.evidence.mentions}
        found |= {spotting.part for spotting in self.evidence.spottings}
        if f"{part}:picture" in found:
            return "words that must not be posted can be read in it"
        return ""

    def _counts(self) -> Iterator[Finding]:
        yield from self.report.findings
        yield from (waived.finding for waived in self.report.waived)


def _is_alias(name: str, kind: str) -> bool:
    """Whether a real name looks like one that we give: it must not be taken for another's."""
    return re.fullmatch(rf"{kind}-[1-9]\d*", name) is not None
