"""From a submitted payment through the bank and back, by the operators' commands (figure F6)."""

import datetime as dt
import json
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from billing.actions import payments
from billing.enums import LedgerAccount, PaymentStatus
from billing.files import bank_demo, nacha
from billing.models import AchFile, BankEntry, BankFile, LedgerTransfer, Payment
from billing.queries import accounts
from portals import scope as scopes
from portals.enums import Team
from portals.models import DeskRequest
from tests.billing.files import ach_layout
from tests.billing.test_payments import FRIDAY, pay
from tests.factories import ledger, payers, people
from tests.factories.payers import Payer

pytestmark = pytest.mark.django_db

FILE, SETTLES, PAID = dt.date(2027, 1, 29), dt.date(2027, 2, 1), dt.date(2027, 2, 3)


def run(*words: object) -> tuple[int, dict[str, object]]:
    """A command's exit code and its one object."""
    out = StringIO()
    code = 0
    try:
        call_command(*(str(word) for word in words), "--json", stdout=out, stderr=StringIO())
    except SystemExit as ended:
        code = int(str(ended.code))
    finally:
        scopes.enter(payers.system())
    return code, json.loads(out.getvalue())


@pytest.fixture
def sent(payer: Payer, tmp_path: Path) -> tuple[Payment, Path]:
    """6,000.00 accepted on Friday at 14:10, in that day's file."""
    payment = pay(payer, 6_000_00)
    path = tmp_path / "out.ach"
    code, summary = run("export_ach", "--as-of", FILE, "--out", path)
    assert (code, summary["entries"], summary["cents"], summary["reference"]) == (0, 1, 6_000_00, "20270129")
    payment.refresh_from_db()
    return payment, path


def answers(path: Path, folder: Path, returns: dict[str, str]) -> tuple[Path, Path]:
    statement, returned = bank_demo.bank_answers(nacha.read(path.read_bytes()), SETTLES, returns)
    (folder / "statement.bai").write_bytes(statement)
    (folder / "returns.ach").write_bytes(returned)
    return folder / "statement.bai", folder / "returns.ach"


def test_the_days_file_is_made_once_and_read_by_an_independent_reader(
    sent: tuple[Payment, Path], tmp_path: Path
) -> None:
    payment, path = sent
    ach_layout.accept(path.read_bytes())
    ((batch, entry),) = nacha.read(path.read_bytes()).entries()
    assert (batch.sec_code, batch.entry_description, batch.effective_date) == ("CCD", "PREMIUM", SETTLES)
    assert (entry.cents, entry.account.strip(), entry.trace) == (6_000_00, "0007788990017788", payment.trace)
    assert payment.status == PaymentStatus.IN_FILE
    again = tmp_path / "again.ach"
    assert run("export_ach", "--as-of", FILE, "--out", again)[0] == 0
    assert again.read_bytes() == path.read_bytes()
    assert AchFile.objects.count() == 1
    ledger.expect("billing.export_ach", by="system", on="ach_file")


def test_nothing_to_send_makes_no_file(tmp_path: Path) -> None:
    assert run("export_ach", "--as-of", FILE, "--out", tmp_path / "none.ach")[0] == 2
    assert not (tmp_path / "none.ach").exists()
    assert AchFile.objects.count() == 0


