"""Guard: one draft in, one report out.

A Guard is built once and keeps no state between drafts, so it maps over an archive as it is: in this
process, in a pool of processes, on a cluster.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import PurePath
from typing import Protocol

from postguard.checks import ALL_CHECKS, pg302_jigsaw, pg901_unchecked
from postguard.domain.answers import Confirmations, NotOurPupil, Waivers, shas
from postguard.domain.confirming import honour_confirmations, honour_names
from postguard.domain.decision import Standing, decide
from postguard.domain.drafts import DRAFT, TEXT, Draft, Picture, Unchecked
from postguard.domain.errors import PostguardError
from postguard.domain.evidence import (
    Candidate,
    Decision,
    Evidence,
    Face,
    Mention,
    Passage,
    Spotting,
)
from postguard.domain.people import Roster
from postguard.domain.policy import UNIDENTIFIABLE_BELOW, Policy
from postguard.domain.report import Report
from postguard.domain.rules import Finding, Rule, Severity
from postguard.domain.vouching import Honoured, honour_somebody_else, honour_waivers
from postguard.seeing.types import SeenFace, SeenFrame, Sight, Templates

Say = Callable[[str], None]
"""Told what is in hand, in words for the user."""


class SeesPictures(Protocol):
    """What finds faces, words and metadata in a picture file (seeing.Eyes)."""

    def look(self, picture: Picture) -> Sight: ...


class KnowsFaces(Protocol):
    """What says whom a face is near to (matching.Gallery)."""

    def search(self, templates: Templates, floor: float) -> tuple[Candidate, ...]: ...

    def alike(self, person: str) -> frozenset[str]: ...


class FindsNames(Protocol):
    """What finds people's names in words (matching.NameFinder)."""

    def find(self, passages: Iterable[Passage], visitors: Iterable[str] = ()) -> tuple[Mention, ...]: ...


