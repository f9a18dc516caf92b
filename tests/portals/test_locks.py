"""Two people at the same moment: the second waits for the first, and then decides by what the first left."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from billing.actions import ach, payments
from billing.actions.payments import PaymentRefused
from billing.models import AchFile, LedgerTransfer, Payment
from employers.actions import users as employer_users
from employers.models import EmployerUser
from portals import scope as scopes
from portals.enums import Team
from portals.invitations import actions as invitations
from portals.invitations.kinds import Invitee
from portals.models import Invitation, StaffRole
from portals.scope import PartyRef
from portals.staff import actions as staff
from providers.actions import departures
from providers.enums import Successor
from providers.models import StaffMembership
from tests.billing.test_payments import FRIDAY
from tests.factories import openings, payers, people, races
from tests.factories.payers import Payer

SYSTEM = scopes.system("test")


@pytest.fixture
def payer(committed: str) -> Payer:
    with scopes.entered(SYSTEM):
        client = people.client("Acme Anvils")
        made = payers.equip(client, people.employer_user(client), "Medical")
        payers.invoice(made.accounts[0], 100_00, dt.date(2027, 1, 1))
    return made


def paying(payer: Payer, key: str) -> Payment:
    shares = {payer.accounts[0].pk: 100_00}
    return payments.pay(by=payer.scope, shares=shares, bank_account=payer.bank_uuid, idempotency_key=key, at=FRIDAY)


def test_an_open_amount_is_paid_once_whatever_the_keys(payer: Payer) -> None:
    first, second = races.two(payer.scope, lambda: paying(payer, "one"), payer.scope, lambda: paying(payer, "two"))
    assert isinstance(first, Payment)
    assert isinstance(second, PaymentRefused)
    with scopes.entered(SYSTEM):
        assert Payment.objects.count() == 1


def test_the_days_bank_file_is_made_once(payer: Payer) -> None:
    with scopes.entered(payer.scope):
        paying(payer, "one")
    exporting = scopes.system("export_ach")
    day = FRIDAY.date()
    first, second = races.two(
        exporting, lambda: ach.export(by=exporting, as_of=day), exporting, lambda: ach.export(by=exporting, as_of=day)
    )
    assert first == second
    with scopes.entered(SYSTEM):
        assert AchFile.objects.count() == 1
        assert LedgerTransfer.objects.exists()


def test_two_privacy_officers_do_not_end_each_other(committed: str) -> None:
    with scopes.entered(SYSTEM):
        one, other = people.staff_user(Team.PRIVACY), people.staff_user(Team.PRIVACY)
        places = {user.pk: StaffRole.objects.get(user=user).pk for user in (one, other)}
        by = {user.pk: openings.desk_scope(user) for user in (one, other)}
    first, second = races.two(
        by[one.pk],
        lambda: staff.end(by=by[one.pk], place_id=places[other.pk]),
        by[other.pk],
        lambda: staff.end(by=by[other.pk], place_id=places[one.pk]),
    )
    assert first.user_id == other.pk
    assert isinstance(second, staff.LastOne)
    with scopes.entered(SYSTEM):
        assert StaffRole.objects.filter(team=Team.PRIVACY, ended_at=None).count() == 1


def test_two_administrators_of_an_employer_do_not_end_each_other(committed: str) -> None:
    with scopes.entered(SYSTEM):
        client = people.client("Acme Anvils")
        one, other = people.employer_user(client), people.employer_user(client)
        places = {user.pk: EmployerUser.objects.get(user=user).pk for user in (one, other)}

    def end(place: int) -> None:
        employer_users.end_places(by=SYSTEM, party_id=client.pk, place_ids=[place])

    _none, second = races.two(SYSTEM, lambda: end(places[other.pk]), SYSTEM, lambda: end(places[one.pk]))
    assert isinstance(second, employer_users.LastAdministrator)
    with scopes.entered(SYSTEM):
        assert EmployerUser.objects.filter(client=client, ended_at=None).count() == 1


def test_two_callers_do_not_leave_a_practice_without_a_manager(committed: str) -> None:
    with scopes.entered(SYSTEM):
        practice = people.practice("Elm Street Family Practice")
        managers = [people.practice_user(practice) for _ in range(2)]
        places = [StaffMembership.objects.get(user=user).pk for user in managers]
        clerks = [openings.desk_scope(people.staff_user(Team.HELP_DESK)) for _ in range(2)]

    def leave(number: int) -> Any:
        call = {"successor": Successor.STAYS, "caller_name": "Dana", "last_day": "2026-12-11"}
        return departures.end(
            by=clerks[number], practice=practice, place_ids=[places[number]], call=call, once=str(number)
        )

    _row, second = races.two(clerks[0], lambda: leave(0), clerks[1], lambda: leave(1))
    assert isinstance(second, departures.NobodyStays)
    with scopes.entered(SYSTEM):
        assert StaffMembership.objects.filter(practice=practice, ended_at=None).count() == 1


def test_of_two_invitations_of_one_person_one_is_open(committed: str) -> None:
    with scopes.entered(SYSTEM):
        client = people.client("Acme Anvils")
    invitee = Invitee(
        party=PartyRef("client", client.pk),
        role="administrator",
        given_name="Nora",
        family_name="Okell",
        email="nora@work.example",
    )

    def invite() -> Invitation:
        return invitations.invite(by=SYSTEM, kind="employer", invitee=invitee)

    first, second = races.two(SYSTEM, invite, SYSTEM, invite)
    with scopes.entered(SYSTEM):
        open_ = Invitation.objects.filter(ended_at=None)
        assert list(open_) == [second]
        assert Invitation.objects.get(pk=first.pk).ended_at is not None
