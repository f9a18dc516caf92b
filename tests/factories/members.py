"""Clients with groups, packages and bill accounts for tests. Call inside a system scope."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass, field

from billing.enums import CoverageLine, InvoiceRule
from billing.models import AccountAccess, BillAccount, RatedProduct
from members.models import (
    BenefitPackage,
    Client,
    ClientAccount,
    Contract,
    Coverage,
    Enrollee,
    Group,
    Person,
    Product,
)
from tests.factories import people

_numbers = itertools.count(1)


def product(code: str = "", *, line: CoverageLine = CoverageLine.MEDICAL, plan_type: str = "PPO") -> Product:
    rated = RatedProduct.objects.create(code=code or f"PLAN-{next(_numbers)}", name="Some plan", line=line)
    return Product.objects.create(rated=rated, plan_type=plan_type, network="Some network")


def account(client: Client, *, cobra: bool = False) -> BillAccount:
    row = BillAccount.objects.create(
        number=f"A{next(_numbers):07}",
        name=f"{client.name}{' COBRA' if cobra else ''}",
        state=client.state,
        cobra=cobra,
        invoice_rule=InvoiceRule.FIXED_DAY,
        invoice_day=15,
        billed_from=dt.date(2026, 1, 1),
    )
    AccountAccess.objects.create(account=row, holder=f"client:{client.pk}")
    ClientAccount.objects.create(client=client, account=row)
    return row


@dataclass
class Employer:
    """A client with one group; `offer` adds packages that share its account and its COBRA account."""

    client: Client
    group: Group
    account: BillAccount
    cobra_account: BillAccount
    packages: list[BenefitPackage] = field(default_factory=list)

    def offer(
        self,
        plan: Product,
        *,
        offered: tuple[dt.date, dt.date | None] = (dt.date(1990, 1, 1), None),
        benefit_class: str = "",
    ) -> BenefitPackage:
        package = BenefitPackage.objects.create(
            group=self.group,
            product=plan,
            line=plan.rated.line,
            benefit_class=benefit_class,
            account=self.account,
            cobra_account=self.cobra_account,
            offered=offered,
        )
        self.packages.append(package)
        return package


def employer(group_number: str = "", *, name: str = "Some Client", migrated_on: dt.date | None = None) -> Employer:
    number = next(_numbers)
    client = Client.objects.create(client_id=f"8{number:06}", name=name, state="NY", migrated_on=migrated_on)
    group = Group.objects.create(client=client, number=group_number or f"G{number:06}", name="Everyone")
    return Employer(client, group, account(client), account(client, cobra=True))


def covered_until(last_day: dt.date | None) -> Person:
    """Somebody with coverage that ended with that day, or that has no end."""
    number = f"NGH{next(_numbers):08}"
    at, somebody = employer(), people.person()
    contract = Contract.objects.create(client=at.client, number=number, sender_number=number, subscriber=somebody)
    enrollee = Enrollee.objects.create(
        client=at.client,
        contract=contract,
        person=somebody,
        relationship="18",
        suffix="01",
        member_id=f"{number}01",
        recorded_date=dt.date(2020, 1, 1),
    )
    package = at.offer(product())
    end = last_day + dt.timedelta(days=1) if last_day else None
    Coverage.objects.create(
        enrollee=enrollee,
        contract=contract,
        client=at.client,
        package=package,
        line=package.line,
        effective=(dt.date(2020, 1, 1), end),
        known=(dt.datetime(2020, 1, 1, tzinfo=dt.UTC), None),
    )
    return somebody
