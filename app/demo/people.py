"""Who lives and works in Exempelstad. Nobody here can be anybody: numbers are from test series."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from argon2 import PasswordHasher
from sqlalchemy.orm import Session
from stdnum import luhn

from app.rulebooks import bring_in
from core.accounts import AccountForm, open_account
from core.actor import Account, Actor, Role
from core.database import Municipality
from core.rulebooks import Rulebook
from providers import actions as registry
from providers.actions import ProviderForm, SiteForm
from providers.models import Provider

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


SIGN_INS = (
    SignInRow("sokande", Role.SEEKER, "Samira Testgren", "ska välja anordnare"),
    SignInRow("sokande2", Role.SEEKER, "Oleh Provlund", "går hos en anordnare"),
    SignInRow("handledare", Role.COACH, "Britt Exempelby", "handledare på Stigfinnarna"),
    SignInRow("chef", Role.MANAGER, "Karim Provström", "chef på Stigfinnarna"),
    SignInRow("handledare2", Role.COACH, "Tove Testvik", "handledare på Lyktvägen"),
    SignInRow("vagledare", Role.GUIDE, "Maja Exempeldal", "möter, beslutar, granskar"),
    SignInRow("granskare", Role.INSPECTOR, "Ismail Provdal", "granskar anordnare"),
    SignInRow("ekonom", Role.MAKER, "Lotta Testberg", "gör utbetalningen"),
    SignInRow("attest1", Role.SIGNER, "Henrik Exempelhed", "skriver under först"),
    SignInRow("attest2", Role.SIGNER, "Aino Provmark", "skriver under sedan"),
    SignInRow("sekreterare", Role.SECRETARY, "Dag Testholm", "nämndens sekreterare"),
    SignInRow("admin", Role.ADMINISTRATOR, "Rut Exempelros", "konton och granskningslogg"),
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


def accredited_provider(
    session: Session,
    house: House,
    serial: int,
    rulebook: Rulebook,
    *,
    inspector: Actor,
    secretary: Actor,
    maker: Actor,
    signer: Actor,
    today: date,
) -> Provider:
    """A provider taken all the way: registered, reviewed, accredited, its bankgiro approved by two."""
    form = ProviderForm(
        name=house.name,
        organisation_number=organisation_number(1000 + serial),
        legal_form=house.legal_form,
        about_sv=house.about_sv,
        about_en=house.about_en,
        languages=house.languages,
        phone=f"08-465 004 {serial % 100:02d}",
        email=f"anordnare{serial}@example.org",
    )
    site = SiteForm(
        street=f"{house.area}svägen {2 + serial}",
        postal_code=f"{10000 + serial:05d}",
        town=MUNICIPALITY_NAME,
        area=house.area,
        step_free=house.step_free,
    )
    provider = registry.register_provider(session, form, (site,), by=inspector)
    for service in house.services:
        applied = registry.apply_for_accreditation(
            session, provider, rulebook, service, capacity=house.capacity, by=inspector, today=today
        )
        registry.review(session, applied, "take_up", by=inspector)
        registry.review(session, applied, "propose", by=inspector)
        reasons = "Anordnaren uppfyller villkoren."
        registry.accredit(session, applied, reasons=reasons, from_on=today, by=secretary, today=today)
    details = registry.propose_bank_details(
        session, provider, "bankgiro", bankgiro(serial), by=maker, today=today
    )
    registry.approve_bank_details(session, details.id, by=signer, today=today)
    return provider
