"""Names in texts that were written by hand, as teachers, clerks and parents write: what is missed, and what is cried.

    python -m bench.written [--show]

390 texts that name pupils of made rosters of 300 (bench/pupils.py) and 511 that name none, in bench/by_hand. They
are harder than most posts: half of the pupils are called like a word, a flower or a month, and the texts that name
nobody are full of staff, houses, saints, poets and places. 266 short posts more (posts.txt) are read for everything
that words may tell: half of them hold one name, number, matter or rude word. Rules were mended on all: they are no
independent test.
"""

import argparse
from pathlib import Path, PurePath

from bench.pupils import roster
from postguard.domain.evidence import Mention, Passage, Topic
from postguard.domain.policy import Policy
from postguard.matching.names import NameFinder
from postguard.matching.topics import TopicFinder

HERE = Path(__file__).parent / "by_hand"
SEEDS = (1, 7, 23, 247)
SEED_OF_POSTS = 77


def written(name: str, fields: int) -> list[list[str]]:
    """The lines of a file in their fields; the last is the text, in which \\n is a new line."""
    lines = (HERE / name).read_text("utf-8").splitlines()[1:]
    return [[*rest, text.replace("\\n", "\n")] for *rest, text in (line.split("|", fields - 1) for line in lines)]


def find(finder: NameFinder, part: str, text: str) -> tuple[Mention, ...]:
    return finder.find([Passage(part=part, text=PurePath(text).stem if part.endswith(":name") else text)])


def short_posts(*, show: bool) -> None:
    """Posts that hold one thing or none: what of it is missed, and what else is cried."""
    people = roster(300, SEED_OF_POSTS)
    called = {person.id: person.name for person in people.people}
    names, topics = NameFinder(people, Policy()), TopicFinder(Policy())
    kinds = {topic.value for topic in Topic}
    planted = missed = nothing = cried = 0
    for what, text in written("posts.txt", 2):
        wanted = {what} if what in kinds else set(what.split(";")) - {"nothing"}
        passages = [Passage(part="text", text=text)]
        found = {called[mention.person] for mention in names.find(passages)}
        found |= {spotting.topic.value for spotting in topics.find(passages)}
        planted += bool(wanted)
        nothing += not wanted
        missed += not found >= wanted
        cried += bool(found) and not wanted
        if show and (not found >= wanted or (found and not wanted)):
            print("missed:" if wanted else "alarm:", wanted or found, "in", repr(text))
    print(f"{planted} short posts that hold something: {missed} missed")
    print(f"{nothing} short posts that hold nothing: {cried} alarms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--show", action="store_true", help="print every miss and alarm")
    show = parser.parse_args().show
    schools = {seed: roster(300, seed) for seed in SEEDS}
    finders = {seed: NameFinder(school, Policy()) for seed, school in schools.items()}
    called = {seed: {person.id: person.name for person in school.people} for seed, school in schools.items()}

    named = written("named.txt", 4)
    nothing = some = 0
    for number, people, part, text in named:
        seed = int(number)
        found = {called[seed][mention.person] for mention in find(finders[seed], part, text)}
        nothing += not found
        some += bool(found) and not found.issuperset(people.split(";"))
        if show and not found.issuperset(people.split(";")):
            print("missed:", people, "in", part, repr(text))
    print(f"{len(named)} texts that name pupils: nothing found in {nothing}, not everybody in {some}")

    nobody = written("nobody.txt", 2)
    for seed, finder in finders.items():
        cried = [(text, mentions) for part, text in nobody if (mentions := find(finder, part, text))]
        sure = sum(any(mention.sure for mention in mentions) for _, mentions in cried)
        print(f"{len(nobody)} texts that name nobody, roster {seed}: {len(cried)} alarms, {sure} of them sure")
        for text, mentions in cried if show else ():
            print("alarm:", [text[m.start : m.end] for m in mentions], "in", repr(text))
    short_posts(show=show)


if __name__ == "__main__":
    main()