class FindsTopics(Protocol):
    """What finds phone numbers, addresses, rude words and the like (matching.TopicFinder)."""

    def find(self, passages: Iterable[Passage]) -> tuple[Spotting, ...]: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Faces:
    """The engines for pictures. Made when the first picture needs them, for they take seconds to load.

    `stale`: people whose references may block but no longer clear. `without_template`: people on the
    roster of whom no template exists. `means`: which engines these are, in words for the report.
    """

    eyes: SeesPictures
    gallery: KnowsFaces
    stale: frozenset[str]
    without_template: frozenset[str]
    means: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Guard:
    """Checks drafts against one roster, for one day (`on`).

    `faces` is called when a draft has pictures. `channel` overrides what a draft says. `problems` says
    what in a draft does not fit the roster ("a group that nobody is in"). `remarks` stand in every report.
    `confirmations` reads what the poster answered about a draft, `waivers` is what the school vouched for.
    """

    roster: Roster
    policy: Policy
    on: date
    faces: Callable[[], Faces]
    names: FindsNames
    topics: FindsTopics
    channel: str | None = None
    problems: Callable[[Draft, Roster], tuple[Unchecked, ...]] = lambda draft, roster: ()
    confirmations: Callable[[Draft], tuple[Confirmations, tuple[Unchecked, ...]]] = lambda draft: (Confirmations(), ())
    waivers: Waivers = field(default_factory=Waivers)
    remarks: tuple[str, ...] = ()

    def check(self, draft: Draft, say: Say = lambda words: None) -> Report:
        """The draft's report. Never raises for what is in the draft: that is a finding.

        Raises PostguardError when the installation or the roster allows no verdict at all.
        """
        try:
            faces = self.faces() if draft.pictures else None
            answers, unread = self.confirmations(draft)
            evidence = self._evidence(replace(draft, problems=draft.problems + unread), faces, answers, say)
            return self.report(evidence, faces.remarks if faces else (), answers.names)
        except PostguardError:
            raise
        except (Exception, SystemExit) as trouble:  # noqa: BLE001 - see _stumbled
            return not_checked(draft, self, _stumbled(trouble))

    def channel_of(self, draft: Draft) -> str:
        return self.channel or draft.channel or self.roster.channels[0]

    def _other_channel(self, draft: Draft) -> tuple[str, ...]:
        if self.channel is None or draft.channel in (None, self.channel):
            return ()
        return (f"The post says that it is for another channel; it was checked for {self.channel}, as you asked.",)

    def report(
        self, evidence: Evidence, remarks: tuple[str, ...] = (), not_ours: tuple[NotOurPupil, ...] = ()
    ) -> Report:
        """What stands against a draft, given all that was found in it and what was answered."""
        findings, lifted = honour_names(judge(evidence, self.roster, self.policy), not_ours, evidence)
        left = self._vouched_for(findings, evidence)
        return Report(
            draft=evidence.draft.name,
            evidence=replace(evidence, decisions=left.decisions),
            findings=left.findings,
            register=self.roster.fingerprint,
            waived=lifted + left.waived,
            remarks=self.remarks + self._other_channel(evidence.draft) + remarks,
            about_vouches=left.remarks,
        )

    def together(self, reports: Sequence[Report]) -> tuple[Report, ...]:
        """The reports of one batch, with what shows only when drafts are read side by side (PG302)."""
        found = pg302_jigsaw.across([report.evidence for report in reports], self.roster, self.policy)
        return tuple(self._with(report, more) if more else report for report, more in zip(reports, found, strict=True))

    def _with(self, report: Report, more: tuple[Finding, ...]) -> Report:
        left = self._vouched_for(more, report.evidence)
        return replace(
            report,
            findings=hardest_first((*report.findings, *left.findings)),
            waived=report.waived + tuple(w for w in left.waived if w not in report.waived),
        )

    def _vouched_for(self, findings: Iterable[Finding], evidence: Evidence) -> Honoured:
        return honour_waivers(
            findings,
            self.waivers,
            evidence=evidence,
            lifted_by={check.RULE.id: check.RULE.lifted_by for check in ALL_CHECKS},
            policy=self.policy,
            roster=self.roster,
        )

    def _evidence(self, draft: Draft, faces: Faces | None, answers: Confirmations, say: Say) -> Evidence:
        channel = self.channel_of(draft)
        unchecked = [*draft.problems, *self.problems(draft, self.roster)]
        if not (draft.text or "").strip() and not draft.pictures and not unchecked:
            unchecked.append(Unchecked(part=DRAFT, reason="there is nothing in it, no words and no picture."))
        if channel not in self.roster.channels:
            unchecked.append(Unchecked(part=TEXT, reason=_unknown_channel(channel, self.roster)))

        sights = tuple(_look(faces.eyes, picture, say) for picture in draft.pictures) if faces else ()
        passages = (*_words_of(draft), *(p for sight in sights for p in sight.passages))
        photographs = tuple(s.photograph for s in sights if s.photograph is not None)
        decisions = self._decide(draft, channel, sights, faces, answers, shas(photographs)) if faces else ()
        return Evidence(
            draft=draft,
            channel=channel,
            date=self.on,
            photographs=photographs,
            decisions=decisions,
            passages=passages,
            mentions=self.names.find(passages, [other.name for other in draft.present.others] if draft.present else []),
            spottings=self.topics.find(passages),
            unchecked=(*unchecked, *(u for sight in sights for u in sight.unchecked)),
            not_looked_at=tuple(dict.fromkeys(words for sight in sights for words in sight.not_looked_at)),
            means=faces.means if faces else (),
            stale_references=_stale(decisions, faces.stale if faces else frozenset(), self.policy),
        )

    def _decide(
        self,
        draft: Draft,
        channel: str,
        sights: Sequence[Sight],
        faces: Faces,
        answers: Confirmations,
        sha_of: Mapping[str, str],
    ) -> tuple[Decision, ...]:
        """The machine's decisions, then the poster's word weighed, then the head teacher's."""
        thresholds = self.policy.thresholds
        standing = standing_of(draft, self.roster, channel, self.on, faces)
        frames = [frame for sight in sights for frame in sight.frames]
        compared = [face for frame in frames for face in _compare(frame, faces.gallery, thresholds.floor)]
        confirmed = honour_confirmations(
            decide(compared, standing, thresholds),
            answers,
            sha_of=sha_of,
            standing=standing,
            thresholds=thresholds,
            roster=self.roster,
        )
        return honour_somebody_else(
            confirmed,
            self.waivers,
            sha_of=sha_of,
            policy=self.policy,
            roster=self.roster,
            channel=channel,
            author=draft.author,
            on=self.on,
        )


def not_checked(draft: Draft, guard: Guard, reason: str) -> Report:
    """The failing report of a draft that could not be checked at all.

    No other rule is asked: it may be one of them that stumbled.
    """
    evidence = Evidence(
        draft=draft,
        channel=guard.channel_of(draft),
        date=guard.on,
        unchecked=(*draft.problems, Unchecked(part=DRAFT, reason=reason)),
    )
    return Report(
        draft=draft.name,
        evidence=evidence,
        findings=tuple(pg901_unchecked.check(evidence, guard.roster, guard.policy)),
        register=guard.roster.fingerprint,
        remarks=guard.remarks,
    )


