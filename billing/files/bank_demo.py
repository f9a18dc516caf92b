"""The bank's side of an ACH file, for tests and the demo: what it would put on the statement and send back.

Nothing here is used against a real bank.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

from billing.files import bai2, nacha
from portals.plan import periods

ACH_SETTLEMENT_CREDIT = "166"
ACH_SETTLEMENT_DEBIT = "466"
RETURNED_DEBIT = "557"  # we lose the money that the settlement gave
RETURNED_CREDIT = "257"

DEMO_ACCOUNT = "4000100200"


def bank_answers(
    ach: nacha.AchFile,
    settled_on: dt.date,
    returns: Mapping[str, str],
    *,
    returned_on: dt.date | None = None,
    account: str = DEMO_ACCOUNT,
) -> tuple[bytes, bytes]:
    """The BAI2 statement and the return file (empty without returns) for an ACH file of ours, as bytes.

    `returns` maps the trace of an entry to its return code. The statement credits each batch in one sum on `settled_on`
    (customer reference: `file_reference`) and takes each returned entry back on `returned_on`, by default two banking
    days later (customer reference: its trace; text: the code).
    """
    unknown = returns.keys() - {entry.trace for _, entry in ach.entries()}
    if unknown:
        raise ValueError(f"no entry of the file has the trace {min(unknown)}")
    back_on = returned_on or periods.add_banking_days(settled_on, 2)
    days = [bai2.Account(account, "USD", settled_on, tuple(_settlements(ach)))]
    sent_back = [entry for _, entry in ach.entries() if entry.trace in returns]
    if sent_back:
        days.append(
            bai2.Account(
                account, "USD", back_on, tuple(_taken_back(entry, returns[entry.trace]) for entry in sent_back)
            )
        )
    statement = bai2.Statement(
        sender=ach.destination,
        receiver=ach.origin,
        created_at=dt.datetime.combine(days[-1].as_of_date + dt.timedelta(days=1), dt.time(5, 30)),
        file_id="1",
        accounts=tuple(days),
    )
    return bai2.write(statement), _return_file(ach, returns, back_on) if sent_back else b""


def file_reference(ach: nacha.AchFile) -> str:
    """What the demo's bank repeats on the statement: the file's own reference, else its day and modifier."""
    return ach.reference or f"{ach.created_at:%y%m%d}{ach.modifier}"


def _settlements(ach: nacha.AchFile) -> list[bai2.StatementEntry]:
    entries = []
    for batch in ach.batches:
        for type_code, is_debit in ((ACH_SETTLEMENT_CREDIT, True), (ACH_SETTLEMENT_DEBIT, False)):
            cents = sum(entry.cents for entry in batch.entries if entry.code.is_debit == is_debit)
            if cents:
                entries.append(
                    bai2.StatementEntry(
                        type_code,
                        cents,
                        bai2.Funds("0"),
                        bank_reference=f"{batch.odfi}{batch.number:07d}",
                        customer_reference=file_reference(ach),
                        text=f"ACH SETTLEMENT {batch.entry_description}",
                    )
                )
    return entries


def _taken_back(entry: nacha.EntryDetail, code: str) -> bai2.StatementEntry:
    return bai2.StatementEntry(
        RETURNED_DEBIT if entry.code.is_debit else RETURNED_CREDIT,
        entry.cents,
        bai2.Funds("0"),
        customer_reference=entry.trace,
        text=f"ACH RETURN {code}",
    )


def _return_file(ach: nacha.AchFile, returns: Mapping[str, str], returned_on: dt.date) -> bytes:
    """What comes back through our bank: entries under return codes, with the original trace in their addenda."""
    bank = ach.destination[-9:-1]
    sequence = 0
    batches: list[nacha.Batch] = []
    for batch in ach.batches:
        entries = []
        for entry in batch.entries:
            if entry.trace not in returns:
                continue
            sequence += 1
            trace = nacha.trace_number(bank, sequence)
            addenda = nacha.ReturnAddenda(returns[entry.trace], entry.trace, entry.routing[:8], trace)
            entries.append(
                replace(
                    entry,
                    code=entry.code.as_return,
                    routing=batch.odfi + nacha.check_digit(batch.odfi),
                    trace=trace,
                    addenda=(addenda,),
                )
            )
        if entries:
            batches.append(
                replace(batch, odfi=bank, number=len(batches) + 1, entries=tuple(entries), service_class=None)
            )
    return nacha.write(
        replace(
            ach,
            destination=ach.origin,
            destination_name=ach.origin_name,
            origin=ach.destination,
            origin_name=ach.destination_name,
            created_at=dt.datetime.combine(returned_on, dt.time(4, 0)),
            batches=tuple(batches),
            modifier="A",
            reference="",
        )
    )
