"""What can happen in the registry."""

from providers.actions.applying import (
    ContactForm,
    EvidenceForm,
    StoredFile,
    add_contact,
    add_evidence,
    answer_supplement,
    remove_contact,
    set_capacity,
    start_application,
    submit,
)
from providers.actions.deciding import Meeting
from providers.actions.published import import_results
from providers.actions.registry import (
    ProviderForm,
    SiteForm,
    add_member,
    approve_bank_details,
    call_back,
    propose_bank_details,
    refuse_bank_details,
    register_provider,
)
from providers.actions.reviewing import (
    accredit,
    declare,
    enter_decided,
    judge,
    propose_outcome,
    reopen,
    request_supplement,
    take_up,
    turn_down,
)

__all__ = [
    "ContactForm",
    "EvidenceForm",
    "Meeting",
    "ProviderForm",
    "SiteForm",
    "StoredFile",
    "accredit",
    "add_contact",
    "add_evidence",
    "add_member",
    "answer_supplement",
    "approve_bank_details",
    "call_back",
    "declare",
    "enter_decided",
    "import_results",
    "judge",
    "propose_bank_details",
    "propose_outcome",
    "refuse_bank_details",
    "register_provider",
    "remove_contact",
    "reopen",
    "request_supplement",
    "set_capacity",
    "start_application",
    "submit",
    "take_up",
    "turn_down",
]
