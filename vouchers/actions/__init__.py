"""What can happen between a person and a provider. An action checks, changes, records; it never commits."""

from vouchers.actions.choices import accept, choose, decline, reopen_choice, start
from vouchers.actions.people import VoucherForm, decide_voucher, register_participant
from vouchers.actions.reports import (
    ReportForm,
    approve_report,
    return_report,
    submit_report,
    withdraw_report,
)
from vouchers.actions.results import (
    OutcomeForm,
    claim_outcome,
    end_service,
    judge_check,
    withdraw_outcome,
)
from vouchers.actions.winding import Plan, plan_for_customers

__all__ = [
    "OutcomeForm",
    "Plan",
    "ReportForm",
    "VoucherForm",
    "accept",
    "approve_report",
    "choose",
    "claim_outcome",
    "decide_voucher",
    "decline",
    "end_service",
    "judge_check",
    "plan_for_customers",
    "register_participant",
    "reopen_choice",
    "return_report",
    "start",
    "submit_report",
    "withdraw_outcome",
    "withdraw_report",
]
