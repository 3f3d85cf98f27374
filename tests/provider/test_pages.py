"""The provider's pages through a client: what they do, what they refuse, and whose they are."""

from __future__ import annotations

import re
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from core.audit import AuditEntry
from core.identity import Protection
from tests.provider.stage import APRIL, MARCH, MAY, TODAY, Stage, full_week
from vouchers.models import Leg, Outcome, Report, Voucher

FILLED = {
    "activities": ["guidance", "job_search"],
    "booked_minutes": "24:00",
    "activity_minutes": "21:30",
    "physical_minutes": "12:00",
    "against_plan": "as_planned",
    "meetings": "4",
    "physical_meetings": "2",
    "progress": "Har varit på två intervjuer.",
    "next_step": "Ringa två arbetsgivare.",
    "next_step_on": "2026-06-12",
}


@pytest.fixture
def coach(app: Flask, stage: Stage) -> FlaskClient:
    """A coach at the first provider."""
    return stage.client(app, "handledare")


def events(stage: Stage, what: str) -> int:
    with stage.database.reading() as session:
        return session.scalar(select(func.count()).where(AuditEntry.what == what)) or 0


def row(stage: Stage, table: type, row_id: int):
    with stage.database.reading() as session:
        return session.get_one(table, (1, row_id))


def text(answer) -> str:
    return answer.get_data(as_text=True).replace("\N{NO-BREAK SPACE}", " ")


def test_the_week_says_what_each_thing_is_worth(coach, stage):
    full_week(stage)
    page = text(coach.get("/provider/"))
    assert "Rapportera maj 2026: Amal Provlund" in page
    assert "ger 3 686 kr" in page
    assert "4 rapporter ger 14 608,06 kr när de är godkända." in page
    assert "senast fredag 5 juni (2 arbetsdagar kvar)" in page
    assert "ger 3 000 kr för varje hel månad" in page
    assert "resultat 10 000 kr, bonus 8 000 kr" in page
    assert "Exempelbelopp" in page
    assert "Gunnar Provmark" not in page


def test_an_empty_week_says_what_will_come(coach):
    page = text(coach.get("/provider/"))
    assert "Inget att göra just nu" in page
    assert "Här kommer de som har valt er." in page


def test_a_choice_is_accepted_once(coach, stage):
    leg_id = stage.chosen("Dalia Skissvik")
    assert "Ta emot" in text(coach.get(f"/provider/participants/{leg_id}"))
    answers = [coach.post(f"/provider/participants/{leg_id}/accept") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 409]
    assert row(stage, Leg, leg_id).accepted_on == TODAY
    assert events(stage, "leg.accepted") == 1


def test_a_choice_is_declined_once_and_then_gone(coach, stage):
    leg_id = stage.chosen("Dalia Skissvik")
    no = {"reason": "conflict_of_interest"}
    assert coach.post(f"/provider/participants/{leg_id}/decline", data=no).location == "/provider/"
    assert coach.post(f"/provider/participants/{leg_id}/decline").status_code == 404
    assert coach.get(f"/provider/participants/{leg_id}").status_code == 404
    assert events(stage, "leg.declined") == 1


def test_the_start_is_registered_or_told_what_is_wrong(coach, stage):
    leg_id = stage.accepted("Elif Påhittsros")
    url = f"/provider/participants/{leg_id}/start"
    for wrong, sentence in (
        ("2026-06-04", "Startdagen måste ligga mellan valet och i dag."),
        ("i går", "Skriv en dag, till exempel 2026-11-27."),
        ("", "Skriv vilken dag det var."),
    ):
        answer = coach.post(url, data={"started_on": wrong})
        assert answer.status_code == 422
        assert text(answer).count(sentence) in (1, 2)
    assert coach.post(url, data={"started_on": "2026-06-01"}).status_code == 302
    assert row(stage, Leg, leg_id).started_on == date(2026, 6, 1)


