"""What is asked of an accreditation's life: decisions, proposals, plans, stops, notices, calls to renew."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, aliased

from core.actor import Account
from core.database import Rows
from core.rulebooks import Rulebook
from providers.models import (
    Accreditation,
    ActionPlan,
    Decision,
    IntakeStop,
    Notice,
    Proposal,
    Provider,
    Reaccreditation,
    Reported,
)
from providers.queries.registry import OF_PROVIDER
from providers.rules import APPLYING_STATES, ENDED_STATES, OPEN_STATES

_Decider = aliased(Account)


def reaccreditation_of(session: Session, accreditation: Accreditation) -> Reaccreditation | None:
    """The newest call to apply again that concerns the accreditation: a newer version of its kundval."""
    own = aliased(Rulebook)
    return session.scalars(
        select(Reaccreditation)
        .join(
            Rulebook,
            and_(
                Rulebook.municipality_id == Reaccreditation.municipality_id,
                Rulebook.id == Reaccreditation.rulebook_id,
            ),
        )
        .join(
            own,
            and_(own.municipality_id == Reaccreditation.municipality_id, own.id == accreditation.rulebook_id),
        )
        .where(
            Reaccreditation.municipality_id == accreditation.municipality_id,
            Reaccreditation.scheme == accreditation.scheme,
            Rulebook.valid_from > own.valid_from,
        )
        .order_by(Rulebook.valid_from.desc(), Reaccreditation.id.desc())
    ).first()


def renewal_of(
    session: Session, accreditation: Accreditation, *, drafts: bool = False
) -> Accreditation | None:
    """The application that renews the accreditation and awaits a decision; drafts only when asked for."""
    states = APPLYING_STATES if drafts else tuple(one for one in APPLYING_STATES if one != "draft")
    return session.scalars(
        select(Accreditation)
        .where(
            Accreditation.municipality_id == accreditation.municipality_id,
            Accreditation.replaces_id == accreditation.id,
            Accreditation.state.in_(states),
        )
        .order_by(Accreditation.id.desc())
    ).first()


def of_provider(session: Session, municipality_id: int, provider_id: int) -> Sequence[Accreditation]:
    """Every accreditation a provider has or has had, those in force first, the newest first."""
    rows = session.scalars(
        select(Accreditation)
        .where(
            Accreditation.municipality_id == municipality_id,
            Accreditation.provider_id == provider_id,
            Accreditation.state.in_((*OPEN_STATES, *ENDED_STATES)),
        )
        .order_by(Accreditation.from_on.desc(), Accreditation.id.desc())
    ).all()
    return sorted(rows, key=lambda row: row.state not in OPEN_STATES)


def proposals(session: Session, accreditation: Accreditation) -> Rows:
    """(Proposal, who made it or None for the clock), newest first."""
    rows = (
        select(Proposal, _Decider.name.label("who"))
        .outerjoin(
            _Decider,
            and_(_Decider.municipality_id == Proposal.municipality_id, _Decider.id == Proposal.made_by),
        )
        .where(
            Proposal.municipality_id == accreditation.municipality_id,
            Proposal.accreditation_id == accreditation.id,
        )
        .order_by(Proposal.id.desc())
    )
    return session.execute(rows).all()


def plans(session: Session, accreditation: Accreditation) -> Sequence[ActionPlan]:
    """The action plans handed in, newest first."""
    return session.scalars(
        select(ActionPlan)
        .join(
            Decision,
            and_(
                Decision.municipality_id == ActionPlan.municipality_id, Decision.id == ActionPlan.decision_id
            ),
        )
        .where(
            ActionPlan.municipality_id == accreditation.municipality_id,
            Decision.accreditation_id == accreditation.id,
        )
        .order_by(ActionPlan.id.desc())
    ).all()


def stops(session: Session, accreditation: Accreditation) -> Sequence[IntakeStop]:
    """Every stop of the intake, newest first."""
    return session.scalars(
        select(IntakeStop)
        .where(
            IntakeStop.municipality_id == accreditation.municipality_id,
            IntakeStop.accreditation_id == accreditation.id,
        )
        .order_by(IntakeStop.id.desc())
    ).all()


def notices(session: Session, accreditation: Accreditation) -> Sequence[Notice]:
    """What the provider has been told about the accreditation, newest first."""
    return session.scalars(
        select(Notice)
        .where(
            Notice.municipality_id == accreditation.municipality_id,
            Notice.accreditation_id == accreditation.id,
        )
        .order_by(Notice.given_on.desc(), Notice.id.desc())
    ).all()


# ── the board's list ─────────────────────────────────────────────────────────────────────────────


def for_the_board(session: Session, municipality_id: int) -> Rows:
    """(Proposal, Accreditation, provider's name, who proposed or None for the clock) that wait for the board,
    oldest first."""
    rows = (
        select(Proposal, Accreditation, Provider.name.label("provider"), _Decider.name.label("who"))
        .join(
            Accreditation,
            and_(
                Accreditation.municipality_id == Proposal.municipality_id,
                Accreditation.id == Proposal.accreditation_id,
            ),
        )
        .join(Provider, OF_PROVIDER)
        .outerjoin(
            _Decider,
            and_(_Decider.municipality_id == Proposal.municipality_id, _Decider.id == Proposal.made_by),
        )
        .where(
            Proposal.municipality_id == municipality_id,
            Proposal.state == "open",
            Proposal.kind.in_(("revoke", "expire")),
            Accreditation.state != "provisionally_revoked",
        )
        .order_by(Proposal.made_on, Proposal.id)
    )
    return session.execute(rows).all()


def provisional(session: Session, municipality_id: int) -> Rows:
    """(Accreditation, provider's name) that the chair has revoked until the board has met."""
    rows = (
        select(Accreditation, Provider.name.label("provider"))
        .join(Provider, OF_PROVIDER)
        .where(
            Accreditation.municipality_id == municipality_id, Accreditation.state == "provisionally_revoked"
        )
        .order_by(Provider.name, Accreditation.id)
    )
    return session.execute(rows).all()


def unreported(session: Session, municipality_id: int) -> Rows:
    """(Decision, Accreditation, provider's name, who decided) taken on the board's behalf and not yet
    reported to it, oldest first."""
    rows = (
        select(Decision, Accreditation, Provider.name.label("provider"), _Decider.name.label("who"))
        .join(
            Accreditation,
            and_(
                Accreditation.municipality_id == Decision.municipality_id,
                Accreditation.id == Decision.accreditation_id,
            ),
        )
        .join(Provider, OF_PROVIDER)
        .join(
            _Decider,
            and_(_Decider.municipality_id == Decision.municipality_id, _Decider.id == Decision.decided_by),
        )
        .outerjoin(
            Reported,
            and_(Reported.municipality_id == Decision.municipality_id, Reported.decision_id == Decision.id),
        )
        .where(
            Decision.municipality_id == municipality_id,
            Decision.body.in_(("delegate", "chair")),
            Reported.decision_id.is_(None),
        )
        .order_by(Decision.decided_on, Decision.id)
    )
    return session.execute(rows).all()


# ── new conditions ───────────────────────────────────────────────────────────────────────────────


def under_older(session: Session, rulebook: Rulebook) -> int:
    """How many open accreditations stand under an older version of that kundval."""
    rows = (
        select(func.count(Accreditation.id))
        .join(
            Rulebook,
            and_(
                Rulebook.municipality_id == Accreditation.municipality_id,
                Rulebook.id == Accreditation.rulebook_id,
            ),
        )
        .where(
            Accreditation.municipality_id == rulebook.municipality_id,
            Accreditation.scheme == rulebook.scheme,
            Accreditation.state.in_(OPEN_STATES),
            Rulebook.valid_from < rulebook.valid_from,
        )
    )
    return session.scalars(rows).one()


def calls(session: Session, municipality_id: int) -> Rows:
    """(Reaccreditation, version, title_sv, title_en, who) of every call to apply again, newest first."""
    rows = (
        select(
            Reaccreditation,
            Rulebook.version,
            Rulebook.title_sv,
            Rulebook.title_en,
            _Decider.name.label("who"),
        )
        .join(
            Rulebook,
            and_(
                Rulebook.municipality_id == Reaccreditation.municipality_id,
                Rulebook.id == Reaccreditation.rulebook_id,
            ),
        )
        .outerjoin(
            _Decider,
            and_(
                _Decider.municipality_id == Reaccreditation.municipality_id,
                _Decider.id == Reaccreditation.decided_by,
            ),
        )
        .where(Reaccreditation.municipality_id == municipality_id)
        .order_by(Reaccreditation.decided_on.desc(), Reaccreditation.id.desc())
    )
    return session.execute(rows).all()
