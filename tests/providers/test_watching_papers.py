"""The watch over papers: evidence that ends, renewals that are due, results that are published."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.commands.results import read
from app.demo import people
from core.actor import Actor
from core.dates import noon, now
from core.rulebooks import Rulebook
from providers import actions
from providers.actions import EvidenceForm, StoredFile, import_results
from providers.models import Accreditation, Notice, Provider
from providers.queries import watching
from providers.queries.terms import accreditation_terms
from providers.rules.conditions import valid_until
from tests.providers.lives import (
    DAY,
    FIRST,
    PROPOSE,
    REMIND,
    again,
    facts,
    look,
    meeting,
    notices,
    proposal,
)
from tests.support.published import WEIGHTS, csv_bytes, table
from tests.support.town import Town

# ── evidence that ends ───────────────────────────────────────────────────────────────────────────


def test_evidence_is_asked_for_again_a_month_before_it_ends_and_missed_when_it_has(
    session: Session, quiet: Accreditation
):
    ends_on, asked_on = date(2027, 1, 1), date(2026, 12, 2)
    assert look(session, asked_on - DAY).evidence_asked == []
    assert len(look(session, asked_on).evidence_asked) == 9  # three papers of three accreditations
    assert look(session, asked_on + DAY).evidence_asked == []
    assert look(session, ends_on).evidence_ended == []  # the last day it holds
    assert len(look(session, ends_on + DAY).evidence_ended) == 9
    assert look(session, ends_on + 2 * DAY).evidence_ended == []
    kinds = [kind for kind, _ in notices(session, quiet)]
    assert (kinds.count("evidence_ends"), kinds.count("evidence_ended")) == (3, 3)
    due = set(session.scalars(select(Notice.due_on).where(Notice.kind == "evidence_ends")))
    assert due == {ends_on}


def test_newer_evidence_is_not_asked_for(session: Session, town: Town, quiet: Accreditation):
    paper = StoredFile("a" * 64, "skatt.pdf", "application/pdf", 100)
    given = noon(date(2026, 12, 10))
    form = EvidenceForm(file=paper, valid_to=date(2027, 12, 10))
    actions.add_evidence(session, quiet.id, "f_tax", form, by=town.inspector, at=given)
    found = watching.ending_evidence(session, 1, date(2027, 1, 2))
    mine = {one.condition.code for one in found if one.accreditation_id == quiet.id}
    assert mine == {"no_tax_debt", "insurance"}
    assert all(one.has_ended for one in found)


# ── renewals ─────────────────────────────────────────────────────────────────────────────────────


def called(session: Session, town: Town, day: date, due_on: date) -> Rulebook:
    book = people.rulebook(session, by=Actor.operator(1), today=day, path=people.TOWN_JOBBPENG)
    actions.require_reaccreditation(
        session, book.id, due_on, reasons="Nya villkor.", by=town.secretary, today=day
    )
    return book


def test_a_warned_one_is_called_to_renew_when_the_warning_is_over(
    town: Town, session: Session, quiet: Accreditation
):
    day, due_on = date(2026, 4, 1), date(2026, 6, 30)
    actions.warn(session, quiet.id, reasons="Brister.", due_on=due_on, by=town.inspector, today=day)
    called(session, town, day, due_on)
    assert look(session, day + DAY).called_again == []
    actions.lift_warning(session, quiet.id, reasons="Rättat.", by=town.inspector, today=day + DAY)
    assert look(session, day + 2 * DAY).called_again == [quiet.id]
    assert quiet.state == "reaccreditation_due"
    assert ("reaccreditation", day + 2 * DAY) in notices(session, quiet)
    assert look(session, day + 3 * DAY).called_again == []


def test_one_that_has_not_renewed_in_time_is_proposed_to_expire_once(
    town: Town, session: Session, quiet: Accreditation
):
    due_on = date(2026, 6, 30)
    called(session, town, date(2026, 4, 1), due_on)
    assert look(session, due_on).expiry_proposed == []
    assert quiet.id in look(session, due_on + DAY).expiry_proposed
    assert look(session, due_on + 2 * DAY).expiry_proposed == []
    found = proposal(session, quiet)
    assert (found.kind, found.reason, found.made_by, quiet.state) == (
        "expire",
        "not_renewed",
        0,
        "reaccreditation_due",
    )
    assert facts(found) == {"due_on": "2026-06-30", "renewal": None}


def test_one_that_has_applied_waits_for_the_municipality(town: Town, session: Session, quiet: Accreditation):
    day, due_on = date(2026, 4, 1), date(2026, 6, 30)
    book = called(session, town, day, due_on)
    renewal = renewed(session, town, quiet, book, day)
    assert quiet.id not in look(session, due_on + DAY).expiry_proposed
    [row] = [one for one in watching.renewals(session, 1) if one.accreditation_id == quiet.id]
    assert (row.renewal_id, row.is_sent, row.due_on) == (renewal.id, True, due_on)
    people.reviewed(session, renewal, (town.inspector, town.other_inspector), today=due_on + DAY)
    actions.accredit(
        session, renewal, reasons="Ja.", from_on=due_on + DAY, by=town.secretary, today=due_on + DAY
    )
    assert quiet.id not in look(session, due_on + 2 * DAY).expiry_proposed
    # Applying again does not start the months anew.
    assert renewal.id in look(session, REMIND).reminded
    assert renewal.id in look(session, PROPOSE).proposed
    assert facts(proposal(session, renewal))["counted_from"] == "2026-01-01"


def renewed(session: Session, town: Town, one: Accreditation, book: Rulebook, day: date) -> Accreditation:
    """A renewal, sent in."""
    provider = session.get_one(Provider, (1, one.provider_id))
    draft = actions.start_application(
        session, provider, book, one.service, capacity=10, replaces_id=one.id, by=town.inspector
    )
    paper = StoredFile("b" * 64, "underlag.pdf", "application/pdf", 100)
    for condition in accreditation_terms(session, 1, book.id).conditions(one.service):
        form = EvidenceForm("Så här.", paper, valid_until(day, condition))
        actions.add_evidence(session, draft.id, condition.code, form, by=town.inspector, at=noon(day))
    return actions.submit(session, draft.id, by=town.inspector, at=noon(day))


def test_one_that_the_board_has_let_off_is_not_called_again(
    town: Town, session: Session, quiet: Accreditation
):
    day, due_on = date(2026, 4, 1), date(2026, 6, 30)
    called(session, town, day, due_on)
    look(session, due_on + DAY)
    off = due_on + 5 * DAY
    actions.call_off(
        session, quiet.id, reasons="Små ändringar.", meeting=meeting(off), by=town.secretary, today=off
    )
    done = look(session, off + DAY)
    assert (quiet.id in done.called_again, quiet.state) == (False, "active")


# ── published results ────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def market(town: Town, session: Session, tmp_path: Path) -> dict[str, Accreditation]:
    """Two follow-ups imported, and an accreditation for each of the first four contracts."""
    rows = table()
    for row in rows:  # contract 1 is flagged twice, contract 3 at the second only
        if row["contract_no"] == "10000003":
            last = row["period"].startswith("2025-11")
            flat(row, "" if last else "4")
    (tmp_path / "results.csv").write_bytes(csv_bytes(rows))
    import_results(session, read(tmp_path / "results.csv"), WEIGHTS, by=Actor.operator(1), at=now())
    book = people.rulebook(session, by=Actor.operator(1), today=FIRST, path=ROM)
    provider = session.get_one(Provider, (1, town.provider_id))
    return {
        row["contract_no"]: actions.enter_decided(
            session, provider, book, "matching", capacity=30, area=f"Område {row['contract_no']}",
            from_on=date(2023, 4, 17), reasons="Avtal.", by=town.secretary, today=FIRST,
        )
        for row in rows[:4]
    }  # fmt: skip


ROM = people.JOBBPENG.parents[1] / "rusta_och_matcha" / "2023-04-17.toml"


def flat(row: dict[str, str], rating: str) -> None:
    """No results, and that rating."""
    row.update({name: "0" for name in row if name.startswith("rr")}, results="0", rating=rating)
    row["weighted_result"], row["active_22_months"] = "0.000", "true"


def test_twice_in_a_row_is_proposed_and_once_is_said(session: Session, market: dict[str, Accreditation]):
    twice, once = market["10000001"], market["10000003"]
    done = look(session, FIRST)
    assert set(done.results_flagged) >= {twice.id, once.id}
    assert twice.id in done.results_proposed
    assert once.id not in done.results_proposed
    assert (twice.state, once.state) == ("revocation_proposed", "active")
    found = proposal(session, twice)
    assert (found.kind, found.reason, found.made_by) == ("revoke", "result_review", 0)
    assert facts(found).items() >= {"period": "2025-11", "periods": "2025-11 2025-09"}.items()
    again_done = look(session, FIRST + DAY)
    assert (again_done.results_flagged, again_done.results_proposed) == ([], [])


def test_what_the_board_has_answered_is_not_proposed_again_for_the_same_follow_up(
    town: Town, session: Session, market: dict[str, Accreditation]
):
    look(session, FIRST)
    twice, day = market["10000001"], FIRST + DAY
    actions.keep(session, twice.id, reasons="På väg.", meeting=meeting(day), by=town.secretary, today=day)
    assert look(session, day + DAY).results_proposed == []
    assert again(session, twice).state == "active"


def test_a_customer_does_not_undo_a_proposal_that_rests_on_results(
    session: Session, market: dict[str, Accreditation]
):
    look(session, FIRST)
    assert look(session, FIRST + DAY).customers_came == []
    assert market["10000001"].state == "revocation_proposed"
