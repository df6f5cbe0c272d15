"""Texts of the worst kind: what names and topics cost when the text is twice as long.

    python -m bench.long_texts [--kilobytes 100]

CPU seconds at the length, at twice the length, and how many times as long it took: about 2 where the cost grows with
the length, 4 where a step grows with its square. Each finder is new, with a made roster of 300 (bench/pupils.py).
"report" is a whole check and its page, with everything that was found in it.
"""

import argparse
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from bench.pupils import roster
from postguard.checks import ALL_CHECKS
from postguard.domain.drafts import Draft
from postguard.domain.evidence import Passage
from postguard.domain.people import Roster
from postguard.domain.policy import Policy
from postguard.domain.report import Batch
from postguard.matching.names import NameFinder
from postguard.matching.topics import TopicFinder
from postguard.pipeline import Faces, Guard
from postguard.rendering.audience import view_for
from postguard.rendering.page import render_html
from postguard.rendering.view import Audience

KINDS = {
    "one word": "a",
    "letters apart": "a ",
    "letters with stops": "A.o.i.f.",
    "plain words": "we had a great day at the park. ",
    "made-up words like names": "Jaxie Emmly Olvia Aifoe ",
    "names": "Jamie ",
    "private matters": "asthma ",
    "blank lines": "\n",
    "invisible characters": "Aoife\u200b",
    "one hashtag": "welldone",
    "accounts": "@a.b",
    "digits": "1",
    "groups of digits": "07 ",
    "dates": "born 12 ",
    "stars": "a*",
    "lines": "x\n",
    "half characters": "\ud800",
}


def seconds(find: Callable[[list[Passage]], object], text: str) -> float:
    begun = time.process_time()
    find([Passage(part="text", text=text)])
    return time.process_time() - begun


def reporter(people: Roster) -> Callable[[list[Passage]], object]:
    """A check of a text and the page about it, for whoever posts."""
    guard = Guard(
        roster=people,
        policy=Policy(),
        on=date(2026, 11, 23),
        faces=_no_faces,
        names=NameFinder(people, Policy()),
        topics=TopicFinder(Policy()),
    )
    rules = [check.RULE for check in ALL_CHECKS]

    def report(passages: list[Passage]) -> str:
        checked = guard.check(Draft(name="long", path=Path(), text=passages[0].text))
        return render_html(
            view_for(Batch(reports=(checked,), postguard=""), roster=people, rules=rules, audience=Audience.POSTER)
        )

    return report


def _no_faces() -> Faces:
    raise AssertionError("there are no pictures")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kilobytes", type=int, default=100, help="the shorter length, in thousands of characters")
    length = 1_000 * parser.parse_args().kilobytes
    people = roster(300)
    finders: dict[str, Callable[[], Callable[[list[Passage]], object]]] = {
        "names": lambda: NameFinder(people, Policy()).find,
        "topics": lambda: TopicFinder(Policy()).find,
        "report": lambda: reporter(people),
    }
    for made in finders.values():
        made()([Passage(part="text", text="Word lists are read once a process: 01236 794887, Jamie, asthma.")])
    print(f"{'':26}" + "".join(f"{name + ', s':>12}{'twice, s':>10}{'times':>7}" for name in finders))
    for kind, piece in KINDS.items():
        row = f"{kind:26}"
        for made in finders.values():
            once, twice = (seconds(made(), (piece * n)[:n]) for n in (length, 2 * length))
            row += f"{once:12.2f}{twice:10.2f}{twice / max(once, 0.001):7.1f}"
        print(row, flush=True)


if __name__ == "__main__":
    main()
