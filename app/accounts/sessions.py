"""Sessions of our own: the cookie holds a random token, the row its hash, and the row decides."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from flask import Response, after_this_request, current_app, flash, session
from flask_babel import gettext as _
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import InstrumentedAttribute

from app import words
from app.accounts import actions
from app.accounts.models import SignIn
from app.web import database, reading, settings
from core.actor import PROVIDER, Account, AccountRole, Actor, Role
from core.dates import now
from core.refusal import Forbidden
from providers.queries import workplace
from vouchers.models import Participant

KEPT = ("language", "seed")
OWN_LIST = "list"
"""The providers that a visitor has saved: they come along when signing in, and are gone after signing out."""
SEEN_EVERY = timedelta(minutes=1)


class User(UserMixin):
    """Who is signed in, as pages and the guard know them."""

    def __init__(self, token: str, sign_in_id: int, actor: Actor, language: str) -> None:
        self.token = token
        self.sign_in_id = sign_in_id
        self.actor = actor
        self.language = language

    def get_id(self) -> str:
        """What the cookie keeps: the session's token."""
        return self.token

    @property
    def display_name(self) -> str:
        """The person's name."""
        return self.actor.name

    @property
    def role_label(self) -> str:
        """The roles in words."""
        return " · ".join(words.word(role.value, "role") for role in Role if role in self.actor.roles)


def prepare(login_manager: LoginManager) -> None:
    """Let the login manager find people by our own sessions."""
    # A phone changes its address all day; the token is the proof, and time and sign-out end it.
    login_manager.session_protection = None
    login_manager.user_loader(_load)


def begin_session(account_id: int, how: str) -> User:
    """Sign an account in: a new row, a new token, an emptied cookie that keeps language, seed and own list.

    Whoever was signed in here is signed out first. Raises Refusal when the account is closed.
    """
    end_session()
    token, at, municipality_id = secrets.token_urlsafe(32), now(), settings().municipality_id
    by = Actor(kind="person", municipality_id=municipality_id, account_id=account_id)
    with database().transaction(municipality_id) as writing:
        actions.sign_in(writing, account_id, hashed(token), how, by=by, at=at)
    _empty((*KEPT, OWN_LIST))
    user = _found(token, at)
    if user is None:
        raise Forbidden()
    login_user(user)
    return user


def end_session() -> None:
    """Sign out whoever is signed in here; of no effect for a stranger."""
    if not current_user.is_authenticated:
        return
    by: Actor = current_user.actor
    with database().transaction(by.municipality_id) as writing:
        actions.sign_out(writing, current_user.sign_in_id, by=by, at=now())
    logout_user()
    _empty()


def hashed(token: str) -> str:
    """What the row keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _empty(names: tuple[str, ...] = KEPT) -> None:
    kept = {name: session[name] for name in names if name in session}
    session.clear()
    session.update(kept)


def _load(token: str) -> User | None:
    user = _found(token, now())
    if user is None:
        _empty()
        flash(_("Din inloggning har tagit slut. Logga in igen om du vill fortsätta."), "info")
    return user


def _found(token: str, at: datetime) -> User | None:
    limits = settings()
    query = (
        select(
            SignIn.municipality_id,
            SignIn.id,
            SignIn.seen_at,
            Account.id.label("account_id"),
            Account.name,
            Account.language,
            AccountRole.role,
            Participant.id.label("participant_id"),
        )
        .join(Account, _theirs(Account.municipality_id, Account.id))
        .outerjoin(AccountRole, _theirs(AccountRole.municipality_id, AccountRole.account_id))
        .outerjoin(Participant, _theirs(Participant.municipality_id, Participant.account_id))
        .where(
            SignIn.token_hash == hashed(token),
            SignIn.ended_at.is_(None),
            SignIn.began_at > at - timedelta(hours=limits.session_hours),
            SignIn.seen_at > at - timedelta(minutes=limits.session_idle_minutes),
            Account.is_active.is_(True),
        )
    )
    with reading() as look:
        rows = look.execute(query).all()
        if not rows:
            return None
        first = rows[0]
        roles = frozenset(Role(row.role) for row in rows if row.role)
        employed = workplace(look, first.municipality_id, first.account_id) if roles & PROVIDER else None
    if at - first.seen_at >= SEEN_EVERY:
        _touch_when_done(first.municipality_id, first.id, at)
    actor = Actor(
        kind="person",
        municipality_id=first.municipality_id,
        account_id=first.account_id,
        roles=roles,
        provider_id=employed,
        participant_id=first.participant_id,
        name=first.name,
    )
    return User(token, first.id, actor, first.language)


def _theirs(
    municipality_id: InstrumentedAttribute[int],
    account_id: InstrumentedAttribute[int] | InstrumentedAttribute[int | None],
) -> ColumnElement[bool]:
    """Rows of the account that the session is for."""
    return and_(municipality_id == SignIn.municipality_id, account_id == SignIn.account_id)


def _touch_when_done(municipality_id: int, sign_in_id: int, at: datetime) -> None:
    """Note that the session is in use, after the view has closed what it had open."""

    @after_this_request
    def touch(response: Response) -> Response:
        seen = update(SignIn).where(
            SignIn.municipality_id == municipality_id,
            SignIn.id == sign_in_id,
            SignIn.ended_at.is_(None),
            SignIn.seen_at < at,
        )
        try:
            with database().transaction() as writing:
                writing.execute(seen.values(seen_at=at))
        except OperationalError:
            current_app.logger.warning("a session could not be noted as in use; the next page tries again")
        return response
