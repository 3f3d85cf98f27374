"""Answers to what changes something: the same key and the same body get the same answer, whatever happens."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from flask import Response, current_app, json, request
from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.api import problems
from app.api.door import Faulty, caller
from app.api.models import ApiAnswer
from app.api.problems import Fault
from app.web import sentence, writing
from core import dates
from core.database import part_of
from core.refusal import Refusal
from vouchers.rules import fields
from vouchers.rules.fields import Field
from vouchers.rules.terms import Terms

HEADER = "Idempotency-Key"
KEY = re.compile("[!-~]{1,100}")
KEPT_FOR = timedelta(days=7)
Work: TypeAlias = Callable[[Session], tuple[Mapping[str, Any], int]]


def once(work: Work) -> Response:
    """Do `work` in one transaction and answer with what it gives: (plain JSON, status).

    With a key the answer is kept in that transaction, a refusal too, so that whoever asks again with the same
    key and body gets it again. Raises Refusal for a key that came with another body before.
    """
    key = request.headers.get(HEADER)
    if key is None:
        with writing() as session:
            told, status = work(session)
        return _answer(json.dumps(told), status)
    if not KEY.fullmatch(key):
        raise Faulty([Fault(f"/{HEADER}", "key_wrong", _(problems.KEY_WRONG))])
    with writing() as session:
        kept = _kept(session, key)
        if kept is None:
            kept = _try(session, key, work)
            session.add(kept)
            return _answer(kept.body, kept.status)
        if kept.digest != _digest():
            raise Refusal(
                "key_used_before",
                "Idempotency-Key har redan använts till ett annat anrop. Hitta på en ny.",
                status=422,
            )
        answer = _answer(kept.body, kept.status)
    answer.headers["Idempotency-Replayed"] = "true"
    return answer


def _kept(session: Session, key: str) -> ApiAnswer | None:
    asks = caller()
    return session.scalar(
        select(ApiAnswer).where(
            ApiAnswer.municipality_id == asks.actor.municipality_id,
            ApiAnswer.token_id == asks.token_id,
            ApiAnswer.key == key,
        )
    )


def _try(session: Session, key: str, work: Work) -> ApiAnswer:
    asks = caller()
    told: Mapping[str, Any]
    try:
        with part_of(session):
            told, status = work(session)
    except Faulty as faulty:
        told, status = problems.body(422, faults=faulty.faults), 422
    except Refusal as refusal:
        told, status = problems.body(refusal.status, refusal.code, sentence(refusal)), refusal.status
    return ApiAnswer(
        municipality_id=asks.actor.municipality_id,
        token_id=asks.token_id,
        key=key,
        digest=_digest(),
        status=status,
        body=json.dumps(told),
        made_at=dates.now(),
    )


def _digest() -> str:
    total = hashlib.sha256(f"{request.method} {request.full_path}\n".encode())
    total.update(request.get_data(cache=True))
    return total.hexdigest()


def _answer(body: str, status: int) -> Response:
    kind = problems.KIND if status >= 400 else "application/json"
    return current_app.response_class(body, status=status, content_type=kind)


def forget_answers(session: Session, municipality_id: int, at: datetime) -> int:
    """Delete the answers that are so old that nobody asks again; gives how many. For the timetable."""
    gone = session.execute(
        delete(ApiAnswer).where(
            ApiAnswer.municipality_id == municipality_id, ApiAnswer.made_at < at - KEPT_FOR
        )
    )
    return int(gone.rowcount)  # type: ignore[attr-defined]  # a delete has it


def read(declared: Iterable[Field], said: Mapping[str, Any]) -> dict[str, Any]:
    """The values of those fields. Raises Faulty with every fault at once."""
    values, faults = {}, []
    for field in declared:
        try:
            values[field.name] = fields.read(field, said.get(field.name))
        except Refusal as refusal:
            faults.append(fault(f"/{field.name}", refusal))
    if faults:
        raise Faulty(faults)
    return values


def read_report(kind: str, said: Mapping[str, Any], terms: Terms) -> dict[str, Any]:
    """The values of a report of that kind under those rules. Raises Faulty with every fault at once."""
    values, refusals = fields.read_all(kind, said, terms)
    faults = [fault(f"/{name}", refusal) for name, refusal in refusals.items()]
    unasked = set(said) - {field.name for field in fields.of(kind, terms)}
    faults += [fault(f"/{name}", NOT_ASKED) for name in sorted(unasked)]
    if faults:
        raise Faulty(faults)
    return values


NOT_ASKED = Refusal("field_not_asked", "Regelverket frågar inte efter det här. Ta bort det.", status=422)


def fault(field: str, refusal: Refusal) -> Fault:
    """A refusal as what is wrong in one place."""
    return Fault(field, refusal.code, sentence(refusal))
