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
from audit.archive import holds
from billing.actions import payments
from billing.models import BillRun
from employers.actions import full_lists
from employers.enums import EmployerRole
from employers.models import ClientDocument, EmployerUser
from members.disclosures import actions as members_disclosures
from members.models import Accounting, EnrollmentError, EnrollmentFile, MemberAccount
from portals import scope
from portals.access_reviews import actions as access_reviews
from portals.desk import actions as desk
from portals.desk import mail as desk_mail
from portals.desk.actions import Asker
from portals.enums import FileType, NoticeKind, ReviewKind, ReviewStatus, Team, Topic
from portals.files import stored as files
from portals.files.uploads import Checked
from portals.invitations import actions as invitations
from portals.invitations.kinds import Invitee
from portals.login import factors, notices
from portals.models import (
    AccessReview,
    ActingSession,
    ActivityReview,
    Announcement,
    AuthenticatorApp,
    DeskAttachment,
    DeskRequest,
    HelpContact,
    OutboxMail,
    SignedIn,
    StaffProposal,
    StaffRole,
    User,
)
from portals.plan import clock
from portals.privacy.activity import actions as activity
from portals.scope import PartyRef
from producers.enums import Entitlement
from producers.models import ProducerUser
from providers.enums import PracticeRole
from providers.models import StaffMembership
from tests.factories import alerts as alerts_made
from tests.factories import disclosures, documents, openings, payers, people

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
        topic=Topic.CLIENT_MANAGEMENT,
        audience="employer",
        owner="Walk team",
        phone="1-800-555-0170",
        week=week,
        effective=(dt.date(2020, 1, 1), None),
    )
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
    person = Invitee(
        party=PartyRef("client", place.client_id),
        role=EmployerRole.BILLING,
        given_name="Nora",
        family_name="Okell",
        email="nora.okell@walk.example",
    )
    row = invitations.invite(by=scope.system("test"), kind="employer", invitee=person)
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
        "member": ("person", MemberAccount.objects.get(user=world.users["member", A]).person_id),
    }
    for door, (kind, number) in parties.items():
        asker = Asker(user_id=world.users[door, A].pk, party=PartyRef(kind, number))
        row = _asked(f"walk:{door}", asker)
        world.objects[f"{door}s:request"] = {"request_uuid": row.uuid}
        first = row.remarks.get()
        sent = files.store(
            kind="desk.attachment",
            owner=f"desk_request:{row.pk}",
            name="letter.pdf",
            content_type="application/pdf",
            data=documents.pdf(),
        )
        DeskAttachment.objects.create(remark=first, stored=sent)
        world.objects[f"{door}s:request_file"] = {"request_uuid": row.uuid, "file": sent.uuid}
        world.objects["desk:request_file"] = {"request_id": row.pk, "file": sent.uuid}
        world.objects[f"{door}s:ask"] = {"kind": "website"}
    row = _asked("walk:stranger", Asker(reply_to="stranger@walk.example"))
    world.objects["door:request_status"] = resolve(desk_mail.stranger_page(row)).kwargs


def plan_documents(world: World) -> None:
    """A document that the plan made for A's employer, at the producer's wish."""
    place = EmployerUser.objects.get(user=world.users["employer", A])
    producer = ProducerUser.objects.get(user=world.users["producer", A])
    party = PartyRef("client", place.client_id)
    request = desk.open_request(
        kind=full_lists.KIND,
        key="walk:list",
        title="Full employee list",
        detail={"purpose": "Renewal"},
        party=party,
        by=scope.system("test"),
        asker=Asker(user_id=producer.user_id, party=PartyRef("agency", producer.agency_id)),
    )
    stored = files.store(kind="full_list", owner=party, name="list.csv", content_type="text/csv", data=b"Member ID")
    row = ClientDocument.objects.create(
        client_id=place.client_id,
        kind="full_list",
        name="employees.csv",
        as_of=dt.date(2026, 12, 14),
        stored=stored,
        request=request,
        people=[],
        people_count=0,
        made_by="system:test",
    )
    world.objects["employers:document_file"] = {"document": row.uuid}
    _acted(producer.user, PartyRef("agency", producer.agency_id), party)


def _acted(user: User, home: PartyRef, party: PartyRef) -> None:
    """One stretch in which the producer looked at an invoice, and was refused its lines."""
    row = ActingSession.objects.create(user=user, home=str(home), party=str(party), grant="client-grant:1")
    for action, kind, outcome in (("invoice", "view", "done"), ("lines", "denial", "refused")):
        audit.record(
            kind=kind,
            action=f"employers:ebilling_{action}",
            outcome=outcome,
            actor=f"user:{user.pk}",
            portal="employer",
            acting_for=str(party),
            grant=row.grant,
            detail={"invoice": "INV-1", "people": 2},
        )
    ActingSession.objects.filter(pk=row.pk).update(ended_at=timezone.now())


BUILDERS.append(plan_documents)


