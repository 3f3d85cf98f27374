"""What can happen between a person and a provider. An action checks, changes, records; it never commits."""

from vouchers.actions.assessing import AssessmentForm, assess
from vouchers.actions.attendance import answer_deviation, answer_month, judge_contest
from vouchers.actions.changing import ExtensionForm, extend, switch
from vouchers.actions.choices import accept, choose, decline, reopen_choice, start
from vouchers.actions.closing import close, end_voucher, lapse, revoke
from vouchers.actions.consents import ConsentForm, give_consent, withdraw_consent
from vouchers.actions.deviations import (
    DeviationForm,
    judge_deviation,
    tell_deviation,
    withdraw_deviation,
)
from vouchers.actions.drafts import forget_draft, save_draft
from vouchers.actions.employers import Asked, EmployerAnswer, answer_employer, ask_employer
from vouchers.actions.guarding import hand_over, name_coach, set_protection
from vouchers.actions.judging import OverrideForm, end_override, judge_check, override_check
from vouchers.actions.non_choice import Answer, confirm_list, propose_list
from vouchers.actions.none_suits import follow_up_none_suits, remind_choosers, say_none_suits
from vouchers.actions.occasions import OccasionForm, record_occasion, withdraw_occasion
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
from vouchers.actions.proof import add_outcome_evidence, look_at_source
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
    withdraw_outcome,
)
from vouchers.actions.winding import Plan, plan_for_customers
from vouchers.actions.written import approve_written, return_written, submit_written, withdraw_written

__all__ = [
    "Answer",
    "Asked",
    "AssessmentForm",
    "ConsentForm",
    "DeviationForm",
    "EmployerAnswer",
    "ExtensionForm",
    "MeetingForm",
    "OccasionForm",
    "OutcomeForm",
    "OverrideForm",
    "PartForm",
    "Plan",
    "ReportForm",
    "VoucherForm",
    "accept",
    "add_outcome_evidence",
    "add_part",
    "answer_deviation",
    "answer_employer",
    "answer_month",
    "approve_report",
    "approve_written",
    "ask_employer",
    "assess",
    "choose",
    "claim_outcome",
    "close",
    "confirm_list",
    "decide_voucher",
    "decline",
    "end_override",
    "end_service",
    "end_voucher",
    "extend",
    "finish_part",
    "follow_up_none_suits",
    "forget_draft",
    "give_consent",
    "hand_over",
    "judge_check",
    "judge_contest",
    "judge_deviation",
    "lapse",
    "look_at_source",
    "name_coach",
    "override_check",
    "pause",
    "plan_for_customers",
    "propose_list",
    "record_meeting",
    "record_occasion",
    "register_participant",
    "remind_choosers",
    "remove_part",
    "reopen_choice",
    "resume",
    "return_report",
    "return_written",
    "revoke",
    "save_draft",
    "say_none_suits",
    "set_goal",
    "set_protection",
    "start",
    "submit_report",
    "submit_written",
    "switch",
    "tell_deviation",
    "withdraw_consent",
    "withdraw_deviation",
    "withdraw_occasion",
    "withdraw_outcome",
    "withdraw_report",
    "withdraw_written",
]
