"""The demo plan's products, clients and people, written as the files that the operators' commands read.

The clients moved here on December 1, 2026, at their renewal, with a short plan year of one month, so that December is
rated by the filing of 2026 and January by that of 2027; some follow on January 1, one later. Nobody here exists.
"""

from __future__ import annotations

import csv
import datetime as dt
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from billing import money
from billing.enums import Tier
from billing.rules import tiers
from members.actions import clients, products
from members.demo import book as demo_book
from members.demo.book import BookGroup
from members.disclosures import actions as disclosures
from members.enrollment.x834.records import Member
from members.enums import ClientStatus, Purpose, Statement
from members.models import Client, Disclosure, Enrollee, MemberAccount, Person
from portals import doors
from portals.demo import plan as demo
from portals.enums import UserKind
from portals.models import User
from portals.plan.periods import PLAN_ZONE
from portals.scope import Portal, Scope

SEED = 20261214
DECEMBER, JANUARY, APRIL = dt.date(2026, 12, 1), dt.date(2027, 1, 1), dt.date(2027, 4, 1)
ADIRONDACK = "0417723"
FIRST_SIGN_IN = ("Featherstonehaugh", "Alexandria")


# --- Plan designs and prices --------------------------------------------------------------------------------------

_COPAYS = (
    "Primary care=25.00; Specialist=40.00; Urgent care=60.00; Emergency room=150.00; Retail Rx tier 1=10.00; "
    "Retail Rx tier 2=35.00; Retail Rx tier 3=70.00"
)
_MEDICAL = ("Standard", "610014", "NGH", "NGRX", "300.00")
_NONE = ("", "", "", "", "0.00")
_OTHER_FACTORS = {
    Tier.SINGLE: Decimal("1.00"), Tier.COUPLE: Decimal("2.05"), Tier.PARENT: Decimal("1.80"),
    Tier.FAMILY: Decimal("2.95"),
}  # fmt: skip

# Code, name, line, plan type, network, deductibles and out-of-pocket maximums (single, family), copays, formulary, Rx
# block and wellness allowance, states; price of one person for plan years that start in 2026 and in 2027.
_PRODUCTS: Sequence[tuple[str, str, str, str, str, Sequence[str], str, Sequence[str], str, int, int]] = (
    ("HMO-GOLD-EX", "HMO Gold EX", "medical", "HMO", "HMO POS 200", ("500.00", "1000.00", "4000.00", "8000.00"),
     _COPAYS, _MEDICAL, "NY", 77104, 81237),
    ("PPO-SILVER-NY", "PPO Silver", "medical", "PPO", "PPO 400", ("1500.00", "3000.00", "6500.00", "13000.00"),
     _COPAYS.replace("25.00", "30.00"), _MEDICAL, "NY", 65218, 68791),
    ("PPO-GOLD-PA", "PPO Gold", "medical", "PPO", "PPO 400", ("750.00", "1500.00", "4500.00", "9000.00"),
     _COPAYS, _MEDICAL, "PA", 70433, 74026),
    ("EPO-BRONZE-PA", "EPO Bronze", "medical", "EPO", "EPO 100", ("4000.00", "8000.00", "7500.00", "15000.00"),
     "Primary care=45.00; Specialist=80.00; Emergency room=30% after deductible", _MEDICAL, "PA", 51260, 53948),
    ("PPO-GOLD-DE", "PPO Gold Delaware", "medical", "PPO", "PPO 400", ("750.00", "1500.00", "4500.00", "9000.00"),
     _COPAYS, _MEDICAL, "DE", 73915, 77308),
    ("PPO-GOLD-WV", "PPO Gold West Virginia", "medical", "PPO", "PPO 400", ("750.00", "1500.00", "4500.00", "9000.00"),
     _COPAYS, _MEDICAL, "WV", 75642, 79187),
    ("DEN-PPO", "Dental PPO", "dental", "DEN", "Dental 600", ("50.00", "150.00", "0.00", "0.00"),
     "Cleaning=0.00; Filling=20% after deductible", _NONE, "NY PA DE WV", 3842, 3990),
    ("VIS-PLUS", "Vision Plus", "vision", "VIS", "Vision 700", ("0.00", "0.00", "0.00", "0.00"),
     "Exam=10.00; Frames=130.00", _NONE, "NY PA DE WV", 812, 836),
)  # fmt: skip
_DENTAL, _VISION = "DEN-PPO", "VIS-PLUS"


def _designs() -> Iterator[Sequence[str]]:
    yield [column.name for column in products.DESIGNS]
    for code, name, line, kind, network, amounts, copays, rest, states, *_ in _PRODUCTS:
        yield [code, name, line, kind, network, *amounts, copays, *rest, states]


