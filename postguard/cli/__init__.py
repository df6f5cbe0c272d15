"""The commands. The only room that assembles, prints, writes and exits."""

import importlib
import os
import sys
import threading
from io import TextIOWrapper

import click

from postguard import __version__

COMMANDS = {
    "check": "May this draft, or this folder of drafts, be published?",
    "prepare": "Make the copy that may be posted: faces and names covered, notes taken out, checked again.",
    "watch": "Check a draft whenever it is saved, and show the verdict.",
    "confirm": "Say who the stopped faces are; each claim is checked.",
    "vouch": "The head teacher or a deputy answers for what still stops a draft.",
    "verify": "Is this draft the one that its receipt says has passed?",
    "enrol": "Make the gallery from the reference photos, and say what each photo is worth.",
    "calibrate": "Measure how well this school's people are told apart, and propose thresholds.",
    "init": "Make a roster, folders and settings to start from.",
    "roster": "Keep the roster: import, check, list, grant, refuse, withdraw, forget and more.",
    "journal": "What was checked, vouched for and changed; and whether anybody tampered with it.",
    "incident": "Write down what went wrong, as the policy asks.",
    "lock": "Put templates and records behind a passphrase.",
    "unlock": "Open them again.",
    "rules": "List every rule.",
    "explain": "Explain one rule, for example PG101.",
    "help": "More on a subject, for example what a draft is.",
    "doctor": "What is installed, which models were found, and what would be missing.",
}
"""Command name to its line in the help. Each lives in the module `postguard.cli.<name>`, loaded when used."""


class _Commands(click.Group):
    """Loads a command's module only when it is used, so that `--help` costs no face library."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"postguard.cli.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", message="postguard %(version)s")
def group() -> None:
    """Check a post before it is published: faces against consent, words against pupils' names.

    Everything happens on this computer. Nothing is sent anywhere.
    """


def main() -> None:
    """The console script. Ends the process with an exit code that can be trusted."""
    from postguard.cli.ending import run

    if isinstance(sys.stdout, TextIOWrapper):  # a name that an old terminal cannot write is shown as "?", and no crash
        sys.stdout.reconfigure(errors="replace")
    code = run(group)
    if any(thread.daemon for thread in threading.enumerate()):
        # Ctrl-C left an engine in the middle of a picture. Python would wait for it, or fall over it.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)
