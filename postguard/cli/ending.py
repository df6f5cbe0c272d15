"""How every command ends: with an exit code that can be trusted, and never with a stack trace.

0 is only ever returned by a command that came to its own end and said 0. Whatever else happens,
a library that calls `exit(0)` included, ends as 2: no verdict.
"""

import contextlib
import errno
import os
import sys
import traceback
from collections.abc import Sequence

import click

from postguard.domain.errors import EXIT_NO_VERDICT, EXIT_NOTHING, Interrupted, OutputError, PostguardError

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What writing to a full disk, or beyond one's share of it, ends with."""

COMPLETING = "_POSTGUARD_COMPLETE"
"""Set by a shell that asks what may follow. Never 0: nothing was checked."""


def run(group: click.Group, arguments: Sequence[str] | None = None) -> int:
    """Run the command line (`arguments`, or the process's own) and return its exit code."""
    stdout = sys.stdout
    try:
        code = group.main(arguments, prog_name="postguard", standalone_mode=False)
        sys.stdout.flush()
    except PostguardError as error:
        return _say(error)
    except click.exceptions.NoArgsIsHelpError as asked:
        click.echo(asked.format_message(), err=True)
        return EXIT_NO_VERDICT
    except click.ClickException as error:
        error.show()
        return EXIT_NO_VERDICT
    except (KeyboardInterrupt, click.Abort):
        return _say(Interrupted("Stopped. What was not finished was not checked.", hint="Run it again when you like."))
    except BrokenPipeError:
        return _closed_pipe()
    except OSError as trouble:
        return _full(trouble) if trouble.errno in FULL else _unexpected(trouble)
    except SystemExit as quitting:
        if sys.stdout is not stdout:  # click turns a closed pipe into exit(1) and puts a mute stdout in its place
            sys.stdout = stdout
            return _closed_pipe()
        if os.environ.get(COMPLETING):  # the Tab key: click answers the shell and quits before any command runs
            return EXIT_NOTHING
        return _unexpected(quitting)
    except Exception as trouble:  # noqa: BLE001 - the last boundary: a crash is "no verdict", said plainly
        return _unexpected(trouble)
    return code if isinstance(code, int) else 0


def _say(error: PostguardError) -> int:
    click.echo(f"postguard: {error.message}", err=True)
    if error.hint:
        click.echo(f"           {error.hint}", err=True)
    return error.exit_code


def _closed_pipe() -> int:
    """The reader went away. Python would complain once more while flushing at exit: give it nowhere to."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return EXIT_NO_VERDICT


def _full(trouble: OSError) -> int:
    """No room for the answer. What is still waiting to be written would complain once more: it goes nowhere."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    what = f"The answer could not be written: {trouble.strerror}."
    return _say(OutputError(what, hint="Make room on the disk, then run again."))


def _unexpected(trouble: BaseException) -> int:
    if os.environ.get("POSTGUARD_TRACE"):
        traceback.print_exception(trouble)
    click.echo(f"postguard: something went wrong that should not ({type(trouble).__name__}). No verdict.", err=True)
    click.echo("           Nothing was cleared. Please report it; POSTGUARD_TRACE=1 shows where it happened.", err=True)
    return EXIT_NO_VERDICT
