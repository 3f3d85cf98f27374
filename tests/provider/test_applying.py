"""The whole way of an applicant: the organisation, the parts, sending, the receipt, the supplement."""

from __future__ import annotations

import re
from datetime import date
from io import BytesIO

import pytest
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from core.accounts import AccountForm, open_account
from core.actor import Account, Actor, Role
from core.database import Database
from providers.actions import request_supplement
from providers.models import Provider, ProviderMember
from tests.accounts.people import signed_in
from tests.provider.applicant import ABOUT, CONTACT, LIST, NUMBER, SITE, Applicant, evidence_of, said, shown
from tests.provider.stage import TODAY, Stage
from tests.support.papers import PDF, PROGRAM

# ── coming ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("address", ["/provider/", "/provider/money", LIST])
def test_who_works_for_nobody_is_led_to_the_organisation(newcomer: Applicant, address: str):
    answer = newcomer.client.get(address)
    assert (answer.status_code, answer.location) == (302, f"{LIST}/organisation")
    assert "Auktorisation</a>" in said(newcomer.client.get(f"{LIST}/organisation"))


def test_a_newcomer_enters_an_organisation_and_works_there(newcomer: Applicant, stage: Stage):
    assert newcomer.enter().location == LIST
    with stage.database.reading() as session:
        provider = session.scalars(select(Provider).where(Provider.organisation_number == NUMBER)).one()
        member = session.scalars(
            select(ProviderMember).where(ProviderMember.account_id == stage.town.newcomer.account_id)
        ).one()
    assert (provider.legal_form, member.provider_id) == ("idea_based", provider.id)
    assert "Ingen ansökan än" in said(newcomer.client.get(LIST))
    assert newcomer.client.get(f"{LIST}/organisation").location == LIST


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"number": "419901-0011"}, "Organisationsnumret stämmer inte."),
        ({"number": "41990"}, "Organisationsnumret stämmer inte."),
        ({"number": ""}, "Skriv organisationsnumret."),
        ({"name": " \x00 "}, "Skriv organisationens namn."),
        ({"name": "x" * 201}, "Skriv högst 200 tecken."),
        ({"legal_form": "state"}, "Något behöver rättas"),
    ],
)
def test_what_is_wrong_with_an_organisation_is_said_and_nothing_is_lost(
    newcomer: Applicant, changes: dict[str, str], sentence: str
):
    answer = newcomer.enter(**changes)
    assert answer.status_code == 422
    assert sentence in said(answer)
    assert ("Vägvisarna i Prov" in said(answer)) == ("name" not in changes)


def test_an_organisation_that_is_here_already_is_not_told_about(newcomer: Applicant, stage: Stage):
    with stage.database.reading() as session:
        known = session.get_one(Provider, (1, stage.town.provider_id))
    answer = newcomer.enter(number=known.organisation_number)
    assert answer.status_code == 422
    assert "Prata med den hos er som sköter ansökan" in said(answer)
    assert known.name not in said(answer)


def test_who_came_without_a_name_is_asked_for_it(app, stage: Stage):
    with stage.database.transaction(1) as session:
        form = AccountForm(name="", roles=(Role.MANAGER,))
        account_id = open_account(session, form, by=Actor.operator(1), today=TODAY).id
    nameless = Applicant(signed_in(app, account_id))
    assert "Ditt namn" in said(nameless.client.get(f"{LIST}/organisation"))
    assert "Skriv ditt namn." in said(nameless.enter())
    wrong = nameless.enter(person_name="Ada Provdal", number="1")
    assert wrong.status_code == 422
    assert "Ada Provdal" in said(wrong)
    assert nameless.enter(person_name="Ada Provdal").status_code == 302
    with stage.database.reading() as session:
        assert session.scalars(select(Account.name).where(Account.id == account_id)).one() == "Ada Provdal"


# ── the parts ─────────────────────────────────────────────────────────────────────────────────────


