"""Who may be chosen, in which order, and what of it is kept."""

from __future__ import annotations

import json
from datetime import timedelta

from core.database import Database
from core.dates import today
from providers.rules.places import Spot
from tests.public.history import History, put
from tests.support.town import Town
from vouchers.queries.choices import Comparison, Wishes, arranged, compare, market, open_choices, snapshot

MATCHING = "jobbpeng.matching"


def seen(database: Database, *, seed: str = "a", **wishes: object) -> Comparison:
    with database.reading() as session:
        return compare(session, 1, Wishes(**wishes), seed=seed, today=today())  # type: ignore[arg-type]  # kwargs


def names(comparison: Comparison) -> list[str]:
    return [candidate.provider.name for candidate in comparison.candidates]


def test_all_accredited_today_are_there_and_nobody_else(database: Database, town: Town, history: History):
    with database.transaction(1) as session:
        closed, gone = history.provider(session, 1), history.provider(session, 2)
        put(session, closed, "stop_intake")
        put(session, gone, "withdraw")
        past = history.provider(session, 3)
        put(session, past, "stop_intake", to_on=today() - timedelta(days=1))
    found = seen(database, order="name")
    assert names(found) == ["Lyktvägen", "Provhuset 1", "Stigfinnarna"]
    assert found.total == 3
    shut = found.candidate(closed)
    assert shut is not None
    assert not shut.intake_open
    assert names(seen(database, order="name", open_only=True)) == ["Lyktvägen", "Stigfinnarna"]


def test_wishes_narrow_the_list(database: Database, town: Town):
    assert names(seen(database, service="jobbpeng.preparatory")) == ["Stigfinnarna"]
    assert names(seen(database, language="so")) == ["Lyktvägen"]
    assert names(seen(database, area="Centrum")) == ["Stigfinnarna"]
    nobody = seen(database, area="Centrum", language="so")
    assert (names(nobody), nobody.total) == ([], 2)
    assert (nobody.languages, nobody.areas) == (("en", "so", "sv"), ("Centrum", "Norrängen"))


def test_a_wish_that_nobody_can_meet_is_dropped(database: Database, town: Town):
    found = seen(database, service="jobbpeng.flying", language="xx", area="Månen")
    assert found.wishes == Wishes()
    assert len(found.candidates) == 2


def test_the_neutral_order_is_the_visitors_own_and_stays(database: Database, town: Town, history: History):
    with database.transaction(1) as session:
        for serial in range(1, 7):
            history.provider(session, serial)
    once = names(seen(database, seed="one"))
    assert once == names(seen(database, seed="one"))
    assert sorted(once) == sorted(names(seen(database, seed="two")))
    first = {names(seen(database, seed=str(seed)))[0] for seed in range(40)}
    assert len(first) > 4, "over many visitors, nobody is always first"


def test_the_order_by_result_is_within_one_service_and_puts_the_unknown_last(
    database: Database, town: Town, history: History
):
    with database.transaction(1) as session:
        history.crowd(session, 3, 12)
        history.crowd(session, 9, 12, own=False)
        history.provider(session, 1)
    found = seen(database, order="result")
    assert found.wishes.service == MATCHING
    assert names(found) == ["Lyktvägen", "Stigfinnarna", "Provhuset 1"]
    lows = [
        line.figure.chance.low for c in found.candidates if (line := c.line(MATCHING)) and line.figure.chance
    ]
    assert lows == sorted(lows, reverse=True)
    assert found.candidates[-1].lines[0].figure.chance is None
    whole = found.offers[MATCHING].town.chance
    assert whole is not None
    assert (whole.good, whole.people) == (12, 24)


def test_a_choice_is_open_until_its_last_day(database: Database, town: Town):
    with database.reading() as session:
        (choice,) = open_choices(session, 1, town.participant_id, today())
        assert (choice.voucher_id, choice.offer) == (town.voucher_id, MATCHING)
        assert open_choices(session, 1, town.participant_id, choice.choose_by) == [choice]
        assert open_choices(session, 1, town.participant_id, choice.choose_by + timedelta(days=1)) == []
        assert open_choices(session, 1, town.other_participant_id, today()) == []
    with database.transaction(1) as session:
        town.chosen(session, today())
    with database.reading() as session:
        assert open_choices(session, 1, town.participant_id, today()) == []


def test_a_snapshot_is_plain_json_of_what_was_shown(database: Database, town: Town, history: History):
    with database.transaction(1) as session:
        history.crowd(session, 4, 12)
    found = seen(database, order="name", language="sv")
    candidate = found.candidate(town.provider_id)
    assert candidate is not None
    kept = snapshot(found, candidate, found.offers[MATCHING], locale="en", today=today())
    assert json.loads(json.dumps(kept)) == kept
    assert kept["figure"] == kept["town"] == {"good": 4, "people": 12, "low": 14, "high": 61}
    assert (kept["listed"], kept["accredited"], kept["order"]) == (2, 2, "name")
    assert kept["filters"] == {"language": "sv"}
    assert kept["provider"] == {
        "id": town.provider_id,
        "name": "Stigfinnarna",
        "about": "Together.",
        "about_language": "en",
        "places": ["Centrumsvägen 3, Centrum"],
        "languages": ["sv", "en"],
        "orientations": [],
        "accessibility": [],
        "phone": "08-465 004 01",
        "email": "anordnare1@example.org",
        "intake_open": True,
        "is_full": False,
    }
    other = found.candidate(town.other_provider_id)
    assert other is not None
    few = snapshot(found, other, found.offers[MATCHING], locale="sv", today=today())
    assert few["figure"] == {"fewer_than": 10}, "an exact small number could point out somebody"
    assert few["later"] == few["town_later"] == {"fewer_than": 10}
    assert few["rating"] in (None, {"fewer_than": 10}, {"fewer_than": 5})
    assert (few["free_places"], few["wait"]) == (10, {"promised_working_days": 10})


def test_a_snapshot_keeps_no_place_that_somebody_looked_from_and_no_word_that_was_typed(
    database: Database, town: Town
):
    with database.reading() as session:
        whole = market(session, 1, today())
    wishes = Wishes(text="stigfinnarna", only=(town.provider_id,), order="distance")
    found = arranged(whole, wishes, seed="a", home=Spot(5_890_000, 1_330_000))
    (candidate,) = found.candidates
    kept = snapshot(found, candidate, found.offers[MATCHING], locale="sv", today=today())
    assert kept["filters"] == {"text": True, "own_list": True}
    assert kept["order"] == "distance"
    text = json.dumps(kept)
    for hidden in ("589", "1330000", "metres", "distance_", "near"):
        assert hidden not in text.replace(str(town.provider_id), "")
