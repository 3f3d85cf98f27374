"""The timetable: what happens by itself, and when. A job runs once a slot, however many processes tick."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from sqlalchemy import String, delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.api import answers, deliveries
from app.files import work as taking
from config import Settings
from core import audit
from core.actor import Actor
from core.audit import AuditEntry
from core.database import Base, Database, Municipality, part_of
from core.dates import HOME, day_of, now
from core.refusal import Refusal
from payouts import actions as money
from payouts.actions.runs import run_in_chunks
from payouts.models import PaymentRun
from payouts.queries.batches import to_hand_over
from payouts.rails import files
from providers.actions.watching import watch
from vouchers import actions as choice
from vouchers.actions import following, opening
from vouchers.queries import customers

MOST_CAUGHT_UP = 31
SLOT = "%Y-%m-%dT%H:%MZ"

log = logging.getLogger(__name__)


class JobRun(Base):
    """A job's slot, taken. Committed with the job's own work, so a killed job leaves its slot free."""

    __tablename__ = "job_run"

    municipality_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    job: Mapped[str] = mapped_column(String(60), primary_key=True)
    slot: Mapped[str] = mapped_column(String(20), primary_key=True)
    done_at: Mapped[datetime]
    result: Mapped[str] = mapped_column(String(200))


Work = Callable[[Session, Settings, Actor, datetime], str]
Afterwards = Callable[[Database, Settings, int], object]
First = Callable[[Database, Actor, datetime], object]


@dataclass(frozen=True)
class Job:
    """Work with a name and a rhythm: daily at `at` (Swedish time), or every `minutes`.

    `catches_up` runs each missed slot; without it only the latest is run. `afterwards` is what waits for
    others: done when the work is committed, with no transaction open, and gone on with in the next slot.
    `first` is what makes transactions of its own and may be repeated: done before the slot is taken, so that
    a job that was killed in it is done again. Refused because another process is at it, it leaves the slot
    free.
    """

    name: str
    work: Work
    at: time | None = None
    minutes: int = 0
    catches_up: bool = False
    afterwards: Afterwards | None = None
    first: First | None = None

    def slots(self, since: datetime | None, until: datetime) -> list[tuple[str, datetime]]:
        """(name, moment) of each slot after `since` up to `until`; the latest when since is None."""
        found: list[tuple[str, datetime]] = []
        for slot in self._backwards(until):
            if len(found) == (MOST_CAUGHT_UP if self.catches_up and since else 1):
                break
            if since is not None and slot <= since:
                break
            found.append((self.slot_name(slot), slot))
        return found[::-1]

    def _backwards(self, until: datetime) -> Iterator[datetime]:
        if self.at is None:
            step = timedelta(minutes=self.minutes)
            slot = datetime.fromtimestamp(
                until.timestamp() // step.total_seconds() * step.total_seconds(), UTC
            )
            while True:
                yield slot
                slot -= step
        day = until.astimezone(HOME).date()
        while True:
            slot = datetime.combine(day, self.at, HOME).astimezone(UTC)
            if slot <= until:
                yield slot
            day -= timedelta(days=1)

    def slot_name(self, slot: datetime) -> str:
        """The key of a slot: its Swedish day, or its UTC minute."""
        return slot.strftime(SLOT) if self.at is None else slot.astimezone(HOME).date().isoformat()

    def moment_of(self, slot: str) -> datetime:
        """When the slot with that key comes."""
        if self.at is None:
            return datetime.strptime(slot, SLOT).replace(tzinfo=UTC)
        return datetime.combine(date.fromisoformat(slot), self.at, HOME).astimezone(UTC)


def run_payments(database: Database, by: Actor, at: datetime) -> None:
    """Book what is owed up to yesterday. Nothing is paid before people have signed."""
    run_in_chunks(database, by=by, as_of=_day_before(at), at=at)


def book_payments(session: Session, _settings: Settings, by: Actor, at: datetime) -> str:
    """Say what the run has booked."""
    lines = select(func.coalesce(func.sum(PaymentRun.lines), 0)).where(
        PaymentRun.municipality_id == by.municipality_id,
        PaymentRun.as_of == _day_before(at),
        PaymentRun.made_at == at,
    )
    return f"lines={session.scalar(lines)}"


def _day_before(at: datetime) -> date:
    return day_of(at) - timedelta(days=1)


def hand_over(session: Session, settings: Settings, by: Actor, at: datetime) -> str:
    """Put files of sent batches in the bank's outbox, each once."""
    sent = to_hand_over(session, by.municipality_id)
    for batch in sent:
        money.hand_over(session, batch.id, settings.outbox, by=by, at=at)
    return f"files={len(sent)}"


