"""Messages between a person and the guide: what may be written, and when it should be answered. Pure."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date

from core.chapters import Chapter
from core.dates import add_working_days
from core.refusal import Refusal

LONGEST = 4_000
MOST_A_DAY = 20
"""So many a person may send in a day; a guide has no limit."""
UNREADABLE = ("Cc", "Cs")


@dataclass(frozen=True)
class MessageTerms:
    """A guide answers within so many working days."""

    answer_within_working_days: int = 2


def read_messages(book: Chapter) -> MessageTerms:
    """Read the chapter `messages`; without it the default holds."""
    if not book.has("messages"):
        return MessageTerms()
    chapter = book.table("messages")
    chapter.text("source")
    return MessageTerms(chapter.whole("answer_within_working_days", 1, 20))


def readable(text: str, most: int = LONGEST) -> str:
    """The text with plain line ends and no space around it.

    Refuses characters that nobody sees, and what is too long to keep.
    """
    plain = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if any(message not in "\n\t" and unicodedata.category(message) in UNREADABLE for message in plain):
        raise Refusal(
            "text_unreadable",
            "Texten hade tecken som inte syns. Läs igenom den och skicka den igen.",
            status=422,
        )
    if len(plain) > most:
        raise Refusal("text_too_long", "Skriv högst {most} tecken.", status=422, most=most)
    return plain


def may_send(text: str, *, sent_today: int, is_person: bool) -> str:
    """The text as it is kept. Refuses an empty one, and more from a person than anybody could answer."""
    plain = readable(text)
    if not plain:
        raise Refusal("message_empty", "Skriv något innan du skickar.", status=422)
    if is_person and sent_today >= MOST_A_DAY:
        raise Refusal(
            "messages_enough",
            "Du har skickat {most} meddelanden i dag. Vänta till i morgon, eller ring.",
            most=MOST_A_DAY,
        )
    return plain


def answer_by(written_on: date, terms: MessageTerms) -> date:
    """The last day to answer what was written that day."""
    return add_working_days(written_on, terms.answer_within_working_days)
