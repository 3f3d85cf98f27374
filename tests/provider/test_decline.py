"""Saying no to somebody who has chosen the provider: which reasons go, what each needs, who is told."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from core.identity import Protection
from providers.models import Accreditation
from tests.provider.stage import TODAY, Stage
from tests.provider.test_pages import events, row, text
from vouchers.models import Leg, Voucher


@pytest.fixture
def coach(app: Flask, stage: Stage) -> FlaskClient:
    """A coach at the first provider."""
    return stage.client(app, "handledare")


def page_of(leg_id: int) -> str:
    return f"/provider/participants/{leg_id}/decline"


def full(stage: Stage, leg_id: int) -> None:
    """Others have every place."""
    leg = row(stage, Leg, leg_id)
    with stage.database.transaction(1) as session:
        session.execute(
            update(Accreditation).where(Accreditation.id == leg.accreditation_id).values(capacity=0)
        )


def test_the_person_page_says_until_when_and_leads_to_the_reasons(coach, stage):
    leg_id = stage.chosen("Dalia Skissvik")
    page = text(coach.get(f"/provider/participants/{leg_id}"))
    assert "Svara senast fredag 5 juni (2 arbetsdagar kvar)." in page
    assert f'href="{page_of(leg_id)}"' in page
    assert "Svara Dalia Skissvik, som har valt er" in text(coach.get("/provider/"))


def test_the_page_closes_the_reasons_that_are_not_so_and_says_why(coach, stage):
    leg_id = stage.chosen("Dalia Skissvik")
    page = text(coach.get(page_of(leg_id)))
    assert "till och med onsdag 10 juni" in page
    assert "Ni tar emot och har en plats åt personen." in page
    assert "Det måste vara färre än 30 dagar kvar av insatsen" in page
    assert page.count("disabled") == 2
    full(stage, leg_id)
    page = text(coach.get(page_of(leg_id)))
    assert page.count("disabled") == 1
    assert "Går bara när intaget är stoppat" in page


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        (None, "Välj varför ni inte kan ta emot personen."),
        ("tired", "Välj ett av skälen i listan."),
        ("no_places", "Då kan ni inte tacka nej för att det är fullt."),
        ("few_days_left", "färre än 30 dagar"),
    ],
)
def test_a_no_that_rests_on_nothing_is_refused_in_place(coach, stage, reason, sentence):
    leg_id = stage.chosen("Dalia Skissvik")
    answer = coach.post(page_of(leg_id), data={"reason": reason} if reason else {})
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert row(stage, Leg, leg_id).declined_on is None


def test_a_no_with_a_reason_gives_the_person_a_whole_new_window(coach, stage):
    leg_id = stage.chosen("Dalia Skissvik")
    full(stage, leg_id)
    assert coach.post(page_of(leg_id), data={"reason": "no_places"}).location == "/provider/"
    leg = row(stage, Leg, leg_id)
    assert (leg.declined_on, leg.decline_reason) == (TODAY, "no_places")
    assert row(stage, Voucher, leg.voucher_id).choose_by == date(2026, 6, 10)
    assert events(stage, "leg.declined") == 1
    assert coach.get(page_of(leg_id)).status_code == 404


def test_who_has_been_received_is_not_declined(coach, stage):
    leg_id = stage.accepted("Elif Påhittsros")
    assert "Ni har redan svarat" in text(coach.get(page_of(leg_id)))
    assert coach.post(page_of(leg_id), data={"reason": "conflict_of_interest"}).status_code == 422


def test_another_providers_person_and_a_protected_one_nobody_is_named_for_are_not_there(app, coach, stage):
    theirs = stage.chosen("Gunnar Provmark", other=True)
    hidden = stage.chosen("Farid Exempelhed", protection=Protection.CONFIDENTIAL)
    with stage.database.transaction(1) as session:
        session.get_one(Leg, (1, hidden)).coach_id = None
    for leg_id in (theirs, hidden):
        assert coach.get(page_of(leg_id)).status_code == 404
        assert coach.post(page_of(leg_id), data={"reason": "conflict_of_interest"}).status_code == 404
    manager = stage.client(app, "chef")
    assert manager.get(page_of(hidden)).status_code == 200
    assert events(stage, "participant.read") == 1
