"""Settings: they may make postguard stricter, and quieter only within limits."""

from pathlib import Path

import pytest

from postguard.domain.errors import EXIT_NO_VERDICT, SettingsError
from postguard.domain.policy import Policy, Thresholds
from postguard.domain.rules import Rule, Severity
from postguard.loading import find_settings, load_settings

RULES = (
    Rule(id="PG101", name="a", severity=Severity.BLOCK, summary=""),
    Rule(id="PG104", name="b", severity=Severity.BLOCK, summary=""),
    Rule(id="PG405", name="c", severity=Severity.REVIEW, summary="", floor=Severity.REVIEW),
    Rule(id="PG704", name="d", severity=Severity.NOTE, summary=""),
)


def load(folder: Path, text: str, rules: tuple[Rule, ...] = ()) -> Policy:
    path = folder / "postguard.yaml"
    path.write_text(text, encoding="utf-8")
    return load_settings(path, rules)


def said(folder: Path, text: str, rules: tuple[Rule, ...] = ()) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(folder, text, rules)
    assert caught.value.exit_code == EXIT_NO_VERDICT
    return [line.strip() for line in caught.value.message.split("\n")[1:]]


def test_without_a_file_the_built_in_policy_holds() -> None:
    policy = load_settings(None)
    assert (policy.thresholds, policy.severities, policy.fingerprint) == (Thresholds(), (), "")


def test_the_platforms_limits_come_along() -> None:
    policy = load_settings(None)
    twitter, bluesky = policy.limits_of("twitter"), policy.limits_of("bluesky")
    assert twitter is not None
    assert bluesky is not None
    assert (twitter.text_length, twitter.text_counting, twitter.url_length, twitter.pictures) == (
        280,
        "weighted",
        23,
        4,
    )
    assert "HEIF" not in twitter.formats
    assert "JPEG" in twitter.formats
    assert (bluesky.text_length, bluesky.text_bytes, bluesky.text_counting) == (300, 3000, "graphemes")
    assert policy.limits_of("website") is not None
    assert policy.limits_of("nowhere") is None


def test_twitter_and_x_are_one_channel_by_two_names() -> None:
    twitter, x = (load_settings(None).limits_of(name) for name in ("twitter", "x"))
    assert {k: getattr(twitter, k) for k in twitter.__slots__ if k != "channel"} == {  # type: ignore[union-attr]
        k: getattr(x, k)
        for k in x.__slots__  # type: ignore[union-attr]
        if k != "channel"
    }


def test_everything_a_school_may_set(tmp_path: Path) -> None:
    policy = load(
        tmp_path,
        """
severities: {PG704: review, PG601: note}
thresholds: {block: 0.1, clear: 0.9, stranger_clear: 0.95}
require_head_count: yes
words_allowed: [minger]
own_contacts: ["01236 000000", office@example.org]
cameras: [iPad 9]
roles: {head: [Ms Adams], deputy: [Mr Brown, Mrs Clark]}
dpia: "DPIA 2026-14"
channels:
  newsletter: {pictures: 20, text_length: 5000, formats: [jpeg, png]}
  twitter: {pictures: 2}
""",
    )
    assert policy.severities == (("PG704", Severity.REVIEW), ("PG601", Severity.NOTE))
    assert (policy.thresholds.block, policy.thresholds.clear, policy.thresholds.margin) == (
        0.1,
        0.9,
        Thresholds().margin,
    )
    assert (policy.require_head_count, policy.words_allowed, policy.cameras) == (True, ("minger",), ("iPad 9",))
    assert policy.own_contacts == ("01236 000000", "office@example.org")
    assert policy.roles == (("head", ("Ms Adams",)), ("deputy", ("Mr Brown", "Mrs Clark")))
    assert policy.dpia == "DPIA 2026-14"
    newsletter, twitter = policy.limits_of("newsletter"), policy.limits_of("twitter")
    assert newsletter is not None
    assert twitter is not None
    assert (newsletter.pictures, newsletter.formats) == (20, ("JPEG", "PNG"))
    assert (twitter.pictures, twitter.text_length) == (2, 280)
    assert policy.fingerprint.startswith("sha256:")


