"""The timetable: which slots there are, that each is run once, and that a missed one is caught up."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app import jobs
from app.jobs import MOST_CAUGHT_UP, Job, JobRun, named, run_slot, tick
from config import Settings
from core import audit
from core.actor import Actor
from core.audit import AuditEntry, Subject
from core.database import Database, Municipality
from core.dates import HOME
from core.refusal import Refusal
from tests.support.crowd import at_once


def work(session: Session, settings: Settings, by: Actor, at: datetime) -> str:
    return "done"


def swedish(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HOME)


def names(job: Job, since: str | None, until: str) -> list[str]:
    return [name for name, _ in job.slots(swedish(since) if since else None, swedish(until))]


DAILY = Job("daily", work, at=time(3, 0), catches_up=True)
LATEST_ONLY = Job("latest", work, at=time(4, 0))
MINUTES = Job("minutes", work, minutes=1)


# ── slots, without a database ─────────────────────────────────────────────────────────────────────


def test_the_first_time_only_the_latest_slot_is_due():
    assert names(DAILY, None, "2026-03-10T12:00") == ["2026-03-10"]
    assert names(DAILY, None, "2026-03-10T02:59") == ["2026-03-09"]
    assert names(DAILY, None, "2026-03-10T03:00") == ["2026-03-10"]


def test_every_missed_day_is_due_oldest_first():
    assert names(DAILY, "2026-02-26T03:00", "2026-03-02T03:00") == [
        "2026-02-27",
        "2026-02-28",
        "2026-03-01",
        "2026-03-02",
    ]
    assert names(DAILY, "2026-03-02T03:00", "2026-03-03T02:59") == []


def test_a_job_that_does_not_catch_up_runs_its_latest_slot_only():
    assert names(LATEST_ONLY, "2026-02-26T04:00", "2026-03-02T05:00") == ["2026-03-02"]


def test_no_more_than_a_month_is_caught_up():
    found = names(DAILY, "2026-01-01T03:00", "2026-06-01T04:00")
    assert len(found) == MOST_CAUGHT_UP
    assert found[-1] == "2026-06-01"


@pytest.mark.parametrize("at", [time(3, 0), time(2, 30), time(0, 0), time(23, 59)])
@pytest.mark.parametrize(
    "change", ["2026-03-29", "2026-10-25"], ids=["an hour is lost", "an hour comes twice"]
)
def test_each_swedish_day_has_one_slot_when_the_clocks_change(at: time, change: str):
    job, day = Job("x", work, at=at, catches_up=True), date.fromisoformat(change)
    days = [day + timedelta(days=number) for number in (-1, 0, 1)]
    since = datetime.combine(day - timedelta(days=2), at, HOME)
    until = datetime.combine(day + timedelta(days=2), at, HOME) - timedelta(minutes=1)
    found = job.slots(since.astimezone(UTC), until.astimezone(UTC))
    assert [name for name, _ in found] == [day.isoformat() for day in days]
    moments = [moment for _, moment in found]
    assert moments == sorted(set(moments))
    assert all(moment.utcoffset() == timedelta(0) for moment in moments)


def test_three_in_the_morning_is_three_in_the_morning_in_summer_and_in_winter():
    job = DAILY
    found = dict(job.slots(swedish("2026-03-27T03:00"), swedish("2026-03-30T12:00")))
    assert found["2026-03-28"] == datetime(2026, 3, 28, 2, tzinfo=UTC)
    assert found["2026-03-29"] == datetime(2026, 3, 29, 1, tzinfo=UTC)
    found = dict(job.slots(swedish("2026-10-23T03:00"), swedish("2026-10-26T12:00")))
    assert found["2026-10-24"] == datetime(2026, 10, 24, 1, tzinfo=UTC)
    assert found["2026-10-25"] == datetime(2026, 10, 25, 2, tzinfo=UTC)


def test_slots_of_minutes_are_told_in_utc_and_never_twice_when_an_hour_comes_twice():
    first, last = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    every = Job("x", work, minutes=1, catches_up=True)
    assert [name for name, _ in every.slots(first, first + timedelta(minutes=2, seconds=59))] == [
        "2026-10-25T00:31Z",
        "2026-10-25T00:32Z",
    ]
    seen = {every.slot_name(first + timedelta(minutes=number)) for number in range(61)}
    assert len(seen) == 61
    assert MINUTES.slots(first, last) == [("2026-10-25T01:30Z", last)]


@pytest.mark.parametrize("minutes", [1, 5, 15, 60])
def test_slots_of_minutes_lie_even_whenever_one_looks(minutes: int):
    job = Job("x", work, minutes=minutes)
    at = datetime(2026, 3, 2, 10, 59, 59, 999_999, tzinfo=UTC)
    ((_, slot),) = job.slots(None, at)
    assert slot == datetime(2026, 3, 2, 10, 60 - max(minutes, 1) if minutes < 60 else 0, tzinfo=UTC)


@given(
    st.sampled_from(
        [DAILY, LATEST_ONLY, MINUTES, Job("x", work, at=time(2, 30)), Job("y", work, minutes=15)]
    ),
    st.datetimes(datetime(2025, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  # the zone is given beside
)
def test_a_slots_name_says_when_it_comes(job: Job, at: datetime):
    ((name, slot),) = job.slots(None, at)
    assert slot <= at
    assert job.moment_of(name) == slot
    assert job.slot_name(slot) == name


def test_the_house_has_its_jobs_and_each_has_a_name_of_its_own():
    assert [job.name for job in jobs.TIMETABLE] == [
        "book_payments",
        "hand_over",
        "read_answers",
        "anchor_trail",
        "watch_registry",
        "remind_choosers",
        "propose_non_choices",
        "open_follow_ups",
        "remind_follow_ups",
        "draw_reviews",
        "forget_answers",
        "call_webhooks",
        "take_in_files",
    ]
    for job in jobs.TIMETABLE:
        assert named(job.name) is job
        assert (job.at is None) != (job.minutes == 0)
    with pytest.raises(Refusal, match="inget jobb som heter sova"):
        named("sova")


# ── ticking ───────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def house(database: Database) -> Database:
    with database.transaction() as session:
        session.add(Municipality(id=1, name="Exempel", organisation_number="2120000001"))
    return database


def recording(done: list[str], fails: Callable[[datetime], bool] = lambda at: False) -> jobs.Work:
    def do(session: Session, settings: Settings, by: Actor, at: datetime) -> str:
        audit.record(session, "thing.done", Subject("thing", 1), by=by, on=at.date())
        if fails(at):
            raise RuntimeError("the job broke")
        done.append(at.astimezone(HOME).date().isoformat())
        return "ok"

    return do


def slots_of(database: Database, job: str) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(JobRun.slot).where(JobRun.job == job).order_by(JobRun.slot)))


def things_done(database: Database) -> Counter[str]:
    """How often the audit trail says that each (job, slot) was done: nothing but the truth guards this."""
    with database.reading() as session:
        assert audit.verify(session, 1).fault is None
        rows = session.scalars(select(AuditEntry.details).where(AuditEntry.what == "job.done"))
        return Counter(f"{(told := json.loads(row))['job']} {told['slot']}" for row in rows)


def test_a_slot_runs_once_however_often_one_ticks(house: Database, settings: Settings):
    done: list[str] = []
    job = Job("daily", recording(done), at=time(3, 0), catches_up=True)
    at = swedish("2026-03-02T08:00")
    assert [tick(house, settings, at, (job,)) for _ in range(3)] == [1, 0, 0]
    assert done == ["2026-03-02"]
    assert things_done(house) == {"daily 2026-03-02": 1}
    with house.reading() as session:
        run = session.get_one(JobRun, (1, "daily", "2026-03-02"))
        assert run.result == "ok"


def test_missed_days_are_caught_up_once_each_in_order(house: Database, settings: Settings):
    done: list[str] = []
    job = Job("daily", recording(done), at=time(3, 0), catches_up=True)
    tick(house, settings, swedish("2026-03-27T08:00"), (job,))
    assert tick(house, settings, swedish("2026-03-31T02:00"), (job,)) == 3  # the clocks changed on the 29th
    assert tick(house, settings, swedish("2026-03-31T03:00"), (job,)) == 1
    assert done == ["2026-03-27", "2026-03-28", "2026-03-29", "2026-03-30", "2026-03-31"]


def test_a_hole_is_caught_up_also_when_somebody_has_run_a_later_slot_by_hand(
    house: Database, settings: Settings
):
    done: list[str] = []
    job = Job("daily", recording(done), at=time(3, 0), catches_up=True)
    tick(house, settings, swedish("2026-03-02T08:00"), (job,))
    run_slot(house, settings, 1, job, "2026-03-05", job.moment_of("2026-03-05"))
    tick(house, settings, swedish("2026-03-05T08:00"), (job,))
    assert done == ["2026-03-02", "2026-03-05", "2026-03-03", "2026-03-04"]


def test_a_job_that_does_not_catch_up_never_goes_back(house: Database, settings: Settings):
    done: list[str] = []
    job = Job("latest", recording(done), at=time(4, 0))
    for day in ("02", "05", "04"):  # the last one by a process whose clock is slow
        tick(house, settings, swedish(f"2026-03-{day}T08:00"), (job,))
    assert done == ["2026-03-02", "2026-03-05"]


def test_a_failing_job_leaves_its_slot_free_and_does_not_stop_the_others(
    house: Database, settings: Settings, caplog: pytest.LogCaptureFixture
):
    broken: list[str] = []
    well: list[str] = []
    lasting = [True]
    weak = Job("weak", recording(broken, lambda at: lasting[0]), at=time(3, 0), catches_up=True)
    strong = Job("strong", recording(well), at=time(3, 0), catches_up=True)
    at = swedish("2026-03-02T08:00")
    with caplog.at_level(logging.ERROR):
        assert tick(house, settings, at, (weak, strong)) == 1
    assert "job weak failed for slot 2026-03-02; its slot is free" in caplog.text
    assert slots_of(house, "weak") == []
    assert things_done(house) == {"strong 2026-03-02": 1}  # what the weak one recorded is undone
    lasting[0] = False
    assert tick(house, settings, at, (weak, strong)) == 1
    assert (broken, well) == (["2026-03-02"], ["2026-03-02"])


def test_after_a_failure_later_slots_of_the_job_wait_for_their_turn(house: Database, settings: Settings):
    done: list[str] = []
    job = Job(
        "daily", recording(done, lambda at: at.day == 4 and not lasting), at=time(3, 0), catches_up=True
    )
    lasting: list[bool] = []
    tick(house, settings, swedish("2026-03-02T08:00"), (job,))
    tick(house, settings, swedish("2026-03-06T08:00"), (job,))
    assert done == ["2026-03-02", "2026-03-03"]
    lasting.append(True)
    tick(house, settings, swedish("2026-03-06T08:00"), (job,))
    assert done == ["2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05", "2026-03-06"]


def test_a_constraint_that_the_job_itself_breaks_is_not_taken_for_a_taken_slot(
    house: Database, settings: Settings
):
    def breaks(session: Session, settings: Settings, by: Actor, at: datetime) -> str:
        session.execute(insert(Municipality).values(id=1, name="x", organisation_number="y", created_at=at))
        return "never"

    job = Job("breaks", breaks, at=time(3, 0))
    with pytest.raises(IntegrityError):
        run_slot(house, settings, 1, job, "2026-03-02", job.moment_of("2026-03-02"))
    assert slots_of(house, "breaks") == []


def test_four_hands_that_tick_at_once_run_each_slot_once(house: Database, settings: Settings):
    done: list[str] = []
    daily = Job("daily", recording(done), at=time(3, 0), catches_up=True)
    hours = Job("hours", recording([]), minutes=120)
    tick(house, settings, swedish("2026-03-02T08:00"), (daily, hours))

    def hand(number: int) -> int:
        return sum(
            tick(house, settings, swedish(f"2026-03-{day:02d}T08:00"), (daily, hours)) for day in range(3, 9)
        )

    answers = at_once(4, hand)
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    days = [f"2026-03-{day:02d}" for day in range(2, 9)]
    assert sorted(done) == days
    assert slots_of(house, "daily") == days
    assert things_done(house) == {f"daily {day}": 1 for day in days}
    assert (
        sum(answer for answer in answers if isinstance(answer, int)) == 6 + len(slots_of(house, "hours")) - 1
    )


def test_each_municipality_has_slots_of_its_own(house: Database, settings: Settings):
    with house.transaction() as session:
        session.add(Municipality(id=2, name="Exempel", organisation_number="2120000001"))
    done: list[str] = []
    job = Job("daily", recording(done), at=time(3, 0))
    assert tick(house, settings, swedish("2026-03-02T08:00"), (job,)) == 2
    assert tick(house, settings, swedish("2026-03-02T08:00"), (job,)) == 0


def test_old_slots_of_every_minute_are_forgotten_but_no_day_is(house: Database, settings: Settings):
    minutes, daily = Job("minutes", work, minutes=1), Job("daily", work, at=time(3, 0))
    start = swedish("2026-03-02T08:00")
    for number in range(0, 121, 20):
        tick(house, settings, start + timedelta(minutes=number), (minutes, daily))
    kept = slots_of(house, "minutes")
    assert kept[0] == "2026-03-02T07:20Z"
    assert kept[-1] == "2026-03-02T09:00Z"
    assert slots_of(house, "daily") == ["2026-03-02"]


# ── the house's own jobs ──────────────────────────────────────────────────────────────────────────


def test_the_trails_head_is_kept_outside_the_database_and_a_cut_shows(house: Database, settings: Settings):
    moment = swedish("2026-03-02T08:00")
    tick(house, settings, moment)
    tick(house, settings, moment + timedelta(days=1))
    kept = jobs.anchors_file(settings, 1).read_text().split("\n")
    heads = {int(row.split()[0]): row.split()[1] for row in kept if row}
    with house.reading() as session:
        assert audit.verify(session, 1, heads).fault is None
        assert len(heads) == 2
        assert audit.verify(session, 1, {**heads, 99: "f" * 64}).fault_at == 99
