"""How long it takes to write 5,000 findings in each format.

    python bench/render.py            # prints CPU seconds a format; ends with 1 if one takes a second or more

100 drafts with 40 faces and 10 names each, a roster of 2,000 people, so that hiding names is paid for. Pictures are not
in it: making small copies of them is decoding, which bench/check.py measures.
"""

import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from postguard.checks import ALL_CHECKS
from postguard.domain.drafts import Draft, Picture
from postguard.domain.evidence import Candidate, Decision, Evidence, Face, How, Mention, Outcome, Passage, Region
from postguard.domain.people import Person, Roster
from postguard.domain.report import Batch, Report
from postguard.domain.rules import Finding, Severity
from postguard.rendering import FORMATS, Audience, render_console, view_for

DRAFTS, FACES, NAMES, PEOPLE = 100, 40, 10, 2_000
LIMIT = 1.0
"""Seconds; twice the findings a school makes in a year should not take longer than a breath."""


def main() -> int:
    roster = Roster(
        school="Bench",
        people=tuple(Person(id=f"P{n:04}", name=f"Forename{n} Surname{n}") for n in range(PEOPLE)),
    )
    batch = Batch(reports=tuple(_report(n) for n in range(DRAFTS)), postguard="bench", roster="consent_roster.yaml")
    findings = sum(len(report.findings) for report in batch.reports)
    rules = [check.RULE for check in ALL_CHECKS]
    print(f"{findings} findings in {DRAFTS} drafts, {PEOPLE} people on the roster")
    slowest = 0.0
    for audience in (Audience.TRAVEL, Audience.PRIVATE):
        formats: dict[str, Callable[[], str]] = {
            name: (
                lambda form=form, who=audience: form.render(view_for(batch, roster=roster, rules=rules, audience=who))
            )
            for name, form in FORMATS.items()
        }
        if audience is Audience.PRIVATE:
            formats["console"] = lambda: render_console(
                view_for(batch, roster=roster, rules=rules, audience=Audience.POSTER), color=True
            )
        for name, render in formats.items():
            started = time.process_time()
            text = render()
            seconds = time.process_time() - started
            slowest = max(slowest, seconds)
            print(f"{audience.value:<8} {name:<8} {seconds:6.2f} s  {len(text) / 1e6:6.2f} MB")
    return 1 if slowest >= LIMIT else 0


def _report(number: int) -> Report:
    text = "Well done, Forename1! " * NAMES
    decisions = tuple(
        Decision(
            face=Face(
                part=f"IMG_{face % 4}.jpg",
                number=face // 4 + 1,
                region=Region(x=face * 20, y=number, width=80, height=90),
                candidates=(Candidate(person=f"P{face:04}", score=0.7), Candidate(person="P0001", score=0.4)),
            ),
            outcome=Outcome.UNCONSENTED,
            person=f"P{face:04}",
        )
        for face in range(FACES)
    )
    mentions = tuple(
        Mention(part="text", start=11 + 22 * n, end=20 + 22 * n, person="P0001", how=How.EXACT) for n in range(NAMES)
    )
    evidence = Evidence(
        draft=Draft(
            name=f"draft of day {number}",
            path=Path(),
            text=text,
            pictures=tuple(Picture(part=f"IMG_{n}.jpg", path=Path(f"IMG_{n}.jpg")) for n in range(4)),
        ),
        channel="twitter",
        date=date(2026, 11, 23),
        decisions=decisions,
        passages=(Passage(part="text", text=text),),
        mentions=mentions,
    )
    faces = tuple(
        Finding(
            rule="PG101",
            severity=Severity.BLOCK,
            part=decision.face.part,
            message="May not be shown: permission for this channel was refused.",
            cure="Cover or crop this face, or leave the picture out.",
            region=decision.face.region,
            face=decision.face.number,
            person=decision.person,
        )
        for decision in decisions
    )
    names = tuple(
        Finding(
            rule="PG301",
            severity=Severity.BLOCK,
            part="text",
            message="A pupil is named in a draft that has a picture.",
            cure="Take the name out.",
            person="P0001",
            start=mention.start,
            end=mention.end,
        )
        for mention in mentions
    )
    return Report(draft=f"draft of day {number}", evidence=evidence, findings=(*faces, *names), register="sha256:0")


if __name__ == "__main__":
    sys.exit(main())
