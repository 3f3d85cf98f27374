"""The public pages in a real Chromium: axe in both languages, a narrow phone, no JavaScript, a keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from app.demo.places import MIDDLE, spot_in
from core.database import Database
from providers.actions.places import keep_places
from providers.models import Site
from providers.rules.places import PlaceForm
from tests.public.history import History, put
from tests.support.browser import (
    NARROW,
    Listener,
    assert_accessible,
    assert_clean_console,
    assert_no_overflow,
    go,
)
from tests.support.town import Town

ADDRESSES = (
    "/",
    "/compare",
    "/compare?order=result&language=sv",
    "/compare?language=so&area=Centrum",
    "/compare?near=10010&order=distance",
    "/compare?near=1&order=voice&q=jobb",
    "/compare?q=ingenting",
    "/compare/side-by-side?p={provider}&p={other}",
    "/compare/side-by-side",
    "/compare/sheet",
    "/compare/sheet?p={provider}",
    "/compare/map?near=10010",
    "/compare/map?q=ingenting",
    "/providers/{provider}?near=10010",
    "/providers/{ended}",
    "/register",
    "/register?state=all&sort=since&dir=desc",
    "/register?name=ingen",
    "/about",
    "/accessibility",
    "/feedback",
    "/feedback?sent=none",
)


@pytest.fixture
def database_kind() -> str:
    """What a page looks like is the same on both kinds."""
    return "sqlite"


@pytest.fixture
def lively(database: Database, town: Town, history: History) -> Town:
    """One provider with a figure, one with too few, one that takes nobody."""
    with database.transaction(1) as session:
        history.crowd(session, 4, 10)
        put(session, history.provider(session, 1, about_en=""), "stop_intake")
        spots = {
            site.postal_code: spot_in(site.area, number) for number, site in enumerate(session.query(Site))
        }
        forms = [PlaceForm(code, "Centrum", spot) for code, spot in spots.items()]
        keep_places(session, [PlaceForm("10010", "Hemma", MIDDLE), *forms], by=town.inspector)
    return town


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_public_page_is_accessible_and_fits_a_narrow_phone(
    page: Page, live_server: str, lively: Town, language: str, database: Database, history: History
):
    with database.transaction(1) as session:
        ended = history.provider(session, 2)
        put(session, ended, "withdraw")
    heard = Listener(page, live_server)
    page.set_viewport_size(NARROW)
    page.goto(f"{live_server}/language/{language}")
    for address in ADDRESSES:
        known = {"provider": lively.provider_id, "other": lively.other_provider_id, "ended": ended}
        page.goto(live_server + address.format(**known))
        assert page.locator("h1").count() == 1, address
        assert_no_overflow(page)
        assert_accessible(page)
        page.set_viewport_size({"width": 1280, "height": 900})
        assert_accessible(page)
        page.set_viewport_size(NARROW)
    assert_clean_console(heard)


def test_a_stranger_compares_and_gives_feedback_without_javascript(
    browser: Browser, live_server: str, lively: Town
):
    page = browser.new_context(java_script_enabled=False, locale="sv-SE", viewport=NARROW).new_page()
    page.goto(live_server)
    go(page, page.get_by_role("link", name="Jämför anordnare").nth(1))
    page.get_by_text("Fler val och ordning").click()
    page.get_by_label("Språk", exact=True).select_option(label="somaliska")
    go(page, page.get_by_role("button", name="Visa", exact=True))
    assert page.url.count("language=so") == 1
    assert page.locator(".provider").count() == 1
    go(page, page.get_by_role("link", name="Lyktvägen"))
    go(page, page.get_by_role("link", name="Tillbaka till jämförelsen"))
    assert "language=so" in page.url
    go(page, page.get_by_role("link", name="Säg vad du tycker"))
    page.get_by_label("Vad vill du säga?").fill("Bra att man kan välja språk.")
    go(page, page.get_by_role("button", name="Skicka"))
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Tack! Vi har fått det du skrev.", use_inner_text=True
    )
    page.context.close()


def test_the_comparison_is_reached_and_filtered_by_keyboard_alone(page: Page, live_server: str, lively: Town):
    page.goto(live_server)
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Hoppa till innehållet"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Jämför anordnare"
    page.keyboard.press("Enter")
    page.wait_for_url("**/compare")
    page.get_by_label("Ordning").focus()
    page.keyboard.press("N")
    for _ in range(2):
        page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Visa"
    page.keyboard.press("Enter")
    page.wait_for_url("**order=name**")
    expect(page.locator(".card__title").first).to_have_text("Lyktvägen", use_inner_text=True)


def test_a_stranger_finds_a_provider_in_the_register_without_javascript(
    browser: Browser, live_server: str, lively: Town
):
    page = browser.new_context(java_script_enabled=False, locale="sv-SE", viewport=NARROW).new_page()
    page.goto(live_server)
    go(page, page.get_by_role("link", name="Registret", exact=True))
    page.get_by_text("Sök och filtrera").click()
    page.get_by_label("Anordnarens namn").fill("lykt")
    go(page, page.get_by_role("button", name="Visa"))
    assert page.locator("tbody tr").count() == 1
    go(page, page.get_by_role("link", name="Lyktvägen"))
    expect(page.get_by_role("main")).to_contain_text("Auktoriserad sedan")
    go(page, page.get_by_role("link", name="Se hela registret"))
    with page.expect_download() as download:
        page.get_by_role("link", name="Som tabell (CSV)").click()
    assert download.value.suggested_filename == "register.csv"
    page.context.close()


def test_a_visitor_saves_two_compares_them_and_shares_the_link_without_javascript(
    browser: Browser, live_server: str, lively: Town
):
    page = browser.new_context(java_script_enabled=False, locale="sv-SE", viewport=NARROW).new_page()
    page.goto(live_server + "/compare?order=name")
    for name in ("Lyktvägen", "Stigfinnarna"):
        go(page, page.get_by_role("button", name=f"Spara {name}"))
    assert page.url.endswith(f"#p-{lively.provider_id}"), "back at the one that was saved"
    expect(page.get_by_role("heading", name="Din lista: 2 sparade")).to_be_visible()
    go(page, page.get_by_role("link", name="Jämför sida vid sida"))
    expect(page.locator(".beside tbody tr").first).to_contain_text("Vi söker jobb tillsammans.")
    assert_no_overflow(page)
    shared = page.get_by_label("Länk att dela").input_value()
    other = browser.new_context(java_script_enabled=False, locale="sv-SE").new_page()
    other.goto(shared)
    assert other.locator(".beside thead a").all_inner_texts() == ["Lyktvägen", "Stigfinnarna"]
    go(page, page.get_by_role("link", name="Skriv ut att läsa på papper"))
    assert page.locator(".tick-box").count() == 2
    page.context.close()
    other.context.close()


def test_a_postal_code_shows_the_nearest_and_the_map_by_keyboard_alone(
    page: Page, live_server: str, lively: Town
):
    page.goto(live_server + "/compare")
    page.get_by_label("Nära ditt postnummer").focus()
    page.keyboard.type("100 10")
    page.keyboard.press("Enter")
    page.wait_for_url("**near=100**")
    expect(page.locator(".provider__place").first).to_contain_text("fågelvägen")
    page.get_by_role("link", name="Visa på karta").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/compare/map**")
    page.locator(".atlas__marker").first.focus()
    numbers = []
    for _ in range(page.locator(".atlas__marker").count()):
        numbers.append(page.locator(":focus").text_content() or "")
        page.keyboard.press("Tab")
    assert [text.strip() for text in numbers] == [str(n) for n in range(1, len(numbers) + 1)]
    page.locator(".atlas__marker").nth(1).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**#place-2")


def test_the_sheet_is_few_pages_and_needs_no_colour(page: Page, live_server: str, lively: Town):
    page.goto(live_server + "/compare/sheet")
    paper = page.pdf(format="A4", print_background=False)
    assert paper.count(b"/Type /Page\n") <= 2
    page.emulate_media(media="print")
    expect(page.get_by_text("Skriv ut sidan")).to_be_hidden()
    expect(page.get_by_text("Mitt val")).to_be_visible()
