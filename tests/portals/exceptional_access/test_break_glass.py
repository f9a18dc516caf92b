"""Looks by plan staff are reviewed by somebody else, who sees exactly what was looked at."""

from __future__ import annotations

import pytest
from django.test import Client as Browser
from pytest_django import DjangoAssertNumQueries

from audit import actions as audit
from audit.enums import Kind
from audit.models import Event
from members.models import Person
from portals import scope as scopes
from portals.desk import actions as desk
from portals.desk import kinds as desk_kinds
from portals.enums import ExceptionalAccessKind, Finding, RequestStatus, Team
from portals.exceptional_access import break_glass
from portals.models import DeskRequest, User, ViewAs
from portals.privacy.exceptional_access import actions as exceptional_access
from tests.factories import openings, people

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> User:
    return people.staff_user(Team.PRIVACY)


@pytest.fixture
def privacy(officer: User) -> Browser:
    return people.browser(officer)


@pytest.fixture
def clerk() -> User:
    return people.staff_user(Team.HELP_DESK)


@pytest.fixture
def iris() -> Person:
    with scopes.entered(scopes.system("test")):
        return people.person(last_name="Quorndon")


def seen(count: int, clerk: User) -> list[ViewAs]:
    with scopes.entered(scopes.system("test")):
        client = people.client("Otter Creek Mills")
    return [openings.view(clerk, people.employer_user(client), client) for _n in range(count)]


@pytest.mark.promise("V2")
def test_the_review_shows_reason_ticket_and_exactly_what_was_looked_at(
    privacy: Browser, officer: User, clerk: User, iris: Person
) -> None:
    row = openings.glass(clerk, iris)
    browser = people.browser(clerk)
    browser.get(f"/desk/members/{iris.uuid}/")
    browser.get("/desk/members/")
    openings.run_out(row)
    page = privacy.get(f"/desk/looks/break-glass/{row.pk}/")
    text = page.content.decode()
    for part in (openings.TICKET, clerk.display_name, "Member&#x27;s record", "Last four digits", "Iris Quorndon"):
        assert part in text, part
    assert [each.event.action for each in page.context["seen"]] == [
        "break_glass.open",
        "desk.open_request",
        "records:person",
    ]
    answer = privacy.post(f"/desk/looks/break-glass/{row.pk}/", {"finding": "justified", "note": "Called back"})
    assert answer.status_code == 302
    row.refresh_from_db()
    assert (row.reviewed_by, row.finding, row.note) == (officer, Finding.JUSTIFIED, "Called back")
    assert DeskRequest.objects.get(kind="privacy.break_glass").status == RequestStatus.DONE
    assert Event.objects.get(action="looks.review").detail == {"finding": "justified"}


def test_a_review_closes_its_request_however_it_stands(privacy: Browser, clerk: User, iris: Person) -> None:
    row = openings.glass(clerk, iris)
    openings.run_out(row)
    asked = DeskRequest.objects.get(kind="privacy.break_glass")
    page = f"/desk/requests/{asked.pk}/"
    assert clerk.display_name in privacy.get(page).content.decode()
    privacy.post(page, {"do": "remark", "status": "waiting", "text": "For the member's call."})
    asked.refresh_from_db()
    assert asked.status == RequestStatus.WAITING
    with pytest.raises(desk_kinds.NotAllowed), scopes.entered(scopes.system("test")) as by:
        desk.hand_over(request_id=asked.pk, team=Team.HELP_DESK, by=by, text="Not ours.")
    privacy.post(f"/desk/looks/break-glass/{row.pk}/", {"finding": "justified"})
    asked.refresh_from_db()
    assert asked.status == RequestStatus.DONE


def test_no_number_of_later_looks_hides_the_first(privacy: Browser, clerk: User, iris: Person) -> None:
    row = openings.glass(clerk, iris)
    under = break_glass.under(openings.desk_scope(clerk), row)
    with scopes.entered(under):
        for _n in range(exceptional_access.AT_ONCE + 1):
            audit.record(kind=Kind.VIEW, action="flood", **under.audit())
    openings.run_out(row)
    shown = privacy.get(f"/desk/looks/break-glass/{row.pk}/").context["seen"]
    assert shown[0].event.action == "break_glass.open"
    assert len(shown) == exceptional_access.AT_ONCE + 3


def test_what_is_open_still_waits_and_what_was_reviewed_stands(privacy: Browser, clerk: User, iris: Person) -> None:
    row = openings.glass(clerk, iris)
    url = f"/desk/looks/break-glass/{row.pk}/"
    assert b"once it is over" in privacy.get(url).content
    privacy.post(url, {"finding": "justified"})
    row.refresh_from_db()
    assert row.finding == ""
    openings.run_out(row)
    privacy.post(url, {"finding": "not_justified", "note": "No such ticket; talked to the person"})
    privacy.post(url, {"finding": "justified"})
    row.refresh_from_db()
    assert row.finding == Finding.NOT_JUSTIFIED
    with pytest.raises(exceptional_access.ReviewedAlready):
        exceptional_access.review(
            by=openings.desk_scope(people.staff_user(Team.PRIVACY)),
            kind=ExceptionalAccessKind.BREAK_GLASS,
            ids=[row.pk],
            finding=Finding.JUSTIFIED,
        )


