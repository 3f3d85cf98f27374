"""Nobody else finds anything of a protected person: on no page, in no export, file, log or answer."""

from __future__ import annotations

import csv
import io
import json
import logging
import re
from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import String, select
from werkzeug.test import TestResponse

from app.demo.people import identity_number
from core.actor import STAFF
from core.audit import AuditEntry
from core.database import Base
from core.identity import Protection
from payouts.models import Batch
from tests.accounts.people import signed_in
from tests.provider.stage import stop_the_clock
from tests.support import marked, sqlite
from tests.support.marked import EMAIL, FAMILY, GIVEN, PHONE, POSTAL_CODE, STREET, TODAY, TOKEN, TOWN, Marked
from tests.support.searched import PLACE, REACH, Place, clients, found_in, held, marks, spelled
from tests.support.walk import cells, links, said, walk
from vouchers.models import Letter

NOBODYS_NUMBER = identity_number(date(1979, 2, 3), 7)
PROTECTIONS = [kind for kind in Protection if kind is not Protection.NONE]
LEAST = 5
LONG = 61
"""A column that holds so many signs may hold somebody's own words."""


@pytest.fixture(scope="module", params=PROTECTIONS, ids=lambda kind: kind.value)
def place(
    request: pytest.FixtureRequest, sqlite_files: sqlite.Files, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    """The town after nine months, on 20 November 2026."""
    patch = pytest.MonkeyPatch()
    stop_the_clock(patch, TODAY)
    made = Place(tmp_path_factory.mktemp("protected"), sqlite_files, request.param)
    yield made
    made.app.extensions["database"].dispose()
    made.database.dispose()
    patch.undo()


def test_the_marks_are_found_where_they_are(place: Place):
    number = place.world.identity_number
    dashed = f"{number[:8]}-{number[8:]}"
    for text in (GIVEN.upper(), number, dashed, dashed[2:], "070 1740697", "+46 70 174 06 97", "998 76",
                 place.world.code):  # fmt: skip
        assert found_in(f"här: {text}.", place.world), text
    assert not found_in("1998761 och 070-174 06 96", place.world)


# ── everybody else ───────────────────────────────────────────────────────────────────────────────


def test_nobody_else_finds_anything_on_any_page_in_any_export_or_file(
    place: Place, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO)
    faults: list[str] = []
    read: dict[str, int] = {}
    people = {"a stranger": place.app.test_client(), **dict(clients(place, place.world.outsiders))}
    for name, client in people.items():
        roles = place.world.outsiders[name].roles if name in place.world.outsiders else None

        def see(address: str, answer: TestResponse, name: str = name) -> None:
            assert answer.status_code < 500, f"{name}: {address}"
            asked = f"{address} {answer.location or ''}"
            # Whoever has come with the letter's code sees the code that they came with.
            brought = {"the code of the letter"} if place.world.code in address else set()
            found = set(found_in(said(answer), place.world)) - brought
            faults.extend(f"{name} at {asked}: {what}" for what in found)

        # What is the same for everybody, or for all staff, is followed to its last filter once.
        same: tuple[str, ...] = () if name in ("a stranger", "other seeker") else ("public",)
        same += () if name == "inspector" else ("oversight", "casework.register")
        addresses = place.addresses.to(roles)
        read[name] = walk(place.app, client, addresses, see, but=same)
    assert not faults, f"{len(faults)} finds, such as\n" + "\n".join(faults[:40])
    assert all(count > 8 for count in read.values()), read
    assert not found_in(caplog.text, place.world)


def test_the_neighbours_words_are_read_and_the_persons_are_not(place: Place):
    """Of one provider so much is said that an inspector reads it."""
    inspector = signed_in(place.app, place.world.outsiders["inspector"].account_id)
    page = inspector.get(f"/casework/providers/{place.world.town.provider_id}/voice").text
    assert page.count("Vi hade det bra.") == marked.NEIGHBOURS
    assert not found_in(page, place.world)


def test_nobody_else_can_do_anything_in_the_case(place: Place):
    """Every address that takes something, with the person's ids: the door is shut, and says nothing."""
    mine = {str(row.get("id")) for rows in held(place).values() for row in rows}
    for name, client in clients(place, place.world.outsiders):
        roles = place.world.outsiders[name].roles
        addresses = place.addresses.to(roles, "POST", of_people=True)
        assert len(addresses) > 30
        for address in addresses:
            if mine.isdisjoint(address.split("/")):
                continue
            if address.startswith("/api/"):
                # What was sent is read before whom it is about is looked for: {} is refused to anybody.
                answer, shut = client.post(address, json={}), {401, 403, 404, 422}
            elif address.startswith("/finance/holds/"):
                # Finance may hold money, by its number alone; an empty form holds nothing, tells nothing.
                answer, shut = client.post(address, data={}), {403, 404, 422}
            else:
                answer, shut = client.post(address, data={}), {403, 404}
            assert answer.status_code in shut, f"{name} at {address}: {answer.status_code}"
            assert not found_in(said(answer), place.world), f"{name} at {address}"


@pytest.mark.parametrize("who", ["other guide", "inspector"])
def test_a_search_answers_as_if_nobody_were_there(place: Place, who: str):
    client = signed_in(place.app, place.world.outsiders[who].account_id)
    number = place.world.identity_number

    def answer(typed: str) -> str:
        told = client.post("/casework/", data={"who": typed})
        assert told.status_code == 200
        return re.sub('name="csrf_token" value="[^"]*"', "", told.text.replace(typed, ""))

    for typed, nobody in (
        (number, NOBODYS_NUMBER),
        (FAMILY, "Ingensson"),
        (f"{GIVEN} {FAMILY}", "Ingen Alls"),
    ):
        assert answer(typed) == answer(nobody)
        assert not found_in(answer(typed), place.world)


def test_a_letters_code_tells_nobody_else_whose_it_is(place: Place):
    for name, client in clients(place, place.world.outsiders):
        for address in ("/casework/letters", "/letter"):
            answer = client.post(address, data={"code": place.world.code})
            text = said(answer).replace(place.world.code, "")
            where = answer.location or ""
            assert not found_in(text.replace(where, ""), place.world), f"{name}: {address}"


def test_registering_the_person_again_tells_nothing(place: Place):
    client = signed_in(place.app, place.world.outsiders["other guide"].account_id)
    form = {"identity_number": place.world.identity_number, "given_name": "Någon", "family_name": "Annan",
            "protection": "none", "language": "sv"}  # fmt: skip
    for more in ({}, {"has_eid": "y"}):
        answer = client.post("/casework/person", data={**form, **more})
        assert answer.status_code == 422
        assert "Fråga din chef" in answer.text
        assert not found_in(answer.text.replace(form["identity_number"], ""), place.world)
        assert place.world.guide.name not in answer.text
        assert not [one for one in links(answer.text) if str(place.world.ids["waiting"]) in one]


# ── files, logs, commands, the database itself ───────────────────────────────────────────────────


def test_the_banks_file_and_what_the_installation_keeps_name_nobody(place: Place):
    with place.database.reading() as session:
        documents = list(session.scalars(select(Batch.document).where(Batch.document.is_not(None))))
    assert documents
    for document in documents:
        assert document
        assert not found_in(document.decode(), place.world)
    for file in place.settings.instance.rglob("*"):
        if file.is_file():
            assert not found_in(file.read_bytes().decode("utf-8", "replace"), place.world), file


def test_statistics_show_no_group_of_fewer_than_five(place: Place):
    """The town is so small that every group in it is too small."""
    client = signed_in(place.app, place.world.outsiders["inspector"].account_id)
    rows: list[list[str]] = []
    for address in place.addresses.to(STAFF):
        if address.startswith("/oversight") and "csv" in address:
            told = client.get(address)
            rows += list(csv.reader(io.StringIO(told.text)))[1:]
        elif address.startswith("/oversight") and "xlsx" in address:
            book = cells(client.get(address).data)
            rows += [row for sheet, row in book if sheet == "Per månad"][1:]
    numbers = [float(cell) for row in rows for cell in row[3:] if re.fullmatch(r"-?\d+(\.\d+)?", cell)]
    assert rows
    assert not [number for number in numbers if 0 < number < LEAST]


def test_the_trail_holds_keys_and_codes_only(place: Place):
    with place.database.reading() as session:
        entries = list(session.scalars(select(AuditEntry)))
    assert len(entries) > 100
    for entry in entries:
        assert not found_in(entry.details, place.world), entry.what


def test_the_trail_tells_outsiders_nothing_of_where_the_person_goes(place: Place):
    client = signed_in(place.app, place.world.outsiders["inspector"].account_id)
    mine = {f"/casework/cases/{place.world.ids[name]}" for name in ("voucher", "lapsed", "waiting")}
    told: list[str] = []

    def see(_address: str, answer: TestResponse) -> None:
        rows = re.findall(r"<tr.*?</tr>", answer.text, re.DOTALL)
        told.extend(row for row in rows if mine & set(links(row)))

    walk(place.app, client, ["/casework/trail"], see)
    assert told
    for row in told:
        assert not re.search("Stigfinnarna|Lyktvägen|Tredje Huset", row), row


def test_only_the_columns_that_are_for_it_hold_the_person(place: Place):
    """A personal number nowhere in plain; a name in two tables; an address nowhere once it is erased."""
    names, texts = {"participant", "account"}, set[str]()
    number = [mark for what, mark in marks(place.world).items() if "personal number" in what]
    with place.database.reading() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(table)).mappings():
                text = " ".join(str(value) for value in row.values())
                assert not [mark for mark in number if mark.search(text)], table.name
                if GIVEN in text or FAMILY in text:
                    assert table.name in names, table.name
                if TOKEN in text:
                    texts.add(table.name)
                if place.world.protection is Protection.REGISTERED_ELSEWHERE:
                    assert not re.search(f"{STREET}|{TOWN}|(?<!\\w){POSTAL_CODE}(?!\\w)", text), table.name
        codes = session.scalars(select(Letter.code_sealed)).all()
    assert codes
    assert not [one for one in codes if re.sub(r"\W", "", place.world.code) in one]
    assert texts >= {"participant", "account", "assessment", "plan", "meeting", "message", "report"}


