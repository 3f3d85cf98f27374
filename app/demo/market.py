"""The national market replayed: an invented person for each published participant, with their results.

Providers, persons, days and money are invented; only the counts by contract and level are the agency's. The
dates are spread over the measurement window so that every month of the run has something to pay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from app.demo.people import FAMILY_END, FAMILY_START, GIVEN, Names, organisation_number, paid_to
from app.rulebooks import bring_in
from core import dates, identity
from core.accounts import AccountForm, open_account
from core.actor import Account, Actor, Role
from core.database import Database, Municipality, fetch
from core.refusal import Refusal
from core.rulebooks import Rulebook
from payouts import actions as money
from providers import actions as registry
from providers.actions import ProviderForm, SiteForm, add_member
from providers.models import Provider
from providers.queries import published
from providers.rules.published import LEVELS, Row
from vouchers.actions.bulk import History, Judged, Result, Told, import_histories

RULEBOOK = Path(__file__).parents[2] / "schemes" / "rusta_och_matcha" / "2023-04-17.toml"
NAME = "Påhittade marknaden"
EMPLOYER = organisation_number(7001)
# The first participants chose some weeks before the window in which they are counted.
MONTHS_BEFORE = 2
SOUNDS = ("Lo", "Mi", "Ra", "Su", "Ta", "Ve", "Ny", "Ko", "Di", "Fa")


@dataclass(frozen=True)
class Seat:
    """Where a contract's participants go: the invented provider, its accreditation and its coach."""

    provider_id: int
    accreditation_id: int
    coach_id: int


@dataclass(frozen=True)
class Made:
    """What the market holds."""

    contracts: int
    providers: int
    participants: int
    first_results: int
    second_results: int
    opening: int


