"""The bank's answers, uploaded: read, refused with a sentence, kept when they fit nothing."""

from __future__ import annotations

import io
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.demo.bank import accepted
from payouts.models import Batch
from tests.payouts.rails.answers import answer, reason, said
from tests.provider.stage import MARCH, Stage


@pytest.fixture
def maker(app: Flask, stage: Stage) -> FlaskClient:
    """Whoever makes the payments."""
    return stage.client(app, "ekonom")


@pytest.fixture
def sent(stage: Stage) -> Batch:
    """A batch that the bank has."""
    leg_id = stage.started("Amal Provlund", day=date(2026, 3, 2))
    stage.reported(leg_id, MARCH)
    return stage.paid()


def upload(client: FlaskClient, document: bytes, *, follow: bool = True):
    data = {"file": (io.BytesIO(document), "svar.xml")}
    answered = client.post("/finance/answer", data=data, follow_redirects=follow)
    answered.request.environ["wsgi.input"].close()  # a large one lies in a file of the client's own
    return answered


def text(answered) -> str:
    return answered.get_data(as_text=True).replace("\N{NO-BREAK SPACE}", " ")


def about(batch: Batch, document: bytes) -> bytes:
    return document.replace(b">VV-1<", f">{batch.id}<".encode(), 1)


def test_a_yes_is_read_once(maker, stage, sent):
    document = accepted(sent.document)
    page = text(upload(maker, document))
    assert "Svaret är läst: 1 godkända, 0 nekade, 0 utan besked." in page
    assert "Banken har godkänt" in page
    assert stage.state(sent.id) == "accepted"
    assert "Svaret är redan läst. Inget har ändrats." in text(upload(maker, document))
    coach = text(stage.client(maker.application, "handledare").get("/provider/money"))
    assert "Betald" in coach


def test_a_no_is_told_and_the_money_waits_for_the_next_batch(maker, stage, sent):
    statement_id = stage.statement_id(sent.id, stage.town.provider_id)
    no = answer(group="PART", transfers=(said(str(statement_id), "RJCT", reason("AC04")),))
    page = text(upload(maker, about(sent, no)))
    assert "0 godkända, 1 nekade" in page
    assert "Nekad av banken" in page
    assert stage.state(sent.id) == "partly_rejected"
    coach = stage.client(maker.application, "handledare")
    assert "Banken nekade betalningen" in text(coach.get(f"/provider/money/{statement_id}"))
    assert "3 567,10 kr" in text(maker.get("/finance/make"))


def test_what_fits_no_payment_is_kept_for_a_person(maker, sent):
    strange = answer(group="PDNG", transfers=(said("nobody-1", "RJCT", reason("AC01")),))
    page = text(upload(maker, about(sent, strange)))
    assert "1 passar inte på någon betalning." in page
    assert "Banken har svarat om betalningar som inte finns här" in page
    desk = text(maker.get("/finance/"))
    assert "Betalningen nobody-1: nekad av banken (AC01)." in desk


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (b"", "Filen är tom."),
        (b"hej", "Filen går inte att läsa som XML."),
        (b"<a/>", "Filen är inte ett meddelande som kan läsas här."),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "Filen innehåller en DOCTYPE."),
        (b"<a>" + b" " * 1_000_000 + b"</a>", "Filen är för stor."),
        (answer(group="ACSC"), "Svaret gäller en fil som inte har skickats härifrån."),
    ],
)
def test_a_bad_file_gets_a_sentence(maker, stage, sent, document, sentence):
    answered = upload(maker, document, follow=False)
    assert answered.status_code == 422
    assert sentence in text(answered)
    assert stage.state(sent.id) == "sent"


def test_no_file_and_a_far_too_big_one(maker):
    assert "Välj filen som banken har skickat." in text(maker.post("/finance/answer", data={}))
    assert upload(maker, b" " * 3_000_000).status_code == 413