def test_a_month_is_reported_and_the_last_one_shown_beside_it(coach, stage):
    leg_id = stage.started("Amal Provlund", day=date(2026, 4, 1))
    stage.reported(leg_id, APRIL)
    url = f"/provider/participants/{leg_id}/report/202605"
    page = text(coach.get(url))
    assert "Nästa steg från rapporten för april 2026" in page
    assert "Ringa två arbetsgivare." in page
    assert "Rapporten ger 3 686 kr när den är godkänd" in page
    assert coach.post(url, data=FILLED).location == f"/provider/participants/{leg_id}"
    with stage.database.reading() as session:
        told = session.scalars(select(Report).where(Report.leg_id == leg_id, Report.month == MAY)).one()
    assert (told.activity_minutes, told.meetings, told.state) == (1_290, 4, "submitted")


def test_reports_follow_one_another_in_one_sitting(coach, stage):
    legs = full_week(stage)
    url = f"/provider/participants/{legs['report']}/report/202605"
    after = coach.post(url, data=FILLED | {"next": "1"}).location
    assert after == f"/provider/participants/{legs['mend']}/report/202605"
    mended = text(coach.get(after))
    assert "Skriv hur många möten som var fysiska." in mended
    assert "Har sökt fem jobb och varit på en intervju." in mended


def test_a_second_report_gets_a_sentence_and_nothing_typed_is_lost(coach, stage):
    leg_id = stage.started("Amal Provlund", day=date(2026, 4, 1))
    stage.reported(leg_id, MAY)
    url = f"/provider/participants/{leg_id}/report/202605"
    page = text(coach.get(url))
    assert "Månaden är redan rapporterad" in page
    assert "<textarea" not in page
    answer = coach.post(url, data=FILLED | {"progress": "Det här får inte försvinna."})
    assert answer.status_code == 422
    assert "Månaden är redan rapporterad." in text(answer)
    assert "Det här får inte försvinna." in text(answer)
    assert 'value="21:30"' in text(answer)


@pytest.mark.parametrize(
    ("month", "sentence"),
    [
        (202607, "Månaden har inte varit än."),
        (202606, "Månaden är inte slut än."),
        (202603, "Personen var inte hos er den månaden."),
    ],
)
def test_a_month_that_cannot_be_reported_gets_a_sentence(coach, stage, month, sentence):
    leg_id = stage.started("Amal Provlund", day=date(2026, 4, 1))
    url = f"/provider/participants/{leg_id}/report/{month}"
    page = coach.get(url)
    assert page.status_code == 200
    assert sentence in text(page)
    answer = coach.post(url, data=FILLED | {"progress": "Det här får inte försvinna."})
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert "Det här får inte försvinna." in text(answer)


def test_each_field_says_how_to_mend_it(coach, stage):
    leg_id = stage.started("Amal Provlund", day=date(2026, 4, 1))
    wrong = {
        "booked_minutes": "21",
        "activity_minutes": "många",
        "physical_minutes": "900:00",
        "meetings": "",
        "physical_meetings": "2",
        "next_step_on": "snart",
    }
    answer = coach.post(f"/provider/participants/{leg_id}/report/202605", data=wrong)
    assert answer.status_code == 422
    page = text(answer)
    for sentence in (
        "Skriv en tid från 0 till 744 timmar.",
        "Fyll i: Vad har ni gjort?",
        "Fyll i: Möten",
        "Fyll i: Hur går det mot planen?",
        "Fyll i: Hur har det gått?",
        "Fyll i: Vad är nästa steg?",
        "Skriv en dag, till exempel 2026-11-27.",
    ):
        assert page.count(sentence) == 2, sentence
    assert page.count("Skriv timmar och minuter, till exempel 21:30. En halvtimme är 0:30.") == 4
    assert 'value="många"' in page
    fewer = coach.post(
        f"/provider/participants/{leg_id}/report/202605", data=FILLED | {"physical_meetings": "9"}
    )
    assert "Fysiska möten kan inte vara fler än alla möten." in text(fewer)


