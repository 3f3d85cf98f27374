"""What the public pages store: feedback on accessibility and on the service."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Owned


class Feedback(Owned, Base):
    """What somebody wants the municipality to know or mend. `contact` only if they want an answer."""

    __tablename__ = "feedback"

    sent_at: Mapped[datetime]
    page: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    contact: Mapped[str | None] = mapped_column(String(320))
