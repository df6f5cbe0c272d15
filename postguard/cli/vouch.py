"""`postguard vouch`: the head teacher or a deputy answers for what still stops a draft, by name and until a day."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import click

from postguard.assembly import Setup
from postguard.checks import ALL_CHECKS
from postguard.cli.options import (
    allow_git_option,
    channel_option,
    faces_option,
    models_option,
    open_setup,
    roster_option,
)
from postguard.cli.progress import watching
from postguard.cli.school import records_of
from postguard.cli.vouches import show_vouches
from postguard.domain.answers import (
    SomebodyElse,
    Voucher,
    Waiver,
    Waivers,
    draft_hash,
    place_of_face,
    place_of_finding,
    shas,
)
from postguard.domain.errors import EXIT_FAIL, EXIT_PASS, UsageError
from postguard.domain.people import Roster
from postguard.domain.policy import Policy
from postguard.domain.report import Report
from postguard.domain.rules import Finding, LiftedBy
from postguard.domain.vouching import HEAD, HEAD_ONLY, binds_person, id_of, may_vouch, role_of, who_lifts
from postguard.loading import find_drafts, load_draft
from postguard.records.files import records_folder
from postguard.records.journal import append
from postguard.records.waivers import change_waivers, without_old

USUAL = timedelta(days=31)
LONGEST = timedelta(days=366)
"""A vouch outlives no school year: whoever answers for it looks again."""

_LIFTED_BY = {check.RULE.id: check.RULE.lifted_by for check in ALL_CHECKS}
_NAMES = {check.RULE.id: check.RULE.name for check in ALL_CHECKS}


@click.command(name="vouch")
@click.argument("draft", required=False, type=click.Path(path_type=Path))
@click.option("--list", "listed", is_flag=True, help="Every vouch that is kept, for whatever draft, and until when.")
@click.option("--by", metavar="ID", help="Who vouches: an id that postguard.yaml names as head or deputy.")
@click.option("--poster", metavar="WHO", help="Who posts it, where the post does not say `author:`.")
@click.option("--finding", "numbers", multiple=True, type=click.IntRange(1), metavar="N", help="Vouch for finding N.")
@click.option(
    "--because", "reason", metavar="TEXT", help="Why. Kept with the vouch; never asked for a protected pupil."
)
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="The last day on which it counts. Default: in a month.",
)
@click.option(
    "--somebody-else",
    "others",
    multiple=True,
    metavar="N=ID",
    help='The face of finding N is ID: "P12, not P02". For the head teacher.',
)
@click.option(
    "--beside",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="The folder of drafts it is checked with, for what shows only side by side (PG302).",
)
@roster_option
@faces_option
@channel_option
@models_option
@allow_git_option
def command(
    draft: Path | None,
    listed: bool,
    by: str | None,
    poster: str | None,
    numbers: tuple[int, ...],
    reason: str | None,
    until: datetime | None,
    others: tuple[str, ...],
    beside: Path | None,
    roster: Path | None,
    faces: Path | None,
    channel: str | None,
    models: Path | None,
    allow_git: bool,
) -> int:
    """Answer for a finding that stops DRAFT. Only the head teacher or a deputy may, and never whoever posts it.

    Without --finding it lists what stops the draft, and who may lift it. A vouch counts for this picture and place,
    or these words and pictures, on this channel, until its last day; it ends when any of them changes.

    Ends with 0 when everything asked for was vouched for or nothing stops the draft, 1 when something is left,
    2 when this voucher may not vouch.
    """
    if listed:
        return show_vouches(records_of(draft.absolute().parent if draft else Path.cwd(), roster), on=date.today())
    if draft is None:
        raise UsageError("Which draft?", hint="Say postguard vouch and its folder, or --list for every vouch there is.")
    if find_drafts(draft) != (draft,):
        raise UsageError(f"{draft} is a folder of drafts.", hint="Vouch for one draft at a time.")
    setup = open_setup(
        draft.absolute().parent, roster=roster, faces=faces, channel=channel, models=models, allow_git=allow_git
    )
    by = by and (id_of(by, setup.roster) or by)  # ids, for the journal names nobody
    poster = poster and (id_of(poster, setup.roster) or poster)
    role = role_of(by, setup.policy, setup.roster) if by else None
    if by is not None and role is None:
        raise UsageError(
            f"The settings do not name {by} as head or deputy.",
            hint="Write it under `roles:` in postguard.yaml, as in roles: {head: [S01], deputy: [S02]}.",
        )
    report = _report(draft, beside, setup)
    open_findings = Open(report=report, roster=setup.roster, policy=setup.policy, head=role == HEAD)
    wanted = [*numbers, *(int(n) for n, _ in _pairs(others))]
    if not wanted:
        open_findings.show()
        if by is None or role is None or not sys.stdin.isatty():
            return EXIT_FAIL if open_findings.findings else EXIT_PASS
    if by is None or role is None:
        raise UsageError("Who vouches?", hint="Say --by and an id that postguard.yaml names as head or deputy.")

    voucher = Voucher(
        by=by,
        role=role,
        given=setup.on,
        until=_until(until, setup.on),
        poster=poster,
        draft=report.evidence.draft.name,
    )
    if wanted:
        waivers = [open_findings.waiver(n, voucher, reason) for n in numbers]
        elses = [open_findings.somebody_else(int(n), who, voucher) for n, who in _pairs(others)]
    else:
        waivers, elses = list(open_findings.asked(voucher)), []
    kept = _keep(records_folder(setup.roster.path), report, waivers, elses)
    findings = "1 finding" if kept == 1 else f"{kept} findings"
    click.echo(f"Vouched for {findings}, until {voucher.until.isoformat()}. Now: postguard check {draft}")
    return EXIT_PASS if kept else EXIT_FAIL


@dataclass(frozen=True, kw_only=True, slots=True)
class Open:
    """What stops the draft, numbered. A finding that was vouched for keeps its number."""

    report: Report
    roster: Roster
    policy: Policy
    head: bool

    @property
    def numbered(self) -> list[Finding]:
        found = {f for f in self.report.findings if f.severity.fails} | {w.finding for w in self.report.waived}
        return sorted(found, key=lambda f: (f.part, f.face or 0, f.start or 0, f.rule, f.person or ""))

    @property
    def findings(self) -> list[Finding]:
        return [f for f in self.numbered if f in self.report.findings]

    def show(self) -> None:
        for number, finding in enumerate(self.numbered, start=1):
            if finding not in self.report.findings:
                continue
            rule = self._seen(finding)
            where = f"{finding.part}, face {finding.face}" if finding.face else finding.part
            click.echo(f"{number}. {rule} {_NAMES.get(rule, '')}, {where}: {finding.message}")
            click.echo(f"   {_who(self.lifted_by(finding))}")
            if self.head and finding.face and finding.person and self.lifted_by(finding) is LiftedBy.NOBODY:
                click.echo(f"   If it is somebody else, say who: --somebody-else {number}=ID")
        for unchecked in self.report.evidence.unchecked:
            click.echo(f"-  PG901, {unchecked.part}: {unchecked.reason} Nobody may vouch for this.")
        if not self.findings and not self.report.evidence.unchecked:
            click.echo("Nothing stops this draft.")

    def lifted_by(self, finding: Finding) -> LiftedBy:
        """Who may lift it, as far as this reader may know: only the head sees that a pupil is protected."""
        return who_lifts(self._seen(finding), finding.severity, _LIFTED_BY)

    def waiver(self, number: int, voucher: Voucher, reason: str | None) -> Waiver:
        """Raises UsageError where this voucher may not lift it, or without a reason where one is due."""
        finding = self._finding(number)
        self._may(voucher, self.lifted_by(finding))
        place = place_of_finding(finding, self.report.evidence)
        if place is None:
            raise UsageError(f"Finding {number} cannot be vouched for: its picture or words could not be read.")
        protected = finding.rule in HEAD_ONLY
        if not protected and not (reason or "").strip():
            raise UsageError("Why?", hint="Say --because and the reason; it is kept with the vouch.")
        return Waiver(
            rule=finding.rule,
            severity=finding.severity,
            place=place,
            channel=self.report.evidence.channel,
            voucher=voucher,
            reason="" if protected else (reason or "").strip(),
            person=finding.person if binds_person(finding) else None,
        )

    def somebody_else(self, number: int, who: str, voucher: Voucher) -> SomebodyElse:
        """Raises UsageError unless the head says so of a stopped face, and of somebody who may be shown."""
        self._may(voucher, LiftedBy.HEAD)
        finding = self._finding(number)
        evidence = self.report.evidence
        decision = next(
            (d for d in evidence.decisions if d.face.part == finding.part and d.face.number == finding.face), None
        )
        if decision is None or decision.person is None:
            raise UsageError(f"Finding {number} is not a face that was taken for somebody.")
        if who not in self.roster.may_appear(evidence.channel, evidence.date):
            raise UsageError(f"{who} may not be shown here either, or is not on the roster.")
        place = place_of_face(decision.face, shas(evidence.photographs))
        if place is None:
            raise UsageError(f"Finding {number} cannot be vouched for: its picture could not be read.")
        return SomebodyElse(
            place=place, channel=evidence.channel, voucher=voucher, person=who, instead_of=decision.person
        )

    def asked(self, voucher: Voucher) -> Iterator[Waiver]:
        """Ask about each finding that this voucher may lift. Enter leaves it as it is."""
        for number, finding in enumerate(self.numbered, start=1):
            if finding not in self.report.findings or self._refusal(voucher, self.lifted_by(finding)) is not None:
                continue
            if not click.confirm(f"Do you answer for {number}?", default=False):
                continue
            yield self.waiver(number, voucher, None if finding.rule in HEAD_ONLY else click.prompt("Why"))

    def _seen(self, finding: Finding) -> str:
        return finding.rule if self.head else finding.reads_as or finding.rule

    def _finding(self, number: int) -> Finding:
        if not 1 <= number <= len(self.numbered):
            raise UsageError(f"There is no finding {number}.", hint=f"There are {len(self.numbered)}.")
        return self.numbered[number - 1]

    def _refusal(self, voucher: Voucher, lifted_by: LiftedBy) -> str | None:
        evidence = self.report.evidence
        return may_vouch(
            voucher,
            lifted_by,
            policy=self.policy,
            roster=self.roster,
            author=evidence.draft.author,
            on=evidence.date,
        )

    def _may(self, voucher: Voucher, lifted_by: LiftedBy) -> None:
        if refusal := self._refusal(voucher, lifted_by):
            hint = "Say who posts it with --poster." if "nobody says who posts" in refusal else ""
            raise UsageError(f"This cannot be vouched for: {refusal}.", hint=hint)


def _report(draft: Path, beside: Path | None, setup: Setup) -> Report:
    """The draft's report, as it is among the drafts of a folder where one is given."""
    folders = [draft]
    if beside is not None:
        folders += [folder for folder in find_drafts(beside) if folder.resolve() != draft.resolve()]
    guard = setup.guard()
    with watching(len(folders)) as watcher:
        reports = [guard.check(load_draft(folder), watcher.say) for folder in folders]
    return guard.together(reports)[0]


