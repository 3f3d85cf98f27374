"""A rulebook version is decided once; from then on nobody changes it, not even in the database."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from app.demo.people import JOBBPENG
from app.rulebooks import READERS, bring_in
from core.actor import Actor
from core.audit import AuditEntry
from core.chapters import Faults
from core.database import Database, Municipality
from core.refusal import Refusal
from core.rulebooks import Rulebook, import_rulebook

TEXT = JOBBPENG.read_text("utf-8")
TODAY = date(2026, 3, 2)
BY = Actor.operator(1)


def bring(database: Database, text: str, by: Actor = BY) -> int:
    with database.transaction(by.municipality_id) as session:
        return import_rulebook(session, text, readers=READERS, by=by, today=TODAY).id


@pytest.fixture
def house(database: Database) -> Database:
    with database.transaction() as session:
        session.add_all(
            Municipality(id=number, name="Exempel", organisation_number="2120000001") for number in (1, 2)
        )
    return database


def test_a_file_becomes_a_decided_version(house: Database):
    with house.transaction(1) as session:
        book = bring_in(session, JOBBPENG, by=BY, today=TODAY)
        assert (book.scheme, book.version, book.valid_from) == ("jobbpeng", "2016-04-01", date(2016, 4, 1))
        assert (book.title_sv, book.title_en) == ("Jobbpeng", "Job voucher")
        assert (book.state, book.decided_on) == ("decided", TODAY)
    with house.reading() as session:
        entry = session.scalars(select(AuditEntry)).one()
        assert (entry.what, entry.subject_id) == ("rulebook.decided", book.id)
        assert book.digest in entry.details


def test_the_same_file_twice_is_one_version(house: Database):
    assert bring(house, TEXT) == bring(house, TEXT)
    with house.reading() as session:
        assert session.query(Rulebook).count() == 1
        assert session.query(AuditEntry).count() == 1


def test_another_text_under_the_same_version_is_refused_and_the_first_one_stays(house: Database):
    first = bring(house, TEXT)
    with pytest.raises(Refusal) as refused:
        bring(house, TEXT.replace("ore = 368600", "ore = 368700"))
    assert refused.value.code == "rulebook_is_decided"
    assert "2016-04-01 av jobbpeng" in str(refused.value)
    with house.reading() as session:
        assert session.scalars(select(Rulebook)).one().text == TEXT
    later = bring(house, TEXT.replace('version = "2016-04-01"', 'version = "2016-05-01"'))
    assert later != first


def test_a_wrong_file_stores_nothing(house: Database):
    with pytest.raises(Faults):
        bring(house, TEXT.replace("instalments = 12", "instalments = 0"))
    with house.reading() as session:
        assert session.query(Rulebook).count() == 0
        assert session.query(AuditEntry).count() == 0


def test_each_municipality_decides_its_own(house: Database):
    assert bring(house, TEXT) != bring(house, TEXT.replace("ore = 368600", "ore = 1"), Actor.operator(2))


def test_the_database_refuses_to_change_or_delete_a_decided_version(house: Database):
    bring(house, TEXT)
    for statement, why in (
        ("UPDATE rulebook SET text = ''", "never changes"),
        ("UPDATE rulebook SET state = 'draft'", "never changes"),
        ("UPDATE rulebook SET valid_from = '2020-01-01'", "never changes"),
        ("DELETE FROM rulebook", "is kept"),
    ):
        with pytest.raises(DBAPIError, match=why), house.engine.begin() as connection:
            connection.exec_driver_sql(statement)
    with house.reading() as session:
        assert session.scalars(select(Rulebook)).one().text == TEXT
