"""Postal codes and where they are: read as people and files write them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.refusal import Refusal

DEGREE = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,12})?")
E5 = 100_000
LONGEST_AREA = 100


@dataclass(frozen=True)
class Spot:
    """A place on earth, in hundred-thousandths of a degree (WGS 84): about a metre."""

    latitude_e5: int
    longitude_e5: int


@dataclass(frozen=True)
class PlaceForm:
    """Where a postal code is, and which area it belongs to."""

    postal_code: str
    area: str
    spot: Spot


def postal_code(text: str) -> str:
    """Five digits, however spaced or with SE- before. Refuses all else."""
    digits = re.sub(r"\s", "", text).upper().removeprefix("SE").removeprefix("-")
    if not re.fullmatch(r"[1-9][0-9]{4}", digits):
        raise Refusal(
            "postal_code_wrong", "Skriv postnumret med fem siffror, till exempel 123 45.", status=422
        )
    return digits


def read_place(cells: dict[str, str], row: int) -> PlaceForm:
    """A place from a file's row with postal_code, area, latitude and longitude in degrees.

    Refuses with the row's number.
    """
    try:
        code = postal_code(cells["postal_code"])
    except Refusal:
        raise _wrong(row, "postal_code") from None
    area = " ".join(cells["area"].split())
    if not 1 <= len(area) <= LONGEST_AREA or not area.isprintable():
        raise _wrong(row, "area")
    return PlaceForm(
        code, area, Spot(_degrees(cells, "latitude", 90, row), _degrees(cells, "longitude", 180, row))
    )


def _degrees(cells: dict[str, str], column: str, most: int, row: int) -> int:
    text = cells[column].strip().replace(",", ".")
    if not DEGREE.fullmatch(text) or abs(float(text)) > most:
        raise _wrong(row, column)
    return round(float(text) * E5)


def _wrong(row: int, column: str) -> Refusal:
    return Refusal(
        "place_row_wrong", "Rad {row}: {column} går inte att läsa.", row=row, column=column, status=422
    )
