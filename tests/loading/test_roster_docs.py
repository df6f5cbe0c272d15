"""What docs/roster.md shows is what loads."""

import re
from pathlib import Path

import pytest

from postguard.loading.roster import parse_roster

WORDS = (Path(__file__).parents[2] / "docs" / "roster.md").read_text(encoding="utf-8")


def block(kind: str, begins: str) -> str:
    found = re.search(rf"```{kind}\n({re.escape(begins)}.*?)```", WORDS, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_roster_and_the_table_load() -> None:
    yaml = parse_roster(block("yaml", "school:").encode(), Path("consent_roster.yaml"))
    assert [person.id for person in yaml.people] == ["P01", "P02", "S01"]
    table = parse_roster(block("csv", "# school:").encode(), Path("consent_roster.csv"))
    assert [person.id for person in table.people] == ["P01", "S01"]


@pytest.mark.parametrize("line", block("yaml", "consent:").splitlines())
def test_every_way_to_write_consent_loads(line: str) -> None:
    text = f"school: S\nchannels: [twitter, website]\npupils:\n- id: A\n  name: B\n  {line}\n"
    (person,) = parse_roster(text.encode(), Path("consent_roster.yaml")).people
    assert person.consent


def test_every_key_is_explained() -> None:
    from postguard.loading.roster import PERSON_KEYS, ROSTER_KEYS

    for key in (*PERSON_KEYS, *ROSTER_KEYS):
        assert f"`{key}" in WORDS or f"\n{key}:" in WORDS, key
