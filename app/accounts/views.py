"""Signing in and out."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from app import words
from app.accounts import actions, passwords
from app.accounts.forms import SignInForm
from app.accounts.oidc import Attempt, Failed, LevelTooLow, NotBelieved, Provider
from app.accounts.sessions import User, begin_session, end_session
from app.web import database, local, locale, open_to_all, reading, sentence, settings, shown
from core import identity
from core.actor import FINANCE, PROVIDER, Account, Actor, Role
from core.dates import now, today
from core.refusal import Missing, Refusal

portal = Blueprint("accounts", __name__)

ATTEMPTS = 3
LONGEST_NEXT = 300
HOMES = (
    (frozenset({Role.SEEKER}), "seeker.home"),
    (PROVIDER, "provider.week"),
    (frozenset({Role.GUIDE, Role.INSPECTOR}), "casework.cases"),
    (FINANCE, "finance.overview"),
    (frozenset({Role.SECRETARY}), "casework.register"),
    (frozenset({Role.CHAIR}), "casework.board"),
    (frozenset({Role.ADMINISTRATOR}), "casework.trail"),
)


@dataclass(frozen=True)
class DemoPerson:
    """Somebody to try the demo as."""

    user_name: str
    name: str
    role: str
    note: str


@dataclass(frozen=True)
class DemoPeople:
    """Everybody to try the demo as, and the password they share."""

    people: tuple[DemoPerson, ...]
    password: str


@portal.route("/sign-in", methods=["GET", "POST"])
@open_to_all
def sign_in() -> tuple[str, int] | Response:
    """The door: e-ID for everybody, and invented people in the demo."""
    if request.method == "POST" and not settings().passwords_allowed:
        raise Missing()
    if current_user.is_authenticated and not settings().is_demo:
        return redirect(_onward(current_user.actor, request.args.get("next")))
    form = SignInForm() if settings().passwords_allowed else None
    if form and form.validate_on_submit():
        try:
            return redirect(_onward(_by_password(form).actor, request.args.get("next")))
        except Refusal as refusal:
            form.password.errors = [sentence(refusal)]
    return shown(
        "accounts/sign_in.html",
        form,
        next=local(request.args.get("next")),
        to_apply=_to_apply(local(request.args.get("next"))),
        has_e_id=settings().oidc_issuer is not None,
        demo=_demo_people() if form and settings().is_demo else None,
    )


@portal.route("/sign-in/e-id")
@open_to_all
def begin() -> tuple[str, int] | Response:
    """Send the visitor to the e-ID provider, and remember what its answer must fit."""
    try:
        attempt = Attempt.fresh()
        address = _provider().address(attempt, _back(), locale(), at=now())
    except Refusal as refusal:
        return _not_in(refusal)
    waiting = dict(session.get("e_id", {}))
    while len(waiting) >= ATTEMPTS:
        waiting.pop(next(iter(waiting)))
    onward = local(request.args.get("next")) or ""
    waiting[attempt.state] = [attempt.nonce, attempt.verifier, onward if len(onward) <= LONGEST_NEXT else ""]
    session["e_id"] = waiting
    return redirect(address)


@portal.route("/sign-in/callback")
@open_to_all
def callback() -> tuple[str, int] | Response:
    """The visitor comes back from the e-ID provider."""
    try:
        attempt, onward = _asked_for()
        user = begin_session(_who(attempt, onward), "e_id")
    except Refusal as refusal:
        _remember(refusal)
        return _not_in(refusal)
    return redirect(_onward(user.actor, onward))


@portal.route("/sign-out", methods=["POST"])
@open_to_all
def sign_out() -> Response:
    """End the session here and wherever its cookie has been copied to."""
    end_session()
    flash(_("Du är utloggad."), "success")
    return redirect(url_for("public.start"))


def _by_password(form: SignInForm) -> User:
    """Sign in with what was typed. Raises Refusal."""
    name, password = form.user_name.data or "", form.password.data or ""
    account_id = passwords.checked(database(), settings().municipality_id, name, password, at=now())
    return begin_session(account_id, "password")


def _asked_for() -> tuple[Attempt, str]:
    """The attempt that the answer is to, and where to go then. Good once, and only for who asked."""
    state, waiting = request.args.get("state", ""), dict(session.get("e_id", {}))
    if state not in waiting:
        raise Refusal(
            "e_id_answer_used",
            "Den här inloggningen är redan använd, eller började någon annanstans. Börja om.",
            status=400,
        )
    nonce, verifier, onward = waiting.pop(state)
    session["e_id"] = waiting
    return Attempt(state, nonce, verifier), onward


def _who(attempt: Attempt, onward: str) -> int:
    """The account of whom the e-ID provider has identified, on the way to `onward`. Raises Refusal."""
    provider = _provider()
    error, code = request.args.get("error"), request.args.get("code")
    if error == "access_denied":
        raise Refusal("e_id_cancelled", "Du avbröt inloggningen. Ingenting har hänt.", status=400)
    if error or not code or request.args.get("iss", provider.issuer).rstrip("/") != provider.issuer:
        raise Failed()
    number = provider.identity(attempt, code, _back(), at=now())
    try:
        digits = identity.normalised(number, today=today())
    except Refusal:
        raise NotBelieved("identity_number") from None
    municipality_id = settings().municipality_id
    with reading() as look:
        fingerprint = identity.vault(look).fingerprint(municipality_id, digits)
        account_id = look.scalar(
            select(Account.id).where(
                Account.municipality_id == municipality_id, Account.identity_fingerprint == fingerprint
            )
        )
    if account_id is None and _to_apply(onward):
        with database().transaction(municipality_id) as writing:
            by = actions.stranger(municipality_id)
            account_id = actions.welcome_applicant(writing, digits, locale(), by=by, today=today()).id
    if account_id is None:
        raise Refusal(
            "account_unknown",
            "Vi hittar inget konto för dig. Prata med en karriärvägledare, så hjälper vi dig.",
            status=403,
        )
    return account_id


def _to_apply(address: str | None) -> bool:
    """Whether that is the page where an organisation applies; nobody else can open an account by coming."""
    return urlsplit(address or "").path == url_for("provider.applications")


def _demo_people() -> DemoPeople:
    """The invented people who are in the database, for one click each, with the demo's only password."""
    from app.demo.people import PASSWORD, SIGN_INS  # noqa: PLC0415  # production never loads the demo

    with reading() as look:
        known = look.scalars(
            select(Account.user_name).where(
                Account.municipality_id == settings().municipality_id,
                Account.user_name.in_([row.user_name for row in SIGN_INS]),
            )
        ).all()
    people = tuple(
        DemoPerson(row.user_name, row.name, words.word(row.role.value, "role"), _(row.note))
        for row in SIGN_INS
        if row.user_name in known
    )
    return DemoPeople(people, PASSWORD)


