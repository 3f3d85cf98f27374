"""Who did not choose, as guides see and decide it; and the guide's side of an answer that none suits."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.jobs import named
from config import Settings
from core import dates
from core.actor import Actor
from core.database import Database
from core.identity import Protection
from tests.casework.conftest import NUMBERS, Secret
from tests.support.town import Town, decided, voucher_form
from tests.vouchers.test_non_choice import spread
from vouchers import actions
from vouchers.actions.people import ParticipantForm
from vouchers.models import Leg, NonChoice, NonChoiceList, Participant, Voucher

PAGE = "/casework/non-choice"


@pytest.fixture
def decided_on() -> date:
    """Long enough ago for the window to have passed."""
    return dates.add_working_days(dates.today() - timedelta(days=21), 0)


@pytest.fixture
def late(database: Database, town: Town) -> int:
    """One more who did not choose, beside the town's seeker; gives the voucher."""
    with database.transaction(1) as session:
        spread(session, town)
        form = ParticipantForm(NUMBERS.number(), "Warda", "Mönstergren")
        who = actions.register_participant(session, form, by=town.guide, today=town.decided_on)
        wanted = voucher_form(town.rulebook_id)
        return decided(session, who.id, wanted, by=town.guide, today=town.decided_on).id


def rows(database: Database) -> list[NonChoice]:
    with database.reading() as session:
        return list(session.scalars(select(NonChoice).order_by(NonChoice.id)))


def as_shown(page: str) -> dict[str, str]:
    """What the form would send untouched."""
    sent = {}
    for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        sent[name] = re.findall(r'<option selected value="([^"]*)"', options)[0]
    return sent


def test_a_guide_makes_the_list_reads_why_and_confirms_it(
    guide: FlaskClient, database: Database, town: Town, late: int
):
    assert "2 personer har inte valt i tid" in guide.get(PAGE).text
    assert guide.post(PAGE, data={"propose": "1"}).location == PAGE
    page = guide.get(PAGE).text
    for word in ("Samira Testgren", "Warda Mönstergren", "Närmast: ungefär 2 km, fågelvägen",
                 "ingen vet var personen bor", "Regelverk jobbpeng", "Slumptalet är"):  # fmt: skip
        assert word in page
    answer = guide.post(PAGE, data=as_shown(page))
    assert answer.status_code == 302
    done = guide.get(answer.location).text
    assert "2 personer har fått en anordnare." in done
    assert done.count("Bekräftad") == 2
    assert "/seeker/receipts/" in done
    with database.reading() as session:
        legs = session.scalars(select(Leg)).all()
        assert {leg.how for leg in legs} == {"non_choice"}
        assert {leg.chosen_by for leg in legs} == {town.guide.account_id}
    assert "Ingen väntar" in guide.get(PAGE).text
    assert "2 av 2 fick en anordnare" in guide.get(PAGE).text
    case = guide.get(f"/casework/cases/{late}").text
    assert "utsågs, eftersom inget val gjordes." in case


def test_leaving_out_needs_reasons_and_nothing_is_lost(
    guide: FlaskClient, database: Database, town: Town, late: int
):
    guide.post(PAGE, data={"propose": "1"})
    sent = as_shown(guide.get(PAGE).text)
    by_voucher = {row.voucher_id: row.id for row in rows(database)}
    mine, theirs = by_voucher[town.voucher_id], by_voucher[late]
    sent[f"to_{theirs}"] = "out"
    sent[f"to_{mine}"], sent[f"why_{mine}"] = str(town.other_provider_id), "Har gått där förut."
    answer = guide.post(PAGE, data=sent)
    assert answer.status_code == 422
    assert "Skriv varför Warda Mönstergren lämnas utanför." in answer.text
    assert "Har gått där förut." in answer.text
    assert {row.answer for row in rows(database)} == {"waits"}
    sent[f"why_{theirs}"] = "Har flyttat."
    done = guide.get(guide.post(PAGE, data=sent).location).text
    assert "En person har fått en anordnare. En lämnades utanför." in done
    assert "Valt för hand" in done
    assert "Har flyttat." in done
    with database.reading() as session:
        assert session.scalars(select(Leg.provider_id)).all() == [town.other_provider_id]


def test_what_changed_while_the_page_was_open_is_said(
    guide: FlaskClient, database: Database, town: Town, late: int
):
    guide.post(PAGE, data={"propose": "1"})
    sent = as_shown(guide.get(PAGE).text)
    with database.transaction(1) as session:
        voucher = session.get_one(Voucher, (1, late))
        voucher.choose_by = dates.today()
    answer = guide.post(PAGE, data=sent)
    done = guide.get(answer.location).text
    assert "En kunde inte få den anordnaren." in done
    assert "Står inte på tur längre" in done
    assert guide.post(PAGE, data=sent).status_code in (200, 422)
    with database.reading() as session:
        assert len(session.scalars(select(Leg)).all()) == 1


