"""The eBilling pages: what is to pay, an invoice's lines by name, and who paid."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from billing.queries import accounts, bills
from billing.queries.accounts import AccountRow, InvoiceRow, State
from billing.queries.bills import Bill, BillLine
from billing.queries.payments import PaymentRow
from billing.rules import schedule
from members.queries import account_groups, contract_names
from members.queries.contract_names import ContractName
from portals import doors
from portals.models import ActingSession, User
from portals.plan import clock
from portals.scope import PartyRef, Portal, Scope


@dataclass(frozen=True, slots=True)
class EBilling:
    """The eBilling page: what is to pay over all bill accounts, and their invoices that matter now."""

    accounts: list[AccountRow]
    rows: list[InvoiceRow]
    groups: dict[int, list[str]]
    payable_cents: int
    fee_cents: int
    processing_cents: int
    months: list[dt.date]  # coverage months that are open
    due_date: dt.date | None  # of the oldest open invoice
    grace_ends: dt.date | None
    expected_date: dt.date | None  # when the last of what is processing is paid
    next_invoice_date: dt.date
    pay_by_date: dt.date
    all_first: bool  # every account is due on the 1st


def desk(scope: Scope, *, as_of: dt.date) -> EBilling | None:
    """Four queries, whatever the number of accounts and invoices; None before the first invoice."""
    invoices = accounts.invoices(scope)
    if not invoices:
        return None
    own = accounts.accounts(scope, as_of=as_of)
    cobra = {account.id for account in own if account.cobra}
    latest: dict[int, InvoiceRow] = {}
    for row in invoices:
        if row.state is not State.VOID:
            latest.setdefault(row.account_id, row)
    rows = sorted(
        (r for r in invoices if r.state in (State.OPEN, State.PROCESSING) or latest.get(r.account_id) is r),
        key=lambda row: (row.account_id in cobra, row.account_number, row.due_date, row.number),
    )
    opened = [row for row in rows if row.state is State.OPEN]
    oldest = min(opened, key=lambda row: row.due_date, default=None)
    next_date = min(account.next_invoice_date for account in own)
    return EBilling(
        accounts=own,
        rows=rows,
        groups=account_groups.of(scope),
        payable_cents=sum(account.payable_cents for account in own),
        fee_cents=sum(max(0, account.fee_cents) for account in own),
        processing_cents=sum(account.processing_cents for account in own),
        months=sorted({row.period for row in opened}),
        due_date=oldest.due_date if oldest else None,
        grace_ends=oldest.grace_ends if oldest else None,
        expected_date=max((row.expected_date for row in rows if row.expected_date), default=None),
        next_invoice_date=next_date,
        pay_by_date=schedule.last_day_to_pay(next_date, closings=clock.closings()),
        all_first=all(account.due_day == 1 for account in own),
    )


@dataclass(frozen=True, slots=True)
class Named:
    """A line with its contract holder's name."""

    name: str
    person: int
    line: BillLine


def named_lines(scope: Scope, bill: Bill, names: Iterable[ContractName]) -> list[Named]:
    """The lines of these contracts, in the names' order."""
    wanted = list(names)
    by_contract: dict[int, list[BillLine]] = {}
    for line in bills.lines(scope, bill.row, only=[each.contract for each in wanted]):
        by_contract.setdefault(line.contract, []).append(line)
    return [Named(each.name, each.person, line) for each in wanted for line in by_contract.get(each.contract, [])]


def holders(scope: Scope, bill: Bill, *, search: str = "") -> list[ContractName]:
    """Who holds the invoice's contracts, by name; one whose name is not on file comes last, so that every line stands
    on the page. Two queries."""
    contracts = bills.contracts(scope, bill.row)
    found = contract_names.of(scope, contracts, search=search)
    unnamed = [] if search.strip() else [ContractName(each, 0, "") for each in contracts if each not in found]
    return [*found.values(), *unnamed]


def subjects(names: Iterable[ContractName]) -> list[tuple[str, int]]:
    """For the audit row: the people whose names an answer shows."""
    return [("person", each.person) for each in names if each.person]


def payers(scope: Scope, rows: Iterable[PaymentRow]) -> dict[str, str]:
    """Actor to words: a name, and for a producer its agency too. Two queries and one for each acting person."""
    shown = list(rows)
    ids = {int(row.by.partition(":")[2]) for row in shown if row.by.startswith("user:")}
    names = {user.pk: user.display_name for user in User.objects.filter(pk__in=ids)}
    acting = {int(row.by.partition(":")[2]) for row in shown if row.acting}
    agencies = _agencies(scope, acting) if acting else {}
    return {f"user:{key}": f"{name}, {agencies[key]}" if agencies.get(key) else name for key, name in names.items()}


def _agencies(scope: Scope, users: set[int]) -> dict[int, str]:
    homes = dict(
        ActingSession.objects.filter(user_id__in=users, party=str(scope.party or ""))
        .order_by("started_at")
        .values_list("user_id", "home")
    )
    found: dict[int, str] = {}
    for user, home in homes.items():
        places = doors.memberships(user, Portal.PRODUCER)
        found[user] = next((place.label for place in places if place.party == PartyRef.parse(home)), "")
    return found


def payable_by_account(scope: Scope, own: Iterable[AccountRow], *, invoice: str = "") -> dict[int, int]:
    """What Pay now stands for: everything payable on the payer's `own` accounts, or one invoice's open amount."""
    if invoice:
        row = next((r for r in accounts.invoices(scope) if r.number == invoice), None)
        return {row.account_id: row.open_cents} if row and row.open_cents > 0 else {}
    return {account.id: account.payable_cents for account in own if account.payable_cents > 0}
