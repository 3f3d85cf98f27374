"""Words that both the tables and the rules of the choice know. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Titled:
    """A code with its words."""

    code: str
    title_sv: str
    title_en: str

    def title(self, locale: str) -> str:
        """The words in that language."""
        return self.title_en if locale == "en" else self.title_sv


STUDIES = ("none", "sfi", "adult_education")
"""What a service may be combined with."""
STATE_CHECKS = ("none_fits", "waits", "combined", "refused_by_state")
"""How the state's own measures were considered before a municipal one: none of them fits now, the person
waits for one, it is combined with one, the employment service has said no."""
NON_CHOICE = ("nearest", "rotation", "own_run")
"""How a provider is proposed for somebody who does not choose."""
PAUSE_REASONS = ("sick", "parental_leave", "care_of_child", "other")
