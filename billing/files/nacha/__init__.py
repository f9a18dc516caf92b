"""The ACH file of 94 columns: writer and reader, returns and notices of change.

Amounts are integer cents. Dates of the wire (YYMMDD) are taken as 20YY. Account numbers never appear in an error or
in the `repr` of a record. Layout and checks are described in docs/files-bank.md.
"""

from billing.files.nacha.reader import read, read_corrections, read_returns
from billing.files.nacha.records import (
    AchFile,
    Batch,
    ChangeAddenda,
    Code,
    Correction,
    EntryDetail,
    NachaError,
    PaymentAddenda,
    Reason,
    Return,
    ReturnAddenda,
    Unread,
    check_digit,
    trace_number,
)
from billing.files.nacha.writer import write
from billing.files.text import Note

__all__ = [
    "AchFile",
    "Batch",
    "ChangeAddenda",
    "Code",
    "Correction",
    "EntryDetail",
    "NachaError",
    "Note",
    "PaymentAddenda",
    "Reason",
    "Return",
    "ReturnAddenda",
    "Unread",
    "check_digit",
    "read",
    "read_corrections",
    "read_returns",
    "trace_number",
    "write",
]