def test_taking_back_says_what_it_does_to_the_money_first(coach, stage):
    leg_id = stage.started("Amal Provlund", day=date(2026, 3, 2))
    report_id = stage.reported(leg_id, MARCH, APRIL)
    stage.paid()
    url = f"/provider/reports/{report_id}/withdraw"
    page = text(coach.get(url))
    assert "3 686 kr återkrävs" in page
    assert row(stage, Report, report_id).state == "approved"
    answers = [coach.post(url) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 409]
    assert events(stage, "report.withdrawn") == 1
    assert "redan tillbakatagen" in text(coach.get(url))
    stage.booked()
    assert "−3 686 kr" in text(coach.get("/provider/money"))


def test_a_result_is_claimed_and_the_service_ends(coach, stage):
    leg_id = stage.started("Amal Provlund", level="enhanced", day=date(2026, 3, 2))
    url = f"/provider/participants/{leg_id}/outcome"
    page = text(coach.get(url))
    assert "15 000 kr" in page
    assert "12 000 kr" in page
    assert "Steget till matchande insats" not in page
    filled = {"kind": "work", "starts_on": "2026-06-01", "last_day": "2026-05-31", "extent_percent": "100"}
    refused = coach.post(url, data=filled)
    assert refused.status_code == 422
    assert "Skriv arbetsgivarens organisationsnummer." in text(refused)
    assert coach.post(url, data=filled | {"employer_number": "12345"}).status_code == 422
    assert coach.post(url, data={**filled, "kind": "studies"}).status_code == 302
    with stage.database.reading() as session:
        claimed = session.scalars(select(Outcome).where(Outcome.leg_id == leg_id)).one()
    assert (claimed.kind, claimed.state) == ("studies", "claimed")
    assert row(stage, Leg, leg_id).ended_on == date(2026, 5, 31)
    again = coach.post(url, data={**filled, "kind": "studies"})
    assert "Ett resultat är redan anmält" in text(again)


def test_a_service_ends_without_a_result(coach, stage):
    leg_id = stage.started("Amal Provlund", day=date(2026, 3, 2))
    url = f"/provider/participants/{leg_id}/end"
    assert "Välj varför insatsen slutar." in text(
        coach.post(url, data={"ended_on": "2026-06-01", "reason": ""})
    )
    late = coach.post(url, data={"ended_on": "2026-06-30", "reason": "moved"})
    assert "Sista dagen måste ligga mellan starten och i dag." in text(late)
    assert coach.post(url, data={"ended_on": "2026-06-01", "reason": "moved"}).status_code == 302
    with stage.database.reading() as session:
        leg = session.get_one(Leg, (1, leg_id))
        assert session.get_one(Voucher, (1, leg.voucher_id)).state == "ended"
    assert "redan avslutad" in text(coach.get(url))
    assert "Amal Provlund" in text(coach.get("/provider/?show=ended"))


def test_money_shows_statements_what_is_coming_and_why(coach, stage):
    legs = full_week(stage)
    page = text(coach.get("/provider/money"))
    assert "17 947,74 kr" in page
    assert "På väg till nästa utbetalning" in page
    assert "6 389,07 kr" in page
    with stage.database.reading() as session:
        leg = session.get_one(Leg, (1, legs["report"]))
    key = stage.keys(leg.id)[0]
    line = text(coach.get(f"/provider/lines/{key.scope_id}/{key.component}/{key.part}/{key.sequence}"))
    line = " ".join(re.sub(r"<[^>]+>", " ", line).split())
    for said in (
        "Varför 3 567,10 kr?",
        "Pris 3 686 kr 30 av månadens 31 dagar 3 567,10 kr Beloppet, utan moms 3 567,10 kr",
        "Godkänd tisdag 31 mars av Maja Exempeldal.",
        "Historiskt belopp",
        "Jobbpeng, version 2016-04-01.",
        "Avsnittet fees.base (per månad).",
    ):
        assert said in line, said