def _asked(key: str, asker: Asker) -> DeskRequest:
    return desk.open_request(
        kind="portal.website",
        key=key,
        title="A button is gone",
        detail={"text": "It was there yesterday."},
        by=scope.system("test"),
        asker=asker,
    )


BUILDERS.append(asked)


def agency_grants(world: World) -> None:
    """A's colleague and case manager, an agency under A's with Agency Reports granted and not."""
    place = people.place_of(world.users["producer", A])
    client = place.agency.client_grants.get().client
    world.objects["producers:access_client"] = {"client_id": client.client_id}
    colleague = people.producer_user(place.agency, Entitlement.RENEWALS)
    for page in ("contact", "remove"):
        world.objects[f"producers:agency_{page}"] = {"place_id": people.place_of(colleague).pk}
    case = people.case_manager(colleague, client, named_by=place.agency)
    world.objects["producers:agency_case_end"] = {"grant_id": case.pk}
    under = people.agency("Agency under A", general_agency=place.agency, direct_writer=False)
    reader = people.place_of(people.producer_user(under, Entitlement.AGENCY_REPORTS))
    world.objects["producers:agency_report_end"] = {"grant_id": reader.entitlements.get().pk}
    other = people.place_of(people.producer_user(under))
    world.objects["producers:agency_report_grant"] = {"place_id": other.pk}


BUILDERS.append(agency_grants)


def market(world: World) -> None:
    """A's agency and client as channel compensation and client management look after them."""
    place = people.place_of(world.users["producer", A])
    grant = place.agency.client_grants.get()
    world.objects["market:agency"] = {"agency_id": place.agency_id}
    world.objects["market:agency_propose"] = {"agency_id": place.agency_id, "place_id": place.pk}
    world.objects["market:agency_end"] = {"grant_id": place.entitlements.get().pk}
    for page in ("client", "client_propose"):
        world.objects[f"market:{page}"] = {"client_id": grant.client.client_id}
    world.objects["market:client_end"] = {"grant_id": grant.pk}


BUILDERS.append(market)


def reviews(world: World) -> None:
    """An open access review at each of A's organizations, with a colleague in it, and one that is over."""
    today, agency = clock.today(), ProducerUser.objects.get(user=world.users["producer", A]).agency
    client = EmployerUser.objects.get(user=world.users["employer", A]).client
    people.employer_user(client, EmployerRole.BILLING)
    practice = StaffMembership.objects.get(user=world.users["provider", A]).practice
    for kind, party, page in (
        (ReviewKind.EMPLOYER, PartyRef("client", client.pk), "employers:user_review"),
        (ReviewKind.PRACTICE, PartyRef("practice", practice.pk), "providers:staff_review"),
        (ReviewKind.AGENCY, PartyRef("agency", agency.pk), "producers:people_review"),
    ):
        for due in (30, 60):
            access_reviews.open_reviews(
                by=scope.system("test"), kind=kind, due_date=today + dt.timedelta(days=due), as_of=today, party=party
            )
            AccessReview.objects.filter(party=str(party), due_date=today + dt.timedelta(days=30)).update(
                status=ReviewStatus.CLOSED, closed_at=timezone.now(), closed_by="system:test"
            )
        over = AccessReview.objects.get(party=str(party), status=ReviewStatus.CLOSED)
        world.objects[f"{page}_evidence"] = {"review": over.uuid}
    world.objects["desk:review"] = {
        "review": AccessReview.objects.get(party=f"practice:{practice.pk}", status=ReviewStatus.OPEN).uuid
    }
    world.objects["desk:review_start"] = {"kind": ReviewKind.PRACTICE.value}


BUILDERS.append(reviews)


def plan_staff(world: World) -> None:
    """A's member's record, opened by somebody of the help desk in an emergency; a portal seen as A's employer; somebody
    proposed for a team."""
    person = MemberAccount.objects.get(user=world.users["member", A]).person
    for page in ("person", "card", "emergency", "emergency_end"):
        world.objects[f"records:{page}"] = {"person": person.uuid}
    clerk = people.staff_user(Team.HELP_DESK)
    opening = openings.glass(clerk, person)
    openings.view(clerk, world.users["employer", A], EmployerUser.objects.get(user=world.users["employer", A]).client)
    world.objects["desk:look"] = {"kind": "break-glass", "opening_id": opening.pk}
    place = StaffRole.objects.get(user=clerk)
    world.objects["desk:staff_end"] = {"place_id": place.pk}
    proposal = StaffProposal.objects.create(user=clerk, team=Team.ENROLLMENT, proposed_by=clerk)
    world.objects["desk:staff_proposal"] = {"proposal_id": proposal.pk}


BUILDERS.append(plan_staff)


def legal_hold(world: World) -> None:
    """A hold on the ledger."""
    who = scope.system("test").audit()
    number = holds.place(
        first_month=dt.date(2026, 3, 1), last_month=None, matter="2026-CV-118", reason="Subpoena of March", who=who
    )
    for page in ("hold", "hold_release"):
        world.objects[f"desk:{page}"] = {"number": number}


