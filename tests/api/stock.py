"""What the API's operations need to say yes: made anew for each case, since most can be done once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select, update

from app.api.hook_actions import make_webhook, send_trial
from app.api.models import Delivery
from app.demo.people import organisation_number
from core import dates
from providers.models import Accreditation
from tests.api.desk import ABSENCE, MEETING, MONTH
from tests.provider.stage import MAY, TODAY, Stage
from tests.support.town import noon
from vouchers import actions
from vouchers.actions.deviations import DeviationForm, tell_deviation
from vouchers.actions.occasions import OccasionForm, record_occasion
from vouchers.actions.written import submit_written
from vouchers.models import Check

Case = tuple[dict[str, int], Any]
BEGAN = date(2026, 5, 4)
PLAN = {
    "met_on": "2026-05-06",
    "goal": "Ett jobb i butik.",
    "activities": ["guidance"],
    "minutes_a_week": 600,
    "next_step": "Skriva ett cv.",
    "next_step_on": "2026-06-12",
}
EVENT = {"happened_on": "2026-06-02", "what": "Personen vill byta inriktning."}
FINAL = {"ended_on": "2026-06-01", "done": "Sökt jobb.", "reached": "Ett cv.", "remains": "Inget."}

READ = ("report", "deviation", "occasion", "written_report", "outcome", "check")


class Stock:
    """Makes what a case needs. `good(name)` gives ids for the address and a body that is well."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.town, self.place = stage, stage.town, count()
        self.kept: dict[str, Case] = {}
        with stage.database.transaction(1) as session:
            session.execute(update(Accreditation).values(capacity=100_000))
        self.steady = stage.started("Stadig Provlund", day=BEGAN)
        with stage.database.transaction(1) as session:
            hook, _secret = make_webhook(
                session, "https://system.example.org/", ["report.returned"],
                by=self.town.manager, at=noon(TODAY), is_production=False,
            )  # fmt: skip
            self.hook_id = hook.id

    def good(self, name: str) -> Case:
        """Ids and a body for the operation of that name."""
        if name in READ:
            return self._keep(name)
        make: Callable[[], Case] | None = getattr(self, name, None)
        return make() if make else ({}, None)

    def _keep(self, name: str) -> Case:
        """What is only read is made once."""
        if name not in self.kept:
            self.kept[name] = getattr(self, name)()
        return self.kept[name]

    # ── the people ────────────────────────────────────────────────────────────────────────────────

    def participant(self) -> Case:
        return {"leg_id": self.steady}, None

    def accept(self) -> Case:
        return {"leg_id": self.stage.chosen(self._name())}, None

    def decline(self) -> Case:
        return {"leg_id": self.stage.chosen(self._name())}, {"reason": "conflict_of_interest"}

    def start(self) -> Case:
        return {"leg_id": self.stage.accepted(self._name())}, {"started_on": "2026-06-01"}

    def end(self) -> Case:
        return {"leg_id": self._begun()}, {"ended_on": "2026-06-01", "reason": "moved"}

    def _name(self) -> str:
        return f"Person Prov{next(self.place)}"

    def _begun(self) -> int:
        return self.stage.started(self._name(), day=BEGAN)

    # ── what is told of them ──────────────────────────────────────────────────────────────────────

    def tell_report(self) -> Case:
        return {"leg_id": self._begun()}, MONTH

    def report(self) -> Case:
        return {"report_id": self.stage.reported(self._begun(), MAY, approved=False)}, None

    withdraw_report = report

    def tell_reports(self) -> Case:
        return {}, {"rows": [{**MONTH, "participant": str(self._begun())}]}

    def _absence(self) -> dict[str, Any]:
        place = next(self.place) % 400
        day, hour = BEGAN + timedelta(days=place % 28), 1 + place // 28
        return {
            **ABSENCE,
            "happened_on": day.isoformat(),
            "expected_from": f"{hour:02d}:00",
            "expected_to": f"{hour:02d}:59",
            "absent_from": f"{hour:02d}:00",
            "absent_to": f"{hour:02d}:59",
        }

    def tell_absence(self) -> Case:
        return {"leg_id": self._begun()}, self._absence()

    def tell_absences(self) -> Case:
        return {}, {"mode": "good", "rows": [{**self._absence(), "participant": str(self._begun())}]}

    def deviation(self) -> Case:
        leg_id, form = self._begun(), DeviationForm(date(2026, 6, 2), "Möte", 540, 720, 540, 720, "unknown")
        with self.stage.database.transaction(1) as session:
            row = tell_deviation(session, leg_id, form, by=self.town.coach, today=TODAY)
            return {"deviation_id": row.id}, None

    withdraw_absence = deviation

    def tell_occasion(self) -> Case:
        return {"leg_id": self._begun()}, MEETING

    def tell_meetings(self) -> Case:
        return {}, {"rows": [{**MEETING, "participant": str(self._begun())}]}

    def occasion(self) -> Case:
        leg_id, form = self._begun(), OccasionForm(date(2026, 6, 1), 570, "individual", True, 45)
        with self.stage.database.transaction(1) as session:
            row = record_occasion(session, leg_id, form, by=self.town.coach, today=TODAY)
            return {"occasion_id": row.id}, None

    take_back_occasion = occasion

    # ── plans and reports ─────────────────────────────────────────────────────────────────────────

    def tell_joint_plan(self) -> Case:
        return {"leg_id": self._begun()}, PLAN

    def tell_informative(self) -> Case:
        return {"leg_id": self.steady}, {**EVENT, "what": f"Nytt {next(self.place)}."}

    def tell_final(self) -> Case:
        leg_id = self._begun()
        with self.stage.database.transaction(1) as session:
            actions.end_service(session, leg_id, date(2026, 6, 1), "moved", by=self.town.coach, today=TODAY)
        return {"leg_id": leg_id}, FINAL

    def written_report(self) -> Case:
        leg_id = self._begun()
        with self.stage.database.transaction(1) as session:
            row = submit_written(session, leg_id, "joint_plan", PLAN, by=self.town.coach, today=TODAY)
            return {"report_id": row.id}, None

    withdraw_written = written_report

    # ── results ───────────────────────────────────────────────────────────────────────────────────

    def claim_outcome(self) -> Case:
        return {"leg_id": self._begun()}, {
            "kind": "work",
            "starts_on": "2026-06-01",
            "last_day": "2026-05-29",
            "extent_percent": 100,
            "employer_number": organisation_number(7001),
            "employer_name": "Provbutiken",
        }

    def outcome(self) -> Case:
        leg_id = self._begun()
        form = actions.OutcomeForm(
            kind="work",
            starts_on=date(2026, 5, 25),
            last_day=date(2026, 5, 22),
            extent_percent=100,
            employer_number=organisation_number(7001),
            employer_name="Provbutiken",
        )
        with self.stage.database.transaction(1) as session:
            return {
                "outcome_id": actions.claim_outcome(
                    session, leg_id, form, by=self.town.coach, today=date(2026, 5, 25)
                ).id
            }, None

    withdraw_outcome = outcome

    def check(self) -> Case:
        outcome_id = self.outcome()[0]["outcome_id"]
        with self.stage.database.reading() as session:
            found = session.scalars(select(Check.id).where(Check.outcome_id == outcome_id)).first()
        return {"check_id": found or 0}, None

    def answer_check(self) -> Case:
        ids = self.check()[0]
        with self.stage.database.transaction(1) as session:
            # So that it opened after the claim, and is asked about.
            session.get_one(Check, (1, ids["check_id"])).due_on = date(2026, 6, 1)
        return ids, {"answer": "still"}

    # ── webhooks ──────────────────────────────────────────────────────────────────────────────────

    def webhook_calls(self) -> Case:
        return {"webhook_id": self.hook_id}, None

    def repeat_call(self) -> Case:
        with self.stage.database.transaction(1) as session:
            send_trial(session, self.hook_id, by=self.town.manager, at=dates.now())
            session.flush()
            call_id = session.scalars(select(Delivery.id).order_by(Delivery.id.desc())).first()
        return {"call_id": call_id or 0}, None