def test_every_command_that_tells_something_tells_nothing_of_the_person(
    place: Place, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO)
    runner = place.app.test_cli_runner()
    asked = (
        ["audit", "verify"],
        ["db", "current"],
        ["db", "check"],
        ["registry", "dormant"],
        ["registry", "watch"],
        ["payouts", "run", "--as-of", TODAY.isoformat()],
        ["timetable", "list"],
        ["results", "check"],
        ["rulebook", "check", "schemes/jobbpeng/2016-04-01.toml"],
    )
    for words in asked:
        for more in ([], ["--json"]):
            result = runner.invoke(args=[*words, *more])
            assert not found_in(result.output + str(result.exception or ""), place.world), words
    for job in json.loads(runner.invoke(args=["timetable", "list", "--json"]).output)["jobs"]:
        result = runner.invoke(args=["timetable", "do", job["job"], "--json"])
        assert not found_in(result.output, place.world), job
    assert not found_in(caplog.text, place.world)


# ── those who work with the person ───────────────────────────────────────────────────────────────


def test_those_who_work_with_the_person_find_what_they_need_and_no_address(place: Place):
    world = place.world
    number = f"{world.identity_number[:8]}-{world.identity_number[8:]}"
    wanted: dict[str, dict[str, tuple[str, ...]]] = {
        "own guide": {
            f"/casework/cases/{world.ids['voucher']}": (GIVEN, FAMILY, number, PHONE, EMAIL),
            f"/casework/people/{world.participant_id}/plan": ("goal", "step"),
            f"/casework/people/{world.participant_id}/messages": ("message-in",),
            "/casework/": (GIVEN,),
        },
        "first manager": {f"/provider/participants/{world.ids['leg']}": (GIVEN, FAMILY)},
        "named coach": {
            f"/provider/participants/{world.ids['leg']}": (GIVEN, FAMILY),
            "/provider/?show=ended": (GIVEN,),
        },
        "second manager": {f"/provider/participants/{world.ids['second_leg']}": (GIVEN, FAMILY)},
    }
    for name, client in clients(place, world.insiders):
        for address, words in wanted[name].items():
            page = client.get(address)
            assert page.status_code == 200, f"{name} at {address}"
            for word in words:
                assert word in page.text, f"{name} misses {word} at {address}"


