"""ACH files: what we write a bank takes, what a bank sends we read or refuse with the line."""

import datetime as dt
import string
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.files import nacha
from billing.files.nacha import AchFile, Batch, Code, EntryDetail, NachaError, PaymentAddenda, Reason
from tests.billing.files import ach_layout

ODFI = "03130001"


def entry(sequence: int = 1, cents: int = 6_000_00, **fields: object) -> EntryDetail:
    plain = EntryDetail(
        code=Code.CHECKING_DEBIT,
        routing="231380104",
        account="4455667788",
        cents=cents,
        id=f"PAY{sequence:012d}",
        name="Juniper Mills LLC",
        trace=nacha.trace_number(ODFI, sequence),
    )
    return replace(plain, **fields)  # type: ignore[arg-type]  # the tests name real fields


def file(*entries: EntryDetail, **fields: object) -> AchFile:
    batch = Batch("Sample Plan", "1231380104", ODFI, 1, dt.date(2027, 2, 1), entries or (entry(),))
    plain = AchFile(
        "031300012",
        "1231380104",
        dt.datetime(2027, 1, 29, 17, 5),
        (batch,),
        "A",
        "Sample Bank",
        "Sample Plan",
        "20270129",
    )
    return replace(plain, **fields)  # type: ignore[arg-type]  # the tests name real fields


def test_a_day_of_debits_is_a_file_that_an_independent_reader_accepts() -> None:
    data = nacha.write(
        file(
            entry(1),
            entry(2, 1, code=Code.SAVINGS_DEBIT, routing="091400606", addenda=(PaymentAddenda("INV 27-000117\\"),)),
            entry(3, 0, code=Code.CHECKING_DEBIT_PRENOTE, name="Peña & Zoë Łabędź Café Roasters"),
        )
    )
    (batch,) = ach_layout.accept(data)
    assert batch["sec"] == "CCD"
    assert batch["description"].strip() == "PREMIUM"
    assert batch["effective"] == "270201"
    assert batch["class"] == "225"
    first, second, third = batch["entries"]
    assert (first["code"], first["rdfi"] + first["check"], first["account"]) == ("27", "231380104", "4455667788       ")
    assert (first["cents"], first["id"], first["name"]) == ("0000600000", "PAY000000000001", "Juniper Mills LLC     ")
    assert second["lines"] == ["705" + "INV 27-000117\\".ljust(80) + "0001" + "0000002"]
    assert third["name"] == "Pena & Zoe abedz Cafe "
    assert data == nacha.write(nacha.read(data))


NAMES = st.text(string.ascii_letters + " &.-", max_size=22).map(str.strip)
ENTRIES = st.lists(
    st.tuples(
        st.sampled_from([Code.CHECKING_DEBIT, Code.SAVINGS_DEBIT, Code.CHECKING_CREDIT, Code.SAVINGS_CREDIT]),
        st.integers(1, 99_999_999_99),
        st.integers(0, 99_999_999).map(lambda value: f"{value:08d}"),
        st.text(string.digits, min_size=4, max_size=17),
        NAMES,
        st.booleans(),
    ),
    min_size=1,
    max_size=12,
)


@given(st.lists(ENTRIES, min_size=1, max_size=3))
def test_what_is_written_reads_back_the_same_and_is_accepted(
    batches: list[list[tuple[Code, int, str, str, str, bool]]],
) -> None:
    sequence = iter(range(1, 1000))
    made = [
        Batch(
            "Sample Plan",
            "1231380104",
            ODFI,
            number,
            dt.date(2027, 2, 1),
            tuple(
                EntryDetail(
                    code,
                    rdfi + nacha.check_digit(rdfi),
                    account,
                    cents,
                    f"P{number}",
                    name,
                    nacha.trace_number(ODFI, next(sequence)),
                    (PaymentAddenda(f"INV {cents}"),) if noted else (),
                )
                for code, cents, rdfi, account, name, noted in rows
            ),
        )
        for number, rows in enumerate(batches, start=1)
    ]
    data = nacha.write(file(batches=tuple(made)))
    assert [len(batch["entries"]) for batch in ach_layout.accept(data)] == [len(rows) for rows in batches]
    back = nacha.read(data)
    assert [replace(batch, service_class=None) for batch in back.batches] == made


@pytest.mark.parametrize("name", ["ccd-debit", "ppd-debit", "web-debit", "two-micro-deposits", "cor-read"])
def test_public_samples_are_read_and_written_again_byte_for_byte(shared_data: Path, name: str) -> None:
    sample = (shared_data / "nacha" / f"{name}.ach").read_bytes()
    assert nacha.write(nacha.read(sample)).splitlines() == sample.splitlines()


