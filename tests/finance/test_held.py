"""The pages of what is held, parked and followed up."""

from __future__ import annotations

from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from payouts import actions as money
from payouts.models import Batch, Hold
from tests.finance.test_desk import maker, signer, text, worked
from tests.payouts.test_batches import _rejection
from tests.provider.stage import APRIL, COOLING_OFF, MARCH, MAY, TODAY, Stage
from tests.support.town import noon

__all__ = ["maker", "signer", "worked"]

WHY = {"reason": "evidence", "words": "Två intyg säger emot varandra."}


@pytest.fixture
def other(app, stage: Stage) -> FlaskClient:
    return stage.client(app, "attest2")


def hold_id(stage: Stage) -> int:
    with stage.database.reading() as session:
        return session.scalars(select(Hold.id).order_by(Hold.id.desc())).first() or 0


def test_a_provider_is_held_and_released_by_another(maker, signer, stage, worked):
    stage.booked()
    assert "Inget hålls inne" in text(maker.get("/finance/holds"))
    url = f"/finance/holds/provider/{stage.town.provider_id}"
    assert "Anordnaren får inget i utbetalningarna" in text(maker.get(url))
    wrong = maker.post(url, data={"reason": "whim", "words": ""})
    assert wrong.status_code == 422
    assert "Välj ett av skälen." in text(wrong)
    assert "Skriv vad som har hänt" in text(wrong)
    page = text(maker.post(url, data=WHY, follow_redirects=True))
    assert "Två intyg säger emot varandra." in page
    assert "Du har hållit inne det" in page
    again = maker.post(url, data=WHY)
    assert again.status_code == 422
    assert "Det hålls redan inne." in text(again)
    assert "Stigfinnarna hålls inne" in text(maker.get("/finance/make"))
    assert "En sak hålls inne" in text(maker.get("/finance/"))
    release = f"/finance/holds/{hold_id(stage)}/release"
    assert "En annan person måste släppa det." in text(maker.get(release))
    assert maker.post(release, data={"words": "Jag ångrar mig."}).status_code == 422
    assert "Skriv varför det släpps." in text(signer.post(release, data={"words": ""}))
    page = text(signer.post(release, data={"words": "Intygen är rättade."}, follow_redirects=True))
    assert "Inget hålls inne" in page
    assert "Intygen är rättade." in page
    assert "Gör utbetalningen" in text(maker.get("/finance/make"))


def test_a_line_is_held_from_its_own_page_and_told_to_the_provider(maker, stage, worked, app):
    stage.booked()
    key = stage.keys(worked)[0]
    line = f"/finance/lines/{key.scope_id}/{key.component}/{key.part}/{key.sequence}"
    assert "Håll inne raden" in text(maker.get(line))
    url = f"/finance/holds/line/{key.scope_id}/{key.component}/{key.part}/{key.sequence}"
    maker.post(url, data=WHY)
    page = text(maker.get(line))
    assert "Raden hålls inne" in page
    assert "Håll inne raden" not in page
    chef = stage.client(app, "chef")
    page = text(chef.get("/provider/money"))
    assert "En sak hålls inne" in page
    assert "Underlaget behöver kontrolleras" in page
    assert "Två intyg" not in page, "the words are the municipality's own"


def test_the_statement_says_what_is_withheld_and_why_to_both(maker, stage, worked, app):
    """Trap 17."""
    leg_id = stage.started("Chen Mönsterby", day=date(2026, 3, 4))
    stage.reported(leg_id, MARCH, APRIL)
    stage.booked()
    maker.post(f"/finance/holds/leg/{worked}", data=WHY)
    batch = stage.paid()
    statement = stage.statement_id(batch.id, stage.town.provider_id)
    for client, url in ((maker, "/finance/statements"), (stage.client(app, "chef"), "/provider/money")):
        page = text(client.get(f"{url}/{statement}"))
        assert "Hålls inne, rad för rad" in page
        assert "Underlaget behöver kontrolleras" in page
    assert "Hålls inne" in text(maker.get(f"/finance/batches/{batch.id}"))


