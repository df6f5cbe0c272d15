"""Changes to consent: whatever stood there before, a no ends what is published, and no import widens by itself."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from postguard.domain.keeping import Told, forget, grant, merge, refuse, roll_over, withdraw
from postguard.domain.people import Consent, Person, Roster
from postguard.loading.marked_yaml import Problems
from postguard.loading.people import check_days

CHANNELS = ("twitter", "website")
days = st.dates(date(2025, 1, 1), date(2028, 1, 1))
some_day = st.none() | days


def sound(consent: Consent) -> bool:
    """Whether a roster could say it."""
    problems = Problems()
    check_days(consent, 1, problems)
    return not problems.found


consents = (
    st.sampled_from(CHANNELS)
    .flatmap(
        lambda channel: st.builds(
            Consent, channel=st.just(channel), granted=st.booleans(), since=some_day, until=some_day, withdrawn=some_day
        )
    )
    .filter(sound)
)
people = st.builds(
    Person,
    id=st.sampled_from(["P1", "P2", "P3"]),
    name=st.just("A B"),
    group=st.none() | st.sampled_from(["P4", "P7", "left", "Hub", "4B"]),
    biometric=st.booleans(),
    consent=st.lists(consents, max_size=2, unique_by=lambda c: c.channel).map(tuple),
    look_alikes=st.lists(st.sampled_from(["P1", "P2", "P3"]), max_size=2).map(tuple),
)
rosters = st.lists(people, min_size=1, max_size=3, unique_by=lambda p: p.id).map(
    lambda found: Roster(school="S", people=tuple(found), channels=CHANNELS)
)
answers = st.dictionaries(st.sampled_from(CHANNELS), st.booleans()).map(lambda d: tuple(d.items()))
told = st.lists(
    st.builds(
        Told,
        id=st.sampled_from(["P1", "P2", "P4"]),
        name=st.just("A B"),
        consent=answers,
        biometric=st.none() | st.booleans(),
    ),
    max_size=3,
    unique_by=lambda t: t.id,
)


@given(people, days, days)
def test_after_a_no_nothing_is_published(person: Person, on: date, later: date) -> None:
    later = max(on, later)
    for changed in (refuse(person, CHANNELS, since=on, by="x"), withdraw(person, CHANNELS, on=on, by="x")):
        for channel in CHANNELS:
            assert not changed.consent_state(channel, later).publishes
        assert all(sound(consent) for consent in changed.consent)


@given(people, days, days, st.sampled_from(CHANNELS))
def test_a_withdrawal_changes_nothing_before_its_day(person: Person, on: date, day: date, channel: str) -> None:
    before = min(day, on - timedelta(days=1))
    changed = withdraw(person, [channel], on=on, by="x")
    assert changed.consent_state(channel, before).publishes == person.consent_state(channel, before).publishes


@given(people, days)
def test_a_yes_counts_on_its_channel_alone(person: Person, on: date) -> None:
    changed = grant(person, ["twitter"], since=on, until=None, by="x")
    assert changed.consent_state("twitter", on).publishes
    assert not changed.consent_state("twitter", on - timedelta(days=1)).publishes
    assert changed.consent_state("website", on) is person.consent_state("website", on)


@given(rosters, told, days, days)
def test_an_import_never_widens_by_itself(roster: Roster, news: list[Told], on: date, day: date) -> None:
    after = {person.id: person for person in merge(roster, news, widen=False, on=on, by="x").after}
    before = {person.id: person for person in roster.people}
    for who, person in after.items():
        old = before.get(who, Person(id=who, name=""))
        assert person.biometric <= old.biometric
        for channel in CHANNELS:
            assert person.consent_state(channel, day).publishes <= old.consent_state(channel, day).publishes


@given(rosters, told, days, st.booleans())
def test_a_no_in_an_import_always_counts(roster: Roster, news: list[Told], on: date, widen: bool) -> None:
    after = {person.id: person for person in merge(roster, news, widen=widen, on=on, by="x").after}
    for one in news:
        for channel, yes in one.consent:
            if not yes:
                assert not after[one.id].consent_state(channel, on).publishes
        if one.biometric is False:
            assert not after[one.id].biometric


@given(rosters, days, days, st.booleans())
def test_a_new_year_never_widens(roster: Roster, on: date, day: date, renew: bool) -> None:
    plan = roll_over(roster, on=on, top=7, moves={}, renew=renew)
    for old, new in zip(roster.people, plan.after, strict=True):
        assert (old.id, old.biometric) == (new.id, new.biometric)
        for channel in CHANNELS:
            assert new.consent_state(channel, day).publishes <= old.consent_state(channel, day).publishes
            if old.group != "left" and (renew or new.group == "left"):  # a yes for the new year alone may stand
                assert not new.consent_state(channel, on).publishes
        assert all(sound(consent) for consent in new.consent)


@given(rosters, st.sampled_from(["P1", "P2", "P3"]))
def test_nobody_speaks_of_the_forgotten(roster: Roster, who: str) -> None:
    left = forget(roster.people, who)
    assert all(person.id != who and who not in person.look_alikes for person in left)
    assert [replace(p, look_alikes=()) for p in left] == [
        replace(p, look_alikes=()) for p in roster.people if p.id != who
    ]