def read_answers(session: Session, settings: Settings, by: Actor, at: datetime) -> str:
    """Read what the bank has put in the inbox. A file that cannot be read stays where it is, for a person.

    A file is put away only when reading it again says nothing new: then what it said is committed.
    """
    read = left = 0
    for path in files.answers(settings.inbox):
        try:
            with part_of(session):
                answer = money.read_answer(session, files.load(path), by=by, at=at)
        except Refusal as refusal:
            log.warning("the answer %s cannot be read: %s", path.name, refusal.code)
            left += 1
            continue
        if answer.is_new:
            read += 1
        else:
            files.done(path)
    return f"read={read} left={left}"


def anchor_trail(session: Session, settings: Settings, by: Actor, _at: datetime) -> str:
    """Write the audit trail's head to a file outside the database, so that a cut-off tail shows."""
    head = session.execute(
        select(AuditEntry.sequence, AuditEntry.seal)
        .where(AuditEntry.municipality_id == by.municipality_id)
        .order_by(AuditEntry.sequence.desc())
        .limit(1)
    ).one_or_none()
    if head is None:
        return "links=0"
    with anchors_file(settings, by.municipality_id).open("a") as file:
        file.write(f"{head.sequence} {head.seal}\n")
    return f"links={head.sequence}"


def watch_registry(session: Session, _settings: Settings, by: Actor, at: datetime) -> str:
    """Carry what is known of customers down to the registry's watch, which reminds and proposes."""
    today = day_of(at)
    done = watch(session, customers.seen(session, by.municipality_id, today), by=by, today=today)
    said = " ".join(f"{name}={count}" for name, count in done.counts().items() if count)
    return said[:200] or "nothing"


def remind_choosers(session: Session, _settings: Settings, by: Actor, at: datetime) -> str:
    """Tell those whose time to choose soon ends, on their own page and in the guide's list."""
    return f"reminded={choice.remind_choosers(session, by=by, today=day_of(at))}"


def propose_non_choices(session: Session, _settings: Settings, by: Actor, at: datetime) -> str:
    """Prepare the list of who gets which provider because no choice was made. A person decides it."""
    found = choice.propose_list(session, by=by, today=day_of(at))
    return "nobody" if found is None else f"list={found.id}"


def call_webhooks(session: Session, _settings: Settings, by: Actor, at: datetime) -> str:
    """Write down what providers' systems are to be told. The calls are made afterwards."""
    made = deliveries.gather(session, by.municipality_id, at)
    deliveries.forget(session, by.municipality_id, at)
    return f"calls={made}"


def make_calls(database: Database, settings: Settings, municipality_id: int) -> int:
    """Make the calls whose time has come."""
    return deliveries.deliver(
        database, municipality_id, now(), is_production=settings.environment == "production"
    )


def open_follow_ups(session: Session, _settings: Settings, by: Actor, at: datetime) -> str:
    """Note which follow-ups open today."""
    return f"opened={opening.open_follow_ups(session, by=by, today=day_of(at))}"


def remind_follow_ups(session: Session, _settings: Settings, by: Actor, at: datetime) -> str:
    """Tell providers once that a follow-up waits for their answer. It closes nothing."""
    return f"reminded={following.remind_follow_ups(session, by=by, today=day_of(at))}"


def draw_reviews(session: Session, _settings: Settings, by: Actor, at: datetime) -> str:
    """Draw a share of what was judged lately for a second person to look at."""
    return f"drawn={following.draw_reviews(session, by=by, today=day_of(at))}"


def forget_answers(session: Session, _settings: Settings, by: Actor, at: datetime) -> str:
    """Delete the API's answers that nobody asks for again."""
    return f"forgotten={answers.forget_answers(session, by.municipality_id, at)}"


def take_in_files(session: Session, settings: Settings, by: Actor, at: datetime) -> str:
    """Forget the bytes of old files. Those that still wait are taken afterwards."""
    gone = taking.forget_old(session, settings, by.municipality_id, at)
    return f"forgotten={gone}"


def anchors_file(settings: Settings, municipality_id: int) -> Path:
    """Where the heads of a municipality's audit trail are kept, one `sequence seal` a line."""
    settings.instance.mkdir(parents=True, exist_ok=True)
    return settings.instance / f"audit-anchors-{municipality_id}.txt"


