"""The head teacher's and the deputies' word: what they may lift, and for how long.

Never by the poster, never for good, and never for PG101 or PG901.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from postguard.domain.answers import (
    Place,
    SomebodyElse,
    Voucher,
    Waiver,
    Waivers,
    place_of_face,
    place_of_finding,
    shas,
    words_at,
    words_hash,
)
from postguard.domain.evidence import Decision, Evidence, Outcome, is_claimed_twice
from postguard.domain.people import Roster
from postguard.domain.policy import Policy
from postguard.domain.report import Waived
from postguard.domain.rules import Finding, LiftedBy, Severity

NEVER_WAIVED = frozenset({"PG101", "PG901"})
HEAD_ONLY = frozenset({"PG105"})
DEPUTY_LIFTS_BLOCKS = frozenset({"PG102", "PG103", "PG104", "PG106"})
"""Blocks that say what the machine could not see; a deputy was there. Any other block is a thing to be taken out:
what a deputy lifts of those are reviews, and a block is lifted by the head alone, as a protected pupil's is."""
ONLY_IN_A_BATCH = frozenset({"PG302"})
"""Rules that a draft alone never breaks, so that a vouch for one may be idle and still wanted."""
HEAD = "head"
DEPUTY = "deputy"


@dataclass(frozen=True, kw_only=True, slots=True)
class Honoured:
    """What is left standing after the waivers, what they lifted, and what must be said of them."""

    findings: tuple[Finding, ...]
    waived: tuple[Waived, ...]
    decisions: tuple[Decision, ...]
    remarks: tuple[str, ...] = ()


def may_vouch(
    voucher: Voucher, lifted_by: LiftedBy, *, policy: Policy, roster: Roster, author: str | None, on: date
) -> str | None:
    """Whether this voucher's word counts on this day. None when it does, else why not.

    Whoever lost the role in the settings since has no word. `author` is the draft's; the poster never vouches,
    and where nobody says who posts, nobody may vouch.
    """
    if lifted_by is LiftedBy.NOBODY:
        return "nobody may vouch for this"
    if voucher.role not in (HEAD, DEPUTY) or not _holds(voucher.by, voucher.role, policy, roster):
        return "only the head teacher or a deputy named in the settings may vouch"
    if lifted_by is LiftedBy.HEAD and voucher.role != HEAD:
        return "only the head teacher may vouch for this"
    posters = [who for who in (author, voucher.poster) if who]
    if not posters:
        return "nobody says who posts this, so nobody can tell that it is not the same person who vouches"
    if any(_names_of(voucher.by, roster) & _names_of(who, roster) for who in posters):
        return "whoever posts it cannot vouch for it"
    if on > voucher.until:
        return "it was vouched for until an earlier day"
    return None


def role_of(who: str, policy: Policy, roster: Roster) -> str | None:
    """The highest role that the settings give somebody, or None."""
    return next((role for role in (HEAD, DEPUTY) if _holds(who, role, policy, roster)), None)


def id_of(who: str, roster: Roster) -> str | None:
    """The id of whoever is called so, by id or by name; None for nobody, or for several."""
    found = [p.id for p in roster.people if _folded(who) in (_folded(p.id), _folded(p.name))]
    return found[0] if len(found) == 1 else None


def _holds(who: str, role: str, policy: Policy, roster: Roster) -> bool:
    """Whoever is no longer on the roster holds nothing, nor does somebody of the same name as whoever does."""
    mine = id_of(who, roster)
    holders = (holder for name, holders in policy.roles if name == role for holder in holders)
    return mine is not None and any(id_of(holder, roster) == mine for holder in holders)


def _names_of(who: str, roster: Roster) -> frozenset[str]:
    """Everything somebody may be called by, so that an id and a name are known to be one person."""
    asked = _folded(who)
    names = {asked}
    for person in roster.people:
        called = {_folded(word) for word in (person.id, person.name, *person.known_as, *person.handles)}
        if asked in called:
            names |= called
    return frozenset(names)


def _folded(words: str) -> str:
    return " ".join(words.casefold().split())


