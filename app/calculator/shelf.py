"""What can be counted by: the municipality's decided rulebooks, and the tariffs that come with the house."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.chapters import Book, Chapter
from core.rulebooks import Rulebook
from payouts import tariffs
from payouts.calculating import Priced, of_book

MOST_MONTHS = 60


@dataclass(frozen=True)
class Titled:
    """A code with its words."""

    code: str
    sv: str
    en: str

    def title(self, locale: str) -> str:
        """The words in that language."""
        return self.en if locale == "en" else self.sv


@dataclass(frozen=True)
class Offer:
    """A level of a service, as `matching:basic`, with how many months it lasts where the rulebook says so."""

    service: Titled
    level: Titled
    months: int

    @property
    def key(self) -> tuple[str, str]:
        """As the tariff has it."""
        return self.service.code, self.level.code

    @property
    def value(self) -> str:
        """As an address has it."""
        return ":".join(self.key)

    def title(self, locale: str) -> str:
        """The service and the level."""
        return f"{self.service.title(locale)}, {self.level.title(locale)}"


@dataclass(frozen=True)
class Volume:
    """A rulebook or tariff: `key` in the address, `ours` when the municipality has decided it."""

    key: str
    scheme: Titled
    version: str
    ours: bool
    text: str
    offers: tuple[Offer, ...]
    groups: tuple[Titled, ...]
    priced: Priced

    def title(self, locale: str) -> str:
        """Its name and version."""
        return f"{self.scheme.title(locale)} ({self.version})"

    def offer(self, value: str) -> Offer | None:
        """The level that an address names."""
        return next((offer for offer in self.offers if offer.value == value), None)


def volumes(session: Session, municipality_id: int) -> list[Volume]:
    """Everything there is: ours first, kundval in the order they came, of each the newest version first."""
    came = func.min(Rulebook.id).over(partition_by=Rulebook.scheme)
    rows = session.execute(
        select(Rulebook.id, Rulebook.text)
        .where(Rulebook.municipality_id == municipality_id, Rulebook.state == "decided")
        .order_by(came, Rulebook.valid_from.desc(), Rulebook.id.desc())
    )
    ours = [volume(str(row.id), row.text, ours=True) for row in rows]
    others = sorted(path.stem for path in tariffs.HERE.glob("*.toml"))
    return [*ours, *(volume(name, tariffs.text(name) or "", ours=False) for name in others)]


@lru_cache(maxsize=64)
def volume(key: str, text: str, *, ours: bool) -> Volume:
    """A file of rules as the calculator sees it. The file has been checked when it came in."""
    root = Book(text).root
    scheme = root.text("scheme")
    return Volume(
        key=key,
        scheme=_titled(scheme, root),
        version=root.text("version"),
        ours=ours,
        text=text,
        offers=tuple(
            Offer(
                _titled(code, chapter),
                _titled(level.text("code"), level),
                chapter.whole("months", 1, MOST_MONTHS, 12),
            )
            for code, chapter in root.named("services").items()
            for level in chapter.tables("levels")
        ),
        groups=tuple(_titled(row.text("code"), row) for row in root.tables("target_groups", needed=False)),
        priced=of_book(root),
    )


def _titled(code: str, chapter: Chapter) -> Titled:
    title = chapter.table("title")
    return Titled(code, title.text("sv"), title.text("en"))
