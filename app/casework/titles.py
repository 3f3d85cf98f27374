"""What services and levels are called, in the reader's language."""

from __future__ import annotations

from flask_babel import get_locale
from sqlalchemy.orm import Session

from app.web import municipality_id
from core.database import fetch
from core.rulebooks import Rulebook
from vouchers.queries.case import Head
from vouchers.queries.terms import terms_of
from vouchers.rules.terms import Terms


class Titles:
    """Titles by rulebook; each rulebook is read once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._terms: dict[int, Terms] = {}
        self._locale = str(get_locale() or "sv")

    def __call__(self, rulebook_id: int | None, service: str | None, level: str | None) -> str:
        """Matchande insats, grund; nothing for somebody without a decision."""
        if rulebook_id is None or service is None or level is None:
            return ""
        found = self.terms(rulebook_id).services[service]
        return f"{found.title(self._locale)}, {found.level_title(level, self._locale).lower()}"

    def of(self, head: Head) -> str:
        """The title of a voucher's service and level."""
        return self(head.rulebook.id, head.voucher.service, head.voucher.level)

    def service(self, rulebook_id: int, service: str) -> str:
        """The title of a service alone."""
        return self.terms(rulebook_id).services[service].title(self._locale)

    def kundval(self, rulebook_id: int) -> str:
        """The title of the kundval that the rulebook is a version of."""
        book = fetch(self._session, Rulebook, municipality_id(), rulebook_id)
        return book.title_en if self._locale == "en" else book.title_sv

    def terms(self, rulebook_id: int) -> Terms:
        """The rulebook's terms."""
        if rulebook_id not in self._terms:
            self._terms[rulebook_id] = terms_of(self._session, municipality_id(), rulebook_id)
        return self._terms[rulebook_id]
