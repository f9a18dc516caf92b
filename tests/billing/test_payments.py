"""Paying: how much, to what, once."""

import dataclasses
import datetime as dt
import uuid

import pytest

from audit.models import Event
from billing.actions import bank, payments
from billing.actions.payments import PaymentProblem
from billing.enums import BankAccountKind, LedgerAccount, PaymentStatus
from billing.models import BankAccount, BillAccount, LedgerTransfer, Payment, TermsAcceptance
from billing.queries import accounts
from billing.queries.accounts import State
from billing.rules.bank_accounts import RoutingProblem
from portals import scope as scopes
from portals.crypto import values as crypto
from portals.plan.periods import PLAN_ZONE
from portals.scope import PartyRef
from tests.factories import ledger, payers, people
from tests.factories.payers import Payer

pytestmark = pytest.mark.django_db

JANUARY, FEBRUARY = dt.date(2027, 1, 1), dt.date(2027, 2, 1)


def at(day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour, minute), tzinfo=PLAN_ZONE)


FRIDAY = at(dt.date(2027, 1, 29), 14, 10)


def pay(payer: Payer, cents: int, *, key: str = "k", when: dt.datetime = FRIDAY, **more: object) -> Payment:
    return payments.pay(
        **{
            "by": payer.scope,
            "shares": {payer.accounts[0].pk: cents},
            "bank_account": payer.bank_uuid,
            "idempotency_key": key,
            "at": when,
            **more,
        }  # type: ignore[arg-type]
    )


def payable(payer: Payer) -> int:
    return accounts.accounts(payer.scope, as_of=FRIDAY.date())[0].payable_cents


def test_oldest_premium_is_paid_first_and_what_is_under_way_is_not_payable(payer: Payer) -> None:
    pay(payer, 6_000_00)
    assert payable(payer) == 2_608_70
    february, january = accounts.invoices(payer.scope)
    assert (january.open_cents, january.processing_cents, january.state) == (0, 4_210_55, State.PROCESSING)
    assert (february.open_cents, february.processing_cents, february.state) == (2_608_70, 1_789_45, State.OPEN)
    assert january.expected_date == dt.date(2027, 2, 3)


def test_the_same_key_is_the_same_payment_and_another_content_under_it_is_refused_and_recorded(payer: Payer) -> None:
    first = pay(payer, 1_000_00)
    assert pay(payer, 1_000_00).pk == first.pk
    with pytest.raises(payments.PaymentRefused, match=PaymentProblem.KEY_REUSED):
        pay(payer, 2_000_00)
    assert Payment.objects.count() == 1
    refusal = Event.objects.filter(action="billing.pay", outcome="refused").get()
    assert (refusal.detail, refusal.actor) == ({"problem": "key_reused"}, payer.scope.actor)
    ledger.expect("billing.pay", by=payer.user, about="client", outcome="refused")


def test_nobody_pays_more_than_what_is_payable_now(payer: Payer) -> None:
    pay(payer, 6_000_00, key="first")
    with pytest.raises(payments.PaymentRefused, match=PaymentProblem.TOO_MUCH):
        pay(payer, 2_608_71, key="second")
    assert pay(payer, 2_608_70, key="third").cents == 2_608_70
    with pytest.raises(payments.PaymentRefused, match=PaymentProblem.TOO_MUCH):
        pay(payer, 1, key="fourth")


def test_one_entry_carries_shares_of_several_accounts() -> None:
    with scopes.entered(payers.system()):
        made = payers.payer("Medical", "Dental")
        for account in made.accounts:
            payers.invoice(account, 500_00, JANUARY)
    scopes.enter(made.scope)
    shares = {account.pk: 500_00 for account in made.accounts}
    payment = pay(made, 0, shares=shares)
    assert payment.cents == 1_000_00
    assert dict(payment.shares.values_list("account_id", "cents")) == shares


@pytest.mark.parametrize(
    ("day", "hour", "file", "settles", "paid"),
    [
        ((2027, 1, 11), 10, (2027, 1, 11), (2027, 1, 12), (2027, 1, 14)),
        ((2027, 1, 11), 18, (2027, 1, 12), (2027, 1, 13), (2027, 1, 15)),
        ((2026, 12, 24), 10, (2026, 12, 24), (2026, 12, 28), (2026, 12, 30)),
        ((2026, 7, 2), 10, (2026, 7, 2), (2026, 7, 3), (2026, 7, 7)),
        ((2027, 7, 2), 10, (2027, 7, 2), (2027, 7, 6), (2027, 7, 8)),
    ],
)
def test_days_of_a_payment_follow_cut_off_and_holidays(payer: Payer, day, hour, file, settles, paid) -> None:  # type: ignore[no-untyped-def]
    """Figure F7."""
    payment = pay(payer, 100_00, when=at(dt.date(*day), hour))
    assert (payment.file_date, payment.settle_date, payment.paid_date) == (
        dt.date(*file),
        dt.date(*settles),
        dt.date(*paid),
    )


