"""The provider's own accreditations: what is asked, intake and places, the plan, to leave, to renew."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from playwright.sync_api import Page

from app import create_app
from providers import actions
from providers.actions import Meeting
from providers.models import Accreditation
from tests.provider.stage import TODAY, Stage, stop_the_clock
from tests.provider.test_look import look as looked
from tests.provider.test_look import sign_in
from tests.providers.lives import accreditation, look
from tests.support.newer import newer_rulebook
from tests.support.server import serving

WHY = "Lokalen var stängd vid två besök."
LIST = "/provider/accreditations"


@pytest.fixture
def one_id(stage: Stage) -> int:
    """Stigfinnarna's accreditation for matching."""
    with stage.database.reading() as session:
        return accreditation(session, stage.town.provider_id).id


@pytest.fixture
def other_id(stage: Stage) -> int:
    """Another provider's."""
    with stage.database.reading() as session:
        return accreditation(session, stage.town.other_provider_id).id


def row(stage: Stage, accreditation_id: int) -> Accreditation:
    with stage.database.reading() as session:
        return session.get_one(Accreditation, (1, accreditation_id))


def page_of(one_id: int, step: str = "") -> str:
    return f"{LIST}/{one_id}" + (f"/{step}" if step else "")


def test_the_list_and_the_page_say_how_it_stands(app, stage: Stage, one_id: int):
    stage.started("Amal Provlund")
    manager = stage.client(app, "chef")
    listed = manager.get(LIST).text
    assert listed.count(f"{LIST}/") >= 2
    assert "1 på 20 platser" in listed
    page = manager.get(page_of(one_id)).text
    for text in ("Inget att göra just nu.", "Godkänd för F-skatt", "Auktorisation", "Så överklagas beslutet"):
        assert text in page


def test_a_coach_reads_and_changes_nothing(app, stage: Stage, one_id: int):
    coach = stage.client(app, "handledare")
    page = coach.get(page_of(one_id)).text
    for step in ("intake", "places", "withdraw"):
        assert page_of(one_id, step) not in page
        assert coach.get(page_of(one_id, step)).status_code == 403


def test_anothers_accreditation_is_not_there(app, stage: Stage, other_id: int):
    manager = stage.client(app, "chef")
    for step in ("", "intake", "places", "plan", "withdraw"):
        assert manager.get(page_of(other_id, step)).status_code == 404
    assert manager.post(page_of(other_id, "intake"), data={"change": "stop"}).status_code == 404
    assert row(stage, other_id).state == "active"


def test_the_intake_is_stopped_and_opened(app, stage: Stage, one_id: int):
    manager = stage.client(app, "chef")
    stopped = manager.post(page_of(one_id, "intake"), data={"change": "stop"}, follow_redirects=True)
    assert "Intaget är stoppat." in stopped.text
    assert "Stoppat av er" in stopped.text
    again = manager.post(page_of(one_id, "intake"), data={"change": "stop"})
    assert again.status_code == 422
    assert "redan stoppat" in again.text
    manager.post(page_of(one_id, "intake"), data={"change": "open"})
    assert row(stage, one_id).state == "active"


def test_the_municipalitys_stop_is_told_and_cannot_be_opened_here(app, stage: Stage, one_id: int):
    with stage.database.transaction(1) as session:
        actions.stop_intake(session, one_id, reasons=WHY, by=stage.town.inspector, today=TODAY)
    manager = stage.client(app, "chef")
    page = manager.get(page_of(one_id)).text
    assert "Kommunen har stoppat ert intag" in page
    assert WHY in page
    assert manager.post(page_of(one_id, "intake"), data={"change": "open"}).status_code == 422
    assert row(stage, one_id).state == "intake_stopped"


@pytest.mark.parametrize("wrong", ["0", "-3", "många", "", "10001"])
def test_places_are_a_whole_number(app, stage: Stage, one_id: int, wrong: str):
    manager = stage.client(app, "chef")
    assert manager.post(page_of(one_id, "places"), data={"capacity": wrong}).status_code == 422
    manager.post(page_of(one_id, "places"), data={"capacity": "7"})
    assert row(stage, one_id).capacity == 7


def test_a_warning_is_answered_with_a_plan(app, stage: Stage, one_id: int):
    manager = stage.client(app, "chef")
    assert manager.get(page_of(one_id, "plan")).status_code == 409
    with stage.database.transaction(1) as session:
        due_on = TODAY + timedelta(days=20)
        actions.warn(session, one_id, reasons=WHY, due_on=due_on, by=stage.town.inspector, today=TODAY)
    page = manager.get(page_of(one_id)).text
    assert "Ni har fått en varning" in page
    assert WHY in page
    late = manager.post(page_of(one_id, "plan"), data={"words": "Vi ska.", "done_by": "2026-12-24"})
    assert late.status_code == 422
    assert "Allt ska vara klart senast" in late.text
    assert "Vi ska." in late.text
    done = manager.post(
        page_of(one_id, "plan"), data={"words": "Vi ska.", "done_by": "2026-06-20"}, follow_redirects=True
    )
    assert "Åtgärdsplanen är lämnad" in done.text
    assert "Era åtgärdsplaner" in done.text


