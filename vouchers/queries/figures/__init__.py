"""The statistics of the choice. Each figure is defined once, here, and added up by the database.

A month is a whole number (year × 12 + month − 1), a service is scheme.service. Groups are given with the
number of different people behind them; whoever shows them hides the small ones.
"""

from vouchers.queries.figures.cells import (
    LEAST_PEOPLE,
    Cell,
    Grain,
    Key,
    Row,
    first_day,
    month_in_sql,
    month_number,
    service_code,
    tally,
)
from vouchers.queries.figures.endings import ENDINGS, endings
from vouchers.queries.figures.flows import flows
from vouchers.queries.figures.there import served

__all__ = [
    "ENDINGS",
    "LEAST_PEOPLE",
    "Cell",
    "Grain",
    "Key",
    "Row",
    "endings",
    "first_day",
    "flows",
    "month_in_sql",
    "month_number",
    "served",
    "service_code",
    "tally",
]
