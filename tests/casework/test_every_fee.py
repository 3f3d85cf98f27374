"""A municipality's rulebook with a fee of every kind: it is taken in, and the pages name every fee."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app.casework.worth import at_most
from app.demo.people import assessed
from app.rulebooks import READERS, bring_in
from core import dates
from core.actor import Actor
from core.chapters import Faults, check
from core.database import Database
from core.rulebooks import Rulebook
from payouts.queries.facts import tariff_of
from payouts.queries.worth import Wish, of_check, worth
from payouts.rules.tariff import KINDS
from tests.support import everykind
from tests.support.town import Town, found

FIRST = date(2026, 4, 1)


@pytest.fixture
def town(database: Database) -> Town:
    """Staff, providers, and a seeker."""
    return found(database)


@pytest.fixture
def book(database: Database, town: Town, tmp_path: Path) -> Rulebook:
    """The rules with every kind of fee, in force."""
    path = tmp_path / "rules.toml"
    path.write_text(everykind.text(), "utf-8")
    with database.transaction(town.municipality_id) as session:
        return bring_in(session, path, by=Actor.operator(town.municipality_id), today=dates.today())


def wish(book: Rulebook, month: date | None = None, began: date | None = None) -> Wish:
    return Wish(book.id, *everykind.MATCHING, 9, FIRST, FIRST, None, month, began_on=began)


def test_every_kind_there_is_stands_in_a_rulebook_and_is_taken_in(
    database: Database, town: Town, book: Rulebook
):
    assert {terms.split('"')[1] for terms in everykind.TERMS.values()} == set(KINDS)
    with database.reading() as session:
        tariff = tariff_of(session, town.municipality_id, book.id)
    assert [fee.code for fee in tariff.fees] == list(everykind.TERMS)
    assert (tariff.policy.early_finish, tariff.policy.pause, len(tariff.caps)) == ("paid", "spread", 1)
    assert tariff.index is not None


@pytest.mark.parametrize(
    ("right", "wrong", "fault"),
    [
        (
            "qualifying_days = 14\ntitle",
            "qualifying_day = 14\ntitle",
            "fees.begun.qualifying_day: is not a rule",
        ),
        ('of = "training"', 'of = "begun"', "fees.held_back.of: must be the code of a fee paid in instal"),
        ("times = 3", "times = 0", "fees.kept.each.times: must be a whole number from 1"),
        ('fees = ["result", "fast"]', 'fees = ["fees"]', "fees.caps[1].fees: fees is not a fee"),
        ('pause = "spread"', 'pause = "wait"', "fees.policy.pause: must be one of stops, runs, spread"),
        ("base_points = 1000\n", "", "fees.index.base_points: is missing"),
        ("within_days = 182", "within_days = 91", "fees.fast.steps: must have the shortest first"),
    ],
)
def test_a_fault_in_a_fee_is_told_with_its_place(right: str, wrong: str, fault: str):
    text = everykind.text()
    check(text, READERS)
    assert text.count(right) >= 1
    with pytest.raises(Faults) as faults:
        check(text.replace(right, wrong, 1), READERS)
    assert fault in str(faults.value)


def test_what_a_voucher_is_worth_has_every_fee_once(database: Database, town: Town, book: Rulebook):
    with database.reading() as session:
        found = at_most(session, 1, book.id, *everykind.MATCHING, 9, date(2026, 3, 20))
    assert [(price.fee.code, price.per, price.ore, price.times) for price in found.prices] == [
        ("base", "month", 485_800, 9),
        ("begun", "time", 100_000, 1),
        ("training", "agreed", 0, 0),
        ("held_back", "agreed", 0, 0),
        ("stayed", "time", 100_000, 2),
        ("result", "time", 1_500_000, 1),
        ("fast", "time", 500_000, 1),
        ("bonus", "time", 1_200_000, 1),
        ("kept", "time", 100_000, 3),
    ]
    # 43 722 + 1 000 + 2 000 + 15 000 + 5 000 + 12 000 + 3 000
    assert (found.total_ore, found.is_open) == (8_172_200, True)


def test_days_are_told_in_all(database: Database, town: Town, book: Rulebook):
    with database.reading() as session:
        found = at_most(session, 1, book.id, *everykind.PREPARATORY, 6, date(2026, 3, 20))
    # April to September: 91 and 92 days of 100 kr, at most 9 000 kr a block; 131 weekdays of 50 kr.
    assert [(price.fee.code, price.per, price.ore) for price in found.prices] == [
        ("training", "agreed", 0),
        ("held_back", "agreed", 0),
        ("days", "all", 1_800_000),
        ("weekdays", "all", 655_000),
    ]


def test_a_report_is_worth_its_month_and_not_what_time_alone_gives(
    database: Database, town: Town, book: Rulebook
):
    with database.reading() as session:
        (month,) = worth(session, 1, [wish(book, date(2026, 5, 1))])
    assert [(value.component, value.part, value.ore) for value in month] == [("base", 202605, 485_800)]


def test_a_result_is_worth_its_fee_and_its_premium_by_the_day_it_began(
    database: Database, town: Town, book: Rulebook
):
    with database.reading() as session:
        soon, late = worth(
            session, 1, [wish(book, began=date(2026, 6, 30)), wish(book, began=date(2026, 7, 1))]
        )
    case = of_check(soon, "result", 1)
    assert case is not None
    assert (case.ore, case.status) == (2_000_000, "example")
    assert [(value.title("en"), value.cause, value.part) for value in soon] == [
        ("", "result", 1),
        ("Speed premium", "result", 1),
        ("", "bonus", 1),
        *(("Still in work", "bonus", part) for part in (1, 2, 3)),
    ]
    half = of_check(late, "result", 1)
    assert half is not None
    assert half.ore == 1_750_000
    assert of_check(late, "bonus", 3) is not None
    assert of_check(late, "bonus", 4) is None


def test_the_decision_names_every_fee(guide: FlaskClient, database: Database, town: Town, book: Rulebook):
    with database.transaction(town.municipality_id) as session:
        person = town.other_participant_id
        assessed(session, person, book.id, *everykind.MATCHING, by=town.guide, today=dates.today())
    page = guide.post(
        f"/casework/people/{town.other_participant_id}/decide",
        data={
            "service": f"{book.id}:matching:enhanced", "months": "9", "reasons": "Behöver stöd.",
            "target_group": "young", "studies": "none",
        },
    )  # fmt: skip
    text = page.text.replace("\xa0", " ")
    for said in (
        "Grundersättning: 4 858 kr i månaden, högst 9 månader",
        "Startersättning: 1 000 kr",
        "Utbildning: priset avtalas för varje person",
        "Kvar i insatsen: 1 000 kr, 2 gånger",
        "Snabbhetspremie: 5 000 kr",
        "Kvar i arbete: 1 000 kr, 3 gånger",
        "Tillsammans högst 81 722 kr, utan moms",
        "och det som avtalas",
    ):
        assert said in text, said
