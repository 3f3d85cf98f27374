"""Which floors read a rulebook file, and how a file is brought into the database."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from sqlalchemy.orm import Session

from core.actor import Actor
from core.chapters import Book, Faults, check
from core.rulebooks import Rulebook, import_rulebook
from payouts.rules.tariff import read_tariff
from providers.rules import read_accreditation
from providers.rules.published import read_review
from vouchers.rules.terms import read_terms

READERS = (read_accreditation, read_review, read_terms, read_tariff)


def text_of(path: Path) -> str:
    """A file's text. Raises Faults when it is no text in UTF-8."""
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        raise Faults(["the file: is not text in UTF-8"]) from None
    except OSError as error:
        raise Faults([f"the file: cannot be read ({error.strerror})"]) from None


def checked(path: Path) -> Book:
    """Read a file and its chapters. Raises Faults with every fault."""
    return check(text_of(path), READERS)


def bring_in(session: Session, path: Path, *, by: Actor, today: date) -> Rulebook:
    """Store a file as a decided version."""
    return import_rulebook(session, text_of(path), readers=READERS, by=by, today=today)
