"""Whom an employer's people are told to call: the telephone of their own region, on pages, refusals and in mail."""

import pytest
from django.test import Client as Browser

from employers.enums import EmployerRole
from members.models import Client
from portals import permissions
from portals import scope as scopes
from portals.demo import plan
from portals.enums import NoticeKind, Topic
from portals.invitations import actions as invitations
from portals.invitations.kinds import Invitee
from portals.login import notices
from portals.models import HelpContact, OutboxMail
from portals.scope import PartyRef, Portal, Scope
from producers.enums import OPENERS
from tests.factories import people

pytestmark = pytest.mark.django_db
SYSTEM = scopes.system("test")
PHONES = {
    Topic.CLIENT_MANAGEMENT: "1-800-555-0181",
    Topic.BILLING_ENROLLMENT: "1-800-555-0182",
    Topic.PORTAL: "1-800-555-0183",
}
HERE, THERE = "NENY", ""


@pytest.fixture
def clients() -> dict[str, Client]:
    """One of the region and one of elsewhere; the region has telephones of its own, open at other hours."""
    with scopes.entered(SYSTEM):
        plan.load(by=SYSTEM)
        for topic, phone in PHONES.items():
            HelpContact.objects.create(
                audience="employer",
                region=HERE,
                topic=topic,
                owner="Albany office",
                phone=phone,
                week=[[["09:00", "17:00"]]] * 5 + [[], []],
                effective=people.ALWAYS,
            )
        found = {region: people.client(f"Mill {region}") for region in (HERE, THERE)}
        Client.objects.filter(pk=found[HERE].pk).update(region=HERE)
    return found


def signed_in(client: Client, role: EmployerRole) -> Browser:
    return people.browser(people.employer_user(client, role))


@pytest.mark.parametrize(("path", "role", "topic"), [
    ("users/", EmployerRole.ADMINISTRATOR, Topic.CLIENT_MANAGEMENT),
    ("users/invite/", EmployerRole.BILLING, Topic.CLIENT_MANAGEMENT),  # refused: a permission
    ("ebilling/", EmployerRole.BILLING, Topic.BILLING_ENROLLMENT),
    ("ebilling/invoices/", EmployerRole.BILLING, Topic.BILLING_ENROLLMENT),  # refused: the first invoice
])  # fmt: skip
def test_pages_and_refusals_name_the_regions_telephone_with_its_hours(
    clients: dict[str, Client], path: str, role: EmployerRole, topic: Topic
) -> None:
    page = {
        region: signed_in(client, role).get(f"/employers/{path}").content.decode() for region, client in clients.items()
    }
    general = HelpContact.objects.get(audience="employer", region="", topic=topic).phone
    assert PHONES[topic] in page[HERE] and general not in page[HERE]
    assert general in page[THERE] and PHONES[topic] not in page[THERE]
    assert "9 am" in page[HERE] and "8 am" in page[THERE]


def test_an_invitation_and_a_notice_name_the_telephone_of_the_region(clients: dict[str, Client]) -> None:
    for region, client in clients.items():
        party = PartyRef("client", client.pk)
        invitee = Invitee(party=party, role="billing", given_name="No", family_name="One", email=f"n{region}@x.example")
        with scopes.entered(SYSTEM):
            invitations.invite(by=SYSTEM, kind="employer", invitee=invitee)
            link = OutboxMail.objects.latest("id").body.partition("/invitation/")[2].split()[0]
        assert (PHONES[Topic.PORTAL] in Browser().get(f"/invitation/{link}").content.decode()) is (region == HERE)
        user = people.employer_user(client)
        with scopes.entered(scopes.NOBODY):
            notices.tell(user, NoticeKind.PASSWORD)
        mail = OutboxMail.objects.filter(to=user.email).latest("id").body
        assert (f"Albany office: {PHONES[Topic.PORTAL]} · " in mail) is (region == HERE)
        assert " am" in mail.rpartition("\n")[2], "a number without its hours"


def test_whoever_opens_a_gate_has_an_entry_in_the_directory() -> None:
    for portal in Portal:
        answer = permissions.allows(Scope("user:1", portal, user_id=1), "desk.work_queue")
        assert answer.owner in Topic.values
    assert set(OPENERS.values()) - {""} <= set(Topic.values), "blank: not the plan's to open"
    assert permissions.MANAGERS.keys() == {Portal.MEMBER, Portal.EMPLOYER, Portal.PRODUCER, Portal.PROVIDER}
