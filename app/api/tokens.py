"""Keys of providers' systems: made and revoked by a manager, and whose a request is that carries one."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import Request, Response, after_this_request, current_app
from flask_login import UserMixin
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.api import problems
from app.api.models import SCOPES, ApiToken
from app.web import database, reading, settings
from core import audit, dates
from core.actor import PROVIDER, Account, AccountRole, Actor, Role
from core.database import fetch
from core.refusal import Missing, Refusal
from providers.queries import workplace

PREFIX = "vagval_"
SHOWN = 12
MONTHS_MOST = 12
STANDING_MOST = 20


@dataclass(frozen=True)
class TokenForm:
    """What a manager says of a key: its name, what it may do, its last day."""

    name: str
    scopes: tuple[str, ...]
    ends_on: date


class Caller(UserMixin):
    """The system that asks, as the guard knows it: it acts as the manager who made its key."""

    language = ""

    def __init__(self, token_id: int, scopes: Sequence[str], ends_on: date, name: str, actor: Actor) -> None:
        self.token_id = token_id
        self.scopes = frozenset(scopes)
        self.ends_on = ends_on
        self.name = name
        self.actor = actor

    def get_id(self) -> str:
        """The key's id."""
        return str(self.token_id)


def fingerprint(key: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


def make_token(session: Session, form: TokenForm, *, by: Actor, today: date) -> tuple[ApiToken, str]:
    """A new key, and the key itself, which is nowhere kept. Only a manager makes one."""
    by.require(Role.MANAGER)
    if by.provider_id is None:
        raise Missing()
    _check(session, form, by, today)
    key = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken(
        municipality_id=by.municipality_id,
        provider_id=by.provider_id,
        account_id=by.account_id,
        name=form.name.strip(),
        start=key[:SHOWN],
        fingerprint=fingerprint(key),
        scopes=[scope for scope in SCOPES if scope in form.scopes],
        made_on=today,
        ends_on=form.ends_on,
    )
    session.add(token)
    audit.record(session, "token.made", token, by=by, scopes=list(token.scopes), ends_on=form.ends_on)
    return token, key


def _check(session: Session, form: TokenForm, by: Actor, today: date) -> None:
    if not form.name.strip():
        raise Refusal("token_name_missing", "Skriv vad nyckeln ska heta.", status=422)
    if not form.scopes or not set(form.scopes) <= set(SCOPES):
        raise Refusal("token_scope_missing", "Välj vad nyckeln får göra.", status=422)
    last = dates.add_months(today, MONTHS_MOST)
    if not today <= form.ends_on <= last:
        raise Refusal(
            "token_end_wrong",
            "Sista dagen måste ligga mellan i dag och {day}.",
            status=422,
            day=last.isoformat(),
        )
    standing = [one for one in of_provider(session, by.municipality_id, by.provider_id) if one.stands(today)]
    if any(one.token.name.casefold() == form.name.strip().casefold() for one in standing):
        raise Refusal("token_name_taken", "Det finns redan en nyckel med det namnet. Välj ett annat namn.")
    if len(standing) >= STANDING_MOST:
        raise Refusal("tokens_many", "Ni har {most} nycklar. Ta bort en först.", most=STANDING_MOST)


def revoke_token(session: Session, token_id: int, *, by: Actor, today: date) -> ApiToken:
    """The key opens nothing from now on. Any manager of the provider may."""
    by.require(Role.MANAGER)
    token = fetch(session, ApiToken, by.municipality_id, token_id)
    if token.provider_id != by.provider_id:
        raise Missing()
    if token.revoked_on is not None:
        raise Refusal("token_revoked", "Nyckeln är redan borttagen.")
    token.revoked_on, token.revoked_by = today, by.account_id
    audit.record(session, "token.revoked", token, by=by)
    return token


@dataclass(frozen=True)
class Shown:
    """A key with the name of whoever made it."""

    token: ApiToken
    made_by: str

    def stands(self, today: date) -> bool:
        """Whether it opens anything that day."""
        return self.token.revoked_on is None and self.token.ends_on >= today


def of_provider(session: Session, municipality_id: int, provider_id: int | None) -> list[Shown]:
    """The provider's keys, the newest first; also those that have ended."""
    rows = (
        select(ApiToken, Account.name)
        .join(
            Account,
            (Account.municipality_id == ApiToken.municipality_id) & (Account.id == ApiToken.account_id),
        )
        .where(ApiToken.municipality_id == municipality_id, ApiToken.provider_id == provider_id)
        .order_by(ApiToken.id.desc())
    )
    return [Shown(token, name) for token, name in session.execute(rows)]


def caller(request: Request) -> Caller | None:
    """Whose request it is, by its key; None for a page, and when the key opens nothing today."""
    if not problems.wanted():
        return None
    kind, _, key = request.headers.get("Authorization", "").partition(" ")
    if kind.casefold() != "bearer" or not key.startswith(PREFIX):
        return None
    today, municipality_id = dates.today(), settings().municipality_id
    with reading() as look:
        found = look.execute(
            select(ApiToken, Account.name, AccountRole.role)
            .join(
                Account,
                (Account.municipality_id == ApiToken.municipality_id) & (Account.id == ApiToken.account_id),
            )
            .join(
                AccountRole,
                (AccountRole.municipality_id == ApiToken.municipality_id)
                & (AccountRole.account_id == ApiToken.account_id),
            )
            .where(
                ApiToken.municipality_id == municipality_id,
                ApiToken.fingerprint == fingerprint(key.strip()),
                ApiToken.revoked_on.is_(None),
                ApiToken.ends_on >= today,
                Account.is_active.is_(True),
            )
        ).all()
        if not found:
            return None
        token: ApiToken = found[0].ApiToken
        roles = frozenset(Role(row.role) for row in found) & PROVIDER
        if not roles or workplace(look, municipality_id, token.account_id) != token.provider_id:
            return None
    if token.last_used_on != today:
        _note_use_when_done(token, today)
    actor = Actor(
        kind="person",
        municipality_id=municipality_id,
        account_id=token.account_id,
        roles=roles,
        provider_id=token.provider_id,
        name=found[0].name,
    )
    return Caller(token.id, token.scopes, token.ends_on, token.name, actor)


def _note_use_when_done(token: ApiToken, today: date) -> None:
    """Note that the key is in use, once a day, after the view has closed what it had open."""

    @after_this_request
    def note(response: Response) -> Response:
        used = update(ApiToken).where(
            ApiToken.municipality_id == token.municipality_id, ApiToken.id == token.id
        )
        try:
            with database().transaction() as writing:
                writing.execute(used.values(last_used_on=today))
        except OperationalError:
            current_app.logger.warning("a key could not be noted as in use; the next request tries again")
        return response
