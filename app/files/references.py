"""What a file calls a person's time with a provider: a word that no spreadsheet takes for a number.

A leg's id has more digits than Excel keeps. P, thirteen letters and a check that finds one that was mistyped.
"""

from __future__ import annotations

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 13
LARGEST = 2**63 - 1


def reference(leg_id: int) -> str:
    """The word for that leg."""
    letters, left = [], leg_id
    for _ in range(LENGTH):
        left, place = divmod(left, 32)
        letters.append(LETTERS[place])
    return f"P{''.join(reversed(letters))}{LETTERS[leg_id % 31]}"


def leg_of(word: str) -> int | None:
    """The leg that a word, or the id's own digits, stands for; None when it can be no leg's."""
    word = word.strip().upper()
    if word.isascii() and word.isdigit() and len(word) <= 19:
        found = int(word)
        return found if 0 < found <= LARGEST else None
    if len(word) != LENGTH + 2 or word[0] != "P" or any(letter not in LETTERS for letter in word[1:]):
        return None
    found = 0
    for letter in word[1:-1]:
        found = found * 32 + LETTERS.index(letter)
    return found if 0 < found <= LARGEST and LETTERS[found % 31] == word[-1] else None
