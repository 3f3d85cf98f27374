"""The finance desk through a client: run, make, sign, stop, send, on both databases."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree
from sqlalchemy import func, select

from config import Settings
from core.audit import AuditEntry
from payouts.models import Batch, LedgerLine, PaymentRun
from payouts.rails import files
from tests.finance.giro import moved
from tests.provider.stage import APRIL, MARCH, MAY, TODAY, Stage


@pytest.fixture
def maker(app: Flask, stage: Stage) -> FlaskClient:
    """Whoever makes the payments."""
    return stage.client(app, "ekonom")


@pytest.fixture
def signer(app: Flask, stage: Stage) -> FlaskClient:
    """Whoever signs first."""
    return stage.client(app, "attest1")


@pytest.fixture
def second(app: Flask, stage: Stage) -> FlaskClient:
    """Whoever signs second."""
    return stage.client(app, "attest2")


@pytest.fixture
def worked(stage: Stage) -> int:
    """A person with two approved months, not booked yet; gives the leg."""
    leg_id = stage.started("Amal Provlund", day=date(2026, 3, 2))
    stage.reported(leg_id, MARCH, APRIL)
    return leg_id


def text(answer) -> str:
    return answer.get_data(as_text=True).replace("\N{NO-BREAK SPACE}", " ")


def batch(stage: Stage) -> Batch:
    with stage.database.reading() as session:
        return session.scalars(select(Batch).order_by(Batch.id.desc()).limit(1)).one()


def events(stage: Stage, what: str) -> int:
    with stage.database.reading() as session:
        return session.scalar(select(func.count()).where(AuditEntry.what == what)) or 0


def outbox(settings: Settings) -> list[Path]:
    return sorted(settings.outbox.glob("*.xml")) if settings.outbox.exists() else []


def test_the_run_offers_yesterday_and_books_once(maker, stage, worked):
    assert 'value="2026-06-02"' in text(maker.get("/finance/"))
    for said in ("2 rader är bokade: intjänat 7 253,10 kr, återkrav 0 kr.", "Inget nytt att boka."):
        answer = maker.post("/finance/run", data={"as_of": "2026-06-02"}, follow_redirects=True)
        assert said in text(answer)
    with stage.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(LedgerLine)) == 2
        assert session.scalars(select(PaymentRun.as_of)).all() == [date(2026, 6, 2)]


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("2026-06-04", "Dagen har inte varit än."),
        ("i morgon", "Skriv en dag, till exempel 2026-11-27."),
        ("", "Skriv vilken dag det ska räknas till."),
    ],
)
def test_a_run_for_a_wrong_day_gets_a_sentence(maker, stage, worked, day, sentence):
    answer = maker.post("/finance/run", data={"as_of": day})
    assert answer.status_code == 422
    assert sentence in text(answer)
    with stage.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(PaymentRun)) == 0


def test_the_preview_shows_every_part_and_the_post_vouches_for_it(maker, stage, worked):
    stage.booked()
    page = text(maker.get("/finance/make"))
    assert "Första gången" in page
    assert "En betalning på 7 253,10 kr." in page
    assert 'name="paid_ore" type="hidden" value="725310"' in page
    answer = maker.post("/finance/make", data={"payments": "1", "paid_ore": "725310"})
    made = batch(stage)
    assert answer.location == f"/finance/batches/{made.id}"
    assert (made.state, made.paid_ore, made.payments) == ("frozen", 725_310, 1)
    again = maker.post("/finance/make", data={"payments": "1", "paid_ore": "725310"})
    assert again.status_code == 422
    assert "Det finns redan en utbetalning som inte är skickad." in text(again)
    assert "En utbetalning är redan öppen" in text(maker.get("/finance/make"))


def test_what_has_changed_since_the_page_was_opened_is_not_paid(maker, stage, worked):
    stage.booked()
    seen = {"payments": "1", "paid_ore": "725310"}
    stage.reported(worked, MAY)
    stage.booked()
    answer = maker.post("/finance/make", data=seen)
    assert answer.status_code == 422
    page = text(answer)
    assert "Underlaget har ändrats sedan du öppnade sidan." in page
    assert 'value="1093910"' in page
    for nonsense in ({"payments": "x", "paid_ore": "1"}, {}):
        assert maker.post("/finance/make", data=nonsense).status_code == 422
    with stage.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Batch)) == 0


def test_a_provider_without_bank_details_and_new_details_are_flagged(maker, stage, worked):
    stage.paid(date(2026, 6, 1))
    stage.reported(worked, MAY)
    stage.booked()
    with stage.database.transaction(1) as session:
        moved(session, stage, date(2026, 5, 29))
    assert "Nytt nummer" in text(maker.get("/finance/make"))
    made = stage.batched()
    assert "har bytt bankgiro eller plusgiro" in text(maker.get(f"/finance/batches/{made.id}"))


def test_two_others_sign_and_nobody_twice(maker, signer, second, stage, worked):
    stage.booked()
    made = stage.batched()
    url = f"/finance/batches/{made.id}"
    assert "Det är din tur." in text(signer.get(url))
    assert "Skriv under</button>" not in text(maker.get(url))
    assert maker.post(f"{url}/sign", data={"seen": made.content_hash}).status_code == 403
    assert signer.post(f"{url}/sign", data={"seen": "0" * 64}).status_code == 409
    assert signer.post(f"{url}/sign", data={}).status_code == 409
    assert stage.state(made.id) == "frozen"
    answers = [signer.post(f"{url}/sign", data={"seen": made.content_hash}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 409]
    assert stage.state(made.id) == "reviewed"
    page = text(signer.get(url))
    assert "Du har redan skrivit under." in page
    assert "Skriv under</button>" not in page
    assert second.post(f"{url}/sign", data={"seen": made.content_hash}).status_code == 302
    assert stage.state(made.id) == "approved"
    assert (events(stage, "batch.reviewed"), events(stage, "batch.approved")) == (1, 1)
    page = text(maker.get(url))
    assert "Skicka till banken" in page
    assert "Henrik Exempelhed" in page
    assert "Aino Provmark" in page


def test_whoever_made_it_never_signs_even_with_both_roles(app, stage, worked):
    stage.booked()
    made = stage.batched()
    with stage.database.transaction(1) as session:
        from core.actor import AccountRole, Role  # noqa: PLC0415  # only here

        account_id = stage.town.maker.account_id
        session.add(AccountRole(municipality_id=1, account_id=account_id, role=Role.SIGNER.value))
    both = stage.client(app, "ekonom")
    url = f"/finance/batches/{made.id}"
    assert "Du har gjort utbetalningen, så två andra personer måste skriva under." in text(both.get(url))
    answer = both.post(f"{url}/sign", data={"seen": made.content_hash})
    assert answer.status_code == 409
    assert "Två andra personer måste skriva under." in text(answer)
    assert stage.state(made.id) == "frozen"


def test_a_signed_batch_is_sent_once_and_its_file_leaves_once(maker, stage, worked, settings):
    stage.booked()
    made = stage.batched()
    url = f"/finance/batches/{made.id}"
    assert maker.post(f"{url}/send").status_code == 409
    stage.signed(made)
    answers = [maker.post(f"{url}/send") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 409]
    assert [path.name for path in outbox(settings)] == [f"{made.id}.xml"]
    assert events(stage, "batch.sent") == 1
    file = maker.get(f"{url}/document")
    assert file.mimetype == "application/xml"
    assert file.headers["Content-Disposition"] == f'attachment; filename="{made.id}.xml"'
    assert file.data == outbox(settings)[0].read_bytes()
    sums = etree.fromstring(file.data).findall(".//{*}CtrlSum")
    assert sums[0].text == "7253.10"
    assert "Hämta bankfilen" in text(maker.get(url))


def test_a_file_that_cannot_be_handed_over_is_still_sent_and_told(
    maker, stage, worked, settings, monkeypatch
):
    stage.booked()
    made = stage.batched()
    stage.signed(made)

    def full(*_: object, **__: object) -> Path:
        raise OSError("no space left")

    monkeypatch.setattr(files, "hand_over", full)
    answer = maker.post(f"/finance/batches/{made.id}/send", follow_redirects=True)
    assert "Ett nytt försök görs inom en minut." in text(answer)
    assert stage.state(made.id) == "sent"
    assert outbox(settings) == []


def test_a_batch_is_stopped_with_a_reason_until_it_is_sent(signer, maker, stage, worked):
    stage.booked()
    made = stage.batched()
    url = f"/finance/batches/{made.id}"
    assert "Skriv varför utbetalningen stoppas." in text(signer.post(f"{url}/void", data={"reason": " "}))
    assert stage.state(made.id) == "frozen"
    stage.signed(made, stage.town.signer)
    assert "Underskriften står kvar i historiken" in text(signer.get(f"{url}/void"))
    assert signer.post(f"{url}/void", data={"reason": "Fel betalningsdag."}).status_code == 302
    assert stage.state(made.id) == "void"
    page = text(maker.get(url))
    assert "Fel betalningsdag." in page
    assert "Första underskriften" in page
    again = stage.paid()
    late = f"/finance/batches/{again.id}/void"
    assert "kan inte stoppas" in text(signer.get(late))
    assert signer.post(late, data={"reason": "För sent."}).status_code == 422
    assert stage.state(again.id) == "sent"


def test_a_batch_without_payments_is_settled_without_a_file(maker, stage, worked, settings):
    stage.paid(date(2026, 6, 1))
    with stage.database.reading() as session:
        from vouchers.models import Report  # noqa: PLC0415  # only here

        report_id = session.scalars(select(Report.id).where(Report.month == MARCH)).one()
    stage.withdrawn(report_id)
    stage.booked()
    made = stage.batched()
    stage.signed(made)
    page = text(maker.get(f"/finance/batches/{made.id}"))
    assert "Stigfinnarna har mer återkrav än intjänat." in page
    before = len(outbox(settings))
    answer = maker.post(f"/finance/batches/{made.id}/send", follow_redirects=True)
    assert "Inget skulle betalas, så ingen fil skickades." in text(answer)
    assert stage.state(made.id) == "accepted"
    assert len(outbox(settings)) == before
    assert maker.get(f"/finance/batches/{made.id}/document").status_code == 404


def test_the_overview_says_what_waits_and_whose_turn_it_is(maker, signer, stage, worked):
    assert "Inget väntar" in text(maker.get("/finance/"))
    stage.booked()
    page = text(maker.get("/finance/"))
    assert "Gör en utbetalning" in page
    assert "till en anordnare" in page
    assert "Kör beräkningen nu" not in text(signer.get("/finance/"))
    made = stage.batched()
    assert "Det är din tur." in text(signer.get("/finance/"))
    page = text(maker.get("/finance/"))
    assert "Väntar på den första underskriften." in page
    assert f"/finance/batches/{made.id}" in page


def test_a_signer_neither_runs_makes_nor_sends(signer, stage, worked):
    stage.booked()
    made = stage.batched()
    for method, url in (
        ("POST", "/finance/run"),
        ("GET", "/finance/make"),
        ("POST", "/finance/make"),
        ("POST", f"/finance/batches/{made.id}/send"),
        ("POST", "/finance/answer"),
    ):
        assert signer.open(url, method=method, data={"as_of": TODAY.isoformat()}).status_code == 403, url


def test_statements_and_lines_name_no_person(maker, stage, worked):
    made = stage.paid()
    statement_id = stage.statement_id(made.id, stage.town.provider_id)
    key = stage.keys(worked)[0]
    pages = [
        f"/finance/batches/{made.id}",
        f"/finance/statements/{statement_id}",
        f"/finance/lines/{key.scope_id}/{key.component}/{key.part}/{key.sequence}",
    ]
    for url in pages:
        answer = maker.get(url)
        assert answer.status_code == 200
        assert "Provlund" not in text(answer), url
    assert "Bankgiro" in text(maker.get(pages[1]))
    assert "30 av månadens 31 dagar" in text(maker.get(pages[2]))


@pytest.mark.parametrize(
    "url",
    [
        f"/finance/batches/{2**70}",
        "/finance/batches/1",
        "/finance/batches/1/document",
        "/finance/batches/1/void",
        "/finance/statements/1",
        "/finance/lines/1/base/202603/0",
    ],
)
def test_what_is_not_there_is_not_found(maker, url):
    assert maker.get(url).status_code == 404
