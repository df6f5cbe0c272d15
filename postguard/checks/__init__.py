"""The rules. Each module: `RULE`, a docstring that is its help for teachers, and a pure `check`."""

from collections.abc import Iterable
from typing import Protocol

from postguard.checks import (
    pg101_unconsented_face,
    pg102_unknown_face,
    pg103_ambiguous_face,
    pg104_unclear_face,
    pg105_protected_pupil,
    pg106_head_count,
    pg201_named_pupil,
    pg202_possible_name,
    pg203_pupil_handle,
    pg301_named_with_picture,
    pg302_jigsaw,
    pg401_phone,
    pg402_email,
    pg403_address,
    pg404_birth_date,
    pg405_confidential_matter,
    pg501_location,
    pg502_unlisted_camera,
    pg601_rude_language,
    pg701_too_long,
    pg702_too_many_pictures,
    pg703_file_type_or_size,
    pg704_no_alt_text,
    pg901_unchecked,
    pg902_stale_reference,
)
from postguard.domain.evidence import Evidence
from postguard.domain.people import Roster
from postguard.domain.policy import Policy
from postguard.domain.rules import Finding, Rule


class Check(Protocol):
    """What every check module is."""

    RULE: Rule

    def check(self, evidence: Evidence, roster: Roster, policy: Policy) -> Iterable[Finding]: ...


ALL_CHECKS: tuple[Check, ...] = (
    pg101_unconsented_face,
    pg102_unknown_face,
    pg103_ambiguous_face,
    pg104_unclear_face,
    pg105_protected_pupil,
    pg106_head_count,
    pg201_named_pupil,
    pg202_possible_name,
    pg203_pupil_handle,
    pg301_named_with_picture,
    pg302_jigsaw,
    pg401_phone,
    pg402_email,
    pg403_address,
    pg404_birth_date,
    pg405_confidential_matter,
    pg501_location,
    pg502_unlisted_camera,
    pg601_rude_language,
    pg701_too_long,
    pg702_too_many_pictures,
    pg703_file_type_or_size,
    pg704_no_alt_text,
    pg901_unchecked,
    pg902_stale_reference,
)
"""In the order of their ids. A new rule is one row here."""
