"""The job seeker's pages: my way; the others stand in rooms of their own."""

from __future__ import annotations

from flask_babel import get_locale

from app.declared import answered
from app.seeker import attendance, choosing, letter, my_data, none_suits, plan, steps, switch, voice
from app.seeker.door import me, portal
from app.web import actor, open_to, reading, shown
from core import dates
from core.actor import Role
from vouchers.queries import attendance as told
from vouchers.queries import messages, non_choice, planning
from vouchers.queries import voice as answers
from vouchers.queries.written import written_of
from vouchers.rules.plan import next_step
from vouchers.rules.switching import BEFORE, THERE

__all__ = ["attendance", "choosing", "letter", "my_data", "none_suits", "plan", "portal", "switch", "voice"]


@portal.route("/")
@open_to(Role.SEEKER)
def home() -> tuple[str, int]:
    """My way: the next step and its day, what is mine to read and write, who helps, what has happened."""
    today, own, here = dates.today(), actor().participant_id or 0, actor().municipality_id
    with reading() as look:
        person, ways = me(look)
        placed = [leg.id for found in ways for leg in found.legs if leg.how == "non_choice"]
        why = non_choice.why(look, here, placed) if placed else {}
        planned = next_step(planning.steps(look, here, own), today)
        asked = answers.surveys_waiting(look, here, own, today)
        letters = messages.unread(look, here, own)
        told_of = told.told_of(look, here, own, today)
        stays = {leg.id: (found, leg) for found in ways for leg in found.legs}
        papers = written_of(look, here, stays) if stays else []
    running = [found for found in ways if found.is_running] or ways[:1]
    guide = person.guide_name if person else ""
    cards = [
        steps.Card(
            found.service.title(str(get_locale())),
            steps.next_step(found, guide, today, why.get(found.leg.id) if found.leg else None),
        )
        for found in running
    ]
    if planned is not None:
        cards.append(steps.of_plan(planned))
    return shown(
        "seeker/home.html",
        person=person,
        ways=ways,
        running=running,
        cards=sorted(cards, key=steps.by_day),
        reminded=[found for found in running if found.reminded_on and found.state == "choice_open"],
        asked=asked,
        letters=letters,
        told_of=bool(told_of) or any(leg.started_on for found in ways for leg in found.legs),
        to_answer=sum(one.standing == "asked" for one in told_of),
        may_switch=[found for found in running if found.state in BEFORE + THERE and not steps.placed(found)],
        said=[
            (stay, said)
            for found in ways
            for stay in found.legs
            for said in reversed(found.said)
            if said.leg_id == stay.id and said.state != "withdrawn"
        ],
        written=[
            (stays[row.leg_id][1], row, answered(row.kind, row.content, stays[row.leg_id][0].terms))
            for row in papers
            if row.state != "withdrawn"
        ],
        history=steps.history(ways, str(get_locale()), today),
        today=today,
    )
