"""A person's plan and meetings, and the list of those who lack a next step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app import timeline
from app.casework import gate
from app.casework.plan_forms import GoalForm, MeetingForm, StepForm
from app.casework.titles import Titles
from app.casework.views.portal import portal
from app.casework.waits import waited
from app.web import actor, municipality_id, open_to, reading, refused, shown, writing
from core import dates
from core.actor import Role
from core.database import fetch
from core.refusal import Missing
from vouchers import actions
from vouchers.models import Participant, PlanPart
from vouchers.queries import case as one
from vouchers.queries import cases as many
from vouchers.queries import disclosure, planning
from vouchers.queries.cases import Case
from vouchers.rules import plan as rules

Page = tuple[str, int] | Response
PER_PAGE = 50


def person(participant_id: int, page: str) -> Participant:
    """The person, for the guide who may open the pages."""
    with reading() as session:
        participant, guide = one.person(session, municipality_id(), participant_id)
    gate.enter(participant, guide, page)
    return participant


def way_back(session: Session, participant_id: int) -> str:
    """The person's latest case; the list for somebody who has none."""
    vouchers = one.vouchers_of(session, municipality_id(), participant_id)
    return url_for("casework.case", voucher_id=vouchers[0].id) if vouchers else url_for("casework.cases")


def _offered(form: StepForm, participant_id: int) -> None:
    with reading() as session:
        form.offer(planning.providers_of(session, municipality_id(), participant_id, dates.today()))


@portal.route("/people/<int:participant_id>/plan", methods=["GET", "POST"])
@open_to(Role.GUIDE)
def plan(participant_id: int) -> Page:
    """A person's plan: the goal, who does what until when, the meetings, and what each actor sees."""
    participant, form = person(participant_id, "plan"), GoalForm()
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                actions.set_goal(
                    session, participant_id, form.goal.data or "", by=actor(), today=dates.today()
                )
            flash(_("Målet är sparat."), "success")
            return redirect(url_for("casework.plan", participant_id=participant_id))
    return _page(participant, form, StepForm(formdata=None))


@portal.post("/people/<int:participant_id>/plan/parts")
@open_to(Role.GUIDE)
def plan_part(participant_id: int) -> Page:
    """Add a step to the plan."""
    participant, form = person(participant_id, "plan"), StepForm()
    _offered(form, participant_id)
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                actions.add_part(session, participant_id, form.read(), by=actor(), today=dates.today())
            flash(_("Steget är tillagt."), "success")
            return redirect(url_for("casework.plan", participant_id=participant_id))
    return _page(participant, form, form)


def _page(participant: Participant, form: GoalForm | StepForm, step: StepForm) -> tuple[str, int]:
    """The plan with its two forms; `form` is the one that was sent."""
    today, own = dates.today(), participant.id
    goal = form if isinstance(form, GoalForm) else GoalForm(formdata=None)
    with reading() as session:
        kept = planning.kept(session, municipality_id(), own)
        step.offer(planning.providers_of(session, municipality_id(), own, today))
        entries = timeline.of_plan(session, municipality_id(), own)
        context = {
            "viewers": [
                one
                for one in disclosure.viewers(session, municipality_id(), own, today)
                if one.party == "provider" or one.seen
            ],
            "history": timeline.tell(session, municipality_id(), entries),
            "back": way_back(session, own),
        }
    if goal is not form or not goal.is_submitted():
        goal.goal.data = kept.goal
    return shown(
        "casework/plan.html",
        form,
        goal=goal,
        step=step,
        participant=participant,
        plan=kept,
        next=kept.next(today),
        asks={part.id for part in kept.to_do if _is_last(kept, part, today)},
        today=today,
        **context,
    )


def _is_last(kept: planning.Kept, part: planning.Step, today: date) -> bool:
    """Whether no other step is ahead, so that the page to end this one asks for the next."""
    return rules.leaves_none([other for other in kept.parts if other.id != part.id], today)


# ── a step ends, and the next one comes ──────────────────────────────────────────────────────────


@portal.route("/plan/parts/<int:part_id>/done", methods=["GET", "POST"])
@open_to(Role.GUIDE)
def plan_done(part_id: int) -> Page:
    """A step is done. Where it was the last one ahead, the page asks for the next."""
    return _ended(part_id, "casework/plan_done.html", actions.finish_part, _("Steget är klart."))


