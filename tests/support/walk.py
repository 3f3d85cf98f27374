"""Every address that the app answers, with every id there is; and what an answer says, to its last cell."""

from __future__ import annotations

import html
import io
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import product
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import openpyxl
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.api.models import ApiToken, Webhook
from core.actor import Role
from core.database import Base
from payouts.models import Batch, Hold, LedgerLine, Statement
from providers.models import (
    Accreditation,
    Affiliate,
    BankDetails,
    Contact,
    Decision,
    Evidence,
    Provider,
    Site,
)
from vouchers.models import (
    Assessment,
    AttendanceAnswer,
    Check,
    Deviation,
    Leg,
    Occasion,
    Outcome,
    OutcomeEvidence,
    Participant,
    PlanPart,
    QualityReview,
    Report,
    SentFile,
    Voucher,
    WrittenReport,
)
from vouchers.rules.told import WRITTEN_KINDS

IDS: dict[str, type[Base]] = {
    "participant_id": Participant,
    "voucher_id": Voucher,
    "leg_id": Leg,
    "report_id": Report,
    "check_id": Check,
    "assessment_id": Assessment,
    "part_id": PlanPart,
    "occasion_id": Occasion,
    "deviation_id": Deviation,
    "answer_id": AttendanceAnswer,
    "written_report_id": WrittenReport,
    "provider_id": Provider,
    "accreditation_id": Accreditation,
    "contact_id": Contact,
    "site_id": Site,
    "evidence_id": Evidence,
    "outcome_id": Outcome,
    "outcome_evidence_id": OutcomeEvidence,
    "affiliate_id": Affiliate,
    "details_id": BankDetails,
    "statement_id": Statement,
    "decision_id": Decision,
    "batch_id": Batch,
    "hold_id": Hold,
    "file_id": SentFile,
    "webhook_id": Webhook,
    "token_id": ApiToken,
    "review_id": QualityReview,
}
"""What the numbers in addresses are ids of."""
PERSONAL = (
    "participant_id",
    "voucher_id",
    "leg_id",
    "report_id",
    "check_id",
    "assessment_id",
    "part_id",
    "occasion_id",
    "deviation_id",
    "answer_id",
    "written_report_id",
    "outcome_id",
    "outcome_evidence_id",
    "review_id",
)
"""Those that lead to a person."""
MEANT = {
    ("provider.outcome_evidence_file", "evidence_id"): "outcome_evidence_id",
    ("provider.written", "kind"): "written_kind",
    ("provider.withdraw_written", "report_id"): "written_report_id",
    ("casework.written", "report_id"): "written_report_id",
    ("api.written_report", "report_id"): "written_report_id",
    ("api.withdraw_written", "report_id"): "written_report_id",
    ("casework.outcome_evidence_file", "evidence_id"): "outcome_evidence_id",
}
"""Names in addresses that are another thing's elsewhere, by what they are here."""
VALUES: dict[str, tuple[Any, ...]] = {
    "month": (202603, 202608),
    "kind": ("csv", "xlsx"),
    "form": ("csv", "xlsx"),
    "filename": (),
    "written_kind": WRITTEN_KINDS,
}
LINE = ("scope_id", "component", "part", "sequence")
MOST_OF_OTHERS = 4
"""How many ids of things that are nobody's own are tried."""
MOST_ALIKE = 3
"""How many addresses that differ only in the values of their queries are followed from links."""
HREF = re.compile(r"""(?:href|action)="(/[^"#]*)""")