def test_another_providers_things_give_404_and_no_hint(app, coach, stage):
    legs = full_week(stage)
    theirs = legs["other"]
    key = stage.keys(theirs)[0]
    with stage.database.reading() as session:
        report_id = session.scalars(select(Report.id).where(Report.leg_id == theirs)).first()
        batch_ids = stage.keys(theirs) and session.scalars(select(Report.id).limit(1)).all()
    assert batch_ids
    statement_id = _statement_of(stage, stage.town.other_provider_id)
    line = f"{key.component}/{key.part}/{key.sequence}"
    pairs = [
        ("GET", f"/provider/participants/{theirs}", "/provider/participants/4000000000"),
        ("POST", f"/provider/participants/{theirs}/accept", "/provider/participants/4000000000/accept"),
        ("POST", f"/provider/participants/{theirs}/decline", "/provider/participants/4000000000/decline"),
        ("GET", f"/provider/participants/{theirs}/start", "/provider/participants/4000000000/start"),
        ("GET", f"/provider/participants/{theirs}/report/202605", "/provider/participants/4/report/202605"),
        ("POST", f"/provider/participants/{theirs}/report/202605", "/provider/participants/4/report/202605"),
        ("GET", f"/provider/participants/{theirs}/outcome", "/provider/participants/4000000000/outcome"),
        ("POST", f"/provider/participants/{theirs}/end", "/provider/participants/4000000000/end"),
        ("GET", f"/provider/reports/{report_id}/withdraw", "/provider/reports/4000000000/withdraw"),
        ("POST", f"/provider/reports/{report_id}/withdraw", "/provider/reports/4000000000/withdraw"),
        ("GET", f"/provider/money/{statement_id}", "/provider/money/4000000000"),
        ("GET", f"/provider/lines/{key.scope_id}/{line}", f"/provider/lines/4000000000/{line}"),
    ]
    for method, real, made_up in pairs:
        found, nothing = (coach.open(url, method=method, data=FILLED) for url in (real, made_up))
        assert (found.status_code, nothing.status_code) == (404, 404), real
        assert _body(found) == _body(nothing), real
    other = stage.client(app, "handledare2")
    assert other.get(f"/provider/participants/{theirs}").status_code == 200
    assert other.get(f"/provider/money/{statement_id}").status_code == 200


def _statement_of(stage: Stage, provider_id: int) -> int:
    from payouts.models import Statement  # noqa: PLC0415  # only here

    with stage.database.reading() as session:
        return session.scalars(select(Statement.id).where(Statement.provider_id == provider_id)).one()


def _body(answer) -> str:
    """A page's words without what repeats its own address."""
    page = text(answer)
    return page[page.index("<main") : page.index("</main>")]


@pytest.mark.parametrize(
    "address",
    [
        f"/provider/participants/{2**70}",
        "/provider/participants/1/report/202613",
        "/provider/participants/1/report/20",
        f"/provider/money/{2**64}",
        "/provider/lines/1/salary/1/0",
        f"/provider/lines/1/base/{2**40}/0",
    ],
)
def test_an_address_that_cannot_be_is_not_there(coach, address):
    assert coach.get(address).status_code == 404


def test_a_protected_persons_page_hides_the_address_and_notes_who_read(coach, stage):
    leg_id = stage.started("Farid Exempelhed", protection=Protection.CONFIDENTIAL, day=date(2026, 4, 9))
    page = text(coach.get(f"/provider/participants/{leg_id}"))
    assert "Skyddad identitet" in page
    for hidden in ("Hemligvägen", "10003", "070-174 06 07"):
        assert hidden not in page
    assert events(stage, "participant.read") == 1
    coach.get("/provider/")
    assert events(stage, "participant.read") == 1


def test_a_stopped_batch_is_no_statement(coach, stage):
    leg_id = stage.started("Amal Provlund", day=date(2026, 3, 2))
    stage.reported(leg_id, MARCH)
    stage.booked()
    batch = stage.batched()
    statement_id = stage.statement_id(batch.id, stage.town.provider_id)
    assert coach.get(f"/provider/money/{statement_id}").status_code == 200
    from payouts import actions as money  # noqa: PLC0415  # only here

    with stage.database.transaction(1) as session:
        money.void(session, batch.id, "Fel dag.", by=stage.town.signer)
    assert coach.get(f"/provider/money/{statement_id}").status_code == 404
    assert "3 567,10 kr" in text(coach.get("/provider/money"))
