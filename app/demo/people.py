"""Who lives and works in Exempelstad. Nobody here can be anybody: numbers are from test series."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from argon2 import PasswordHasher
from sqlalchemy.orm import Session
from stdnum import luhn

from app.rulebooks import bring_in
from core import dates
from core.accounts import AccountForm, open_account
from core.actor import Account, Actor, Role
from core.database import Municipality
from core.rulebooks import Rulebook
from providers import actions as registry
from providers.actions import ContactForm, EvidenceForm, ProviderForm, SiteForm, StoredFile
from providers.models import Accreditation, Provider
from providers.queries.terms import accreditation_terms
from providers.rules.conditions import valid_until
from vouchers import actions as choice
from vouchers.models import Assessment
from vouchers.queries.terms import terms_of
from vouchers.rules.instrument import Instrument, suggest

PASSWORD = "vagval-demo"  # noqa: S105  # printed for everybody; refused in production
JOBBPENG = Path(__file__).parents[2] / "schemes" / "jobbpeng" / "2016-04-01.toml"
TOWN_JOBBPENG = JOBBPENG.with_name("2023-01-01.toml")
MUNICIPALITY_NAME = "Exempelstad"


@dataclass(frozen=True)
class SignInRow:
    """A person to sign in as in the demo."""

    user_name: str
    role: Role
    name: str
    note: str


N_ = str  # marks a text for the translators; it is translated where it is shown
SIGN_INS = (
    SignInRow("sokande", Role.SEEKER, "Samira Testgren", N_("ska välja anordnare")),
    SignInRow("sokande2", Role.SEEKER, "Oleh Provlund", N_("går hos en anordnare")),
    SignInRow("handledare", Role.COACH, "Britt Exempelby", N_("handledare på Stigfinnarna")),
    SignInRow("chef", Role.MANAGER, "Karim Provström", N_("chef på Stigfinnarna")),
    SignInRow("handledare2", Role.COACH, "Tove Testvik", N_("handledare på Lyktvägen")),
    SignInRow("nyanordnare", Role.MANAGER, "Edvin Testhage", N_("vill bli anordnare")),
    SignInRow("vagledare", Role.GUIDE, "Maja Exempeldal", N_("möter, beslutar, granskar")),
    SignInRow("granskare", Role.INSPECTOR, "Ismail Provdal", N_("granskar anordnare")),
    SignInRow("granskare2", Role.INSPECTOR, "Signe Testlind", N_("granskar anordnare, den andra av två")),
    SignInRow("ekonom", Role.MAKER, "Lotta Testberg", N_("gör utbetalningen")),
    SignInRow("attest1", Role.SIGNER, "Henrik Exempelhed", N_("skriver under först")),
    SignInRow("attest2", Role.SIGNER, "Aino Provmark", N_("skriver under sedan")),
    SignInRow("sekreterare", Role.SECRETARY, "Dag Testholm", N_("nämndens sekreterare")),
    SignInRow("ordforande", Role.CHAIR, "Margit Exempelsjö", N_("nämndens ordförande")),
    SignInRow("admin", Role.ADMINISTRATOR, "Rut Exempelros", N_("konton och granskningslogg")),
)

GIVEN = (
    "Amal", "Birgitta", "Chen", "Dalia", "Elif", "Farid", "Gunnar", "Hodan", "Ingrid", "Jamal", "Khadija",
    "Lars", "Mehmet", "Nadia", "Omar", "Petra", "Rasmus", "Sahra", "Tesfay", "Ulla", "Viktor", "Warda",
    "Yusuf", "Zahra", "Åsa", "Örjan",
)  # fmt: skip
FAMILY_START = ("Prov", "Test", "Exempel", "Påhitts", "Mönster", "Skiss")
FAMILY_END = ("lund", "berg", "dal", "ström", "vik", "gren", "hed", "mark", "holm", "ros", "by", "ek")


def identity_number(born: date, serial: int) -> str:
    """A personal number of Skatteverket's test series: birth numbers 980 to 999."""
    start = f"{born:%y%m%d}{980 + serial % 20}"
    return f"{born:%Y%m%d}{start[6:]}{luhn.calc_check_digit(start)}"


def organisation_number(serial: int) -> str:
    """Ten digits that pass the check but begin with 4, which no organisation's number does."""
    start = f"4{serial % 10}99{serial:05d}"
    return start + luhn.calc_check_digit(start)


def bankgiro(serial: int) -> str:
    """A bankgiro that begins with 000, which nobody has."""
    start = f"000{serial:03d}"
    return start + luhn.calc_check_digit(start)