def test_a_payment_is_paid_at_the_opening_of_the_second_banking_day_after_settlement(
    sent: tuple[Payment, Path], tmp_path: Path
) -> None:
    payment, path = sent
    assert run("settle_payments", "--as-of", "2027-01-31")[0] == 2
    assert run("settle_payments", "--as-of", SETTLES)[1] == {"as_of": "2027-02-01", "settled": 1, "paid": 0}
    assert run("settle_payments", "--as-of", "2027-02-02")[0] == 2
    assert run("settle_payments", "--as-of", PAID)[1] == {"as_of": "2027-02-03", "settled": 0, "paid": 1}
    statement, _ = answers(path, tmp_path, {})
    code, summary = run("import_bai2", statement, "--as-of", "2027-02-02")
    assert (code, summary["files_proven"], summary["differences"]) == (0, 1, [])
    assert payers.balance(LedgerAccount.CASH) == 6_000_00 == sum(BankEntry.objects.values_list("cents", flat=True))
    assert payers.balance(LedgerAccount.IN_TRANSIT) == 0
    code, summary = run("import_bai2", statement, "--as-of", "2027-02-02")
    assert (code, summary["known"]) == (0, True), "the same content is taken once"
    payment.refresh_from_db()
    events = list(payment.events.order_by("id").values_list("status", flat=True))
    assert events == ["accepted", "in_file", "settled", "paid"]
    assert ledger.expect("billing.settle_payments", by="system").detail["paid"] == 1
    assert ledger.expect("billing.import_bai2", by="system", on="bank_file").detail["cents"] == 6_000_00


def test_a_return_opens_the_invoices_again_and_charges_the_fee(
    sent: tuple[Payment, Path],
    payer: Payer,
    tmp_path: Path,
) -> None:
    payment, path = sent
    assert payment.trace is not None
    run("settle_payments", "--as-of", SETTLES)
    statement, returns = answers(path, tmp_path, {payment.trace: "R01"})
    code, summary = run("import_ach_returns", returns, "--as-of", PAID)
    assert (code, summary["returned"], summary["cents"], summary["fees"]) == (0, 1, 6_000_00, 1)
    code, summary = run("import_bai2", statement, "--as-of", "2027-02-04")
    assert (code, summary["returns_proven"], summary["differences"]) == (0, 1, [])
    assert payers.balance(LedgerAccount.CASH) == 0 == sum(BankEntry.objects.values_list("cents", flat=True))
    assert payers.balance(LedgerAccount.IN_TRANSIT) == 0
    assert payers.balance(LedgerAccount.RECEIVABLE) == 8_633_70

    back = LedgerTransfer.objects.filter(kind="return").order_by("id").values_list("debit", "credit", "cents")
    assert list(back) == [("receivable", "cash", 4_210_55), ("receivable", "cash", 1_789_45)]
    scopes.enter(payer.scope)
    (account,) = accounts.accounts(payer.scope, as_of=PAID)
    assert (account.payable_cents, account.fee_cents) == (8_633_70, 25_00)
    assert [row.open_cents for row in accounts.invoices(payer.scope)] == [4_398_15, 4_210_55]
    payment.refresh_from_db()
    assert (payment.status, payment.return_code, payment.returned_on) == ("returned", "R01", PAID)
    assert ledger.expect("billing.import_ach_returns", by="system", on="bank_file").detail["returned"] == 1

    scopes.enter(payers.system())
    code, summary = run("import_ach_returns", returns, "--as-of", PAID)
    assert (code, summary["known"]) == (0, True), "the same content is taken once"
    assert run("settle_payments", "--as-of", PAID)[0] == 2, "a returned payment is never paid"
    assert payers.balance(LedgerAccount.RECEIVABLE) == 8_633_70

    scopes.enter(payer.scope)
    everything = pay(payer, 8_633_70, key="again", when=dt.datetime.combine(PAID, dt.time(15), tzinfo=FRIDAY.tzinfo))
    last = LedgerTransfer.objects.filter(payment=everything).order_by("id").last()
    assert last is not None
    assert (last.cents, last.invoice_id) == (25_00, None), "fees come last"


def test_an_unknown_entry_is_reported_and_given_to_billing_operations(
    sent: tuple[Payment, Path], tmp_path: Path
) -> None:
    payment, path = sent
    assert payment.trace is not None
    _, returns = answers(path, tmp_path, {payment.trace: "R02"})
    with scopes.entered(payers.system()):
        Payment.objects.filter(pk=payment.pk).update(trace="031300019999999")
    code, summary = run("import_ach_returns", returns, "--as-of", PAID)
    assert (code, summary["returned"]) == (1, 0)
    request = DeskRequest.objects.get(kind="billing.return_differs")
    assert (request.team, request.detail["reason"]) == ("billing_operations", "unknown_trace")


