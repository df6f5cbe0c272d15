"""The school's own files for commands that look at no picture: found upwards, read without any engine."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from postguard.domain.errors import RosterError
from postguard.domain.people import Roster
from postguard.domain.policy import Policy

roster_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--roster",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The school's roster. Default: found upwards from here.",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class School:
    """`folder` is where its records are."""

    roster: Roster
    policy: Policy
    folder: Path


def records_of(start: Path, roster: Path | None) -> Path:
    """The folder of records of the school whose roster is found upwards from `start`. Raises RosterError."""
    from postguard.records.files import records_folder

    return records_folder(_roster(start, roster))


def open_school(start: Path, roster: Path | None) -> School:
    """Raises RosterError and SettingsError."""
    from postguard.checks import ALL_CHECKS
    from postguard.loading import find_settings, load_roster, load_settings
    from postguard.records.files import records_folder

    path = _roster(start, roster)
    policy = load_settings(find_settings(path), [check.RULE for check in ALL_CHECKS])
    return School(roster=load_roster(path), policy=policy, folder=records_folder(path))


def _roster(start: Path, roster: Path | None) -> Path:
    from postguard.loading import find_roster

    path = roster or find_roster(start)
    if path is None or not path.exists():
        raise RosterError(
            "There is no consent_roster.yaml here or in any folder above.",
            hint="Go to the school's folder, or name the roster with --roster.",
        )
    return path
