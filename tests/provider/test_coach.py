"""A manager names the coach; of a protected person nobody else at the provider learns anything."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from core.audit import AuditEntry
from core.identity import Protection
from tests.provider.stage import MARCH, Stage
from vouchers import actions

NAME = "Farid Exempelhed"


@pytest.fixture
def leg_id(stage: Stage) -> int:
    """A protected person, reported and paid for, whose coach is the manager for now."""
    leg_id = stage.started(NAME, protection=Protection.CONFIDENTIAL, day=MARCH.replace(day=2))
    stage.reported(leg_id, MARCH)
    stage.paid()
    with stage.database.transaction(1) as session:
        actions.name_coach(session, leg_id, stage.town.manager.account_id, by=stage.town.manager)
    return leg_id


def what(stage: Stage) -> list[str]:
    with stage.database.reading() as session:
        return list(session.scalars(select(AuditEntry.what).order_by(AuditEntry.sequence)))


def test_a_coach_who_is_not_named_sees_that_somebody_is_there_and_no_more(app, stage, leg_id):
    coach = stage.client(app, "handledare")
    for address in ("/provider/", "/provider/?sort=from&dir=desc", "/provider/?sort=name&dir=desc"):
        page = coach.get(address).text
        assert "Skyddad person" in page
        assert NAME not in page
        assert str(leg_id) not in page
    statement = coach.get("/provider/money").text
    assert NAME not in statement
    for page in ("", "/report/202605", "/outcome", "/end"):
        assert coach.get(f"/provider/participants/{leg_id}{page}").status_code == 404
    assert what(stage)[-4:] == ["participant.read_refused"] * 4


def test_a_manager_sees_everybody_and_names_somebody(app, stage, leg_id):
    manager, coach = stage.client(app, "chef"), stage.client(app, "handledare")
    page = manager.get(f"/provider/participants/{leg_id}").text
    assert NAME in page
    assert "Byt handledare" in page
    name = f"/provider/participants/{leg_id}/coach"
    answer = manager.post(name, data={"coach": stage.town.coach.account_id}, follow_redirects=True)
    assert "Handledaren är utsedd." in answer.text
    page = coach.get(f"/provider/participants/{leg_id}").text
    assert NAME in page
    assert "Byt handledare" not in page
    assert NAME in coach.get("/provider/").text
    assert coach.post(name, data={"coach": stage.town.coach.account_id}).status_code == 403


@pytest.mark.parametrize("who", ["", "0", "x", "4000000000", str(2**70)])
def test_a_coach_who_does_not_work_here_is_refused_in_words(app, stage, leg_id, who):
    answer = stage.client(app, "chef").post(f"/provider/participants/{leg_id}/coach", data={"coach": who})
    assert answer.status_code == 422
    assert "Välj någon som arbetar hos er." in answer.text


def test_a_statement_and_a_line_name_the_person_to_those_who_know(app, stage, leg_id):
    key = stage.keys(leg_id)[0]
    line = f"/provider/lines/{key.scope_id}/{key.component}/{key.part}/{key.sequence}"
    money = stage.client(app, "chef").get("/provider/money").text
    statement = next(part for part in money.split('"') if part.startswith("/provider/money/"))
    for address in (line, statement):
        assert NAME in stage.client(app, "chef").get(address).text
        page = stage.client(app, "handledare").get(address).text
        assert NAME not in page
        assert "Skyddad person" in page
    assert "/provider/participants/" not in stage.client(app, "handledare").get(line).text


def test_for_ordinary_people_a_coach_may_be_named_and_everybody_still_works_with_them(app, stage):
    leg_id = stage.started("Amal Provlund")
    manager = stage.client(app, "chef")
    assert "Ingen är utsedd" in manager.get(f"/provider/participants/{leg_id}").text
    manager.post(f"/provider/participants/{leg_id}/coach", data={"coach": stage.town.manager.account_id})
    page = stage.client(app, "handledare").get(f"/provider/participants/{leg_id}")
    assert page.status_code == 200
    assert stage.town.manager.name in page.text


def test_another_providers_manager_finds_nobody_to_name_a_coach_for(app, stage):
    leg_id = stage.started("Gunnar Provmark", other=True)
    answer = stage.client(app, "chef").post(f"/provider/participants/{leg_id}/coach", data={"coach": "1"})
    assert answer.status_code == 404
