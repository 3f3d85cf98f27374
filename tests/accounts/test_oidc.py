"""e-ID, against a real OpenID Connect server: who is let in, and every answer that is not believed."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from app import create_app
from app.accounts.oidc import reaches
from core.actor import Account, Role
from core.audit import AuditEntry
from core.database import Database
from tests.accounts.people import NUMBERS, UNKNOWN
from tests.support.house import settings_for
from tests.support.oidc import CLAIM, LOA2, LOA3, LOA4, Broker

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:authlib")  # from the server, not from us
GUIDE = NUMBERS[Role.GUIDE]


@pytest.fixture
def database_kind() -> str:
    """One kind is enough here: what a broker answers never reaches the database."""
    return "sqlite"


def through(app: Flask, broker: Broker, who: str | None, onward: str = "") -> TestResponse:
    """Walk the whole way as that person; gives our answer to the callback."""
    client = app.test_client()
    begun = client.get("/sign-in/e-id", query_string={"next": onward} if onward else None)
    assert begun.status_code == 302
    return client.get(broker.visit(begun.location, who))


def refusals(database: Database) -> list[str]:
    with database.reading() as session:
        rows = session.scalars(select(AuditEntry).where(AuditEntry.what == "account.sign_in_refused"))
        return [row.details for row in rows]


def said(answer: TestResponse) -> str:
    return answer.get_data(as_text=True)


def test_a_person_signs_in_with_e_id(
    e_id: Flask, broker: Broker, people: dict[Role, int], database: Database
):
    client = e_id.test_client()
    begun = client.get("/sign-in/e-id", query_string={"next": "/casework/cases/1"})
    answer = client.get(broker.visit(begun.location, broker.knows(GUIDE)))
    assert (answer.status_code, answer.location) == (302, "/casework/cases/1")
    assert "Test career_guide" in said(client.get("/about"))
    asked = broker.asked[0]
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert asked["acr_values"] == LOA3
    assert "openid" in asked["scope"]
    assert min(map(len, (asked["state"], asked["nonce"], asked["code_challenge"]))) >= 43
    assert len(broker.used) == 1, "the verifier was shown to the broker, and fitted"
    with database.reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.what == "account.signed_in")).one()
        assert (entry.account_id, entry.details) == (people[Role.GUIDE], '{"how": "e_id"}')


def test_without_a_page_asked_for_the_role_comes_home(e_id: Flask, broker: Broker):
    assert through(e_id, broker, broker.knows(NUMBERS[Role.SEEKER])).location == "/seeker/"


@pytest.mark.parametrize("typed", ["{0}-{1}", "{0}{1}"])
def test_the_number_may_be_written_either_way(e_id: Flask, broker: Broker, typed: str):
    number = typed.format(GUIDE[:8], GUIDE[8:])
    assert through(e_id, broker, broker.knows(number)).status_code == 302


@pytest.mark.parametrize("level", [LOA2, None, "", "0", "urn:other:loa9", f"{LOA3} ", [LOA3]])
def test_a_level_too_low_or_missing_is_refused(
    e_id: Flask, broker: Broker, database: Database, level: str | None
):
    answer = through(e_id, broker, broker.knows(GUIDE, acr=level))
    assert answer.status_code == 403
    assert "räcker inte till" in said(answer)
    assert refusals(database) == ['{"how": "e_id", "reason": "e_id_level_too_low"}']


def test_a_level_above_the_wanted_one_is_enough(e_id: Flask, broker: Broker):
    assert through(e_id, broker, broker.knows(GUIDE, acr=LOA4)).status_code == 302
    assert not reaches("urn:b", "urn:a")
    assert reaches("urn:a", "urn:a")


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": ""},
        {"iss": "https://evil.example"},
        {"aud": "somebody-else"},
        {"aud": ["vagval", "somebody-else"], "azp": "somebody-else"},
        {"exp": 1_500_000_000},
        {"iat": 4_000_000_000},
        {"nbf": 4_000_000_000},
        {"at_hash": "of another token"},
    ],
    ids=lambda claims: next(iter(claims)),
)
def test_an_id_token_that_does_not_hold_is_not_believed(
    e_id: Flask, broker: Broker, database: Database, claims: dict[str, Any]
):
    answer = through(e_id, broker, broker.knows(GUIDE, **claims))
    assert answer.status_code == 400
    assert "kunde inte lita på svaret" in said(answer)
    assert refusals(database) == ['{"how": "e_id", "reason": "id_token"}']


def test_a_token_that_another_key_signed_is_not_believed(e_id: Flask, broker: Broker):
    other = RSAKey.generate_key(2048).as_dict(private=False)
    broker.instead["/jwks"] = ({"keys": [other]}, 200)
    answer = through(e_id, broker, broker.knows(GUIDE))
    assert answer.status_code == 400
    assert "kunde inte lita på" in said(answer)


def claims_of(broker: Broker) -> dict[str, object]:
    """What a good ID token would say in answer to the last visit."""
    return {
        "iss": broker.issuer,
        "aud": "vagval",
        "sub": "somebody",
        "iat": int(time.time()),
        "exp": int(time.time()) + 60,
        "nonce": broker.asked[-1]["nonce"],
        "acr": LOA3,
        CLAIM: GUIDE,
    }


def answered(e_id: Flask, broker: Broker, make: Callable[[dict[str, object]], str]) -> TestResponse:
    """Our answer when the token endpoint gives the ID token that `make` makes of a good one's claims."""
    client = e_id.test_client()
    back = broker.visit(client.get("/sign-in/e-id").location, broker.knows(GUIDE))
    token = {"access_token": "a", "token_type": "Bearer", "id_token": make(claims_of(broker))}
    broker.instead["/oauth2/token"] = (token, 200)
    return client.get(back)


