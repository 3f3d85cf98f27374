"""What many of the payouts' tests begin with."""

from __future__ import annotations

import pytest

from core.database import Database
from tests.support.spring import told
from tests.support.town import Town, found


@pytest.fixture
def town(database: Database) -> Town:
    return found(database)


@pytest.fixture
def legs(database: Database, town: Town) -> list[int]:
    return told(database, town)