BUILDERS.append(legal_hold)


def ledger(world: World) -> None:
    """An event about A's member, and who opened that record."""
    person = MemberAccount.objects.get(user=world.users["member", A]).person
    event = audit.record(
        kind="look",
        action="records:person",
        actor=f"user:{world.users['desk', A].pk}",
        portal="desk",
        subjects=[("person", person.pk)],
        fields=("person.name",),
        detail={"people": 1},
        request_id="walk",
    )
    world.objects["desk:ledger_event"] = {"event_id": event}
    world.objects["members:privacy_ask"] = {"event_id": event}
    for page in ("", "_csv", "_paper"):
        world.objects[f"desk:ledger_opened{page}"] = {"kind": "person", "subject_id": person.pk}


BUILDERS.append(ledger)


def disclosures_of_a(world: World) -> None:
    """A disclosure of A's member to the police, with papers and suspended for a time; what the member got on a request
    and what is still to be answered."""
    user = world.users["member", A]
    person = MemberAccount.objects.get(user=user).person
    officer = people.staff_user(Team.PRIVACY)
    paper = Checked("disclosure.request", "subpoena.pdf", FileType.PDF, documents.pdf())
    row = disclosures.made(officer, person, purpose="law_enforcement", request_file=paper)
    by = openings.desk_scope(officer)
    with scope.entered(by):
        said = members_disclosures.suspend(
            by=by,
            disclosure=row.uuid,
            form="written",
            official="State Police",
            statement="It would impede an inquiry",
            stated_on=clock.today(),
            until=clock.today() + dt.timedelta(days=90),
            document=paper,
        )
    disclosures.made(officer, person)
    for page in ("one", "request_file", "correct", "void", "suspend"):
        world.objects[f"disclosures:{page}"] = {"disclosure": row.uuid}
    world.objects["disclosures:statement_file"] = {"disclosure": row.uuid, "statement": said.pk}
    for page in ("new_for", "accounting_new"):
        world.objects[f"disclosures:{page}"] = {"person": person.uuid}
    got = disclosures.given(user, person, as_of=clock.today())
    stored = files.store(
        kind="accounting",
        owner=f"person:{person.pk}",
        name="a.pdf",
        content_type="application/pdf",
        data=documents.pdf(),
    )
    Accounting.objects.filter(pk=got.pk).update(stored=stored)
    for page in ("accounting", "pdf", "file", "csv"):
        world.objects[f"members:disclosures_{page}"] = {"accounting": got.uuid}
    for page in ("accounting_pdf", "accounting_file", "accounting_csv"):
        world.objects[f"disclosures:{page}"] = {"accounting": got.uuid}
    asked_by_letter = disclosures.asked(officer, person, requested_on=clock.today())
    world.objects["disclosures:accounting"] = {"accounting": asked_by_letter.uuid}


BUILDERS.append(disclosures_of_a)


def alert(world: World) -> None:
    """A nurse of A's practice opened many records; a rule of alerts; the review of a week."""
    made = alerts_made.made(world.users["provider", A], portal="provider")
    world.objects["desk:alert"] = {"alert_id": made.pk}
    world.objects["desk:alert_rule"] = {"code": "many_records"}
    week = dt.date(2026, 3, 9)
    activity.make(by=scope.system("test"), week=week, today=week + dt.timedelta(days=7))
    row = ActivityReview.objects.get(week=week)
    for page in ("activity_review", "activity_report"):
        world.objects[f"desk:{page}"] = {"review_id": row.pk}


BUILDERS.append(alert)


def build() -> World:
    world = World()
    with scope.entered(scope.system("test")):
        clients = {tenant: people.client(f"Client {tenant}") for tenant in (A, B)}
        agencies = {tenant: people.agency(f"Agency {tenant}") for tenant in (A, B)}
        practices = {tenant: people.practice(f"Practice {tenant}") for tenant in (A, B)}
        for tenant in (A, B):
            world.users["member", tenant] = people.member_user(people.person())
            world.users["employer", tenant] = people.employer_user(clients[tenant], EmployerRole.ADMINISTRATOR)
            world.users["producer", tenant] = people.producer_user(
                agencies[tenant], Entitlement.CLIENT_ADMINISTRATION, contact=True
            )
            people.grant(agencies[tenant], clients[tenant])
            world.users["provider", tenant] = people.practice_user(practices[tenant])
        world.users["desk", A] = people.staff_user(*Team)
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
            stored=stored,
            sha256=stored.sha256,
            sender="WALK",
            status="waiting",
            full_file=True,
            by="system:test",
            received_at=dt.datetime(2026, 12, 12, tzinfo=dt.UTC),
        )
        EnrollmentError.objects.create(file=held, segment=8, segment_id="INS", reason="unknown_group", value="G1")
        world.objects["enrollment:file"] = {"file_id": held.pk}
        for builder in BUILDERS:
            builder(world)
    return world
