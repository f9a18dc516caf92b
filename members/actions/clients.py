"""Clients with their groups, packages and bill accounts, from a file."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Model

from audit import actions as audit
from audit.enums import Kind
from billing.enums import InvoiceRule, Proration
from billing.models import AccountAccess, BillAccount, Invoice, RatePeriod
from members.enums import ClientStatus
from members.models import BenefitPackage, Client, ClientAccount, Group, Product
from portals.files import csv_import
from portals.files.csv_import import Column, ImportReport, Refusal, Row
from portals.plan import jurisdictions, periods
from portals.scope import PartyRef, Scope

_CLIENT = (
    Column("client_id", csv_import.code(12)),
    Column("client_name", csv_import.text(100)),
    Column("tax_id", csv_import.tax_id, ""),
    Column("state", csv_import.state),
    Column("region", csv_import.code(10), ""),
    Column("address", csv_import.text(100), ""),
    Column("city", csv_import.text(60), ""),
    Column("zip", csv_import.zip_code, ""),
    Column("contact_name", csv_import.text(100), ""),
    Column("contact_email", csv_import.email, ""),
    Column("status", csv_import.choice(*ClientStatus.values)),
    Column("migrated_on", csv_import.day, None),
)
_ACCOUNT = (
    Column("bill_account", csv_import.code(20)),
    Column("bill_account_name", csv_import.text(100)),
    Column("invoice_rule", csv_import.choice(*InvoiceRule.values), None),
    Column("invoice_day", csv_import.whole(1, 60), None),
    Column("due_day", csv_import.whole(1, 28), None),
    Column("grace_days", csv_import.whole(0, 365), None),
    Column("proration", csv_import.choice(*Proration.values), None),
    Column("billed_from", csv_import.first_of_month, None),
)
COLUMNS = (
    *_CLIENT,
    Column("group_number", csv_import.code(30)),
    Column("group_name", csv_import.text(100)),
    Column("benefit_class", csv_import.text(40), ""),
    Column("product_code", csv_import.code(30)),
    Column("plan_year_start", csv_import.first_of_month),
    Column("plan_year_months", csv_import.whole(1, 24), 12),
    Column("cobra_account", csv_import.code(20), ""),
    *_ACCOUNT,
)
_CLIENT_COLUMNS = tuple(column.name for column in _CLIENT)
_ACCOUNT_COLUMNS = tuple(column.name for column in _ACCOUNT)
_CLIENT_FIELDS = ("client_id", "name", *(name for name in _CLIENT_COLUMNS if name not in ("client_id", "client_name")))
_TERMS = ("invoice_rule", "invoice_day", "due_day", "grace_days", "proration")
_ACCOUNT_FIELDS = ("name", *_TERMS, "billed_from")
COBRA_NAME = "COBRA"


class _Refused(Exception):
    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column, self.reason = column, reason


def import_file(path: Path, *, by: Scope, as_of: dt.date) -> ImportReport:
    """Take a file of clients, one row for each group and product; each row for itself, a second time without effect.

    A new bill account's empty invoice rule, grace and proration come from its state's rules on `as_of` (X5); for one
    that we hold, empty means as it stands. A later plan year of the same package on the same bill account lengthens
    its offer and adds a rate period. Raises `Unreadable` (nothing is written), `OSError`.
    """
    table = csv_import.read(path, COLUMNS)
    report = ImportReport()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('members.clients.import'))")
        plan = _Plan(table.rows, as_of)
        refusals = []
        for row in table.rows:
            try:
                plan.take(row)
            except _Refused as refused:
                refusals.append(Refusal(row.line, refused.column, refused.reason, table.name))
        report.add(table, refusals)
        report.counts = plan.write()
        audit.record(
            kind=Kind.CHANGE,
            action="members.clients.import",
            object_kind="client",
            detail={"rows": report.rows, "refused": report.refused_rows, **report.counts},
            **by.audit(),
        )
    return report


class _Plan:
    """What we hold of the file's clients and what its rows add. `take` judges a whole row before it changes
    anything; `write` stores the lot in a few statements."""

    def __init__(self, rows: Sequence[Row], as_of: dt.date) -> None:
        def named(column: str) -> set[str]:
            return {row[column] for row in rows}

        self.as_of = as_of
        self.rules: dict[tuple[str, str], Any] = {}
        self.first: dict[tuple[str, str], Row] = {}  # the first line that names a client, group or account
        self.new: set[int] = set()  # id() of objects to insert
        self.changed: dict[int, Model] = {}
        products = Product.objects.filter(rated__code__in=named("product_code")).select_related("rated")
        self.products = {product.rated.code: product for product in products}
        self.clients = {row.client_id: row for row in Client.objects.filter(client_id__in=named("client_id"))}
        groups = Group.objects.filter(number__in=named("group_number")).select_related("client")
        self.groups = {group.number: group for group in groups}
        numbers = named("bill_account") | named("cobra_account") - {""}
        self.accounts = {row.number: row for row in BillAccount.objects.filter(number__in=numbers)}
        owners = ClientAccount.objects.filter(account__number__in=numbers).select_related("client", "account")
        self.owners = {row.account.number: row.client.client_id for row in owners}
        invoices = Invoice.objects.filter(account__number__in=numbers)
        self.billed = set(invoices.values_list("account__number", flat=True))
        self.packages: dict[tuple[str, str, str], list[BenefitPackage]] = defaultdict(list)
        held = BenefitPackage.objects.filter(group__number__in=self.groups)
        for package in held.select_related("group", "product__rated", "account", "cobra_account"):
            key = (package.group.number, package.product.rated.code, package.benefit_class)
            self.packages[key].append(package)
        self.years: dict[str, list[RatePeriod]] = defaultdict(list)
        for year in RatePeriod.objects.filter(account__number__in=numbers).select_related("account"):
            self.years[year.account.number].append(year)

    # --- One row --------------------------------------------------------------------------------------------------

    def take(self, row: Row) -> None:
        start = row["plan_year_start"]
        end = periods.add_months(start, row["plan_year_months"])
        year = DateRange(start, end)
        cobra = row["cobra_account"]
        product = self.products.get(row["product_code"])
        if product is None:
            raise _Refused("product_code", "no such product")
        if row["status"] == ClientStatus.MIGRATED and row["migrated_on"] is None:
            raise _Refused("migrated_on", "is empty, yet the status says migrated")
        self._agree(row, "client_id", _CLIENT_COLUMNS)
        self._agree(row, "group_number", ("group_number", "group_name", "client_id"))
        self._agree(row, "bill_account", (*_ACCOUNT_COLUMNS, "client_id", "state"))
        self._check_group(row)
        self._check_account(row, "bill_account", cobra=False)
        terms = self._terms(row, row["bill_account"])
        cobra_terms: dict[str, Any] = {}
        if cobra:
            if cobra == row["bill_account"]:
                raise _Refused("cobra_account", "is the bill account itself")
            self._check_account(row, "cobra_account", cobra=True)
            cobra_terms = self._cobra_terms(row, cobra, terms)
        for column in ("bill_account", *(("cobra_account",) if cobra else ())):
            self._check_year(row[column], year, column)
        key = (row["group_number"], row["product_code"], row["benefit_class"])
        package = self._package(key, year, row["bill_account"], cobra)

        # Nothing is refused from here on.
        client = self._put(self.clients, Client, row["client_id"], _client_values(row))
        group = self._put(
            self.groups,
            Group,
            row["group_number"],
            {"number": row["group_number"], "client": client, "name": row["group_name"]},
        )
        account = self._put(self.accounts, BillAccount, row["bill_account"], terms)
        cobra_account = self._put(self.accounts, BillAccount, cobra, cobra_terms) if cobra else None
        for used in (account, cobra_account):
            if used:
                self.owners.setdefault(used.number, client.client_id)
                if not any(_within(year, known.months) for known in self.years[used.number]):
                    self.years[used.number].append(self._fresh(RatePeriod(account=used, months=year, plan_year=start)))
        if package is None:
            self.packages[key].append(
                self._fresh(
                    BenefitPackage(
                        group=group,
                        product=product,
                        line=product.rated.line,
                        benefit_class=row["benefit_class"],
                        account=account,
                        cobra_account=cobra_account,
                        offered=year,
                    )
                )
            )
        elif not _within(year, package.offered):
            package.offered = DateRange(min(package.offered.lower, start), max(package.offered.upper, end))
            self._note_change(package)
        for column in ("client_id", "group_number", "bill_account"):
            self.first.setdefault((column, row[column]), row)

    def _agree(self, row: Row, key: str, columns: Sequence[str]) -> None:
        """What a file repeats must be the same on every line."""
        first = self.first.get((key, row[key]))
        for column in columns:
            if first and row[column] != first[column]:
                raise _Refused(column, f"differs from line {first.line} for the same {key}")

    def _check_group(self, row: Row) -> None:
        group = self.groups.get(row["group_number"])
        if group and group.client.client_id != row["client_id"]:
            raise _Refused("group_number", "belongs to another client")

    def _check_account(self, row: Row, column: str, *, cobra: bool) -> None:
        number = row[column]
        if self.owners.get(number, row["client_id"]) != row["client_id"]:
            raise _Refused(column, "belongs to another client")
        account = self.accounts.get(number)
        if account and account.cobra != cobra:
            raise _Refused(column, "is a COBRA account" if account.cobra else "is not a COBRA account")
        if account and number not in self.owners:
            raise _Refused(column, "is a bill account without a client")

    def _terms(self, row: Row, number: str) -> dict[str, Any]:
        """The fields of the row's bill account: as typed, else as they stand, else by the state's rules."""
        account = self.accounts.get(number)
        values = {name: row[name] for name in (*_TERMS, "billed_from")}
        if (values["invoice_rule"] is None) != (values["invoice_day"] is None):
            raise _Refused("invoice_day", "invoice_rule and invoice_day are given together or not at all")
        if values["invoice_rule"] == InvoiceRule.FIXED_DAY and values["invoice_day"] > 28:
            raise _Refused("invoice_day", "a fixed day is from 1 to 28, so that every month has it")
        missing = {name for name, value in values.items() if value is None}
        if account:
            default = {name: getattr(account, name) for name in missing}
        else:
            default = {"due_day": 1, "billed_from": row["plan_year_start"]}
            if missing - set(default):
                default |= self._state_terms(row["state"])
        values = {name: default[name] if value is None else value for name, value in values.items()}
        if number in self.billed and account and values["billed_from"] != account.billed_from:
            raise _Refused("billed_from", "the account was billed already; its first month cannot change")
        return {"number": number, "name": row["bill_account_name"], "state": row["state"], "cobra": False, **values}

    def _cobra_terms(self, row: Row, number: str, terms: Mapping[str, Any]) -> dict[str, Any]:
        """A COBRA account is billed like the account beside which the file first names it."""
        account = self.accounts.get(number)
        if account:
            return {name: getattr(account, name) for name in ("number", "state", "cobra", *_ACCOUNT_FIELDS)}
        return {**terms, "number": number, "name": COBRA_NAME, "cobra": True}

    def _state_terms(self, state: str) -> dict[str, Any]:
        invoice = self._rule("invoice_rule", state)
        return {
            "invoice_rule": invoice["kind"],
            "invoice_day": invoice["day"],
            "grace_days": self._rule("grace_days", state),
            "proration": self._rule("proration", state),
        }

    def _rule(self, name: str, state: str) -> Any:
        if (name, state) not in self.rules:
            try:
                self.rules[name, state] = jurisdictions.rule(name, state=state, as_of=self.as_of)
            except jurisdictions.RuleMissing as missing:
                raise _Refused(name, f"is empty, and there is no rule for {state} on {self.as_of}") from missing
        return self.rules[name, state]

    def _check_year(self, number: str, year: DateRange, column: str) -> None:
        """All packages of a bill account share its plan years."""
        for known in self.years[number]:
            if _overlap(known.months, year) and not (_within(year, known.months) and known.plan_year == year.lower):
                raise _Refused(
                    "plan_year_start", f"the {column} has another plan year from {known.plan_year} in these months"
                )

    def _package(self, key: tuple[str, str, str], year: DateRange, account: str, cobra: str) -> BenefitPackage | None:
        """The package that this plan year belongs to or lengthens; None for a new one."""
        lengthens = None
        for package in self.packages[key]:
            same = (package.account.number, package.cobra_account.number if package.cobra_account else "")
            if _within(year, package.offered) and same == (account, cobra):
                return package
            if _overlap(package.offered, year):
                raise _Refused(
                    "product_code", f"is offered to this group and class already, billed to {same[0]}, in these months"
                )
            if same == (account, cobra) and (
                package.offered.upper == year.lower or package.offered.lower == year.upper
            ):
                lengthens = package
        return lengthens

    # --- Writing --------------------------------------------------------------------------------------------------

    def _put(self, held: dict[str, Any], model: type[Model], key: str, values: Mapping[str, Any]) -> Any:
        """The row of that key with these values: found, changed or new."""
        row = held.get(key)
        if row is None:
            row = held[key] = self._fresh(model(**values))
        elif any(getattr(row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            self._note_change(row)
        return row

    def _fresh(self, row: Any) -> Any:
        self.new.add(id(row))
        return row

    def _note_change(self, row: Model) -> None:
        if id(row) not in self.new:
            self.changed[id(row)] = row

    def write(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        parts: tuple[tuple[str, Any, Iterable[Any], Sequence[str]], ...] = (
            ("clients", Client, self.clients.values(), _CLIENT_FIELDS),
            ("groups", Group, self.groups.values(), ("name",)),
            ("bill_accounts", BillAccount, self.accounts.values(), (*_ACCOUNT_FIELDS, "state")),
            ("packages", BenefitPackage, _all(self.packages), ("offered",)),
            ("rate_periods", RatePeriod, _all(self.years), ("months",)),
        )
        for name, model, rows, fields in parts:
            fresh = [row for row in rows if id(row) in self.new]
            changed = [row for row in self.changed.values() if isinstance(row, model)]
            model.objects.bulk_create(fresh, batch_size=1000)
            model.objects.bulk_update(changed, fields, batch_size=500)
            counts |= {f"{name}_created": len(fresh), f"{name}_changed": len(changed)}
        accounts = [account for account in self.accounts.values() if id(account) in self.new]
        owned = [(account, self.clients[self.owners[account.number]]) for account in accounts]
        ClientAccount.objects.bulk_create([ClientAccount(account=account, client=client) for account, client in owned])
        AccountAccess.objects.bulk_create(
            [AccountAccess(account=account, holder=str(PartyRef("client", client.pk))) for account, client in owned]
        )
        return counts


def _client_values(row: Row) -> dict[str, Any]:
    return {name: row["client_name" if name == "name" else name] for name in _CLIENT_FIELDS}


def _within(inner: DateRange, outer: DateRange) -> bool:
    return bool(outer.lower <= inner.lower and (outer.upper is None or inner.upper <= outer.upper))


def _overlap(one: DateRange, other: DateRange) -> bool:
    return bool((one.upper is None or other.lower < one.upper) and (other.upper is None or one.lower < other.upper))


def _all(listed: Mapping[Any, list[Any]]) -> list[Any]:
    return [row for rows in listed.values() for row in rows]
