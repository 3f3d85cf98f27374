"""The rulebook's chapters on services, choice, reporting and results, read and checked."""

from __future__ import annotations

from dataclasses import dataclass

from core.chapters import Chapter
from vouchers.rules.contract import Contract, read_contract
from vouchers.rules.disclosure import Disclosure, read_disclosure
from vouchers.rules.extension import ExtensionTerms, read_extension
from vouchers.rules.instrument import Instrument, read_instrument
from vouchers.rules.letter import LetterTerms, read_letter
from vouchers.rules.pauses import Pauses, read_pauses
from vouchers.rules.plan import StepTerms, read_steps
from vouchers.rules.proving import ProofTerms, read_proof
from vouchers.rules.reports import ReportTerms, read_reports
from vouchers.rules.switching import Switching, read_switching
from vouchers.rules.voice import Survey, read_survey
from vouchers.rules.words import NON_CHOICE, STUDIES, Titled
from vouchers.rules.writing import MessageTerms, read_messages

SERVICE_KINDS = ("matching", "preparatory")
OUTCOME_KINDS = ("work", "studies", "own_business", "next_step")
SOURCES = (
    "employment_contract",
    "payslip",
    "study_certificate",
    "company_registration",
    "decision",
    "employer_confirmation",
)


@dataclass(frozen=True)
class Level:
    """A level of a service, with its words."""

    code: str
    title_sv: str
    title_en: str


@dataclass(frozen=True)
class Service:
    """A service that a voucher can be for. `outcomes` are the kinds of result it can lead to."""

    code: str
    kind: str
    title_sv: str
    title_en: str
    plain_sv: str
    plain_en: str
    levels: tuple[Level, ...]
    months: int
    outcomes: tuple[str, ...]

    def title(self, locale: str) -> str:
        """The service's name in that language."""
        return self.title_en if locale == "en" else self.title_sv

    def level_title(self, code: str, locale: str) -> str:
        """The level's name in that language."""
        level = next(level for level in self.levels if level.code == code)
        return level.title_en if locale == "en" else level.title_sv


@dataclass(frozen=True)
class Terms:
    """What the vouchers' floor needs to know of a rulebook. Numbers of days are working days where said.

    `non_choice` is None where nobody is given a provider; `also` are kundval a person may have beside this
    one and `studies` what the service may be combined with. None for a chapter that the file lacks.
    """

    services: dict[str, Service]
    choice_window_working_days: int
    reminder_working_day: int
    start_within_working_days: int
    answer_within_working_days: int
    report_by_working_day: int
    report_latest_months: int
    result_after_months: tuple[int, ...]
    claim_within_days: int
    bonus_after_months: int
    sources: tuple[str, ...]
    minimum_count: int
    non_choice: str | None
    refusal_reasons: tuple[Titled, ...]
    none_suits: tuple[Titled, ...]
    target_groups: tuple[Titled, ...]
    also: tuple[str, ...]
    studies: tuple[str, ...]
    letter: LetterTerms
    instrument: Instrument | None
    switching: Switching | None
    pauses: Pauses | None
    extension: ExtensionTerms | None
    survey: Survey | None
    messages: MessageTerms
    next_step: StepTerms
    disclosure: tuple[Disclosure, ...]
    contract: Contract | None
    reports: ReportTerms | None
    proof: ProofTerms


def read_terms(book: Chapter) -> Terms:
    """Read every chapter that this floor knows; faults are noted in the book."""
    services = {code: _service(code, chapter) for code, chapter in book.named("services").items()}
    choice, reporting = book.table("choice"), book.table("reporting")
    results, comparison = book.table("results"), book.table("comparison")
    for chapter in (choice, reporting, results, comparison):
        chapter.text("source")
    window = choice.whole("window_working_days", 1, 60)
    if choice.has("non_choice") and not book.has("switching"):
        choice.fault("non_choice", "needs the chapter switching: whoever is given a provider may change")
    sources = results.words("sources")
    for source in sources:
        if source not in SOURCES:
            results.fault("sources", f"{source} is not one of {', '.join(SOURCES)}")
    return Terms(
        services=services,
        choice_window_working_days=window,
        reminder_working_day=choice.whole("reminder_working_day", 1, max(window, 1)),
        start_within_working_days=choice.whole("start_within_working_days", 1, 60),
        answer_within_working_days=choice.whole("answer_within_working_days", 1, 60),
        report_by_working_day=reporting.whole("monthly_by_working_day", 1, 20),
        report_latest_months=reporting.whole("latest_months_after", 1, 36),
        result_after_months=results.wholes("after_months", 0, 24),
        claim_within_days=results.whole("claim_within_days", 0, 365),
        bonus_after_months=results.whole("bonus_after_months", 1, 24),
        sources=sources,
        minimum_count=comparison.whole("minimum_count", 5, 100),
        non_choice=choice.choice("non_choice", NON_CHOICE) if choice.has("non_choice") else None,
        refusal_reasons=_titled(choice, "refusal_reasons"),
        none_suits=_titled(choice, "none_suits"),
        target_groups=_titled(book, "target_groups"),
        also=book.table("combine", needed=False).words("kundval", needed=False),
        studies=_studies(book),
        letter=read_letter(book),
        instrument=read_instrument(book),
        switching=read_switching(book),
        pauses=read_pauses(book),
        extension=read_extension(book),
        survey=read_survey(book),
        messages=read_messages(book),
        next_step=read_steps(book),
        disclosure=read_disclosure(book),
        contract=read_contract(book),
        reports=read_reports(book),
        proof=read_proof(book),
    )


def _titled(chapter: Chapter, key: str) -> tuple[Titled, ...]:
    found = []
    for row in chapter.tables(key, needed=False):
        words = row.table("title")
        found.append(Titled(row.text("code"), words.text("sv"), words.text("en")))
    return tuple(found)


def _studies(book: Chapter) -> tuple[str, ...]:
    chapter = book.table("combine", needed=False)
    named = chapter.words("studies", needed=False)
    for one in named:
        if one not in STUDIES[1:]:
            chapter.fault("studies", f"{one} is not one of {', '.join(STUDIES[1:])}")
    chapter.text("source", needed=chapter.has("kundval") or chapter.has("studies"))
    return named


def _service(code: str, chapter: Chapter) -> Service:
    title, plain = chapter.table("title"), chapter.table("plain")
    outcomes = chapter.words("outcomes")
    for outcome in outcomes:
        if outcome not in OUTCOME_KINDS:
            chapter.fault("outcomes", f"{outcome} is not one of {', '.join(OUTCOME_KINDS)}")
    levels = []
    for row in chapter.tables("levels"):
        words = row.table("title")
        levels.append(Level(row.text("code"), words.text("sv"), words.text("en")))
    return Service(
        code=code,
        kind=chapter.choice("kind", SERVICE_KINDS),
        title_sv=title.text("sv"),
        title_en=title.text("en"),
        plain_sv=plain.text("sv"),
        plain_en=plain.text("en"),
        levels=tuple(levels),
        months=chapter.whole("months", 1, 48),
        outcomes=outcomes,
    )
