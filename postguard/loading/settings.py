"""The school's settings, postguard.yaml: they may make postguard stricter, and quieter only within limits."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import fields as fields_of
from dataclasses import replace
from functools import cache
from importlib import resources
from pathlib import Path

from postguard.domain.errors import SettingsError
from postguard.domain.policy import ChannelLimits, Policy, Thresholds
from postguard.domain.rules import Rule, Severity
from postguard.loading import marked_yaml
from postguard.loading.marked_yaml import Fields, Mapping, Node, Problems, Scalar, Unreadable, nearest
from postguard.loading.text import NotText, decode

NAMES = ("postguard.yaml", "postguard.yml")
KEYS = (
    "severities",
    "thresholds",
    "require_head_count",
    "words_allowed",
    "own_contacts",
    "cameras",
    "roles",
    "dpia",
    "channels",
)
ROLES = ("head", "deputy")
_RULE_ID = re.compile(r"PG\d{3}")
_NEVER_LOWER = frozenset({"PG101", "PG901"})
_AT_LEAST_REVIEW = re.compile(r"PG1\d\d|PG301|PG902")
_LOOSER_WHEN_LOWER = ("clear", "stranger_clear", "margin", "verify", "crowd")
_NUMBERS = (
    "text_length",
    "text_bytes",
    "url_length",
    "pictures",
    "picture_bytes",
    "gif_bytes",
    "clip_bytes",
    "alt_length",
)


def find_settings(roster: Path) -> Path | None:
    """The settings beside the roster, if there are any."""
    return next((found for name in NAMES if (found := roster.parent / name).is_file()), None)


def load_settings(path: Path | None, rules: Sequence[Rule] = ()) -> Policy:
    """The policy in a settings file, or the built-in one for None.

    With `rules`, an unknown rule id is an error and each rule's own floor holds too.
    Raises SettingsError naming everything wrong at once.
    """
    built_in = Policy(limits=_platforms())
    if path is None:
        return built_in
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SettingsError(
            f"The settings {path} cannot be opened ({error.strerror}).",
            hint="Mend the path, or leave the settings out.",
        ) from None
    problems = Problems()
    try:
        root = marked_yaml.parse(decode(data))
    except NotText as why:
        raise SettingsError(f"{path.name} cannot be read. {why}", hint="Nothing was checked.") from None
    except Unreadable as error:
        raise _wrong(path, [f"line {p.line}: {p.text}" for p in error.problems]) from None
    policy = built_in if root is None else _policy(Fields(root, KEYS, problems, "the settings"), built_in, rules)
    if problems.found:
        raise _wrong(path, problems.sentences())
    return replace(policy, fingerprint=f"sha256:{hashlib.sha256(data).hexdigest()}")


def _wrong(path: Path, sentences: Iterable[str]) -> SettingsError:
    return SettingsError(
        "\n".join([f"{path.name} cannot be used:", *(f"  {sentence}" for sentence in sentences)]),
        hint="Mend this in the settings. docs/settings.md explains every key.",
    )


def _policy(fields: Fields, built_in: Policy, rules: Sequence[Rule]) -> Policy:
    problems = fields.problems
    return Policy(
        thresholds=_thresholds(fields.node("thresholds"), problems),
        severities=_severities(fields.node("severities"), rules, problems),
        require_head_count=fields.flag("require_head_count") or False,
        words_allowed=fields.texts("words_allowed"),
        own_contacts=fields.texts("own_contacts"),
        cameras=fields.texts("cameras"),
        limits=_limits(fields.node("channels"), built_in.limits, problems),
        dpia=fields.text("dpia"),
        roles=_roles(fields.node("roles"), problems),
    )


def _thresholds(node: Node | None, problems: Problems) -> Thresholds:
    """Stricter than the built-in numbers, never looser: a school's few photos cannot prove looser ones safe."""
    built_in = Thresholds()
    if node is None:
        return built_in
    fields = Fields(node, ("block", *_LOOSER_WHEN_LOWER), problems, "thresholds")
    given: dict[str, float] = {}
    for key in ("block", *_LOOSER_WHEN_LOWER):
        value = fields.number(key, 0, 1)
        if value is None:
            continue
        safe: float = getattr(built_in, key)
        if key in _LOOSER_WHEN_LOWER and value < safe:
            problems.add(
                fields.line_of(key), f"{key} must be at least {safe:g}: a lower one would let more slip through."
            )
        elif key == "block" and value > safe:
            problems.add(
                fields.line_of(key), f"block must be at most {safe:g}: a higher one would let more slip through."
            )
        else:
            given[key] = value
    thresholds = replace(built_in, **given)
    if thresholds.stranger_clear < thresholds.clear:
        problems.add(fields.line_of("clear"), "stranger_clear must not be below clear. Raise it, too.")
    return thresholds