class Addresses:
    """The addresses of a town's app. `codes` are what `<code>` can be, by endpoint; `own` the ids by table of
    the person who is looked for: of people's things all of those are tried, and one that is another's."""

    def __init__(
        self,
        app: Flask,
        session: Session,
        codes: dict[str, tuple[str, ...]],
        own: Mapping[str, Collection[int]],
    ) -> None:
        self.app, self.codes = app, codes
        self.known: dict[str, tuple[Any, ...]] = dict(VALUES)
        for name, table in IDS.items():
            found = session.scalars(select(table.__table__.c.id).order_by(table.__table__.c.id)).all()
            theirs = own.get(table.__tablename__, ()) if name in PERSONAL else ()
            others = [one for one in found if one not in theirs]
            self.known[name] = (*theirs, *others[: 1 if name in PERSONAL else MOST_OF_OTHERS])
        columns = [LedgerLine.__table__.c[name] for name in LINE]
        self.lines = [dict(zip(LINE, row, strict=True)) for row in session.execute(select(*columns))]

    def of(self, rule: Rule) -> Iterator[str]:
        """Every address of the rule. AssertionError for a part of an address that is not known here."""
        asked = sorted(rule.arguments)
        if not asked:
            choices: list[dict[str, Any]] = [{}]
        elif set(asked) == set(LINE):
            choices = self.lines
        else:
            values = [self._values(rule.endpoint, name) for name in asked]
            choices = [dict(zip(asked, row, strict=True)) for row in product(*values)]
        with self.app.test_request_context("/"):
            for values_ in choices:
                yield self.app.url_for(rule.endpoint, **values_)

    def _values(self, endpoint: str, name: str) -> tuple[Any, ...]:
        known = MEANT.get((endpoint, name), name)
        found = self.codes.get(endpoint) if name == "code" else self.known.get(known)
        assert found is not None, f"say in tests/support/walk.py what <{name}> of {endpoint} can be"
        return found

    def to(
        self, roles: Collection[Role] | None, method: str = "GET", *, of_people: bool = False
    ) -> list[str]:
        """Every address of what opens to one of the roles (None: to a stranger), and one of each that does
        not: whatever its number is, a shut door is the same. `of_people`: those alone that lead to a person.
        """
        found: list[str] = []
        for rule in self.app.url_map.iter_rules():
            if method not in (rule.methods or ()) or rule.endpoint == "static":
                continue
            if of_people and not set(rule.arguments) & set(PERSONAL):
                continue
            allowed: frozenset[Role] | None = getattr(self.app.view_functions[rule.endpoint], "open_to", None)
            opens = allowed is None or (roles is not None and not allowed.isdisjoint(roles))
            addresses = list(self.of(rule))
            found += addresses if opens else addresses[:1]
        return found


def walk(
    app: Flask,
    client: FlaskClient,
    addresses: list[str],
    see: Callable[[str, TestResponse], None],
    *,
    but: tuple[str, ...] = (),
) -> int:
    """Read every address, and what their pages link to with a question mark, but for endpoints that begin
    with one of `but`. Gives how many answered 200."""
    left, seen, alike = list(addresses), set(addresses), Counter[object]()
    read = 0
    matcher = app.url_map.bind("localhost")
    while left:
        address = left.pop(0)
        answer = client.get(address)
        see(address, answer)
        if answer.status_code != 200 or not (answer.mimetype or "").endswith("html"):
            continue
        read += 1
        for link in links(answer.text):
            parts = urlsplit(link)
            if not parts.query or link in seen or not matcher.test(parts.path, method="GET"):
                continue
            names = frozenset(name for name, _value in parse_qsl(parts.query, keep_blank_values=True))
            kind = (matcher.match(parts.path, method="GET")[0], names)
            alike[kind] += 1
            if alike[kind] <= MOST_ALIKE and not kind[0].startswith((*but, "public.language", "accounts.")):
                seen.add(link)
                left.append(link)
    return read


def links(page: str) -> list[str]:
    """The addresses on this site that a page leads to."""
    return [html.unescape(found) for found in HREF.findall(page)]


def said(answer: TestResponse) -> str:
    """Everything an answer says: its head, its address, its text, or every cell of its workbook."""
    head = "\n".join(f"{name}: {value}" for name, value in answer.headers if name != "Set-Cookie")
    if "spreadsheet" in (answer.mimetype or ""):
        return head + "\n" + "\n".join(" ".join(row) for _title, row in cells(answer.data))
    return head + "\n" + html.unescape(answer.data.decode("utf-8", "replace"))


def cells(book: bytes) -> Iterator[tuple[str, list[str]]]:
    """(sheet, row) of a workbook, with its properties first."""
    opened = openpyxl.load_workbook(io.BytesIO(book))
    yield "", [str(value) for value in vars(opened.properties).values()]
    for sheet in opened:
        for row in sheet.iter_rows(values_only=True):
            yield sheet.title, ["" if value is None else str(value) for value in row]