def test_a_line_added_meanwhile_is_not_confirmed_unseen(
    guide: FlaskClient, database: Database, town: Town, late: int
):
    with database.transaction(1) as session:
        session.get_one(Voucher, (1, late)).choose_by = dates.today()
    guide.post(PAGE, data={"propose": "1"})
    sent = as_shown(guide.get(PAGE).text)
    with database.transaction(1) as session:
        session.get_one(Voucher, (1, late)).choose_by = dates.today() - timedelta(days=3)
        actions.propose_list(session, by=Actor.clock(1), today=dates.today())
    answer = guide.post(PAGE, data=sent)
    assert answer.status_code == 422
    assert {row.answer for row in rows(database)} == {"waits"}


def test_of_somebody_elses_protected_person_nothing_is_told(
    guide: FlaskClient, database: Database, town: Town, secret: Secret, sign_in
):
    with database.transaction(1) as session:
        spread(session, town)
        session.get_one(Voucher, (1, secret.voucher_id)).choose_by = dates.today() - timedelta(days=3)
        session.get_one(Participant, (1, secret.participant_id)).postal_code = "10022"
    guide.post(PAGE, data={"propose": "1"})
    page = guide.get(PAGE).text
    assert "Skyddad person" in page
    assert "Avgörs av egen vägledare: Nils Provskog" in page
    assert "Hemliga" not in page
    assert str(secret.voucher_id) not in page
    hidden = next(row for row in rows(database) if row.voucher_id == secret.voucher_id)
    assert str(hidden.id) not in page
    assert hidden.rule == "rotation"
    guide.post(PAGE, data=as_shown(page))
    own = sign_in("vagledare2")
    theirs = own.get(PAGE).text
    assert "Hemliga Skisshed" in theirs
    assert "aldrig efter avstånd" in theirs
    assert " km" not in theirs
    closed = guide.get(own.post(PAGE, data=as_shown(theirs)).location).text
    assert "Skyddad person" in closed
    assert "Hemliga" not in closed
    assert str(secret.voucher_id) not in closed


def test_an_empty_day_says_what_comes_here(guide: FlaskClient, database: Database, town: Town):
    with database.transaction(1) as session:
        session.get_one(Voucher, (1, town.voucher_id)).choose_by = dates.today()
    assert "Ingen väntar" in guide.get(PAGE).text
    assert guide.post(PAGE, data={"propose": "1"}).location == PAGE
    assert guide.get(f"{PAGE}?list=4711").status_code == 404
    assert guide.get(f"{PAGE}?list=igår").status_code == 200


def test_the_job_prepares_the_list_and_reminds_and_decides_nothing(
    database: Database, town: Town, late: int, settings: Settings
):
    moment = dates.noon(dates.today())
    with database.transaction(1) as session:
        session.get_one(Voucher, (1, late)).choose_by = dates.today()
        clock = Actor.clock(1)
        assert named("remind_choosers").work(session, settings, clock, moment) == "reminded=1"
        assert named("remind_choosers").work(session, settings, clock, moment) == "reminded=0"
        told = named("propose_non_choices").work(session, settings, clock, moment)
        found = session.scalars(select(NonChoiceList)).one()
        assert told == f"list={found.id}"
        assert (found.state, found.made_by) == ("proposed", 0)
        assert session.scalars(select(Leg)).all() == []


# ── none suits ───────────────────────────────────────────────────────────────────────────────────


def test_an_answer_that_none_suits_stands_first_and_is_followed_up(
    guide: FlaskClient, database: Database, town: Town
):
    page = f"/casework/cases/{town.voucher_id}/none-suits"
    first = guide.post(page, data={"why": ["distance"], "words": "Bussen går sällan."})
    assert first.status_code == 302
    cases = guide.get("/casework/").text
    assert "Ring: ingen anordnare passar" in cases
    assert page in cases
    assert "Bussen går sällan." in guide.get(page).text
    assert guide.post(page, data={"follow_up": " "}).status_code == 422
    done = guide.post(page, data={"follow_up": "Vi åker dit tillsammans.", "reopen": "y"})
    assert done.location == f"/casework/cases/{town.voucher_id}"
    case = guide.get(done.location).text
    assert "Svaret att ingen passar följdes upp." in case
    assert "Vi åker dit tillsammans." in guide.get(page).text
    with database.reading() as session:
        voucher = session.get_one(Voucher, (1, town.voucher_id))
        assert voucher.choose_by == dates.add_working_days(dates.today(), 5)


def test_none_suits_is_for_the_own_guide_of_a_protected_person(guide: FlaskClient, secret: Secret):
    assert guide.get(f"/casework/cases/{secret.voucher_id}/none-suits").status_code == 403


def test_who_is_protected_after_the_list_was_made_is_moved_off_the_distance(
    database: Database, town: Town, late: int
):
    with database.transaction(1) as session:
        actions.propose_list(session, by=town.guide, today=dates.today())
        session.get_one(Participant, (1, town.participant_id)).protection = Protection.CONFIDENTIAL.value
        session.flush()
        actions.propose_list(session, by=Actor.clock(1), today=dates.today())
    mine = next(row for row in rows(database) if row.voucher_id == town.voucher_id)
    assert (mine.rule, "kilometres" in mine.facts) == ("rotation", False)
