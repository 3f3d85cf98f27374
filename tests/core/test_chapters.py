"""A wrong rulebook file is refused with the path of every fault and a sentence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.demo.people import JOBBPENG
from app.rulebooks import READERS, checked
from core.chapters import LARGEST_BYTES, Book, Faults, check
from providers.rules import read_accreditation
from vouchers.rules.terms import read_terms

WHOLE = JOBBPENG.read_text("utf-8")


def faults(text: str) -> list[str]:
    try:
        check(text, READERS)
    except Faults as found:
        return found.faults
    return []


def changed(old: str, new: str, count: int = 1) -> str:
    assert old in WHOLE, f"the rulebook has no {old!r} any more"
    return WHOLE.replace(old, new, count)


# What stands in the file, what is put there instead, and what is said of it.
CASES = [
    ("instalments = 12", "instalments = 0", "fees.base.instalments: must be a whole number from 1 to 240"),
    ("instalments = 12", "instalments = 1.5", "fees.base.instalments: must be a whole number from 1 to 240"),
    ("instalments = 12", 'instalments = "12"', "fees.base.instalments: must be a whole number from 1 to 240"),
    ("instalments = 12", "instalments = true", "fees.base.instalments: must be a whole number from 1 to 240"),
    ("instalments = 12\n", "", "fees.base.instalments: is missing; must be a whole number from 1 to 240"),
    ("instalments = 12", "instalments = 12\nbonus = 1",
     "fees.base.bonus: is not a rule that this system knows"),
    ("qualifying_days = 14", "qualifying_days = 366",
     "fees.base.qualifying_days: must be a whole number from 0 to 365"),
    ("qualifying_days = 14", "qualifying_days = -1",
     "fees.base.qualifying_days: must be a whole number from 0 to 365"),
    ('pro_rata = "calendar_days"', 'pro_rata = "half"',
     "fees.base.pro_rata: must be one of calendar_days, weekdays, whole_month"),
    ('kind = "monthly"', 'kind = "weekly"',
     "fees.base.kind: must be one of start, monthly, weekdays, daily, instalments, milestone, completion, "
     "outcome, speed, sustained"),
    ('kind = "monthly"', 'kind = "outcome"',
     "fees.base.kind: a fee called base must be one of the category base"),
    ("ore = 368600", "ore = 3686.00",
     "fees.base.amounts[1].ore: must be a whole number from 0 to 1000000000"),
    ("ore = 485800", "ore = -1", "fees.base.amounts[2].ore: must be a whole number from 0 to 1000000000"),
    ('status = "historical"', 'status = "guess"',
     "fees.base.amounts[1].status: must be one of published, historical, example"),
    ('level = "enhanced"\nore = 485800', 'level = "basic"\nore = 485800',
     "fees.base.amounts[2].level: matching basic has an amount already; "
     "a later one needs a later day in from"),
    ('level = "enhanced"\nore = 485800', 'level = "best"\nore = 485800',
     "fees.base.amounts[2].level: matching has no level best in this rulebook"),
    ("shares = [100]", "shares = [50, 49]", "fees.result.shares: must sum to 100"),
    ("shares = [100]", "shares = [50, 50]",
     "fees.result.shares: must have as many parts as results.after_months"),
    ("shares = [100]", "shares = []", "fees.result.shares: must be a list of whole numbers from 1 to 100"),
    ("[fees.bonus]", "[fees.extra]",
     "fees.bonus.kind: is missing; must be one of start, monthly, weekdays, daily, instalments, milestone, "
     "completion, outcome, speed, sustained"),
    ("[fees.bonus]", "[fees.extra]", "fees.extra.title: is missing; must be a table"),
    ("window_working_days = 5", "window_working_days = 61",
     "choice.window_working_days: must be a whole number from 1 to 60"),
    ("reminder_working_day = 3", "reminder_working_day = 6",
     "choice.reminder_working_day: must be a whole number from 1 to 5"),
    ("monthly_by_working_day = 5", "monthly_by_working_day = 0",
     "reporting.monthly_by_working_day: must be a whole number from 1 to 20"),
    ("minimum_count = 10", "minimum_count = 4",
     "comparison.minimum_count: must be a whole number from 5 to 100"),
    ("bonus_after_months = 6", "bonus_after_months = 0",
     "results.bonus_after_months: must be a whole number from 1 to 24"),
    ('"employer_confirmation"]', '"hearsay"]',
     "results.sources: hearsay is not one of employment_contract, payslip, study_certificate, "
     "company_registration, decision, employer_confirmation"),
    ('"own_business"]', '"own_business", "luck"]',
     "services.matching.outcomes: luck is not one of work, studies, own_business, next_step"),
    ('outcomes = ["work", "studies", "own_business"]', 'outcomes = ["work", "work"]',
     "services.matching.outcomes: must be a list of words, none twice"),
    ('kind = "matching"', 'kind = "guessing"',
     "services.matching.kind: must be one of matching, preparatory"),
    ("months = 12\n", "months = 0\n", "services.matching.months: must be a whole number from 1 to 48"),
    ('code = "basic"', 'code = " "', "services.matching.levels[1].code: must be a text that is not empty"),
    ('title = { sv = "Förstärkt", en = "Enhanced" }', 'title = { sv = "Förstärkt" }',
     "services.matching.levels[2].title.en: is missing; must be a text that is not empty"),
    ('title = { sv = "Grund", en = "Basic" }', 'title = "Grund"',
     "services.matching.levels[1].title: must be a table"),
    ("[[services.matching.levels]]\ncode = \"basic\"", "[services.matching.levels]\ncode = \"basic\"", None),
    ("bank_details_cooling_off_days = 3", "bank_details_cooling_off_days = 61",
     "accreditation.bank_details_cooling_off_days: must be a whole number from 0 to 60"),
    ("valid_from = 2016-04-01", 'valid_from = "2016-04-01"',
     "valid_from: must be a date such as 2026-11-22, without quotes"),
    ("valid_from = 2016-04-01", "valid_from = 2016-04-01T00:00:00",
     "valid_from: must be a date such as 2026-11-22, without quotes"),
    ('currency = "SEK"', 'currency = "EUR"', "currency: must be one of SEK"),
    ('scheme = "jobbpeng"', 'scheme = "jobb peng"',
     "scheme: must be one word of letters a to z, digits, - and _"),
    ('version = "2016-04-01"', 'version = "../../etc"',
     "version: must be one word of letters a to z, digits, - and _"),
    ('note = "', 'anteckning = "', "anteckning: is not a rule that this system knows"),
    ('sv = "Jobbpeng"', "sv = 7", "title.sv: must be a text that is not empty"),
]  # fmt: skip


def test_the_rulebook_of_the_house_is_whole():
    assert faults(WHOLE) == []
    assert checked(JOBBPENG).root.text("scheme") == "jobbpeng"


@pytest.mark.parametrize(("old", "new", "said"), CASES, ids=[f"{new[:40]!r}" for _, new, _ in CASES])
def test_a_fault_is_told_with_its_path_and_a_sentence(old: str, new: str, said: str | None):
    found = faults(changed(old, new))
    if said is None:  # TOML itself cannot say it
        assert len(found) == 1
        assert found[0].startswith("the file: is not valid TOML (")
    else:
        assert said in found


@pytest.mark.parametrize("old", ["instalments = 12", "reminder_working_day = 3", 'currency = "SEK"'])
def test_one_fault_is_told_once_and_nothing_else_is(old: str):
    key = old.split(" ", maxsplit=1)[0]
    assert len(faults(changed(old, f"{key} = -1"))) == 1


def test_every_fault_is_told_at_once():
    text = changed("instalments = 12", "instalments = 0").replace(
        "minimum_count = 10", "minimum_count = 1", 1
    )
    text = text.replace('currency = "SEK"', 'currency = "EUR"')
    assert sorted(re.sub(":.*", "", fault) for fault in faults(text)) == [
        "comparison.minimum_count",
        "currency",
        "fees.base.instalments",
    ]


def test_a_refused_file_says_everything_in_one_refusal_also_when_the_file_holds_braces():
    with pytest.raises(Faults) as refused:
        check(changed('status = "historical"', 'status = "{0} {name}"'), READERS)
    assert refused.value.code == "rulebook_wrong"
    assert refused.value.status == 422
    assert "fees.base.amounts[1].status: must be one of" in str(refused.value)


def test_a_key_with_braces_is_told_as_it_stands():
    with pytest.raises(Faults) as refused:
        check(changed("[choice]", '[choice]\n"{x}" = 1'), READERS)
    assert "choice.{x}: is not a rule" in str(refused.value.faults)
    assert "{x}" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("scheme = ", "the file: is not valid TOML"),
        ("a = 1\na = 2", "the file: is not valid TOML"),
        ("# " + "x" * LARGEST_BYTES, f"the file: is larger than {LARGEST_BYTES} bytes"),
        ("# " + "å" * (LARGEST_BYTES // 2), f"the file: is larger than {LARGEST_BYTES} bytes"),
    ],
)
def test_a_file_that_is_no_rulebook_at_all_is_refused(text: str, said: str):
    found = faults(text)
    assert len(found) == 1
    assert found[0].startswith(said)


def test_an_empty_file_lacks_everything():
    found = faults("")
    assert "scheme: is missing; must be a text that is not empty" in found
    assert "services: is missing; must be a table" in found
    assert "fees: is missing; must be a table" in found


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path):
    file = tmp_path / "book.toml"
    file.write_bytes(WHOLE.encode("latin-1"))
    with pytest.raises(Faults, match="is not text in UTF-8"):
        checked(file)


def test_a_file_that_is_not_there_and_a_folder_are_refused(tmp_path: Path):
    for place in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(Faults, match="the file: cannot be read"):
            checked(place)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_file_with_any_value_replaced_is_whole_or_refused_but_never_breaks_the_reader(data: st.DataObject):
    lines = WHOLE.splitlines()
    at = data.draw(st.sampled_from([n for n, line in enumerate(lines) if re.match(r"\w+ = ", line)]))
    values = ["0", "-1", "1.5", "nan", "true", '""', '"x"', "[]", "[1]", '["a"]', "{}", "{ sv = 1 }", "[[1]]",
              "2026-01-01", "99999999999999999999", '["work", 1]', "[{}]"]  # fmt: skip
    lines[at] = f"{lines[at].split(' = ')[0]} = {data.draw(st.sampled_from(values))}"
    for fault in faults("\n".join(lines)):
        assert re.match(r"^[\w.\[\]]+: .+|^the file: ", fault), fault


# A note, months of validity (none: until further notice), a tail, stops that do not count, an orientation,
# what happens without a choice, what may be had beside, a question that counts more.
NOT_NEEDED = re.compile(
    r"(note|valid_months|tail_months|uncounted_stops|care|trade|technology|kitchen|office|green|non_choice"
    r"|kundval|studies|weight) = "
)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([n for n, line in enumerate(WHOLE.splitlines()) if line and not line.startswith("#")]))
def test_a_file_with_any_line_missing_is_refused(at: int):
    lines = WHOLE.splitlines()
    free = bool(NOT_NEEDED.match(lines[at]))
    assert bool(faults("\n".join(lines[:at] + lines[at + 1 :]))) is not free


# ── what a whole file says ────────────────────────────────────────────────────────────────────────


def test_the_terms_are_what_the_file_says():
    terms = read_terms(Book(WHOLE).root)
    assert (terms.choice_window_working_days, terms.reminder_working_day) == (5, 3)
    assert (terms.report_by_working_day, terms.report_latest_months) == (5, 12)
    assert (terms.result_after_months, terms.claim_within_days, terms.bonus_after_months) == ((0,), 30, 6)
    matching = terms.services["matching"]
    assert [level.code for level in matching.levels] == ["basic", "enhanced"]
    assert (matching.title("sv"), matching.title("en")) == ("Matchande insats", "Matching service")
    assert matching.level_title("enhanced", "sv") == "Förstärkt"
    assert matching.level_title("enhanced", "en") == "Enhanced"
    assert [level.code for level in terms.services["preparatory"].levels] == ["single"]


def test_the_conditions_for_accreditation_are_what_the_file_says():
    found = read_accreditation(Book(WHOLE).root)
    assert found.services == ("matching", "preparatory")
    assert found.cooling_off_days == 3
