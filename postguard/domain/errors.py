"""Every way a command can end without a verdict: one sentence, one hint, one exit code.

Trouble with a *draft* is not here: it is data (`Unchecked`), and it fails that draft.
"""

EXIT_PASS = 0
EXIT_FAIL = 1
EXIT_NO_VERDICT = 2
EXIT_NOTHING = 3


class PostguardError(Exception):
    """A fatal error. `message` says what is wrong, `hint` what to do next; neither holds a stack trace."""

    exit_code = EXIT_NO_VERDICT

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(PostguardError):
    """The command's words do not fit together, or a path is not there."""


class RosterError(PostguardError):
    """The roster cannot be read, contradicts itself, or is past its review date."""


class SettingsError(PostguardError):
    """postguard.yaml cannot be read or holds what it must not."""


class EngineError(PostguardError):
    """A model, a library or its weights are missing, changed or broken."""


class GalleryError(PostguardError):
    """The gallery file could not be made, read or kept."""


class OutputError(PostguardError):
    """The report could not be written where it was asked for."""


class PrivacyError(PostguardError):
    """Going on would put families' data where it must not be."""


class RecordError(PostguardError):
    """Waivers, confirmations, journal or receipt cannot be read or kept."""


class NothingToCheck(PostguardError):
    """There is no draft here."""

    exit_code = EXIT_NOTHING


class Interrupted(PostguardError):
    """The user stopped it. What was not finished was not checked."""