def test_the_list_offers_what_is_not_applied_for(draft: Applicant):
    page = said(draft.client.get(LIST))
    assert "Utkast" in page
    assert 'value="jobbpeng:preparatory"' in page
    assert 'value="jobbpeng:matching"' not in page
    again = draft.client.post(LIST, data={"service": "jobbpeng:matching"})
    assert again.status_code == 422


def test_the_task_list_says_what_is_missing_and_what_is_there(draft: Applicant):
    page = said(draft.client.get(draft.at()))
    assert page.count(">Saknas<") == 12
    assert "0 av 12 delar är klara" in page
    draft.send("capacity", capacity="15")
    draft.send("conditions/f_tax", **shown(valid_to="2027-06-01"))
    page = said(draft.client.get(draft.at()))
    assert page.count(">Saknas<") == 10
    assert page.count(">Klart<") == 2
    assert "Gäller till och med tisdag 1 juni 2027." in page


def test_what_was_told_comes_back_in_the_form(draft: Applicant, database: Database):
    draft.send("about", **ABOUT, accessibility=["step_free", "remote"], website="www.example.org/om")
    page = said(draft.client.get(draft.at("about")))
    assert ABOUT["about_sv"] in page
    assert re.search(r'checked[^>]*value="ar"', page)
    assert re.search(r'checked[^>]*value="remote"', page)
    with database.reading() as session:
        provider = session.scalars(select(Provider).where(Provider.organisation_number == NUMBER)).one()
    assert provider.languages == "sv ar"
    assert provider.website == "https://www.example.org/om"