def honour_somebody_else(
    decisions: tuple[Decision, ...],
    waivers: Waivers,
    *,
    sha_of: Mapping[str, str],
    policy: Policy,
    roster: Roster,
    channel: str,
    author: str | None,
    on: date,
) -> tuple[Decision, ...]:
    """The decisions with the head's "P12, not P02" honoured: WAIVED, where P12 may be shown here today.

    Not where another face of the same picture is P12 already: one of the two is not.
    """
    consented = roster.may_appear(channel, on)
    counting = tuple(
        word
        for word in waivers.somebody_else
        if word.channel == channel
        and word.person in consented
        and may_vouch(word.voucher, LiftedBy.HEAD, policy=policy, roster=roster, author=author, on=on) is None
    )
    answered = [_somebody_else(decision, counting, sha_of) for decision in decisions]
    passing = [d for d in answered if not d.outcome.stops]
    return tuple(
        before if after is not before and is_claimed_twice(after, passing) else after
        for before, after in zip(decisions, answered, strict=True)
    )


def _somebody_else(decision: Decision, words: Iterable[SomebodyElse], sha_of: Mapping[str, str]) -> Decision:
    place = place_of_face(decision.face, sha_of)
    if place is None or not decision.outcome.stops:
        return decision
    people = {w.person for w in words if w.instead_of == decision.person and w.place.covers(place)}
    if len(people) != 1:
        return decision
    return replace(
        decision, outcome=Outcome.WAIVED, person=people.pop(), because="somebody else, by the head teacher's word"
    )


def honour_waivers(
    findings: Iterable[Finding],
    waivers: Waivers,
    *,
    evidence: Evidence,
    lifted_by: Mapping[str, LiftedBy],
    policy: Policy,
    roster: Roster,
) -> Honoured:
    """The findings that still stand, those that somebody answers for, and the decisions with WAIVED faces.

    `lifted_by`: rule id to who may lift it; a rule that is not in it is lifted by nobody. PG101 and PG901 never
    are, PG105 and most blocks by the head alone, whatever it says.
    """
    standing: list[Finding] = []
    others = tuple(_said_to_be_others(waivers, evidence))
    waived = [lifted for _, lifted in others]
    used: set[Waiver | SomebodyElse] = {word for word, _ in others}

    def counts(waiver: Waiver, finding: Finding, place: Place) -> bool:
        return (
            waives(waiver, finding, place, evidence.channel)
            and may_vouch(
                waiver.voucher,
                who_lifts(finding.rule, finding.severity, lifted_by),
                policy=policy,
                roster=roster,
                author=evidence.draft.author,
                on=evidence.date,
            )
            is None
        )

    for finding in findings:
        place = place_of_finding(finding, evidence) if finding.severity.fails else None
        words = [w for w in waivers.waivers if place is not None and counts(w, finding, place)]
        if not words:
            standing.append(finding)
            continue
        used.update(words)
        waived.append(
            Waived(
                finding=finding,
                by=words[0].voucher.role,
                until=words[0].voucher.until.isoformat(),
                reason="" if finding.rule in HEAD_ONLY else words[0].reason,
            )
        )
    return Honoured(
        findings=tuple(standing),
        waived=tuple(waived),
        decisions=tuple(_waive_face(d, standing, waived) for d in evidence.decisions),
        remarks=_remarks(
            [w for w in waivers.waivers if w not in used and w.rule not in ONLY_IN_A_BATCH],
            [w for w in waivers.somebody_else if w not in used],
            evidence,
        ),
    )


def who_lifts(rule: str, severity: Severity, lifted_by: Mapping[str, LiftedBy]) -> LiftedBy:
    """Who may lift a rule's findings of this severity; what cannot be lifted stays so, whatever the table says."""
    if rule in NEVER_WAIVED:
        return LiftedBy.NOBODY
    if rule in HEAD_ONLY:
        return LiftedBy.HEAD
    by = lifted_by.get(rule, LiftedBy.NOBODY)
    to_be_taken_out = severity is Severity.BLOCK and rule not in DEPUTY_LIFTS_BLOCKS
    return LiftedBy.HEAD if to_be_taken_out and by is not LiftedBy.NOBODY else by


