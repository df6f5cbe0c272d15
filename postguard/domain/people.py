"""People and what their families allowed."""

from dataclasses import dataclass
from datetime import date
from enum import Enum
from pathlib import Path


class ConsentState(Enum):
    """What a family's word amounts to on one channel on one day. Only GRANTED publishes."""

    GRANTED = "granted"
    REFUSED = "refused"
    MISSING = "missing"
    NOT_YET = "not yet in force"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"

    @property
    def publishes(self) -> bool:
        return self is ConsentState.GRANTED


class Role(Enum):
    PUPIL = "pupil"
    STAFF = "staff"


@dataclass(frozen=True, kw_only=True, slots=True)
class Consent:
    """A family's word for one channel. `until` is inclusive; `withdrawn` counts from that day on."""

    channel: str
    granted: bool
    since: date | None = None
    until: date | None = None
    withdrawn: date | None = None
    by: str | None = None

    def state(self, on: date) -> ConsentState:
        if not self.granted:
            return ConsentState.REFUSED
        if self.withdrawn is not None and on >= self.withdrawn:
            return ConsentState.WITHDRAWN
        if self.since is not None and on < self.since:
            return ConsentState.NOT_YET
        if self.until is not None and on > self.until:
            return ConsentState.EXPIRED
        return ConsentState.GRANTED


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Somebody on the roster: a pupil or a member of staff."""

    id: str
    name: str
    role: Role = Role.PUPIL
    known_as: tuple[str, ...] = ()
    group: str | None = None
    school: str | None = None
    handles: tuple[str, ...] = ()
    parent_handles: tuple[str, ...] = ()
    biometric: bool = False
    consent: tuple[Consent, ...] = ()
    high_risk: bool = False
    look_alikes: tuple[str, ...] = ()
    photographed: date | None = None
    """When the reference photos were taken, where the pictures do not say it themselves."""

    def consent_state(self, channel: str, on: date) -> ConsentState:
        """Consent that is not written down is MISSING, and MISSING does not publish."""
        for consent in self.consent:
            if consent.channel == channel:
                return consent.state(on)
        return ConsentState.MISSING

    def may_appear(self, channel: str, on: date) -> bool:
        """Whether a face of this person may be published. A high-risk pupil never by the machine's word."""
        return self.consent_state(channel, on).publishes and not self.high_risk


@dataclass(frozen=True, kw_only=True, slots=True)
class Roster:
    """Everybody the school knows, and the channels it posts to.

    `fingerprint` is "sha256:" and the hash of the file's bytes; `channels[0]` is the default channel.
    """

    school: str
    people: tuple[Person, ...]
    channels: tuple[str, ...] = ("twitter",)
    dpia: str | None = None
    review_by: date | None = None
    demo: bool = False
    path: Path = Path("consent_roster.yaml")
    fingerprint: str = ""

    def person(self, person_id: str) -> Person | None:
        for person in self.people:
            if person.id == person_id:
                return person
        return None

    @property
    def groups(self) -> frozenset[str]:
        return frozenset(p.group for p in self.people if p.group is not None)

    @property
    def several_schools(self) -> bool:
        """On a roster of several schools a lone forename says nothing: too many children bear it."""
        return len({p.school or self.school for p in self.people}) > 1

    def may_appear(self, channel: str, on: date) -> frozenset[str]:
        """Ids of everybody who may be shown on this channel on this day."""
        return frozenset(p.id for p in self.people if p.may_appear(channel, on))

    def look_alikes(self) -> dict[str, frozenset[str]]:
        """Person id to the ids that look like them. Symmetric, whoever wrote it down."""
        pairs: dict[str, set[str]] = {}
        for person in self.people:
            for other in person.look_alikes:
                pairs.setdefault(person.id, set()).add(other)
                pairs.setdefault(other, set()).add(person.id)
        return {who: frozenset(others) for who, others in pairs.items()}