def judge(evidence: Evidence, roster: Roster, policy: Policy) -> tuple[Finding, ...]:
    """Every rule's findings on one draft, at the severities the school chose, hardest first.

    A crashed rule must not look like a silent one, so nothing is caught here.
    """
    chosen = dict(policy.severities)
    rules = {check.RULE.id: check.RULE for check in ALL_CHECKS}
    findings = [
        _as_chosen(finding, chosen, rules) for check in ALL_CHECKS for finding in check.check(evidence, roster, policy)
    ]
    return hardest_first(findings)


def _as_chosen(finding: Finding, chosen: Mapping[str, Severity], rules: Mapping[str, Rule]) -> Finding:
    """The finding at the severity the school chose, never below its floor. A harder rule's note stays a note.

    A protected pupil's is as hard as anybody's: another severity than that of the rule it reads as would tell.
    """
    rule = finding.reads_as or finding.rule
    if rule not in chosen or (rules[rule].severity.fails and not finding.severity.fails):
        return finding
    hardest = max(chosen[rule], rules[rule].floor, finding.floor, key=lambda severity: severity.rank)
    return replace(finding, severity=hardest)


def hardest_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda f: (-f.severity.rank, f.part, f.face or 0, f.start or 0, f.rule)))


def _look(eyes: SeesPictures, picture: Picture, say: Say) -> Sight:
    say(f"looking at {picture.part}")
    try:
        sight = eyes.look(picture)
    except PostguardError:
        raise
    except (Exception, SystemExit) as trouble:  # noqa: BLE001 - see _stumbled
        return Sight(photograph=None, unchecked=(Unchecked(part=picture.part, reason=_stumbled(trouble)),))
    if not sight.unchecked and (sight.photograph is None or sight.photograph.frames < 1):
        return replace(sight, unchecked=(Unchecked(part=picture.part, reason="nothing of it was looked at."),))
    return sight


def _stumbled(trouble: BaseException) -> str:
    """A crash is a failed check, never a skipped one. SystemExit too: a library may call `quit()`."""
    return f"postguard stumbled over it ({type(trouble).__name__})."


def _compare(frame: SeenFrame, gallery: KnowsFaces, floor: float) -> Iterable[Face]:
    for number, seen in enumerate(frame.faces, start=1):
        yield Face(
            part=frame.part,
            number=number,
            region=seen.region,
            detections=seen.detections,
            flaws=_flaws(seen),
            candidates=gallery.search(seen.templates, floor) if seen.templates else (),
            roll=round(seen.roll, 1),
            path=seen.path,
            figure=seen.figure,
        )


def _words_of(draft: Draft) -> Iterable[Passage]:
    if draft.text is not None:
        yield Passage(part=TEXT, text=draft.text)
    for alt in draft.alt:
        yield Passage(part=f"{alt.part}:alt", text=alt.text)
    for picture in draft.pictures:
        yield Passage(part=f"{picture.part}:name", text=PurePath(picture.part).stem)


def standing_of(draft: Draft, roster: Roster, channel: str, on: date, faces: Faces | None) -> Standing:
    """Who may clear a face of this draft and who can only stop one. `faces`: None for a draft without pictures."""
    consented = roster.may_appear(channel, on)
    standing = Standing(
        consented=consented,
        clearing=consented & _present(draft, roster),
        look_alikes=tuple(sorted(roster.look_alikes().items())),
        strangers_without_template=False,
    )
    if faces is None:
        return standing
    return replace(
        standing,
        clearing=standing.clearing - faces.stale,
        alike=faces.gallery.alike,
        strangers_without_template=any(p.id in faces.without_template for p in roster.people if p.id not in consented),
    )


def _present(draft: Draft, roster: Roster) -> frozenset[str]:
    """Who may clear a face by the poster's word. Without one: everybody."""
    if draft.present is None:
        return frozenset(p.id for p in roster.people)
    there = {p.id for p in roster.people if p.group is not None and p.group in draft.present.groups}
    return frozenset(there | set(draft.present.people))


def _flaws(seen: SeenFace) -> tuple[str, ...]:
    """A face that could be identified by its looks but has no template cannot be compared: it is unclear."""
    if seen.templates or seen.flaws or seen.region.height < UNIDENTIFIABLE_BELOW:
        return seen.flaws
    return ("could not be measured",)


def _stale(decisions: Iterable[Decision], stale: frozenset[str], policy: Policy) -> tuple[str, ...]:
    near = {
        c.person
        for d in decisions
        for c in d.face.candidates
        if d.outcome.stops and c.person in stale and c.score >= policy.thresholds.clear
    }
    return tuple(sorted(near))


def _unknown_channel(channel: str, roster: Roster) -> str:
    known = ", ".join(roster.channels)
    return f"it is for a channel that the roster does not know. Known channels: {known}."
