"""A provider with many people, put in as rows, and a file that reports months of them all."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.files.references import reference
from core.bulk import insert_rows, learn
from core.database import Base, new_ids
from providers.models import Accreditation
from tests.support.town import Town

HEADER = (
    "participant", "month", "activities", "booked_minutes", "activity_minutes", "physical_minutes",
    "meetings", "physical_meetings", "against_plan", "progress", "next_step", "next_step_on",
)  # fmt: skip
ACTIVITIES = ("guidance", "job_search", "guidance job_search", "employer", "course language")
AGAINST = ("ahead", "as_planned", "behind", "plan_must_change")


def many_people(session: Session, town: Town, count: int, started_on: date) -> list[int]:
    """So many people who began with the town's first provider that day. Gives their legs."""
    here, guide = town.municipality_id, town.guide.account_id
    right = session.scalars(
        select(Accreditation.id).where(
            Accreditation.provider_id == town.provider_id, Accreditation.service == "matching"
        )
    ).first()
    people, vouchers, legs = new_ids(count), new_ids(count), new_ids(count)
    tables = Base.metadata.tables
    insert_rows(
        session,
        tables["participant"],
        ("municipality_id", "id", "guide_id", "identity_sealed", "identity_fingerprint", "given_name",
         "family_name", "protection", "language"),
        ((here, one, guide, "x", f"many-{one}", "Prov", "Provsson", "none", "sv") for one in people),
    )  # fmt: skip
    insert_rows(
        session,
        tables["voucher"],
        ("municipality_id", "id", "participant_id", "rulebook_id", "scheme", "service", "level", "months",
         "state", "decided_by", "decided_on", "reasons", "choose_by"),
        ((here, one, person, town.rulebook_id, "jobbpeng", "matching", "basic", 12, "active", guide,
          started_on, "Prov.", started_on) for one, person in zip(vouchers, people, strict=True)),
    )  # fmt: skip
    insert_rows(
        session,
        tables["leg"],
        ("municipality_id", "id", "voucher_id", "provider_id", "accreditation_id", "ordinal", "how",
         "chosen_on", "chosen_by", "start_by", "started_on"),
        ((here, one, voucher, town.provider_id, right, 1, "own", started_on, guide, started_on, started_on)
         for one, voucher in zip(legs, vouchers, strict=True)),
    )  # fmt: skip
    learn(session, "participant", "voucher", "leg")
    return legs


def told(legs: list[int], months: list[str], *, seed: int = 1) -> Iterator[list[str]]:
    """A heading, and a row for each of them and month; no two rows quite alike."""
    rng = random.Random(seed)
    yield list(HEADER)
    for leg in legs:
        for month in months:
            booked = rng.randrange(600, 2_400)
            attended = booked - rng.randrange(300)
            yield [
                reference(leg), month, rng.choice(ACTIVITIES), str(booked), str(attended),
                str(rng.randrange(attended)), "4", str(rng.randrange(5)), rng.choice(AGAINST),
                f"Har sökt {rng.randrange(90)} jobb och varit på intervju. Vi har övat på att ringa.",
                f"Ringa {rng.randrange(2, 9)} arbetsgivare och boka ett besök.",
                f"2026-11-{rng.randrange(10, 28)}",
            ]  # fmt: skip


def as_csv(rows: Iterator[list[str]]) -> bytes:
    """The rows as a file."""
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(rows)
    return out.getvalue().encode()
