"""Blocks that must be refused: by a rule with its code, or by the database with a constraint's name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Executable
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from core.database import part_of
from core.refusal import Refusal


@contextmanager
def refused(code: str) -> Iterator[None]:
    """What is done in the block is refused with that code."""
    with pytest.raises(Refusal) as refusal:
        yield
    assert refusal.value.code == code


def refused_by_the_database(session: Session, why: str, change: Executable) -> None:
    """The statement is refused for that reason; the transaction goes on."""
    with pytest.raises(DBAPIError, match=why), part_of(session):
        session.execute(change)
