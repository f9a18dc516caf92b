"""One object of tenant A for every URL that names one: the walk asks it as A, as B, and as every other persona."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from django.test import Client
from django.urls import resolve
from django.utils import timezone

from audit import actions as audit
from billing.actions import payments
from billing.models import BillRun
from employers.actions import full_lists
from employers.enums import EmployerRole
from employers.models import ClientDocument, EmployerUser
from members.models import EnrollmentError, EnrollmentFile
from portals import desk, desk_mail, files, invitations, scope
from portals.desk import Asker
from portals.enums import NoticeKind, Team, Topic
from portals.invitations import Wanted
from portals.login import factors, notices
from portals.models import (
    ActingSession,
    Announcement,
    AuthenticatorApp,
    DeskRequest,
    HelpContact,
    OutboxMail,
    SignedIn,
    User,
)
from portals.scope import PartyRef
from producers.enums import Entitlement
from producers.models import ProducerUser
from providers.enums import StaffRole as PracticeRole
from providers.models import StaffMembership
from tests.factories import payers, people

A, B = "A", "B"


@dataclass
class World:
    """Two of every persona; `users[(door, tenant)]`. Doors: member, employer, producer, provider, desk."""

    users: dict[tuple[str, str], User] = field(default_factory=dict)
    objects: dict[str, dict[str, object]] = field(default_factory=dict)  # URL name -> kwargs of A's object

    def browser(self, door: str, tenant: str) -> Client:
        client = Client(raise_request_exception=True)
        user = self.users[(door, tenant)]
        people.sign_in(client, user)
        people.step_up(client, user)
        return client


# Apps whose pages name objects add a builder: it makes A's objects and says their URL kwargs.
BUILDERS: list[Callable[[World], None]] = []


def employer_money(world: World) -> None:
    """A's invoice, bank account and payment."""
    user = world.users["employer", A]
    place = EmployerUser.objects.select_related("client").get(user=user)
    payer = payers.equip(place.client, user, "Medical")
    invoice = payers.invoice(payer.accounts[0], 81237, dt.date(2027, 1, 1))
    payment = payments.pay(
        by=payer.scope, shares={payer.accounts[0].pk: 100_00}, bank_account=payer.bank_uuid, idempotency_key="walk"
    )
    for page in ("invoice", "lines", "pdf", "pdf_file"):
        world.objects[f"employers:ebilling_{page}"] = {"number": invoice.number}
    world.objects["employers:ebilling_bank"] = {"account": payer.bank_uuid}
    for page in ("payment", "cancel"):
        world.objects[f"employers:ebilling_{page}"] = {"payment": payment.uuid}


BUILDERS.append(employer_money)


def own_security(world: World) -> None:
    """A member's authenticator app, a sign-in and a notice of that account."""
    user = world.users["member", A]
    factors.new_app(user)
    AuthenticatorApp.objects.filter(user=user).update(name="Phone", confirmed=True)
    world.objects["door:remove_factor"] = {"factor": factors.held(user)[0].id}
    row = SignedIn.objects.create(user=user, session_key="walk", device="Chrome on Windows", address="192.0.2.7")
    world.objects["door:end_session"] = {"session": row.pk}
    world.objects["door:not_me"] = {"token": notices.make(user, NoticeKind.PASSWORD)}


BUILDERS.append(own_security)


def help_and_news(world: World) -> None:
    """A contact of the help directory and an announcement."""
    week = [[["08:00", "18:00"]]] * 5 + [[], []]
    contact = HelpContact.objects.create(
        topic=Topic.CLIENT_MANAGEMENT, audience="employer", owner="Walk team", phone="1-800-555-0170", week=week,
        effective=(dt.date(2020, 1, 1), None),
    )  # fmt: skip
    for page in ("contact", "change", "end"):
        world.objects[f"directory:{page}"] = {"contact_id": contact.pk}
    news = Announcement.objects.create(
        title="Walk news",
        body="Something is new.",
        audience="employer",
        shown=(dt.date(2020, 1, 1), dt.date(2040, 1, 1)),
    )
    for page in ("announcement", "change", "withdraw"):
        world.objects[f"news:{page}"] = {"announcement_id": news.pk}


BUILDERS.append(help_and_news)


def invited(world: World) -> None:
    """A colleague invited by A's employer, whom client management sees too; and A's own place there."""
    place = EmployerUser.objects.get(user=world.users["employer", A])
    person = Wanted(
        party=PartyRef("client", place.client_id), role=EmployerRole.BILLING, given_name="Nora", family_name="Okell",
        email="nora.okell@walk.example",
    )  # fmt: skip
    row = invitations.invite(by=scope.system("test"), kind="employer", wanted=person)
    world.objects["desk:invitation"] = world.objects["employers:user_invited"] = {"invitation": row.uuid}
    world.objects["desk:invite"] = {"kind": "employer"}
    world.objects["employers:user_remove"] = {"place_id": place.pk}
    found = re.search(r"/invitation/([^/]+)/", OutboxMail.objects.get(to=row.email).body)
    assert found
    world.objects["door:invitation"] = {"token": found.group(1)}


BUILDERS.append(invited)


