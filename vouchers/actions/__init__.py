"""What can happen between a person and a provider. An action checks, changes, records; it never commits."""

from vouchers.actions.assessing import AssessmentForm, assess
from vouchers.actions.changing import ExtensionForm, extend, switch
from vouchers.actions.choices import accept, choose, decline, reopen_choice, start
from vouchers.actions.closing import close, end_voucher, lapse, revoke
from vouchers.actions.consents import ConsentForm, give_consent, withdraw_consent
from vouchers.actions.guarding import hand_over, name_coach, set_protection
from vouchers.actions.non_choice import Answer, confirm_list, propose_list
from vouchers.actions.none_suits import follow_up_none_suits, remind_choosers, say_none_suits
from vouchers.actions.pausing import pause, resume
from vouchers.actions.people import VoucherForm, decide_voucher, register_participant
from vouchers.actions.planning import (
    MeetingForm,
    PartForm,
    add_part,
    finish_part,
    record_meeting,
    remove_part,
    set_goal,
)
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
    "Answer",
    "AssessmentForm",
    "ConsentForm",
    "ExtensionForm",
    "MeetingForm",
    "OutcomeForm",
    "PartForm",
    "Plan",
    "ReportForm",
    "VoucherForm",
    "accept",
    "add_part",
    "approve_report",
    "assess",
    "choose",
    "claim_outcome",
    "close",
    "confirm_list",
    "decide_voucher",
    "decline",
    "end_service",
    "end_voucher",
    "extend",
    "finish_part",
    "follow_up_none_suits",
    "give_consent",
    "hand_over",
    "judge_check",
    "lapse",
    "name_coach",
    "pause",
    "plan_for_customers",
    "propose_list",
    "record_meeting",
    "register_participant",
    "remind_choosers",
    "remove_part",
    "reopen_choice",
    "resume",
    "return_report",
    "revoke",
    "say_none_suits",
    "set_goal",
    "set_protection",
    "start",
    "submit_report",
    "switch",
    "withdraw_consent",
    "withdraw_outcome",
    "withdraw_report",
]
