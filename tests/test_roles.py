# long because: one row for each route, and nothing else
"""One table of roles and routes: every route is tried as every role and as a stranger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule

from app import create_app
from core.actor import STAFF, Role
from providers.models import Provider
from tests.accounts.people import settle, signed_in
from tests.support import sqlite
from tests.support.house import open_database, settings_for
from tests.support.keys import key_of, with_key

ALL = None
SEEKER = frozenset({Role.SEEKER})
PROVIDER = frozenset({Role.COACH, Role.MANAGER})
GUIDE = frozenset({Role.GUIDE})
FINANCE = frozenset({Role.MAKER, Role.SIGNER})
MAKER = frozenset({Role.MAKER})
SIGNER = frozenset({Role.SIGNER})
MANAGER = frozenset({Role.MANAGER})
INSPECTOR = frozenset({Role.INSPECTOR})
REVIEW = frozenset({Role.INSPECTOR, Role.SECRETARY})
CASES = GUIDE | {Role.INSPECTOR}
TRAIL = frozenset({Role.INSPECTOR, Role.ADMINISTRATOR})
REGISTER = CASES | {Role.SECRETARY, Role.CHAIR, Role.ADMINISTRATOR}
SECRETARY = frozenset({Role.SECRETARY})
CHAIR = frozenset({Role.CHAIR})
BOARD = REVIEW | CHAIR

ROUTES: dict[str, frozenset[Role] | None] = {
    "public.start": ALL,
    "public.compare": ALL,
    "public.side_by_side": ALL,
    "public.shortlist": ALL,
    "public.sheet": ALL,
    "public.map": ALL,
    "public.letter": ALL,
    "public.letter_code": ALL,
    "public.employer": ALL,
    "public.provider": ALL,
    "public.accessibility": ALL,
    "public.become": ALL,
    "public.feedback": ALL,
    "public.register": ALL,
    "public.register_csv": ALL,
    "public.register_json": ALL,
    "public.register_events": ALL,
    "public.about": ALL,
    "public.api": ALL,
    "public.language": ALL,
    "public.health": ALL,
    "accounts.sign_in": ALL,
    "accounts.begin": ALL,
    "accounts.callback": ALL,
    "accounts.sign_out": ALL,
    "seeker.home": SEEKER,
    "seeker.choose": SEEKER,
    "seeker.switch": SEEKER,
    "seeker.switch_to": SEEKER,
    "seeker.receipt": SEEKER | GUIDE,
    "seeker.none_suits": SEEKER,
    "seeker.my_data": SEEKER,
    "seeker.my_data_file": SEEKER,
    "seeker.letter": SEEKER,
    "seeker.open_letter": SEEKER,
    "seeker.plan": SEEKER,
    "seeker.consents": SEEKER,
    "seeker.survey": SEEKER,
    "seeker.survey_answered": SEEKER,
    "seeker.messages": SEEKER,
    "seeker.attendance": SEEKER,
    "seeker.attendance_month": SEEKER,
    "seeker.attendance_deviation": SEEKER,
    "provider.week": PROVIDER,
    "provider.participant": PROVIDER,
    "provider.coach": MANAGER,
    "provider.voice": PROVIDER,
    "provider.occasions": PROVIDER,
    "provider.withdraw_occasion": PROVIDER,
    "provider.caseload": PROVIDER,
    "provider.deviations": PROVIDER,
    "provider.withdraw_deviation": PROVIDER,
    "provider.accept": PROVIDER,
    "provider.decline": PROVIDER,
    "provider.start": PROVIDER,
    "provider.report": PROVIDER,
    "provider.withdraw_report": PROVIDER,
    "provider.written": PROVIDER,
    "provider.withdraw_written": PROVIDER,
    "provider.outcome": PROVIDER,
    "provider.outcome_evidence": PROVIDER,
    "provider.withdraw_outcome": PROVIDER,
    "provider.outcome_evidence_file": PROVIDER,
    "provider.group": MANAGER,
    "provider.remove_affiliate": MANAGER,
    "provider.follow_up": PROVIDER,
    "provider.results": PROVIDER,
    "provider.end": PROVIDER,
    "provider.files": PROVIDER,
    "provider.file": PROVIDER,
    "provider.file_answer": PROVIDER,
    "provider.file_template": PROVIDER,
    "provider.money": PROVIDER,
    "provider.bank": PROVIDER,
    "provider.withdraw_bank": MANAGER,
    "provider.statement": PROVIDER,
    "provider.stopped": PROVIDER,
    "provider.line": PROVIDER,
    "provider.tokens": MANAGER,
    "provider.revoke_key": MANAGER,
    "provider.webhooks": MANAGER,
    "provider.webhook": MANAGER,
    "provider.rotate_webhook": MANAGER,
    "provider.try_webhook": MANAGER,
    "provider.end_webhook": MANAGER,
    "provider.call_again": MANAGER,
    "provider.applications": PROVIDER,
    "provider.apply_start": MANAGER,
    "provider.apply_organisation": MANAGER,
    "provider.application": PROVIDER,
    "provider.application_about": MANAGER,
    "provider.application_contacts": MANAGER,
    "provider.application_contact_remove": MANAGER,
    "provider.application_sites": MANAGER,
    "provider.application_site": MANAGER,
    "provider.application_site_remove": MANAGER,
    "provider.application_capacity": MANAGER,
    "provider.application_condition": MANAGER,
    "provider.application_condition_reuse": MANAGER,
    "provider.application_submit": MANAGER,
    "provider.application_receipt": PROVIDER,
    "provider.application_supplement": MANAGER,
    "provider.evidence": PROVIDER,
    "provider.accreditations": PROVIDER,
    "provider.accreditation": PROVIDER,
    "provider.accreditation_intake": MANAGER,
    "provider.accreditation_places": MANAGER,
    "provider.accreditation_plan": MANAGER,
    "provider.accreditation_withdraw": MANAGER,
    "casework.cases": CASES,
    "casework.case": CASES,
    "casework.person": GUIDE,
    "casework.hand_over": GUIDE,
    "casework.protection": GUIDE,
    "casework.decide": GUIDE,
    "casework.choose_for": GUIDE,
    "casework.assess": GUIDE,
    "casework.assessment": GUIDE,
    "casework.letter": GUIDE,
    "casework.find_letter": GUIDE,
    "casework.plan": GUIDE,
    "casework.plan_part": GUIDE,
    "casework.plan_done": GUIDE,
    "casework.plan_remove": GUIDE,
    "casework.meeting": GUIDE,
    "casework.consents": GUIDE,
    "casework.next_steps": CASES,
    "casework.clock": CASES,
    "casework.reopen_choice": GUIDE,
    "casework.switch": GUIDE,
    "casework.pause": GUIDE,
    "casework.resume": GUIDE,
    "casework.extend": GUIDE,
    "casework.end": GUIDE,
    "casework.revoke": GUIDE,
    "casework.lapse": GUIDE,
    "casework.close": GUIDE,
    "casework.closing": GUIDE,
    "casework.non_choice": GUIDE,
    "casework.none_suits": GUIDE,
    "casework.messages": GUIDE,
    "casework.message": GUIDE,
    "casework.voice": CASES,
    "casework.report": CASES,
    "casework.written": CASES,
    "casework.deviations": CASES,
    "casework.deviation": CASES,
    "casework.contests": CASES,
    "casework.contest": CASES,
    "casework.check": CASES,
    "casework.look": CASES,
    "casework.ask_employer": CASES,
    "casework.override": CASES,
    "casework.overrides": CASES,
    "casework.outcome_evidence_file": CASES,
    "casework.follow_ups": CASES,
    "casework.reviews": CASES,
    "casework.review": CASES,
    "casework.accreditation": BOARD | GUIDE,
    "casework.accreditation_intake": INSPECTOR,
    "casework.accreditation_warn": INSPECTOR,
    "casework.accreditation_lift_warning": INSPECTOR,
    "casework.accreditation_penalty": INSPECTOR,
    "casework.accreditation_propose": INSPECTOR,
    "casework.accreditation_suspend": CHAIR,
    "casework.accreditation_decide": SECRETARY,
    "casework.accreditation_wind_down": INSPECTOR,
    "casework.accreditation_close": INSPECTOR,
    "casework.board": BOARD,
    "casework.board_report": SECRETARY,
    "casework.reaccreditation": SECRETARY,
    "casework.applications": REVIEW | GUIDE,
    "casework.application": REVIEW,
    "casework.application_take_up": INSPECTOR,
    "casework.application_declare": REVIEW,
    "casework.application_judge": INSPECTOR,
    "casework.application_supplement": INSPECTOR,
    "casework.application_propose": INSPECTOR,
    "casework.application_decide": REVIEW,
    "casework.application_reopen": REVIEW,
    "casework.evidence": REVIEW,
    "casework.decision": REVIEW | {Role.CHAIR},
    "casework.watch": INSPECTOR | {Role.SECRETARY, Role.CHAIR},
    "casework.register": REGISTER,
    "casework.trail": TRAIL,
    "finance.overview": FINANCE,
    "finance.bank_details": FINANCE,
    "finance.call_bank_details": FINANCE,
    "finance.approve_bank_details": FINANCE,
    "finance.refuse_bank_details": FINANCE,
    "finance.run": MAKER,
    "finance.make": MAKER,
    "finance.batch": FINANCE,
    "finance.sign": SIGNER,
    "finance.void": FINANCE,
    "finance.look_into": FINANCE,
    "finance.follow_up": MAKER,
    "finance.held": FINANCE,
    "finance.hold_provider": FINANCE,
    "finance.hold_leg": FINANCE,
    "finance.hold_line": FINANCE,
    "finance.release": FINANCE,
    "finance.send": MAKER,
    "finance.answer": MAKER,
    "finance.document": FINANCE,
    "finance.statement": FINANCE,
    "finance.stopped": FINANCE,
    "finance.years": FINANCE,
    "finance.line": FINANCE,
    "oversight.figures": STAFF,
    "api.openapi": ALL,
    "api.me": PROVIDER,
    "api.participants": PROVIDER,
    "api.participant": PROVIDER,
    "api.accept": PROVIDER,
    "api.decline": PROVIDER,
    "api.start": PROVIDER,
    "api.end": PROVIDER,
    "api.reports": PROVIDER,
    "api.report": PROVIDER,
    "api.tell_report": PROVIDER,
    "api.withdraw_report": PROVIDER,
    "api.tell_reports": PROVIDER,
    "api.deviations": PROVIDER,
    "api.deviation": PROVIDER,
    "api.tell_absence": PROVIDER,
    "api.withdraw_absence": PROVIDER,
    "api.tell_absences": PROVIDER,
    "api.occasions": PROVIDER,
    "api.occasion": PROVIDER,
    "api.tell_occasion": PROVIDER,
    "api.take_back_occasion": PROVIDER,
    "api.tell_meetings": PROVIDER,
    "api.written_reports": PROVIDER,
    "api.written_report": PROVIDER,
    "api.tell_joint_plan": PROVIDER,
    "api.tell_informative": PROVIDER,
    "api.tell_final": PROVIDER,
    "api.withdraw_written": PROVIDER,
    "api.outcomes": PROVIDER,
    "api.outcome": PROVIDER,
    "api.claim_outcome": PROVIDER,
    "api.withdraw_outcome": PROVIDER,
    "api.checks": PROVIDER,
    "api.check": PROVIDER,
    "api.answer_check": PROVIDER,
    "api.webhooks": MANAGER,
    "api.webhook_calls": MANAGER,
    "api.repeat_call": MANAGER,
    "calculator.page": PROVIDER | STAFF,
    "calculator.document": PROVIDER | STAFF,
    "oversight.results": STAFF,
    "oversight.results_file": STAFF,
    "oversight.export": STAFF,
}
# What stands in for the parts of an address: ids that nobody has.
PARTS: dict[str, Any] = {"code": "en", "component": "base", "month": 202604, "kind": "csv", "form": "csv"}
NOBODY = 4_000_000_000
METHODS = ("GET", "POST")


@dataclass
class House:
    """The app, and one person of each role, signed in. `keys` open the API, where a sign-in says nothing."""

    app: Flask
    people: dict[Role, int]
    keys: dict[Role, str]
    clients: dict[Role, FlaskClient] = field(default_factory=dict)

    def client(self, role: Role, endpoint: str) -> FlaskClient:
        """Somebody of that role, signed in anew when the one before has signed out."""
        if role not in self.clients or endpoint == "accounts.sign_out":
            self.clients[role] = with_key(signed_in(self.app, self.people[role]), self.keys[role])
        return self.clients[role] if endpoint != "accounts.sign_out" else self.clients.pop(role)


@pytest.fixture(scope="module")
def house(sqlite_files: sqlite.Files, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """On SQLite; what is tried here never reaches a row of anybody's."""
    settings = settings_for(sqlite_files.migrated(), tmp_path_factory.mktemp("instance"))
    database = open_database(settings)
    people = settle(database)
    with database.reading() as session:
        provider_id = session.scalars(select(Provider.id)).one()
    keys = {
        role: key_of(database, one, provider_id, ends_on=date(2099, 12, 31)) for role, one in people.items()
    }
    database.dispose()
    app = create_app(settings)
    app.config["WTF_CSRF_ENABLED"] = False
    yield House(app, people, keys)
    app.extensions["database"].dispose()


