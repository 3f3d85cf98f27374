"""The list of dated cases, the provider's answer beside the judging, and a second look at what is judged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from config import Settings
from core.actor import Actor
from core.database import Database
from core.identity import Protection
from tests.oversight.test_pages import cells_of, text_of
from tests.provider.stage import Stage, app_on, stop_the_clock
from vouchers import actions
from vouchers.actions.following import answer_follow_up, draw_reviews
from vouchers.models import Check, QualityReview, Voucher
from vouchers.rules import following

END = date(2026, 8, 31)
OPENS, LAST = date(2027, 2, 28), date(2027, 4, 11)
LIST = "/casework/follow-ups"


@pytest.fixture
def stage(database: Database) -> Stage:
    """A town whose days are known."""
    return Stage(database)


@pytest.fixture
def app(settings: Settings, stage: Stage) -> Iterator[Flask]:
    """The app on it."""
    made = app_on(settings)
    yield made
    made.extensions["database"].dispose()


def bonus(stage: Stage, name: str = "Amal Provlund", **about: Any) -> int:
    """Somebody whose work was seen when it began, and the case six months later."""
    leg_id = stage.started(name, day=date(2026, 3, 2), **about)
    outcome_id = stage.worked(leg_id, END)
    with stage.database.reading() as session:
        rows = select(Check.id).where(Check.outcome_id == outcome_id, Check.purpose == "bonus")
        return session.scalars(rows).one()


def answered(stage: Stage, check_id: int, day: date) -> None:
    with stage.database.transaction(1) as session:
        answer_follow_up(session, check_id, "still", by=stage.town.coach, today=day)


def test_every_dated_case_stands_in_its_list(app: Flask, stage: Stage, monkeypatch):
    first, _second = bonus(stage), bonus(stage, "Birgitta Testgren")
    guide = stage.client(app, "vagledare")
    stop_the_clock(monkeypatch, date(2026, 9, 1))
    page = guide.get(f"{LIST}?which=coming").text
    assert [row[:4] for row in cells_of(page, "Kommer")] == [
        ["Amal Provlund", "Bonus efter sex månader", "Öppnar senare", "28 februari 2027"],
        ["Birgitta Testgren", "Bonus efter sex månader", "Öppnar senare", "28 februari 2027"],
    ]
    assert "Inget är öppet" in guide.get(LIST).text
    assert {row[2] for row in cells_of(guide.get(f"{LIST}?which=judged").text, "Prövade")} == {"Godkänd"}
    stop_the_clock(monkeypatch, date(2027, 4, 12))
    answered(stage, first, OPENS)
    assert [row[2] for row in cells_of(guide.get(LIST).text, "Öppna nu")] == [
        "Har svarat Kvar, 28 februari 2027",
        "Inget svar i tid",
    ]
    inspector = stage.client(app, "granskare")
    assert len(cells_of(inspector.get(LIST).text, "Öppna nu")) == 2
    assert 'aria-current="true">Mina' not in inspector.get(LIST).text


@pytest.mark.parametrize(
    "query", ["?which=odd", "?page=0", "?page=999", "?whose=x&which=judged", "?page=%00"]
)
def test_an_odd_address_is_still_a_list(app: Flask, stage: Stage, query: str):
    assert stage.client(app, "vagledare").get(LIST + query).status_code == 200


def test_a_protected_person_stands_there_without_a_name(app: Flask, stage: Stage, monkeypatch):
    check_id = bonus(stage, "Farid Exempelhed", protection=Protection.CONFIDENTIAL)
    stop_the_clock(monkeypatch, OPENS)
    assert "Farid Exempelhed" in stage.client(app, "vagledare").get(LIST).text
    other = stage.client(app, "granskare").get(LIST).text
    assert "Farid" not in other
    assert "Stigfinnarna" not in other
    assert f"/casework/checks/{check_id}" not in other
    assert "Skyddad person" in other


def test_the_answer_stands_beside_the_judging(app: Flask, stage: Stage, monkeypatch):
    check_id = bonus(stage)
    guide, address = stage.client(app, "vagledare"), f"/casework/checks/{check_id}"
    stop_the_clock(monkeypatch, date(2027, 3, 1))
    assert "Anordnaren svarar senast söndag 11 april" in text_of(guide.get(address).text)
    no = {"answer": "fail", "code": "no_evidence"}
    refused = guide.post(address, data=no)
    assert refused.status_code == 422
    assert "Anordnaren har till söndag 11 april på sig att svara." in text_of(refused.text)
    stop_the_clock(monkeypatch, date(2027, 4, 20))
    assert "Sista dagen att svara var söndag 11 april" in text_of(guide.get(address).text)
    answered(stage, check_id, date(2027, 4, 20))
    assert "Du avgör om det räknas." in text_of(guide.get(address).text)
    assert guide.post(address, data={"answer": "pass", "source": "payslip"}).status_code == 302
    with stage.database.reading() as session:
        assert session.get_one(Check, (1, check_id)).state == "passed"


# ── a second look ─────────────────────────────────────────────────────────────────────────────────


def drawn(stage: Stage, monkeypatch: pytest.MonkeyPatch, day: date = date(2026, 9, 1)) -> list[int]:
    """Everything that was judged lately is drawn; gives the reviews."""
    monkeypatch.setattr(following, "is_drawn", lambda _seed, _check_id, _percent: True)
    with stage.database.transaction(1) as session:
        draw_reviews(session, by=Actor.clock(1), today=day)
        return list(session.scalars(select(QualityReview.id).order_by(QualityReview.id)))


def test_a_second_person_looks_at_what_was_drawn(app: Flask, stage: Stage, monkeypatch):
    bonus(stage)
    (review_id,) = drawn(stage, monkeypatch)
    stop_the_clock(monkeypatch, date(2026, 9, 2))
    guide, inspector = stage.client(app, "vagledare"), stage.client(app, "granskare")
    address = f"/casework/reviews/{review_id}"
    assert "Du prövade, någon annan granskar" in text_of(guide.get("/casework/reviews").text)
    assert "En annan person granskar det." in text_of(guide.get(address).text)
    assert guide.post(address, data={"verdict": "agrees"}).status_code == 422
    page = text_of(inspector.get(address).text)
    assert "Underlag: anställningsbevis." in page
    for data, words in (
        ({}, "Svara om du kommer till samma sak."),
        ({"verdict": "differs"}, "Skriv vad du ser som den andra inte såg."),
        ({"verdict": "agrees", "note": "a" * 2_001}, "Skriv högst 2000 tecken."),
    ):
        answer = inspector.post(address, data=data)
        assert answer.status_code == 422
        assert words in text_of(answer.text)
    sent = {"verdict": "differs", "note": "Anställningen är kortare."}
    assert inspector.post(address, data=sent).location == "/casework/reviews"
    assert "Inget väntar" in text_of(inspector.get("/casework/reviews").text)
    done = text_of(inspector.get("/casework/reviews?show=done").text)
    assert "Av 1 granskad prövning kom den andra personen till något annat i 1." in done
    assert "Kom till något annat" in done
    assert "Anställningen är kortare." in text_of(inspector.get(address).text)
    assert inspector.post(address, data=sent).status_code == 422
    assert "Kom till något annat." in text_of(guide.get(f"/casework/cases/{voucher_of(stage)}").text)


def voucher_of(stage: Stage) -> int:
    with stage.database.reading() as session:
        return session.scalars(select(Check.voucher_id)).first() or 0


def test_what_became_protected_is_not_looked_at_by_others(app: Flask, stage: Stage, monkeypatch):
    bonus(stage)
    (review_id,) = drawn(stage, monkeypatch)
    with stage.database.transaction(1) as session:
        check = session.scalars(select(Check)).first()
        assert check
        voucher = session.get_one(Voucher, (1, check.voucher_id))
        actions.set_protection(session, voucher.participant_id, Protection.CONFIDENTIAL, by=stage.town.guide)
    inspector = stage.client(app, "granskare")
    assert "Amal" not in inspector.get("/casework/reviews").text
    address = f"/casework/reviews/{review_id}"
    assert inspector.get(address).status_code == 403
    assert inspector.post(address, data={"verdict": "agrees"}).status_code == 403
    with stage.database.reading() as session:
        assert session.scalar(select(func.count(QualityReview.verdict))) == 0


def test_a_review_that_is_not_there(app: Flask, stage: Stage):
    assert stage.client(app, "granskare").get("/casework/reviews/77").status_code == 404
    assert "Inget väntar" in stage.client(app, "granskare").get("/casework/reviews").text
    assert "Inget är granskat än" in stage.client(app, "granskare").get("/casework/reviews?show=done").text