def test_public_returns_are_read(shared_data: Path) -> None:
    answer = nacha.read((shared_data / "nacha" / "return-WEB.ach").read_bytes())
    first, second = nacha.read_returns(answer)
    assert (first.code, first.cents, first.is_debit, first.original_trace) == ("R01", 123_54, True, "091400600000001")
    assert (first.rdfi, first.last_four, first.id) == ("09100001", "6789", "MjMxNDAwMjAtOGQ")
    assert (first.name, first.file_date, first.line) == ("Paul Jones", dt.date(2018, 10, 17), 3)
    assert (second.code, second.cents, second.is_debit, second.last_four) == ("R03", 45_65, False, "9999")
    assert nacha.read_corrections(answer) == []


def test_a_public_notice_of_change_is_read(shared_data: Path) -> None:
    (change,) = nacha.read_corrections(nacha.read((shared_data / "nacha" / "cor-read.ach").read_bytes()))
    assert (change.code, change.original_trace, change.account) == ("C01", "121042880000001", "1918171614")
    assert (change.routing, change.transaction_code) == (None, None)


@pytest.mark.parametrize(
    ("code", "data", "routing", "account", "transaction_code"),
    [
        ("C02", "231380104", "231380104", None, None),
        ("C03", "231380104   4455667788", "231380104", "4455667788", None),
        ("C05", "37", None, None, 37),
        ("C06", "4455667788          37", None, "4455667788", 37),
        ("C07", "2313801044455667788       37", "231380104", "4455667788", 37),
    ],
)
def test_each_notice_of_change_says_what_to_use_from_now_on(
    code: str, data: str, routing: str | None, account: str | None, transaction_code: int | None
) -> None:
    notice = entry(
        1,
        0,
        code=Code.CHECKING_DEBIT_RETURN,
        addenda=(
            nacha.ChangeAddenda(code, nacha.trace_number(ODFI, 7), "23138010", data, nacha.trace_number(ODFI, 1)),
        ),
    )
    (change,) = nacha.read_corrections(nacha.read(nacha.write(file(notice))))
    assert (change.routing, change.account, change.transaction_code) == (routing, account, transaction_code)


def spoiled(line: int, start: int, text: str) -> bytes:
    """Our own file of two entries with one field overwritten; columns count from 0."""
    lines = nacha.write(file(entry(1, addenda=(PaymentAddenda("INV 1"),)), entry(2))).decode().splitlines()
    record = lines[line - 1]
    lines[line - 1] = record[:start] + text + record[start + len(text) :]
    return "".join(f"{each}\n" for each in lines).encode()


@pytest.mark.parametrize(
    ("line", "start", "text", "reason", "what"),
    [
        (1, 0, "2", Reason.ORDER, "file_header"),
        (1, 34, "080", Reason.FIELD, "file_header"),
        (1, 23, "271301", Reason.FIELD, "created_date"),
        (1, 29, "2460", Reason.FIELD, "created_time"),
        (2, 1, "280", Reason.SERVICE_CLASS, "service_class"),
        (2, 50, "IAT", Reason.UNSUPPORTED, "sec_code"),
        (5, 29, "0000600001", Reason.CONTROL, "debits"),
        (6, 4, "000002", Reason.CONTROL, "count"),
        (6, 10, "0046276021", Reason.CONTROL, "hash"),
        (6, 32, "000000000001", Reason.CONTROL, "credits"),
        (6, 44, "9", Reason.CONTROL, "company_id"),
        (6, 87, "0000002", Reason.CONTROL, "batch_number"),
        (7, 1, "000002", Reason.CONTROL, "batches"),
        (7, 13, "00000004", Reason.CONTROL, "count"),
        (7, 31, "000001200001", Reason.CONTROL, "debits"),
        (8, 0, "6", Reason.ORDER, "padding"),
    ],
)
def test_a_wrong_file_is_refused_with_line_and_reason(
    line: int, start: int, text: str, reason: Reason, what: str
) -> None:
    with pytest.raises(NachaError) as refusal:
        nacha.read(spoiled(line, start, text))
    assert (refusal.value.reason, refusal.value.what) == (reason, what)
    assert refusal.value.line == (6 if (line, what) == (5, "debits") else line)


@pytest.mark.parametrize(
    ("line", "start", "text", "reason", "what"),
    [
        (3, 1, "25", Reason.UNSUPPORTED, "transaction_code"),
        (3, 29, "00006000x0", Reason.FIELD, "cents"),
        (3, 78, "0", Reason.ADDENDA, "addenda_indicator"),
        (3, 79, "03130001000000x", Reason.FIELD, "trace"),
        (4, 1, "17", Reason.UNSUPPORTED, "addenda_type"),
        (4, 83, "0002", Reason.CONTROL, "addenda_sequence"),
        (4, 87, "0000002", Reason.ADDENDA, "entry_sequence"),
    ],
)
def test_an_entry_that_cannot_be_read_is_named_and_the_others_are_taken(
    line: int, start: int, text: str, reason: Reason, what: str
) -> None:
    back = nacha.read(spoiled(line, start, text))
    (odd,) = back.unread
    assert (odd.line, odd.reason, odd.what, odd.moves_money) == (line, reason, what, True)
    assert [each.trace for _, each in back.entries()] == [nacha.trace_number(ODFI, 2)]


