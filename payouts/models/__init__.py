"""What the money stores."""

from payouts.models.batch import BankAnswer as BankAnswer
from payouts.models.batch import Batch as Batch
from payouts.models.batch import BatchEntry as BatchEntry
from payouts.models.batch import Signature as Signature
from payouts.models.batch import Statement as Statement
from payouts.models.ledger import LedgerLine as LedgerLine
from payouts.models.ledger import PaymentRun as PaymentRun
from payouts.models.ledger import RunTotal as RunTotal