def asked(world: World) -> None:
    """A request of each organization's person A to the plan, and one of somebody without an account."""
    parties = {
        "employer": ("client", EmployerUser.objects.get(user=world.users["employer", A]).client_id),
        "provider": ("practice", StaffMembership.objects.get(user=world.users["provider", A]).practice_id),
        "producer": ("agency", ProducerUser.objects.get(user=world.users["producer", A]).agency_id),
    }
    for door, (kind, number) in parties.items():
        asker = Asker(user_id=world.users[door, A].pk, party=PartyRef(kind, number))
        row = _asked(f"walk:{door}", asker)
        world.objects[f"{door}s:request"] = {"request_uuid": row.uuid}
        world.objects[f"{door}s:ask"] = {"kind": "website"}
    row = _asked("walk:stranger", Asker(reply_to="stranger@walk.example"))
    world.objects["door:request_status"] = resolve(desk_mail.stranger_page(row)).kwargs


def documents(world: World) -> None:
    """A document that the plan made for A's employer, at the producer's wish."""
    place = EmployerUser.objects.get(user=world.users["employer", A])
    producer = ProducerUser.objects.get(user=world.users["producer", A])
    party = PartyRef("client", place.client_id)
    request = desk.open_request(
        kind=full_lists.KIND, key="walk:list", title="Full employee list", detail={"purpose": "Renewal"}, party=party,
        by=scope.system("test"), asker=Asker(user_id=producer.user_id, party=PartyRef("agency", producer.agency_id)),
    )  # fmt: skip
    stored = files.store(kind="full_list", owner=party, name="list.csv", content_type="text/csv", data=b"Member ID")
    row = ClientDocument.objects.create(
        client_id=place.client_id, kind="full_list", name="employees.csv", as_of=dt.date(2026, 12, 14), stored=stored,
        request=request, people=[], people_count=0, made_by="system:test",
    )  # fmt: skip
    world.objects["employers:document_file"] = {"document": row.uuid}
    _acted(producer.user, PartyRef("agency", producer.agency_id), party)


def _acted(user: User, home: PartyRef, party: PartyRef) -> None:
    """One stretch in which the producer looked at an invoice, and was refused its lines."""
    row = ActingSession.objects.create(user=user, home=str(home), party=str(party), grant="client-grant:1")
    for action, kind, outcome in (("invoice", "view", "done"), ("lines", "denial", "refused")):
        audit.record(
            kind=kind, action=f"employers:ebilling_{action}", outcome=outcome, actor=f"user:{user.pk}",
            portal="employer", acting_for=str(party), grant=row.grant, detail={"invoice": "INV-1", "people": 2},
        )  # fmt: skip
    ActingSession.objects.filter(pk=row.pk).update(ended_at=timezone.now())


BUILDERS.append(documents)


def _asked(key: str, asker: Asker) -> DeskRequest:
    return desk.open_request(
        kind="portal.website", key=key, title="A button is gone", detail={"text": "It was there yesterday."},
        by=scope.system("test"), asker=asker,
    )  # fmt: skip


BUILDERS.append(asked)


def build() -> World:
    world = World()
    with scope.entered(scope.system("test")):
        clients = {tenant: people.client(f"Client {tenant}") for tenant in (A, B)}
        agencies = {tenant: people.agency(f"Agency {tenant}") for tenant in (A, B)}
        practices = {tenant: people.practice(f"Practice {tenant}") for tenant in (A, B)}
        for tenant in (A, B):
            world.users["member", tenant] = people.member_user(people.person())
            world.users["employer", tenant] = people.employer_user(clients[tenant], EmployerRole.ADMINISTRATOR)
            world.users["producer", tenant] = people.producer_user(agencies[tenant], Entitlement.CLIENT_ADMINISTRATION)
            people.grant(agencies[tenant], clients[tenant])
            world.users["provider", tenant] = people.practice_user(practices[tenant])
        world.users["desk", A] = people.staff_user(
            Team.BILLING_OPERATIONS, Team.ENROLLMENT, Team.CLIENT_MANAGEMENT, Team.HELP_DESK
        )
        world.users["desk", B] = people.staff_user(Team.CHANNEL_COMPENSATION)
        world.objects["producers:act"] = {"client_id": clients[A].client_id}
        clerk = people.practice_user(practices[A], PracticeRole.FRONT_OFFICE)
        place = StaffMembership.objects.get(user=clerk)
        world.objects["providers:staff_remove"] = {"place_id": place.pk}
        request = desk.open_request(
            kind="billing.statement_differs", key="walk", title="Something to do", by=scope.system("test")
        )
        world.objects["desk:request"] = {"request_id": request.pk}
        BillRun.objects.create(as_of=dt.date(2026, 12, 12), cutoff=dt.datetime(2026, 12, 12, tzinfo=dt.UTC))
        world.objects["billing:run"] = {"as_of": dt.date(2026, 12, 12)}
        stored = files.store(kind="834", owner="plan", name="a.834", content_type="application/edi-x12", data=b"ISA")
        held = EnrollmentFile.objects.create(
            stored=stored, sha256=stored.sha256, sender="WALK", status="waiting", full_file=True, by="system:test",
            received_at=dt.datetime(2026, 12, 12, tzinfo=dt.UTC),
        )  # fmt: skip
        EnrollmentError.objects.create(file=held, segment=8, segment_id="INS", reason="unknown_group", value="G1")
        world.objects["enrollment:file"] = {"file_id": held.pk}
        for builder in BUILDERS:
            builder(world)
    return world
