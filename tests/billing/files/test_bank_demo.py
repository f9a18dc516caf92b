"""The demo's bank: its statement proves our file, its returns find our entries (figure F6)."""

import datetime as dt

import pytest

from billing.files import bai2, bank_demo, nacha
from billing.files.bai2 import Side
from tests.billing.files import ach_layout
from tests.billing.files.test_nacha import ODFI, entry, file

SETTLED = dt.date(2027, 2, 1)


def test_a_settled_file_and_its_return_come_back_two_banking_days_later() -> None:
    sent = file(entry(1, 6_000_00), entry(2, 812_37, code=nacha.Code.SAVINGS_DEBIT))
    statement, returns = bank_demo.bank_answers(sent, SETTLED, {nacha.trace_number(ODFI, 1): "R01"})

    settled, returned = bai2.read(statement).accounts
    assert settled.as_of_date == SETTLED
    assert [(one.cents, one.side, one.customer_reference) for one in settled.entries] == [
        (6_812_37, Side.CREDIT, "20270129")
    ]
    assert returned.as_of_date == dt.date(2027, 2, 3)
    assert [(one.cents, one.side, one.customer_reference) for one in returned.entries] == [
        (6_000_00, Side.DEBIT, nacha.trace_number(ODFI, 1))
    ]

    ach_layout.accept(returns)
    (back,) = nacha.read_returns(nacha.read(returns))
    assert (back.original_trace, back.code, back.cents) == (nacha.trace_number(ODFI, 1), "R01", 6_000_00)
    assert (back.id, back.last_four, back.rdfi) == ("PAY000000000001", "7788", "23138010")
    assert (back.is_debit, back.file_date) == (True, dt.date(2027, 2, 3))


def test_without_returns_there_is_no_return_file() -> None:
    statement, returns = bank_demo.bank_answers(file(), SETTLED, {})
    assert len(bai2.read(statement).accounts) == 1
    assert returns == b""


def test_only_entries_of_the_file_are_returned() -> None:
    with pytest.raises(ValueError, match="no entry"):
        bank_demo.bank_answers(file(), SETTLED, {"000000000000009": "R01"})