def with_notice(returns: Path, trace: str, corrected: str) -> None:
    """A notice of change beside what the file holds."""
    file = nacha.read(returns.read_bytes())
    (batch,) = file.batches
    (entry,) = batch.entries
    back = entry.addenda[0]
    assert isinstance(back, nacha.ReturnAddenda)
    own = nacha.trace_number(batch.odfi, 50)
    notice = replace(
        entry, cents=0, trace=own, addenda=(nacha.ChangeAddenda("C06", trace, back.original_rdfi, corrected, own),)
    )
    more = replace(batch, number=2, sec_code="COR", entries=(notice,), service_class=None)
    returns.write_bytes(nacha.write(replace(file, batches=(batch, more))))


def test_a_return_is_posted_whatever_notice_stands_beside_it(sent: tuple[Payment, Path], tmp_path: Path) -> None:
    payment, path = sent
    assert payment.trace is not None
    _, returns = answers(path, tmp_path, {payment.trace: "R01"})
    with_notice(returns, payment.trace, "123456789 111            22")
    code, summary = run("import_ach_returns", returns, "--as-of", PAID)
    assert (code, summary["returned"], summary["notices"]) == (0, 1, 1)
    assert [note["what"] for note in summary["notes"]] == ["notice_transaction_code"]  # type: ignore[attr-defined]
    request = DeskRequest.objects.get(kind="billing.change_notice")
    assert (request.title, request.party) == ("A notice of change that cannot be read (C06)", payment.holder)
    assert (request.detail["reason"], request.detail["line"]) == ("transaction_code", 7)
    assert run("settle_payments", "--as-of", PAID)[0] == 2, "a returned payment is never paid"


def test_a_return_file_sent_again_under_another_time_is_known_by_its_entries(
    sent: tuple[Payment, Path], tmp_path: Path
) -> None:
    payment, path = sent
    assert payment.trace is not None
    _, returns = answers(path, tmp_path, {payment.trace: "R01"})
    with_notice(returns, payment.trace, "nonsense")
    assert run("import_ach_returns", returns, "--as-of", PAID)[0] == 0
    rows, requests = LedgerTransfer.objects.count(), DeskRequest.objects.count()
    again = returns.read_bytes().replace(b"2702030400A", b"2702041015B")
    assert again != returns.read_bytes()
    returns.write_bytes(again)
    code, summary = run("import_ach_returns", returns, "--as-of", "2027-02-04")
    first = BankFile.objects.get(kind="returns").taken_at
    assert (code, summary["known"], summary["returned"]) == (0, True, 0)
    assert str(summary["known_since"])[:19] == first.isoformat()[:19]
    assert (LedgerTransfer.objects.count(), DeskRequest.objects.count()) == (rows, requests)


def test_what_fitted_no_payment_makes_no_second_request(sent: tuple[Payment, Path], tmp_path: Path) -> None:
    payment, path = sent
    assert payment.trace is not None
    _, returns = answers(path, tmp_path, {payment.trace: "R02"})
    with scopes.entered(payers.system()):
        Payment.objects.filter(pk=payment.pk).update(trace="031300019999999")
    assert run("import_ach_returns", returns, "--as-of", PAID)[0] == 1
    returns.write_bytes(returns.read_bytes().replace(b"2702030400A", b"2702040400A"))
    assert run("import_ach_returns", returns, "--as-of", PAID)[0] == 0
    assert DeskRequest.objects.filter(kind="billing.return_differs").count() == 1


