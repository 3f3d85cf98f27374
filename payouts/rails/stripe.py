"""The only room that knows Stripe: an order becomes Connect transfers, and they are read back."""

from __future__ import annotations

from collections.abc import Mapping

from stripe import InvalidRequestError, StripeClient, StripeError
from stripe import Transfer as StripeTransfer

from core.refusal import Refusal
from payouts.rails.answer import BankAnswer, GroupStatus, TransferAnswer
from payouts.rails.order import PaymentOrder, Transfer

_REFERENCE = "end_to_end_id"


def connect(key: str, *, url: str = "") -> StripeClient:
    """A client; `url` is another address than Stripe's own. A cut line is tried again, under the same key."""
    if url:
        return StripeClient(key, base_addresses={"api": url}, max_network_retries=2)
    return StripeClient(key, max_network_retries=2)


def send(order: PaymentOrder, *, accounts: Mapping[str, str], client: StripeClient) -> BankAnswer:
    """Make one transfer for each in the order; `accounts` gives the connected account by `end_to_end_id`.

    May be repeated at any time: what the order already made is found by its group and not made again, and
    between the two the idempotency key holds. A transfer Stripe refuses is a rejected one in the answer; when
    Stripe itself cannot be reached or does not let us in, nothing is known and the whole is refused.
    """
    homeless = [
        transfer.end_to_end_id for transfer in order.transfers if not accounts.get(transfer.end_to_end_id)
    ]
    if homeless:
        raise Refusal(
            "stripe_account_missing",
            "Mottagaren av betalningen {reference} har inget konto hos Stripe.",
            reference=homeless[0],
        )
    made = _made(order.message_id, client)
    answers = []
    for transfer in order.transfers:
        found = made.get(transfer.end_to_end_id)
        if found is not None and found.amount != transfer.amount_ore:
            raise _reused(transfer.end_to_end_id)
        answers.append(_answer(found) if found is not None else _make(order, transfer, accounts, client))
    return _whole(order.message_id, answers)


def status(message_id: str, *, client: StripeClient) -> BankAnswer:
    """Read back what an order's transfers have come to; a transfer taken back counts as rejected."""
    return _whole(message_id, [_answer(transfer) for transfer in _made(message_id, client).values()])


def _make(
    order: PaymentOrder, transfer: Transfer, accounts: Mapping[str, str], client: StripeClient
) -> TransferAnswer:
    try:
        made = client.v1.transfers.create(
            params={
                "amount": transfer.amount_ore,
                "currency": "sek",
                "destination": accounts[transfer.end_to_end_id],
                "description": transfer.remittance,
                "transfer_group": order.message_id,
                "metadata": {_REFERENCE: transfer.end_to_end_id},
            },
            options={"idempotency_key": transfer.end_to_end_id},
        )
    except InvalidRequestError as fault:
        return TransferAnswer(
            transfer.end_to_end_id, "rejected", fault.code or "invalid_request", fault.user_message or ""
        )
    except StripeError as fault:
        raise _refusal(fault, transfer.end_to_end_id) from fault
    return _answer(made)


def _made(message_id: str, client: StripeClient) -> dict[str, StripeTransfer]:
    """Every transfer of an order, by its `end_to_end_id`."""
    try:
        page = client.v1.transfers.list(params={"transfer_group": message_id, "limit": 100})
        return {made.metadata[_REFERENCE]: made for made in page.auto_paging_iter()}
    except StripeError as fault:
        raise _refusal(fault, message_id) from fault


def _answer(made: StripeTransfer) -> TransferAnswer:
    if made.currency != "sek":
        raise Refusal("answer_not_in_kronor", "Svaret gäller en annan valuta än svenska kronor.")
    reference = made.metadata[_REFERENCE]
    if made.reversed:
        return TransferAnswer(reference, "rejected", "reversed", "", made.amount)
    return TransferAnswer(reference, "accepted", "", "", made.amount - made.amount_reversed)


def _whole(message_id: str, answers: list[TransferAnswer]) -> BankAnswer:
    said = {answer.status for answer in answers}
    group: GroupStatus | None = None
    if said:
        group = "partly_rejected" if len(said) > 1 else said.pop()
    return BankAnswer(
        answer_id=f"stripe-{message_id}",
        message_id=message_id,
        group_status=group,
        reason_code="",
        text="",
        count=len(answers),
        sum_ore=sum(answer.amount_ore or 0 for answer in answers if answer.status == "accepted"),
        transfers=tuple(answers),
    )


def _refusal(fault: StripeError, reference: str) -> Refusal:
    if fault.http_status in (401, 403):
        return Refusal("stripe_not_let_in", "Stripe släpper inte in oss. Kontrollera nyckeln.")
    if fault.http_status == 400:
        return _reused(reference)
    return Refusal(
        "stripe_not_reached",
        "Stripe svarar inte som det ska. Försök igen senare: inget betalas två gånger.",
    )


def _reused(reference: str) -> Refusal:
    return Refusal(
        "stripe_reference_reused",
        "Referensen {reference} är redan använd hos Stripe för en annan betalning.",
        reference=reference,
    )