def test_what_the_bank_refused_is_followed_up(maker, signer, other, stage, worked):
    batch = stage.paid()
    url = f"/finance/batches/{batch.id}"
    assert "Följ upp" not in text(maker.get(url))
    assert "Inget att följa upp" in text(maker.get(f"{url}/follow-up"))
    with stage.database.transaction(1) as session:
        told = _rejection(batch, amount=f"{batch.paid_ore / 100:.2f}")
        money.read_answer(session, told, by=stage.town.maker, at=noon(TODAY))
    assert "har lämnat" in text(maker.get(url))
    assert "Ekonomen kan följa upp den." in text(signer.get(url))
    page = text(maker.get(f"{url}/follow-up"))
    assert "Tillbaka från banken" in page
    declared = {"payments": "1", "paid_ore": str(batch.paid_ore)}
    assert "Skriv varför uppföljningen görs." in text(maker.post(f"{url}/follow-up", data=declared))
    changed = {**declared, "paid_ore": "1", "reason": "Kontot är rättat."}
    assert "Underlaget har ändrats" in text(maker.post(f"{url}/follow-up", data=changed))
    told = maker.post(f"{url}/follow-up", data={**declared, "reason": "Kontot är rättat."})
    new = told.headers["Location"]
    page = text(maker.get(new))
    assert "Den följer upp utbetalningen" in page
    assert "Kontot är rättat." in page
    assert "Följdes upp" in text(maker.get(url))
    with stage.database.reading() as session:
        seen = session.get_one(Batch, (1, int(new.rsplit("/", 1)[1]))).content_hash
    for client in (signer, other):
        assert client.post(f"{new}/sign", data={"seen": seen}).status_code == 302
    assert "överlämnad till banken" in text(maker.post(f"{new}/send", follow_redirects=True))
    statement = stage.statement_id(batch.id, stage.town.provider_id)
    assert "Den betalas i en senare utbetalning" in text(maker.get(f"/finance/statements/{statement}"))
    again = stage.statement_id(int(new.rsplit("/", 1)[1]), stage.town.provider_id)
    page = text(maker.get(f"/finance/statements/{again}"))
    assert "och det betalas här." in page
    assert f"/finance/statements/{statement}" in page
    assert "Beskedet gäller bara det som banken nekade." in page


@pytest.fixture
def parked(stage: Stage) -> Batch:
    """Four batches, the last many times the others."""
    legs = [stage.started(f"{name} Provlund", day=date(2026, 3, 2)) for name in ("Amal", "Bodil", "Cesar")]
    for month, day in ((MARCH, date(2026, 4, 7)), (APRIL, date(2026, 5, 6))):
        stage.reported(legs[0], month)
        stage.paid(day)
    stage.reported(legs[0], MAY)
    stage.paid(date(2026, 6, 1))
    for leg_id in legs[1:]:
        stage.reported(leg_id, MARCH, APRIL, MAY)
        stage.worked(leg_id, date(2026, 6, 1))
    stage.booked()
    batch = stage.batched()
    assert batch.state == "parked"
    return batch


def test_a_parked_batch_is_shown_before_it_is_made_and_looked_into_after(maker, signer, stage, parked):
    with stage.database.transaction(1) as session:
        money.void(session, parked.id, "Görs om.", by=stage.town.signer)
    page = text(maker.get("/finance/make"))
    assert "Utbetalningen kommer att parkeras" in page
    assert "Stigfinnarna får mycket mer än vanligt" in page
    with stage.database.reading() as session:
        ahead = money.outlook(session, 1, cooling_off_days=COOLING_OFF, today=TODAY).declared
    declared = {"payments": str(ahead.payments), "paid_ore": str(ahead.paid_ore)}
    url = maker.post("/finance/make", data=declared).headers["Location"]
    page = text(maker.get(url))
    assert "Därför parkerades den" in page
    assert "en annan person måste titta på den" in page
    assert "Bredvid de senaste" in page
    with stage.database.reading() as session:
        seen = session.get_one(Batch, (1, int(url.rsplit("/", 1)[1]))).content_hash
    wrong = signer.post(f"{url}/look-into", data={"seen": seen, "reasons": ""})
    assert wrong.status_code == 422
    assert "Skriv vad du har kontrollerat" in text(wrong)
    assert "Skriv under" not in text(signer.get(url))
    told = {"seen": seen, "reasons": "Två personer fick arbete samma månad."}
    page = text(signer.post(f"{url}/look-into", data=told, follow_redirects=True))
    assert "Två personer fick arbete samma månad." in page
    assert "Skriv under" in page


@pytest.mark.parametrize(
    "url",
    [
        "/finance/batches/1/follow-up",
        "/finance/holds/1/release",
        "/finance/holds/provider/1",
        "/finance/holds/leg/1",
        "/finance/holds/line/1/base/202603/0",
    ],
)
def test_what_is_not_there_is_not_found(maker, url):
    assert maker.get(url).status_code == 404
