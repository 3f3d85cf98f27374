"""What providers tell besides the month: occasions, written reports, drafts, deviations, files; and what the
person says of it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Owned, belongs_to, one_of
from core.dates import now
from vouchers.rules.states import REPORT_STATES
from vouchers.rules.told import (
    ABSENCES,
    DEVIATION_STATES,
    FILE_KINDS,
    FILE_MODES,
    FILE_STATES,
    OCCASION_KINDS,
    REPORT_KINDS,
    SAID,
    VERDICTS,
    VIA,
    WRITTEN_KINDS,
)

STANDING = text("withdrawn_on IS NULL")
SINGLE = text("state <> 'withdrawn' AND kind <> 'informative'")
TOLD = text("state <> 'withdrawn'")
UNJUDGED = text("state = 'unjudged'")
OPEN_CONTEST = text("said = 'contested' AND verdict IS NULL AND taken_back_at IS NULL")


class Occasion(Owned, Base):
    """A meeting or an activity that a person was at, in minutes. What the contract clock counts from.

    Taken back when wrong, never rewritten.
    """

    __tablename__ = "occasion"
    __table_args__ = (
        belongs_to("leg"),
        one_of("kind", OCCASION_KINDS),
        one_of("via", VIA),
        CheckConstraint("minutes BETWEEN 1 AND 1440", name="within_a_day"),
        CheckConstraint("(withdrawn_on IS NULL) = (withdrawn_by IS NULL)", name="withdrawal_is_whole"),
        Index(None, "municipality_id", "leg_id", "held_on"),
        Index(
            "uq_occasion_standing",
            "municipality_id",
            "leg_id",
            "held_on",
            "kind",
            "started",
            unique=True,
            sqlite_where=STANDING,
            postgresql_where=STANDING,
        ),
    )

    leg_id: Mapped[int]
    held_on: Mapped[date]
    started: Mapped[int] = mapped_column(Integer)
    """Minutes after midnight."""
    kind: Mapped[str] = mapped_column(String(20))
    is_physical: Mapped[bool] = mapped_column(Boolean)
    minutes: Mapped[int] = mapped_column(Integer)
    via: Mapped[str] = mapped_column(String(10), default="page")
    recorded_by: Mapped[int]
    recorded_on: Mapped[date]
    withdrawn_on: Mapped[date | None]
    withdrawn_by: Mapped[int | None]
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class WrittenReport(Owned, Base):
    """A joint plan, an informative or a final report: its declared fields as plain JSON in `content`.

    `about_on` is the day it is about (the start, the event, the end); `due_on` its last day to come, None
    where the rulebook gives none.
    """

    __tablename__ = "written_report"
    __table_args__ = (
        belongs_to("leg"),
        one_of("kind", WRITTEN_KINDS),
        one_of("state", REPORT_STATES),
        one_of("via", VIA),
        CheckConstraint("state <> 'approved' OR judged_by IS NOT NULL", name="a_person_approved"),
        CheckConstraint("judged_by IS NULL OR judged_by <> submitted_by", name="another_person_approved"),
        Index(None, "municipality_id", "leg_id"),
        Index(
            "uq_written_report_single",
            "municipality_id",
            "leg_id",
            "kind",
            unique=True,
            sqlite_where=SINGLE,
            postgresql_where=SINGLE,
        ),
    )

    leg_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    about_on: Mapped[date]
    due_on: Mapped[date | None]
    content: Mapped[dict[str, object]] = mapped_column(JSON)
    via: Mapped[str] = mapped_column(String(10), default="page")
    submitted_by: Mapped[int]
    submitted_on: Mapped[date]
    is_late: Mapped[bool] = mapped_column(Boolean)
    judged_by: Mapped[int | None]
    judged_on: Mapped[date | None]
    comment: Mapped[str] = mapped_column(Text, default="")
    withdrawn_on: Mapped[date | None]
    withdrawn_by: Mapped[int | None]
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class ReportDraft(Owned, Base):
    """What somebody has typed and not handed in, as typed and unchecked. Gone when it is handed in.

    `about` tells drafts of one kind apart: the month as 202604, a day, or empty.
    """

    __tablename__ = "report_draft"
    __table_args__ = (
        belongs_to("leg"),
        one_of("kind", (*REPORT_KINDS, "deviation")),
        UniqueConstraint("municipality_id", "leg_id", "kind", "about"),
    )

    leg_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    about: Mapped[str] = mapped_column(String(20), default="")
    content: Mapped[dict[str, object]] = mapped_column(JSON)
    saved_by: Mapped[int]
    saved_at: Mapped[datetime]


class Deviation(Owned, Base):
    """A person was absent from one occasion, came late or left early. Times are minutes after midnight.

    `unjudged` until staff say whether there was a valid reason; the words of the reason may be about health,
    and stand in no log.
    """

    __tablename__ = "deviation"
    __table_args__ = (
        belongs_to("leg"),
        one_of("reason", ABSENCES),
        one_of("state", DEVIATION_STATES),
        one_of("via", VIA),
        CheckConstraint("0 <= expected_from AND expected_from < expected_to", name="expected_is_a_time"),
        CheckConstraint(
            "absent_from < absent_to AND expected_from <= absent_from AND absent_to <= expected_to",
            name="absent_within_expected",
        ),
        CheckConstraint("expected_to <= 1440", name="within_a_day"),
        CheckConstraint(
            "state NOT IN ('valid', 'not_valid') OR (judged_by IS NOT NULL AND judged_by <> reported_by)",
            name="another_person_judged",
        ),
        Index(None, "municipality_id", "leg_id", "happened_on"),
        Index(
            "ix_deviation_waiting",
            "municipality_id",
            "leg_id",
            sqlite_where=UNJUDGED,
            postgresql_where=UNJUDGED,
        ),
        Index(
            "uq_deviation_occasion",
            "municipality_id",
            "leg_id",
            "happened_on",
            "expected_from",
            unique=True,
            sqlite_where=TOLD,
            postgresql_where=TOLD,
        ),
    )

    leg_id: Mapped[int]
    happened_on: Mapped[date]
    activity: Mapped[str] = mapped_column(String(200))
    expected_from: Mapped[int] = mapped_column(Integer)
    expected_to: Mapped[int] = mapped_column(Integer)
    absent_from: Mapped[int] = mapped_column(Integer)
    absent_to: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(String(20))
    words: Mapped[str] = mapped_column(Text, default="")
    via: Mapped[str] = mapped_column(String(10), default="page")
    reported_by: Mapped[int]
    reported_on: Mapped[date]
    is_late: Mapped[bool] = mapped_column(Boolean)
    state: Mapped[str] = mapped_column(String(20), default="unjudged")
    judged_by: Mapped[int | None]
    judged_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(Text, default="")
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


class AttendanceAnswer(Owned, Base):
    """What the person said of a month's attendance, or of one deviation. The newest counts; all are kept.

    A contested one waits for staff: until `verdict` is there, or the person takes it back, the month is not
    payable. `shown` is what the person was shown, as `rules.attendance.shown_of` gives it; `words` are for
    staff alone, `reasons` for all three.
    """

    __tablename__ = "attendance_answer"
    __table_args__ = (
        belongs_to("report"),
        belongs_to("deviation"),
        one_of("said", SAID),
        one_of("verdict", VERDICTS),
        CheckConstraint("(report_id IS NULL) <> (deviation_id IS NULL)", name="about_one_thing"),
        CheckConstraint("said = 'contested' OR verdict IS NULL", name="only_a_contest_is_judged"),
        CheckConstraint(
            "taken_back_at IS NULL OR (said = 'contested' AND verdict IS NULL)", name="taken_back_or_judged"
        ),
        CheckConstraint(
            "(verdict IS NULL) = (judged_by IS NULL) AND (verdict IS NULL) = (judged_on IS NULL)"
            " AND (judged_by IS NULL OR judged_by <> said_by)",
            name="another_person_judged",
        ),
        Index(None, "municipality_id", "report_id"),
        Index(None, "municipality_id", "deviation_id"),
        Index(
            "uq_attendance_answer_open_report",
            "municipality_id",
            "report_id",
            unique=True,
            sqlite_where=OPEN_CONTEST,
            postgresql_where=OPEN_CONTEST,
        ),
        Index(
            "uq_attendance_answer_open_deviation",
            "municipality_id",
            "deviation_id",
            unique=True,
            sqlite_where=OPEN_CONTEST,
            postgresql_where=OPEN_CONTEST,
        ),
    )

    report_id: Mapped[int | None]
    deviation_id: Mapped[int | None]
    said: Mapped[str] = mapped_column(String(20))
    words: Mapped[str] = mapped_column(Text, default="")
    shown: Mapped[dict[str, object]] = mapped_column(JSON)
    said_by: Mapped[int]
    said_at: Mapped[datetime]
    taken_back_at: Mapped[datetime | None]
    verdict: Mapped[str | None] = mapped_column(String(20))
    reasons: Mapped[str] = mapped_column(Text, default="")
    judged_by: Mapped[int | None]
    judged_on: Mapped[date | None]


class SentFile(Owned, Base):
    """A file of rows that a provider sent, how far it has come, and what became of it.

    Counts are rows. `digest` is the SHA-256 of what was sent, `answer_digest` of the same file with what is
    wrong in each row; both lie outside the web root under those names. `said` is the code of what was wrong
    with the whole file.
    """

    __tablename__ = "sent_file"
    __table_args__ = (
        belongs_to("provider"),
        one_of("kind", FILE_KINDS),
        one_of("mode", FILE_MODES),
        one_of("state", FILE_STATES),
        CheckConstraint("good_rows + bad_rows <= row_count", name="no_more_than_all"),
        CheckConstraint("length(digest) = 64", name="digest_whole"),
        Index(None, "municipality_id", "provider_id"),
        Index(None, "municipality_id", "state"),
    )

    provider_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    mode: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(20), default="waiting")
    file_name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(80))
    size: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str] = mapped_column(String(64))
    answer_digest: Mapped[str | None] = mapped_column(String(64))
    said: Mapped[str | None] = mapped_column(String(60))
    said_with: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)
    row_count: Mapped[int] = mapped_column(Integer, default=0)
    good_rows: Mapped[int] = mapped_column(Integer, default=0)
    bad_rows: Mapped[int] = mapped_column(Integer, default=0)
    same_rows: Mapped[int] = mapped_column(Integer, default=0)
    """Good rows that said what was known already, and changed nothing."""
    stored_rows: Mapped[int] = mapped_column(Integer, default=0)
    sent_by: Mapped[int]
    sent_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]
    """When a process last said that it works on it."""
    tries: Mapped[int] = mapped_column(Integer, default=0)
    """How many processes have begun with it. One that ends them all is given up."""
    done_at: Mapped[datetime | None]
