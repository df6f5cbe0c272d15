"""What docs/settings.md shows is what loads."""

import re
from pathlib import Path

from postguard.checks import ALL_CHECKS
from postguard.loading import load_settings
from postguard.loading.settings import KEYS, _platforms

WORDS = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")


def test_the_example_loads_with_the_real_rules(tmp_path: Path) -> None:
    found = re.search(r"```yaml\n(.*?)```", WORDS, re.DOTALL)
    assert found is not None
    path = tmp_path / "postguard.yaml"
    path.write_text(found[1], encoding="utf-8")
    policy = load_settings(path, [check.RULE for check in ALL_CHECKS])
    assert policy.thresholds.clear == 0.7
    for key in KEYS:
        assert f"\n{key}:" in found[0], key
    for limits in _platforms():
        assert limits.channel in WORDS
