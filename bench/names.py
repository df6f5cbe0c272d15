"""Names in words: how many are found, in which forms, how often nobody is taken for somebody, and how fast.

    python -m bench.names                       everything, as a table
    python -m bench.names --posts FILE          alarms on posts of your own, one a line (nothing is kept)

Rosters: bench/pupils.py. Posts: made here from templates and a school's vocabulary; they name nobody, though
they are full of words that are also names (May, Grace, Summer), of titled staff, places, saints, poets, footballers
and storms. They are made, not collected: real posts are wilder. `--posts` holds the finder against real ones.
Everything comes from a seed, so two runs agree.
"""

import argparse
import random
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.pupils import roster
from bench.school_posts import posts
from postguard.domain.evidence import Passage
from postguard.domain.people import Person, Roster
from postguard.domain.policy import Policy
from postguard.matching.lexicon import parts_of, short_names
from postguard.matching.names import NameFinder

SIZES = (300, 2_000, 100_000)
RUNS = 5
"""How often the speed is measured, each time with a finder that has read nothing yet: the median is told."""
CARRIERS = (
    "Well done {} on a fantastic solo talk today!",
    "{} had a great time at the beach with P4.",
    "A huge thank you to {} for helping at the fair.",
    "Look what {} made in art this morning 🎨",
    "Our star of the week is {}. Congratulations!",
    "So proud of {} and the whole netball team #teamwork",
    "Today {} told us all about bees.",
    "{} scored the winning goal! ⚽",
)
ALONE = ("{}", "Star writer {}", "{} #proud", "What a week! {}")
TARGETS = {"exact": 99.0, "disguised": 95.0, "misspelt": 90.0}
Write = Callable[[Person, random.Random], str | None]


@dataclass(frozen=True, kw_only=True)
class Form:
    """A way of writing a name. `kind` says which target it is held to; None from `write` is not applicable."""

    name: str
    kind: str
    write: Write
    carriers: Sequence[str] = CARRIERS
    part: str = "text"
    anybody: bool = False
    """Whether anybody found will do: Rory may be Ruaridh, but where another pupil is Rory it is that one."""


def first(person: Person) -> str:
    return parts_of(person.name).forename


def last(person: Person) -> str:
    return parts_of(person.name).surname


def camel(person: Person) -> str:
    return "".join(c for c in person.name.title() if c.isalnum())


def letters(name: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", name).lower() if c.isascii() and c.isalnum())


def misspell(name: str, chosen: random.Random) -> str | None:
    """One letter left out, doubled, changed, or two swapped, never the first; None for names under four letters."""
    if len(name) < 4 or not name.isalpha():
        return None
    at = chosen.randrange(1, len(name))
    kind = chosen.choice(("leave out", "double", "change", "swap"))
    if kind == "leave out":
        return name[:at] + name[at + 1 :]
    if kind == "double":
        return name[:at] + name[at] + name[at:]
    if kind == "change":
        return name[:at] + chosen.choice("abcdefghijklmnoprstuvwy".replace(name[at].lower(), "")) + name[at + 1 :]
    at = min(at, len(name) - 2)
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :] if name[at] != name[at + 1] else None


def short(person: Person, chosen: random.Random) -> str | None:
    options = sorted(s for s in short_names(letters(first(person))) if len(s) > 2)
    return chosen.choice(options).title() if options else None


def with_accent(name: str, chosen: random.Random) -> str | None:
    vowels = [i for i, c in enumerate(name) if c in "aeiou"]
    if not vowels:
        return None
    at = chosen.choice(vowels)
    return unicodedata.normalize("NFC", name[: at + 1] + chosen.choice("\u0301\u0300\u0308") + name[at + 1 :])


def mixed_up(name: str, chosen: random.Random) -> str | None:
    """What a camera or a hurried eye makes of it: 0 for O, l for I, rn for m."""
    swaps = [(a, b) for a, b in (("o", "0"), ("I", "l"), ("m", "rn"), ("l", "1"), ("i", "1"), ("e", "3")) if a in name]
    if not swaps or len(name) < 4:
        return None
    a, b = chosen.choice(swaps)
    return name.replace(a, b, 1)


def homoglyph(name: str, chosen: random.Random) -> str:
    table = str.maketrans("aeocpxyiAEOCPXMHTBK", "аеосрхуіАЕОСРХМНТВК")
    return name.translate(table)


