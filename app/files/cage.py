"""Reads a workbook in a process of its own, with a roof over its memory and time: whatever a file does to the
reader, it does it here. Run as a program: the file in, one JSON list of rows a line out. Knows nothing of the
house, so that it starts in a moment.
"""

from __future__ import annotations

import json
import resource
import sys
from datetime import date, datetime, time, timedelta
from typing import Any

MEMORY = 480_000_000
SECONDS = 120
BROKEN, LOCKED, HEAVY = 3, 4, 5
"""How the program ends when the file is no workbook, has a password, or needs more than there is."""
PER_LINE = 500
EXACT = 10**15
"""Larger numbers have lost digits in a spreadsheet, and are told so that nobody takes them for whole."""


def said(cell: Any) -> str:  # noqa: PLR0911  # one line a kind of cell
    """A cell as text: a day as 2026-11-27, a time as 09:30, true as true, a number without a tail."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        whole = cell == cell and abs(cell) < EXACT and cell == int(cell)  # noqa: PLR0124  # what is no number is not itself
        return str(int(cell)) if whole else repr(float(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ")
    if isinstance(cell, timedelta):
        minutes = int(cell.total_seconds() // 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}"
    if isinstance(cell, time):
        return f"{cell:%H:%M}" if not cell.second else f"{cell:%H:%M:%S}"
    return cell.isoformat() if isinstance(cell, date) else ""


def main(path: str) -> int:
    """Print the first sheet's rows, empty ones too, from its first row on."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import python_calamine  # noqa: PLC0415  # under the roof

    try:
        book = python_calamine.load_workbook(path)
        sheet = book.get_sheet_by_index(0)
        begins = sheet.start or (0, 0)
        left = [""] * begins[1]
        part: list[list[str]] = [[] for _ in range(begins[0])]
        for row in sheet.iter_rows():
            part.append(left + [said(cell) for cell in row])
            if len(part) >= PER_LINE:
                print(json.dumps(part))  # noqa: T201  # how this program speaks
                part = []
        print(json.dumps(part))  # noqa: T201  # as above
    except python_calamine.PasswordError:
        return LOCKED
    except MemoryError:
        return HEAVY
    except Exception:  # whatever a reader makes of a broken file, it is the sender's to mend
        return BROKEN
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
