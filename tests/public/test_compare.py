"""The comparison's pages: what they find, how fresh it is, how much it asks, and what it never tells."""

from __future__ import annotations

import gzip
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from config import Settings
from core.database import Database
from core.dates import noon, today
from providers import actions as registry
from providers.actions.places import keep_places
from providers.models import Provider, Site
from providers.rules.places import PlaceForm, Spot
from tests.accounts.people import signed_in
from tests.public.history import History, counted, put
from tests.public.test_pages import listed, text_of
from tests.support.stalls import open_stalls
from tests.support.town import Town
from vouchers.models import Participant

MOST_QUERIES = 6
HOME = Spot(5_890_000, 1_330_000)


@pytest.fixture
def database_kind() -> str:
    """The queries behind the pages are asked on both kinds in their own tests."""
    return "sqlite"


@pytest.fixture
def placed(database: Database, town: Town) -> Town:
    """The first provider is two kilometres north of 100 10, the other twenty."""
    with database.transaction(1) as session:
        sites = {site.provider_id: site.postal_code for site in session.query(Site)}
        north = {town.provider_id: 1_800, town.other_provider_id: 18_000}
        forms = [
            PlaceForm(sites[key], "Centrum", Spot(HOME.latitude_e5 + far, HOME.longitude_e5))
            for key, far in north.items()
        ]
        keep_places(session, [PlaceForm("10010", "Hemma", HOME), *forms], by=town.inspector)
    return town


# ── how much is asked ────────────────────────────────────────────────────────────────────────────


def test_24_and_300_providers_ask_the_database_as_much(
    app: Flask, client: FlaskClient, database: Database, town: Town
):
    asked = []
    for first, more in ((0, 22), (22, 276)):
        with database.transaction(1) as session:
            open_stalls(session, town, more, first=first)
        with counted(app) as anew:
            assert len(listed(client, "/compare")) in (24, 25)
        with counted(app) as again:
            client.get("/compare")
        with counted(app) as stranger:
            app.test_client().get("/compare?order=result&near=30003&open=1")
        asked.append((len(anew), len(again), len(stranger)))
    assert asked[0] == asked[1]
    assert max(asked[0]) <= MOST_QUERIES, "\n".join(anew)
    assert asked[0][1] == 1, "only whether anything has happened"
    pages = [listed(client, f"/compare?order=name&page={page}") for page in range(1, 13)]
    assert len({name for page in pages for name in page}) == 300


def test_a_first_visit_weighs_less_than_100_kb(client: FlaskClient, database: Database, town: Town):
    with database.transaction(1) as session:
        open_stalls(session, town, 40, 60)
    page = client.get("/compare", headers={"Accept-Encoding": "gzip"})
    assert page.headers["Content-Encoding"] == "gzip"
    static = Path(__file__).parents[2] / "app" / "static"
    styles = [gzip.compress(file.read_bytes(), 1) for file in static.glob("css/*.css")]
    assert len(page.data) + sum(map(len, styles)) <= 100_000


# ── how fresh it is ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("database_kind", ["sqlite", "postgresql"])
def test_whatever_is_done_shows_at_the_next_request(
    client: FlaskClient, database: Database, town: Town, history: History
):
    def card(name: str) -> str:
        page = client.get("/compare?order=name").text
        found = re.search(
            rf"<li class=\"card provider\"[^>]*>(?:(?!</li>\n).)*{name}.*?</li>\n", page, re.DOTALL
        )
        return found.group() if found else ""

    assert "Lyktvägen" in card("Lyktvägen")
    with database.transaction(1) as session:
        history.provider(session, 1)
    assert card("Provhuset 1")
    with database.transaction(1) as session:
        town.chosen(session)
    assert "19 lediga platser" in client.get(f"/providers/{town.provider_id}").text
    with database.transaction(1) as session:
        put(session, town.other_provider_id, "withdraw")
    assert not card("Lyktvägen")
    with database.transaction(1) as session:
        history.crowd(session, 4, 10)
    assert "Mellan 17 och 69 av 100".lower() in client.get("/compare").text.lower()


