"""Which steps an accreditation can take now, and who may take them: from the one table and the rights."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from core.actor import Actor, Role
from providers.actions.sanctions import PENALISED
from providers.models import Accreditation
from providers.rules import ENDED_STATES, OPEN_STATES
from providers.rules import accreditation as life
from providers.rules.sanctions import RIGHTS

BOARDS = ("revoke", "keep", "lift", "expire", "call_off")
"""What the board decides, as events of the table."""
DECISION_OF = {
    "revoke": "revoked",
    "keep": "kept",
    "lift": "lifted",
    "expire": "expired",
    "call_off": "reaccreditation_called_off",
}


@dataclass(frozen=True)
class Step:
    """A step somebody can take: the endpoint of its page, what it is called, and what it does."""

    endpoint: str
    title: Any
    about: Any
    roles: tuple[Role, ...]


INTAKE = "casework.accreditation_intake"
DECIDE = Step(
    "casework.accreditation_decide",
    _l("För in nämndens beslut"),
    _l("Nämnden har mötts. Skriv vad den beslutade."),
    RIGHTS["revoked"].roles,
)
WIND_DOWN = Step(
    "casework.accreditation_wind_down",
    _l("Planera för deltagarna"),
    _l("Alla som går där får en plan på en gång. Ingen lämnas utan."),
    (Role.INSPECTOR,),
)
STOP = Step(
    INTAKE,
    _l("Stoppa intaget"),
    _l("Ingen ny kan välja anordnaren. De som går där fortsätter."),
    RIGHTS["intake_stopped"].roles,
)
OPEN = Step(
    INTAKE,
    _l("Öppna intaget"),
    _l("Kommunens stopp upphör. Anordnarens eget påverkas inte."),
    RIGHTS["intake_opened"].roles,
)
BY_EVENT = {
    "lift_warning": Step(
        "casework.accreditation_lift_warning",
        _l("Häv varningen"),
        _l("Det som var fel är rättat."),
        RIGHTS["warning_lifted"].roles,
    ),
    "warn": Step(
        "casework.accreditation_warn",
        _l("Varna"),
        _l("Anordnaren får veta vad som är fel och till när det ska vara rättat."),
        RIGHTS["warned"].roles,
    ),
    "propose_revocation": Step(
        "casework.accreditation_propose",
        _l("Föreslå återkallelse"),
        _l("Förslaget hamnar på nämndens lista. Nämnden beslutar."),
        (Role.INSPECTOR,),
    ),
    "revoke_provisionally": Step(
        "casework.accreditation_suspend",
        _l("Återkalla tillfälligt"),
        _l("Brådskande beslut av ordföranden. Nämnden bekräftar eller häver det."),
        RIGHTS["provisionally_revoked"].roles,
    ),
    "close": Step(
        "casework.accreditation_close",
        _l("Stäng"),
        _l("När ingen är kvar och inga resultat kan komma."),
        RIGHTS["closed"].roles,
    ),
}
PENALTY = Step(
    "casework.accreditation_penalty",
    _l("Besluta om vite"),
    _l("Beloppen står i kundvalets regler."),
    RIGHTS["penalty"].roles,
)


def open_to_board(accreditation: Accreditation) -> list[str]:
    """What the board can decide about the accreditation now."""
    return [event for event in BOARDS if life.can(accreditation.state, event)]


def steps(accreditation: Accreditation, stoppers: Collection[str], has_penalties: bool) -> list[Step]:
    """Every step that is open now, whoever may take it; what is most pressing first. `stoppers` are those
    whose stop of the intake stands."""
    state = accreditation.state
    found = [DECIDE] if open_to_board(accreditation) else []
    if state in ENDED_STATES and state != "closed":
        found.append(WIND_DOWN)
    found += [step for event, step in BY_EVENT.items() if life.can(state, event)]
    if state in OPEN_STATES:
        found.append(OPEN if "municipality" in stoppers else STOP)
    if has_penalties and state in PENALISED:
        found.append(PENALTY)
    return found


def mine(found: list[Step], by: Actor) -> list[Step]:
    """Those of the steps that the actor's roles let them take."""
    return [step for step in found if by.has(*step.roles)]