def test_a_payment_is_taken_back_until_the_very_second_of_the_cut_off_of_its_file(payer: Payer) -> None:
    """What is accepted at 5 pm sharp goes with that day's file, and until then it can be taken back."""
    cut_off = at(FRIDAY.date(), 17)
    payment = pay(payer, 6_000_00, when=cut_off)
    assert payment.file_date == FRIDAY.date()
    with pytest.raises(payments.CannotCancel):
        payments.cancel(by=payer.scope, payment=payment.uuid, at=cut_off + dt.timedelta(seconds=1))
    canceled = payments.cancel(by=payer.scope, payment=payment.uuid, at=cut_off)
    assert canceled.status == PaymentStatus.CANCELED
    assert payable(payer) == 8_608_70
    assert payers.balance(LedgerAccount.IN_TRANSIT) == 0
    assert [event.status for event in payment.events.order_by("id")] == ["accepted", "canceled"]
    ledger.expect("billing.cancel_payment", by=payer.user, about="client", on="payment")


def test_a_payment_changes_only_as_its_table_allows(payer: Payer) -> None:
    payment = pay(payer, 100_00)
    with pytest.raises(payments.NotAllowed):
        payments.change_status([payment.pk], PaymentStatus.PAID, by=payer.scope, at=FRIDAY)
    assert payment.events.count() == 1


def test_a_producer_pays_after_its_own_acceptance_from_a_shared_account_only(payer: Payer) -> None:
    with scopes.entered(payers.system()):
        other = people.user(given_name="Marta", family_name="Diaz")
    acting = dataclasses.replace(
        payer.scope,
        actor=f"user:{other.pk}",
        user_id=other.pk,
        home=PartyRef("agency", 1),
        acting_for=payer.scope.party,
        grant="client-grant:1",
    )
    with pytest.raises(payments.PaymentRefused, match=PaymentProblem.TERMS):
        pay(payer, 100_00, by=acting)
    bank.accept_terms(by=acting)
    assert TermsAcceptance.objects.filter(user=payer.user).count() == 1
    with pytest.raises(payments.PaymentRefused, match=PaymentProblem.NOT_SHARED):
        pay(payer, 100_00, by=acting)
    with pytest.raises(bank.NotForOthers):
        bank.share_bank_account(by=acting, account=payer.bank_uuid, shared=True)
    bank.share_bank_account(by=payer.scope, account=payer.bank_uuid, shared=True)
    paid = pay(payer, 100_00, by=acting)
    assert (paid.by, paid.acting_for) == (acting.actor, str(payer.scope.party))


def test_numbers_of_a_bank_account_are_checked_encrypted_and_never_shown(payer: Payer) -> None:
    with pytest.raises(bank.WrongNumber, match=RoutingProblem.CHECK_DIGIT):
        bank.add_bank_account(
            by=payer.scope,
            nickname="x",
            name_on_account="x",
            kind=BankAccountKind.CHECKING,
            routing="231380105",
            number="12345",
        )
    row = BankAccount.objects.get(uuid=payer.bank_uuid)
    assert b"7788990017788" not in bytes(row.number_cipher)
    assert row.last_four == "7788"
    context = f"billing_bankaccount.number.{row.uuid}"
    assert crypto.decrypt(bytes(row.number_cipher), context=context) == "0007788990017788"
    bank.end_bank_account(by=payer.scope, account=row.uuid)
    with pytest.raises(payments.PaymentRefused, match=PaymentProblem.BANK_ACCOUNT):
        pay(payer, 100_00)


def test_another_tenant_can_neither_pay_nor_cancel(payer: Payer) -> None:
    payment = pay(payer, 100_00)
    with scopes.entered(payers.system()):
        stranger = payers.payer("Medical")
    scopes.enter(stranger.scope)
    with pytest.raises(BillAccount.DoesNotExist):
        pay(payer, 100_00, by=stranger.scope, bank_account=stranger.bank_uuid, key=uuid.uuid4().hex)
    with pytest.raises(Payment.DoesNotExist):
        payments.cancel(by=stranger.scope, payment=payment.uuid, at=FRIDAY)
    assert LedgerTransfer.objects.count() == 0, "row policies hide the other tenant's ledger"
