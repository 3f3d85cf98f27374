"""The provider's page about where it is paid: what is in use, what waits, and what comes next."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.demo.people import bankgiro
from providers import actions as registry
from providers.queries import bank
from tests.finance.giro import NEW, called, new_contact, proposed
from tests.provider.stage import TODAY, Stage

OLD = bankgiro(1)
PAGE = "/provider/bank"


def text_of(answer: Any) -> str:
    assert answer.status_code in (200, 422), answer.status_code
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


@pytest.fixture
def manager(app: Flask, stage: Stage) -> FlaskClient:
    return stage.client(app, "chef")


@pytest.fixture
def coach(app: Flask, stage: Stage) -> FlaskClient:
    return stage.client(app, "handledare")


def states(stage: Stage) -> list[str]:
    with stage.database.reading() as session:
        return [one.state for one in bank.history(session, 1, stage.town.provider_id)]


def test_a_manager_sees_the_number_in_use_masked_and_what_happens_next(manager: FlaskClient, stage: Stage):
    page = manager.get(PAGE)
    assert f"{OLD[:-4]}-{OLD[-4:]}" not in page.text
    assert f"•••-{OLD[-4:]}" in text_of(page)
    for words in ("Efter 3 dagar används det nya numret.", "Byt nummer", "Vi ringer någon av dem här:"):
        assert words in text_of(page)
    assert 'href="/provider/bank"' in manager.get("/provider/money").text


def test_a_manager_proposes_a_number_waits_and_takes_it_back(manager: FlaskClient, stage: Stage):
    sent = manager.post(PAGE, data={"kind": "bankgiro", "number": f"{NEW[:-4]}-{NEW[-4:]}"})
    assert sent.status_code == 302
    page = text_of(manager.get(PAGE))
    for words in ("Ert nya nummer väntar", "Kommunen ringer er", "En annan person på kommunen godkänner",
                  "3 dagars väntan efter godkännandet", f"{NEW[:-4]}-{NEW[-4:]}"):  # fmt: skip
        assert words in page
    again = manager.post(PAGE, data={"kind": "bankgiro", "number": bankgiro(78)})
    assert again.status_code == 422
    assert "Ett nytt nummer väntar redan på svar." in text_of(again)
    with stage.database.reading() as session:
        waiting = bank.history(session, 1, stage.town.provider_id)[0]
    assert manager.post(f"{PAGE}/{waiting.id}/withdraw").status_code == 302
    assert manager.post(f"{PAGE}/{waiting.id}/withdraw").status_code == 409
    assert "Tillbakataget" in text_of(manager.get(PAGE))
    assert states(stage) == ["withdrawn", "approved"]


@pytest.mark.parametrize(
    ("kind", "number", "said"),
    [
        ("bankgiro", "123-4567", "Numret stämmer inte som bankgiro eller plusgiro."),
        ("bankgiro", "SE35 5000 0000 0549", "Numret stämmer inte"),
        ("bankgiro", "", "Skriv numret."),
        ("", "5050-1055", "Välj bankgiro eller plusgiro."),
        ("iban", "5050-1055", "Numret stämmer inte som bankgiro eller plusgiro."),
        ("bankgiro", "9" * 5_000, "Skriv högst 30 tecken."),
        ("bankgiro", OLD, "Det är samma nummer som redan är godkänt."),
        ("bankgiro", "\x00", "Numret stämmer inte"),
    ],
)
def test_a_wrong_number_is_refused_and_what_was_typed_stays(
    manager: FlaskClient, stage: Stage, kind: str, number: str, said: str
):
    answer = manager.post(PAGE, data={"kind": kind, "number": number})
    assert answer.status_code == 422
    assert said in text_of(answer)
    if number.isprintable() and number:
        assert f'value="{number}"' in answer.text
    assert states(stage) == ["approved"]


def test_a_coach_looks_and_does_not_change(coach: FlaskClient, stage: Stage):
    page = text_of(coach.get(PAGE))
    assert "En chef hos er kan byta nummer." in page
    assert "Lämna numret" not in page
    sent = coach.post(PAGE, data={"kind": "bankgiro", "number": NEW})
    assert sent.status_code == 403
    assert states(stage) == ["approved"]
    with stage.database.transaction(1) as session:
        proposed(session, stage, TODAY)
    assert f"{NEW[:-4]}-{NEW[-4:]}" not in coach.get(PAGE).text
    assert "Ta tillbaka numret" not in text_of(coach.get(PAGE))


def test_another_providers_number_is_not_theirs_to_take_back(app: Flask, stage: Stage, coach: FlaskClient):
    with stage.database.transaction(1) as session:
        waiting = proposed(session, stage, TODAY).id
    assert stage.client(app, "handledare2").post(f"{PAGE}/{waiting}/withdraw").status_code == 403
    assert stage.client(app, "chef").post(f"{PAGE}/4711/withdraw").status_code == 404
    assert "•••" in text_of(stage.client(app, "handledare2").get(PAGE))
    assert NEW[-4:] not in text_of(stage.client(app, "handledare2").get(PAGE))


def test_while_it_cools_off_the_old_number_is_used(manager: FlaskClient, stage: Stage):
    with stage.database.transaction(1) as session:
        details = proposed(session, stage, date(2026, 6, 2))
        called(session, stage, details, date(2026, 6, 2))
        registry.approve_bank_details(session, details.id, by=stage.town.signer, today=date(2026, 6, 2))
    page = text_of(manager.get(PAGE))
    assert "Ett nytt nummer är godkänt" in page
    assert "Det används från och med fredag 5 juni. Till dess går pengarna till det gamla numret." in page
    assert f"Vi betalar till Bankgiro •••-{OLD[-4:]}" in page


def test_a_provider_that_nobody_can_call_is_told_to_add_a_contact(manager: FlaskClient, stage: Stage):
    from providers.queries.applying import contacts  # noqa: PLC0415  # only here

    with stage.database.transaction(1) as session:
        old = contacts(session, 1, stage.town.provider_id)[0]
        new_contact(session, stage, TODAY)
        registry.remove_contact(session, old.id, by=stage.town.manager, today=TODAY)
    assert "Vi har ingen att ringa" in text_of(manager.get(PAGE))
