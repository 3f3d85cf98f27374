"""An accreditation's page for staff: steps by role, forms that lose nothing, the winding down."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.demo.people import Names
from core.identity import Protection
from providers import actions
from providers.models import Accreditation, Decision, Reviewer
from tests.casework.lives_stage import TODAY, WHY, Client, Stage, app, as_, clock, one_id, row, stage
from vouchers.models import Leg, LegPlan

__all__ = ["app", "as_", "clock", "one_id", "stage"]

STEPS = {
    "granskare": {"warn", "intake", "propose", "penalty"},
    "sekreterare": set(),
    "ordforande": {"suspend"},
    "vagledare": set(),
}


def address(one_id: int, step: str = "") -> str:
    return f"/casework/accreditations/{one_id}" + (f"/{step}" if step else "")


@pytest.mark.parametrize("who", STEPS)
def test_the_page_shows_the_life_and_the_steps_of_the_role(as_: Client, one_id: int, who: str):
    page = as_(who).get(address(one_id)).text
    for text in (
        "Stigfinnarna",
        "Matchande insats",
        "Villkor och underlag",
        "Godkänd för F-skatt",
        "AUKT 2026",
    ):
        assert text in page
    steps = (
        "warn",
        "intake",
        "propose",
        "penalty",
        "suspend",
        "decide",
        "wind-down",
        "close",
        "lift-warning",
    )
    assert {step for step in steps if f'"{address(one_id, step)}"' in page} == STEPS[who]


def test_evidence_is_only_for_those_who_may_open_it(as_: Client, one_id: int):
    assert "/casework/evidence/" in as_("granskare").get(address(one_id)).text
    for who in ("vagledare", "ordforande"):
        assert "/casework/evidence/" not in as_(who).get(address(one_id)).text


def test_an_application_has_its_own_page_and_a_stranger_id_none(as_: Client, stage: Stage, one_id: int):
    assert as_("granskare").get(address(4_711)).status_code == 404
    with stage.database.transaction(1) as session:
        one = session.get_one(Accreditation, (1, one_id))
        draft = type(one)(
            municipality_id=1, provider_id=one.provider_id, rulebook_id=one.rulebook_id, scheme=one.scheme,
            service="preparatory", area="x", capacity=1,
        )  # fmt: skip
        session.add(draft)
    assert as_("granskare").get(address(draft.id)).status_code == 404


def test_who_has_declared_a_conflict_of_interest_is_kept_out(as_: Client, stage: Stage, one_id: int):
    with stage.database.transaction(1) as session:
        session.add(
            Reviewer(
                municipality_id=1, accreditation_id=one_id, account_id=stage.town.chair.account_id,
                has_conflict=True, declared_on=TODAY,
            )
        )  # fmt: skip
    chair = as_("ordforande")
    assert chair.get(address(one_id)).status_code == 403
    sent = {"reason": "bankruptcy", "reasons": WHY}
    assert chair.post(address(one_id, "suspend"), data=sent).status_code == 403
    assert row(stage, one_id).state == "active"


# ── steps ────────────────────────────────────────────────────────────────────────────────────────


def test_a_warning_from_the_page_is_shown_and_lifted(as_: Client, stage: Stage, one_id: int):
    inspector = as_("granskare")
    sent = {"reasons": WHY, "due_on": "2026-06-30"}
    answer = inspector.post(address(one_id, "warn"), data=sent, follow_redirects=True)
    assert "Varningen är beslutad" in answer.text
    assert "Det som är fel ska vara rättat" in answer.text
    assert "Ingen åtgärdsplan är lämnad än" in answer.text
    assert row(stage, one_id).state == "warned"
    assert inspector.get(address(one_id, "warn")).status_code == 409
    lifted = inspector.post(
        address(one_id, "lift-warning"), data={"reasons": "Rättat."}, follow_redirects=True
    )
    assert "Varningen är hävd" in lifted.text
    assert row(stage, one_id).state == "active"


@pytest.mark.parametrize(
    ("step", "sent", "says"),
    [
        ("warn", {"reasons": WHY, "due_on": "2026-06-03"}, "Sista dagen måste vara efter i dag."),
        ("warn", {"reasons": WHY, "due_on": "snart"}, "Skriv en dag, till exempel 2026-11-27."),
        ("warn", {"reasons": "  ", "due_on": "2026-06-30"}, "Skriv skälen."),
        ("warn", {"reasons": WHY, "due_on": ""}, "Skriv sista dagen att rätta."),
        ("intake", {"reasons": ""}, "Skriv skälen."),
        ("penalty", {"reasons": WHY}, "Välj vad vitet gäller."),
        ("penalty", {"reasons": WHY, "code": "bad_mood"}, "Välj vad vitet gäller."),
        ("propose", {"reasons": WHY, "reason": "no_customers"}, "Välj ett skäl i listan."),
        ("propose", {"reasons": "x" * 5_001, "reason": "bankruptcy"}, "5000"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(as_, stage, one_id, step, sent, says):
    answer = as_("granskare").post(address(one_id, step), data=sent)
    assert answer.status_code == 422
    assert says in answer.text
    if sent["reasons"] == WHY:
        assert WHY in answer.text
    assert row(stage, one_id).state == "active"


def test_a_penalty_shows_its_amount_and_that_it_is_an_example(as_: Client, stage: Stage, one_id: int):
    inspector = as_("granskare")
    asked = inspector.get(address(one_id, "penalty")).text
    assert "15\xa0000\xa0kr (exempelbelopp)" in asked
    told = inspector.post(
        address(one_id, "penalty"), data={"code": "premises_closed", "reasons": WHY}, follow_redirects=True
    ).text
    assert "15\xa0000\xa0kr" in told
    assert "Exempelbelopp" in told
    assert "lokalen är stängd vid besök" in told


def test_the_municipality_stops_and_opens_beside_the_provider(as_: Client, stage: Stage, one_id: int):
    with stage.database.transaction(1) as session:
        actions.stop_intake(session, one_id, by=stage.town.manager, today=TODAY)
    inspector = as_("granskare")
    assert "Anordnaren har själv stoppat sitt intag" in inspector.get(address(one_id, "intake")).text
    inspector.post(address(one_id, "intake"), data={"reasons": WHY})
    assert "Öppna intaget" in inspector.get(address(one_id)).text
    inspector.post(address(one_id, "intake"), data={"reasons": "Klart."})
    assert row(stage, one_id).state == "intake_stopped"


def test_the_chair_revokes_for_now(as_: Client, stage: Stage, one_id: int):
    sent = {"reason": "bankruptcy", "reasons": WHY}
    answer = as_("ordforande").post(address(one_id, "suspend"), data=sent, follow_redirects=True)
    assert "tillfälligt återkallad" in answer.text
    assert row(stage, one_id).state == "provisionally_revoked"
    assert as_("granskare").post(address(one_id, "suspend"), data=sent).status_code == 403


# ── the end ──────────────────────────────────────────────────────────────────────────────────────


def ended(stage: Stage, one_id: int) -> tuple[int, int, int]:
    """Three customers, one of them protected, one who has not begun; and the provider leaves."""
    stage.names = Names(515)
    legs = (
        stage.started("Amal Provlund"),
        stage.started("Hemlig Testsson", protection=Protection.CONFIDENTIAL),
        stage.chosen("Omar Testhed"),
    )
    with stage.database.transaction(1) as session:
        actions.withdraw(session, one_id, last_day=TODAY, by=stage.town.manager, today=TODAY)
    return legs


def plans(stage: Stage) -> dict[int, tuple[str, date | None]]:
    with stage.database.reading() as session:
        return {plan.leg_id: (plan.kind, plan.to_on) for plan in session.scalars(select(LegPlan))}


def test_everybody_gets_a_plan_on_one_page(as_: Client, stage: Stage, one_id: int):
    begun, secret, waiting = ended(stage, one_id)
    inspector, page = as_("granskare"), address(one_id, "wind-down")
    assert "3 deltagare saknar en plan" in inspector.get(address(one_id)).text
    asked = inspector.get(page).text
    assert "Amal Provlund" in asked
    assert "Testsson" not in asked
    assert "Skyddad person" in asked
    wrong = inspector.post(page, data={f"plan_{begun}": "choose_again"})
    assert wrong.status_code == 422
    assert wrong.text.count("Välj en plan.") >= 2
    assert plans(stage) == {}
    sent = {"every": "choose_again", f"plan_{begun}": "stay", f"to_on_{begun}": "2026-08-31"}
    check = inspector.post(page, data=sent)
    assert check.status_code == 200
    assert "2 personer väljer på nytt" in check.text
    assert "1 person stannar" in check.text
    assert "Testsson" not in check.text
    assert plans(stage) == {}  # nothing is done before it is confirmed
    changed = inspector.post(page, data=sent | {"step": "change"})
    assert 'value="2026-08-31"' in changed.text
    done = inspector.post(page, data=sent | {"step": "decide"}, follow_redirects=True)
    assert "Alla har en plan" in done.text
    assert plans(stage) == {
        begun: ("stay", date(2026, 8, 31)), secret: ("choose_again", None), waiting: ("choose_again", None)
    }  # fmt: skip
    assert row(stage, one_id).state == "winding_down"
    with stage.database.reading() as session:
        running = session.scalars(select(Leg.id).where(Leg.ended_on.is_(None))).all()
    assert running == [begun]


def test_one_plan_for_all_does_not_let_anybody_stay_who_has_not_begun(as_: Client, stage: Stage, one_id: int):
    begun, secret, waiting = ended(stage, one_id)
    inspector, page = as_("granskare"), address(one_id, "wind-down")
    all_stay = {"every": "stay", "every_to_on": "2026-08-31", "step": "decide"}
    answer = inspector.post(page, data=all_stay)
    assert answer.status_code == 422
    assert "Den som inte har börjat kan inte stanna" in answer.text
    assert plans(stage) == {}
    inspector.post(page, data=all_stay | {f"plan_{waiting}": "municipal_care"})
    assert plans(stage)[waiting] == ("municipal_care", None)
    assert plans(stage)[begun] == plans(stage)[secret] == ("stay", date(2026, 8, 31))
    prefilled = inspector.get(page).text
    assert prefilled.count('value="2026-08-31"') == 2


def test_a_plan_for_somebody_who_left_meanwhile_is_not_made(as_: Client, stage: Stage, one_id: int):
    begun, _secret, _waiting = ended(stage, one_id)
    with stage.database.transaction(1) as session:
        session.get_one(Leg, (1, begun)).ended_on = TODAY
    sent = {"every": "choose_again", f"plan_{begun}": "choose_again", "step": "decide"}
    as_("granskare").post(address(one_id, "wind-down"), data=sent)
    assert begun not in plans(stage)  # the page reads who is there anew
    assert len(plans(stage)) == 2


def test_without_customers_the_winding_down_begins_at_once(as_: Client, stage: Stage, one_id: int):
    with stage.database.transaction(1) as session:
        actions.withdraw(session, one_id, last_day=TODAY, by=stage.town.manager, today=TODAY)
    inspector, page = as_("granskare"), address(one_id, "wind-down")
    assert "Ingen går där nu" in inspector.get(page).text
    assert "Börja avveckla" in inspector.post(page, data={}).text
    inspector.post(page, data={"step": "decide"})
    assert row(stage, one_id).state == "winding_down"


def test_the_page_to_close_says_what_is_left_and_closes_when_nothing_is(as_, stage, one_id, monkeypatch):
    from tests.provider.stage import stop_the_clock  # noqa: PLC0415  # only this one

    with stage.database.transaction(1) as session:
        actions.withdraw(session, one_id, last_day=TODAY, by=stage.town.manager, today=TODAY)
        actions.wind_down(session, one_id, unplanned=0, by=stage.town.inspector)
    early = as_("granskare").get(address(one_id, "close")).text
    assert "Efter torsdag 3 juni 2027" in early
    assert "<form" not in early.split("<main", 1)[1]
    assert as_("granskare").post(address(one_id, "close"), data={"reasons": "Nu."}).status_code == 422
    stop_the_clock(monkeypatch, TODAY + timedelta(days=366))
    done = as_("granskare").post(address(one_id, "close"), data={"reasons": "Klart."}, follow_redirects=True)
    assert "Auktorisationen är stängd" in done.text
    assert row(stage, one_id).state == "closed"
    with stage.database.reading() as session:
        assert session.scalar(select(Decision.kind).order_by(Decision.id.desc())) == "closed"