TIMETABLE = (
    Job("book_payments", book_payments, at=time(3, 0), catches_up=True, first=run_payments),
    Job("hand_over", hand_over, minutes=1),
    Job("read_answers", read_answers, minutes=1),
    Job("anchor_trail", anchor_trail, at=time(4, 0)),
    Job("watch_registry", watch_registry, at=time(5, 0), catches_up=True),
    Job("remind_choosers", remind_choosers, at=time(6, 0)),
    Job("propose_non_choices", propose_non_choices, at=time(6, 15)),
    Job("open_follow_ups", open_follow_ups, at=time(6, 20), catches_up=True),
    Job("remind_follow_ups", remind_follow_ups, at=time(6, 30)),
    Job("draw_reviews", draw_reviews, at=time(6, 45)),
    Job("forget_answers", forget_answers, at=time(7, 0)),
    Job("call_webhooks", call_webhooks, minutes=1, afterwards=make_calls),
    Job("take_in_files", take_in_files, minutes=1, afterwards=taking.take_waiting),
)


def named(name: str) -> Job:
    """The job with that name. Raises Refusal."""
    for job in TIMETABLE:
        if job.name == name:
            return job
    raise Refusal("job_unknown", "Det finns inget jobb som heter {name}.", name=name[:60], status=404)


def tick(database: Database, settings: Settings, moment: datetime, jobs: tuple[Job, ...] = TIMETABLE) -> int:
    """Run every slot that has come and is not taken. Returns how many this process ran."""
    with database.reading() as session:
        owners = list(session.scalars(select(Municipality.id)))
    ran = 0
    for municipality_id in owners:
        for job in jobs:
            for slot, at in _waiting(database, municipality_id, job, moment):
                try:
                    ran += run_slot(database, settings, municipality_id, job, slot, at)
                except Exception:
                    log.exception(
                        "job %s failed for slot %s; its slot is free and will be tried again", job.name, slot
                    )
                    break
    return ran


def _waiting(
    database: Database, municipality_id: int, job: Job, moment: datetime
) -> list[tuple[str, datetime]]:
    """Slots that have come and nobody has taken, since the job's first one; or since its last, if it does not
    catch up."""
    mine = (JobRun.municipality_id == municipality_id, JobRun.job == job.name)
    with database.reading() as session:
        edge = (func.min if job.catches_up else func.max)(JobRun.slot)
        since = session.scalar(select(edge).where(*mine))
        slots = job.slots(None if since is None else job.moment_of(since), moment)
        names = [name for name, _ in slots]
        taken = set(session.scalars(select(JobRun.slot).where(*mine, JobRun.slot.in_(names))))
    return [(name, at) for name, at in slots if name not in taken]


def run_slot(
    database: Database, settings: Settings, municipality_id: int, job: Job, slot: str, at: datetime
) -> bool:
    """Take the slot and do its work in one transaction. False when another process has taken it, or is at
    it."""
    if job.first is not None:
        if _is_taken(database, municipality_id, job, slot):
            return False
        try:
            job.first(database, Actor.clock(municipality_id), at)
        except Refusal as refusal:
            if refusal.code != "run_in_progress":
                raise
            return False
    try:
        with database.transaction(municipality_id) as session:
            taken = JobRun(municipality_id=municipality_id, job=job.name, slot=slot, done_at=now(), result="")
            session.add(taken)
            session.flush()
            by = Actor.clock(municipality_id)
            taken.result = job.work(session, settings, by, at)
            if job.at is None:
                _forget_old(session, municipality_id, job, slot)
            else:
                audit.record(session, "job.done", audit.Subject("job", 0), by=by, job=job.name, slot=slot)
    except IntegrityError:
        if _is_taken(database, municipality_id, job, slot):
            return False
        raise
    if job.afterwards is not None:
        try:
            job.afterwards(database, settings, municipality_id)
        except Exception:
            log.exception("what comes after job %s failed; the next slot goes on with it", job.name)
    return True


def _forget_old(session: Session, municipality_id: int, job: Job, slot: str) -> None:
    """Slots of every minute would fill the table; all but the last hundred say nothing."""
    kept = datetime.strptime(slot, SLOT).replace(tzinfo=UTC) - timedelta(minutes=100 * job.minutes)
    session.execute(
        delete(JobRun).where(
            JobRun.municipality_id == municipality_id,
            JobRun.job == job.name,
            JobRun.slot < kept.strftime(SLOT),
        )
    )


def _is_taken(database: Database, municipality_id: int, job: Job, slot: str) -> bool:
    with database.reading() as session:
        return session.get(JobRun, (municipality_id, job.name, slot)) is not None
