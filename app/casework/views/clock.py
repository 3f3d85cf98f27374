"""The contract's clock of every provider: what is about to be missed, and what has been."""

from __future__ import annotations

from flask import render_template, request

from app.casework.titles import Titles
from app.casework.views.portal import portal
from app.web import actor, municipality_id, open_to, reading
from core import dates
from core.actor import Role
from vouchers.queries import caseload
from vouchers.queries.clock import Ticking, of_municipality
from vouchers.rules.contract import STATES

PER_PAGE = 50


@portal.route("/clock")
@open_to(Role.GUIDE, Role.INSPECTOR)
def clock() -> str:
    """What providers are about to miss, and have missed, by the same rule as they see it themselves."""
    today, is_guide = dates.today(), actor().has(Role.GUIDE)
    whose = request.args.get("whose", "mine" if is_guide else "all")
    whose = whose if whose in ("mine", "all") and is_guide else "all"
    mine = actor().account_id if whose == "mine" else None
    with reading() as session:
        everybody = of_municipality(
            session, municipality_id(), today, viewer_id=actor().account_id, guide_id=mine
        )
        full = [
            one
            for one in caseload.caseload(session, municipality_id(), today).coaches
            if one.state == "broken"
        ]
        titles = Titles(session)
        houses = sorted({(one.provider, str(one.provider_id)) for one in everybody if one.provider})
        provider = request.args.get("provider", "")
        provider = provider if provider in {key for _, key in houses} else ""
        of_house = [one for one in everybody if not provider or _is_at(one, provider)]
        counts = {state: sum(one.state == state for one in of_house) for state in STATES}
        state = request.args.get("state", "")
        chosen = [one for one in of_house if state not in STATES or one.state == state]
        pages = max(1, -(-len(chosen) // PER_PAGE))
        page = min(max(request.args.get("page", 1, int), 1), pages)
        rows = [
            (one, titles(one.rulebook_id, one.service, one.level))
            for one in chosen[(page - 1) * PER_PAGE : page * PER_PAGE]
        ]
    return render_template(
        "casework/clock.html",
        rows=rows,
        total=len(of_house),
        counts=counts,
        state=state if state in STATES else None,
        houses=houses,
        provider=provider,
        full=full,
        whose=whose,
        is_guide=is_guide,
        page=page,
        pages=pages,
        today=today,
    )


def _is_at(one: Ticking, provider: str) -> bool:
    """Whether the person goes there; of whom the reader may not know, it is not told where."""
    return one.provider is not None and str(one.provider_id) == provider
