"""The page about calls to the provider's own system: an address, its secret once, the calls, one more try."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from config import Settings
from core.database import Database
from tests.accounts.people import signed_in
from tests.api.hooks_stage import Hooks
from tests.provider.stage import TODAY, Stage
from tests.support.receiver import receiving
from tests.support.town import noon

PAGE = "/provider/webhooks"
URL = "https://system.example.org/vagval"


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.text)))


@pytest.fixture
def hooks(stage: Stage) -> Hooks:
    return Hooks(stage, noon(TODAY))


@pytest.fixture
def manager(app: Flask, stage: Stage) -> FlaskClient:
    return stage.client(app, "chef")


def secret_in(answer: Any) -> str:
    found = re.findall(r"whsec_[A-Za-z0-9+/=]+", answer.text)
    assert len(found) == 1, answer.status_code
    return str(found[0])


def test_an_address_is_added_and_its_secret_shown_once(manager: FlaskClient, hooks: Hooks):
    assert "Ingen adress än" in text_of(manager.get(PAGE))
    assert f'href="{PAGE}"' in manager.get("/provider/tokens").text
    made = manager.post(PAGE, data={"url": URL, "events": ["report.returned", "result.judged"]})
    assert made.status_code == 200
    assert "no-store" in made.headers["Cache-Control"]
    secret = secret_in(made)
    listed = manager.get(PAGE)
    for words in (URL, "En rapport behöver kompletteras", "Ett resultat är prövat", "Inget än"):
        assert words in text_of(listed)
    (address,) = re.findall(rf'href="({PAGE}/\d+)"', listed.text)
    page = manager.get(address)
    assert "Inga anrop än" in text_of(page)
    assert secret not in listed.text + page.text
    changed = manager.post(f"{address}/secret")
    assert secret_in(changed) != secret
    assert "Den gamla hemligheten gäller också till" in text_of(changed)
    assert manager.post(f"{address}/end").status_code == 302
    assert URL not in text_of(manager.get(PAGE)).replace("Till exempel " + URL, "")
    assert manager.get(address).status_code == 404


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"url": "", "events": ["report.returned"]}, "Skriv adressen som vi ska anropa."),
        ({"url": URL}, "Välj minst en händelse."),
        ({"url": URL, "events": ["report.eaten"]}, "Välj minst en händelse i listan."),
        ({"url": "inte en adress", "events": ["report.returned"]}, "Adressen går inte att läsa."),
        (
            {"url": "ftp://system.example.org/", "events": ["report.returned"]},
            "Adressen ska börja med https://.",
        ),
        (
            {"url": "https://\x00example.org:x", "events": ["report.returned"]},
            "Adressen går inte att läsa.",
        ),
        (
            {"url": URL + "x" * 9_000, "events": ["report.returned"]},
            "Adressen får ha högst 500 tecken.",
        ),
    ],
)
def test_what_cannot_be_called_is_said_and_nothing_typed_is_lost(
    manager: FlaskClient, data: dict[str, Any], says: str
):
    answer = manager.post(PAGE, data=data)
    assert answer.status_code == 422
    assert says in text_of(answer)
    if data["url"].isprintable():
        assert data["url"] in html.unescape(answer.text)
    for event in data.get("events", ()):
        if event != "report.eaten":
            assert re.search(rf'value="{event}"[^>]*checked|checked[^>]*value="{event}"', answer.text)


def test_a_second_time_is_refused_with_a_sentence(manager: FlaskClient):
    data = {"url": URL, "events": ["report.returned"]}
    manager.post(PAGE, data=data)
    again = manager.post(PAGE, data=data)
    assert again.status_code == 422
    assert "Adressen anropas redan." in text_of(again)
    assert "whsec_" not in again.text.replace("efter whsec_", "")


def test_the_page_says_how_each_call_went_and_makes_one_again(manager: FlaskClient, hooks: Hooks):
    with receiving(500, 204) as receiver:
        webhook_id, _ = hooks.made(receiver.url)
        address = f"{PAGE}/{webhook_id}"
        hooks.stage.chosen("Amal Provlund")
        hooks.round()
        page = text_of(manager.get(address))
        for words in ("Någon har valt er", "Väntar", "Status 500", "participant.arrived"):
            assert words in page
        assert "Amal" not in page
        (again,) = re.findall(r'action="(/provider/webhook-calls/\d+/again)"', manager.get(address).text)
        assert manager.post(again).location == address
        assert hooks.called() == 1
        assert "Framme" in text_of(manager.get(address))
        manager.post(f"{address}/trial")
        assert hooks.round() == 1
        assert receiver.got[-1].said["type"] == "trial"
    hooks.stage.chosen("Chen Mönsterby")
    hooks.round()
    assert "Inget svar: vi kom inte fram" in text_of(manager.get(address))


def test_given_up_calls_stand_on_top(manager: FlaskClient, hooks: Hooks):
    with receiving(410) as receiver:
        webhook_id, _ = hooks.made(receiver.url)
        hooks.stage.chosen("Amal Provlund")
        hooks.round()
    assert "Ett anrop kom inte fram" in text_of(manager.get(f"{PAGE}/{webhook_id}"))


def test_others_addresses_and_calls_are_not_there(manager: FlaskClient, hooks: Hooks):
    webhook_id, _ = hooks.made(URL, by=hooks.other_manager)
    hooks.stage.chosen("Amal Provlund", other=True)
    hooks.gathered()
    (row,) = hooks.rows()
    assert URL not in manager.get(PAGE).text.replace(f"Till exempel {URL}", "")
    assert manager.get(f"{PAGE}/{webhook_id}").status_code == 404
    for path in (f"{PAGE}/{webhook_id}/secret", f"{PAGE}/{webhook_id}/end", f"{PAGE}/{webhook_id}/trial",
                 f"/provider/webhook-calls/{row.id}/again"):  # fmt: skip
        assert manager.post(path).status_code == 404
    assert hooks.hook(webhook_id).ended_at is None
    assert hooks.rows()[0].next_at == row.next_at


def test_production_takes_neither_http_nor_a_private_network(
    database: Database, stage: Stage, settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    object.__setattr__(settings, "environment", "production")
    app = create_app(settings)
    app.config["WTF_CSRF_ENABLED"] = False
    try:
        client = signed_in(app, stage.town.manager.account_id)
        for url, says in (
            ("http://system.example.org/", "Adressen ska börja med https://."),
            ("https://169.254.169.254/latest/meta-data", "Adressen leder till ett slutet nät."),
            ("https://[::1]/", "Adressen leder till ett slutet nät."),
        ):
            answer = client.post(PAGE, data={"url": url, "events": ["report.returned"]})
            assert answer.status_code == 422
            assert says in text_of(answer)
    finally:
        app.extensions["database"].dispose()
