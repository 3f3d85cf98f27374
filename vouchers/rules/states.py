"""The lives of a voucher, a leg, a report, an outcome, a check and a deviation: which step leads where."""

from __future__ import annotations

from core.states import Machine, Transitions
from vouchers.rules.told import DEVIATION_STATES

VOUCHER_STATES = (
    "draft",
    "choice_open",
    "chosen",
    "assigned",
    "received",
    "active",
    "paused",
    "ended",
    "closed",
    "revoked",
    "lapsed",
)
VOUCHER: Transitions = {
    ("draft", "decide"): "choice_open",
    ("choice_open", "choose"): "chosen",
    ("choice_open", "assign"): "assigned",
    ("choice_open", "reopen"): "choice_open",
    ("choice_open", "lapse"): "lapsed",
    ("chosen", "choose"): "chosen",
    ("assigned", "choose"): "chosen",
    ("chosen", "accept"): "received",
    ("assigned", "accept"): "received",
    ("chosen", "decline"): "choice_open",
    ("assigned", "decline"): "choice_open",
    ("received", "choose"): "chosen",
    ("received", "start"): "active",
    ("active", "pause"): "paused",
    ("paused", "resume"): "active",
    ("active", "switch"): "chosen",
    ("paused", "switch"): "chosen",
    **{
        (state, "choose_again"): "choice_open"
        for state in ("chosen", "assigned", "received", "active", "paused")
    },
    ("active", "end"): "ended",
    ("paused", "end"): "ended",
    **{(state, "end"): "ended" for state in ("chosen", "assigned", "received", "choice_open")},
    ("ended", "close"): "closed",
    **{(state, "revoke"): "revoked" for state in ("choice_open", "chosen", "assigned", "received")},
}

REPORT_STATES = ("draft", "submitted", "returned", "approved", "withdrawn")
REPORT: Transitions = {
    ("draft", "submit"): "submitted",
    ("returned", "submit"): "submitted",
    ("submitted", "return"): "returned",
    ("submitted", "approve"): "approved",
    ("draft", "withdraw"): "withdrawn",
    ("returned", "withdraw"): "withdrawn",
    ("submitted", "withdraw"): "withdrawn",
    ("approved", "withdraw"): "withdrawn",
}

OUTCOME_STATES = ("claimed", "verified", "rejected", "withdrawn")
OUTCOME: Transitions = {
    ("claimed", "verify"): "verified",
    ("claimed", "reject"): "rejected",
    ("claimed", "withdraw"): "withdrawn",
    ("verified", "withdraw"): "withdrawn",
    ("verified", "reopen"): "claimed",
    ("rejected", "reopen"): "claimed",
}

CHECK_STATES = ("due", "passed", "failed", "withdrawn")
CHECK: Transitions = {
    ("due", "pass"): "passed",
    ("due", "fail"): "failed",
    ("due", "withdraw"): "withdrawn",
    ("passed", "withdraw"): "withdrawn",
    ("passed", "reopen"): "due",
    ("failed", "reopen"): "due",
}

DEVIATION: Transitions = {
    ("unjudged", "find_valid"): "valid",
    ("unjudged", "find_not_valid"): "not_valid",
    **{(state, "withdraw"): "withdrawn" for state in ("unjudged", "valid", "not_valid")},
}

voucher = Machine("voucher", VOUCHER_STATES, VOUCHER)
report = Machine("report", REPORT_STATES, REPORT)
outcome = Machine("outcome", OUTCOME_STATES, OUTCOME)
check = Machine("check", CHECK_STATES, CHECK)
deviation = Machine("deviation", DEVIATION_STATES, DEVIATION)
MACHINES = (voucher, report, outcome, check, deviation)
