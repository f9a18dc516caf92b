"""The first people of a plan: made by a command, in by the site's own pages, until two can decide about the rest."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client as Browser

from audit.models import Event
from portals.enums import Team, UserKind
from portals.models import OutboxMail, StaffProposal, StaffRole, User
from tests.factories import people

pytestmark = pytest.mark.django_db
PASSWORD = "seven grey lanterns"
PERSON = {"name": "Wanda Ostrow", "email": "wanda@plan.example", "team": "privacy"}


def add(username: str = "wostrow", **changed: str) -> dict[str, object]:
    out = StringIO()
    words = [f"--{name}={value}" for name, value in {**PERSON, **changed}.items()]
    call_command("add_staff", username, *words, "--json", stdout=out)
    told: dict[str, object] = json.loads(out.getvalue())
    return told


def refused(username: str = "wostrow", **changed: str) -> str:
    before = (User.objects.count(), StaffRole.objects.count(), OutboxMail.objects.count())
    with pytest.raises(CommandError) as error:
        add(username, **changed)
    assert error.value.returncode == 2
    assert (User.objects.count(), StaffRole.objects.count(), OutboxMail.objects.count()) == before
    return str(error.value)


def test_the_first_person_gets_in_by_the_mail_and_sets_up_the_second_step() -> None:
    assert add() == {"username": "wostrow", "account": True, "team": "privacy", "place": True}
    user = User.objects.get(username="wostrow")
    assert (user.kind, user.display_name, user.has_usable_password()) == (UserKind.WORK, "Wanda Ostrow", False)
    letter = OutboxMail.objects.get(to="wanda@plan.example")
    assert "/password/forgotten/" in letter.body
    assert "Ostrow" not in letter.body + letter.subject, "others may read the mailbox"
    browser = Browser()
    browser.post("/password/forgotten/", {"account": letter.to})
    code = people.code_in_mail(letter.to)
    page = browser.post("/password/new/", {"code": code, "password": PASSWORD, "again": PASSWORD}, follow=True)
    assert "wostrow" in page.content.decode()
    browser.post("/sign-in/", {"login": "wostrow", "password": PASSWORD})
    assert browser.get("/desk/staff/").url == "/security/", "nothing opens before the second step is set up"
    browser.post("/security/email-codes/")
    assert b"Wanda Ostrow" in browser.get("/desk/staff/").content


def test_nobody_signs_in_before_a_password_was_chosen() -> None:
    add()
    for typed in ("", "!", PASSWORD):
        assert Browser().post("/sign-in/", {"login": "wostrow", "password": typed}).status_code == 200


def test_it_leaves_its_rows_in_the_ledger_and_again_makes_nothing_twice() -> None:
    add()
    assert add() == {"username": "wostrow", "account": False, "team": "privacy", "place": False}
    assert add("WOSTROW", team="")["account"] is False
    assert (User.objects.count(), StaffRole.objects.count(), OutboxMail.objects.count()) == (1, 1, 1)
    user = User.objects.get()
    rows = Event.objects.filter(actor="system:add_staff").order_by("id")
    assert [(row.action, row.object_id, row.detail) for row in rows] == [
        ("staff.add_account", str(user.pk), {}),
        ("staff.add_first", str(user.pk), {"team": "privacy"}),
    ]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"team": "wizards"}, "There is no team wizards. The teams are help_desk, client_management"),
        ({"email": "wanda at plan"}, "wanda at plan is no e-mail address."),
        ({"email": ""}, "Nothing is no e-mail address."),
        ({"email": f"{'w' * 64}@{'plan-' * 12}x.{'plan-' * 12}x.{'plan-' * 12}x.example"}, "longer than 254"),
        ({"name": ""}, "The name is missing"),
        ({"name": "Wanda"}, "The name is missing"),
        ({"name": f"Wanda {'O' * 61}"}, "60 letters at most"),
        ({"username": "w ostrow"}, "w ostrow cannot be a username. Use 2 or more letters or digits"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(changed: dict[str, str], says: str) -> None:
    assert says in refused(**changed)


def test_username_and_e_mail_of_somebody_else_are_refused() -> None:
    other = people.user(username="wostrow")
    assert refused("WOstrow") == "The username WOstrow is taken by another account."
    assert refused("wanda", email=other.email) == f"The e-mail {other.email} belongs to another account."


def test_a_member_s_and_a_closed_account_are_somebody_else_s() -> None:
    add()
    User.objects.update(is_active=False)
    assert "is taken" in refused()
    User.objects.update(is_active=True, kind=UserKind.MEMBER)
    assert "is taken" in refused()


@pytest.mark.parametrize("team", list(Team))
def test_with_two_privacy_officers_they_decide_who_joins_any_team(team: Team) -> None:
    add("first", email="first@plan.example")
    add("second", email="second@plan.example")
    says = refused("third", email="third@plan.example", team=team)
    assert "propose and decide who joins a team, on the page Plan staff" in says
    assert add("first", email="first@plan.example")["place"] is False, "who is there is no new person"


def test_who_left_or_was_closed_does_not_count() -> None:
    one, two = people.staff_user(Team.PRIVACY, Team.HELP_DESK), people.staff_user(Team.PRIVACY)
    refused()
    StaffRole.objects.filter(user=two).update(ended_at="2026-12-01T00:00Z")
    assert add()["place"] is True
    refused("third", email="third@plan.example")
    User.objects.filter(pk=one.pk).update(is_active=False)
    assert add("third", email="third@plan.example")["place"] is True


def test_later_people_get_an_account_here_and_their_place_from_two_others() -> None:
    officer, second = people.staff_user(Team.PRIVACY), people.staff_user(Team.PRIVACY)
    assert add(team="") == {"username": "wostrow", "account": True, "team": None, "place": False}
    people.browser(officer).post("/desk/staff/propose/", {"account": "wostrow", "team": "enrollment"})
    row = StaffProposal.objects.get()
    people.browser(second).post(f"/desk/staff/proposals/{row.pk}/", {"decision": "give"})
    assert StaffRole.objects.get(user__username="wostrow").team == Team.ENROLLMENT


def test_people_who_type_read_what_happened() -> None:
    out = StringIO()
    for _again in range(2):
        call_command("add_staff", "wostrow", "--name=Wanda Ostrow", "--email=w@plan.example", stdout=out)
    assert out.getvalue().splitlines() == [
        "wostrow: account made. A mail says how to choose a password.",
        "wostrow: was there already; nothing changed.",
    ]