def _rates() -> Iterator[Sequence[str]]:
    yield [column.name for column in products.RATES]
    for code, *_, states, before, after in _PRODUCTS:
        factors = tiers.NY_FACTORS if states == "NY" else _OTHER_FACTORS
        for year, single in ((2026, before), (2027, after)):
            for tier, cents in tiers.by_factor(single, factors).items():
                yield [code, tier.value, f"{year}-01-01", f"{year}-12-31", str(money.to_dollars(cents))]


# --- Clients ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Account:
    suffix: str
    name: str
    lines: str
    """Of HLT, DEN, VIS: which are billed here."""


@dataclass(frozen=True, slots=True)
class _DemoClient:
    client_id: str
    name: str
    tax_id: str
    state: str
    region: str
    address: tuple[str, str, str]
    contact: str
    starts: dt.date
    medical: tuple[str, ...]
    groups: tuple[tuple[str, str, int], ...]
    """Number, name, contracts."""
    accounts: tuple[_Account, ...] = (_Account("01", "All coverage", "HLT DEN VIS"),)
    status: ClientStatus = ClientStatus.MIGRATED

    def plans(self) -> dict[str, tuple[str, ...]]:
        return {"HLT": self.medical, "DEN": (_DENTAL,), "VIS": (_VISION,)}


_CLIENTS = (
    _DemoClient(
        ADIRONDACK, "Adirondack Timber Co.", "14-0041772", "NY", "NENY", ("310 Sawyer Rd", "Albany", "12207"),
        "Helena Ashbrook", DECEMBER, ("HMO-GOLD-EX", "PPO-SILVER-NY"),
        (("00112233", "Albany office and yard", 30), ("00112234", "Saranac mill", 14)),
        (_Account("01", "Medical · Albany", "HLT"), _Account("02", "Dental & vision", "DEN VIS")),
    ),
    _DemoClient(
        "0417809", "Hudson Paper & Ink, Inc.", "14-0041780", "NY", "NENY", ("77 Inkwell Ln", "Rivergate", "12207"),
        "Desmond Fernwell", DECEMBER, ("HMO-GOLD-EX",), (("00115501", "Everyone", 104),),
    ),
    _DemoClient(
        "0419901", "Catskill Trail Outfitters", "14-0041990", "NY", "NENY", ("5 Teasel Way", "Salt Springs", "13202"),
        "Esme Valeford", DECEMBER, ("PPO-SILVER-NY",), (("00119901", "Stores", 44), ("00119902", "Warehouse", 18)),
    ),
    _DemoClient(
        "0420155", "Niagara Ropeworks, LLC", "16-0042015", "NY", "WNY", ("900 Canal St", "Canal Corners", "14304"),
        "Quentin Merewick", JANUARY, ("HMO-GOLD-EX", "PPO-SILVER-NY"), (("00120155", "Ropewalk", 72),),
    ),
    _DemoClient(
        "0431007", "Lakewood Precision Tooling", "25-0043100", "PA", "", ("12 Gossamer Pl", "Presque Point", "16501"),
        "Celeste Birchmont", JANUARY, ("PPO-GOLD-PA", "EPO-BRONZE-PA"), (("00131007", "Plant", 108),),
    ),
    _DemoClient(
        "0431260", "Three Bridges Instruments", "25-0043126", "PA", "", ("40 Quayside Ter", "Three Bridges", "15222"),
        "Tobias Kestley", DECEMBER, ("PPO-GOLD-PA",), (("00131260", "Everyone", 98),),
    ),
    _DemoClient(
        "0450118", "Brandywine Boatworks", "51-0045011", "DE", "", ("3 Slipway Ln", "Brandy Falls", "19801"),
        "Maeve Rowanhurst", DECEMBER, ("PPO-GOLD-DE",), (("00150118", "Yard", 60),),
    ),
    _DemoClient(
        "0460042", "Kanawha Glass Works", "55-0046004", "WV", "", ("18 Furnace Rd", "Kanawha Bend", "25301"),
        "Ulric Stonecroft", DECEMBER, ("PPO-GOLD-WV",), (("00160042", "Works", 52),),
    ),
    _DemoClient(
        "0418844", "Mohawk Valley Creamery", "14-0041884", "NY", "NENY", ("61 Pennyroyal Ave", "Flour Mills", "14604"),
        "Bridget Lowdale", APRIL, ("HMO-GOLD-EX",), (("00118844", "Creamery", 0),), status=ClientStatus.LEGACY,
    ),
)  # fmt: skip


