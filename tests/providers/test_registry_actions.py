"""From an application to an accreditation, who may work for a provider, and where it is paid."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.demo import people
from core.accounts import AccountForm, open_account
from core.actor import Account, Actor, Role
from core.audit import AuditEntry
from core.database import fetch, part_of
from core.refusal import Forbidden
from core.rulebooks import Rulebook
from providers import actions, queries
from providers.actions import ContactForm, ProviderForm, SiteForm
from providers.models import Accreditation, BankDetails, Provider, ProviderMember
from providers.queries import applying
from tests.support.refusing import refused, refused_by_the_database
from tests.support.town import Town

NUMBER = "4299042426"
FORM = ProviderForm("Nya Vägar", "429904-2426", "private", about_sv="Vi går nya vägar.")
CONTACT = ContactForm("Prov Kontakt", "070-174 06 05", "kontakt@example.org")
SITE = SiteForm("Provgatan 1", "10002", "Exempelstad", "Centrum", step_free=True)


def registered(session: Session, town: Town) -> Provider:
    return actions.register_provider(session, FORM, (SITE,), by=town.inspector)


def applied(session: Session, town: Town, provider: Provider | None = None) -> Accreditation:
    rulebook = fetch(session, Rulebook, town.municipality_id, town.rulebook_id)
    found = provider or registered(session, town)
    if not applying.contacts(session, 1, found.id):
        actions.add_contact(session, found.id, CONTACT, by=town.inspector, today=town.decided_on)
    return people.applied(session, found, rulebook, "matching", 12, by=town.inspector, today=town.decided_on)


def proposed_to(session: Session, town: Town, provider: Provider | None = None) -> Accreditation:
    found = applied(session, town, provider)
    people.reviewed(session, found, (town.inspector, town.other_inspector), today=town.decided_on)
    return found


def accredited(
    session: Session, town: Town, provider: Provider | None = None, from_on: date | None = None
) -> Accreditation:
    found = proposed_to(session, town, provider)
    actions.accredit(
        session,
        found,
        reasons="Uppfyller villkoren.",
        from_on=from_on or town.decided_on,
        by=town.secretary,
        today=town.decided_on,
    )
    return found


# ── the way in ────────────────────────────────────────────────────────────────────────────────────


def test_a_provider_goes_from_application_to_accreditation_and_is_then_listed(town: Town, session: Session):
    found = accredited(session, town)
    assert (found.state, found.from_on, found.decided_on) == ("active", town.decided_on, town.decided_on)
    assert found.decided_by == town.secretary.account_id
    page = queries.provider_page(session, 1, found.provider_id, town.decided_on)
    assert page is not None
    assert (page.name, page.sites[0].step_free, page.services[0].capacity) == ("Nya Vägar", True, 12)
    said = session.scalars(
        select(AuditEntry.what).where(AuditEntry.subject_id == found.id).order_by(AuditEntry.sequence)
    )
    once = list(dict.fromkeys(said))
    assert once == [
        "accreditation.begun",
        "accreditation.evidence_added",
        "accreditation.submitted",
        "accreditation.take_up",
        "accreditation.conflict_declared",
        "accreditation.judged",
        "accreditation.propose",
        "accreditation.accredited",
    ]


def test_a_provider_that_is_not_accredited_yet_is_not_listed(town: Town, session: Session):
    waiting = applied(session, town)
    listed = queries.register(session, 1, town.decided_on)
    assert waiting.provider_id not in {row.id for row in listed}
    assert {row.id for row in listed} == {town.provider_id, town.other_provider_id}


def test_an_accreditation_counts_from_its_first_day_to_its_last(town: Town, session: Session):
    first, last = town.decided_on, town.decided_on + timedelta(days=30)
    found = accredited(session, town, from_on=first)
    found.to_on = last
    session.flush()
    for day, open_ in ((-1, False), (0, True), (30, True), (31, False)):
        today = first + timedelta(days=day)
        seen = queries.open_accreditation(session, 1, found.provider_id, "jobbpeng", "matching", today)
        assert (seen is not None) == open_, today
        assert (queries.provider_page(session, 1, found.provider_id, today) is not None) == open_, today


def test_a_provider_that_has_stopped_its_intake_is_listed_as_such(town: Town, session: Session):
    found = accredited(session, town)
    found.state = "intake_stopped"
    session.flush()
    page = queries.provider_page(session, 1, found.provider_id, town.decided_on)
    assert page is not None
    assert [service.intake_open for service in page.services] == [False]


def test_one_organisation_is_registered_once(town: Town, session: Session):
    registered(session, town)
    with refused("provider_exists"):
        registered(session, town)
    with refused("organisation_number_wrong"):
        wrong = ProviderForm("Fel", "429904-2427", "private")
        actions.register_provider(session, wrong, (), by=town.inspector)
    assert session.query(Provider).count() == 3


def test_an_application_takes_its_steps_in_order(town: Town, session: Session):
    found, later = applied(session, town), town.decided_on + timedelta(days=7)
    with refused("review_unfinished"):
        actions.propose_outcome(
            session, found.id, "accredit", "Ja.", by=town.inspector, today=town.decided_on
        )
    actions.request_supplement(
        session, found.id, "Visa mer.", later, by=town.inspector, today=town.decided_on
    )
    with refused("accreditation_step_not_possible"):
        actions.request_supplement(
            session, found.id, "Och mer.", later, by=town.inspector, today=town.decided_on
        )
    actions.answer_supplement(session, found.id, "Här är det.", by=town.inspector, today=town.decided_on)
    assert found.state == "submitted"


@pytest.mark.parametrize("who", ["guide", "coach", "maker", "seeker", "administrator", "chair"])
def test_only_the_right_role_reviews_and_decides(town: Town, session: Session, who: str):
    by: Actor = getattr(town, who)
    found = applied(session, town)
    with pytest.raises(Forbidden):
        actions.take_up(session, found.id, by=by)
    people.reviewed(session, found, (town.inspector, town.other_inspector), today=town.decided_on)
    with pytest.raises(Forbidden):
        actions.accredit(session, found, reasons="Ja.", from_on=town.decided_on, by=by, today=town.decided_on)
    assert found.state == "proposed"


def test_the_clock_and_the_command_line_decide_nothing(town: Town, session: Session):
    found = proposed_to(session, town)
    for by in (Actor.clock(1), Actor.operator(1)):
        with pytest.raises(Forbidden):
            actions.accredit(
                session, found, reasons="Ja.", from_on=town.decided_on, by=by, today=town.decided_on
            )


def test_a_decision_needs_its_reasons(town: Town, session: Session):
    found = proposed_to(session, town)
    with refused("reasons_missing"):
        actions.accredit(
            session,
            found,
            reasons=" \n",
            from_on=town.decided_on,
            by=town.secretary,
            today=town.decided_on,
        )
    assert found.state == "proposed"


def test_who_proposed_does_not_decide(town: Town, session: Session):
    found = proposed_to(session, town)
    with refused("own_proposal"):
        actions.accredit(
            session, found, reasons="Ja.", from_on=town.decided_on, by=town.inspector, today=town.decided_on
        )


def test_the_database_refuses_an_accreditation_that_no_person_decided(town: Town, session: Session):
    found = applied(session, town)
    for state in ("active", "intake_stopped", "winding_down", "closed"):
        refused_by_the_database(
            session,
            "a_person_decided",
            update(Accreditation).where(Accreditation.id == found.id).values(state=state),
        )
    refused_by_the_database(
        session,
        "a_person_decided",
        update(Accreditation)
        .where(Accreditation.municipality_id == 1, Accreditation.state == "active")
        .values(decided_by=None),
    )


def test_a_provider_has_one_open_accreditation_for_a_service(town: Town, session: Session):
    first = accredited(session, town)
    with refused("already_accredited"):
        accredited(session, town, fetch(session, Provider, 1, first.provider_id))
    copy = {
        column.name: getattr(first, column.name)
        for column in Accreditation.__table__.columns
        if column.name not in ("id", "diary_number")
    }
    with pytest.raises(IntegrityError), part_of(session):
        session.add(Accreditation(**copy))
        session.flush()
    first.state, first.to_on, first.end_reason = "closed", town.decided_on, "own_request"
    first.ended_by = town.secretary.account_id
    accredited(session, town, fetch(session, Provider, 1, first.provider_id))  # coming back is a new row
    rows = session.scalars(select(Accreditation.state).where(Accreditation.provider_id == first.provider_id))
    assert sorted(rows) == ["active", "closed"]


# ── who works there ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "who", ["guide", "inspector", "maker", "signer", "secretary", "administrator", "seeker"]
)
def test_who_works_for_the_municipality_or_seeks_work_cannot_be_a_providers_member(
    town: Town, session: Session, who: str
):
    account_id = getattr(town, who).account_id
    provider = fetch(session, Provider, 1, town.provider_id)
    with refused("member_not_provider_staff"):
        actions.add_member(session, provider, account_id, by=town.administrator)
    assert session.get(ProviderMember, (1, account_id)) is None


def test_nobody_can_be_a_member_without_an_account(town: Town, session: Session):
    with refused("member_not_provider_staff"):
        actions.add_member(
            session, fetch(session, Provider, 1, town.provider_id), 4711, by=town.administrator
        )


def test_one_person_works_for_one_provider(town: Town, session: Session):
    def move(session: Session) -> None:
        other = fetch(session, Provider, 1, town.other_provider_id)
        actions.add_member(session, other, town.coach.account_id, by=town.administrator)

    with pytest.raises(IntegrityError), part_of(session):
        move(session)
    assert queries.workplace(session, 1, town.coach.account_id) == town.provider_id
    assert queries.workplace(session, 1, town.guide.account_id) is None


@pytest.mark.parametrize(
    "roles", [{Role.GUIDE, Role.COACH}, {Role.SEEKER, Role.INSPECTOR}, {Role.MANAGER, Role.SEEKER}]
)
def test_roles_that_must_not_meet_in_one_person_do_not(town: Town, session: Session, roles: set[Role]):
    before = session.query(Account).count()
    with refused("roles_must_not_meet"):
        open_account(
            session,
            AccountForm("Prov Person", tuple(roles)),
            by=town.administrator,
            today=town.decided_on,
        )
    assert session.query(Account).count() == before


def test_a_person_has_one_account(town: Town, session: Session):
    number = town.identity_numbers["vagledare"]
    for form, code in (
        (AccountForm("Prov Person", (Role.COACH,), identity_number=number), "account_exists"),
        (AccountForm("Prov Person", (Role.COACH,), user_name="vagledare"), "account_exists"),
        (
            AccountForm("Prov Person", (Role.COACH,), identity_number="19800228-0000"),
            "identity_number_wrong",
        ),
        (AccountForm("Prov Person", ()), "roles_missing"),
    ):
        with refused(code):
            open_account(session, form, by=town.administrator, today=town.decided_on)
    with pytest.raises(Forbidden):
        open_account(session, AccountForm("Prov Person", (Role.COACH,)), by=town.maker, today=town.decided_on)


# ── where it is paid ──────────────────────────────────────────────────────────────────────────────


def proposed(session: Session, town: Town, kind: str = "bankgiro", number: str = "000-0778") -> BankDetails:
    provider = fetch(session, Provider, 1, town.provider_id)
    return actions.propose_bank_details(session, provider, kind, number, by=town.maker, today=town.decided_on)


def called(session: Session, town: Town, details: BankDetails) -> None:
    contact = applying.contacts(session, 1, details.provider_id)[0]
    actions.call_back(session, details.id, contact.id, by=town.maker, today=town.decided_on)


def test_bank_details_are_approved_by_another_person_than_the_one_who_proposed_them(
    town: Town, session: Session
):
    details = proposed(session, town)
    with refused("bank_details_not_called"):
        actions.approve_bank_details(session, details.id, by=town.signer, today=town.decided_on)
    called(session, town, details)
    with refused("bank_details_same_person"):
        actions.approve_bank_details(session, details.id, by=town.maker, today=town.decided_on)
    for by in (town.guide, town.coach, town.inspector):
        with pytest.raises(Forbidden):
            actions.approve_bank_details(session, details.id, by=by, today=town.decided_on)
    actions.approve_bank_details(session, details.id, by=town.signer, today=town.decided_on)
    with refused("bank_details_approved"):
        actions.approve_bank_details(session, details.id, by=town.other_signer, today=town.decided_on)
    assert details.approved_by == town.signer.account_id


def test_the_database_refuses_one_persons_approval_of_their_own_bank_details(town: Town, session: Session):
    details = proposed(session, town)
    contact = applying.contacts(session, 1, details.provider_id)[0]
    actions.call_back(session, details.id, contact.id, by=town.signer, today=town.decided_on)
    this = BankDetails.id == details.id
    own = {"approved_by": town.maker.account_id, "approved_on": town.decided_on}
    for name, values in (("two_persons", own), ("approval_is_whole", {"approved_on": town.decided_on})):
        refused_by_the_database(session, name, update(BankDetails).where(this).values(values))


def test_new_bank_details_are_used_first_when_they_have_cooled_off(town: Town, session: Session):
    def paid_to(session: Session, days_later: int) -> str:
        today = town.decided_on + timedelta(days=days_later)
        return queries.payees(session, 1, [town.provider_id], cooling_off_days=3, today=today)[
            town.provider_id
        ].number

    old = paid_to(session, 0)
    details = proposed(session, town)
    assert paid_to(session, 30) == old  # nobody has approved it
    called(session, town, details)
    actions.approve_bank_details(session, details.id, by=town.signer, today=town.decided_on)
    assert [paid_to(session, days) for days in (0, 2, 3)] == [old, old, "0000778"]


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("bankgiro", "000-0779"),  # the check digit
        ("bankgiro", "123"),
        ("bankgiro", ""),
        ("bankgiro", "00a0778"),
        ("plusgiro", "1"),
        ("plusgiro", "18-3"),
        ("bankgiro", "００００７７８"),
        ("iban", "SE3550000000054910000003"),
        ("bankgiro", "9" * 5_000),
    ],
)
def test_a_wrong_giro_number_is_refused(town: Town, session: Session, kind: str, number: str):
    with refused("bank_details_wrong"):
        proposed(session, town, kind, number)


@pytest.mark.parametrize(
    ("kind", "number", "kept"), [("bankgiro", "000-0778", "0000778"), ("plusgiro", "18-2", "182")]
)
def test_a_right_giro_number_is_kept_as_digits(
    town: Town, session: Session, kind: str, number: str, kept: str
):
    assert proposed(session, town, kind, number).number == kept