def rules_of(app: Flask, endpoint: str) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint == endpoint]


def tries(app: Flask, endpoint: str) -> Iterator[tuple[str, str]]:
    """(method, address) of everything that can be asked of the endpoint."""
    for rule in rules_of(app, endpoint):
        parts = {name: PARTS.get(name, NOBODY) for name in rule.arguments}
        with app.test_request_context("/"):
            address = app.url_for(endpoint, **parts)
        yield from ((method, address) for method in METHODS if method in (rule.methods or ()))


def test_the_table_holds_every_route_and_no_other(house: House):
    app = house.app
    routes = {rule.endpoint for rule in app.url_map.iter_rules()} - {"static"}
    assert routes == set(ROUTES), (
        f"without a line in the table: {sorted(routes - set(ROUTES))}; "
        f"in the table, but no route: {sorted(set(ROUTES) - routes)}"
    )


def test_no_route_answers_to_other_methods(house: House):
    app = house.app
    others = {
        (rule.endpoint, method) for rule in app.url_map.iter_rules() for method in (rule.methods or ())
    } - {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in (*METHODS, "HEAD", "OPTIONS")
    }
    assert not others


@pytest.mark.parametrize("endpoint", ROUTES)
def test_a_stranger_is_shown_the_door(house: House, endpoint: str):
    app = house.app
    for method, address in tries(app, endpoint):
        answer = app.test_client().open(address, method=method)
        to_the_door = answer.status_code == 302 and answer.location.startswith("/sign-in")
        if ROUTES[endpoint] is ALL:
            assert not to_the_door
            assert answer.status_code < 500
            assert answer.status_code not in (401, 403)
        else:
            told = f"{method} {address} answered a stranger with {answer.status_code}"
            assert answer.status_code == 401 if endpoint.startswith("api.") else to_the_door, told


@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
@pytest.mark.parametrize("endpoint", ROUTES)
def test_a_route_opens_to_its_roles_and_to_nobody_else(house: House, endpoint: str, role: Role):
    app = house.app
    allowed = ROUTES[endpoint]
    for method, address in tries(app, endpoint):
        answer = house.client(role, endpoint).open(address, method=method)
        told = f"{method} {address} as {role.value}: {answer.status_code}"
        if allowed is ALL or role in allowed:
            assert answer.status_code < 500, told
            assert answer.status_code not in (401, 403), told
            assert not (answer.location or "").startswith("/sign-in"), told
        else:
            # A key of somebody who works for no provider is no key.
            assert answer.status_code in ((401, 403) if endpoint.startswith("api.") else (403,)), told


def test_a_route_without_a_mark_opens_to_nobody(house: House):
    app = house.app
    for endpoint, view in app.view_functions.items():
        if endpoint != "static":
            assert hasattr(view, "open_to"), f"{endpoint} says not whom it opens to"
            assert view.open_to == ROUTES[endpoint], endpoint
