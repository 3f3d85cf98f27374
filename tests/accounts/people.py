"""A municipality with one person of each role, and a short way in for tests about other things."""

from __future__ import annotations

from datetime import date

from flask import Flask
from flask.testing import FlaskClient

from app.accounts.sessions import begin_session
from app.demo.people import SignInRow, identity_number, municipality, organisation_number, staff
from core.actor import Role
from core.database import Database
from providers.actions import ProviderForm, add_member, register_provider
from vouchers.actions.people import ParticipantForm, register_participant

TODAY = date(2026, 11, 20)
NUMBERS = {role: identity_number(date(1980, 1, 1 + place), place) for place, role in enumerate(Role)}
UNKNOWN = identity_number(date(1990, 5, 5), 3)


def settle(database: Database, municipality_id: int = 1) -> dict[Role, int]:
    """Account ids by role. The user name is the role's word, the password the demo's."""
    ids: dict[Role, int] = {}
    with database.transaction(municipality_id) as session:
        operator = municipality(session, municipality_id)
        acting = {}
        for role in Role:
            row = SignInRow(role.value, role, f"Test {role.value}", "")
            account, acting[role] = staff(session, row, NUMBERS[role], by=operator, today=TODAY)
            ids[role] = account.id
        form = ProviderForm(
            name="Provhuset", organisation_number=organisation_number(1), legal_form="private"
        )
        provider = register_provider(session, form, (), by=acting[Role.INSPECTOR])
        for role in (Role.COACH, Role.MANAGER):
            add_member(session, provider, ids[role], by=operator)
        person = ParticipantForm(NUMBERS[Role.SEEKER], "Test", "Person", account_id=ids[Role.SEEKER])
        register_participant(session, person, by=acting[Role.GUIDE], today=TODAY)
    return ids


def signed_in(app: Flask, account_id: int) -> FlaskClient:
    """A client that is signed in."""
    with app.test_request_context("/"):
        token = begin_session(account_id, "e_id").get_id()
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token
    return client