def test_an_empty_file_changes_nothing(tmp_path: Path) -> None:
    assert load(tmp_path, "# nothing yet\n").severities == ()


@pytest.mark.parametrize(
    ("rule", "lowest"),
    [
        ("PG101", Severity.BLOCK),
        ("PG901", Severity.BLOCK),
        ("PG102", Severity.REVIEW),
        ("PG103", Severity.REVIEW),
        ("PG104", Severity.REVIEW),
        ("PG105", Severity.REVIEW),
        ("PG106", Severity.REVIEW),
        ("PG301", Severity.REVIEW),
        ("PG902", Severity.REVIEW),
        ("PG201", Severity.NOTE),
        ("PG401", Severity.NOTE),
        ("PG704", Severity.NOTE),
    ],
)
def test_no_rule_goes_below_its_floor(rule: str, lowest: Severity, tmp_path: Path) -> None:
    for severity in Severity:
        text = f"severities: {{{rule}: {severity.value}}}"
        if severity.rank < lowest.rank:
            assert said(tmp_path, text) == [
                f"line 1: {rule} cannot be turned down below {lowest.value}. It protects children."
            ]
        else:
            assert load(tmp_path, text).severities == ((rule, severity),)


def test_with_the_rules_at_hand_ids_and_their_own_floors_are_held(tmp_path: Path) -> None:
    assert said(tmp_path, "severities: {PG415: note, PG405: note}", RULES) == [
        "line 1: this is no rule of postguard's. Did you mean PG405?",
        "line 1: PG405 cannot be turned down below review. It protects children.",
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("severity: {}", "line 1: this key is not known here. Did you mean severities?"),
        ("severities: {PG20l: note}", "line 1: this is no rule of postguard's. `postguard rules` lists them all."),
        ("severities: {PG201: off}", "line 1: PG201 must be block, review or note."),
        ("severities: {PG201: note, PG201: block}", "line 1: PG201 is given twice. Keep one of the two."),
        ("severities: [PG201]", "line 1: severities must name rules, as in PG704: review."),
        ("thresholds: {clear: 1.2}", "line 1: clear must be a number from 0 to 1."),
        ("thresholds: {clear: nan}", "line 1: clear must be a number from 0 to 1."),
        (
            "thresholds: {clear: 0.1}",
            f"line 1: clear must be at least {Thresholds().clear:g}: a lower one would let more slip through.",
        ),
        (
            "thresholds: {margin: 0}",
            f"line 1: margin must be at least {Thresholds().margin:g}: a lower one would let more slip through.",
        ),
        (
            "thresholds: {block: 0.9}",
            f"line 1: block must be at most {Thresholds().block:g}: a higher one would let more slip through.",
        ),
        (
            "thresholds: {clear: 1, stranger_clear: 0.99}",
            "line 1: stranger_clear must not be below clear. Raise it, too.",
        ),
        ("require_head_count: maybe", "line 1: require_head_count must be true or false."),
        ("roles: {janitor: [A]}", "line 1: this key is not known here. These are known: head, deputy."),
        ("channels: {twitter: {pictures: many}}", "line 1: pictures must be a number from 0 to 1e+12."),
        (
            "channels: {twitter: {text_counting: words}}",
            "line 1: text_counting must be weighted or graphemes or characters.",
        ),
        (
            "channels: [twitter]",
            "line 1: channels must name each channel and its limits, as in newsletter: {pictures: 10}.",
        ),
    ],
)
def test_every_mistake_is_named(text: str, sentence: str, tmp_path: Path) -> None:
    assert said(tmp_path, text) == [sentence]


def test_unreadable_settings(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be opened"):
        load_settings(tmp_path / "gone.yaml")
    (tmp_path / "postguard.yaml").write_bytes(b"\xff\xff")
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(tmp_path / "postguard.yaml")


def test_settings_are_found_beside_the_roster(tmp_path: Path) -> None:
    assert find_settings(tmp_path / "consent_roster.yaml") is None
    (tmp_path / "postguard.yaml").write_text("")
    assert find_settings(tmp_path / "consent_roster.yaml") == tmp_path / "postguard.yaml"