def _client_rows() -> Iterator[Sequence[str]]:
    header = [column.name for column in clients.COLUMNS]
    yield header
    for client in _CLIENTS:
        address, city, zip_code = client.address
        for number, group_name, _ in client.groups:
            for kind, codes in client.plans().items():
                account = next(account for account in client.accounts if kind in account.lines)
                for code in codes:
                    for start, length in _plan_years(client.starts):
                        values = {
                            "client_id": client.client_id, "client_name": client.name, "tax_id": client.tax_id,
                            "state": client.state, "region": client.region, "address": address, "city": city,
                            "zip": zip_code, "contact_name": client.contact,
                            "contact_email": f"benefits@client-{client.client_id}.example",
                            "status": client.status.value,
                            "migrated_on": "" if client.status is ClientStatus.LEGACY else client.starts.isoformat(),
                            "group_number": number, "group_name": group_name, "product_code": code,
                            "plan_year_start": start.isoformat(), "plan_year_months": str(length),
                            "bill_account": f"{client.client_id}-{account.suffix}", "bill_account_name": account.name,
                            "cobra_account": f"{client.client_id}-{len(client.accounts) + 1:02d}",
                            "billed_from": client.starts.isoformat(),
                        }  # fmt: skip
                        yield [values.get(name, "") for name in header]


def _plan_years(starts: dt.date) -> Sequence[tuple[dt.date, int]]:
    return ((DECEMBER, 1), (JANUARY, 12)) if starts == DECEMBER else ((starts, 12),)


# --- People -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EnrollmentBatch:
    """An 834 file and when it came."""

    path: Path
    client_id: str
    received_date: dt.date


def _received(month: int, day: int) -> dt.datetime:
    return dt.datetime(2026, month, day, 9, 30, tzinfo=PLAN_ZONE)


def _write_834(folder: Path) -> list[EnrollmentBatch]:
    """The book, one file a group, and after it what happened at Adirondack until today."""
    folder.mkdir(parents=True, exist_ok=True)
    batches = []
    first = number = 0
    for client in _CLIENTS:
        for group_number, _, contracts in client.groups:
            if not contracts:
                continue
            number += 1
            group = _book_group(client, group_number, contracts)
            received_at = _received(10, 20) if client.starts == DECEMBER else _received(12, 2)
            path = folder / f"{client.client_id}-{group_number}.834"
            _write(path, group, number, received_at, None, first)
            batches.append(EnrollmentBatch(path, client.client_id, received_at.date()))
            first += contracts
    client = _CLIENTS[0]
    group = _book_group(client, client.groups[0][0], client.groups[0][2])
    everyone = _contracts(demo_book.people(SEED, group))
    left, cobra = everyone[3], everyone[5]
    # Another seed: the same one would draw the group's first two families again.
    extra = _contracts(demo_book.people(SEED + 1, replace(group, contracts=2), first_contract=first))
    happened: Sequence[tuple[str, dt.datetime, Iterable[Member]]] = (
        ("cobra", _received(11, 3), [_on_cobra(member) for member in cobra]),
        ("hires", _received(11, 23), [member for hired in extra for member in hired]),
        ("left", _received(12, 9), [_ended(left[0], dt.date(2026, 12, 8))]),
    )
    for name, received_at, people in happened:
        number += 1
        path = folder / f"{client.client_id}-{name}.834"
        _write(path, group, number, received_at, people, 0)
        batches.append(EnrollmentBatch(path, client.client_id, received_at.date()))
    return sorted(batches, key=lambda batch: batch.received_date)


def _book_group(client: _DemoClient, number: str, contracts: int) -> BookGroup:
    tax_id = client.tax_id.replace("-", "")
    return BookGroup(
        client.client_id, number, client.name, tax_id, client.plans(), contracts, client.starts, client.state
    )


def _write(
    path: Path, group: BookGroup, number: int, at: dt.datetime, people: Iterable[Member] | None, first: int
) -> None:
    with path.open("wb") as out:
        demo_book.write_file(
            out, SEED, group, control_number=number, created_at=at, first_contract=first, members=people
        )


def _contracts(people: Iterable[Member]) -> list[list[Member]]:
    contracts: list[list[Member]] = []
    for member in people:
        if member.is_subscriber:
            contracts.append([])
        contracts[-1].append(member)
    return contracts


def _on_cobra(member: Member) -> Member:
    return replace(
        member,
        maintenance="001",
        benefit_status="C",
        cobra_event="1" if member.is_subscriber else "",
        employment_status="TE" if member.is_subscriber else "",
        coverages=tuple(replace(coverage, maintenance="001") for coverage in member.coverages),
    )


def _ended(member: Member, last_day: dt.date) -> Member:
    return replace(
        member,
        maintenance="024",
        reason="08",
        employment_status="TE",
        dates={"357": last_day},
        coverages=tuple(
            replace(coverage, maintenance="024", begin_date=None, end_date=last_day) for coverage in member.coverages
        ),
    )


# --- Loading ------------------------------------------------------------------------------------------------------


