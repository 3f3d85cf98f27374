"""What a provider's system tells: people, months, absences, meetings, plans, results; and reads again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.api.answers import KEPT_FOR, forget_answers
from app.api.hook_actions import make_webhook
from app.api.models import ApiAnswer, Delivery
from app.demo.people import organisation_number
from core import dates
from core.audit import AuditEntry
from core.identity import Protection
from tests.api.desk import ABSENCE, MEETING, MONTH, Desk, key_for
from tests.provider.stage import MAY, Stage
from vouchers import actions
from vouchers.models import Check, Occasion, Outcome

DAY = date(2026, 5, 4)


@pytest.fixture
def leg_id(stage: Stage) -> int:
    """Somebody who goes there."""
    return stage.started("Amal Provlund", day=DAY)


def test_a_month_is_reported_and_read_again_as_it_was_told(desk: Desk, stage: Stage, leg_id: int):
    answer = desk.post(f"/participants/{leg_id}/reports", MONTH)
    assert (answer.status_code, answer.json["state"], answer.json["is_late"]) == (201, "submitted", False)
    told = desk.get(f"/reports/{answer.json['id']}").json
    assert {name: told[name] for name in MONTH} == MONTH
    assert (told["via"], told["participant"]) == ("api", str(leg_id))
    page = desk.get("/reports").json
    assert [row["id"] for row in page["items"]] == [answer.json["id"]]
    assert "progress" not in page["items"][0]
    with stage.database.reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.what == "report.submitted")).one()
    assert entry.account_id == stage.town.manager.account_id
    assert '"via": "api"' in entry.details


def test_a_month_that_came_back_is_mended_by_telling_it_again(desk: Desk, stage: Stage, leg_id: int):
    report_id = stage.returned(leg_id, MAY)
    assert desk.get(f"/reports/{report_id}").json["comment"] == "Skriv hur många möten som var fysiska."
    mended = desk.post(f"/participants/{leg_id}/reports", {**MONTH, "meetings": 6})
    assert (mended.status_code, mended.json["id"]) == (201, str(report_id))
    again = desk.post(f"/participants/{leg_id}/reports", MONTH)
    assert (again.status_code, again.json["code"]) == (409, "report_exists")
    back = desk.post(f"/reports/{report_id}/withdraw")
    assert (back.status_code, back.json["state"]) == (200, "withdrawn")


def test_yes_the_first_day_and_the_last(desk: Desk, stage: Stage):
    leg_id = stage.chosen("Dalia Skissvik")
    assert desk.post(f"/participants/{leg_id}/start", {"started_on": "2026-06-01"}).status_code == 409
    assert desk.post(f"/participants/{leg_id}/accept").json["state"] == "received"
    assert desk.post(f"/participants/{leg_id}/start", {"started_on": "2026-06-01"}).json["state"] == "active"
    person = desk.get(f"/participants/{leg_id}").json
    assert (person["name"], person["started_on"], person["state"]) == (
        "Dalia Skissvik",
        "2026-06-01",
        "active",
    )
    assert {"guidance", "job_search"} <= {one["code"] for one in person["activities"]}
    ended = desk.post(f"/participants/{leg_id}/end", {"ended_on": "2026-06-03", "reason": "moved"})
    assert ended.json["state"] == "ended"


def test_no_for_a_reason_of_the_rulebook(desk: Desk, stage: Stage):
    leg_id = stage.chosen("Dalia Skissvik")
    reasons = [one["code"] for one in desk.get(f"/participants/{leg_id}").json["decline_reasons"]]
    assert "conflict_of_interest" in reasons
    assert desk.post(f"/participants/{leg_id}/decline", {"reason": "tired"}).status_code in (409, 422)
    answer = desk.post(f"/participants/{leg_id}/decline", {"reason": "conflict_of_interest"})
    assert (answer.status_code, answer.json["state"]) == (200, "choice_open")
    assert desk.get(f"/participants/{leg_id}").status_code == 404


def test_a_meeting_and_an_absence(desk: Desk, leg_id: int):
    met = desk.post(f"/participants/{leg_id}/occasions", MEETING)
    away = desk.post(f"/participants/{leg_id}/deviations", ABSENCE)
    assert (met.status_code, away.status_code) == (201, 201)
    told = desk.get(f"/occasions/{met.json['id']}").json
    assert {name: told[name] for name in MEETING} == MEETING
    told = desk.get(f"/deviations/{away.json['id']}").json
    assert {name: told[name] for name in ABSENCE} == ABSENCE
    assert desk.post(f"/participants/{leg_id}/deviations", ABSENCE).status_code == 409
    assert desk.post(f"/occasions/{met.json['id']}/withdraw").json["state"] == "withdrawn"
    assert desk.post(f"/deviations/{away.json['id']}/withdraw").json["state"] == "withdrawn"
    assert desk.get("/occasions").json["items"][0]["withdrawn_on"] == "2026-06-03"


PLAN = {
    "met_on": "2026-05-06",
    "goal": "Ett jobb i butik.",
    "activities": ["guidance"],
    "minutes_a_week": 600,
    "next_step": "Skriva ett cv.",
    "next_step_on": "2026-06-12",
}


def test_a_plan_is_handed_in_and_read_again(desk: Desk, leg_id: int):
    answer = desk.post(f"/participants/{leg_id}/joint-plan", PLAN)
    assert answer.status_code == 201, answer.json
    told = desk.get(f"/written-reports/{answer.json['id']}").json
    assert {name: told["content"][name] for name in PLAN} == PLAN
    assert told["kind"] == "joint_plan"
    assert "content" not in desk.get("/written-reports").json["items"][0]
    assert desk.post(f"/written-reports/{answer.json['id']}/withdraw").json["state"] == "withdrawn"
    event = {"happened_on": "2026-06-02", "what": "Personen vill byta inriktning."}
    assert desk.post(f"/participants/{leg_id}/informative-reports", event).status_code == 201


CLAIM = {
    "kind": "work",
    "starts_on": "2026-06-01",
    "last_day": "2026-05-29",
    "extent_percent": 100,
    "employer_number": "5560007001",
    "employer_name": "Provbutiken",
}


def test_a_result_is_claimed_with_its_dated_cases(desk: Desk, leg_id: int):
    claim = {**CLAIM, "employer_number": organisation_number(7001)}
    lacks = desk.post(f"/participants/{leg_id}/outcomes", {**claim, "last_day": None})
    assert lacks.status_code == 422
    lacks = desk.post(f"/participants/{leg_id}/outcomes", {n: v for n, v in claim.items() if n != "last_day"})
    assert [fault["field"] for fault in lacks.json["faults"]] == ["/last_day"]
    answer = desk.post(f"/participants/{leg_id}/outcomes", claim)
    assert (answer.status_code, answer.json["state"]) == (201, "claimed"), answer.json
    told = desk.get(f"/outcomes/{answer.json['id']}").json
    assert (told["employer_name"], told["related"], told["via"]) == ("Provbutiken", None, "api")
    assert "employer_name" not in desk.get("/outcomes").json["items"][0]
    cases = desk.get(f"/checks?participant={leg_id}").json["items"]
    assert (cases[0]["purpose"], cases[0]["state"]) == ("result", "due")
    assert desk.get(f"/checks/{cases[0]['id']}").json == cases[0]
    back = desk.post(f"/outcomes/{answer.json['id']}/withdraw")
    assert (back.status_code, back.json["state"]) == (200, "withdrawn")


# ── the same key ──────────────────────────────────────────────────────────────────────────────────


def test_the_same_key_and_body_get_the_same_answer_and_happen_once(desk: Desk, stage: Stage, leg_id: int):
    path = f"/participants/{leg_id}/occasions"
    first = desk.post(path, MEETING, Idempotency_Key="a-1")
    again = desk.post(path, MEETING, Idempotency_Key="a-1")
    assert (first.status_code, first.json) == (again.status_code, again.json)
    assert again.headers["Idempotency-Replayed"] == "true"
    with stage.database.reading() as session:
        assert len(list(session.scalars(select(Occasion)))) == 1


def test_a_refusal_is_remembered_too_and_changes_nothing(desk: Desk, stage: Stage, leg_id: int):
    path = f"/participants/{leg_id}/occasions"
    ahead = {**MEETING, "held_on": "2026-06-04"}
    first = desk.post(path, ahead, Idempotency_Key="a-1")
    again = desk.post(path, ahead, Idempotency_Key="a-1")
    assert first.status_code == again.status_code == 422
    assert first.json == again.json
    assert again.content_type == "application/problem+json"
    with stage.database.reading() as session:
        assert not list(session.scalars(select(Occasion)))
        assert len(list(session.scalars(select(ApiAnswer)))) == 1


@pytest.mark.parametrize("change", ["body", "path"])
def test_the_same_key_for_something_else_is_an_error(desk: Desk, stage: Stage, leg_id: int, change: str):
    other = stage.started("Birgitta Testgren", day=DAY)
    assert desk.post(f"/participants/{leg_id}/occasions", MEETING, Idempotency_Key="a-1").status_code == 201
    if change == "body":
        answer = desk.post(
            f"/participants/{leg_id}/occasions", {**MEETING, "started": "13:00"}, Idempotency_Key="a-1"
        )
    else:
        answer = desk.post(f"/participants/{other}/occasions", MEETING, Idempotency_Key="a-1")
    assert (answer.status_code, answer.json["code"]) == (422, "key_used_before")


def test_two_systems_may_use_the_same_key(desk: Desk, stranger: Desk, stage: Stage, leg_id: int):
    theirs = stage.started("Chen Mönsterby", other=True, day=DAY)
    assert desk.post(f"/participants/{leg_id}/occasions", MEETING, Idempotency_Key="1").status_code == 201
    assert stranger.post(f"/participants/{theirs}/occasions", MEETING, Idempotency_Key="1").status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 101, "två ord"])
def test_a_key_that_cannot_be_one(desk: Desk, leg_id: int, key: str):
    sent = key.encode().decode("latin-1")
    answer = desk.post(f"/participants/{leg_id}/occasions", MEETING, Idempotency_Key=sent)
    assert answer.status_code == 422
    assert answer.json["faults"][0]["code"] == "key_wrong"


def test_old_answers_are_forgotten(desk: Desk, stage: Stage, leg_id: int):
    desk.post(f"/participants/{leg_id}/occasions", MEETING, Idempotency_Key="a-1")
    for at, gone in ((dates.now() + KEPT_FOR, 0), (dates.now() + KEPT_FOR + timedelta(seconds=1), 1)):
        with stage.database.transaction(1) as session:
            assert forget_answers(session, 1, at) == gone


# ── pages ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_list_comes_a_page_at_a_time_and_holds_everything_once(desk: Desk, stage: Stage):
    legs = [stage.chosen(f"Person {place}") for place in ("Ettby", "Tvåby", "Treby", "Fyrby", "Femby")]
    found, after = [], "0"
    for _page in range(3):
        page = desk.get(f"/participants?limit=2&after={after}").json
        found += [int(row["id"]) for row in page["items"]]
        after = page["next"]
    assert found == sorted(legs)
    assert after is None


def test_what_has_changed_since(desk: Desk, stage: Stage, leg_id: int):
    """Rows carry the machine's own moment, which the stage's clock does not stop."""
    other = stage.started("Birgitta Testgren", day=DAY)
    since = datetime.now(UTC).isoformat()
    assert not desk.get("/participants", updated_since=since).json["items"]
    desk.post(f"/participants/{leg_id}/end", {"ended_on": "2026-06-03", "reason": "moved"})
    desk.post(f"/participants/{other}/occasions", MEETING)
    told = desk.get("/participants", updated_since=since).json["items"]
    assert [row["id"] for row in told] == [str(leg_id)]
    assert len(desk.get("/occasions", updated_since=since.replace("+", " ")).json["items"]) == 1
    assert not desk.get("/occasions", updated_since=since, participant=str(leg_id)).json["items"]


def test_the_moment_to_ask_from_lies_before_the_page(desk: Desk):
    as_of = datetime.fromisoformat(desk.get("/participants").json["as_of"])
    assert dates.now() - timedelta(hours=1) < as_of < dates.now()


# ── protected people, and other providers' ────────────────────────────────────────────────────────


def test_a_protected_person_has_no_name_in_a_list_and_each_reading_is_noted(desk: Desk, stage: Stage):
    leg_id = stage.started("Farid Exempelhed", protection=Protection.CONFIDENTIAL, day=DAY)
    desk.post(f"/participants/{leg_id}/reports", MONTH)
    (row,) = desk.get("/participants").json["items"]
    assert (row["name"], row["is_protected"]) == (None, True)

    def readings() -> int:
        with stage.database.reading() as session:
            read = select(AuditEntry).where(AuditEntry.what == "participant.read")
            return len(list(session.scalars(read)))

    assert not readings()
    assert desk.get(f"/participants/{leg_id}").json["name"] == "Farid Exempelhed"
    assert readings() == 1
    (report,) = desk.get("/reports").json["items"]
    assert readings() == 1
    assert desk.get(f"/reports/{report['id']}").json["progress"] == MONTH["progress"]
    assert readings() == 2


def test_a_key_of_a_colleague_knows_no_protected_person(app, stage: Stage):
    leg_id = stage.started("Farid Exempelhed", protection=Protection.CONFIDENTIAL, day=DAY)
    named = Desk(app, key_for(stage.database, stage.town.coach))
    assert len(named.get("/participants").json["items"]) == 1
    manager = stage.town.manager
    with stage.database.transaction(1) as session:
        actions.name_coach(session, leg_id, manager.account_id, by=manager)
    assert not named.get("/participants").json["items"]
    assert named.get(f"/participants/{leg_id}").status_code == 404
    assert named.post(f"/participants/{leg_id}/reports", MONTH).status_code == 404
    told = named.post("/reports/bulk", {"rows": [{**MONTH, "participant": str(leg_id)}]})
    assert told.json["faults"][0]["code"] == "participant_unknown"


@pytest.fixture
def mine(desk: Desk, stage: Stage, leg_id: int) -> dict[str, int]:
    """One of everything at the first provider, by what addresses call it."""
    report_id = int(desk.post(f"/participants/{leg_id}/reports", MONTH).json["id"])
    plan = int(desk.post(f"/participants/{leg_id}/joint-plan", PLAN).json["id"])
    ended = stage.started("Birgitta Testgren", day=date(2026, 3, 4))
    outcome_id = stage.worked(ended, date(2026, 5, 4))
    with stage.database.reading() as session:
        check_id = session.scalars(select(Check.id).where(Check.outcome_id == outcome_id)).first()
        assert session.scalars(select(Outcome.id)).one() == outcome_id
    with stage.database.transaction(1) as session:
        hook, _secret = make_webhook(
            session, "https://system.example.org/", ["report.returned"],
            by=stage.town.manager, at=dates.now(), is_production=False,
        )  # fmt: skip
        call = Delivery(
            municipality_id=1, webhook_id=hook.id, audit_sequence=1, leg_id=leg_id, event="report.returned",
            body="{}", next_at=dates.now(), made_at=dates.now(),
        )  # fmt: skip
        session.add(call)
    return {
        "leg_id": leg_id,
        "report_id": report_id,
        "written_id": plan,
        "deviation_id": int(desk.post(f"/participants/{leg_id}/deviations", ABSENCE).json["id"]),
        "occasion_id": int(desk.post(f"/participants/{leg_id}/occasions", MEETING).json["id"]),
        "outcome_id": outcome_id,
        "check_id": check_id or 0,
        "webhook_id": hook.id,
        "call_id": call.id,
    }


BODIES: dict[str, Any] = {
    "tell_report": MONTH,
    "tell_absence": ABSENCE,
    "tell_occasion": MEETING,
    "tell_joint_plan": PLAN,
    "tell_informative": {"happened_on": "2026-06-02", "what": "Något."},
    "tell_final": {"ended_on": "2026-06-02", "done": "a", "reached": "b", "remains": "c"},
    "claim_outcome": CLAIM,
    "decline": {"reason": "no_places"},
    "start": {"started_on": "2026-06-01"},
    "end": {"ended_on": "2026-06-01", "reason": "moved"},
    "answer_check": {"answer": "still"},
}


def test_another_providers_system_finds_and_changes_nothing(
    app, desk: Desk, stranger: Desk, stage: Stage, mine: dict[str, int]
):
    """Every operation there is, with ids of the first provider's and a body that is well."""

    def everything() -> list[Any]:
        with stage.database.reading() as session:
            return [entry.what for entry in session.scalars(select(AuditEntry))]

    before, asked = everything(), 0
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith("api.") or rule.endpoint in ("api.me", "api.openapi"):
            continue
        name = rule.endpoint.removeprefix("api.")
        method = "POST" if "POST" in (rule.methods or ()) else "GET"
        ids = {
            part: mine["written_id" if part == "report_id" and "written" in rule.rule else part]
            for part in rule.arguments
        }
        with app.test_request_context():
            path = app.url_for(rule.endpoint, **ids).removeprefix("/api/v1")
        body = BODIES.get(name)
        if name in ("tell_reports", "tell_absences", "tell_meetings"):
            row = {"tell_reports": MONTH, "tell_absences": ABSENCE, "tell_meetings": MEETING}[name]
            answer = stranger.ask(method, path, {"rows": [{**row, "participant": str(mine["leg_id"])}]})
            assert answer.json["faults"][0]["code"] == "participant_unknown"
        elif rule.arguments:
            answer = stranger.ask(method, path, body)
            assert answer.status_code == 404, f"{method} {path}: {answer.status_code} {answer.text}"
            assert answer.json["code"] == "missing"
        else:
            answer = stranger.ask(method, path)
            assert answer.status_code == 200, path
            assert not [one for one in mine.values() if str(one) in answer.text], path
        asked += 1
    assert asked >= 33
    assert everything() == before
