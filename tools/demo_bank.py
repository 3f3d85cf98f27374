"""The demo's bank: takes payment files from one folder and answers in another. Never in production.

python -m tools.demo_bank --outbox instance/bank/out --inbox instance/bank/in
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from mockbank import accounts, validate
from mockbank import outbox as mailbox
from mockbank.server import Config
from mockbank.state import State

from core.refusal import Refusal
from payouts.rails import files

COLLECTED = "collected"
BALANCE_ORE = 100_000_000_000


class Bank:
    """A made-up bank in this process and in memory; all accounts are in kronor.

    `clock` ("2026-03-02T09:00") starts its time there instead of now. A `trusting` bank opens an account for
    any payer it has not met.
    """

    def __init__(self, *, clock: str = "", trusting: bool = False) -> None:
        self.state: Any = State(Config(clock=clock, timezone="Europe/Stockholm", quiet=True))
        self.trusting = trusting

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.state.close()

    def open_account(self, iban: str, *, name: str, balance_ore: int = BALANCE_ORE, **more: object) -> None:
        """Open an account; `more` is what mock-bank knows, such as closed=True or behaviour="silent"."""
        fields = {"name": name, "iban": iban, "currency": "SEK", "balance": balance_ore, **more}
        accounts.create(self.state.conn, f"A{len(accounts.listing(self.state.conn))}", fields)

    def change_account(self, iban: str, **fields: object) -> None:
        accounts.update(self.state.conn, accounts.by_iban(self.state.conn, iban)["id"], fields)

    def receive(self, document: bytes) -> bytes | None:
        """Hand in a payment file; gives the bank's answer (pain.002), or None when it stays silent."""
        with self.state.lock:
            if self.trusting:
                self._meet(document)
            self.state.receive(document)
            return next(iter(self.answers()), None)

    def answers(self) -> list[bytes]:
        """The answers not collected before, oldest first."""
        self.state.release()
        rows = mailbox.collect(self.state.conn, self.state.now(), kind="pain.002")
        return [row["body"].encode() if isinstance(row["body"], str) else bytes(row["body"]) for row in rows]

    def advance(self, days: int) -> None:
        """Let days go by: what was accepted is settled, or bounces."""
        with self.state.lock:
            self.state.clock.advance(days=days)

    def _meet(self, document: bytes) -> None:
        payment_file, _findings = validate.inspect(document)
        for batch in getattr(payment_file, "batches", ()):
            iban = batch.debtor_account
            if iban and accounts.by_iban(self.state.conn, iban) is None:
                self.open_account(iban, name="Kund i demot")


def answer_folder(bank: Bank, *, outbox: Path, inbox: Path) -> list[Path]:
    """Take every file in the outbox once; gives the answers written to the inbox."""
    written = []
    for path in files.answers(outbox):
        try:
            answer = bank.receive(files.load(path))
            if answer is not None:
                name = f"{path.stem}-{time.time_ns()}.xml"
                written.append(files.hand_over(answer, outbox=inbox, name=name))
        except Refusal as refusal:
            print(f"demo bank: {path.name}: {refusal}", file=sys.stderr, flush=True)
        files.done(path, folder=COLLECTED)
    return written


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.demo_bank", description=__doc__)
    parser.add_argument("--outbox", type=Path, required=True, help="where the payment files are put")
    parser.add_argument("--inbox", type=Path, required=True, help="where the answers are to be put")
    parser.add_argument(
        "--closed", action="append", default=[], metavar="IBAN", help="an account that is closed"
    )
    parser.add_argument("--every", type=float, default=0.5, metavar="SECONDS", help="how often to look")
    options = parser.parse_args(arguments)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with Bank(trusting=True) as bank:
        for iban in options.closed:
            bank.open_account(iban, name="Avslutat konto", closed=True)
        while not stop.wait(options.every):
            for path in answer_folder(bank, outbox=options.outbox, inbox=options.inbox):
                print(f"demo bank: answered {path.name}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
