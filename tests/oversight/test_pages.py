"""The page and its files, asked for by a client without a browser."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal

import openpyxl
import pytest
from flask.testing import FlaskClient

from app.oversight import export, plots, tables
from app.oversight.figures import Figures
from app.oversight.plots import scale
from core.money import kronor
from tests.accounts.people import signed_in
from tests.oversight.conftest import Office
from tests.oversight.stage import BASE_ORE, BONUS_ORE, RESULT_ORE
from tests.public.history import counted


def text_of(page: str) -> str:
    """The page as a reader meets it: no tags, single spaces."""
    return re.sub(r"[ \n]+", " ", re.sub(r"<[^>]+>", " ", page))


def cells_of(page: str, caption: str) -> list[list[str]]:
    """The rows of the table with that caption, as text; its short words are held together there."""
    page = page.replace("\u00a0", " ")
    table = next(found for found in re.findall(r"<table.*?</table>", page, re.DOTALL) if caption in found)
    rows = re.findall(r"<tr.*?</tr>", table.split("<tbody")[1], re.DOTALL)
    return [
        [text_of(cell).strip() for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)] for row in rows
    ]


def said(ore: int) -> str:
    """An amount as `cells_of` gives it."""
    return kronor(ore).replace("\u00a0", " ")


def test_the_key_figures_are_said_with_their_definitions(client: FlaskClient):
    page = text_of(client.get("/oversight/").text)
    assert "Nyckeltal: mars 2026 – februari 2027" in page
    for words in (
        "Personer i insats 19 ",
        "Nya checkar 20 ",
        "Dagar i matchande insats, medel 136 ",
        "Arbete eller studier efter sex månader 42 av 100 5 av 12 ",
        "Auktoriserade anordnare 2 varav 0 kommunala ",
        f"Bokat till anordnare {kronor(5 * BASE_ORE + 6 * RESULT_ORE + 5 * BONUS_ORE)} ",
    ):
        assert words in page
    assert page.count("Så räknas det :") == 6


def test_a_plot_says_its_finding_and_has_its_table(client: FlaskClient):
    page = client.get("/oversight/").text
    assert "Mest bokades i juni 2026" in page
    assert "Flest resultat började i maj 2026" in page
    rows = dict(cells_of(page, "Bokat till anordnare per månad"))
    assert rows["Juni 2026"] == said(6 * RESULT_ORE)
    assert rows["Januari 2027"] == "färre än 5"
    assert rows["Maj 2026"] == said(0)
    assert len(rows) == 12
    assert len(re.findall(r'<rect class="chart__bar', page)) == 24


def test_the_filters_live_in_the_address(client: FlaskClient):
    page = client.get("/oversight/?year=2026&service=jobbpeng.preparatory").text
    assert "Nyckeltal: 2026" in page
    assert '<option selected value="2026">' in page
    rows = cells_of(page, "Månad, insats och nivå")
    assert {row[1] for row in rows} == {"Rustande insats"}
    assert 'href="/oversight/export.xlsx?year=2026&amp;service=jobbpeng.preparatory"' in page
    assert "Dagar i matchande insats, medel –" in text_of(page)
    assert "Arbete eller studier efter sex månader – Följs inte upp för den här insatsen" in text_of(page)
    assert cells_of(page, "Personer och resultat per år")[0][-3:] == ["–", "–", "–"]
    assert "2027 hittills" in client.get("/oversight/?year=2027").text
    for strange in ("year=1999", "year=x&service=y", "page=99&sort=%00", "service=jobbpeng.matching&page=0"):
        assert client.get(f"/oversight/?{strange}").status_code == 200


def test_the_table_by_month_is_sorted_by_its_links(client: FlaskClient):
    page = client.get("/oversight/?sort=served&dir=desc").text
    served = [row[3] for row in cells_of(page, "Månad, insats och nivå")]
    assert served[:3] == ["6", "6", "6"]
    assert served[-1] == "färre än 5"
    assert 'aria-sort="descending"' in page


def test_small_groups_are_hidden_on_the_page(client: FlaskClient):
    rows = cells_of(client.get("/oversight/?year=2026").text, "Månad, insats och nivå")
    june = next(row for row in rows if row[0] == "Juni 2026" and row[2] == "Grund")
    assert june[3:5] == ["färre än 5", "färre än 5"]


def test_csv_is_the_table_of_the_page(client: FlaskClient):
    answer = client.get("/oversight/export.csv?year=2026")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="statistik-2026-2027-03-20.csv"'
    assert not answer.data.startswith(b"\xef\xbb\xbf")
    heads, *lines = csv.reader(io.StringIO(answer.data.decode("utf-8")))
    assert heads[:4] == ["Månad", "Insats", "Nivå", "Personer i insats"]
    assert heads[-1] == "Bokat, kr"
    page = cells_of(client.get("/oversight/?year=2026").text, "Månad, insats och nivå")
    assert len(lines) == len(page)
    for line, row in zip(lines, page, strict=True):
        told = dict(zip(heads, line, strict=True))
        assert [told[head] for head in ("Insats", "Nivå", "Personer i insats", "Började", "Slutade",
                                        "Verifierade resultat")] == row[1:7]  # fmt: skip
        booked = told["Bokat, kr"]
        assert (said(int(Decimal(booked) * 100)) if booked[0].isdigit() else booked) == row[7]
    june = next(line for line in lines if line[0] == "2026-06" and line[2] == "Grund")
    assert june[-1] == "60000.00"


def test_excel_has_numbers_as_numbers_and_exact_kronor(client: FlaskClient, found: Figures):
    answer = client.get("/oversight/export.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    assert book.sheetnames == ["Nyckeltal", "Per år", "Per månad"]
    heads, *lines = book["Per månad"].iter_rows(values_only=True)
    csv_heads, *csv_lines = csv.reader(io.StringIO(client.get("/oversight/export.csv").text))
    assert list(heads) == csv_heads
    for line, other in zip(lines, csv_lines, strict=True):
        for cell, text in zip(line, other, strict=True):
            assert cell == text or Decimal(str(cell)) == Decimal(text)
    years = {row[0]: dict(zip([cell.value for cell in book["Per år"][1]], row, strict=True))
             for row in book["Per år"].iter_rows(min_row=2, values_only=True)}  # fmt: skip
    assert years["2026"]["Personer i insats"] == 19
    assert years["2026"]["Resultatersättning, kr"] == 60_000
    assert years["2027"]["Bokat, kr"] == "färre än 5"
    june = next(row for row in book["Per månad"].iter_rows(min_row=2) if row[0].value == "2026-06")
    assert (june[-1].value, june[-1].data_type, june[-1].number_format) == (60_000, "n", "#,##0.00")
    assert len(lines) == len(tables.by_month(found))


@pytest.mark.parametrize("text", ["=1+1", "+46", "-2", "@here", "\t=1", "=HYPERLINK(0)"])
def test_text_that_looks_like_a_formula_stays_text(text: str):
    sheet = export.Sheet("Blad", ["Namn"], [[text], [Decimal("-800.00")]])
    page = openpyxl.load_workbook(io.BytesIO(export.as_xlsx([sheet])))["Blad"]
    assert (page["A2"].value, page["A2"].data_type) == (text, "s")
    assert page["A3"].data_type == "n"
    assert export.as_csv(sheet).decode().splitlines()[1].strip('"').startswith("'")
    assert export.as_csv(sheet).decode().splitlines()[2] == "-800.00"


def test_an_unknown_kind_of_file_is_not_there(client: FlaskClient):
    assert client.get("/oversight/export.pdf").status_code == 404


def test_staff_look_and_nobody_else(office: Office):
    town = office.town
    for actor in (town.guide, town.inspector, town.maker, town.signer, town.secretary, town.administrator):
        client = signed_in(office.app, actor.account_id)
        assert client.get("/oversight/").status_code == 200
        assert client.get("/oversight/export.csv").status_code == 200
        assert 'href="/oversight/"' in client.get("/about").text
    for actor in (town.seeker, town.coach, town.manager):
        client = signed_in(office.app, actor.account_id)
        assert client.get("/oversight/").status_code == 403
        assert client.get("/oversight/export.csv").status_code == 403
    assert office.app.test_client().get("/oversight/").status_code == 302


def test_the_page_asks_as_much_of_one_service_as_of_all(office: Office, client: FlaskClient):
    client.get("/oversight/")
    with counted(office.app) as every:
        client.get("/oversight/")
    with counted(office.app) as one:
        client.get("/oversight/?service=jobbpeng.preparatory&year=2026")
    assert len(every) == len(one) <= 12, "\n".join(every)


@pytest.mark.parametrize(
    ("most", "step", "lines"),
    [(0, 1, 1), (4, 1, 4), (5, 1, 5), (6, 2, 3), (10, 2, 5), (33, 10, 4), (61, 20, 4), (1001, 500, 3)],
)
def test_few_lines_reach_up_to_the_highest_bar(most: int, step: int, lines: int):
    assert scale(most, 1) == (step, lines)


@pytest.mark.parametrize(
    ("highest", "said_so"),
    [
        ([], "För få personer för att visa någon månad"),
        ([24300], "Mest i januari 2025"),
        ([24300, 24302], "Mest i januari 2025 och mars 2025"),
        ([24300, 24301, 24302], "Som mest 7 under en månad"),
    ],
)
def test_a_finding_is_true_when_several_months_are_as_high(office: Office, highest: list[int], said_so: str):
    with office.app.test_request_context(headers={"Accept-Language": "sv"}):
        assert plots._said(highest, lambda month: f"Mest i {month}", "7") == said_so
