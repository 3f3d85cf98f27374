"""What came back, whichever rail was taken: accepted, rejected or pending for each transfer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["accepted", "rejected", "pending"]
GroupStatus = Literal["accepted", "partly_rejected", "rejected", "pending"]


@dataclass(frozen=True, slots=True)
class TransferAnswer:
    """What the bank says about one transfer. `amount_ore` is the amount it repeats, when it repeats one."""

    end_to_end_id: str
    status: Status
    reason_code: str
    text: str
    amount_ore: int | None = None


@dataclass(frozen=True, slots=True)
class BankAnswer:
    """What the bank says about one payment file.

    `message_id` is the file's, `answer_id` the answer's own. `group_status` is None when the bank speaks only
    of single transfers, as when one it accepted bounces later. `count` and `sum_ore` are what it says the
    file held.
    """

    answer_id: str
    message_id: str
    group_status: GroupStatus | None
    reason_code: str
    text: str
    count: int | None
    sum_ore: int | None
    transfers: tuple[TransferAnswer, ...]

    def about(self, end_to_end_id: str) -> TransferAnswer:
        """The answer for one transfer. One not named shares the fate of the whole, if the whole has one."""
        for transfer in self.transfers:
            if transfer.end_to_end_id == end_to_end_id:
                return transfer
        if self.group_status in ("accepted", "rejected"):
            status: Status = "accepted" if self.group_status == "accepted" else "rejected"
            return TransferAnswer(end_to_end_id, status, self.reason_code, self.text)
        return TransferAnswer(end_to_end_id, "pending", "", "")