def test_a_new_day_is_a_new_market(client: FlaskClient, database: Database, town: Town, history: History):
    with database.transaction(1) as session:
        put(session, town.other_provider_id, "stop_intake", to_on=today())
    assert "Lyktvägen" in listed(client, "/compare")
    with time_machine.travel(noon(today() + timedelta(days=1)), tick=False):
        assert listed(client, "/compare") == ["Stigfinnarna"]


def test_two_towns_in_one_process_have_a_board_each(
    app: Flask, client: FlaskClient, settings: Settings, town: Town
):
    from app import create_app  # noqa: PLC0415  # as wsgi does

    other = create_app(settings)
    assert other.test_client().get("/compare").status_code == client.get("/compare").status_code == 200
    assert other.extensions["board"] is not app.extensions["board"]
    other.extensions["database"].dispose()


def test_the_card_is_drawn_anew_only_when_it_would_look_different(
    app: Flask, client: FlaskClient, database: Database, town: Town, history: History
):
    client.get("/compare")
    before = {name: one.card for name, one in app.extensions["board"].drawn.items()}
    with database.transaction(1) as session:
        history.left(session)
    client.get("/compare")
    after = app.extensions["board"].drawn
    assert before
    assert all(after[name].card is card for name, card in before.items())


# ── what it finds ────────────────────────────────────────────────────────────────────────────────


def test_words_orientation_and_accessibility_narrow_the_list(
    client: FlaskClient, database: Database, town: Town
):
    form = registry.AboutForm(
        about_sv="Vi lagar mat.", about_en="We cook.", languages=("sv", "so"),
        orientations=("kitchen",), accessibility=("hearing_loop",), website="",
    )  # fmt: skip
    with database.transaction(1) as session:
        registry.describe_provider(session, town.provider_id, form, by=town.manager)
    assert listed(client, "/compare?orientation=kitchen") == ["Stigfinnarna"]
    assert listed(client, "/compare?accessibility=hearing_loop") == ["Stigfinnarna"]
    assert listed(client, "/compare?orientation=ocean&accessibility=wings&order=name") == [
        "Lyktvägen",
        "Stigfinnarna",
    ], "a wish that nobody can meet is dropped"
    for words in ("LAGAR mat", "kök", "Kitchen", "centrum", "stigf", "cook"):
        assert listed(client, f"/compare?q={words}") == ["Stigfinnarna"], words
    assert listed(client, "/compare?q=lagar%20takt") == [], "all words must be there"
    assert "Ingen anordnare passar alla val" in text_of(client, "/compare?q=%25")
    page = client.get("/compare?q=mat%22%3E&orientation=kitchen").text
    assert 'value="mat&#34;&gt;"' in page
    assert "Kan särskilt om" in page


def test_the_distance_is_told_from_what_is_typed_and_orders_the_list(client: FlaskClient, placed: Town):
    page = client.get("/compare?near=10010&order=distance").text
    assert listed(client, "/compare?near=10010&order=distance") == ["Stigfinnarna", "Lyktvägen"]
    assert "Centrum, ungefär 2 km, fågelvägen" in page
    assert "Norrängen, ungefär 20 km, fågelvägen" in page
    assert "räknat från 100 10" in page
    (link, *_) = re.findall(r'href="(/providers/[^"]+)"', page)
    assert "near=100+10" in link
    assert "ungefär 2 km, fågelvägen" in client.get(link.replace("&amp;", "&")).text
    assert "fågelvägen" not in client.get("/compare").text


@pytest.mark.parametrize(
    ("near", "says"),
    [
        ("12", "Skriv postnumret med fem siffror"),
        ("%00%00", "Skriv postnumret med fem siffror"),
        ("99999", "Vi vet inte var 99999 är"),
        ("", "Skriv ditt postnummer, så visas den närmaste först"),
    ],
)
def test_a_postal_code_that_says_nothing_is_told_and_all_are_shown(
    client: FlaskClient, placed: Town, near: str, says: str
):
    answer = client.get(f"/compare?near={near}&order=distance")
    assert answer.status_code == 200
    assert says in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert len(listed(client, f"/compare?near={near}&order=distance")) == 2


