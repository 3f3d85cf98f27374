"""What a test does when the machine lacks something: skip with a sentence, but fail in CI."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def in_ci() -> bool:
    """Whether this is CI, where nothing may be left out."""
    return os.environ.get("CI", "").lower() not in {"", "0", "false"}


def lacking(sentence: str) -> NoReturn:
    """Skip the test; in CI fail it."""
    if in_ci():
        pytest.fail(f"{sentence} In CI that is a failure.", pytrace=False)
    pytest.skip(sentence)
