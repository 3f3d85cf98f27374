"""A receipt is what was shown that day, to the letter, whatever has become of figures and provider."""

from __future__ import annotations

import re
from datetime import timedelta

import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select, update

from core.database import Database
from core.dates import now, today
from providers import actions as registry
from providers.models import Provider
from tests.accounts.people import signed_in
from tests.public.history import History
from tests.public.test_pages import text_of
from tests.seeker.test_choose import bind, check_page
from tests.support.town import Town
from vouchers import actions
from vouchers.models import Leg


def kept_part(client: FlaskClient, address: str) -> str:
    """What the receipt says was shown, as it is written in the page."""
    found = re.search(r'<section aria-labelledby="then">.*?</section>', client.get(address).text, re.DOTALL)
    assert found is not None
    return found.group()


def test_a_year_later_with_other_figures_and_the_provider_gone_it_is_the_same_to_the_letter(
    client: FlaskClient, database: Database, town: Town, history: History
):
    with database.transaction(1) as session:
        history.crowd(session, 4, 10)
    address = bind(client, check_page(town, query="?service=jobbpeng.matching&order=result&language=sv"))
    then = kept_part(client, address)
    words = ["mellan 17 och 69 av 100", "efter sex månader", "Deltagarnas betyg", "lediga platser", "Väntan"]
    words += ["Resultat, högst först", "svenska", "2 av 2 anordnare", "Hela kommunen"]
    for word in words:
        assert word in then.replace("Mellan", "mellan"), word
    with database.transaction(1) as session:
        leg = session.scalars(select(Leg).where(Leg.voucher_id == town.voucher_id)).one()
        actions.accept(session, leg.id, by=town.coach, today=today())
        actions.start(session, leg.id, today(), by=town.coach, today=today())
        history.crowd(session, 9, 9)
        history.crowd(session, 1, 12, own=False)
        history.provider(session, 7)
    gone = today() + timedelta(days=200)
    with time_machine.travel(now() + timedelta(days=200)), database.transaction(1) as session:
        for one in {leg.accreditation_id}:
            registry.withdraw(session, one, last_day=gone, by=town.manager, today=gone)
            plan = {leg.id: actions.Plan("choose_again")}
            actions.plan_for_customers(session, one, plan, by=town.inspector, today=gone)
        session.execute(update(Provider).values(name="Nya namnet", about_sv="Något annat.", languages="fi"))
    with time_machine.travel(now() + timedelta(days=366)):
        again = signed_in(client.application, town.seeker.account_id)
        assert kept_part(again, address) == then
        page = text_of(again, address)
        assert "Du har valt Stigfinnarna" in page
        assert "Nya namnet" not in page


def test_old_receipts_with_a_name_and_a_day_still_show(client: FlaskClient, database: Database, town: Town):
    with database.transaction(1) as session:
        shown: dict[str, object] = {"provider": "Stigfinnarna", "on": "2025-01-07"}
        leg_id = actions.choose(
            session, town.voucher_id, town.provider_id, shown, by=town.seeker, at=now()
        ).id
    page = text_of(client, f"/seeker/receipts/{leg_id}")
    assert "Du har valt Stigfinnarna" in page
    assert "Deltagarnas betyg" not in page
    assert "Platser" not in page