def at_random(name: str, sign: str, chosen: random.Random) -> str:
    at = chosen.randrange(1, len(name)) if len(name) > 1 else 1
    return name[:at] + sign + name[at:]


def bold(name: str) -> str:
    return "".join(
        chr(0x1D400 + ord(c) - 65) if "A" <= c <= "Z" else chr(0x1D41A + ord(c) - 97) if "a" <= c <= "z" else c
        for c in name
    )


TAGS = ("What a day! {}", "Our champion {} 🏆", "{}")
FORMS = (
    Form(name="first name", kind="exact", write=lambda p, r: first(p)),
    Form(name="full name", kind="exact", write=lambda p, r: p.name),
    Form(name="possessive", kind="exact", write=lambda p, r: f"{first(p)}’s team", carriers=("{} won the quiz.",)),
    Form(name="full name possessive", kind="exact", write=lambda p, r: f"{p.name}'s poem"),
    Form(name="lower case, full", kind="exact", write=lambda p, r: p.name.lower()),
    Form(name="capitals, full", kind="exact", write=lambda p, r: p.name.upper()),
    Form(name="surname first", kind="exact", write=lambda p, r: f"{last(p)}, {first(p)}", carriers=ALONE),
    Form(name="no accents or signs", kind="exact", write=lambda p, r: p.name.replace("'", "").replace("-", " ")),
    Form(
        name="Mc for Mac and back",
        kind="exact",
        write=lambda p, r: (
            p.name.replace(" Mac", " Mc")
            if " Mac" in p.name
            else p.name.replace(" Mc", " Mac")
            if " Mc" in p.name
            else None
        ),
    ),
    Form(name="#CamelCase, full", kind="exact", write=lambda p, r: f"#WellDone{camel(p)}", carriers=TAGS),
    Form(name="#CamelCase, first", kind="exact", write=lambda p, r: f"#WellDone{first(p).title()}", carriers=TAGS),
    Form(
        name="file name",
        kind="exact",
        write=lambda p, r: f"{letters(first(p))}_{letters(last(p))}-01",
        carriers=("{}",),
        part="x.jpg:name",
    ),
    Form(name="initial after", kind="exact", write=lambda p, r: f"{first(p)} {last(p)[0]}."),
    Form(name="initial before", kind="exact", write=lambda p, r: f"{first(p)[0]}. {last(p)}"),
    Form(name="initials", kind="disguised", write=lambda p, r: first(p)[0] + last(p)[0], carriers=("Well done {}!",)),
    Form(name="#lowercase, full", kind="disguised", write=lambda p, r: f"#welldone{letters(p.name)}", carriers=TAGS),
    Form(name="#lowercase, first", kind="disguised", write=lambda p, r: f"#welldone{letters(first(p))}", carriers=TAGS),
    Form(name="@handle, full", kind="disguised", write=lambda p, r: f"@{letters(first(p))}_{letters(last(p))}"),
    Form(name="@handle, together", kind="disguised", write=lambda p, r: f"@{letters(p.name)}{r.randrange(99)}"),
    Form(name="e-mail", kind="disguised", write=lambda p, r: f"{letters(first(p))}.{letters(last(p))}@mailbox.org"),
    Form(
        name="accent added",
        kind="disguised",
        write=lambda p, r: (accented := with_accent(first(p), r)) and f"{accented} {last(p)}",
    ),
    Form(name="diminutive", kind="disguised", write=short, anybody=True),
    Form(
        name="zero-width",
        kind="disguised",
        write=lambda p, r: at_random(p.name, r.choice("\u200b\u200d\u00ad\u2060"), r),
    ),
    Form(name="look-alike letters", kind="disguised", write=lambda p, r: homoglyph(p.name, r)),
    Form(name="bold letters", kind="disguised", write=lambda p, r: bold(p.name)),
    Form(name="dots between", kind="disguised", write=lambda p, r: ".".join(first(p)) if len(first(p)) > 2 else None),
    Form(name="emoji between", kind="disguised", write=lambda p, r: "⭐".join(first(p)) if len(first(p)) > 2 else None),
    Form(
        name="spaces between",
        kind="disguised",
        write=lambda p, r: " ".join(first(p)) if len(first(p)) > 2 else None,
        carriers=ALONE,
    ),
    Form(
        name="line-broken",
        kind="disguised",
        write=lambda p, r: at_random(first(p), "-\n", r) if len(first(p)) > 3 else None,
    ),
    Form(name="digits for letters", kind="disguised", write=lambda p, r: mixed_up(first(p), r)),
    Form(name="misspelt first name", kind="misspelt", write=lambda p, r: misspell(first(p), r)),
    Form(
        name="misspelt in full",
        kind="misspelt",
        write=lambda p, r: (wrong := misspell(first(p), r)) and f"{wrong} {last(p)}",
    ),
)