def test_a_statement_sent_again_under_another_id_makes_no_request(sent: tuple[Payment, Path], tmp_path: Path) -> None:
    _, path = sent
    statement, _ = answers(path, tmp_path, {})
    lines = statement.read_text().splitlines()
    lines[3:3] = ["16,115,700,0,,,CHECK/", "16,115,700,0,,,CHECK/"]
    body = "\n".join(lines).replace("49,600000,3/", "49,601400,5/")
    body = body.replace("98,600000,1,5/", "98,601400,1,7/").replace("99,600000,1,7/", "99,601400,1,9/")
    statement.write_text(body)
    code, summary = run("import_bai2", statement, "--as-of", "2027-02-02")
    assert (code, summary["entries"], summary["files_proven"]) == (1, 3, 1)
    assert DeskRequest.objects.filter(kind="billing.statement_differs").count() == 2, "the same check twice is two"
    header = body.splitlines()[0]
    statement.write_text(body.replace(header, "01,031300012,1999999990,270203,0930,77,,,2/"))
    code, summary = run("import_bai2", statement, "--as-of", "2027-02-03")
    assert (code, summary["known"], summary["entries"]) == (0, True, 0)
    assert summary["known_since"]
    assert DeskRequest.objects.filter(kind="billing.statement_differs").count() == 2
    assert BankEntry.objects.count() == 3

    more = body.replace(header, "01,031300012,1999999990,270203,0930,78,,,2/").splitlines()
    more[3:3] = ["16,115,800,0,,,LATE CHECK/"]
    more[-3:] = ["49,602200,6/", "98,602200,1,8/", "99,602200,1,10/"]
    statement.write_text("\n".join(more))
    code, summary = run("import_bai2", statement, "--as-of", "2027-02-03")
    assert (code, summary["entries"], summary["again"], summary["cents"]) == (1, 1, 3, 8_00)
    assert DeskRequest.objects.filter(kind="billing.statement_differs").count() == 3
    assert BankEntry.objects.count() == 4


def test_an_entry_that_cannot_be_read_waits_for_a_person(sent: tuple[Payment, Path], tmp_path: Path) -> None:
    payment, path = sent
    assert payment.trace is not None
    _, returns = answers(path, tmp_path, {payment.trace: "R01"})
    returns.write_bytes(returns.read_bytes().replace(b"799R01", b"799R0x"))
    code, summary = run("import_ach_returns", returns, "--as-of", PAID)
    assert (code, summary["returned"]) == (1, 0)
    assert summary["refused"] == [{"line": 4, "trace": payment.trace, "code": "R0x", "reason": "field"}]
    request = DeskRequest.objects.get(kind="billing.return_differs")
    assert (request.detail["line"], request.detail["reason"]) == (4, "field")


def test_a_file_to_the_bank_is_no_return_file(sent: tuple[Payment, Path]) -> None:
    code, summary = run("import_ach_returns", sent[1], "--as-of", PAID)
    assert (code, summary["error"]) == (2, "line 3: unsupported not_returns")
    assert BankFile.objects.count() == 0


def test_a_statement_that_differs_by_a_cent_is_named(sent: tuple[Payment, Path], tmp_path: Path) -> None:
    _, path = sent
    statement, _ = answers(path, tmp_path, {})
    statement.write_bytes(statement.read_bytes().replace(b"600000", b"599999"))
    code, summary = run("import_bai2", statement, "--as-of", "2027-02-02")
    assert code == 1
    assert {row["reason"] for row in summary["differences"]} == {"amount", "missing_credit"}  # type: ignore[attr-defined]
    assert DeskRequest.objects.filter(kind="billing.statement_differs").count() == 2


