"""Legal holds on the ledger: one privacy officer places, two release, everybody else is told whose work it is."""

from __future__ import annotations

import datetime as dt

import pytest
from pytest_django import DjangoAssertNumQueries

from audit.archive import holds as archive_holds
from audit.enums import HoldStep
from audit.models import Event
from portals import permissions
from portals.enums import Team
from portals.models import User
from portals.privacy.holds import actions as holds
from tests.factories import openings, people

pytestmark = pytest.mark.django_db
TYPED = {
    "matter": "2026-CV-118",
    "first_month": "03/2026",
    "last_month": "05/2026",
    "reason": "Subpoena of the county court of March 4",
}


@pytest.fixture
def officer() -> User:
    return people.staff_user(Team.PRIVACY)


@pytest.fixture
def second() -> User:
    return people.staff_user(Team.PRIVACY)


def place(user: User, **changed: str) -> int:
    answer = people.browser(user).post("/desk/holds/place/", {**TYPED, **changed, "place": "yes"})
    assert answer.status_code == 302
    return int(answer["Location"].rstrip("/").rsplit("/", 1)[1])


def state(number: int) -> HoldStep:
    return next(held.state for held in archive_holds.listed() if held.number == number)


def test_what_was_typed_is_read_once_more_before_it_is_in_force(officer: User) -> None:
    browser = people.browser(officer)
    page = browser.post("/desk/holds/place/", TYPED)
    text = page.content.decode()
    assert "Place this hold?" in text and "March 2026" in text and "May 2026" in text
    assert archive_holds.listed() == []
    assert 'value="03/2026"' in browser.post("/desk/holds/place/", {**TYPED, "edit": "yes"}).content.decode()
    shown = browser.get(f"/desk/holds/{place(officer)}/").content.decode()
    for part in ("2026-CV-118", "March 2026 – May 2026", "In force", TYPED["reason"], officer.display_name):
        assert part in shown, part
    assert [each.matter for each in archive_holds.on(dt.date(2026, 4, 1))] == ["2026-CV-118"]
    event = Event.objects.get(action="audit.hold")
    assert (event.actor, event.detail["step"]) == (f"user:{officer.pk}", "placed")
    assert TYPED["reason"] not in str(event.detail)