def waives(waiver: Waiver, finding: Finding, place: Place, channel: str) -> bool:
    """Whether this waiver is about this finding, whoever gave it."""
    return (
        waiver.rule == finding.rule
        and waiver.channel == channel
        and waiver.severity.rank >= finding.severity.rank
        and (waiver.person == finding.person or not binds_person(finding))
        and waiver.place.covers(place)
    )


def binds_person(finding: Finding) -> bool:
    """Whether a waiver of this finding is about one person: a name in words is, a face and PG105 are not."""
    return finding.start is not None and finding.rule not in HEAD_ONLY


def _waive_face(decision: Decision, standing: Iterable[Finding], waived: Iterable[Waived]) -> Decision:
    """WAIVED when a finding on this face was lifted and none that fails is left on it; nobody knows who it is."""
    if not decision.outcome.stops:
        return decision

    def about(finding: Finding) -> bool:
        return finding.part == decision.face.part and finding.region == decision.face.region

    if any(about(w.finding) for w in waived) and not any(about(f) and f.severity.fails for f in standing):
        return replace(decision, outcome=Outcome.WAIVED, person=None)
    return decision


def _said_to_be_others(waivers: Waivers, evidence: Evidence) -> Iterable[tuple[SomebodyElse, Waived]]:
    """The head's words that `honour_somebody_else` honoured, for the report."""
    sha_of = shas(evidence.photographs)
    for decision in evidence.decisions:
        if decision.outcome is Outcome.WAIVED:
            word = next((w for w in waivers.somebody_else if _is_about(w, decision, sha_of)), None)
            if word is None:
                continue
            finding = Finding(
                rule="PG101",
                severity=Severity.BLOCK,
                part=decision.face.part,
                message="Taken for somebody who may not be shown, and known to be somebody else.",
                region=decision.face.region,
                face=decision.face.number,
                person=decision.person,
            )
            yield word, Waived(finding=finding, by=word.voucher.role, until=word.voucher.until.isoformat())


def _remarks(idle: Iterable[Waiver], unheard: Iterable[SomebodyElse], evidence: Evidence) -> tuple[str, ...]:
    """What the reader must know of vouches that lifted nothing: about this very draft, or given for one of its name
    whose pictures or words were others. Nobody is named."""
    sha_of = shas(evidence.photographs)
    subjects = {words_hash(text, sha_of.values()) for text in _texts(evidence)} | set(sha_of.values())
    lifted_nothing: list[Waiver | SomebodyElse] = [*idle, *unheard]
    here = [w for w in lifted_nothing if w.channel == evidence.channel]
    mine = [w for w in here if w.place.sha256 in subjects]
    changed = [w for w in here if w.place.sha256 not in subjects and w.voucher.draft == evidence.draft.name]
    expired = sum(1 for w in (*mine, *changed) if evidence.date > w.voucher.until)
    idle_now = sum(1 for w in mine if evidence.date <= w.voucher.until)
    changed_now = sum(1 for w in changed if evidence.date <= w.voucher.until)
    remarks = []
    if expired:
        remarks.append(f"{_vouches(expired)} for this draft ran out. Vouch again if it still holds.")
    if idle_now:
        remarks.append(f"{_vouches(idle_now)} for this draft lifted nothing.")
    if changed_now:
        remarks.append(
            f"{_vouches(changed_now)} for a draft of this name lifted nothing: the picture or the words have changed "
            "since. Vouch again if it still holds."
        )
    return tuple(remarks)


def _is_about(word: SomebodyElse, decision: Decision, sha_of: Mapping[str, str]) -> bool:
    place = place_of_face(decision.face, sha_of)
    return place is not None and word.place.covers(place) and word.person == decision.person


def _texts(evidence: Evidence) -> Iterable[str]:
    yield evidence.draft.text or ""
    for part, field in {(p.part, p.field) for p in evidence.passages}:
        yield words_at(part, field, evidence.passages) or ""


def _vouches(number: int) -> str:
    return "1 vouch" if number == 1 else f"{number} vouches"
