"""Every rule against its cases (cases.py says how one is written)."""

from typing import Any

import pytest
import yaml
from cases import HERE, agrees, findings_of, wanted_of

from postguard.checks import ALL_CHECKS

FILES = sorted(HERE.glob("PG*.yaml"))
CASES = [
    pytest.param(path.stem, name, case, id=f"{path.stem}-{name}")
    for path in FILES
    for name, case in yaml.safe_load(path.read_text("utf-8")).items()
]


@pytest.mark.parametrize(("rule", "name", "case"), CASES)
def test_case(rule: str, name: str, case: dict[str, Any]) -> None:
    found = findings_of(case, rule)
    wanted = wanted_of(case)
    said = [(f.severity.value, f.person, f.part, f.message) for f, _ in found]
    failing = any(f.severity.fails for f, _ in found)
    if name.startswith("passes_on_"):
        assert not found, said
        return
    assert name.startswith(("fails_on_", "notes_on_")), "a case passes_on_, notes_on_ or fails_on_ something"
    assert found, "nothing was found"
    assert failing is name.startswith("fails_on_"), said
    if wanted:
        assert len(found) == len(wanted), said
        for want in wanted:
            assert any(agrees(f, e, want) for f, e in found), (want, said)


def test_every_rule_has_cases_and_every_case_a_rule() -> None:
    assert {path.stem for path in FILES} == {check.RULE.id for check in ALL_CHECKS}


def test_every_rule_passes_on_something_and_finds_something() -> None:
    for path in FILES:
        names = list(yaml.safe_load(path.read_text("utf-8")))
        assert any(n.startswith("passes_on_") for n in names), path.stem
        assert any(n.startswith(("fails_on_", "notes_on_")) for n in names), path.stem
