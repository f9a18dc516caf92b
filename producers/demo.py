"""The demo plan: the whole of it, part by part, through the operators' own commands where there is one."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from audit import actions as audit
from audit.enums import Kind
from billing.queries import accounts as bill_accounts
from employers import demo as employers
from employers.actions import full_lists
from members.actions import managers
from members.demo import plan as members
from members.queries import clients
from portals import doors
from portals import scope as scopes
from portals.demo import alerts as demo_alerts
from portals.demo import plan as demo
from portals.models import ActingSession, User
from portals.plan.brand import brand
from portals.plan.periods import PLAN_ZONE
from portals.scope import PartyRef, Portal, Scope
from producers.access import may_act
from producers.enums import EndReason, Entitlement
from producers.models import Agency, BookEntry, CaseManagerGrant, ClientGrant, EntitlementGrant, ProducerUser

_Person = tuple[str, str, str, tuple[Entitlement, ...]]
AGENT_ID = "20418"
_BY = "system:load_demo"
SINCE = DateRange(dt.date(2026, 11, 1), None)
_LIST_ONCE = uuid.UUID("5d3f0f0e-2f5b-4b0e-9d0a-3c9f5f1f7a10")  # asked for once, however often the demo is loaded

# New York's defaults (P9): all but Agency Reports.
_NEW_YORK = (
    Entitlement.CLIENT_ADMINISTRATION, Entitlement.GA_ADMINISTRATOR, Entitlement.RENEWALS, Entitlement.QUOTES,
)  # fmt: skip
_PEOPLE: Sequence[_Person] = (
    (AGENT_ID, "Tessa Galeford", "tessa@hudsonvalleybenefits.example", _NEW_YORK),
    ("lflintway.hvb", "Linus Flintway", "linus@hudsonvalleybenefits.example", ()),
)
# An agency that writes through Hudson Valley Benefits, whose contact names case managers and grants Agency Reports.
UNDER_ID = "20977"
_UNDER: Sequence[_Person] = (
    (
        "mestholm.kid",
        "Marla Estholm",
        "marla@kinderhookdesk.example",
        (Entitlement.CLIENT_ADMINISTRATION, Entitlement.RENEWALS),
    ),
    ("ncorbray.kid", "Ned Corbray", "ned@kinderhookdesk.example", (Entitlement.RENEWALS,)),
)
_GRANTED = ("0417723", "0417809", "0418844")  # the last is still on the previous system
_IN_BOOK_ONLY = ("0419901",)


def load(folder: Path, say: Callable[[str], None]) -> None:
    """Everything, in order; a second time nothing is added, and what people changed since is left as it is."""
    demo.require()
    system = scopes.system("load_demo")
    say("State rules, contacts, news, plan staff")
    with scopes.entered(system):
        demo.load(by=system)
    say("Products, prices, clients")
    members.load_plan(folder)
    say("Practices")
    demo.run("load_demo_practices", folder)
    say("Employers' users, two agencies")
    with scopes.entered(system):
        client_ids = members.client_ids()
        employers.load(client_ids)
        _load_agency(client_ids)
        _give_managers(by=system)
        audit.record(kind=Kind.CREATE, action="demo.load", object_kind="demo", **system.audit())
    _live(folder, client_ids, say)
    with scopes.entered(system):
        members.load_member()
        members.load_disclosures()
    say("What a producer looked at and asked for")
    _work(client_ids[members.ADIRONDACK])
    say("Alerts, and the reviews of two weeks")
    with scopes.entered(system):
        demo_alerts.load(person_ids=members.person_ids(), by=system)


def _give_managers(*, by: Scope) -> None:
    """New York's clients lie with Otto, the others with Willa; who has a manager keeps them."""
    people = dict(User.objects.filter(username__in=["oflintdale", "wbrackenby"]).values_list("username", "pk"))
    for row in clients.managed(manager="none"):  # nine of them
        user_id = people["oflintdale" if row.client.state == "NY" else "wbrackenby"]
        managers.assign(by=by, client_id=row.client.client_id, user_id=user_id)


def _live(folder: Path, client_ids: Mapping[str, int], say: Callable[[str], None]) -> None:
    """The plan's autumn in the order of its days: people come, invoices are made, December is paid."""
    batches = members.write_enrollment(folder)

    def take(until: dt.date) -> None:
        while batches and batches[0].received_date <= until:
            batch = batches.pop(0)
            summary = demo.run(
                "import_834", batch.path, "--client", batch.client_id, "--as-of", batch.received_date, nothing=True
            )
            if summary["new"] and summary["accepted"] < summary["members"]:
                raise demo.DemoFailed(f"{batch.path.name}: {summary}")

    def bill(day: dt.date) -> None:
        demo.run("run_billing", "--as-of", day, nothing=True)

    say(f"People: {len(batches)} enrollment files")
    take(dt.date(2026, 11, 10))
    say("December's invoices, and their payment")
    bill(dt.date(2026, 11, 11))
    bill(dt.date(2026, 11, 15))
    paid_date = dt.date(2026, 11, 24)
    employers.pay(client_ids, period=dt.date(2026, 12, 1), at=_at(paid_date, 10))
    demo.run("export_ach", "--as-of", paid_date, "--out", folder / f"{paid_date}.ach")
    for day in (dt.date(2026, 11, 25), dt.date(2026, 11, 30)):
        demo.run("settle_payments", "--as-of", day, nothing=True)
    take(demo.BUSINESS_DATE)
    say("January's invoices of New York")
    bill(dt.date(2026, 12, 12))
    employers.pay(
        client_ids, period=dt.date(2027, 1, 1), at=_at(dt.date(2026, 12, 13), 16), only=f"{members.ADIRONDACK}-02"
    )


