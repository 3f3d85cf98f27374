"""A small file of published results, of the same columns and rules as the real one; and ways to damage it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import date
from random import Random

from providers.rules.published import COLUMNS, Review, Row, is_flagged, weighted_result

WEIGHTS = {
    date(2025, 9, 1): (680181, 928129, 1273246),
    date(2025, 11, 1): (693028, 945659, 1297294),
}
REVIEW = Review(WEIGHTS, 22, (1,), 200)


def _three(counts: Iterable[int]) -> tuple[int, int, int]:
    a, b, c = counts
    return a, b, c


def table(contracts: int = 12, seed: int = 7) -> list[dict[str, str]]:
    """Rows as text, for two periods; one cell has more second results than first, as five real ones."""
    dice = Random(seed)
    rows = []
    for period, weights in WEIGHTS.items():
        for number in range(contracts):
            people = _three(dice.randrange(1, 9) for _ in range(3))
            first = _three(dice.randrange(count + 1) for count in people)
            second = _three(dice.randrange(count + 1) for count in first)
            if number == 0:
                people, first, second = (3, 4, 5), (1, 2, 0), (2, 1, 0)
            if number in (1, 2):
                people, first, second = (9, 9, 9), (1, 0, 0), (0, 0, 0)
            rating = dice.choice((None, 1, 2, 3, 4)) if number > 2 else None
            told = Row(
                period, f"100{number:05d}", f"Påhittad {number // 2}", f"Område {number}", "",
                date(2023, 4, 17), number != 2, people, first, second, rating, 0, None,
            )  # fmt: skip
            weighted = weighted_result(told, weights)
            flagged = is_flagged(told, weighted, REVIEW)
            rows.append(
                {
                    "period": period.isoformat(),
                    "contract_no": told.contract_no,
                    "provider": told.provider,
                    "delivery_area": told.delivery_area,
                    "region": told.region,
                    "contract_start": told.contract_start.isoformat(),
                    "active_22_months": str(told.active_22_months).lower(),
                    "participants": str(sum(people)),
                    **{f"participants_{level}": str(people[at]) for at, level in enumerate("abc")},
                    **{f"rr1_{level}": str(first[at]) for at, level in enumerate("abc")},
                    **{f"rr2_{level}": str(second[at]) for at, level in enumerate("abc")},
                    "results": str(sum(first)),
                    "rating": "" if rating is None else str(rating),
                    "weighted_result": f"{weighted // 1000}.{weighted % 1000:03d}",
                    "flagged_for_termination": str(flagged).lower() if period.month == 11 else "",
                }
            )
    return rows


def csv_bytes(
    rows: list[dict[str, str]], columns: tuple[str, ...] = COLUMNS, encoding: str = "utf-8"
) -> bytes:
    """The rows as a CSV file."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)