@pytest.mark.parametrize(
    ("part", "form", "sentence"),
    [
        ("about", {**ABOUT, "about_sv": ""}, "Skriv vad ni gör, på svenska."),
        ("about", {**ABOUT, "languages": []}, "Välj minst ett språk."),
        ("about", {**ABOUT, "website": "javascript:alert(1)"}, "Skriv en webbadress"),
        ("about", {**ABOUT, "website": "ftp://example.org"}, "Skriv en webbadress"),
        ("about", {**ABOUT, "phone": "ring mig"}, "Skriv ett telefonnummer med siffror"),
        ("about", {**ABOUT, "email": "edvin"}, "Skriv en e-postadress"),
        ("about", {**ABOUT, "orientations": ["magic"]}, "magic"),
        ("contacts", {**CONTACT, "name": ""}, "Skriv personens namn."),
        ("contacts", {**CONTACT, "phone": "1"}, "Skriv ett telefonnummer med siffror"),
        ("contacts", {**CONTACT, "email": "a@b"}, "Skriv en e-postadress"),
        ("sites", {**SITE, "postal_code": "1000"}, "Skriv postnumret med fem siffror"),
        ("sites", {**SITE, "street": "x" * 201}, "Skriv högst 200 tecken."),
        ("capacity", {"capacity": "0"}, "Skriv ett tal från 1 till 10000."),
        ("capacity", {"capacity": "många"}, "Skriv ett helt tal med siffror"),
        ("conditions/premises", {"statement": "  "}, "Skriv hur ni uppfyller villkoret."),
        ("conditions/f_tax", {"valid_to": "2027-06-01"}, "Välj en fil att visa."),
        ("conditions/f_tax", shown(), "Skriv vilken dag underlaget gäller till och med."),
        ("conditions/f_tax", shown(valid_to="i dag"), "Skriv en dag, till exempel"),
        ("conditions/f_tax", shown(valid_to="2026-06-02"), "Underlaget har slutat gälla."),
        ("conditions/f_tax", shown(valid_to="2027-06-04"), "Underlaget får gälla till och med"),
        ("conditions/f_tax", shown(PROGRAM, valid_to="2027-06-01"), "inte en PDF, PNG eller JPEG"),
        ("conditions/f_tax", shown(b"", valid_to="2027-06-01"), "Filen är tom."),
        ("conditions/f_tax", shown(PDF, "papper.exe", valid_to="2027-06-01"), "slutar inte som innehållet"),
        ("conditions/f_tax", shown(PDF, "../papper.pdf", valid_to="2027-06-01"), "innehåller en sökväg"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_stored(
    draft: Applicant, database: Database, part: str, form: dict, sentence: str
):
    if "file" in form:
        form = {**form, "file": (type(form["file"][0])(form["file"][0].getvalue()), form["file"][1])}
    answer = draft.send(part, 422, **form)
    assert sentence in said(answer), [line for line in said(answer).splitlines() if "<li>" in line]
    assert "Något behöver rättas" in said(answer)
    assert not evidence_of(draft, database)
    assert said(draft.client.get(draft.at())).count(">Klart<") == 0


def test_a_file_over_the_limit_gets_the_same_page_with_the_words_kept(draft: Applicant, database: Database):
    big = PDF[:9] + bytes(10_000_000) + PDF[9:]
    words = "Det här har tagit lång tid att skriva."
    upload = FileStorage(BytesIO(big), "stor.pdf", "file")
    boundary, body = encode_multipart({"statement": words, "file": upload})  # in memory, closed by nobody
    kind = f"multipart/form-data; boundary={boundary}"
    answer = draft.client.post(draft.at("conditions/staff"), data=body, content_type=kind)
    assert answer.status_code == 422
    assert "Filen är för stor. Den får vara högst 10 MB." in said(answer)
    assert words in said(answer)
    assert not evidence_of(draft, database)


def test_a_request_beyond_all_bounds_is_told_the_limit(draft: Applicant):
    answer = draft.client.post(
        draft.at("conditions/staff"),
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": "60000000"},
    )
    assert answer.status_code == 413
    assert "högst 10 megabyte" in said(answer)
    elsewhere = draft.client.post(draft.at("about"), data={"about_sv": "x" * 2_100_000})
    assert elsewhere.status_code == 413


def test_a_good_file_is_kept_while_the_day_is_mended(draft: Applicant, database: Database):
    answer = draft.send("conditions/f_tax", 422, **shown(name="F-skatt.pdf"), valid_to="2020-01-01")
    assert "F-skatt.pdf är mottagen." in said(answer)
    kept = re.search(r'name="kept"[^>]*value="([^"]+)"', said(answer))
    assert kept
    draft.send("conditions/f_tax", kept=kept[1], valid_to="2027-06-01")
    row = evidence_of(draft, database)[0]
    assert (row.file_name, row.size) == ("F-skatt.pdf", len(PDF))
    draft.send("conditions/staff", 422, kept=kept[1][:-2])


def test_the_day_is_changed_without_choosing_the_file_again(draft: Applicant, database: Database):
    draft.send("conditions/f_tax", **shown(name="F-skatt.pdf"), valid_to="2027-05-01")
    draft.send("conditions/f_tax", valid_to="2027-06-01")
    rows = evidence_of(draft, database)
    assert [row.valid_to for row in rows] == [date(2027, 5, 1), date(2027, 6, 1)]
    assert rows[0].digest == rows[1].digest
    assert "F-skatt.pdf" in said(draft.client.get(draft.at("conditions/f_tax")))


def test_places_and_contacts_are_added_changed_and_removed(draft: Applicant, database: Database):
    draft.send("sites", **SITE)
    draft.send("sites", **{**SITE, "street": "Testgatan 1", "step_free": "y"})
    page = said(draft.client.get(draft.at("sites")))
    ids = re.findall(r"/sites/(\d+)\"", page)
    assert len(ids) == 2
    draft.send(f"sites/{ids[0]}", **{**SITE, "street": "Ändrade vägen 3"})
    assert "Ändrade vägen 3, 100 02 Exempelstad" in said(draft.client.get(draft.at("sites")))
    draft.send(f"sites/{ids[1]}/remove")
    draft.send(f"sites/{ids[0]}/remove")
    assert "Lägg till en plats<" in said(draft.client.get(draft.at("sites")))
    draft.send("contacts", **CONTACT)
    draft.send("contacts", **{**CONTACT, "name": "Bodil Provgren"})
    page = said(draft.client.get(draft.at("contacts")))
    ids = re.findall(r"/contacts/(\d+)/remove", page)
    draft.send(f"contacts/{ids[0]}/remove")
    page = said(draft.client.get(draft.at("contacts")))
    assert ("Bodil Provgren" in page, "edvin" in page.replace(CONTACT["email"], "")) == (True, False)
    draft.send(f"contacts/{ids[1]}/remove", 409)


# ── sending ───────────────────────────────────────────────────────────────────────────────────────


def test_an_application_with_gaps_is_not_sent(draft: Applicant, database: Database):
    draft.fill_in(without=("insurance", "sites"))
    assert "2 delar saknas" in said(draft.client.get(draft.at("submit")))
    answer = draft.submit()
    assert answer.status_code == 422
    assert "Ansökan saknar 2 delar." in said(answer)
    assert draft.row(database).state == "draft"


def test_a_whole_application_is_sent_once_with_a_number_and_a_time(draft: Applicant, database: Database):
    draft.fill_in()
    page = said(draft.client.get(draft.at("submit")))
    for told in (
        "Vi hjälper människor till arbete.",
        "svenska, arabiska",
        "Kök och restaurang",
        "underlag.pdf",
    ):
        assert told in page
    draft.send("submit", 422)
    answer = draft.submit()
    assert answer.location == draft.at("receipt")
    receipt = said(draft.client.get(answer.location))
    assert "AUKT 2026-0004" in receipt, "three are in the town already"
    assert "onsdag 3 juni 2026 kl. 12.00" in receipt or "onsdag 3 juni kl. 12.00" in receipt
    assert "1 september" in receipt
    row = draft.row(database)
    assert (row.state, row.applied_on, row.capacity) == ("submitted", TODAY, 15)
    assert draft.submit().location == draft.at()
    page = said(draft.client.get(draft.at()))
    assert "Kommunen granskar ansökan" in page
    assert "/conditions/" not in page
    assert (
        draft.client.post(draft.at("conditions/quality"), data={"statement": "Mer."}).location == draft.at()
    )
    assert draft.client.post(draft.at("capacity"), data={"capacity": "9"}).location == draft.at()
    assert "Kommunen ska besluta senast tisdag 1 september" in said(draft.client.get(LIST))


def test_a_receipt_is_for_what_was_sent(draft: Applicant):
    assert draft.client.get(draft.at("receipt")).status_code == 404


def test_a_supplement_is_answered_with_words_and_evidence(draft: Applicant, stage: Stage):
    draft.fill_in()
    draft.submit()
    assert draft.client.get(draft.at("supplement")).location == draft.at()
    with stage.database.transaction(1) as session:
        due_on = date(2026, 6, 17)
        request_supplement(
            session, draft.id, "Visa hela försäkringen.", due_on, by=stage.town.inspector, today=TODAY
        )
    page = said(draft.client.get(draft.at("supplement")))
    assert "Visa hela försäkringen." in page
    assert "senast onsdag 17 juni" in page
    assert "arbetsdagar kvar" in page
    assert "Svara kommunen senast onsdag 17 juni" in said(draft.client.get(LIST))
    draft.send("conditions/insurance", **shown(name="hela.pdf"), valid_to="2027-06-01")
    draft.send("supplement", 422, answer=" ")
    draft.send("supplement", answer="Nu finns hela försäkringen.")
    page = said(draft.client.get(draft.at()))
    assert "Nu finns hela försäkringen." in page
    assert "hela.pdf" in page
    assert draft.row(stage.database).state == "submitted"


def test_the_same_evidence_can_be_used_in_a_second_application(draft: Applicant, database: Database):
    draft.send("conditions/f_tax", **shown(name="F-skatt.pdf"), valid_to="2027-06-01")
    draft.begin("jobbpeng:preparatory")
    assert "Använd samma underlag" in said(draft.client.get(draft.at("conditions/f_tax")))
    assert "Använd samma underlag" not in said(draft.client.get(draft.at("conditions/staff")))
    draft.send("conditions/f_tax/reuse")
    draft.send("conditions/staff/reuse", 404)
    assert [row.file_name for row in evidence_of(draft, database)] == ["F-skatt.pdf"]