def test_the_typed_postal_code_stays_in_the_address_alone(
    app: Flask, client: FlaskClient, database: Database, placed: Town
):
    client.get("/compare?near=10010&order=distance")
    with client.session_transaction() as kept:
        assert "10010" not in str(dict(kept))
    shared = client.get(f"/compare/side-by-side?p={placed.provider_id}&near=10010").text
    (link,) = re.findall(r'id="share"[^>]+value="([^"]+)"', shared)
    assert "near" not in link


@pytest.mark.parametrize("protection", ["none", "confidential"])
def test_a_protected_person_is_never_met_by_the_own_postal_code(
    app: Flask, database: Database, placed: Town, protection: str
):
    with database.transaction(1) as session:
        session.execute(
            update(Participant)
            .where(Participant.id == placed.participant_id)
            .values(postal_code="10010", protection=protection)
        )
    page = signed_in(app, placed.seeker.account_id).get("/compare").text
    assert ('value="10010"' in page) == (protection == "none")
    assert "fågelvägen" not in page, "nothing is counted before somebody asks"


# ── the visitor's own list, and what it leads to ─────────────────────────────────────────────────


def test_a_list_of_ones_own_lives_in_the_cookie(client: FlaskClient, town: Town):
    address, both = "/compare/shortlist", (town.provider_id, town.other_provider_id)
    assert "Din lista" not in client.get("/compare").text
    answer = client.post(address, data={"add": both[0], "next": "/compare?language=so"})
    assert answer.location == f"/compare?language=so#p-{both[0]}"
    assert "Din lista: 1 sparad" in text_of(client, "/compare")
    client.post(address, data={"add": both[1]})
    client.post(address, data={"add": both[1]})
    page = client.get("/compare").text
    assert "Din lista: 2 sparade" in page
    (beside,) = re.findall(r'href="(/compare/side-by-side[^"]+)"', page)
    assert all(f"p={key}" in beside for key in both)
    assert page.count('name="remove"') == 2
    client.post(address, data={"remove": both[0]})
    assert "Din lista: 1 sparad" in text_of(client, "/compare")
    client.post(address, data={"empty": "1"})
    assert "Din lista" not in client.get("/compare").text


def test_what_cannot_be_on_a_list_is_not_and_nobody_is_led_away(
    client: FlaskClient, database: Database, town: Town
):
    for data in ({"add": "1"}, {"add": "x"}, {"add": str(2**70)}, {}, {"add": "-1", "remove": "\x00"}):
        assert client.post("/compare/shortlist", data=data).status_code == 302
    answer = client.post("/compare/shortlist", data={"add": town.provider_id, "next": "//example.org"})
    assert answer.location == f"/compare#p-{town.provider_id}"
    with database.transaction(1) as session:
        put(session, town.provider_id, "withdraw")
    assert "Din lista" not in client.get("/compare").text


def test_a_list_without_its_token_is_refused(app: Flask, client: FlaskClient, town: Town):
    app.config["WTF_CSRF_ENABLED"] = True
    assert client.post("/compare/shortlist", data={"add": town.provider_id}).status_code == 400


def test_a_long_list_drops_its_oldest(client: FlaskClient, database: Database, town: Town):
    with database.transaction(1) as session:
        ids = open_stalls(session, town, 14)
    for key in ids:
        client.post("/compare/shortlist", data={"add": key})
    page = client.get("/compare").text
    assert "Din lista: 12 sparade" in page
    assert "De fyra första jämförs" in page


def test_four_stand_side_by_side_row_by_row(client: FlaskClient, database: Database, town: Town):
    with database.transaction(1) as session:
        ids = open_stalls(session, town, 5)
    query = "&".join(f"p={key}" for key in (town.provider_id, *ids))
    page = client.get(f"/compare/side-by-side?{query}").text
    heads = re.findall(r'<th scope="col" role="columnheader"><a [^>]+>([^<]+)<', page)
    assert len(heads) == 4
    assert heads[0] == "Stigfinnarna"
    assert "Fyra visas åt gången" in page
    text = text_of(client, f"/compare/side-by-side?{query}")
    for row in ("Vad gör de?", "Var är de?", "Vilka språk talar de?", "När kan jag börja?",
                "Hur har det gått för andra?"):  # fmt: skip
        assert row in text