def _work(client_id: int) -> None:
    """Tessa logged in as Adirondack, looked at what is to pay and at an invoice, and asked that it get its list."""
    person = User.objects.get(username=AGENT_ID)
    base = Scope(actor=f"user:{person.pk}", portal=Portal.PRODUCER, user_id=person.pk)
    home = doors.memberships(person.pk, Portal.PRODUCER)[0].scope(base)
    client = PartyRef("client", client_id)
    with scopes.entered(home):
        full_lists.ask(by=home, client_id=client_id, purpose="To prepare the renewal with you.", once=_LIST_ONCE)
    if ActingSession.objects.filter(user=person, party=str(client)).exists():
        return
    assert home.home is not None
    _answer, grant = may_act(person.pk, home.home, client)
    acting = replace(home, portal=Portal.EMPLOYER, party=client, acting_for=client, grant=grant)
    with scopes.entered(acting):
        row = ActingSession.objects.create(user=person, home=str(home.home), party=str(client), grant=grant)
        audit.record(kind=Kind.ACTING, action="acting.begin", **acting.audit())
        number = bill_accounts.invoices(acting)[0].number
        for action, detail in (("employers:ebilling", {}), ("employers:ebilling_invoice", {"invoice": number})):
            audit.record(kind=Kind.VIEW, action=action, fields=["billing.amounts"], detail=detail, **acting.audit())
        audit.record(kind=Kind.ACTING, action="acting.end", **acting.audit())
        row.ended_at = timezone.now()
        row.save(update_fields=["ended_at"])


def _at(day: dt.date, hour: int) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), tzinfo=PLAN_ZONE)


def _load_agency(client_ids: Mapping[str, int]) -> None:
    agency, _ = Agency.objects.get_or_create(
        agent_id=AGENT_ID, defaults={"name": "Hudson Valley Benefits", "state": "NY", "phone": "845-555-0118"}
    )
    places = _load_people(agency, _PEOPLE, contact=AGENT_ID)
    for client_id in (*_GRANTED, *_IN_BOOK_ONLY):
        _, made = BookEntry.objects.get_or_create(agency=agency, client_id=client_ids[client_id])
        if made and client_id in _GRANTED:
            ClientGrant.objects.create(agency=agency, client_id=client_ids[client_id], effective=SINCE, granted_by=_BY)
    _load_under(agency, places[AGENT_ID], client_ids)


def _load_people(agency: Agency, people: Sequence[_Person], *, contact: str = "") -> dict[str, ProducerUser]:
    places = {}
    for username, name, email, entitlements in people:
        place, made = ProducerUser.objects.get_or_create(
            agency=agency, user=demo.user(username, name, email), defaults={"contact": username == contact}
        )
        for entitlement in entitlements if made else ():
            EntitlementGrant.objects.create(place=place, entitlement=entitlement, effective=SINCE, granted_by=_BY)
        places[username] = place
    return places


def _load_under(general: Agency, contact: ProducerUser, client_ids: Mapping[str, int]) -> None:
    """An agency under it: a case manager, a grant that ended, one that ends soon and one that is to come."""
    under, made = Agency.objects.get_or_create(
        agent_id=UNDER_ID,
        defaults={
            "name": "Kinderhook Insurance Desk",
            "state": "NY",
            "phone": "518-555-0164",
            "general_agency": general,
            "direct_writer": False,
        },
    )
    places = _load_people(under, _UNDER)
    if not made:
        return
    marla, ned = (places[person[0]] for person in _UNDER)
    by, adirondack, second = f"user:{contact.user_id}", client_ids[_GRANTED[0]], client_ids[_GRANTED[1]]
    for client in (adirondack, second):
        BookEntry.objects.create(agency=under, client_id=client)
    ClientGrant.objects.create(agency=under, client_id=adirondack, effective=SINCE, granted_by=_BY)
    ClientGrant.objects.create(
        agency=under,
        client_id=second,
        effective=DateRange(SINCE.lower, dt.date(2026, 12, 3)),
        granted_by=_BY,
        ended_on=dt.date(2026, 12, 3),
        ended_by=_BY,
        ended_why=EndReason.CLIENT_LEFT,
    )
    CaseManagerGrant.objects.create(agency=general, place=marla, client_id=adirondack, effective=SINCE, granted_by=by)
    CaseManagerGrant.objects.create(
        agency=general,
        place=ned,
        client_id=adirondack,
        effective=DateRange(SINCE.lower, dt.date(2026, 12, 1)),
        granted_by=by,
        ended_on=dt.date(2026, 11, 24),
        ended_by=by,
        ended_why=EndReason.OTHER_WORK,
    )
    EntitlementGrant.objects.create(place=marla, entitlement=Entitlement.AGENCY_REPORTS, effective=SINCE, granted_by=by)
    EntitlementGrant.objects.create(
        place=ned, entitlement=Entitlement.QUOTES, effective=DateRange(dt.date(2027, 1, 1), None), granted_by=_BY
    )


