"""Webhooks: where the provider's own system is told what happens, how each call went, and one more try."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.api import hook_actions, hook_queries
from app.api.models import EVENTS
from app.provider.hook_forms import WebhookForm
from app.provider.views.door import portal, workplace
from app.web import actor, municipality_id, open_to, reading, refused, settings, shown, writing
from core import dates
from core.actor import Role


@portal.route("/webhooks", methods=["GET", "POST"])
@open_to(Role.MANAGER)
def webhooks() -> tuple[str, int]:
    """The addresses that are called, and a new one. Its secret stands in the answer, this once."""
    provider_id, form = workplace(), WebhookForm()
    if form.validate_on_submit():
        with refused(form):
            with writing() as session:
                made, secret = hook_actions.make_webhook(
                    session, form.url.data or "", form.events.data or [],
                    by=actor(), at=dates.now(), is_production=_is_production(),
                )  # fmt: skip
            return render_template("provider/webhook_secret.html", hook=made, secret=secret, is_new=True), 200
    with reading() as session:
        rows = hook_queries.webhooks(session, municipality_id(), provider_id)
    return shown("provider/webhooks.html", form, rows=rows, events=EVENTS, only_https=_is_production())


@portal.route("/webhooks/<int:webhook_id>")
@open_to(Role.MANAGER)
def webhook(webhook_id: int) -> str:
    """One address: what it is called for, and the last calls."""
    with reading() as session:
        hook = hook_queries.webhook(session, municipality_id(), workplace(), webhook_id)
        calls = hook_queries.deliveries(session, municipality_id(), hook.id)
    return render_template("provider/webhook.html", hook=hook, calls=calls, now=dates.now())


@portal.post("/webhooks/<int:webhook_id>/secret")
@open_to(Role.MANAGER)
def rotate_webhook(webhook_id: int) -> str:
    """A new secret, shown in the answer; the old one signs too for a day."""
    with writing() as session:
        workplace()
        hook, secret = hook_actions.rotate_secret(session, webhook_id, by=actor(), at=dates.now())
    return render_template("provider/webhook_secret.html", hook=hook, secret=secret, is_new=False)


@portal.post("/webhooks/<int:webhook_id>/trial")
@open_to(Role.MANAGER)
def try_webhook(webhook_id: int) -> Response:
    """Send a call that says nothing."""
    with writing() as session:
        workplace()
        hook_actions.send_trial(session, webhook_id, by=actor(), at=dates.now())
    flash(_("Ett prov skickas inom en minut. Läs in sidan igen för att se hur det gick."), "success")
    return redirect(url_for("provider.webhook", webhook_id=webhook_id))


@portal.post("/webhooks/<int:webhook_id>/end")
@open_to(Role.MANAGER)
def end_webhook(webhook_id: int) -> Response:
    """Call that address no more."""
    with writing() as session:
        workplace()
        hook_actions.end_webhook(session, webhook_id, by=actor(), at=dates.now())
    flash(_("Adressen anropas inte längre."), "success")
    return redirect(url_for("provider.webhooks"))


@portal.post("/webhook-calls/<int:delivery_id>/again")
@open_to(Role.MANAGER)
def call_again(delivery_id: int) -> Response:
    """One more try of a call, whatever became of it."""
    with writing() as session:
        workplace()
        call = hook_actions.call_again(session, delivery_id, by=actor(), at=dates.now())
    flash(_("Anropet görs igen inom en minut. Läs in sidan igen för att se hur det gick."), "success")
    return redirect(url_for("provider.webhook", webhook_id=call.webhook_id))


def _is_production() -> bool:
    return settings().environment == "production"
