"""Consent on a channel and a day: only GRANTED publishes."""

from datetime import date

import pytest

from postguard.domain.people import Consent, ConsentState, Person, Roster

DAY = date(2026, 11, 20)


def pupil(*consent: Consent, **more: object) -> Person:
    return Person(id="P01", name="Aoife MacDonald", consent=consent, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("state", ConsentState)
def test_only_granted_publishes(state: ConsentState) -> None:
    assert state.publishes == (state.name == "GRANTED")


@pytest.mark.parametrize(
    ("consent", "state"),
    [
        (Consent(channel="twitter", granted=True), ConsentState.GRANTED),
        (Consent(channel="twitter", granted=False), ConsentState.REFUSED),
        (Consent(channel="website", granted=True), ConsentState.MISSING),
        (Consent(channel="twitter", granted=True, until=DAY), ConsentState.GRANTED),
        (Consent(channel="twitter", granted=True, until=date(2026, 11, 19)), ConsentState.EXPIRED),
        (Consent(channel="twitter", granted=True, since=DAY), ConsentState.GRANTED),
        (Consent(channel="twitter", granted=True, since=date(2026, 11, 21)), ConsentState.NOT_YET),
        (Consent(channel="twitter", granted=True, withdrawn=DAY), ConsentState.WITHDRAWN),
        (Consent(channel="twitter", granted=True, withdrawn=date(2026, 11, 21)), ConsentState.GRANTED),
        (
            Consent(channel="twitter", granted=True, until=date(2026, 1, 1), withdrawn=date(2025, 12, 1)),
            ConsentState.WITHDRAWN,
        ),
    ],
)
def test_consent_on_a_day(consent: Consent, state: ConsentState) -> None:
    person = pupil(consent)
    assert person.consent_state("twitter", DAY) is state
    assert person.may_appear("twitter", DAY) == (state is ConsentState.GRANTED)


def test_a_high_risk_pupil_never_appears() -> None:
    granted = Consent(channel="twitter", granted=True)
    assert not pupil(granted, high_risk=True).may_appear("twitter", DAY)


def test_look_alikes_hold_both_ways() -> None:
    roster = Roster(
        school="S",
        people=(pupil(look_alikes=("P02",)), Person(id="P02", name="Jamie Reid")),
    )
    assert roster.look_alikes() == {"P01": frozenset({"P02"}), "P02": frozenset({"P01"})}