def test_to_leave_is_checked_first_and_then_done(app, stage: Stage, one_id: int):
    stage.started("Amal Provlund")
    manager, page = stage.client(app, "chef"), page_of(one_id, "withdraw")
    early = manager.post(page, data={"last_day": "2026-06-02", "reasons": "Vi slutar."})
    assert early.status_code == 422
    assert "Vi slutar." in early.text
    sent = {"last_day": "2026-08-31", "reasons": "Vi slutar."}
    check = manager.post(page, data=sent)
    assert "Kontrollera innan ni lämnar" in check.text
    assert row(stage, one_id).state == "active"
    assert 'value="2026-08-31"' in manager.post(page, data=sent | {"step": "change"}).text
    done = manager.post(page, data=sent | {"step": "leave"}, follow_redirects=True)
    assert "Auktorisationen upphör" in done.text
    assert "1 deltagare går hos er." in done.text
    one = row(stage, one_id)
    assert (one.state, one.to_on) == ("withdrawn", date(2026, 8, 31))
    assert manager.get(page).status_code == 409


def test_new_conditions_lead_to_a_renewal(app, stage: Stage, one_id: int):
    with stage.database.transaction(1) as session:
        book = newer_rulebook(session, TODAY)
        actions.require_reaccreditation(
            session, book.id, date(2026, 9, 1), reasons="Nya.", by=stage.town.secretary, today=TODAY
        )
    manager = stage.client(app, "chef")
    page = manager.get(page_of(one_id)).text
    assert "Det finns nya villkor" in page
    assert f'name="replaces" value="{one_id}"' in page
    begun = manager.post("/provider/applications", data={"replaces": str(one_id)})
    assert begun.status_code == 302
    assert "Fortsätt på ansökan" in manager.get(page_of(one_id)).text


def test_evidence_that_ends_is_asked_for(app, stage: Stage, one_id: int, monkeypatch):
    stop_the_clock(monkeypatch, date(2026, 12, 10))
    manager = stage.client(app, "chef")
    assert "Slutar snart" in manager.get(page_of(one_id)).text
    assert "3 underlag behöver förnyas" in manager.get(LIST).text
    stop_the_clock(monkeypatch, date(2027, 1, 5))
    page = manager.get(page_of(one_id)).text
    assert "Har slutat gälla" in page
    assert f"/provider/applications/{one_id}/conditions/f_tax" in page


@pytest.mark.parametrize("kept", [True, False])
def test_what_the_board_does_is_told(app, stage: Stage, one_id: int, kept: bool):
    town = stage.town
    with stage.database.transaction(1) as session:
        actions.propose_revocation(
            session, one_id, "plan_not_followed", words="Planen.", by=town.inspector, today=TODAY
        )
    manager = stage.client(app, "chef")
    assert "Nämnden ska pröva er auktorisation" in manager.get(page_of(one_id)).text
    met = Meeting(TODAY, "§ 7")
    with stage.database.transaction(1) as session:
        if kept:
            actions.keep(session, one_id, reasons="Bra.", meeting=met, by=town.secretary, today=TODAY)
        else:
            actions.revoke(
                session, one_id, reasons="Inte bra.", meeting=met, last_day=TODAY, by=town.secretary,
                today=TODAY,
            )  # fmt: skip
    page = manager.get(page_of(one_id)).text
    assert ("Auktorisationen står kvar" if kept else "Inte bra.") in page
    assert ("Auktorisationen upphör" in page) is not kept


# ── in a browser ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_every_page_stands(page: Page, settings, stage: Stage, one_id: int):
    with stage.database.transaction(1) as session:
        actions.stop_intake(session, one_id, reasons=WHY, by=stage.town.inspector, today=TODAY)
        actions.warn(
            session,
            one_id,
            reasons=WHY,
            due_on=TODAY + timedelta(days=9),
            by=stage.town.inspector,
            today=TODAY,
        )
        look(session, TODAY)
    made = create_app(settings)
    with serving(made) as address:
        sign_in(page, address, "chef")
        steps = ("", "intake", "places", "plan", "withdraw")
        looked(page, address, [LIST, *(page_of(one_id, step) for step in steps)])
    made.extensions["database"].dispose()