def test_not_justified_needs_its_words(privacy: Browser, clerk: User, iris: Person) -> None:
    row = openings.glass(clerk, iris)
    openings.run_out(row)
    page = privacy.post(f"/desk/looks/break-glass/{row.pk}/", {"finding": "not_justified", "note": ""})
    assert b"Write what was wrong" in page.content
    row.refresh_from_db()
    assert row.finding == ""


def test_nobody_reviews_their_own(iris: Person) -> None:
    both = people.staff_user(Team.PRIVACY, Team.HELP_DESK)
    row = openings.glass(both, iris)
    (own,) = seen(1, both)
    openings.run_out(row)
    browser = people.browser(both)
    for kind, pk in (("break-glass", row.pk), ("view-as", own.pk)):
        assert b"your own look" in browser.get(f"/desk/looks/{kind}/{pk}/").content
        page = browser.post(f"/desk/looks/{kind}/{pk}/", {"finding": "justified"})
        assert page.status_code == 403
        assert b"Nobody reviews their own" in page.content
    assert browser.post("/desk/looks/?kind=view-as", {"look": [own.pk]}).status_code == 403
    own.refresh_from_db()
    assert own.reviewed_at is None
    assert b"another person reviews it" in browser.get("/desk/looks/?kind=view-as").content


def test_several_are_signed_off_at_once_and_those_not_chosen_stay(privacy: Browser, officer: User, clerk: User) -> None:
    rows = seen(3, clerk)
    privacy.post("/desk/looks/?kind=view-as", {"look": [rows[0].pk, rows[2].pk, "x"]})
    assert list(ViewAs.objects.filter(finding="justified", reviewed_by=officer).order_by("pk")) == [rows[0], rows[2]]
    assert Event.objects.filter(action="looks.review").count() == 2
    assert privacy.get("/desk/looks/?kind=view-as&state=to_review").context["total"] == 1
    assert b"Choose at least one" in privacy.post("/desk/looks/?kind=view-as", follow=True).content


def test_the_list_is_searched_filtered_and_downloaded(privacy: Browser, clerk: User, iris: Person) -> None:
    seen(2, clerk)
    openings.glass(clerk, iris)
    assert privacy.get("/desk/looks/").content.decode().count(openings.TICKET) == 1
    assert b"Open now" in privacy.get("/desk/looks/?state=open").content
    assert b"None matches" in privacy.get("/desk/looks/?kind=view-as&q=zzz").content
    assert privacy.get(f"/desk/looks/?kind=view-as&q={clerk.family_name}").context["total"] == 2
    lines = privacy.get("/desk/looks/list.csv?kind=view-as").content.decode().splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("\ufeffgrant,who,place,reason")
    assert Event.objects.get(action="desk:looks_csv").kind == "export"


@pytest.mark.parametrize("team", [team for team in Team if team != Team.PRIVACY])
def test_to_others_the_gate_is_named(team: Team, clerk: User, iris: Person) -> None:
    row = openings.glass(clerk, iris)
    browser = people.desk_browser(team)
    for url in ("/desk/looks/", "/desk/looks/list.csv", f"/desk/looks/break-glass/{row.pk}/"):
        page = browser.get(url)
        assert page.status_code == 403
        assert b"reviewed by the privacy officer" in page.content


def test_no_such_look_is_not_there(privacy: Browser) -> None:
    for url in ("/desk/looks/break-glass/999999/", "/desk/looks/other/1/"):
        assert privacy.get(url).status_code == 404


def test_the_list_costs_the_same_for_one_and_for_three(
    privacy: Browser, clerk: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    seen(1, clerk)
    with django_assert_num_queries(12):
        privacy.get("/desk/looks/?kind=view-as")
    seen(2, clerk)
    with django_assert_num_queries(12):
        assert privacy.get("/desk/looks/?kind=view-as").context["total"] == 3


def test_one_look_costs_the_same_however_much_was_looked_at(
    privacy: Browser, clerk: User, iris: Person, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    row = openings.glass(clerk, iris)
    browser = people.browser(clerk)
    browser.get(f"/desk/members/{iris.uuid}/")
    with django_assert_num_queries(14):
        privacy.get(f"/desk/looks/break-glass/{row.pk}/")
    for _n in range(2):
        browser.get(f"/desk/members/{iris.uuid}/")
    with django_assert_num_queries(14):
        page = privacy.get(f"/desk/looks/break-glass/{row.pk}/")
    assert len(page.context["seen"]) >= 5