class Market:
    """Makes the market of one published period. The municipality must not exist yet; its results must."""

    def __init__(self, database: Database, municipality_id: int, period: date) -> None:
        self.database, self.municipality_id, self.period = database, municipality_id, period
        self.window = dates.add_months(period, -23)
        self.today = dates.last_of_month(period)
        self.names = Names(period.toordinal())
        self.staff: dict[Role, Actor] = {}
        self.rulebook: Rulebook

    def build(self, progress: Callable[[int, int], None] | None = None) -> Made:
        """Make it, contract by contract. `progress(done, all)` counts participants."""
        with self.database.reading() as session:
            rows = [row for row, _ in published.standing(session, self.municipality_id, self.period)]
        if not rows:
            raise Refusal(
                "period_missing",
                "Det finns inga publicerade resultat för {period}. Läs in filen först.",
                period=self.period.isoformat()[:7],
            )
        with self.database.transaction(self.municipality_id) as session:
            seats = self._found(session, rows)
            self._open(session, rows, seats)
        total = sum(sum(row.participants) for row in rows)
        with self.database.transaction(self.municipality_id) as session:
            vault = identity.vault(session)
            told = self._counted(self._histories(rows, seats, vault, opening=False), total, progress)
            made = import_histories(session, told, by=self.staff[Role.GUIDE], today=self.today)
        opening = sum(1 for row in rows for place in range(3) if row.second[place] > row.first[place])
        return Made(
            contracts=len(rows),
            providers=len({seat.provider_id for seat in seats.values()}),
            participants=made + opening,
            first_results=sum(sum(row.first) for row in rows),
            second_results=sum(sum(row.second) for row in rows),
            opening=opening,
        )

    def _found(self, session: Session, rows: list[Row]) -> dict[str, Seat]:
        session.add(
            Municipality(id=self.municipality_id, name=NAME, organisation_number=organisation_number(9999))
        )
        session.flush()
        by = Actor.operator(self.municipality_id)
        self.rulebook = bring_in(session, RULEBOOK, by=by, today=self.window)
        for role in (Role.GUIDE, Role.INSPECTOR, Role.SECRETARY, Role.MAKER, Role.SIGNER):
            self.staff[role] = self._person(session, role, by)
        providers: dict[str, tuple[int, int]] = {}
        seats = {}
        for row in rows:
            if row.provider not in providers:
                providers[row.provider] = self._provider(session, len(providers) + 1, by)
            provider_id, coach_id = providers[row.provider]
            accreditation = self._accredited(session, provider_id, row)
            seats[row.contract_no] = Seat(provider_id, accreditation, coach_id)
        return seats

    def _person(self, session: Session, role: Role, by: Actor) -> Actor:
        account = self._account(session, role, by)
        return Actor("person", self.municipality_id, account.id, frozenset({role}), name=account.name)

    def _account(self, session: Session, role: Role, by: Actor) -> Account:
        given, family = self.names.name()
        form = AccountForm(f"{given} {family}", (role,), identity_number=self.names.number())
        return open_account(session, form, by=by, today=self.today)

    def _provider(self, session: Session, serial: int, by: Actor) -> tuple[int, int]:
        first, second = divmod(serial, len(SOUNDS) * len(SOUNDS))
        name = "".join(SOUNDS[place] for place in (second // 10, second % 10, first % 10)).capitalize()
        form = ProviderForm(
            name=f"{name} Jobbprov (påhittad)",
            organisation_number=organisation_number(2000 + serial),
            legal_form="private",
            about_sv="Påhittad anordnare. Personer och pengar är simulerade.",
            about_en="An invented provider. Persons and money are simulated.",
            email=f"marknad{serial}@example.org",
        )
        site = SiteForm(f"Provvägen {serial}", f"{10000 + serial:05d}", NAME, "Provområdet", step_free=True)
        provider = registry.register_provider(session, form, (site,), by=by)
        account = self._account(session, Role.COACH, by)
        add_member(session, provider, account.id, by=by)
        paid_to(
            session,
            provider,
            serial,
            by=self.staff[Role.MAKER],
            approver=self.staff[Role.SIGNER],
            today=self.window,
        )
        return provider.id, account.id

    def _accredited(self, session: Session, provider_id: int, row: Row) -> int:
        return registry.enter_decided(
            session,
            fetch(session, Provider, self.municipality_id, provider_id),
            self.rulebook,
            "matching",
            capacity=sum(row.participants),
            area=f"Område {row.contract_no}",
            from_on=dates.add_months(self.window, -MONTHS_BEFORE),
            reasons="Simulerat avtal.",
            by=self.staff[Role.SECRETARY],
            today=self.window,
        ).id

    def _open(self, session: Session, rows: list[Row], seats: dict[str, Seat]) -> None:
        """One more second result than first was published: its first lies before, and is booked here."""
        vault = identity.vault(session)
        opening = list(self._histories(rows, seats, vault, opening=True))
        if opening:
            import_histories(session, opening, by=self.staff[Role.GUIDE], today=self.today)
            last = dates.add_months(self.window, 6)
            at = dates.noon(last)
            money.run(session, by=self.staff[Role.MAKER], as_of=last, at=at)

    def _histories(
        self, rows: list[Row], seats: dict[str, Seat], vault: identity.Vault, *, opening: bool
    ) -> Iterator[History]:
        serial = 0
        for row in rows:
            for place, level in enumerate(LEVELS):
                people, first, second = row.participants[place], row.first[place], row.second[place]
                before = max(0, second - first)
                for number in range(people):
                    serial += 1
                    if (number < before) != opening:
                        continue
                    yield self._one(
                        vault,
                        seats[row.contract_no],
                        level,
                        serial,
                        first=number < before + first,
                        second=number < second,
                        early=opening,
                    )

    def _one(
        self,
        vault: identity.Vault,
        seat: Seat,
        level: str,
        serial: int,
        *,
        first: bool,
        second: bool,
        early: bool,
    ) -> History:
        number = self.names.number()
        month = dates.add_months(self.window, 0 if early else serial % 12)
        started_on = dates.add_working_days(month + timedelta(days=serial % 25), 0)
        decided_on = dates.add_working_days(month - timedelta(days=12), 0)
        found_on = None
        if first:
            found_on = started_on + timedelta(days=20 if early else 45 + (serial * 37) % 75)
        ended_on = found_on or min(dates.add_months(started_on, 12) - timedelta(days=1), self.today)
        return History(
            sealed=vault.seal(number),
            fingerprint=vault.fingerprint(self.municipality_id, number),
            given_name=GIVEN[serial % len(GIVEN)],
            family_name=FAMILY_START[serial % len(FAMILY_START)] + FAMILY_END[serial // 7 % len(FAMILY_END)],
            rulebook_id=self.rulebook.id,
            service="matching",
            level=level,
            months=12,
            provider_id=seat.provider_id,
            accreditation_id=seat.accreditation_id,
            coach_id=seat.coach_id,
            guide_id=self.staff[Role.GUIDE].account_id,
            decided_on=decided_on,
            chosen_on=decided_on,
            started_on=started_on,
            reports=tuple(self._reports(started_on, ended_on)),
            ended_on=ended_on,
            end_reason="work" if found_on else "time_out",
            result=self._result(found_on, second=second) if found_on else None,
        )

    def _reports(self, started_on: date, ended_on: date) -> Iterator[Told]:
        month = dates.first_of_month(started_on)
        while month <= ended_on:
            day = min(self.today, _told_on(month))
            if dates.last_of_month(month) <= day:
                yield Told(month, day, day)
            month = dates.add_months(month, 1)

    def _result(self, found_on: date, *, second: bool) -> Result:
        three, six = dates.add_months(found_on, 3), dates.add_months(found_on, 6)
        return Result(
            kind="work",
            starts_on=found_on,
            claimed_on=found_on,
            source="payslip",
            employer_number=EMPLOYER,
            checks=(
                Judged("result", 1, three, passed=True, judged_on=three),
                Judged("result", 2, six, passed=second, judged_on=six),
            ),
        )

    def _counted(
        self, histories: Iterator[History], total: int, progress: Callable[[int, int], None] | None
    ) -> Iterator[History]:
        for number, history in enumerate(histories, 1):
            if progress and number % 1_000 == 0:
                progress(number, total)
            yield history


_TOLD: dict[date, date] = {}


def _told_on(month: date) -> date:
    """The third working day after the month; the same for all, so computed once."""
    if month not in _TOLD:
        _TOLD[month] = dates.add_working_days(dates.last_of_month(month), 3)
    return _TOLD[month]