@pytest.mark.parametrize("lacks", ["", "iss", "aud", "sub", "iat", "exp", "nonce", "acr", CLAIM])
def test_a_token_that_lacks_something_is_refused(e_id: Flask, broker: Broker, lacks: str):
    key = RSAKey.generate_key(2048)
    broker.instead["/jwks"] = ({"keys": [key.as_dict(private=False)]}, 200)

    def without(claims: dict[str, object]) -> str:
        return jwt.encode({"alg": "RS256"}, {name: claims[name] for name in claims if name != lacks}, key)

    status = {"": 302, "acr": 403}.get(lacks, 400)
    assert answered(e_id, broker, without).status_code == status


@pytest.mark.parametrize("secret", ["", "the public key", "vagval-demo"])
def test_a_token_that_the_provider_did_not_sign_is_not_believed(e_id: Flask, broker: Broker, secret: str):
    if secret == "the public key":
        secret = requests.get(f"{broker.issuer}/jwks", timeout=10).text

    def forged(claims: dict[str, object]) -> str:
        key = OctKey.import_key(secret.ljust(32, "="))
        signed = jwt.encode({"alg": "HS256"}, claims, key)
        unsigned = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
        return signed if secret else f"{unsigned}.{signed.split('.')[1]}."

    answer = answered(e_id, broker, forged)
    assert answer.status_code == 400
    assert "kunde inte lita på" in said(answer)


def test_an_answer_is_used_once(e_id: Flask, broker: Broker):
    client = e_id.test_client()
    back = broker.visit(client.get("/sign-in/e-id").location, broker.knows(GUIDE))
    assert client.get(back).status_code == 302
    client.post("/sign-out")
    again = client.get(back)
    assert again.status_code == 400
    assert "redan använd" in said(again)


def test_an_answer_is_good_only_for_who_asked(e_id: Flask, broker: Broker):
    back = broker.visit(e_id.test_client().get("/sign-in/e-id").location, broker.knows(GUIDE))
    for victim in (e_id.test_client(), FlaskClient(e_id)):
        victim.get("/sign-in/e-id")
        assert victim.get(back).status_code == 400
    assert e_id.test_client().get("/sign-in/callback").status_code == 400


def test_a_code_from_another_attempt_does_not_fit(e_id: Flask, broker: Broker):
    mine, theirs = e_id.test_client(), e_id.test_client()
    stolen = broker.visit(theirs.get("/sign-in/e-id").location, broker.knows(GUIDE))
    code = parse_qs(urlsplit(stolen).query)["code"][0]
    state = parse_qs(urlsplit(mine.get("/sign-in/e-id").location).query)["state"][0]
    answer = mine.get("/sign-in/callback", query_string={"state": state, "code": code})
    assert answer.status_code == 400
    assert "gick inte" in said(answer)
    assert not broker.used


def test_two_tabs_can_sign_in_at_once(e_id: Flask, broker: Broker):
    client, who = e_id.test_client(), broker.knows(GUIDE)
    one, two = (client.get("/sign-in/e-id", query_string={"next": f"/{tab}"}) for tab in "ab")
    assert client.get(broker.visit(one.location, who)).location == "/a"
    late = client.get(broker.visit(two.location, who))
    assert late.status_code == 400, "the first sign-in emptied the cookie"
    for _ in range(10):
        client.get("/sign-in/e-id", query_string={"next": "/x" * 149})
    cookie = client.get_cookie("session")
    assert cookie is not None
    assert len(cookie.value) < 3500


