"""Options that several commands share, and the one way from them to a Setup."""

import os
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import click

from postguard.assembly import Setup
from postguard.checks import ALL_CHECKS
from postguard.domain.errors import RosterError, UsageError
from postguard.loading import find_roster, find_settings, load_roster, load_settings, refuse_git, refuse_stale
from postguard.records.files import records_folder
from postguard.records.lock import refuse_locked

_Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def as_date(ctx: click.Context, param: click.Parameter, value: str | None) -> date | None:
    """Click callback for options that take a day. Raises UsageError for what is none."""
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise UsageError(f"{value} is not a day.", hint="Write it as year-month-day, such as 2026-11-20.") from None


roster_option: _Decorator = click.option(
    "--roster",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The roster. Default: found upwards from the draft.",
)
faces_option: _Decorator = click.option(
    "--faces",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The reference photos. Default: faces/ beside the roster.",
)
channel_option: _Decorator = click.option(
    "--channel", metavar="NAME", help="Where it will be posted. Default: what the draft says, else the roster's first."
)
date_option: _Decorator = click.option(
    "--date",
    "on",
    callback=as_date,
    metavar="YYYY-MM-DD",
    help="The day of posting. Default: today.",
)
models_option: _Decorator = click.option(
    "--models",
    type=click.Path(path_type=Path),
    envvar="POSTGUARD_MODELS",
    metavar="DIR",
    help="A folder with the model files, instead of the installed ones.",
)
allow_git_option: _Decorator = click.option(
    "--allow-git",
    is_flag=True,
    help="Go on although the school's folder is in a git repository that is shared. For those who know.",
)
color_option: _Decorator = click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="Colour in the output.",
)


def open_setup(
    start: Path,
    *,
    roster: Path | None,
    faces: Path | None,
    channel: str | None = None,
    on: date | None = None,
    models: Path | None = None,
    allow_git: bool = False,
    read_words: bool = True,
) -> Setup:
    """Find and read the roster and the settings, and refuse whatever allows no verdict.

    `start` is the folder from which the roster is searched upwards: the draft's parent.
    Raises RosterError, SettingsError, PrivacyError or UsageError.
    """
    path = roster or find_roster(start)
    if path is None:
        raise RosterError(
            "There is no consent_roster.yaml beside this draft or in any folder above it.",
            hint="Keep drafts in the school's folder, name the roster with --roster, or start with `postguard init`.",
        )
    loaded = load_roster(path)
    today = date.today()
    day = on or today
    refuse_stale(loaded, on=day)
    refuse_locked(records_folder(path))
    if not allow_git:
        refuse_git(path.parent, loaded)
    policy = load_settings(find_settings(path), [check.RULE for check in ALL_CHECKS])
    if channel is not None and channel not in loaded.channels:
        raise UsageError(
            f"The roster knows no channel {channel}.", hint=f"Known channels: {', '.join(loaded.channels)}."
        )
    return Setup(
        roster=loaded,
        policy=policy,
        faces=_faces_folder(path, faces),
        on=day,
        channel=channel,
        models=models,
        read_words=read_words,
        remarks=_about_the_date(day, today),
    )


def wants_color(choice: str) -> bool:
    """Whether to colour what goes to standard output."""
    plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    return choice == "always" or (choice == "auto" and sys.stdout.isatty() and not plain)


def _faces_folder(roster: Path, faces: Path | None) -> Path:
    if faces is not None and not faces.is_dir():
        raise UsageError(f"There is no folder {faces}.", hint="--faces names the folder of the reference photos.")
    return faces or roster.parent / "faces"


def _about_the_date(day: date, today: date) -> tuple[str, ...]:
    if day < today:
        return (f"Checked as of {day.isoformat()}, a day in the past: consent may have changed since.",)
    return ()
