"""Somebody nobody knows comes with e-ID to apply for an organisation; against a real server."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from core.actor import Account, AccountRole, Role
from core.audit import AuditEntry
from core.database import Database
from tests.accounts.people import NUMBERS, UNKNOWN
from tests.accounts.test_oidc import refusals, said, through
from tests.provider.applicant import LIST, ORGANISATION
from tests.support.oidc import LOA2, Broker

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:authlib")  # from the server, not from us


@pytest.fixture
def database_kind() -> str:
    """One kind is enough here: what a broker answers never reaches the database."""
    return "sqlite"


def accounts(database: Database) -> int:
    with database.reading() as session:
        return session.scalars(select(func.count()).select_from(Account)).one()


def test_a_newcomer_who_comes_to_apply_gets_an_account_and_an_organisation(
    e_id: Flask, broker: Broker, database: Database
):
    client = e_id.test_client()
    e_id.config["WTF_CSRF_ENABLED"] = False
    door = client.get(LIST)
    assert door.location == f"/sign-in?next={LIST}"
    assert "Har du inget konto får du ett." in said(client.get(door.location))
    begun = client.get("/sign-in/e-id", query_string={"next": LIST})
    answer = client.get(broker.visit(begun.location, broker.knows(UNKNOWN)))
    assert (answer.status_code, answer.location) == (302, LIST)
    assert client.get(LIST).location == f"{LIST}/organisation"
    assert "Ditt namn" in said(client.get(f"{LIST}/organisation"))
    entered = client.post(f"{LIST}/organisation", data={**ORGANISATION, "person_name": "Ada Provdal"})
    assert entered.location == LIST
    page = said(client.get(LIST))
    assert "Ada Provdal" in page
    assert "Vägvisarna i Prov" in page
    with database.reading() as session:
        account = session.scalars(select(Account).where(Account.name == "Ada Provdal")).one()
        roles = session.scalars(select(AccountRole.role).where(AccountRole.account_id == account.id)).all()
        trail = session.scalars(
            select(AuditEntry).where(AuditEntry.what == "account.applicant_welcomed")
        ).one()
    assert list(roles) == [Role.MANAGER.value]
    assert (account.user_name, account.password_hash) == (None, None)
    assert (trail.subject_id, trail.account_id) == (account.id, 0)
    assert UNKNOWN not in trail.details
    before = accounts(database)
    assert through(e_id, broker, broker.knows(UNKNOWN)).location == "/provider/"
    assert through(e_id, broker, broker.knows(UNKNOWN), LIST).location == LIST
    assert accounts(database) == before, "the second time the account is found"


@pytest.mark.parametrize(
    "onward",
    ["", "/provider/", f"{LIST}/1", f"{LIST}x", f"/casework/?next={LIST}", f"//example.org{LIST}", "/"],
)
def test_coming_for_anything_else_opens_nothing(e_id: Flask, broker: Broker, database: Database, onward: str):
    before = accounts(database)
    answer = through(e_id, broker, broker.knows(UNKNOWN), onward)
    assert answer.status_code == 403
    assert "Vi hittar inget konto" in said(answer)
    assert "/become-provider" in said(answer)
    assert accounts(database) == before
    assert refusals(database) == ['{"how": "e_id", "reason": "account_unknown"}']


def test_a_level_too_low_opens_nothing(e_id: Flask, broker: Broker, database: Database):
    before = accounts(database)
    answer = through(e_id, broker, broker.knows(UNKNOWN, acr=LOA2), LIST)
    assert answer.status_code == 403
    assert accounts(database) == before


@pytest.mark.parametrize("role", [Role.SEEKER, Role.GUIDE, Role.INSPECTOR, Role.MAKER])
def test_who_is_known_already_gets_no_new_role(e_id: Flask, broker: Broker, database: Database, role: Role):
    before = accounts(database)
    client = e_id.test_client()
    begun = client.get("/sign-in/e-id", query_string={"next": LIST})
    assert client.get(broker.visit(begun.location, broker.knows(NUMBERS[role]))).location == LIST
    assert client.get(LIST).status_code == 403
    assert accounts(database) == before