def test_without_a_last_month_it_holds_every_later_one(officer: User) -> None:
    number = place(officer, last_month="")
    assert "March 2026 and every later one" in people.browser(officer).get(f"/desk/holds/{number}/").content.decode()
    assert archive_holds.on(dt.date(2040, 1, 1))


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"first_month": "2026-03"}, "Enter the month as month/year"),
        ({"first_month": "13/2026"}, "Enter the month as month/year"),
        ({"first_month": "٣/٢٠٢٦"}, "Enter the month as month/year"),
        ({"last_month": "02/2026"}, "The last month comes before the first one"),
        ({"matter": " "}, "This field is required"),
        ({"reason": "court"}, "Write at least 10 letters"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(officer: User, typed: dict[str, str], words: str) -> None:
    page = people.browser(officer).post("/desk/holds/place/", {**TYPED, **typed, "place": "yes"})
    assert words in page.content.decode()
    assert archive_holds.listed() == []


def test_placed_twice_it_is_one(officer: User) -> None:
    place(officer)
    page = people.browser(officer).post("/desk/holds/place/", {**TYPED, "place": "yes"})
    assert b"is in force already" in page.content
    assert len(archive_holds.listed()) == 1


def test_one_proposes_the_release_and_another_gives_it(officer: User, second: User) -> None:
    number = place(officer)
    url = f"/desk/holds/{number}/release/"
    mine, other = people.browser(officer), people.browser(second)
    assert mine.post(url, {"do": "propose", "reason": "The case was closed"}).status_code == 302
    assert b"Another person of your team decides" in mine.get(url).content
    refused = mine.post(url, {"do": "release", "reason": "The case was closed"})
    assert refused.status_code == 403
    assert b"A second person decides" in refused.content
    assert state(number) is HoldStep.RELEASE_PROPOSED
    assert b"The case was closed" in other.get(url).content
    assert other.post(url, {"do": "release", "reason": "Seen the letter of June 2"}).status_code == 302
    assert state(number) is HoldStep.RELEASED
    assert other.get(url).status_code == 404
    shown = other.get(f"/desk/holds/{number}/").content.decode()
    assert officer.display_name in shown and second.display_name in shown
    assert Event.objects.filter(action="audit.hold").count() == 3


def test_whoever_placed_it_may_be_the_second_person(officer: User, second: User) -> None:
    number = place(officer)
    url = f"/desk/holds/{number}/release/"
    people.browser(second).post(url, {"do": "propose", "reason": "The case was closed"})
    people.browser(officer).post(url, {"do": "release", "reason": "Seen the letter of June 2"})
    assert state(number) is HoldStep.RELEASED


def test_a_proposal_is_declined_or_taken_back(officer: User, second: User) -> None:
    number = place(officer)
    url = f"/desk/holds/{number}/release/"
    for user in (officer, second):
        people.browser(officer).post(url, {"do": "propose", "reason": "The case was closed"})
        people.browser(user).post(url, {"do": "keep"})
        assert state(number) is HoldStep.PLACED


def test_a_release_that_nobody_proposed_or_that_came_too_late_is_told(officer: User, second: User) -> None:
    number = place(officer)
    url = f"/desk/holds/{number}/release/"
    for do in ("release", "keep"):
        page = people.browser(second).post(url, {"do": do, "reason": "Seen the letter of June 2"}, follow=True)
        assert b"Somebody else was quicker" in page.content
    assert state(number) is HoldStep.PLACED
    page = people.browser(second).post(url, {"do": "propose", "reason": "short"})
    assert b"Write at least 10 letters" in page.content


def test_no_such_hold_is_not_there(officer: User) -> None:
    browser = people.browser(officer)
    assert browser.get("/desk/holds/99/").status_code == browser.get("/desk/holds/99/release/").status_code == 404


@pytest.mark.parametrize("team", [team for team in Team if team != Team.PRIVACY])
def test_to_other_teams_it_is_closed_and_the_gate_is_named(team: Team, officer: User) -> None:
    number = place(officer)
    browser = people.desk_browser(team)
    for url in ("", "list.csv", "place/", f"{number}/", f"{number}/release/"):
        page = browser.get(f"/desk/holds/{url}")
        assert page.status_code == 403
        assert b"the privacy officer" in page.content
        assert b"2026-CV-118" not in page.content
    with pytest.raises(permissions.Refused):
        holds.keep(by=openings.desk_scope(people.staff_user(team)), number=number)


def test_the_list_is_searched_filtered_and_taken_out(officer: User, second: User) -> None:
    first = place(officer)
    place(second, matter="OCR-77", reason="Inquiry of the regional office")
    holds.propose_release(by=openings.desk_scope(officer), number=first, reason="The case was closed")
    browser = people.browser(officer)

    def matters(query: str) -> list[str]:
        return [each["held"].matter for each in browser.get(f"/desk/holds/?{query}").context["listed"]]

    assert matters("") == ["OCR-77", "2026-CV-118"]
    assert matters("q=regional") == matters("state=placed") == ["OCR-77"]
    assert matters("state=release_proposed") == matters("q=cv-118") == ["2026-CV-118"]
    assert matters("q=nothing") == []
    lines = browser.get("/desk/holds/list.csv?q=cv-118").content.decode().splitlines()
    assert lines[0] == "\ufeffhold,matter,first_month,last_month,step,by,at,reason"
    assert [line.split(",")[4] for line in lines[1:]] == ["placed", "release_proposed"]
    event = Event.objects.filter(action="desk:holds_csv").latest("id")
    assert (event.kind, event.detail["rows"]) == ("export", 1)


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_and_for_three(
    officer: User, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(count):
        place(officer, matter=f"M-{n}")
    browser = people.browser(officer)
    browser.get("/desk/holds/")
    with django_assert_num_queries(14):
        browser.get("/desk/holds/")