@pytest.mark.parametrize("query", ["", "?p=", "?p=abc&p=-1", "?p=1", f"?p={10**30}", "?p=%00"])
def test_nobody_beside_nobody_says_what_to_do(client: FlaskClient, town: Town, query: str):
    assert "Ingen är vald än" in text_of(client, f"/compare/side-by-side{query}")


def test_only_those_named_are_listed(client: FlaskClient, town: Town):
    assert listed(client, f"/compare?p={town.provider_id}") == ["Stigfinnarna"]
    assert "1 av 2 anordnare visas" in text_of(client, f"/compare?p={town.provider_id}")
    assert text_of(client, f"/compare/sheet?p={town.provider_id}").count("Provgatan") == 0
    assert "Lyktvägen" not in client.get(f"/compare/sheet?p={town.provider_id}").text
    assert "Lyktvägen" not in client.get(f"/compare/map?p={town.provider_id}").text


def test_the_sheet_has_all_with_room_to_tick_and_no_choice_is_made_by_it(
    client: FlaskClient, database: Database, town: Town, history: History
):
    with database.transaction(1) as session:
        history.crowd(session, 4, 10)
    page = client.get("/compare/sheet").text
    assert page.count("tick-box") == 2
    text = text_of(client, "/compare/sheet")
    for word in ("Stigfinnarna", "Lyktvägen", "mellan 17 och 69 av 100", "10 personer",
                 "för få för att säga", "Hela kommunen", "Mitt val", "Du kan byta senare"):  # fmt: skip
        assert word in text
    assert "Ingen anordnare passar" in text_of(client, "/compare/sheet?q=ingen")


def test_the_map_and_its_list_have_the_same_numbers(client: FlaskClient, placed: Town, database: Database):
    with database.transaction(1) as session:
        open_stalls(session, placed, 9)
    page = client.get("/compare/map?near=10010").text
    markers = re.findall(r'<a class="atlas__marker" href="#place-(\d+)"', page)
    sections = re.findall(r'<section class="atlas__place" id="place-(\d+)"', page)
    assert markers == sections == [str(number) for number in range(1, 12)]
    assert "Ditt postnummer" in page
    assert "style=" not in page
    for name in ("Stigfinnarna", "Lyktvägen", "Stegen Jobbstöd", "Norrängen"):
        assert name in page


def test_without_places_the_list_is_there_alone(client: FlaskClient, town: Town):
    page = client.get("/compare/map").text
    assert '<svg class="atlas__map"' not in page
    assert "Kartan kan inte ritas än" in page
    assert "Stigfinnarna" in page


def test_a_map_of_very_many_has_a_number_for_each_area(client: FlaskClient, database: Database, town: Town):
    with database.transaction(1) as session:
        open_stalls(session, town, 60)
    page = client.get("/compare/map").text
    assert page.count('class="atlas__marker"') == 5
    assert page.count('class="found"') == 62


@pytest.mark.parametrize("day", [date(2028, 2, 29), date(2026, 12, 31)])
def test_the_pages_answer_on_any_day(client: FlaskClient, day: date):
    with time_machine.travel(noon(day), tick=False):
        for address in ("/compare", "/compare/sheet", "/compare/map", "/compare/side-by-side"):
            assert client.get(address).status_code == 200


def test_the_names_of_providers_are_text(client: FlaskClient, database: Database, town: Town):
    with database.transaction(1) as session:
        name = '<b>"Namn" & \x1e</b>'
        session.execute(update(Provider).where(Provider.id == town.provider_id).values(name=name))
        put(session, town.other_provider_id, "stop_intake")
    for address in (
        "/compare",
        "/compare/map",
        "/compare/sheet",
        f"/compare/side-by-side?p={town.provider_id}",
    ):
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert "<b>" not in answer.text
