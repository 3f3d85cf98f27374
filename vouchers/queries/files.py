"""Files of rows that a provider has sent."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actor import Account, Actor, Role
from core.database import Rows
from core.refusal import Missing
from vouchers.models import SentFile

MOST = 100


def sent(session: Session, *, by: Actor) -> Rows:
    """The files that the actor may open, newest first: managers see their provider's, others their own.

    A file may hold words about people whom a colleague may not know.
    """
    rows = (
        select(
            SentFile.id,
            SentFile.kind,
            SentFile.state,
            SentFile.mode,
            SentFile.file_name,
            SentFile.row_count,
            SentFile.good_rows,
            SentFile.bad_rows,
            SentFile.same_rows,
            SentFile.stored_rows,
            SentFile.sent_at,
            Account.name.label("sender"),
        )
        .join(
            Account,
            (Account.municipality_id == SentFile.municipality_id) & (Account.id == SentFile.sent_by),
        )
        .where(SentFile.municipality_id == by.municipality_id, SentFile.provider_id == by.provider_id)
        .order_by(SentFile.id.desc())
        .limit(MOST)
    )
    if not by.has(Role.MANAGER):
        rows = rows.where(SentFile.sent_by == by.account_id)
    return session.execute(rows).all()


def one(session: Session, file_id: int, *, by: Actor) -> SentFile:
    """That file, when the actor may open it. Raises Missing."""
    file = session.get(SentFile, (by.municipality_id, file_id))
    if file is None or by.provider_id is None or file.provider_id != by.provider_id:
        raise Missing()
    if not by.has(Role.MANAGER) and file.sent_by != by.account_id:
        raise Missing()
    return file
