"""The board's list: proposals, the chair's decisions, what is to be reported, new conditions."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from providers import actions
from providers.models import Decision, Reported
from tests.casework.lives_stage import TODAY, WHY, Client, Stage, app, as_, clock, one_id, row, stage
from tests.provider.stage import stop_the_clock
from tests.providers.lives import accreditation, comes, look
from tests.support.newer import newer_rulebook

__all__ = ["app", "as_", "clock", "one_id", "stage"]

BOARD = "/casework/board"


def decide(one_id: int) -> str:
    return f"/casework/accreditations/{one_id}/decide"


def sent(outcome: str, **more: str) -> dict[str, str]:
    return {
        "outcome": outcome, "held_on": "2026-06-03", "paragraph": "§ 41", "reasons": WHY, **more
    }  # fmt: skip


@pytest.fixture
def proposed(stage: Stage, one_id: int) -> int:
    """A proposal by the inspector."""
    with stage.database.transaction(1) as session:
        actions.propose_revocation(
            session,
            one_id,
            "plan_not_followed",
            words="Planen följdes inte.",
            by=stage.town.inspector,
            today=TODAY,
        )
    return one_id


def test_the_chair_comes_to_the_board_and_the_menu_leads_there(app, stage: Stage, as_: Client):
    signed_in = app.test_client().post(
        "/sign-in", data={"user_name": "ordforande", "password": "vagval-demo"}
    )
    assert signed_in.location.endswith(BOARD)
    for who in ("sekreterare", "ordforande"):
        assert f'href="{BOARD}"' in as_(who).get("/casework/register").text
    for who in ("vagledare", "chef", "ekonom", "admin"):
        assert as_(who).get(BOARD).status_code == 403


def test_an_empty_list_says_what_will_come(as_: Client, stage: Stage):
    page = as_("granskare").get(BOARD).text
    assert "Inga förslag just nu" in page
    assert "Ingen är tillfälligt återkallad." in page
    assert "Beslut att anmäla</h2>" not in page  # three accreditations are to be reported
    assert "(3)" in page


def test_a_proposal_is_on_the_list_with_who_and_why(as_: Client, stage: Stage, proposed: int):
    page = as_("sekreterare").get(BOARD).text
    for text in ("Stigfinnarna", "åtgärdsplanen följdes inte", "Planen följdes inte.", "Ismail Provdal"):
        assert text in page
    assert decide(proposed) in page
    assert decide(proposed) not in as_("ordforande").get(BOARD).text


def test_the_watchs_proposal_shows_its_facts_and_a_customer_stops_the_board(as_, stage, monkeypatch):
    with stage.database.transaction(1) as session:
        look(session, date(2027, 1, 4))
        one = accreditation(session, stage.town.other_provider_id).id
    stop_the_clock(monkeypatch, date(2027, 1, 5))
    page = as_("sekreterare").get(BOARD).text
    assert "av bevakningen" in page
    assert "Ingen har kommit" in page
    with stage.database.transaction(1) as session:
        comes(session, stage.town, stage.town.other_provider_id, date(2027, 1, 5))
    secretary = as_("sekreterare")
    assert "En deltagare har kommit sedan förslaget lades" in secretary.get(decide(one)).text
    told = {**sent("revoke", last_day="2027-01-31", reason="no_customers"), "held_on": "2027-01-05"}
    answer = secretary.post(decide(one), data=told)
    assert answer.status_code == 422
    assert "efter förslaget" in answer.text
    kept = secretary.post(decide(one), data=told | {"outcome": "keep"}, follow_redirects=True)
    assert "Auktorisationen gäller som förut" in kept.text
    assert row(stage, one).state == "active"


def test_the_board_revokes_with_meeting_paragraph_and_last_day(as_: Client, stage: Stage, proposed: int):
    secretary = as_("sekreterare")
    assert "selected" in secretary.get(decide(proposed)).text  # the proposed reason
    missing = secretary.post(decide(proposed), data=sent("revoke", reason="plan_not_followed"))
    assert missing.status_code == 422
    assert "Skriv sista dagen som auktorisationen gäller." in missing.text
    assert "§ 41" in missing.text
    told = sent("revoke", reason="plan_not_followed", last_day="2026-06-30")
    answer = secretary.post(decide(proposed), data=told, follow_redirects=True)
    assert "Nu ska alla som går där få en plan" in answer.text
    assert "Sista dag som den gäller" in answer.text
    assert "mötet 3 juni 2026, § 41" in answer.text
    one = row(stage, proposed)
    assert (one.state, one.to_on, one.end_reason) == ("revoked", date(2026, 6, 30), "plan_not_followed")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"held_on": "2026-06-04"}, "Mötet har inte varit än."),
        ({"held_on": "igår"}, "Skriv en dag, till exempel 2026-11-27."),
        ({"paragraph": " "}, "Skriv paragrafen, till exempel § 41."),
        ({"last_day": "2026-06-02"}, "Sista dagen kan tidigast vara onsdag 3 juni."),
        ({"outcome": "expire"}, "Välj vad nämnden beslutade."),
        ({"outcome": ""}, "Välj vad nämnden beslutade."),
        ({"reason": "own_request"}, "Välj ett skäl i listan."),
        ({"reasons": ""}, "Skriv skälen."),
    ],
)
def test_what_the_board_cannot_have_decided_is_refused_in_place(as_, stage, proposed, changes, says):
    told = sent("revoke", reason="bankruptcy", last_day="2026-06-30") | changes
    answer = as_("sekreterare").post(decide(proposed), data=told)
    assert answer.status_code == 422
    assert says in answer.text
    assert row(stage, proposed).state == "revocation_proposed"


def test_the_chairs_decision_is_confirmed_or_lifted(as_: Client, stage: Stage, one_id: int):
    with stage.database.transaction(1) as session:
        actions.revoke_provisionally(
            session, one_id, "bankruptcy", reasons="Konkurs i dag.", by=stage.town.chair, today=TODAY
        )
    secretary = as_("sekreterare")
    assert "Bekräfta eller häv" in secretary.get(BOARD).text
    asked = secretary.get(decide(one_id)).text
    assert "Konkurs i dag." in asked
    assert "Häva den tillfälliga återkallelsen" in asked
    secretary.post(decide(one_id), data=sent("lift"))
    assert row(stage, one_id).state == "active"
    assert as_("granskare").post(decide(one_id), data=sent("lift")).status_code == 403


def test_decisions_are_reported_together(as_: Client, stage: Stage):
    secretary = as_("sekreterare")
    with stage.database.reading() as session:
        ids = list(session.scalars(select(Decision.id)))
    early = secretary.post(f"{BOARD}/report", data={"decisions": ids, "meeting_on": "2026-06-04"})
    assert early.status_code == 422
    assert "Mötet har inte varit än." in early.text
    none = secretary.post(f"{BOARD}/report", data={"meeting_on": "2026-06-03"})
    assert "Välj minst ett beslut." in none.text
    for wrong in ("x", "9" * 30, "4711"):
        answer = secretary.post(f"{BOARD}/report", data={"decisions": [wrong], "meeting_on": "2026-06-03"})
        assert answer.status_code in (404, 422)
    secretary.post(f"{BOARD}/report", data={"decisions": ids[:2], "meeting_on": "2026-06-03"})
    with stage.database.reading() as session:
        assert set(session.scalars(select(Reported.decision_id))) == set(ids[:2])
    again = secretary.post(f"{BOARD}/report", data={"decisions": ids, "meeting_on": "2026-06-03"})
    assert "redan anmält" in again.text
    assert "Anmält till nämnden" in secretary.get(f"/casework/decisions/{ids[0]}").text


def test_new_conditions_are_called_from_the_board(as_: Client, stage: Stage, one_id: int):
    secretary = as_("sekreterare")
    assert "Alla står under de senaste villkoren" in secretary.get("/casework/reaccreditation").text
    with stage.database.transaction(1) as session:
        book = newer_rulebook(session, TODAY)
    asked = secretary.get("/casework/reaccreditation").text
    assert "3 auktorisationer gäller under äldre villkor" in asked
    told = {"rulebook": str(book.id), "due_on": "2026-06-03", "reasons": "Nya villkor."}
    assert "efter i dag" in secretary.post("/casework/reaccreditation", data=told).text
    done = secretary.post(
        "/casework/reaccreditation", data=told | {"due_on": "2026-09-01"}, follow_redirects=True
    )
    assert "Det gäller 3 auktorisationer" in done.text
    page = secretary.get(f"/casework/accreditations/{one_id}").text
    assert "Anordnaren ska ansöka på nytt" in page
    answer = secretary.post(decide(one_id), data=sent("expire", last_day="2026-06-30"))
    assert "till och med tisdag 1 september på sig" in answer.text
    secretary.post(decide(one_id), data=sent("call_off"))
    assert row(stage, one_id).state == "active"