def test_a_stranger_to_the_house_gets_a_plain_page(e_id: Flask, broker: Broker, database: Database):
    answer = through(e_id, broker, broker.knows(UNKNOWN))
    assert answer.status_code == 403
    assert "Vi hittar inget konto" in said(answer)
    assert "karriärvägledare" in said(answer)
    assert UNKNOWN not in said(answer)
    assert refusals(database) == ['{"how": "e_id", "reason": "account_unknown"}']


def test_a_closed_account_is_not_let_in(
    e_id: Flask, broker: Broker, people: dict[Role, int], database: Database
):
    with database.transaction() as session:
        session.execute(update(Account).where(Account.id == people[Role.GUIDE]).values(is_active=False))
    answer = through(e_id, broker, broker.knows(GUIDE))
    assert answer.status_code == 403
    assert "avstängt" in said(answer)


@pytest.mark.parametrize("number", ["", "198001011235", "not a number", 19800101, ["198001011234"]])
def test_a_number_that_is_none_is_not_believed(e_id: Flask, broker: Broker, number: object):
    answer = through(e_id, broker, broker.knows(number))
    assert answer.status_code == 400


def test_a_number_given_beside_the_id_token_counts_when_it_is_the_same_person(e_id: Flask, broker: Broker):
    who = broker.knows(None)
    told = {"sub": who, CLAIM: GUIDE}
    broker.instead["/userinfo"] = (told, 200)
    assert through(e_id, broker, who).status_code == 302
    broker.instead["/userinfo"] = ({**told, "sub": "somebody else"}, 200)
    assert through(e_id, broker, who).status_code == 400


def test_cancelling_gets_a_sentence(e_id: Flask, broker: Broker):
    answer = through(e_id, broker, None)
    assert answer.status_code == 400
    assert "Du avbröt" in said(answer)


@pytest.mark.parametrize(
    ("path", "answer", "status"),
    [
        ("/oauth2/token", ({"error": "invalid_grant"}, 400), 400),
        ("/oauth2/token", ({"error": "server_error"}, 500), 503),
        ("/oauth2/token", ("<html>busy</html>", 429), 503),
        ("/oauth2/token", ("<html>busy</html>", 200), 503),
        ("/oauth2/token", ({}, 200), 400),
        ("/oauth2/token", ({"access_token": "a", "token_type": "Bearer"}, 200), 400),
        ("/oauth2/token", ({"access_token": "a", "token_type": "Bearer", "id_token": "a.b"}, 200), 400),
        ("/jwks", ("no keys", 200), 503),
        ("/jwks", ({"keys": []}, 200), 400),
        ("/jwks", ({"keys": "x"}, 200), 400),
        ("/jwks", ([], 200), 400),
        ("/jwks", ({}, 503), 503),
    ],
)
def test_whatever_the_broker_answers_the_visitor_gets_a_sentence(
    e_id: Flask, broker: Broker, path: str, answer: tuple[object, int], status: int
):
    broker.instead[path] = answer
    got = through(e_id, broker, broker.knows(GUIDE))
    assert got.status_code == status
    assert "Du är inte inloggad" in said(got)


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (("", 500), 503),
        (("<html>", 200), 503),
        (([], 200), 503),
        (({"issuer": "https://evil.example"}, 200), 503),
        (
            (
                {
                    "issuer": "https://evil.example",
                    "authorization_endpoint": "https://evil.example/a",
                    "token_endpoint": "https://evil.example/t",
                    "jwks_uri": "https://evil.example/j",
                },
                200,
            ),
            400,
        ),
    ],
)
def test_a_discovery_that_cannot_be_read_gets_a_sentence_and_is_asked_for_again(
    e_id: Flask, broker: Broker, answer: tuple[object, int], status: int
):
    broker.instead["/.well-known/openid-configuration"] = answer
    got = e_id.test_client().get("/sign-in/e-id")
    assert got.status_code == status
    assert "Du är inte inloggad" in said(got)
    broker.instead.clear()
    assert e_id.test_client().get("/sign-in/e-id").status_code == 302


def test_a_broker_that_does_not_answer_gets_a_sentence(
    database_url: str, people: dict[Role, int], tmp_path: Path
):
    app = create_app(settings_for(database_url, tmp_path, OIDC_ISSUER="http://127.0.0.1:9"))
    got = app.test_client().get("/sign-in/e-id")
    assert got.status_code == 503
    assert "Vi når inte tjänsten" in said(got)
    app.extensions["database"].dispose()


def test_without_a_broker_the_button_explains_itself(app: Flask):
    got = app.test_client().get("/sign-in/e-id")
    assert got.status_code == 409
    assert "avstängd i demon" in said(got)
    assert app.test_client().get("/sign-in/callback?state=x&code=y").status_code == 400