class Names:
    """Draws names and personal numbers from a seed, none twice."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  # a demo must be the same twice
        self._taken: set[str] = set()

    def name(self) -> tuple[str, str]:
        """Given and family name."""
        family = self._random.choice(FAMILY_START) + self._random.choice(FAMILY_END)
        return self._random.choice(GIVEN), family

    def number(self) -> str:
        """A test personal number of somebody of working age."""
        while True:
            born = date(1961, 1, 1) + timedelta(days=self._random.randrange(45 * 365))
            number = identity_number(born, self._random.randrange(20))
            if number not in self._taken:
                self._taken.add(number)
                return number


@dataclass(frozen=True)
class House:
    """A provider of the demo. `skill` is how likely a result is there, of 100; never shown to anybody."""

    name: str
    legal_form: str
    area: str
    languages: tuple[str, ...]
    about_sv: str
    about_en: str
    services: tuple[str, ...]
    capacity: int
    skill: int
    step_free: bool = True


def municipality(session: Session, municipality_id: int) -> Actor:
    """The town itself. Gives the operator who sets it up."""
    session.add(
        Municipality(
            id=municipality_id, name=MUNICIPALITY_NAME, organisation_number=organisation_number(2120)
        )
    )
    session.flush()
    return Actor.operator(municipality_id)


def rulebook(session: Session, *, by: Actor, today: date, path: Path = JOBBPENG) -> Rulebook:
    """The demo's rulebook."""
    return bring_in(session, path, by=by, today=today)


_HASHES: dict[str, str] = {}


def password_hash() -> str:
    """The hash of the demo's one password, made once a process; cheap on purpose, it guards nothing."""
    if PASSWORD not in _HASHES:
        _HASHES[PASSWORD] = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    return _HASHES[PASSWORD]


def staff(session: Session, row: SignInRow, number: str, *, by: Actor, today: date) -> tuple[Account, Actor]:
    """An account that signs in with the demo's password, and the actor it acts as."""
    form = AccountForm(
        name=row.name,
        roles=(row.role,),
        identity_number=number,
        user_name=row.user_name,
        password_hash=password_hash(),
        email=f"{row.user_name}@example.org",
    )
    account = open_account(session, form, by=by, today=today)
    return account, person(account, row.role)


def person(
    account: Account, role: Role, *, provider_id: int | None = None, participant_id: int | None = None
) -> Actor:
    """The actor that an account with one role acts as."""
    return Actor(
        kind="person",
        municipality_id=account.municipality_id,
        account_id=account.id,
        roles=frozenset({role}),
        provider_id=provider_id,
        participant_id=participant_id,
        name=account.name,
    )


def paid_to(
    session: Session, provider: Provider, serial: int, *, by: Actor, approver: Actor, today: date
) -> None:
    """A bankgiro, called back on a number known since the day before, approved by a second person."""
    contact = registry.add_contact(
        session,
        provider.id,
        ContactForm(
            name=f"{GIVEN[serial % len(GIVEN)]} {FAMILY_START[serial % len(FAMILY_START)]}lund",
            title="Verksamhetschef",
            phone=f"070-174 06 {5 + serial % 95:02d}",
            email=f"anordnare{serial}@example.org",
        ),
        by=by,
        today=today - timedelta(days=1),
    )
    details = registry.propose_bank_details(
        session, provider, "bankgiro", bankgiro(serial), by=by, today=today
    )
    registry.call_back(session, details.id, contact.id, by=by, today=today)
    registry.approve_bank_details(session, details.id, by=approver, today=today)


PAPER = b"%PDF-1.4\n% P\xc3\xa5hittat underlag i demon.\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
PAPER_FILE = StoredFile(hashlib.sha256(PAPER).hexdigest(), "underlag.pdf", "application/pdf", len(PAPER))


def applied(
    session: Session,
    provider: Provider,
    rulebook: Rulebook,
    service: str,
    capacity: int,
    *,
    replaces_id: int | None = None,
    by: Actor,
    today: date,
) -> Accreditation:
    """An application with something shown for every condition, sent in."""
    draft = registry.start_application(
        session, provider, rulebook, service, capacity=capacity, replaces_id=replaces_id, by=by
    )
    terms = accreditation_terms(session, by.municipality_id, rulebook.id)
    for condition in terms.conditions(service):
        form = EvidenceForm(
            statement="Så här gör vi: påhittat underlag i demon.",
            file=PAPER_FILE if condition.evidence == "file" else None,
            valid_to=valid_until(today, condition),
        )
        registry.add_evidence(session, draft.id, condition.code, form, by=by, at=dates.noon(today))
    return registry.submit(session, draft.id, by=by, at=dates.noon(today))