def test_an_entry_that_cannot_be_read_does_not_excuse_a_wrong_total() -> None:
    spoilt = spoiled(4, 1, "17").replace(b"000001200000", b"000001200001")
    with pytest.raises(NachaError) as refusal:
        nacha.read(spoilt)
    assert (refusal.value.reason, refusal.value.what) == (Reason.CONTROL, "debits")
    less = spoiled(3, 29, "00006000x0").replace(b"000001200000", b"000000599999")
    with pytest.raises(NachaError, match="debits"):
        nacha.read(less)


def test_what_transport_does_to_text_is_mended_and_noted() -> None:
    whole = nacha.write(file(entry(1), entry(2)))
    expected = nacha.read(whole)
    rows = whole.splitlines()
    for sent, what in [
        (b"\xef\xbb\xbf" + whole, "byte_order_mark"),
        (b"\n".join(row.rstrip() for row in rows), "width"),
        (b"".join(row.ljust(94) + b"  \r\n" for row in rows), "width"),
        (whole + b"\n", "after_last_record"),
        (whole + b"\r\n \r\n", "blank_line"),
        (whole.replace(b"\n", b"\r\n") + b"\x1a", "after_last_record"),
        (whole + b"\x1a\x00\x00", "after_last_record"),
        (whole + b"END OF TRANSMISSION 2 RECORDS\n", "text_after_control"),
        (b"$$ADD ID=RETURNS BATCHID=7\n" + whole, "text_before_header"),
        (whole.replace(b"\n", b"\n\n"), "blank_line"),
        (whole[:-3], "width"),
    ]:
        back = nacha.read(sent)
        assert back == expected, what
        assert what in {note.what for note in back.notes}, (what, back.notes)
    assert nacha.read(whole.replace(b"\n", b"\r")) == expected
    assert expected.notes == ()


def test_dates_that_nothing_hangs_on_traces_out_of_order_and_letters_refuse_no_received_file() -> None:
    for text in ("000000", "      ", "270230", "999999"):
        ((batch, _), _) = nacha.read(spoiled(2, 69, text)).entries()
        assert batch.effective_date is None
    back = nacha.read(spoiled(5, 79, "031300010000001"))
    assert [note.what for note in back.notes] == ["trace_order"]
    whole = nacha.write(file())
    for letters in (b"Junip\xe9r", "Junipé".encode()):
        ((_, one),) = nacha.read(whole.replace(b"Juniper", letters)).entries()
        assert one.cents == 6_000_00
        assert one.name.startswith("Junip")


def test_a_second_file_after_the_first_is_not_passed_over() -> None:
    whole = nacha.write(file())
    with pytest.raises(NachaError) as refusal:
        nacha.read(whole + whole)
    assert (refusal.value.line, refusal.value.reason) == (11, Reason.ORDER)


def notice_file(code: str, data: str, **fields: object) -> bytes:
    addenda = nacha.ChangeAddenda(code, nacha.trace_number(ODFI, 8), ODFI, data, nacha.trace_number(ODFI, 2))
    notice = entry(2, 0, code=Code.CHECKING_DEBIT_RETURN, addenda=(addenda,))
    addenda_back = nacha.ReturnAddenda("R01", nacha.trace_number(ODFI, 7), ODFI, nacha.trace_number(ODFI, 1))
    returned = entry(1, 2_858_18, code=Code.CHECKING_DEBIT_RETURN, addenda=(addenda_back,))
    batches = (
        Batch("Sample Plan", "1231380104", ODFI, 1, None, (returned,)),
        Batch("Sample Plan", "1231380104", ODFI, 2, None, (notice,), sec_code="COR"),
    )
    return nacha.write(file(batches=batches))


@pytest.mark.parametrize(
    ("code", "data"),
    [
        ("C01", ""),
        ("C02", "not a number"),
        ("C02", "231380105"),
        ("C03", "2313801044455667788"),
        ("C05", "99"),
        ("C06", "123456789 111            22"),
        ("C07", "4455667788"),
    ],
)
def test_an_odd_notice_of_change_says_so_and_changes_nothing(code: str, data: str) -> None:
    back = nacha.read(notice_file(code, data))
    (change,) = nacha.read_corrections(back)
    assert (change.code, change.original_trace) == (code, nacha.trace_number(ODFI, 8))
    assert change.unread
    assert (change.routing, change.account, change.transaction_code) == (None, None, None)
    assert len(nacha.read_returns(back)) == 1


