"""Six months later at the provider: what is asked, what is said, and its own results counted three ways."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from core.dates import add_months
from core.identity import Protection
from tests.oversight.test_pages import cells_of, text_of
from tests.provider.stage import Stage, stop_the_clock
from vouchers import actions
from vouchers.models import Check

END = date(2026, 8, 31)
OPENS, LAST = date(2027, 2, 28), date(2027, 4, 11)


def bonus(stage: Stage, name: str = "Amal Provlund", **about: Any) -> int:
    """Somebody whose work was seen when it began, and the case six months later."""
    leg_id = stage.started(name, day=date(2026, 3, 2), **about)
    outcome_id = stage.worked(leg_id, END)
    with stage.database.reading() as session:
        rows = select(Check.id).where(Check.outcome_id == outcome_id, Check.purpose == "bonus")
        return session.scalars(rows).one()


def test_it_is_asked_when_it_opens_and_answered_once(app: Flask, stage: Stage, monkeypatch):
    check_id = bonus(stage)
    coach, address = stage.client(app, "handledare"), f"/provider/checks/{check_id}"
    stop_the_clock(monkeypatch, date(2026, 9, 1))
    page = text_of(coach.get(address).text)
    assert "Uppföljningen öppnar söndag 28 februari 2027" in page
    assert "Ert svar" not in page
    assert coach.post(address, data={"answer": "still"}).status_code == 422, "not before its day"
    stop_the_clock(monkeypatch, date(2027, 3, 1))
    page = text_of(coach.get(address).text)
    assert "Hade personen arbete, studier eller eget företag den 28 februari 2027?" in page
    assert "8 000 kr" in page.replace("\u00a0", " ")
    assert coach.post(address, data={"answer": "still"}).location == address
    page = text_of(coach.get(address).text)
    assert "Svaret är lämnat måndag 1 mars" in page
    assert "Nu är det kommunens tur." in page
    assert "Har svarat" in text_of(coach.get("/provider/results").text)


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(app: Flask, stage: Stage, monkeypatch):
    check_id = bonus(stage)
    stop_the_clock(monkeypatch, date(2027, 3, 1))
    coach, address = stage.client(app, "handledare"), f"/provider/checks/{check_id}"
    for data, words in (
        ({}, "Svara om personen var kvar."),
        ({"answer": "maybe"}, "Svara om personen var kvar."),
        ({"answer": "ended"}, "Skriv vilken som var sista dagen."),
        ({"answer": "ended", "last_on": "2027-02-28"}, "och före söndag 28 februari"),
        ({"answer": "ended", "last_on": "31 februari"}, "Skriv en dag, till exempel 2026-11-27."),
        ({"answer": "still", "last_on": "2027-01-01"}, "Skriv ingen sista dag när personen var kvar."),
    ):
        answer = coach.post(address, data=data)
        assert answer.status_code == 422
        assert words in text_of(answer.text), data
        if data.get("last_on"):
            assert f'value="{data["last_on"]}"' in answer.text
    assert coach.post(address, data={"answer": "ended", "last_on": "2027-02-27"}).status_code == 302
    assert "Ni har svarat att det slutade lördag 27 februari" in text_of(coach.get(address).text)


def test_a_late_answer_is_taken_and_left_to_a_person(app: Flask, stage: Stage, monkeypatch):
    check_id = bonus(stage)
    coach, address = stage.client(app, "handledare"), f"/provider/checks/{check_id}"
    stop_the_clock(monkeypatch, date(2027, 4, 12))
    assert "Sista dagen har passerat" in text_of(coach.get(address).text)
    assert coach.post(address, data={"answer": "still"}).status_code == 302
    assert "En person prövar om det ändå räknas." in text_of(coach.get(address).text)
    with stage.database.transaction(1) as session:
        actions.judge_check(
            session, check_id, passed=False, refusal_code="too_late", by=stage.town.guide,
            today=date(2027, 4, 13),
        )  # fmt: skip
    page = text_of(coach.get(address).text)
    assert "Skäl: för sent anmält." in page
    assert "Ändra svaret" not in page
    assert "För sent" not in text_of(coach.get("/provider/results").text)
    assert "Inte godkänd" in text_of(coach.get("/provider/results?show=done").text)


def test_no_other_provider_and_no_unnamed_colleague_opens_it(app: Flask, stage: Stage, monkeypatch):
    mine, hidden = bonus(stage), bonus(stage, "Farid Exempelhed", protection=Protection.CONFIDENTIAL)
    stop_the_clock(monkeypatch, date(2027, 3, 1))
    with stage.database.transaction(1) as session:
        first = session.scalars(select(Check).where(Check.purpose == "result")).first()
        assert first
        leg_id = session.get_one(Check, (1, hidden)).leg_id
        actions.name_coach(session, leg_id, stage.town.manager.account_id, by=stage.town.manager)
    for who, check_id in (
        ("handledare2", mine), ("handledare", first.id), ("handledare", hidden), ("handledare", 4_000_000),
    ):  # fmt: skip
        client = stage.client(app, who)
        for answer in (
            client.get(f"/provider/checks/{check_id}"),
            client.post(f"/provider/checks/{check_id}", data={"answer": "still"}),
        ):
            assert answer.status_code == 404, (who, check_id)
    listed = stage.client(app, "handledare").get("/provider/results").text
    assert "Farid" not in listed
    assert "Skyddad person" in listed
    assert "Farid Exempelhed" in stage.client(app, "chef").get("/provider/results").text
    assert "Amal" not in stage.client(app, "handledare2").get("/provider/results").text


def test_the_own_results_are_counted_three_ways(app: Flask, stage: Stage, monkeypatch):
    check_id = bonus(stage)
    for name in ("Dalia Skissvik", "Chen Mönsterby"):
        leg_id = stage.started(name, day=date(2026, 3, 4))
        with stage.database.transaction(1) as session:
            actions.end_service(session, leg_id, END, "time_out", by=stage.town.coach, today=END)
    elsewhere = stage.started("Gunnar Provmark", other=True, day=date(2026, 3, 2))
    with stage.database.transaction(1) as session:
        actions.end_service(session, elsewhere, END, "moved", by=stage.town.other_coach, today=END)
    coach = stage.client(app, "handledare")
    stop_the_clock(monkeypatch, date(2026, 9, 10))
    assert rows(coach) == [
        ["2026", "3", "1 av 3 33 av 100", "0 av 3 0 av 100 1 väntar på prövning", "0 av 0"]
    ]
    stop_the_clock(monkeypatch, date(2027, 3, 1))
    lasting = "1 av 3 33 av 100"
    assert rows(coach) == [["2026", "3", lasting, lasting, "0 av 2 0 av 100 1 väntar på prövning"]]
    with stage.database.transaction(1) as session:
        actions.judge_check(
            session, check_id, passed=True, source="payslip", by=stage.town.guide, today=date(2027, 3, 1)
        )
    assert rows(coach) == [["2026", "3", lasting, lasting, lasting]]
    assert "För få för att säga" in coach.get("/provider/results").text


def rows(client: Any) -> list[list[str]]:
    return cells_of(client.get("/provider/results").text, "Era resultat")


def test_a_provider_with_nobody_is_told_what_comes(app: Flask, stage: Stage):
    page = text_of(stage.client(app, "handledare").get("/provider/results").text)
    assert "Inga uppföljningar än" in page
    assert "Ingen har slutat hos er än" in page
    assert "Inget är prövat än" in text_of(
        stage.client(app, "handledare").get("/provider/results?show=done").text
    )
    assert add_months(END, 6) == OPENS
    assert re.search(
        r'aria-current="page"[^>]*>\s*Resultat', stage.client(app, "chef").get("/provider/results").text
    )


@pytest.mark.parametrize("query", ["?page=0", "?page=99", "?page=x", "?show=%00", "?show=done&page=-1"])
def test_an_odd_address_is_still_a_page(app: Flask, stage: Stage, query: str):
    assert stage.client(app, "handledare").get(f"/provider/results{query}").status_code == 200