def test_a_file_that_cannot_be_read_whole_changes_nothing(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_bytes(b"101 nothing\n")
    assert run("import_ach_returns", broken, "--as-of", PAID)[0] == 2
    assert run("import_bai2", broken, "--as-of", PAID)[0] == 2


@pytest.fixture
def unread(sent: tuple[Payment, Path], tmp_path: Path) -> Path:
    """The returns of the day on which the payment would be paid, with a wrong total."""
    payment, path = sent
    assert payment.trace is not None
    run("settle_payments", "--as-of", SETTLES)
    _, returns = answers(path, tmp_path, {payment.trace: "R01"})
    broken = tmp_path / "broken.ach"
    broken.write_bytes(returns.read_bytes().replace(b"000000600000", b"000000600001"))
    assert run("import_ach_returns", broken, "--as-of", PAID)[0] == 2
    return returns


@pytest.mark.parametrize("day", [PAID, dt.date(2027, 2, 5)])
def test_nothing_is_called_paid_while_returns_of_the_bank_cannot_be_read(
    unread: Path, sent: tuple[Payment, Path], day: dt.date
) -> None:
    request = DeskRequest.objects.get(kind="billing.returns_unread")
    assert (request.team, request.detail["day"]) == ("billing_operations", "2027-02-03")
    assert request.detail["error"].startswith("line 5: control debits")
    code, summary = run("settle_payments", "--as-of", day)
    assert (code, summary["error"]) == (1, "The returns of Feb 3 have not been read.")
    sent[0].refresh_from_db()
    assert sent[0].status == PaymentStatus.SETTLED


def test_days_before_the_returns_that_cannot_be_read_go_on(unread: Path) -> None:
    assert run("settle_payments", "--as-of", "2027-02-02")[0] == 2


def test_a_readable_file_of_the_day_ends_the_wait(unread: Path, sent: tuple[Payment, Path]) -> None:
    assert run("import_ach_returns", unread, "--as-of", "2027-02-04")[1]["returned"] == 1
    assert DeskRequest.objects.get(kind="billing.returns_unread").status == "done"
    assert run("settle_payments", "--as-of", PAID)[0] == 2
    sent[0].refresh_from_db()
    assert sent[0].status == PaymentStatus.RETURNED


def test_a_file_of_another_day_taken_before_does_not_end_the_wait(unread: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.ach"
    other.write_bytes(
        b"1011999999990 0313000122702020400A094101PLAN                   BANK\n9000000000001" + b"0" * 42 + b"\n"
    )
    assert run("import_ach_returns", other, "--as-of", "2027-02-02")[0] == 0
    assert run("import_ach_returns", other, "--as-of", PAID)[1]["known"] is True
    assert run("settle_payments", "--as-of", PAID)[0] == 1


def test_a_person_at_the_desk_says_that_there_were_no_returns(unread: Path, sent: tuple[Payment, Path]) -> None:
    request = DeskRequest.objects.get(kind="billing.returns_unread")
    browser, url = people.desk_browser(Team.BILLING_OPERATIONS), f"/desk/requests/{request.pk}/"
    assert "line 5: control debits" in browser.get(url).content.decode()
    browser.post(url, {"do": "propose", "decision-told_by": ""})
    scopes.enter(payers.system())
    assert run("settle_payments", "--as-of", PAID)[0] == 1, "nobody said who at the bank said so"
    browser.post(url, {"do": "propose", "decision-told_by": "Lena Orr of the bank, 9:10"})
    scopes.enter(payers.system())
    assert run("settle_payments", "--as-of", PAID)[1]["paid"] == 1
    sent[0].refresh_from_db()
    assert sent[0].status == PaymentStatus.PAID


def test_a_payment_that_missed_its_file_goes_with_the_next_and_its_days_move(payer: Payer, tmp_path: Path) -> None:
    payment = pay(payer, 100_00)
    run("export_ach", "--as-of", SETTLES, "--out", tmp_path / "late.ach")
    payment.refresh_from_db()
    assert (payment.settle_date, payment.paid_date) == (dt.date(2027, 2, 2), dt.date(2027, 2, 4))
    with pytest.raises(payments.CannotCancel):
        payments.cancel(by=payer.scope, payment=payment.uuid, at=FRIDAY)
