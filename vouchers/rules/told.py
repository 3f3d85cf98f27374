"""Words that the tables, the rules and the doors of reporting share. Pure."""

from __future__ import annotations

VIA = ("page", "file", "api")
"""The door that something was told through."""
OCCASION_KINDS = ("individual", "group", "activity", "follow_up")
"""What a provider and a person met for; `individual` and `follow_up` are meetings of two."""
AGAINST_PLAN = ("ahead", "as_planned", "behind", "plan_must_change")
"""How a month went against the joint plan."""
WRITTEN_KINDS = ("joint_plan", "informative", "final")
"""The reports that are not of a month."""
REPORT_KINDS = ("monthly", *WRITTEN_KINDS)
ABSENCES = ("sick", "child_sick", "work", "authority", "other", "unknown")
"""What the person gave as the reason for an absence; the provider's words, judged by staff."""
DEVIATION_STATES = ("unjudged", "valid", "not_valid", "withdrawn")
SAID = ("confirmed", "contested")
VERDICTS = ("stands", "wrong")
"""What staff find of a contested attendance: what the provider said stands, or is wrong."""
SEEN = ("supports", "contradicts", "no_answer")
"""What a source said when it was looked at."""
RELATIONS = ("own", "group")
"""An employer that is the provider itself, or of its declared group."""
FILE_KINDS = ("monthly", "deviations", "occasions")
FILE_MODES = ("all", "good")
"""Whether a file goes in whole or not at all, or its good rows do."""
FILE_STATES = ("waiting", "checking", "stored", "refused", "failed")
HELD = ("still", "ended")
"""What a provider says when a case opens later on: it lasts, or it has ended."""
ANSWERS = ("confirmed", "denied")
"""What an employer answers to a signed link."""
REVIEWS = ("agrees", "differs")
"""What a quality review finds of a judgement that was drawn for it."""