# --- Who can sign in ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DemoAccount:
    door: str
    username: str
    who: str


def accounts() -> list[DemoAccount]:
    """Everyone who can still sign in with the demo's password, by door; in the caller's scope."""
    phrase: dict[str, bool] = {}  # a stored password, and whether it is the demo's: one check for all who share it
    found = []
    for user in User.objects.filter(is_active=True).order_by("pk"):
        if user.password not in phrase:
            phrase[user.password] = user.check_password(demo.PHRASE)
        if not phrase[user.password]:
            continue
        for membership in doors.memberships(user.pk):
            who = f"{user.display_name}, {membership.label}".rstrip(", ")
            if user.must_change_password:
                who += " (chooses a new password first)"
            found.append(DemoAccount(membership.portal.value, user.username, who))
    order = list(brand()["portal_names"])
    return sorted(found, key=lambda account: order.index(account.door))


# --- The same every time ------------------------------------------------------------------------------------------

# What stands in the plan, without ids, card numbers (drawn), cipher texts and instants.
_CANON = (
    "SELECT code, name, line FROM billing_ratedproduct",
    "SELECT p.code, r.price_key, r.filed, r.cents"
    " FROM billing_pricerow r JOIN billing_ratedproduct p ON p.id = r.product_id",
    "SELECT client_id, name, tax_id, state, region, status, migrated_on FROM members_client",
    "SELECT number, name, state, cobra, invoice_rule, invoice_day, grace_days, proration, billed_from"
    " FROM billing_billaccount",
    "SELECT g.number, p.code, k.offered FROM members_benefitpackage k JOIN members_group g ON g.id = k.group_id"
    " JOIN members_product m ON m.id = k.product_id JOIN billing_ratedproduct p ON p.id = m.rated_id",
    "SELECT c.sender_number, e.suffix, e.relationship, p.last_name, p.first_name, p.birth_date, p.zip"
    " FROM members_enrollee e JOIN members_contract c ON c.id = e.contract_id"
    " JOIN members_person p ON p.id = e.person_id",
    "SELECT c.sender_number, e.suffix, v.line, v.effective, v.cobra FROM members_coverage v"
    " JOIN members_enrollee e ON e.id = v.enrollee_id JOIN members_contract c ON c.id = v.contract_id"
    " WHERE upper_inf(v.known)",
    "SELECT a.number, i.period, i.issue_date, i.current_cents, i.retro_cents, i.lines_count FROM billing_invoice i"
    " JOIN billing_billaccount a ON a.id = i.account_id",
    "SELECT cents, status, paid_date FROM billing_payment",
    "SELECT username, email, kind FROM portals_user",
    "SELECT name, discipline, tax_id, npi FROM providers_practice",
    "SELECT a.agent_id, a.name, a.direct_writer, g.agent_id AS general FROM producers_agency a"
    " LEFT JOIN producers_agency g ON g.id = a.general_agency_id",
    "SELECT u.username, e.entitlement, e.effective, e.ended_why FROM producers_entitlementgrant e"
    " JOIN producers_produceruser p ON p.id = e.place_id JOIN portals_user u ON u.id = p.user_id",
    "SELECT a.agent_id, c.client_id, g.effective, g.ended_why FROM producers_clientgrant g"
    " JOIN producers_agency a ON a.id = g.agency_id JOIN members_client c ON c.id = g.client_id",
    "SELECT u.username, c.client_id, k.effective, k.ended_why FROM producers_casemanagergrant k"
    " JOIN producers_produceruser p ON p.id = k.place_id JOIN portals_user u ON u.id = p.user_id"
    " JOIN members_client c ON c.id = k.client_id",
    "SELECT d.first_on, d.last_on, d.times, d.recipient, d.purpose, u.username FROM members_disclosure d"
    " JOIN portals_user u ON u.id = d.recorded_by_id",
)


def digest() -> str:
    """SHA-256 over the plan's names and amounts: the same on every machine after `load_demo` on an empty database."""
    total = hashlib.sha256()
    with connection.cursor() as cursor:
        for sql in _CANON:
            cursor.execute(f'SELECT row_to_json(t)::text COLLATE "C" AS canon FROM ({sql}) t ORDER BY 1')  # noqa: S608
            total.update("\n".join(row[0] for row in cursor.fetchall()).encode() + b"\n\n")
    return total.hexdigest()
