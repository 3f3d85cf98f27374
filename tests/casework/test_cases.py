"""The guide's list, the search, and one case."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select

from core import dates
from core.audit import AuditEntry
from core.database import Database
from core.dates import add_months, first_of_month
from tests.casework.conftest import SECRET, Secret
from tests.support.town import Town, decided, report_form, voucher_form
from vouchers import actions
from vouchers.models import Check, Participant, Voucher
from vouchers.queries.cases import Case, by_name, caseload
from vouchers.queries.terms import terms_of
from vouchers.rules.choice import choose_by


def loaded(
    database: Database, town: Town, viewer_id: int | None = None, guide_id: int | None = 0
) -> list[Case]:
    """The list as the town's guide sees it, or `viewer_id`; of their own cases, or `guide_id`'s, or all."""
    own = town.guide.account_id
    with database.reading() as session:
        return caseload(
            session,
            town.municipality_id,
            viewer_id=viewer_id or own,
            guide_id=own if guide_id == 0 else guide_id,
            today=dates.today(),
        )


def test_the_list_says_what_each_case_waits_for(database: Database, town: Town):
    cases = {case.name: case for case in loaded(database, town)}
    assert [wait.kind for wait in cases["Samira Testgren"].waits] == ["window_passed", "next_step_missing"]
    assert cases["Oleh Provlund"].voucher_id is None
    assert [wait.kind for wait in cases["Oleh Provlund"].waits] == ["decision_missing"]
    assert next(iter(cases)) == "Samira Testgren"


def test_reports_and_checks_wait_in_the_list_until_they_are_judged(database: Database, town: Town):
    today, month = dates.today(), first_of_month(add_months(dates.today(), -1))
    with database.transaction(town.municipality_id) as session:
        leg_id = town.started(session)
        town.reported(session, leg_id, add_months(month, -1))
        report = actions.submit_report(session, leg_id, report_form(month), by=town.coach, today=today)
        form = actions.OutcomeForm("studies", today, today, 100)
        actions.claim_outcome(session, leg_id, form, by=town.coach, today=today)
    case = next(case for case in loaded(database, town) if case.voucher_id == town.voucher_id)
    assert {(wait.kind, wait.month) for wait in case.waits} >= {
        ("report_to_judge", month),
        ("check_due", None),
    }
    with database.transaction(town.municipality_id) as session:
        actions.approve_report(session, report.id, by=town.guide, today=today)
        check = session.scalars(select(Check)).one()
        actions.judge_check(
            session, check.id, passed=True, source="study_certificate", by=town.inspector, today=today
        )
    case = next(case for case in loaded(database, town) if case.voucher_id == town.voucher_id)
    assert not {wait.kind for wait in case.waits} & {"report_to_judge", "check_due"}


def test_a_protected_person_has_no_name_for_others(database: Database, town: Town, secret: Secret):
    mine = {case.voucher_id: case for case in loaded(database, town, guide_id=None)}[secret.voucher_id]
    assert (mine.name, mine.phone, mine.provider, mine.is_protected) == (None, None, None, True)
    own = {case.voucher_id: case for case in loaded(database, town, secret.guide.account_id, guide_id=None)}
    assert own[secret.voucher_id].name == SECRET


def test_the_list_takes_as_many_questions_for_two_cases_as_for_one(database: Database, town: Town, secret):
    def questions(guide_id: int | None) -> int:
        asked: list[str] = []

        def listen(_c, _cursor, statement, *_rest):
            asked.append(statement)

        event.listen(database.engine, "before_cursor_execute", listen)
        loaded(database, town, guide_id=guide_id)
        event.remove(database.engine, "before_cursor_execute", listen)
        return len(asked)

    assert questions(None) == questions(secret.guide.account_id)


def test_names_are_found_whatever_their_case_and_protected_ones_by_their_guide(database, town, secret):
    with database.transaction(town.municipality_id) as session:
        session.scalars(
            select(Participant).where(Participant.given_name == "Samira")
        ).one().given_name = "Åsa"
    with database.reading() as session:

        def found(text: str, viewer_id: int) -> list[str]:
            rows = by_name(session, town.municipality_id, text, viewer_id=viewer_id)
            return [f"{row.given_name} {row.family_name}" for row in rows]

        assert found("åsa test", town.guide.account_id) == ["Åsa Testgren"]
        assert found("100%", town.guide.account_id) == []
        assert found("skisshed", town.guide.account_id) == []
        assert found("skisshed", secret.guide.account_id) == [SECRET]


# ── the pages ────────────────────────────────────────────────────────────────────────────────────


def test_the_page_filters_by_what_waits_and_keeps_it_in_the_address(guide: FlaskClient):
    call = guide.get("/casework/?waits=call").text
    assert "Samira Testgren" in call
    assert "Oleh Provlund" not in call
    step = guide.get("/casework/?waits=step").text
    assert step.index("Samira Testgren") < step.index("Oleh Provlund")
    empty = guide.get("/casework/?waits=reports").text
    assert "Inget här just nu" in empty


@pytest.mark.parametrize(
    "query", ["?sort=name&dir=desc", "?sort=nothing", "?page=9999", "?page=x", "?waits=x"]
)
def test_a_strange_address_is_still_a_list(guide: FlaskClient, query: str):
    assert guide.get(f"/casework/{query}").status_code == 200


def test_a_personal_number_leads_to_the_case_and_is_in_no_address(guide: FlaskClient, town: Town):
    answer = guide.post("/casework/", data={"who": town.identity_number})
    assert answer.status_code == 302
    assert answer.location.endswith(f"/casework/cases/{town.voucher_id}")
    assert "Samira" in guide.post("/casework/", data={"who": "samira"}, follow_redirects=True).text


def test_a_wrong_number_gets_a_sentence_and_stays_in_the_field(guide: FlaskClient):
    answer = guide.post("/casework/", data={"who": "19800101-1234"})
    assert answer.status_code == 422
    assert "Personnumret stämmer inte" in answer.text
    assert "19800101-1234" in answer.text


def test_nobody_found_says_what_to_do(guide: FlaskClient):
    assert "Ingen hittades" in guide.post("/casework/", data={"who": "Finnsinte"}).text


def test_the_case_tells_its_story_in_sentences(guide: FlaskClient, database: Database, town: Town):
    month = first_of_month(add_months(dates.today(), -1))
    with database.transaction(town.municipality_id) as session:
        leg_id = town.started(session)
        report_id = town.reported(session, leg_id, month)
        actions.withdraw_report(session, report_id, by=town.coach, today=dates.today())
    page = guide.get(f"/casework/cases/{town.voucher_id}").text
    for sentence in (
        "Personen registrerades.",
        "Beslut: matchande insats, grund, 12 månader.",
        "Stigfinnarna valdes av personen själv.",
        "Stigfinnarna tog emot.",
        "Insatsen startade hos Stigfinnarna.",
        "godkändes.",
        "togs tillbaka.",
        "Maja Exempeldal, karriärvägledare",
        "Britt Exempelby, Stigfinnarna",
        "Den arbetssökande",
    ):
        assert sentence in page, sentence


def test_the_case_puts_what_to_do_first(guide: FlaskClient, database: Database, town: Town):
    month = first_of_month(add_months(dates.today(), -1))
    with database.transaction(town.municipality_id) as session:
        leg_id = town.started(session)
        report_id = town.reported(session, leg_id, month, approved=False)
    page = guide.get(f"/casework/cases/{town.voucher_id}").text
    assert page.index("Att göra nu") < page.index(f"/casework/reports/{report_id}")
    assert page.index(f"/casework/reports/{report_id}") < page.index("Vägen hittills")


def test_each_reading_of_a_protected_person_is_noted(
    sign_in: Callable[[str], FlaskClient], database: Database, town: Town, secret: Secret
):
    own = sign_in("vagledare2")
    page = own.get(f"/casework/cases/{secret.voucher_id}").text
    assert SECRET in page
    assert "Skyddade personuppgifter" in page
    assert "Hemligatan" not in page
    assert own.get(f"/casework/cases/{secret.voucher_id}/choose").status_code == 200
    with database.reading() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.what == "participant.read")).all()
    assert [entry.subject_id for entry in entries] == [secret.participant_id] * 2
    assert {entry.account_id for entry in entries} == {secret.guide.account_id}


@pytest.mark.parametrize("user_name", ["vagledare", "granskare"])
def test_others_are_told_whom_to_ask_and_the_attempt_is_noted(
    sign_in: Callable[[str], FlaskClient], database: Database, secret: Secret, user_name: str
):
    answer = sign_in(user_name).get(f"/casework/cases/{secret.voucher_id}")
    assert answer.status_code == 403
    assert "Nils Provskog" in answer.text
    assert "Hemliga" not in answer.text
    with database.reading() as session:
        assert session.scalars(select(AuditEntry.what).order_by(AuditEntry.sequence.desc())).first() == (
            "participant.read_refused"
        )


def test_the_list_of_all_hides_who_is_protected(guide: FlaskClient, secret: Secret):
    page = guide.get("/casework/?whose=all").text
    assert "Skyddad person" in page
    assert "Hemliga" not in page
    assert f"/casework/cases/{secret.voucher_id}" not in page


def test_a_case_that_is_not_there_is_not_there(guide: FlaskClient):
    assert guide.get("/casework/cases/1").status_code == 404


def test_an_old_open_window_offers_no_choice(guide: FlaskClient, town: Town):
    page = guide.get(f"/casework/cases/{town.voucher_id}").text
    assert "Tiden att välja gick ut" in page
    assert "Välj anordnare tillsammans" not in page


def test_a_guide_gives_new_time_to_choose_when_the_first_has_passed(
    guide: FlaskClient, database: Database, town: Town
):
    page = guide.get(f"/casework/cases/{town.voucher_id}").text
    assert "Ge en ny tid att välja" in page
    answer = guide.post(f"/casework/cases/{town.voucher_id}/reopen", follow_redirects=True)
    assert "Personen kan välja till och med" in answer.text
    assert "Välj anordnare tillsammans" in answer.text
    assert "Ge en ny tid att välja" not in answer.text
    with database.reading() as session:
        voucher = session.get_one(Voucher, (1, town.voucher_id))
        terms = terms_of(session, 1, town.rulebook_id)
    assert (voucher.state, voucher.choose_by) == ("choice_open", choose_by(dates.today(), terms))
    again = guide.post(f"/casework/cases/{town.voucher_id}/reopen")
    assert again.status_code == 409
    assert "Personen kan välja till och med" in again.text


def test_an_open_window_offers_the_choice_first(guide: FlaskClient, database: Database, town: Town):
    with database.transaction(town.municipality_id) as session:
        form = voucher_form(town.rulebook_id, "preparatory", "single", 6)
        today = dates.today() - timedelta(days=0)
        voucher = decided(session, town.other_participant_id, form, by=town.guide, today=today)
    page = guide.get(f"/casework/cases/{voucher.id}").text
    assert f"/casework/cases/{voucher.id}/choose" in page


def test_an_inspector_may_look_but_not_decide(inspector: FlaskClient, town: Town):
    page = inspector.get(f"/casework/cases/{town.voucher_id}")
    assert page.status_code == 200
    assert town.identity_number[:8] not in page.text
    assert inspector.get("/casework/person").status_code == 403
    assert inspector.get(f"/casework/people/{town.participant_id}/decide").status_code == 403
    assert inspector.get(f"/casework/cases/{town.voucher_id}/choose").status_code == 403
