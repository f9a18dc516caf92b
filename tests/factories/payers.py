"""An invented employer with bill accounts, issued invoices and a bank account."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from dataclasses import dataclass, field

from billing.actions import bank
from billing.enums import BankAccountKind, InvoiceRule, LedgerAccount, Line, TransferKind
from billing.models import (
    AccountAccess,
    BankAccount,
    BillAccount,
    Invoice,
    LedgerTransfer,
    RatedProduct,
)
from employers.access import ROLE_PERMISSIONS
from employers.enums import EmployerRole
from employers.models import EmployerUser
from members.models import Client, ClientAccount
from portals import scope as scopes
from portals.enums import UserKind
from portals.models import User
from portals.scope import PartyRef, Portal, Scope

ROUTING = "231380104"
_numbers = itertools.count(1)


@dataclass
class Payer:
    client: Client
    user: User
    scope: Scope
    accounts: list[BillAccount] = field(default_factory=list)
    bank: BankAccount | None = None

    @property
    def bank_uuid(self) -> uuid.UUID:
        assert self.bank is not None
        return self.bank.uuid


def user(name: str = "Nora Whitfield", *, password: str | None = None) -> User:
    given, _, family = name.partition(" ")
    tag = uuid.uuid4().hex[:8]
    return User.objects.create_user(
        f"{family.lower()}{tag}", password, kind=UserKind.WORK, email=f"{tag}@timber.example",
        given_name=given, family_name=family,
    )  # fmt: skip


def payer(
    *accounts: str, name: str = "Adirondack Timber Co.", role: EmployerRole = EmployerRole.ADMINISTRATOR,
    password: str | None = None, with_bank: bool = True, terms: bool = True,
) -> Payer:  # fmt: skip
    """A client with one user and bill accounts named so. Call within a system scope."""
    number = uuid.uuid4().int % 10_000_000
    client = Client.objects.create(client_id=f"{number:07}", name=name, state="NY", migrated_on=dt.date(2027, 1, 1))
    person = user(password=password)
    EmployerUser.objects.create(client=client, user=person, role=role)
    scope = Scope(
        actor=f"user:{person.pk}", portal=Portal.EMPLOYER, user_id=person.pk, party=PartyRef("client", client.pk),
        home=PartyRef("client", client.pk), permissions=ROLE_PERMISSIONS[role],
    )  # fmt: skip
    made = Payer(client, person, scope)
    for label in accounts or ("Medical",):
        made.accounts.append(bill_account(client, label))
    if with_bank:
        made.bank = bank.add_bank_account(
            by=scope, nickname="Operating", name_on_account=name, kind=BankAccountKind.CHECKING, routing=ROUTING,
            number="0007788990017788",
        )  # fmt: skip
    if terms:
        bank.accept_terms(by=scope)
    return made


def bill_account(client: Client, name: str, *, billed_from: dt.date = dt.date(2027, 1, 1)) -> BillAccount:
    account = BillAccount.objects.create(
        number=f"BA{uuid.uuid4().int % 10**8:08}", name=name, state="NY", cobra=name == "COBRA",
        invoice_rule=InvoiceRule.DAYS_BEFORE_DUE, invoice_day=20, billed_from=billed_from,
    )  # fmt: skip
    AccountAccess.objects.create(account=account, holder=f"client:{client.pk}")
    ClientAccount.objects.create(client=client, account=account)
    return account


def product(name: str = "Northgate EX 1000", line: Line = Line.MEDICAL) -> RatedProduct:
    return RatedProduct.objects.create(code=uuid.uuid4().hex[:12], name=name, line=line)


def invoice(
    account: BillAccount, cents: int, period: dt.date, *, what: RatedProduct | None = None, previous: int = 0,
    retro: int = 0,
) -> Invoice:  # fmt: skip
    """An issued invoice as a bill run leaves it: frozen header and the ledger's transfer."""
    made = dt.datetime.combine(period - dt.timedelta(days=20), dt.time(2), tzinfo=dt.UTC)
    row = Invoice.objects.create(
        number=f"INV-{period:%y%m}-{next(_numbers):04}{uuid.uuid4().int % 1000:03}", account=account, period=period,
        issue_date=made.date(), due_date=period, grace_ends=period + dt.timedelta(days=30),
        current_cents=cents - retro, retro_cents=retro, total_cents=cents, previous_cents=previous,
        contracts_count=1, members_count=1, lines_count=1, issued_at=made,
    )  # fmt: skip
    LedgerTransfer.objects.create(
        posted_on=made.date(), kind=TransferKind.ISSUE, debit=LedgerAccount.RECEIVABLE, credit=LedgerAccount.PREMIUM,
        cents=cents, account=account, invoice=row, product=what or product(),
    )  # fmt: skip
    return row


def balance(name: LedgerAccount) -> int:
    """Debits less credits of one ledger account."""
    rows = LedgerTransfer.objects.values_list("debit", "credit", "cents")
    return sum(cents * ((debit == name) - (credit == name)) for debit, credit, cents in rows)


def system() -> Scope:
    return scopes.system("test")