def test_no_page_shows_the_address_and_no_provider_the_number_or_the_private_words(place: Place):
    world = place.world
    private = re.compile(
        f"{TOKEN}-(message|none-suits|followed-up|said-of-the-provider|notes|state-check|why-longer|lapsed"
        "|contest|look-note|override-reasons|related-reasons|asked-employer|employer-words|answered-as)"
    )
    faults: list[str] = []
    assert world.me
    people = {**world.insiders, "the person": world.me}
    for name, client in clients(place, people):

        def see(address: str, answer: TestResponse, name: str = name) -> None:
            assert answer.status_code < 500, f"{name}: {address}"
            text = said(answer).replace(address, "")
            own_file = name == "the person" and address.endswith("/my-data.json")
            if PLACE.search(text) and not own_file:
                faults.append(f"{name} at {address}: where the person lives")
            if name not in ("own guide", "the person"):
                number = world.identity_number.replace("-", "")
                if REACH.search(text) or spelled(number).search(text) or private.search(text):
                    faults.append(f"{name} at {address}: what is the guide's and the person's own")
            page = answer.text if "html" in str(answer.mimetype) else ""
            kept = [link for link in (answer.location or "", *links(page)) if _is_told(link, world)]
            faults.extend(f"{name} at {address}: an access log would keep {link}" for link in kept)

        walk(place.app, client, place.addresses.to(people[name].roles), see, but=("public", "oversight"))
    assert not faults, f"{len(faults)} finds, such as\n" + "\n".join(faults[:40])


