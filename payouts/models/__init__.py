"""What the money stores."""

from payouts.models.batch import BankAnswer as BankAnswer
from payouts.models.batch import Batch as Batch
from payouts.models.batch import BatchEntry as BatchEntry
from payouts.models.batch import GateOutcome as GateOutcome
from payouts.models.batch import ReturnedPayment as ReturnedPayment
from payouts.models.batch import Signature as Signature
from payouts.models.batch import Statement as Statement
from payouts.models.gate import StoppedDue as StoppedDue
from payouts.models.hold import Hold as Hold
from payouts.models.hold import ReleasedLine as ReleasedLine
from payouts.models.hold import WithheldLine as WithheldLine
from payouts.models.ledger import LedgerLine as LedgerLine
from payouts.models.ledger import PaymentRun as PaymentRun
from payouts.models.ledger import RunTotal as RunTotal