def reviewed(
    session: Session, accreditation: Accreditation, reviewers: tuple[Actor, Actor], *, today: date
) -> None:
    """Two persons without conflict of interest find every condition met, and one proposes to accredit."""
    registry.take_up(session, accreditation.id, by=reviewers[0])
    terms = accreditation_terms(session, accreditation.municipality_id, accreditation.rulebook_id)
    for by in reviewers:
        registry.declare(session, accreditation.id, has_conflict=False, by=by, today=today)
        for condition in terms.conditions(accreditation.service):
            registry.judge(
                session, accreditation.id, condition.code, "met", condition.control, by=by, today=today
            )
    words = "Alla villkor är uppfyllda."
    registry.propose_outcome(session, accreditation.id, "accredit", words, by=reviewers[0], today=today)


def provider_form(house: House, serial: int) -> ProviderForm:
    """What the house says about itself."""
    return ProviderForm(
        name=house.name,
        organisation_number=organisation_number(1000 + serial),
        legal_form=house.legal_form,
        about_sv=house.about_sv,
        about_en=house.about_en,
        languages=house.languages,
        phone=f"08-465 004 {serial % 100:02d}",
        email=f"anordnare{serial}@example.org",
    )


def site_form(house: House, serial: int) -> SiteForm:
    """Where the house is."""
    return SiteForm(
        street=f"{house.area}svägen {2 + serial}",
        postal_code=f"{10000 + serial:05d}",
        town=MUNICIPALITY_NAME,
        area=house.area,
        step_free=house.step_free,
    )


def accredited_provider(
    session: Session,
    house: House,
    serial: int,
    rulebook: Rulebook,
    *,
    inspector: Actor,
    colleague: Actor,
    secretary: Actor,
    maker: Actor,
    signer: Actor,
    today: date,
) -> Provider:
    """A provider taken all the way: registered, reviewed, accredited, its bankgiro approved by two."""
    form, site = provider_form(house, serial), site_form(house, serial)
    provider = registry.register_provider(session, form, (site,), by=inspector)
    paid_to(session, provider, serial, by=maker, approver=signer, today=today)
    for service in house.services:
        asked = applied(session, provider, rulebook, service, house.capacity, by=inspector, today=today)
        reviewed(session, asked, (inspector, colleague), today=today)
        reasons = "Anordnaren uppfyller villkoren."
        registry.accredit(session, asked, reasons=reasons, from_on=today, by=secretary, today=today)
    return provider


# ── a meeting ────────────────────────────────────────────────────────────────────────────────────────


def assessed(
    session: Session,
    participant_id: int,
    rulebook_id: int,
    service: str,
    level: str,
    *,
    by: Actor,
    today: date,
) -> Assessment | None:
    """A guide met the person today and found that service and level; None where the rulebook asks nothing.

    The answers speak for it where any can; else the guide says why not. The same person answers the same.
    """
    instrument = terms_of(session, by.municipality_id, rulebook_id).instrument
    if instrument is None:
        return None
    answers = _answers(instrument, service, level, random.Random(participant_id))  # noqa: S311  # the same twice
    found = suggest(instrument, answers)
    differs = (found.service, found.level) != (service, level)
    form = choice.AssessmentForm(
        rulebook_id=rulebook_id,
        met_on=today,
        answers=answers,
        service=service,
        level=level,
        reasons="Personen vill och kan pröva det här nu." if differs else "",
        state_check="none_fits",
        state_check_note="Arbetsförmedlingen har ingen plats för personen nu.",
    )
    return choice.assess(session, participant_id, form, by=by, today=today)


def _answers(instrument: Instrument, service: str, level: str, dice: random.Random) -> dict[str, str]:
    """Answers that speak for the service and level, as uneven as a life is; else the lowest ones."""
    questions = list(instrument.questions)
    steps = {one.code: [code for code, _sv, _en in instrument.scales[one.scale].steps] for one in questions}

    def fits(places: dict[str, int]) -> bool:
        said = suggest(instrument, {code: steps[code][place] for code, place in places.items()})
        return (said.service, said.level) == (service, level)

    lowest = {one.code: 0 for one in questions}
    ladder = [lowest]
    for _height in range(max(len(each) for each in steps.values()) - 1):
        for one in questions:
            higher = ladder[-1][one.code] + 1
            ladder.append({**ladder[-1], one.code: min(higher, len(steps[one.code]) - 1)})
    fitting = [places for places in ladder if fits(places)]
    places = dice.choice(fitting) if fitting else lowest
    for one in dice.sample(questions, len(questions)) if fitting else []:
        moved = places[one.code] + dice.choice((-1, 1))
        if 0 <= moved < len(steps[one.code]) and fits({**places, one.code: moved}):
            places = {**places, one.code: moved}
    return {code: steps[code][place] for code, place in places.items()}
