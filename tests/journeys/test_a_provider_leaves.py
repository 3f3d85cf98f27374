"""Nobody chooses a provider: reminder, proposal, the board, a plan for the two who are there, and the end."""

from __future__ import annotations

import re
from datetime import date

from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from core.database import Database
from providers.models import Accreditation, Decision, Proposal
from tests.journeys.conftest import SignIn, day, looked_at, press, says
from tests.providers.lives import begins, comes
from tests.support import browser
from tests.support.town import Town
from vouchers.models import Leg, LegPlan, Voucher

CAME = date(2026, 3, 3)


def watched(app: Flask, on: str) -> None:
    """The timetable's watch of a day."""
    told = app.test_cli_runner().invoke(args=["registry", "watch", "--as-of", on])
    assert told.exit_code == 0, told.output


def test_a_dormant_provider_is_reminded_proposed_decided_wound_down_and_closed(
    page: Page, live_server: str, sign_in: SignIn, town: Town, app: Flask, database: Database
) -> None:
    listener = browser.Listener(page, live_server)
    with database.transaction(1) as session:
        legs = [comes(session, town, town.other_provider_id, CAME) for _ in range(2)]
        for leg in legs:
            begins(session, town, leg, CAME)
        its_id = session.scalars(
            select(Accreditation.id).where(Accreditation.provider_id == town.other_provider_id)
        ).one()
    its_page = f"{live_server}/casework/accreditations/{its_id}"

    with day("2026-12-04"):  # nine months after the last choice: the provider is reminded
        watched(app, "2026-12-04")
        sign_in("handledare2")
        page.goto(f"{live_server}/provider/accreditations/{its_id}")
        says(page, re.compile("[Pp]åminn|valt er|deltagare"))
        looked_at(page)
        sign_in("granskare")
        page.goto(f"{live_server}/casework/watch")
        says(page, "Lyktvägen")
        says(page, "2 går där än")
        looked_at(page)

    with day("2027-03-04"):  # twelve months: it stands on the board's list, with its evidence
        watched(app, "2027-03-04")
        sign_in("sekreterare")
        page.goto(f"{live_server}/casework/board")
        says(page, "Lyktvägen")
        looked_at(page)
        with database.reading() as session:
            proposal = session.scalars(
                select(Proposal).where(Proposal.accreditation_id == its_id, Proposal.state == "open")
            ).one()
            assert (proposal.kind, proposal.reason, proposal.made_by) == ("revoke", "no_customers", 0)
            assert '"last_customer_on": "2026-03-03"' in proposal.facts

    with day("2027-03-18"):  # the board has met; its secretary writes down what it decided
        sign_in("sekreterare")
        page.goto(f"{its_page}/decide")
        page.get_by_label("Återkalla auktorisationen").check()
        page.get_by_label("Mötets dag").fill("2027-03-25")
        page.get_by_label("Paragraf i protokollet").fill("§ 31")
        page.get_by_label("Sista dag som auktorisationen gäller").fill("2027-03-31")
        page.get_by_label("Nämndens skäl").fill("Ingen har valt anordnaren på tolv månader.")
        press(page, "För in beslutet")
        says(page, "Mötet har inte varit än")
        looked_at(page)
        page.get_by_label("Mötets dag").fill("2027-03-17")
        press(page, "För in beslutet")
        says(page, re.compile("[Åå]terkalla"))
        looked_at(page)
        with database.reading() as session:
            decision = session.scalars(
                select(Decision).where(Decision.accreditation_id == its_id, Decision.kind == "revoked")
            ).one()
            assert (decision.body, decision.decided_by) == ("board", town.secretary.account_id)
        page.context.clear_cookies()
        page.goto(f"{live_server}/compare")
        expect(page.get_by_role("main")).not_to_contain_text("Lyktvägen")

    with day("2027-03-19"):  # nobody is stranded: one chooses again, one stays to a day
        sign_in("granskare")
        page.goto(f"{its_page}/wind-down")
        looked_at(page)
        press(page, "Fortsätt och kontrollera")
        says(page, "Välj en plan")
        groups = page.get_by_role("group", name=re.compile("^Plan för "))
        own = [one for one in groups.all() if "alla" not in one.inner_text().split("\n")[0]]
        own[0].get_by_label(re.compile("^Välj")).check()
        own[1].get_by_label(re.compile("^[Ss]tanna")).check()
        page.get_by_label(re.compile("^Sista dag, om ")).last.fill("2027-05-31")
        press(page, "Fortsätt och kontrollera")
        says(page, "Kontrollera planerna")
        looked_at(page)
        press(page, "Bekräfta planerna")
        looked_at(page)
        with database.reading() as session:
            plans = session.scalars(select(LegPlan).order_by(LegPlan.leg_id)).all()
            assert sorted(one.kind for one in plans) == ["choose_again", "stay"]
            again = next(one.leg_id for one in plans if one.kind == "choose_again")
            voucher = session.get_one(Voucher, (1, session.get_one(Leg, (1, again)).voucher_id))
            assert voucher.state == "choice_open"
            assert session.get_one(Accreditation, (1, its_id)).state == "winding_down"

    with day("2027-05-31"):  # the one who stayed is done
        stays = next(leg.id for leg in legs if leg.id != again)
        sign_in("handledare2")
        page.goto(f"{live_server}/provider/participants/{stays}/end")
        looked_at(page)
        page.get_by_label("Vilken var sista dagen?").fill("2027-05-31")
        page.get_by_label("Varför slutar insatsen?").select_option(label="Tiden tog slut")
        press(page, re.compile("^Avsluta"))

    with day("2027-06-01"):  # too early to close: results may still come
        sign_in("granskare")
        page.goto(f"{its_page}/close")
        says(page, "Tiden för resultat har gått ut")
        expect(page.get_by_role("button", name="Stäng auktorisationen")).to_have_count(0)
        looked_at(page)

    with day("2028-04-03"):  # the tail is over
        sign_in("granskare")
        page.goto(f"{its_page}/close")
        page.get_by_label(re.compile("^Skäl")).fill("Alla har slutat och alla resultat är prövade.")
        looked_at(page)
        press(page, "Stäng auktorisationen")
        says(page, "stängd")
        with database.reading() as session:
            closed = session.get_one(Accreditation, (1, its_id))
            assert (closed.state, closed.end_reason, closed.to_on) == (
                "closed",
                "no_customers",
                date(2027, 3, 31),
            )
        page.context.clear_cookies()
        page.goto(f"{live_server}/providers/{town.other_provider_id}")
        says(page, "Lyktvägen")
        looked_at(page)
    browser.assert_clean_console(listener)
