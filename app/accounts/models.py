"""What sign-in stores: sessions, which can be ended from here, and failures, which lock."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Owned, belongs_to


class SignIn(Owned, Base):
    """A signed-in session. The cookie holds a random token, the row its hash; time or sign-out ends it."""

    __tablename__ = "sign_in"
    __table_args__ = (
        belongs_to("account"),
        Index("uq_sign_in_token", "token_hash", unique=True),
        Index(None, "municipality_id", "account_id"),
    )

    account_id: Mapped[int]
    token_hash: Mapped[str] = mapped_column(String(64))
    how: Mapped[str] = mapped_column(String(20))
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SignInFailure(Base):
    """Failures in a row for one user name or one visitor's address, known only by its keyed hash."""

    __tablename__ = "sign_in_failure"

    municipality_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int] = mapped_column(Integer)
    last_at: Mapped[datetime]
    locked_until: Mapped[datetime | None]
