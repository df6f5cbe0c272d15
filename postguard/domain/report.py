"""What came of a check. Verdicts are derived, never stored."""

from dataclasses import dataclass
from enum import Enum

from postguard.domain.evidence import Evidence
from postguard.domain.rules import Finding


class Verdict(Enum):
    PASS = "pass"
    FAIL = "fail"
    NONE = "none"


@dataclass(frozen=True, kw_only=True, slots=True)
class Waived:
    """A finding somebody answered for, and who did (a role, never a reason about a protected pupil)."""

    finding: Finding
    by: str
    until: str | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """One draft's evidence and what stands against it.

    `register` is the roster's fingerprint. `remarks` are sentences the reader must know, without names
    ("the date is in the past").
    """

    draft: str
    evidence: Evidence
    findings: tuple[Finding, ...]
    register: str
    waived: tuple[Waived, ...] = ()
    remarks: tuple[str, ...] = ()
    about_vouches: tuple[str, ...] = ()
    """Remarks on vouches that lifted nothing. Not for what travels: a face that nobody may vouch for is PG101."""

    @property
    def verdict(self) -> Verdict:
        """PASS only when nothing that fails was found and nothing was left unchecked."""
        if self.evidence.unchecked or any(f.severity.fails for f in self.findings):
            return Verdict.FAIL
        return Verdict.PASS


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """Reports of one call, in the order the drafts were given."""

    reports: tuple[Report, ...]
    postguard: str
    roster: str = ""
    """The roster file that was used, as it is shown to the user."""

    @property
    def verdict(self) -> Verdict:
        if not self.reports:
            return Verdict.NONE
        if any(report.verdict is not Verdict.PASS for report in self.reports):
            return Verdict.FAIL
        return Verdict.PASS