def recall(
    form: Form, people: Roster, finder: NameFinder, seed: int = 7, tries: int = 600
) -> Iterator[tuple[str, bool, bool]]:
    """Written posts and whether the pupil was found in them, and found for sure."""
    chosen = random.Random(seed)
    done = 0
    while done < tries:
        person = chosen.choice(people.people)
        written = form.write(person, chosen)
        done += 1
        if not written or (written == person.name and form.kind == "misspelt"):
            continue
        text = chosen.choice(form.carriers).format(written)
        found = [m for m in finder.find([Passage(part=form.part, text=text)]) if m.person == person.id or form.anybody]
        yield text, bool(found), any(m.sure for m in found)


def alarms(texts: Sequence[str], finder: NameFinder) -> Iterator[tuple[str, str, bool]]:
    """Posts in which somebody is found, what was taken for a name, and whether for sure."""
    for text in texts:
        found = finder.find([Passage(part="text", text=text)])
        if found:
            yield text, "|".join(dict.fromkeys(text[m.start : m.end] for m in found)), any(m.sure for m in found)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--posts", type=Path, help="posts that name nobody, one a line, UTF-8")
    parser.add_argument("--show", type=int, default=0, help="print so many misses and alarms of each kind")
    chosen = parser.parse_args(arguments)
    texts = list(posts(3_000))
    if chosen.posts:
        texts = [line for line in chosen.posts.read_text("utf-8", "replace").splitlines() if line.strip()]

    people = roster(SIZES[0])
    finder = NameFinder(people, Policy())
    by_kind: dict[str, Counter[bool]] = {kind: Counter() for kind in TARGETS}
    print(f"{'form (300 pupils)':26}{'tries':>6}{'found %':>9}{'sure %':>8}")
    for form in FORMS:
        outcomes = list(recall(form, people, finder))
        hits = sum(found for _, found, _ in outcomes)
        by_kind[form.kind].update(found for _, found, _ in outcomes)
        sure = sum(s for _, _, s in outcomes)
        print(f"{form.name:26}{len(outcomes):6}{100 * hits / len(outcomes):9.1f}{100 * sure / len(outcomes):8.1f}")
        for text in [text for text, found, _ in outcomes if not found][: chosen.show]:
            print("      missed:", ascii(text))
    good = True
    for kind, target in TARGETS.items():
        share = 100 * by_kind[kind][True] / by_kind[kind].total()
        good = good and share >= target
        print(f"{kind:26}{by_kind[kind].total():6}{share:9.1f}  target {target}")

    print(
        f"\n{'pupils':>8}{'build s':>9}{'posts/s':>9}{'least':>7}{'most':>7}{'alarms/1000':>13}{'sure/1000':>11}"
        f"   ({len(texts)} posts naming nobody)"
    )
    for size in SIZES:
        people = roster(size)
        builds, speeds = [], []
        for _ in range(RUNS):
            start = time.process_time()
            finder = NameFinder(people, Policy())
            builds.append(time.process_time() - start)
            start = time.process_time()
            raised = list(alarms(texts, finder))
            speeds.append(len(texts) / (time.process_time() - start))
        sure = sum(s for _, _, s in raised)
        rates = (1000 * len(raised) / len(texts), 1000 * sure / len(texts))
        print(
            f"{size:8}{median(builds):9.2f}{median(speeds):9.0f}{min(speeds):7.0f}{max(speeds):7.0f}"
            f"{rates[0]:13.1f}{rates[1]:11.1f}"
        )
        good = good and (size != SIZES[0] or rates[0] <= 10 or chosen.posts is not None)
        for text, words, _ in raised[: chosen.show]:
            print("      alarm:", ascii(words), "in", ascii(text))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
