"""Rulebooks in the database: dated versions of a kundval's rules, unchanged from their decision on."""

from __future__ import annotations

import hashlib
from datetime import date

from sqlalchemy import String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import audit
from core.actor import Actor
from core.chapters import Reader, check
from core.database import Base, Owned, one_of
from core.refusal import Refusal


class Rulebook(Owned, Base):
    """One dated version of a kundval's rules. From the decision on the database refuses to change it."""

    __tablename__ = "rulebook"
    __table_args__ = (
        UniqueConstraint("municipality_id", "scheme", "version"),
        one_of("state", ("draft", "decided")),
    )

    scheme: Mapped[str] = mapped_column(String(60))
    version: Mapped[str] = mapped_column(String(30))
    valid_from: Mapped[date]
    title_sv: Mapped[str] = mapped_column(String(200))
    title_en: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(20))
    decided_on: Mapped[date | None]


def import_rulebook(
    session: Session, text: str, *, readers: tuple[Reader, ...], by: Actor, today: date
) -> Rulebook:
    """Store a file as a decided version. The same file again is the same version; another text is refused."""
    head = check(text, readers).root
    scheme, version, title = head.text("scheme"), head.text("version"), head.table("title")
    fingerprint = hashlib.sha256(text.encode()).hexdigest()
    found = session.scalar(
        select(Rulebook).where(
            Rulebook.municipality_id == by.municipality_id,
            Rulebook.scheme == scheme,
            Rulebook.version == version,
        )
    )
    if found:
        if found.digest != fingerprint:
            raise Refusal(
                "rulebook_is_decided",
                "Version {version} av {scheme} är beslutad och kan inte ändras. Ge ändringen en ny version.",
                version=version,
                scheme=scheme,
            )
        return found
    rulebook = Rulebook(
        municipality_id=by.municipality_id,
        scheme=scheme,
        version=version,
        valid_from=head.day("valid_from"),
        title_sv=title.text("sv"),
        title_en=title.text("en"),
        text=text,
        digest=fingerprint,
        state="decided",
        decided_on=today,
    )
    session.add(rulebook)
    audit.record(session, "rulebook.decided", rulebook, by=by, digest=fingerprint)
    return rulebook