def load_plan(folder: Path) -> None:
    """Products, prices and clients, through files and commands."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {"designs.csv": _designs(), "rates.csv": _rates(), "clients.csv": _client_rows()}
    for name, rows in files.items():
        with (folder / name).open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows(rows)
    demo.run("import_products", folder / "designs.csv", "--rates", folder / "rates.csv")
    demo.run("import_clients", folder / "clients.csv", "--as-of", demo.BUSINESS_DATE)


def write_enrollment(folder: Path) -> list[EnrollmentBatch]:
    """The 834 files, in the order in which they came."""
    return _write_834(folder / "834")


def client_ids() -> dict[str, int]:
    """Client ID to ours."""
    wanted = [client.client_id for client in _CLIENTS]
    return dict(Client.objects.filter(client_id__in=wanted).values_list("client_id", "pk"))


def person_ids() -> list[int]:
    """Everybody, in the order in which they came."""
    return list(Person.objects.order_by("pk").values_list("pk", flat=True))


def load_member() -> None:
    """One member of Adirondack with an account; in the caller's transaction."""
    row = (
        Enrollee.objects.filter(client__client_id=ADIRONDACK, suffix="01")
        .exclude(person__last_name__iexact=FIRST_SIGN_IN[0])
        .select_related("person")
        .order_by("contract__sender_number")
        .first()
    )
    if row is None or MemberAccount.objects.filter(person=row.person).exists():
        return
    person = row.person
    name = f"{person.first_name} {person.last_name}"
    username = name.lower().replace(" ", ".")
    user = demo.user(username, name, f"{username}@mail.example", UserKind.MEMBER)
    MemberAccount.objects.create(person=person, user=user)


# Days, times, how often; who received it, where; what, purpose, why, case.
_DISCLOSED: Sequence[disclosures.What] = (
    disclosures.What(
        dt.date(2026, 3, 2), dt.date(2026, 3, 2), 1, "", "Albany County Health Department (invented)",
        "175 Made-up Street\nAlbany, NY 12202", "Laboratory claims of February 2026", Purpose.PUBLIC_HEALTH,
        "The law asks for reports of this illness.", "PH-118",
    ),
    disclosures.What(
        dt.date(2026, 5, 4), dt.date(2026, 10, 5), 6, "every month", "Empire Work Injury Fund (invented)",
        "9 Fictitious Plaza\nAlbany, NY 12207", "Claims about an injury at work", Purpose.WORKERS,
        "The fund decides on benefits for the injury of April 2026.", "WC-40077",
    ),
    disclosures.What(
        dt.date(2026, 9, 17), dt.date(2026, 9, 17), 1, "", "Upstate Bureau of Inquiry (invented)",
        "", "Coverage and claims of August 2026", Purpose.LAW_ENFORCEMENT, "An officer asked by a written demand.",
        "UB-2026-311",
    ),
)  # fmt: skip
_RECORDED_BY = "sgalehurst"


def load_disclosures() -> None:
    """What was told of that member to others; of the last one the member is not told for a time."""
    person = Person.objects.filter(accounts__isnull=False, enrollees__client__client_id=ADIRONDACK).first()
    user = User.objects.get(username=_RECORDED_BY)
    (team,) = doors.memberships(user.pk, Portal.DESK)
    by = team.scope(Scope(actor=f"user:{user.pk}", portal=Portal.DESK, user_id=user.pk))
    if person is None or Disclosure.objects.filter(recorded_by=user).exists():
        return
    for what in _DISCLOSED:
        disclosures.record(by=by, people=[person.pk], what=what, once=uuid.uuid4())
    suspended = Disclosure.objects.get(purpose=Purpose.LAW_ENFORCEMENT)
    disclosures.suspend(
        by=by,
        disclosure=suspended.uuid,
        form=Statement.WRITTEN,
        official="Inspector Quill, Upstate Bureau of Inquiry",
        statement="Telling the member would be likely to impede an inquiry.",
        stated_on=demo.BUSINESS_DATE,
        until=dt.date(2027, 3, 31),
    )


@dataclass(frozen=True, slots=True)
class FirstSignIn:
    name: str
    member_id: str
    birth_date: dt.date
    zip: str


def first_sign_in() -> FirstSignIn | None:
    """What a member who has no account yet types at the first sign-in; None once she has one."""
    last, first = FIRST_SIGN_IN
    person = Person.objects.filter(
        last_name__iexact=last, first_name__iexact=first, accounts=None, enrollees__client__client_id=ADIRONDACK
    ).first()
    if person is None:
        return None
    enrollee = Enrollee.objects.filter(person=person).order_by("pk")[0]
    return FirstSignIn(person.full_name, enrollee.member_id, person.birth_date, person.zip)
