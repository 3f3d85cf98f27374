"""Several hands at once: threads that all begin together, and what each of them said."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Found = TypeVar("Found")

PATIENCE_S = 60


def at_once(count: int, work: Callable[[int], Found]) -> list[Found | Exception]:
    """Run `work(0)` … `work(count - 1)` in threads that begin together; an exception is an answer too."""
    gate = threading.Barrier(count)

    def one(number: int) -> Found | Exception:
        gate.wait(PATIENCE_S)
        try:
            return work(number)
        except Exception as error:
            return error

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))
