"""A provider tells about itself, and a newcomer becomes one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from app.demo.people import organisation_number
from core.actor import Actor
from core.audit import AuditEntry
from core.database import Database
from core.refusal import Forbidden, Missing
from core.rulebooks import Rulebook
from providers.actions import (
    AboutForm,
    SiteForm,
    add_site,
    change_site,
    describe_provider,
    register_own_provider,
    remove_site,
    start_application,
)
from providers.models import Provider, ProviderMember, Site
from providers.queries.applicants import is_standing, offers, own, sites
from tests.support.refusing import refused
from tests.support.town import Town, found

ABOUT = AboutForm("Vi hjälper.", languages=("sv", "so"), orientations=("kitchen",), accessibility=("remote",))
SITE = SiteForm("Provgatan 1", "100 02", "Exempelstad", "Centrum")
NUMBER = organisation_number(4711)


@pytest.fixture
def town(database: Database) -> Town:
    """Two providers, and a manager who works for nobody."""
    return found(database)


def changed(database: Database, what: str) -> str:
    with database.reading() as session:
        return session.scalars(select(AuditEntry.details).where(AuditEntry.what == what)).one()


# ── a newcomer ────────────────────────────────────────────────────────────────────────────────────


def test_a_newcomer_becomes_a_member_of_what_they_enter(database: Database, town: Town):
    with database.transaction(1) as session:
        provider = register_own_provider(session, " Vägvisarna ", NUMBER, "private", by=town.newcomer)
    with database.reading() as session:
        member = session.get_one(ProviderMember, (1, town.newcomer.account_id))
        assert member.provider_id == provider.id
        assert session.get_one(Provider, (1, provider.id)).name == "Vägvisarna"
    assert "Vägvisarna" not in changed(database, "provider.self_registered")


def test_a_number_that_is_here_a_wrong_one_and_a_second_organisation_are_refused(
    database: Database, town: Town
):
    with database.transaction(1) as session:
        known = session.get_one(Provider, (1, town.provider_id)).organisation_number
        for name, number, form, code in (
            ("Vi", known, "private", "provider_exists"),
            ("Vi", "4199010011", "private", "organisation_number_wrong"),
            (" ", NUMBER, "private", "provider_name_missing"),
            ("Vi", NUMBER, "state", "legal_form_unknown"),
        ):
            with refused(code):
                register_own_provider(session, name, number, form, by=town.newcomer)
        register_own_provider(session, "Vi", NUMBER, "private", by=town.newcomer)
        with refused("member_already"):
            register_own_provider(session, "Vi", organisation_number(4712), "private", by=town.newcomer)


@pytest.mark.parametrize("who", ["coach", "inspector", "seeker", "guide", "maker"])
def test_only_a_manager_enters_an_organisation(database: Database, town: Town, who: str):
    with database.transaction(1) as session, pytest.raises(Forbidden):
        register_own_provider(session, "Vi", NUMBER, "private", by=getattr(town, who))


# ── about ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_manager_describes_the_own_provider(database: Database, town: Town):
    with database.transaction(1) as session:
        form = replace(ABOUT, website="example.org", phone=" ", about_en="We help.")
        describe_provider(session, town.provider_id, form, by=town.manager)
    with database.reading() as session:
        provider = session.get_one(Provider, (1, town.provider_id))
    assert (provider.languages, provider.orientations, provider.accessibility) == (
        "sv so",
        "kitchen",
        "remote",
    )
    assert (provider.website, provider.phone) == ("https://example.org", None)
    told = changed(database, "provider.described")
    assert "about_en" in told
    assert "We help" not in told


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"about_sv": " "}, "about_missing"),
        ({"languages": ()}, "languages_missing"),
        ({"languages": ("svenska",)}, "languages_missing"),
        ({"orientations": ("magic",)}, "orientation_unknown"),
        ({"accessibility": ("pool",)}, "accessibility_unknown"),
        ({"website": "javascript:alert(1)"}, "website_wrong"),
        ({"website": "https://user:x@example.org"}, "website_wrong"),
        ({"website": "en sida"}, "website_wrong"),
    ],
)
def test_what_nobody_knows_is_refused(database: Database, town: Town, changes: dict, code: str):
    with database.transaction(1) as session, refused(code):
        describe_provider(session, town.provider_id, replace(ABOUT, **changes), by=town.manager)


def test_an_orientation_that_the_rules_have_dropped_may_stay(database: Database, town: Town):
    with database.transaction(1) as session:
        session.get_one(Provider, (1, town.provider_id)).orientations = "weaving"
        form = replace(ABOUT, orientations=("weaving", "green"))
        assert (
            describe_provider(session, town.provider_id, form, by=town.manager).orientations
            == "weaving green"
        )


def test_others_providers_are_not_there_and_a_coach_may_not(database: Database, town: Town):
    coach = replace(town.other_coach, provider_id=town.provider_id)
    with database.transaction(1) as session:
        other = session.scalars(select(Site).where(Site.provider_id == town.other_provider_id)).one()
        with pytest.raises(Missing):
            describe_provider(session, town.other_provider_id, ABOUT, by=town.manager)
        with pytest.raises(Missing):
            add_site(session, town.other_provider_id, SITE, by=town.manager)
        with pytest.raises(Missing):
            change_site(session, other.id, SITE, by=town.manager)
        with pytest.raises(Missing):
            remove_site(session, other.id, by=town.manager)
        with pytest.raises(Forbidden):
            describe_provider(session, town.provider_id, ABOUT, by=coach)
        with pytest.raises(Forbidden):
            describe_provider(session, town.provider_id, ABOUT, by=Actor.clock(1))


# ── places ────────────────────────────────────────────────────────────────────────────────────────


def test_places_are_added_changed_and_removed_but_not_the_last(database: Database, town: Town):
    with database.transaction(1) as session:
        first = sites(session, 1, town.provider_id)[0]
        with refused("last_site"):
            remove_site(session, first.id, by=town.manager)
        added = add_site(session, town.provider_id, SITE, by=town.manager)
        assert added.postal_code == "10002"
        change_site(session, added.id, replace(SITE, street="Testgatan 9", step_free=True), by=town.manager)
        remove_site(session, first.id, by=town.manager)
        assert [(site.street, site.step_free) for site in sites(session, 1, town.provider_id)] == [
            ("Testgatan 9", True)
        ]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"street": " "}, "address_missing"),
        ({"area": ""}, "address_missing"),
        ({"postal_code": "1000"}, "postal_code_wrong"),
        ({"postal_code": "١٢٣٤٥"}, "postal_code_wrong"),
    ],
)
def test_half_an_address_is_refused(database: Database, town: Town, changes: dict, code: str):
    with database.transaction(1) as session, refused(code):
        add_site(session, town.provider_id, replace(SITE, **changes), by=town.manager)


def test_the_last_place_of_a_draft_may_go(database: Database, town: Town):
    with database.transaction(1) as session:
        provider = register_own_provider(session, "Vi", NUMBER, "private", by=town.newcomer)
        by = replace(town.newcomer, provider_id=provider.id)
        only = add_site(session, provider.id, SITE, by=by)
        session.flush()
        rulebook = session.get_one(Rulebook, (1, town.rulebook_id))
        start_application(session, provider, rulebook, "matching", by=by)
        session.flush()
        remove_site(session, only.id, by=by)


# ── what is offered ───────────────────────────────────────────────────────────────────────────────


def test_what_is_offered_and_what_is_standing(database: Database, town: Town):
    with database.reading() as session:
        rows = own(session, 1, town.other_provider_id)
        found_offers = {offer.service: offer for offer in offers(session, 1)}
    assert [(row.service, row.state, row.title("en")) for row in rows] == [
        ("matching", "active", "Job voucher")
    ]
    assert set(found_offers) == {"matching", "preparatory"}
    assert is_standing(found_offers["matching"], "", rows)
    assert not is_standing(found_offers["preparatory"], "", rows)
