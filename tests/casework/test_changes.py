"""A voucher takes a turn at the guide's desk: what it means is shown before it is done."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app import words
from core import dates
from core.database import Database
from core.dates import add_months, add_working_days, first_of_month
from tests.casework.conftest import Secret
from tests.support.town import Town, noon
from tests.vouchers.test_changing import assessed
from vouchers import actions
from vouchers.models import Extension, Leg, Pause, Voucher, VoucherDecision


@pytest.fixture
def leg_id(database: Database, town: Town) -> int:
    """The seeker has been at the first provider since the decision; the first whole month is approved."""
    with database.transaction(town.municipality_id) as session:
        leg_id = town.started(session)
        town.reported(session, leg_id, first_of_month(town.decided_on))
        return leg_id


def voucher_of(database: Database, town: Town) -> Voucher:
    with database.reading() as session:
        return session.get_one(Voucher, (1, town.voucher_id))


def path(town: Town, what: str) -> str:
    return f"/casework/cases/{town.voucher_id}/{what}"


def text_of(answer: object) -> str:
    """What a reader sees, spaces as one."""
    found = re.sub(r"<[^>]+>", " ", answer.text)  # type: ignore[attr-defined]  # an answer of the test client
    return " ".join(found.replace("\xa0", " ").split())


def hidden(answer: object, name: str) -> str:
    found = re.findall(rf'name="{name}"[^>]*value="([^"]*)"', answer.text)  # type: ignore[attr-defined]  # as above
    return str(found[0])


# ── another provider ─────────────────────────────────────────────────────────────────────────────


def test_a_guide_switches_with_the_person_and_sees_days_and_money_first(
    guide: FlaskClient, database: Database, town: Town, leg_id: int
):
    page = guide.get(path(town, "switch"))
    assert "Byt till Lyktvägen" in page.text
    assert "Byt till Stigfinnarna" not in page.text
    check = guide.get(path(town, f"switch?provider={town.other_provider_id}"))
    last = add_working_days(dates.today(), 5)
    with guide.application.test_request_context("/"):
        assert words.day(last) in text_of(check)
    assert "Intjänat till i dag" in text_of(check)
    assert "Mer att tjäna, sedan" in text_of(check)
    refused = guide.post(
        path(town, f"switch?provider={town.other_provider_id}"), data={"shown": hidden(check, "shown")}
    )
    assert refused.status_code == 422
    assert "Bekräfta att personen själv har valt." in refused.text
    done = guide.post(
        path(town, f"switch?provider={town.other_provider_id}"),
        data={"shown": hidden(check, "shown"), "agreed": "y"},
    )
    assert done.status_code == 302
    assert "/seeker/receipts/" in done.location
    receipt = guide.get(done.location)
    assert "Lyktvägen" in receipt.text
    with database.reading() as session:
        old, new = session.scalars(select(Leg).order_by(Leg.ordinal)).all()
    assert (old.ended_on, old.end_reason, new.provider_id, new.how) == (
        last,
        "switched",
        town.other_provider_id,
        "assisted",
    )
    again = guide.post(
        path(town, f"switch?provider={town.other_provider_id}"),
        data={"shown": hidden(check, "shown"), "agreed": "y"},
    )
    assert again.status_code in (200, 422)
    case = text_of(guide.get(path(town, "")[:-1]))
    assert "Personen byter anordnare." in case
    assert "Lyktvägen valdes i stället, med hjälp av vägledaren." in case


def test_a_switch_that_no_rule_allows_says_why(guide: FlaskClient, database: Database, town: Town):
    answer = guide.get(path(town, "switch"))
    assert answer.status_code == 200
    assert "Det finns ingen anordnare att byta från just nu." in answer.text


def test_a_page_that_has_lain_open_too_long_binds_nothing(
    guide: FlaskClient, database: Database, town: Town, leg_id
):
    answer = guide.post(
        path(town, f"switch?provider={town.other_provider_id}"), data={"shown": "x", "agreed": "y"}
    )
    assert answer.status_code == 422
    assert "Sidan har legat öppen för länge." in answer.text


# ── a pause ──────────────────────────────────────────────────────────────────────────────────────


def test_a_pause_in_two_steps_and_its_end(guide: FlaskClient, database: Database, town: Town, leg_id: int):
    today = dates.today()
    told = {"reason": "sick", "from_on": today.isoformat(), "expected_on": add_months(today, 1).isoformat()}
    check = guide.post(path(town, "pause"), data={**told, "step": "check"})
    assert check.status_code == 200
    assert "Kontrollera pausen" in check.text
    assert "Insatsens sista dag" in check.text
    assert "Mer att tjäna, sedan" in check.text
    change = guide.post(path(town, "pause"), data={**told, "step": "change"})
    assert f'value="{told["expected_on"]}"' in change.text
    assert guide.post(path(town, "pause"), data={**told, "step": "do"}).status_code == 302
    assert voucher_of(database, town).state == "paused"
    assert "Insatsen har redan en paus." in guide.get(path(town, "pause")).text
    assert guide.get(path(town, "resume")).status_code == 200
    on = {"resumed_on": today.isoformat()}
    assert "Insatsens sista dag" in guide.post(path(town, "resume"), data={**on, "step": "check"}).text
    assert guide.post(path(town, "resume"), data={**on, "step": "do"}).status_code == 302
    assert voucher_of(database, town).state == "active"
    with database.reading() as session:
        assert session.scalars(select(Pause)).one().resumed_on == today


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"reason": "holiday"}, "Välj varför insatsen pausar."),
        ({"from_on": "2020-01-01"}, "Pausen kan börja tidigast"),
        ({"from_on": "soon"}, "Skriv en dag, till exempel"),
        ({"expected_on": ""}, "Skriv dagen då personen tros börja igen."),
        ({"expected_on": "2099-01-01"}, "En paus är högst 180 dagar."),
    ],
)
def test_a_wrong_pause_says_what_is_wrong_and_keeps_what_was_typed(
    guide, database, town, leg_id, changes, sentence
):
    today = dates.today()
    told = {"reason": "sick", "from_on": today.isoformat(), "expected_on": add_months(today, 1).isoformat()}
    for step in ("check", "do"):
        answer = guide.post(path(town, "pause"), data={**told, **changes, "step": step})
        assert answer.status_code == 422
        assert sentence in text_of(answer)
        for name, value in {**told, **changes}.items():
            assert name == "reason" or f'value="{value}"' in answer.text
    assert voucher_of(database, town).state == "active"


# ── more months ──────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def late(database: Database, town: Town) -> date:
    """The service has thirty days left. Gives the last day."""
    start = add_months(dates.today() + timedelta(days=30), -3)
    with database.transaction(town.municipality_id) as session:
        voucher = session.get_one(Voucher, (1, town.voucher_id))
        voucher.months, voucher.decided_on = 3, start
        leg_id = town.chosen(session, town.decided_on)
        actions.accept(session, leg_id, by=town.coach, today=town.decided_on)
        leg = session.get_one(Leg, (1, leg_id))
        leg.started_on, voucher.state = start, "active"
    return start


def test_an_extension_asks_for_a_new_assessment_and_what_is_new(
    guide: FlaskClient, database: Database, town: Town, late: date
):
    empty = guide.get(path(town, "extend"))
    assert "Gör en ny bedömning först" in empty.text
    with database.transaction(town.municipality_id) as session:
        key = assessed(session, town, dates.today())
    told = {
        "assessment": str(key),
        "months": "2",
        "new_content": "Praktik i köket.",
        "reasons": "Behöver mer tid.",
    }
    for name, sentence in (
        ("new_content", "Skriv vad som är nytt den här gången."),
        ("reasons", "Skriv skälen för beslutet."),
        ("months", "Skriv hur många månader."),
        ("assessment", "Välj en bedömning."),
    ):
        answer = guide.post(path(town, "extend"), data={**told, name: "", "step": "do"})
        assert answer.status_code == 422
        assert sentence in answer.text
    check = guide.post(path(town, "extend"), data={**told, "step": "check"})
    assert "3 månader + 2 = 5 månader" in text_of(check)
    assert "Praktik i köket." in check.text
    assert guide.post(path(town, "extend"), data={**told, "step": "do"}).status_code == 302
    assert voucher_of(database, town).months == 5
    with database.reading() as session:
        assert session.scalars(select(Extension)).one().new_content == "Praktik i köket."
    case = text_of(guide.get(path(town, "")[:-1]))
    assert "Nytt den här gången" in case
    assert "Praktik i köket." in case


def test_too_early_to_extend_says_from_when(guide: FlaskClient, town: Town, leg_id: int):
    answer = guide.get(path(town, "extend"))
    assert "Det går att besluta om förlängning från" in text_of(answer)


# ── the end ──────────────────────────────────────────────────────────────────────────────────────


def test_a_guide_ends_a_service_after_seeing_what_falls_away(guide: FlaskClient, database, town, leg_id):
    told = {"ended_on": dates.today().isoformat(), "reason": "moved"}
    check = guide.post(path(town, "end"), data={**told, "step": "check"})
    assert "Kontrollera avslutet" in check.text
    assert "Mer att tjäna, sedan" in check.text
    early = {**told, "ended_on": "2020-01-01", "step": "check"}
    assert "Sista dagen ska vara från" in text_of(guide.post(path(town, "end"), data=early))
    assert guide.post(path(town, "end"), data={**told, "step": "do"}).status_code == 302
    assert voucher_of(database, town).state == "ended"
    assert "finns inget att avsluta" in guide.get(path(town, "end")).text


def test_a_decision_is_taken_back_with_reasons(guide: FlaskClient, database: Database, town: Town):
    assert guide.post(path(town, "revoke"), data={"reasons": " "}).status_code == 422
    assert guide.post(path(town, "revoke"), data={"reasons": "Flyttade."}).status_code == 302
    assert voucher_of(database, town).state == "revoked"
    case = text_of(guide.get(path(town, "")[:-1]))
    assert "Beslutet återkallades." in case
    assert "Flyttade." in case
    assert "kan återkallas. Avsluta i stället." in guide.get(path(town, "revoke")).text


def test_a_decision_lapses_when_the_window_has_passed(guide: FlaskClient, database: Database, town: Town):
    assert guide.post(path(town, "lapse"), data={"reasons": "Svarar inte."}).status_code == 302
    with database.reading() as session:
        assert session.scalars(select(VoucherDecision.kind)).all() == ["lapsed"]
    assert guide.get(path(town, "lapse")).status_code == 200


def test_a_case_closes_when_nothing_is_left_and_so_do_all_that_are_ready(guide: FlaskClient, database, town):
    with database.transaction(1) as session:
        leg_id = town.chosen(session)
        actions.accept(session, leg_id, by=town.coach, today=town.decided_on)
        actions.start(session, leg_id, town.decided_on, by=town.coach, today=town.decided_on)
        on = town.decided_on
        actions.end_voucher(session, town.voucher_id, on, "moved", by=town.guide, today=on)
    assert "Efter" in guide.get(path(town, "close")).text
    assert guide.post(path(town, "close")).status_code == 422
    assert "Inte klara än" in guide.get("/casework/closing").text
    with database.transaction(1) as session:
        town.reported(session, leg_id, first_of_month(on))
    assert "Stäng 1 ärende" in guide.get("/casework/closing").text
    assert guide.post("/casework/closing").status_code == 302
    assert voucher_of(database, town).state == "closed"


# ── whose ────────────────────────────────────────────────────────────────────────────────────────

TURNS = ("switch", "pause", "resume", "extend", "end", "revoke", "lapse", "close")


@pytest.mark.parametrize("what", TURNS)
def test_a_protected_persons_turns_are_the_own_guides(
    guide: FlaskClient, sign_in: Callable[[str], FlaskClient], secret: Secret, what: str
):
    for method in ("GET", "POST"):
        answer = guide.open(f"/casework/cases/{secret.voucher_id}/{what}", method=method)
        assert answer.status_code == 403
        assert "Skisshed" not in answer.text
    own = sign_in("vagledare2").get(f"/casework/cases/{secret.voucher_id}/{what}")
    assert own.status_code == 200


@pytest.mark.parametrize("what", TURNS)
def test_a_case_that_is_not_there(guide: FlaskClient, what: str):
    assert guide.get(f"/casework/cases/4000000000/{what}").status_code == 404


def test_the_closing_list_holds_the_guides_own_alone(guide: FlaskClient, database, town, secret: Secret):
    with database.transaction(1) as session:
        shown: dict[str, object] = {}
        leg = actions.choose(
            session, secret.voucher_id, town.provider_id, shown, by=secret.guide, at=noon(dates.today())
        )
        actions.accept(session, leg.id, by=town.manager, today=dates.today())
        actions.start(session, leg.id, dates.today(), by=town.manager, today=dates.today())
        actions.end_voucher(
            session, secret.voucher_id, dates.today(), "moved", by=secret.guide, today=dates.today()
        )
    assert "Skisshed" not in guide.get("/casework/closing").text