def _is_told(link: str, world: Marked) -> bool:
    """Whether an address itself says something of the person; the letter's code is made to stand in one."""
    return bool(found_in(link.replace(world.code, ""), world))


def test_every_reading_is_noted_and_listed_for_the_guide(place: Place):
    world = place.world
    before = _readings(place)
    told = {
        "own guide": f"/casework/cases/{world.ids['voucher']}",
        "named coach": f"/provider/participants/{world.ids['leg']}",
        "second manager": f"/provider/participants/{world.ids['second_leg']}",
    }
    refused = {
        "inspector": f"/casework/cases/{world.ids['voucher']}",
        "other guide": f"/casework/people/{world.participant_id}/plan",
        "colleague of the coach": f"/provider/participants/{world.ids['leg']}",
    }
    for name, address in {**told, **refused}.items():
        signed_in(place.app, {**world.insiders, **world.outsiders}[name].account_id).get(address)
    new = _readings(place)[len(before) :]
    people = {**world.insiders, **world.outsiders}
    assert [(what, who) for what, who in new] == [
        *(("participant.read", people[name].account_id) for name in told),
        *(("participant.read_refused", people[name].account_id) for name in refused),
    ]
    page = signed_in(place.app, world.guide.account_id).get(told["own guide"]).text
    for name in ("inspector", "other guide", "colleague of the coach"):
        assert people[name].name in page, name


def _readings(place: Place) -> list[tuple[str, int]]:
    with place.database.reading() as session:
        rows = select(AuditEntry.what, AuditEntry.account_id).where(
            AuditEntry.subject_kind == "participant",
            AuditEntry.subject_id == place.world.participant_id,
            AuditEntry.what.in_(("participant.read", "participant.read_refused")),
        )
        return [tuple(row) for row in session.execute(rows.order_by(AuditEntry.sequence))]  # type: ignore[misc]  # pairs


def test_the_tables_of_texts_are_known(place: Place):
    """A new column that can hold a text is put to the test by marking it in tests/support/marked.py."""
    tables = {part for part, rows in held(place).items() if rows}
    free = {
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        if table.name in tables
        for column in table.columns
        if isinstance(column.type, String) and (column.type.length or LONG) >= LONG
    }
    with place.database.reading() as session:
        unmarked = {
            (table, column)
            for table, column in free
            if not [
                value
                for value in session.scalars(select(Base.metadata.tables[table].c[column]))
                if value and (TOKEN in str(value) or str(value).startswith("gAAAA") or len(str(value)) == 64)
            ]
        }
    assert unmarked <= UNMARKED | ({("participant", "street"), ("participant", "town")}), unmarked


UNMARKED = {
    ("account", "password_hash"),
    ("report", "activities"),  # codes of the rulebook, refused when they are anything else
}
