"""BAI2 statements: the public sample with its totals, each funds type, and what is refused."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from billing.files import bai2
from billing.files.bai2 import Account, Bai2Error, Funds, Reason, Side, Statement, StatementEntry, Summary

STATEMENT = Statement(
    sender="031300012",
    receiver="1231380104",
    created_at=dt.datetime(2027, 2, 4, 5, 30),
    file_id="1",
    accounts=(
        Account(
            "4000100200",
            "USD",
            dt.date(2027, 2, 1),
            (
                StatementEntry("166", 6_000_00, Funds("0"), "BANK1", "20270129", "ACH SETTLEMENT PREMIUM"),
                StatementEntry(
                    "115", 7_000_00, Funds("S", parts=((0, 1_000_00), (1, 5_000_00), (2, 1_000_00))), "", "BOX 7"
                ),
                StatementEntry(
                    "195", 1_700_00, Funds("D", parts=((0, 700_00), (3, 1_000_00))), text="WIRE, JUNIPER MILLS/"
                ),
                StatementEntry("475", 12, Funds("V", dt.date(2027, 2, 2), "1200")),
                StatementEntry("890", 0, Funds("Z"), text="NOTICE"),
            ),
            (
                Summary("010", -500_00),
                Summary("100", 14_700_00, 3, Funds("V", dt.date(2027, 2, 2))),
                Summary("900", None),
            ),
        ),
        Account(
            "4000100200",
            "USD",
            dt.date(2027, 2, 3),
            (StatementEntry("557", 6_000_00, Funds("0"), text="ACH RETURN R01"),),
        ),
        Account("4000100300", "USD", dt.date(2027, 2, 3), ()),
    ),
)


def test_the_public_sample_is_read_with_its_totals(shared_data: Path) -> None:
    statement = bai2.read((shared_data / "bai2" / "moov-sample1.bai2").read_bytes())
    assert (statement.sender, statement.receiver, statement.file_id) == ("0004", "12345", "001")
    assert statement.created_at == dt.datetime(2006, 3, 21, 8, 29)
    first, second = statement.accounts
    assert (first.number, first.currency, first.as_of_date) == ("10200123456", "CAD", dt.date(2006, 3, 17))
    assert first.summaries[2] == Summary("100", 2_085_00, 3, Funds("V", dt.date(2006, 3, 16)))
    assert [len(account.entries) for account in statement.accounts] == [11, 6]
    assert first.entries[0] == StatementEntry("409", 25_00, Funds("V", dt.date(2006, 3, 16)), text="RETURNED CHEQUE")
    credits = [sum(entry.cents for entry in each.entries if entry.side is Side.CREDIT) for each in (first, second)]
    debits = [sum(entry.cents for entry in each.entries if entry.side is Side.DEBIT) for each in (first, second)]
    assert credits == debits == [2_085_00, 1_115_00]
    assert second.entries[-1].line == 24


def test_what_is_written_reads_back_the_same() -> None:
    data = bai2.write(STATEMENT)
    assert bai2.read(data) == STATEMENT
    assert bai2.write(bai2.read(data)) == data


def test_a_record_goes_on_in_continuations_fields_and_text() -> None:
    lines = [
        "01,031300012,1231380104,270204,2400,1,,,2/",
        "02,1231380104,031300012,1,270201,,,2/",
        "03,4000100200,,010,+000000100/",
        "88,,,015,-50,,/",
        "16,115,700,S,100,500/",
        "88,100,BANK1,BOX 7,DEPOSIT, SECOND",
        "88,BAG/",
        "16,142,5,,,,WITHOUT AN END",
        "49,+755,7/",
        "98,+755,1,9/",
        "99,+755,1,11/",
    ]
    statement = bai2.read("\r\n".join(lines).encode() + b"\r\n")
    (account,) = statement.accounts
    assert account.currency == "USD"
    assert account.summaries == (Summary("010", 1_00), Summary("015", -50))
    deposit = StatementEntry(
        "115", 7_00, Funds("S", parts=((0, 1_00), (1, 5_00), (2, 1_00))), "BANK1", "BOX 7", "DEPOSIT, SECOND BAG"
    )
    assert account.entries == (deposit, StatementEntry("142", 5, text="WITHOUT AN END"))
    assert statement.created_at == dt.datetime(2027, 2, 4, 23, 59)


def plain(*entries: str, records: int, total: int) -> list[str]:
    return [
        "01,031300012,1231380104,270204,0530,1,,,2/",
        "02,1231380104,031300012,1,270201,,,2/",
        "03,4000100200,USD,,,,/",
        *entries,
        f"49,{total},{records}/",
        f"98,{total},1,{records + 2}/",
        f"99,{total},1,{records + 4}/",
    ]


def test_what_transport_does_to_text_is_mended_and_noted() -> None:
    lines = plain("16,115,700,0,BANK1,BOX 7,DEPOSIT OF MILLER, SON AND CO/", "16,475,5,,,,CHECK/", records=4, total=705)
    whole = "\n".join(lines) + "\n"
    expected = bai2.read(whole.encode())
    assert expected.notes == ()
    for sent, what in [
        (b"\xef\xbb\xbf" + whole.encode(), "byte_order_mark"),
        (whole.encode("utf-16"), "byte_order_mark"),
        (whole.encode() + b"\x1a", "control_character"),
        ("\n".join(line if line[:2] == "16" else line.rstrip("/") for line in lines).encode(), "record_end"),
        (whole.rstrip("/\n").encode(), "record_end"),
        (whole.encode() + b"END OF REPORT\n", "text_outside"),
        (b"STATEMENT OF FEB 1\n" + whole.encode(), "text_outside"),
        (whole.replace("MILLER, SON", "MILLER,\nSON").encode(), "wrapped"),
        (whole.replace("03,4000100200,USD", "03,40001\n00200,USD").encode(), "wrapped"),
    ]:
        back = bai2.read(sent)
        assert back == expected, what
        assert what in {note.what for note in back.notes}, (what, back.notes)
    assert bai2.read(whole.replace("\n", "\r").encode()) == expected


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-8"])
def test_a_payees_letters_refuse_no_statement(encoding: str) -> None:
    lines = plain("16,115,700,0,BANK1,BOX 7,CAFÉ SÖHNE/", records=3, total=700)
    statement = bai2.read("\n".join(lines).encode(encoding))
    assert statement.accounts[0].entries[0].text == "CAFÉ SÖHNE"
    assert [(note.line, note.what) for note in statement.notes] == [(4, "not_ascii")]


def test_fields_and_text_go_on_without_a_slash() -> None:
    lines = plain("16,115,700,S,100,500", "88,100,BANK1", "88,BOX 7,PAID BY", "88,MILLER/ SON", records=6, total=700)
    (account,) = bai2.read("\n".join(lines).encode()).accounts
    parts = ((0, 1_00), (1, 5_00), (2, 1_00))
    assert account.entries == (
        StatementEntry("115", 7_00, Funds("S", parts=parts), "BANK1", "BOX 7", "PAID BY MILLER/ SON"),
    )


def test_a_lost_record_is_no_wrapped_text() -> None:
    lines = plain("16,115,700,0,BANK1,BOX 7,DEPOSIT", "x6,475,5,,,,CHECK/", records=4, total=705)
    with pytest.raises(Bai2Error) as refusal:
        bai2.read("\n".join(lines).encode())
    assert refusal.value.reason is Reason.CONTROL


LINES = bai2.write(STATEMENT).decode().splitlines()


@pytest.mark.parametrize(
    ("line", "old", "new", "reason", "what"),
    [
        (1, "01,", "04,", Reason.RECORD, "record_code"),
        (1, "01,", "02,", Reason.ORDER, "file_header"),
        (1, ",2/", ",3/", Reason.VERSION, "version"),
        (1, "270204", "270230", Reason.FIELD, "created_date"),
        (1, "0530", "0560", Reason.FIELD, "created_time"),
        (2, ",1,2", ",4,2", Reason.NOT_UPDATE, "group_status"),
        (2, "1,270201", "1,", Reason.FIELD, "as_of_date"),
        (2, ",2/", ",3/", Reason.NOT_PRIOR_DAY, "as_of_modifier"),
        (3, ",010,", ",01,", Reason.FIELD, "type_code"),
        (4, "600000", "6000.00", Reason.FIELD, "amount"),
        (4, "600000", "-600000", Reason.FIELD, "amount"),
        (4, "600000", "600001", Reason.CONTROL, "control_total"),
        (5, ",S,", ",Q,", Reason.FIELD, "funds_type"),
        (6, ",D,2,", ",D,9,", Reason.FIELD, "funds_type"),
        (7, "270202", "270232", Reason.FIELD, "value_date"),
        (9, ",7/", ",8/", Reason.CONTROL, "number_of_records"),
        (10, ",1,9/", ",2,9/", Reason.CONTROL, "number_of_parts"),
        (10, "98,", "98,1", Reason.CONTROL, "control_total"),
        (11, "02,", "88,", Reason.FIELDS, ""),
        (18, "99,", "49,", Reason.ORDER, "file_trailer"),
    ],
)
def test_a_wrong_statement_is_refused_with_line_and_reason(
    line: int, old: str, new: str, reason: Reason, what: str
) -> None:
    lines = list(LINES)
    assert old in lines[line - 1]
    lines[line - 1] = lines[line - 1].replace(old, new, 1)
    with pytest.raises(Bai2Error) as refusal:
        bai2.read("\n".join(lines).encode())
    assert (refusal.value.reason, refusal.value.what) == (reason, what)
    at = {(4, "control_total"): 9, (11, ""): 10}.get((line, what), line)
    assert refusal.value.line == at


def test_a_statement_cut_short_or_followed_by_more_is_refused() -> None:
    for data, line, reason in [
        (b"", 1, Reason.EMPTY),
        ("\n".join(LINES[:6]).encode(), 6, Reason.ORDER),
        ("\n".join(LINES[:-1]).encode(), len(LINES) - 1, Reason.ORDER),
        ("\n".join([*LINES, *LINES]).encode(), len(LINES) + 1, Reason.ORDER),
        ("\n".join(["88,X/", *LINES]).encode(), 1, Reason.ORDER),
        ("\n".join([*LINES[:4], "é" + LINES[4], *LINES[5:]]).encode(), 9, Reason.CONTROL),
        ("\n".join([*LINES[:3], "é" + LINES[3], *LINES[4:]]).encode(), 4, Reason.RECORD),
    ]:
        with pytest.raises(Bai2Error) as refusal:
            bai2.read(data)
        assert (refusal.value.line, refusal.value.reason) == (line, reason)


@pytest.mark.parametrize(
    ("code", "side"),
    [("142", Side.CREDIT), ("399", Side.CREDIT), ("475", Side.DEBIT), ("557", Side.DEBIT), ("890", Side.NONE),
     ("010", Side.NONE), ("940", Side.CREDIT), ("970", Side.DEBIT)],
)  # fmt: skip
def test_the_type_code_says_credit_or_debit(code: str, side: Side) -> None:
    assert bai2.side_of(code) is side


def test_a_field_that_would_break_the_record_is_not_written() -> None:
    with pytest.raises(ValueError, match="comma or slash"):
        bai2.write(replace(STATEMENT, file_id="1,2"))