@portal.route("/plan/parts/<int:part_id>/remove", methods=["GET", "POST"])
@open_to(Role.GUIDE)
def plan_remove(part_id: int) -> Page:
    """A step is taken away; it stays in the plan's history."""
    return _ended(part_id, "casework/plan_remove.html", actions.remove_part, _("Steget är borttaget."))


def _ended(part_id: int, template: str, end: Callable[..., PlanPart], said: str) -> Page:
    today = dates.today()
    with reading() as session:
        part = fetch(session, PlanPart, municipality_id(), part_id)
    participant, form = person(part.participant_id, "plan"), StepForm()
    with reading() as session:
        kept = planning.kept(session, municipality_id(), participant.id)
        more = planning.has_more_to_come(session, municipality_id(), participant.id)
        form.offer(planning.providers_of(session, municipality_id(), participant.id, today))
    step = next((one for one in kept.parts if one.id == part_id), None)
    if step is None:
        raise Missing()
    asked = more and _is_last(kept, step, today)
    given = any(request.form.get(name, "").strip() for name in ("does", "due_on"))
    if request.method == "POST" and (not (asked or given) or form.validate()):
        with refused(form):
            with writing() as session:
                end(session, part_id, form.read() if asked or given else None, by=actor(), today=today)
            flash(said, "success")
            return redirect(url_for("casework.plan", participant_id=participant.id))
    return shown(template, form, participant=participant, step=step, asked=asked, today=today)


# ── meetings ─────────────────────────────────────────────────────────────────────────────────────


@portal.route("/people/<int:participant_id>/meetings", methods=["GET", "POST"])
@open_to(Role.GUIDE)
def meeting(participant_id: int) -> Page:
    """Record a meeting that was held, with the step it led to."""
    participant, today = person(participant_id, "meeting"), dates.today()
    form = MeetingForm(held_on=today, present=["participant", "municipality"], who="participant")
    _offered(form, participant_id)
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                actions.record_meeting(session, participant_id, form.read_meeting(), by=actor(), today=today)
            flash(_("Mötet är inskrivet, och nästa steg står i planen."), "success")
            return redirect(url_for("casework.plan", participant_id=participant_id))
    return shown("casework/meeting.html", form, participant=participant, three=rules.THREE, today=today)


# ── who lacks a next step ────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Lacking:
    """A person without a next step, since when, and where that is mended."""

    case: Case
    name: str
    service: str
    since: str
    href: str | None


@portal.route("/next-steps")
@open_to(Role.GUIDE, Role.INSPECTOR)
def next_steps() -> str:
    """Who lacks a next step, who has lacked it longest first."""
    today, is_guide = dates.today(), actor().has(Role.GUIDE)
    whose = "mine" if request.args.get("whose") != "all" and is_guide else "all"
    with reading() as session:
        everybody = many.caseload(
            session,
            municipality_id(),
            viewer_id=actor().account_id,
            guide_id=actor().account_id if whose == "mine" else None,
            today=today,
        )
        lacking = sorted(
            (
                (wait.on, case.participant_id, case)
                for case in everybody
                for wait in case.waits
                if wait.group == "step"
            ),
            key=lambda found: found[:2],
        )
        pages = max(1, -(-len(lacking) // PER_PAGE))
        page = min(max(request.args.get("page", 1, type=int), 1), pages)
        titles = Titles(session)
        rows = [
            Lacking(
                case=case,
                name=case.name or _("Skyddad person"),
                service=titles(case.rulebook_id, case.service, case.level),
                since=waited(on, today),
                href=_where(case, is_guide),
            )
            for on, _id, case in lacking[(page - 1) * PER_PAGE : page * PER_PAGE]
        ]
    return render_template(
        "casework/next_steps.html",
        rows=rows,
        count=len(lacking),
        whose=whose,
        page=page,
        pages=pages,
        is_guide=is_guide,
        today=today,
    )


def _where(case: Case, is_guide: bool) -> str | None:
    if case.name is None:
        return None
    if is_guide:
        return url_for("casework.plan", participant_id=case.participant_id)
    return url_for("casework.case", voucher_id=case.voucher_id) if case.voucher_id else None