def _remember(refusal: Refusal) -> None:
    """Note that the provider lied, or named somebody who was not let in; not what any visitor can cause."""
    told = refusal.reason if isinstance(refusal, NotBelieved) else refusal.code
    if isinstance(refusal, NotBelieved | LevelTooLow) or told in ("account_unknown", "account_closed"):
        municipality_id = settings().municipality_id
        with database().transaction(municipality_id) as writing:
            actions.refuse(writing, 0, "e_id", told, by=actions.stranger(municipality_id))


def _not_in(refusal: Refusal) -> tuple[str, int]:
    page = render_template("accounts/not_in.html", refusal=sentence(refusal), code=refusal.code)
    return page, refusal.status


def _provider() -> Provider:
    found: Provider | None = current_app.extensions.get("e_id")
    if found is None:
        if settings().oidc_issuer is None:
            raise Refusal(
                "e_id_off",
                "E-legitimation är avstängd i demon. Gå tillbaka och välj en påhittad person i stället.",
            )
        found = current_app.extensions["e_id"] = Provider(settings())
    return found


def _back() -> str:
    """The callback's whole address, as it is registered at the e-ID provider."""
    return url_for("accounts.callback", _external=True, _scheme="https" if settings().https else None)


def _onward(actor: Actor, wanted: str | None) -> str:
    """Where to go after signing in: back to the page that was asked for, or to the role's home."""
    home = next((endpoint for roles, endpoint in HOMES if actor.has(*roles)), "public.start")
    if actor.has(Role.MANAGER) and actor.provider_id is None:
        home = "provider.applications"
    return local(wanted) or url_for(home)