def _who(lifted_by: LiftedBy) -> str:
    return "Nobody may vouch for this." if lifted_by is LiftedBy.NOBODY else lifted_by.value.capitalize() + "."


def _pairs(others: Sequence[str]) -> Iterator[tuple[str, str]]:
    for words in others:
        number, equals, who = words.partition("=")
        if not equals or not number.isdecimal():
            raise UsageError(f"{words} is not N=ID.", hint="As in --somebody-else 2=P12.")
        yield number, who


def _until(until: datetime | None, today: date) -> date:
    day = until.date() if until else today + USUAL
    if not today <= day <= today + LONGEST:
        raise UsageError("A vouch ends within a year, and not before today.", hint="Say --until YYYY-MM-DD.")
    return day


def _keep(folder: Path, report: Report, waivers: Sequence[Waiver], elses: Sequence[SomebodyElse]) -> int:
    """Keep the vouches, each in place of an older one about the same thing, and write each into the journal.

    The journal first: a vouch that nobody can answer for later must not count. It does not say who is protected.
    """

    def with_new(everything: Waivers) -> Waivers:
        before = without_old(everything, report.evidence.date)
        return Waivers(
            waivers=(*(w for w in before.waivers if not any(_same(w, new) for new in waivers)), *waivers),
            somebody_else=(
                *(
                    w
                    for w in before.somebody_else
                    if not any(w.place.covers(n.place) and w.channel == n.channel for n in elses)
                ),
                *elses,
            ),
        )

    evidence = report.evidence
    said = [(_told(report, w), w.voucher) for w in waivers] + [("PG101", w.voucher) for w in elses]
    for rule, voucher in said:
        append(
            folder,
            "vouch",
            draft=draft_hash(evidence.draft, shas(evidence.photographs)),
            channel=evidence.channel,
            rule=rule,
            by=voucher.by,
            role=voucher.role,
            until=voucher.until.isoformat(),
            register=report.register,
        )
    if said:
        change_waivers(folder, with_new)
    return len(said)


def _told(report: Report, waiver: Waiver) -> str:
    """The rule as everybody but the head reads it."""
    if waiver.rule not in HEAD_ONLY:
        return waiver.rule
    findings = (*report.findings, *(waived.finding for waived in report.waived))
    read = (f.reads_as for f in findings if place_of_finding(f, report.evidence) == waiver.place)
    return next(filter(None, read), "PG101")


def _same(one: Waiver, other: Waiver) -> bool:
    return replace(one, place=other.place, voucher=other.voucher, reason=other.reason) == other and one.place.covers(
        other.place
    )