@pytest.mark.parametrize(
    ("line", "start", "text"),
    [
        (7, 1, "25"),
        (7, 11, "9"),
        (7, 29, "          "),
        (7, 78, "0"),
        (7, 79, "               "),
        (8, 1, "97"),
        (8, 3, "X13"),
        (8, 6, "               "),
        (6, 1, "299"),
        (6, 87, "       "),
        (9, 4, "000009"),
        (9, 10, "9999999999"),
        (9, 44, "ANOTHER   "),
    ],
)
def test_nothing_about_a_notice_of_change_refuses_the_return_beside_it(line: int, start: int, text: str) -> None:
    rows = notice_file("C01", "4455667788").decode().splitlines()
    rows[line - 1] = rows[line - 1][:start] + text + rows[line - 1][start + len(text) :]
    back = nacha.read("\n".join(rows).encode())
    assert [each.cents for each in nacha.read_returns(back)] == [2_858_18]
    odd = [each for each in nacha.read_corrections(back) if each.unread]
    assert len(odd) + len(back.unread) == 1
    assert not any(each.moves_money for each in back.unread)


def test_a_file_cut_short_or_of_another_width_is_refused() -> None:
    whole = nacha.write(file())
    lines = whole.splitlines(keepends=True)
    for data, line, reason in [
        (b"", 1, Reason.EMPTY),
        (b"".join(lines[:3]), 4, Reason.ORDER),
        (b"".join(lines[:4]), 5, Reason.ORDER),
        (whole.replace(b"Juniper", b"Junipers"), 3, Reason.LENGTH),
    ]:
        with pytest.raises(NachaError) as refusal:
            nacha.read(data)
        assert (refusal.value.line, refusal.value.reason) == (line, reason)


def test_line_ends_and_padding_do_not_matter() -> None:
    whole = nacha.write(file())
    expected = nacha.read(whole)
    assert nacha.read(whole.replace(b"\n", b"\r\n")) == expected
    assert nacha.read(whole.replace(b"\n", b"")) == expected
    assert nacha.read(b"".join(whole.splitlines(keepends=True)[:5])) == expected


@pytest.mark.parametrize(
    ("spoil", "reason", "what"),
    [
        ({"cents": 0}, Reason.AMOUNT, "cents"),
        ({"cents": 100_000_000_00}, Reason.AMOUNT, "cents"),
        ({"cents": -1}, Reason.AMOUNT, "cents"),
        ({"code": Code.CHECKING_DEBIT_PRENOTE}, Reason.AMOUNT, "cents"),
        ({"routing": "231380105"}, Reason.CHECK_DIGIT, "routing"),
        ({"routing": "23138010"}, Reason.FIELD, "routing"),
        ({"account": ""}, Reason.FIELD, "account"),
        ({"account": "123456789012345678"}, Reason.FIELD, "account"),
        ({"id": "sixteen-letters!"}, Reason.FIELD, "id"),
        ({"trace": "12"}, Reason.FIELD, "trace"),
        ({"addenda": (PaymentAddenda("a"), PaymentAddenda("b"))}, Reason.ADDENDA, "addenda"),
        ({"addenda": (PaymentAddenda("x" * 81),)}, Reason.FIELD, "addenda"),
    ],
)
def test_an_entry_that_no_bank_takes_is_not_written(spoil: dict[str, object], reason: Reason, what: str) -> None:
    with pytest.raises(NachaError) as refusal:
        nacha.write(file(entry(1, **spoil)))  # type: ignore[arg-type]  # the tests name real fields
    assert (refusal.value.reason, refusal.value.what) == (reason, what)
    assert refusal.value.line == (4 if what == "addenda" and reason is Reason.FIELD else 3)


def test_no_entry_no_file() -> None:
    with pytest.raises(NachaError, match="batches"):
        nacha.write(file(batches=()))


def test_account_numbers_show_in_no_error_and_no_repr() -> None:
    number = "998877665544"
    for bad in (
        entry(1, account=number, routing="231380105"),
        entry(1, account=number + "é"),
        entry(1, 0, account=number),
    ):
        with pytest.raises(NachaError) as refusal:
            nacha.write(file(bad))
        assert number not in str(refusal.value)
        assert number not in repr(bad)
    back = nacha.ReturnAddenda("R01", nacha.trace_number(ODFI, 9), "23138010", nacha.trace_number(ODFI, 1))
    returned = entry(1, account=number, code=Code.CHECKING_DEBIT_RETURN, addenda=(back,))
    (read,) = nacha.read_returns(nacha.read(nacha.write(file(returned))))
    assert read.last_four == "5544"
    assert number not in repr(read)
