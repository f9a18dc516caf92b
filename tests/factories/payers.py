"""An invented employer with bill accounts, issued invoices and a bank account. Call inside a system scope."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import connection
from django.utils import timezone

from billing.actions import bank
from billing.enums import BankAccountKind, CoverageLine, InvoiceRule, LedgerAccount, LineKind, TransferKind
from billing.models import (
    AccountAccess,
    BankAccount,
    BillAccount,
    Invoice,
    InvoiceLine,
    LedgerTransfer,
    RatedProduct,
)
from employers.access import ROLE_PERMISSIONS
from employers.enums import EmployerRole
from employers.models import EmployerUser
from members.models import Client, ClientAccount, Contract, Enrollee
from portals import scope as scopes
from portals.models import User
from portals.scope import PartyRef, Portal, Scope
from tests.factories import people

ROUTING = "231380104"
NUMBER = "0007788990017788"
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


def payer(
    *accounts: str,
    name: str = "Adirondack Timber Co.",
    role: EmployerRole = EmployerRole.ADMINISTRATOR,
    with_bank: bool = True,
    terms: bool = True,
) -> Payer:
    """A client with one user and bill accounts named so."""
    client = people.client(name, migrated_on=dt.date(2027, 1, 1))
    return equip(client, people.employer_user(client, role), *accounts, with_bank=with_bank, terms=terms)


def equip(client: Client, person: User, *accounts: str, with_bank: bool = True, terms: bool = True) -> Payer:
    """Bill accounts, a bank account and accepted terms for a client and its user."""
    role = EmployerUser.objects.get(client=client, user=person).role
    party = PartyRef("client", client.pk)
    scope = Scope(
        actor=f"user:{person.pk}",
        portal=Portal.EMPLOYER,
        user_id=person.pk,
        party=party,
        home=party,
        permissions=ROLE_PERMISSIONS[role],
    )
    made = Payer(client, person, scope, [bill_account(client, label) for label in accounts or ("Medical",)])
    if with_bank:
        made.bank = bank.add_bank_account(
            by=scope,
            nickname="Operating",
            name_on_account=client.name,
            kind=BankAccountKind.CHECKING,
            routing=ROUTING,
            number=NUMBER,
        )
    if terms:
        bank.accept_terms(by=scope)
    return made


def bill_account(client: Client, name: str, *, billed_from: dt.date = dt.date(2027, 1, 1)) -> BillAccount:
    account = BillAccount.objects.create(
        number=f"BA{uuid.uuid4().int % 10**8:08}",
        name=name,
        state="NY",
        cobra=name == "COBRA",
        invoice_rule=InvoiceRule.DAYS_BEFORE_DUE,
        invoice_day=20,
        billed_from=billed_from,
    )
    AccountAccess.objects.create(account=account, holder=f"client:{client.pk}")
    ClientAccount.objects.create(client=client, account=account)
    return account


def product(name: str = "Northgate EX 1000", line: CoverageLine = CoverageLine.MEDICAL) -> RatedProduct:
    return RatedProduct.objects.create(code=uuid.uuid4().hex[:12], name=name, line=line)


def contract(client: Client, **person: object) -> Contract:
    number = f"NGH{uuid.uuid4().int % 10**8:08}"
    holder = people.person(**person)
    made = Contract.objects.create(client=client, number=number, sender_number=number, subscriber=holder)
    Enrollee.objects.create(
        client=client,
        contract=made,
        person=holder,
        relationship="18",
        suffix="01",
        member_id=f"{number}01",
        recorded_date=dt.date(2026, 12, 1),
    )
    return made


def invoice(
    account: BillAccount,
    cents: int,
    period: dt.date,
    *,
    previous: int = 0,
    holders: Sequence[tuple[Contract, str, int]] = (),
    retro: Sequence[tuple[Contract, dt.date, int]] = (),
) -> Invoice:
    """An issued invoice as a bill run leaves it: frozen header, lines, and the ledger's transfer."""
    made = dt.datetime.combine(period - dt.timedelta(days=20), dt.time(7), tzinfo=dt.UTC)
    what = product()
    adjusted = sum(part for _, _, part in retro)
    row = Invoice.objects.create(
        number=f"INV-{period:%y%m}-{next(_numbers) * 1000 + uuid.uuid4().int % 1000:06}",
        account=account,
        period=period,
        issue_date=made.date(),
        due_date=period,
        grace_ends=period + dt.timedelta(days=30),
        current_cents=cents - adjusted,
        retro_cents=adjusted,
        total_cents=cents,
        previous_cents=previous,
        contracts_count=len(holders),
        members_count=len(holders),
        lines_count=len(holders) + len(retro),
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT billing_ensure_lines(%s)", [made.date()])
    lines = [(who, LineKind.CURRENT, period, tier, part) for who, tier, part in holders]
    lines += [(who, LineKind.RETRO, month, "EE", part) for who, month, part in retro]
    InvoiceLine.objects.bulk_create(
        InvoiceLine(
            invoice=row,
            issue_month=made.date().replace(day=1),
            account=account,
            contract=who.pk,
            product=what,
            kind=kind,
            month=month,
            price_key=tier,
            members_count=1,
            cents=part,
        )
        for who, kind, month, tier, part in lines
    )
    LedgerTransfer.objects.create(
        posted_on=made.date(),
        kind=TransferKind.ISSUE,
        debit=LedgerAccount.RECEIVABLE,
        credit=LedgerAccount.PREMIUM,
        cents=cents,
        account=account,
        invoice=row,
        product=what,
    )
    row.issued_at = timezone.now()  # an instant of the wall clock, unlike the business day of issue
    row.save(update_fields=["issued_at"])
    return row


def balance(name: LedgerAccount) -> int:
    """Debits less credits of one ledger account."""
    rows = LedgerTransfer.objects.values_list("debit", "credit", "cents")
    return sum(cents * ((debit == name) - (credit == name)) for debit, credit, cents in rows)


def system() -> Scope:
    return scopes.system("test")