def _severities(node: Node | None, rules: Sequence[Rule], problems: Problems) -> tuple[tuple[str, Severity], ...]:
    if node is None:
        return ()
    if not isinstance(node, Mapping):
        problems.add(node, "severities must name rules, as in PG704: review.")
        return ()
    known = {rule.id: rule for rule in rules}
    chosen: dict[str, Severity] = {}
    for key, value in node.entries:
        rule_id = key.text if isinstance(key, Scalar) else ""
        word = value.text if isinstance(value, Scalar) else ""
        if not _RULE_ID.fullmatch(rule_id) or (known and rule_id not in known):
            like = nearest(rule_id, known) if known else None
            cure = f"Did you mean {like}?" if like else "`postguard rules` lists them all."
            problems.add(key, f"this is no rule of postguard's. {cure}")
        elif rule_id in chosen:
            problems.add(key, f"{rule_id} is given twice. Keep one of the two.")
        elif word not in {s.value for s in Severity}:
            problems.add(value, f"{rule_id} must be block, review or note.")
        else:
            chosen[rule_id] = Severity(word)
            rule = known.get(rule_id)
            floor = _floor(rule_id, rule)
            as_it_is = rule is not None and chosen[rule_id] is rule.severity
            if chosen[rule_id].rank < floor.rank and not as_it_is:
                problems.add(value, f"{rule_id} cannot be turned down below {floor.value}. It protects children.")
    return tuple(chosen.items())


def _floor(rule_id: str, rule: Rule | None) -> Severity:
    """The lowest severity a rule may be turned down to; the rule's own floor counts where it is higher."""
    if rule_id in _NEVER_LOWER:
        hard = Severity.BLOCK
    elif _AT_LEAST_REVIEW.fullmatch(rule_id):
        hard = Severity.REVIEW
    else:
        hard = Severity.NOTE
    own = rule.floor if rule is not None else Severity.NOTE
    return max(hard, own, key=lambda severity: severity.rank)


def _roles(node: Node | None, problems: Problems) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if node is None:
        return ()
    fields = Fields(node, ROLES, problems, "roles")
    return tuple((role, fields.texts(role)) for role in ROLES if role in fields)


def _limits(node: Node | None, built_in: tuple[ChannelLimits, ...], problems: Problems) -> tuple[ChannelLimits, ...]:
    """The built-in limits, with the school's own written over them or added."""
    if node is None:
        return built_in
    limits = {one.channel: one for one in built_in}
    if not isinstance(node, Mapping):
        problems.add(node, "channels must name each channel and its limits, as in newsletter: {pictures: 10}.")
        return built_in
    for key, value in node.entries:
        if not isinstance(key, Scalar):
            problems.add(key, "a channel's name must be one word.")
            continue
        start = limits.get(key.text, ChannelLimits(channel=key.text))
        limits[key.text] = _one_limit(value, start, problems)
    return tuple(limits.values())


def _one_limit(node: Node, start: ChannelLimits, problems: Problems) -> ChannelLimits:
    known = tuple(f.name for f in fields_of(ChannelLimits) if f.name != "channel")
    fields = Fields(node, known, problems, "a channel's limits")
    numbers = {key: int(value) for key in _NUMBERS if (value := fields.number(key, 0, 1e12)) is not None}
    counting = fields.choice("text_counting", "weighted", "graphemes", "characters")
    formats = tuple(name.upper() for name in fields.texts("formats")) if "formats" in fields else start.formats
    return replace(start, **numbers, text_counting=counting or start.text_counting, formats=formats)  # type: ignore[arg-type]


@cache
def _platforms() -> tuple[ChannelLimits, ...]:
    """What the platforms take, from the file that comes with postguard."""
    text = (resources.files("postguard.loading") / "channels.yaml").read_text("utf-8")
    problems = Problems()
    limits = _limits(marked_yaml.parse(text), (), problems)
    if problems.found:
        raise SettingsError(f"channels.yaml is damaged: {problems.sentences()[0]}", hint="Install postguard again.")
    return limits
