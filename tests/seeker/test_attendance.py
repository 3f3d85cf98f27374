"""The job seeker sees what is said each month, and says whether it is so."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from core import dates
from core.database import Database
from tests.accounts.people import signed_in
from tests.support.town import Town, noon, report_form
from vouchers import actions
from vouchers.models import AttendanceAnswer, Deviation, Report


@pytest.fixture
def day(monkeypatch: pytest.MonkeyPatch, town: Town) -> date:
    """A working day when the month of the start is over and reported."""
    last = dates.last_of_month(town.decided_on)
    today = dates.add_working_days(last, 2)
    monkeypatch.setattr(dates, "today", lambda: today)
    monkeypatch.setattr(dates, "now", lambda: noon(today))
    return today


@pytest.fixture
def leg_id(database: Database, town: Town, day: date) -> int:
    """The seeker has started."""
    with database.transaction(1) as session:
        return town.started(session)


@pytest.fixture
def report_id(database: Database, town: Town, leg_id: int, day: date) -> int:
    """The first month, handed in."""
    with database.transaction(1) as session:
        form = report_form(dates.first_of_month(town.decided_on), activity_minutes=1_210)
        return actions.submit_report(session, leg_id, form, by=town.coach, today=day).id


@pytest.fixture
def deviation_id(database: Database, town: Town, leg_id: int, day: date) -> int:
    """Away one morning, in the same month."""
    form = actions.DeviationForm(
        dates.last_of_month(town.decided_on), "Jobbsökarträff", 540, 660, 540, 600, "unknown", "Inget samtal."
    )
    with database.transaction(1) as session:
        return actions.tell_deviation(session, leg_id, form, by=town.coach, today=day).id


def answers(database: Database) -> list[tuple[str, str]]:
    with database.reading() as session:
        rows = session.scalars(select(AttendanceAnswer).order_by(AttendanceAnswer.id))
        return [(row.said, row.words) for row in rows]


def test_before_anything_is_told_the_page_says_what_will_come(client: FlaskClient):
    page = client.get("/seeker/attendance").text
    assert "Inget är skrivet än" in page
    assert "/seeker/attendance" not in client.get("/seeker/").text


def test_what_is_told_is_on_my_way_and_on_its_own_page(
    client: FlaskClient, report_id: int, deviation_id: int
):
    home = client.get("/seeker/").text
    assert "Se vad som är skrivet om din närvaro" in home
    assert "2 nya" in home
    page = client.get("/seeker/attendance").text
    for href in (f"/seeker/attendance/{report_id}", f"/seeker/deviations/{deviation_id}"):
        assert f'href="{href}"' in page
    month = client.get(f"/seeker/attendance/{report_id}").text
    assert "20 timmar 10 minuter" in month
    assert "Har sökt fem jobb" in month
    assert f"/seeker/deviations/{deviation_id}" in month
    absence = client.get(f"/seeker/deviations/{deviation_id}").text
    assert "Jobbsökarträff" in absence
    assert "09.00–10.00" in absence
    assert "Inget samtal." in absence


def test_a_yes_is_kept_and_the_answer_can_be_changed(client: FlaskClient, database: Database, report_id: int):
    address = f"/seeker/attendance/{report_id}"
    answer = client.post(address, data={"said": "confirmed"})
    assert (answer.status_code, answer.location) == (302, "/seeker/attendance")
    assert "Du har sagt att det stämmer" in client.get(address).text
    assert client.post(address, data={"said": "contested", "words": "Det var fler."}).status_code == 302
    page = client.get(address).text
    assert "Kommunen prövar det" in page
    assert "Det var fler." in page
    assert client.post(address, data={"said": "confirmed"}).status_code == 302
    assert answers(database) == [("confirmed", ""), ("contested", "Det var fler."), ("confirmed", "")]


def test_a_no_without_words_says_what_to_do_and_keeps_the_choice(client: FlaskClient, report_id: int):
    answer = client.post(f"/seeker/attendance/{report_id}", data={"said": "contested", "words": " "})
    assert answer.status_code == 422
    assert "Skriv vad som är fel." in answer.text
    (kept,) = re.findall(r"<input[^>]*checked[^>]*>", answer.text)
    assert 'value="contested"' in kept
    long = client.post(f"/seeker/attendance/{report_id}", data={"said": "contested", "words": "å" * 2_001})
    assert long.status_code == 422
    assert "å" * 2_001 in long.text
    assert client.post(f"/seeker/attendance/{report_id}", data={}).status_code == 422
    assert client.post(f"/seeker/attendance/{report_id}", data={"said": "\x00"}).status_code == 422


def test_the_same_no_from_two_tabs_is_kept_once(client: FlaskClient, database: Database, deviation_id: int):
    address = f"/seeker/deviations/{deviation_id}"
    data = {"said": "contested", "words": "Jag var där."}
    assert client.post(address, data=data).status_code == 302
    again = client.post(address, data=data)
    assert again.status_code == 422
    assert "Du har redan sagt att det inte stämmer" in again.text
    assert answers(database) == [("contested", "Jag var där.")]


def test_after_the_last_day_the_page_says_whom_to_write_to(
    client: FlaskClient, report_id: int, day: date, monkeypatch: pytest.MonkeyPatch
):
    late = day + timedelta(days=31)
    monkeypatch.setattr(dates, "today", lambda: late)
    monkeypatch.setattr(dates, "now", lambda: noon(late))
    address = f"/seeker/attendance/{report_id}"
    page = client.get(address).text
    assert "Sista dagen att svara var" in page
    assert "<form" not in page.split("Ditt svar")[1].split("</main>")[0]
    answer = client.post(address, data={"said": "confirmed"})
    assert answer.status_code == 422
    assert "Sista dagen att svara var" in answer.text


@pytest.mark.parametrize("verdict", ["stands", "wrong"])
def test_the_verdict_is_read_by_the_person(
    client: FlaskClient, database: Database, town: Town, report_id: int, day: date, verdict: str
):
    client.post(f"/seeker/attendance/{report_id}", data={"said": "contested", "words": "Nej."})
    with database.transaction(1) as session:
        (answer_id,) = session.scalars(select(AttendanceAnswer.id))
        actions.judge_contest(session, answer_id, verdict, "Listan visar tio.", by=town.guide, today=day)
    page = client.get(f"/seeker/attendance/{report_id}").text
    assert "Listan visar tio." in page
    assert ("det var fel" in page) is (verdict == "wrong")
    assert ("Tycker du något annat?" in page) is (verdict == "stands")


def test_another_persons_month_and_absence_are_not_there(
    app, town: Town, database: Database, report_id: int, deviation_id: int
):
    other = signed_in(app, town.other_seeker.account_id)
    addresses = [f"/seeker/attendance/{report_id}", f"/seeker/deviations/{deviation_id}"]
    for address in [*addresses, f"/seeker/attendance/{deviation_id}", "/seeker/attendance/1"]:
        assert other.get(address).status_code == 404
        assert other.post(address, data={"said": "confirmed"}).status_code == 404
    assert not answers(database)


def test_what_is_returned_waits_for_the_provider(
    client: FlaskClient, database: Database, town: Town, report_id: int, day: date
):
    with database.transaction(1) as session:
        actions.return_report(session, report_id, "Skriv mer.", by=town.guide, today=day)
    page = client.get(f"/seeker/attendance/{report_id}").text
    assert "Anordnaren ändrar det här" in page
    assert "Skriv mer." not in page
    assert client.post(f"/seeker/attendance/{report_id}", data={"said": "confirmed"}).status_code == 422


def test_what_was_taken_back_unanswered_is_not_shown(
    client: FlaskClient, database: Database, town: Town, report_id: int, deviation_id: int, day: date
):
    with database.transaction(1) as session:
        actions.withdraw_report(session, report_id, by=town.coach, today=day)
        actions.withdraw_deviation(session, deviation_id, by=town.coach, today=day)
        assert session.get_one(Report, (1, report_id)).state == "withdrawn"
        assert session.get_one(Deviation, (1, deviation_id)).state == "withdrawn"
    assert client.get(f"/seeker/attendance/{report_id}").status_code == 404
    assert client.get(f"/seeker/deviations/{deviation_id}").status_code == 404
