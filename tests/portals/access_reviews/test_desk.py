"""Access reviews at the service desk: started for one or for all, seen in numbers, called off."""

import csv
import datetime as dt
import io

import pytest
from django.test import Client as Browser
from pytest_django import DjangoAssertNumQueries

from audit.models import Event, Subject
from portals import scope as scopes
from portals.access_reviews import actions as access_reviews
from portals.enums import ReviewKind, ReviewStatus, Team
from portals.models import AccessReview, AccessReviewLine, PlanClock, User
from providers.enums import PracticeRole
from providers.models import Practice, StaffMembership
from tests.factories import people

pytestmark = pytest.mark.django_db
TODAY = dt.date(2022, 12, 20)
SYSTEM = scopes.system("test")
NEW = "/desk/access-reviews/new/practice/"


@pytest.fixture(autouse=True)
def _today() -> None:
    PlanClock.objects.update_or_create(id=1, defaults={"business_date": TODAY})
    scopes.enter(SYSTEM)


def practice(name: str = "Capital Family Practice", colleagues: int = 1) -> Practice:
    at = people.practice(name)
    people.practice_user(at)
    for _n in range(colleagues):
        people.practice_user(at, PracticeRole.FRONT_OFFICE)
    return at


def desk(*teams: Team) -> Browser:
    browser = Browser()
    people.sign_in(browser, people.staff_user(*(teams or (Team.HELP_DESK,))))
    return browser


def all_reviews() -> list[AccessReview]:
    scopes.enter(SYSTEM)
    return list(AccessReview.objects.order_by("pk"))


def open_one(at: Practice) -> AccessReview:
    party = scopes.PartyRef("practice", at.pk)
    access_reviews.open_reviews(
        by=SYSTEM, kind=ReviewKind.PRACTICE, due_date=dt.date(2023, 1, 15), as_of=TODAY, party=party
    )
    return AccessReview.objects.get(party=str(party))


@pytest.mark.promise("V20")
def test_the_help_desk_starts_a_review_of_one_practice_by_its_number() -> None:
    at = practice()
    practice("Somebody Else")
    browser = desk()
    form = {"whom": "one", "number": at.provider_id, "due_date": "01/15/2023"}
    assert browser.post(NEW, form).url == "/desk/access-reviews/"
    (review,) = all_reviews()
    assert (review.party, review.due_date, review.lines.count()) == (f"practice:{at.pk}", dt.date(2023, 1, 15), 2)
    assert "A review of this organization is open already." in browser.post(NEW, form).content.decode()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"due_date": "01/02/2023"}, "Choose a day from January 3, 2023"),
        ({"due_date": "tomorrow"}, "Enter the day as month/day/year"),
        ({"number": ""}, "Type the number of the organization."),
        ({"number": "P-999"}, "We know nobody under this number."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_opened(change: dict[str, str], words: str) -> None:
    at = practice()
    page = desk().post(NEW, {"whom": "one", "number": at.provider_id, "due_date": "01/15/2023"} | change)
    assert words in page.content.decode()
    assert not all_reviews()


def test_where_one_manager_is_alone_there_is_nobody_to_confirm() -> None:
    at = practice(colleagues=0)
    page = desk().post(NEW, {"whom": "one", "number": at.provider_id, "due_date": "01/15/2023"})
    assert "there is nobody to confirm" in page.content.decode()


def test_where_none_is_left_to_start_that_is_said_and_nothing_is_asked() -> None:
    practice(colleagues=0)
    page = desk().post(NEW, {"whom": "all", "number": "", "due_date": "01/15/2023"}).content.decode()
    assert "None is left" in page and "Start them all" not in page


@pytest.mark.promise("V20")
def test_all_practices_are_asked_about_first_and_then_opened_at_once(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for n in range(20):
        practice(f"Practice {n}", colleagues=2)
    practice("Lone manager", colleagues=0)
    had = open_one(practice("Has one open"))
    people.employer_user(people.client())
    browser = desk()
    form = {"whom": "all", "number": "", "due_date": "01/15/2023"}
    asked = browser.post(NEW, form).content.decode()
    assert "Start reviews of 20 organizations?" in asked and "60 people have access there." in asked
    assert all_reviews() == [had]
    assert "Due day" in browser.post(NEW, form | {"edit": "yes"}).content.decode()
    browser.post(NEW, form | {"sure": "yes"})
    made = all_reviews()
    assert len(made) == 21
    assert AccessReviewLine.objects.exclude(review=had).count() == 60
    event = Event.objects.filter(action="access_review.open").latest("id")
    assert (event.detail["reviews"], event.detail["people"]) == (20, 60)
    assert Subject.objects.filter(event_id=event.pk).count() == 60
    AccessReview.objects.all().delete()
    with django_assert_num_queries(6):  # a savepoint around four statements, however many organizations
        access_reviews.open_reviews(by=SYSTEM, kind=ReviewKind.PRACTICE, due_date=dt.date(2023, 1, 15), as_of=TODAY)


@pytest.mark.parametrize(
    ("team", "kinds"),
    [
        (Team.HELP_DESK, {"practice"}),
        (Team.CLIENT_MANAGEMENT, {"employer"}),
        (Team.CHANNEL_COMPENSATION, {"agency"}),
    ],
)
def test_each_team_starts_and_sees_the_reviews_of_its_own_organizations(team: Team, kinds: set[str]) -> None:
    review = open_one(practice())
    browser = desk(team)
    found = {kind for kind in ReviewKind.values if browser.get(f"/desk/access-reviews/new/{kind}/").status_code == 200}
    assert found == kinds
    sees = team is Team.HELP_DESK
    assert ("Capital Family Practice" in browser.get("/desk/access-reviews/").content.decode()) is sees
    assert browser.get(f"/desk/access-reviews/{review.uuid}/").status_code == (200 if sees else 404)
    assert browser.post(f"/desk/access-reviews/{review.uuid}/").status_code == (302 if sees else 404)


@pytest.mark.parametrize("team", [Team.BILLING_OPERATIONS, Team.ENROLLMENT, Team.PRIVACY])
def test_other_teams_are_refused(team: Team) -> None:
    browser = desk(team)
    for path in ("", "list.csv", "new/practice/"):
        assert browser.get(f"/desk/access-reviews/{path}").status_code == 403


def test_the_list_is_searched_filtered_and_exported_as_it_is_shown() -> None:
    open_one(practice("Capital Family Practice", colleagues=3))
    oxbow = open_one(practice("Oxbow Orthopedics"))
    access_reviews.call_off(
        by=scopes.Scope(actor="user:1", portal=scopes.Portal.DESK, permissions=frozenset({"desk.review_practices"})),
        review=oxbow,
    )
    browser = desk()
    number = Practice.objects.get(name="Oxbow Orthopedics").provider_id
    for query in ("q=oxbow", f"q={number}", "status=called_off"):
        page = browser.get(f"/desk/access-reviews/?{query}").content.decode()
        assert "Oxbow Orthopedics" in page and "Capital" not in page and "1 review<" in page
        rows = csv_of(browser, query)
        assert [row["organization"] for row in rows] == ["Oxbow Orthopedics"]
    (capital,) = csv_of(browser, "q=capital")
    assert capital["number"] == Practice.objects.get(name="Capital Family Practice").provider_id
    assert {key: capital[key] for key in ("kind", "opened", "due", "status", "people", "undecided", "closed")} == {
        "kind": "practice",
        "opened": "2022-12-20",
        "due": "2023-01-15",
        "status": "open",
        "people": "4",
        "undecided": "4",
        "closed": "",
    }
    assert "No review matches" in browser.get("/desk/access-reviews/?q=zebra").content.decode()
    assert Event.objects.filter(action="desk:reviews_csv").count() == 0, "no person is in it"


def csv_of(browser: Browser, query: str) -> list[dict[str, str]]:
    people.step_up(browser, User.objects.get(pk=browser.session["_auth_user_id"]))
    content = browser.get(f"/desk/access-reviews/list.csv?{query}").content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content)))


def test_a_review_started_by_mistake_is_called_off_once() -> None:
    review = open_one(practice())
    browser = desk()
    page = browser.get(f"/desk/access-reviews/{review.uuid}/").content.decode()
    assert "Not decided yet" in page
    browser.post(f"/desk/access-reviews/{review.uuid}/")
    (review,) = all_reviews()
    assert review.status == ReviewStatus.CALLED_OFF
    assert Event.objects.filter(action="access_review.call_off").count() == 1
    again = browser.post(f"/desk/access-reviews/{review.uuid}/", follow=True).content.decode()
    assert "the review was over already" in again
    assert StaffMembership.objects.filter(ended_at=None).count() == 2


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_queries_whatever_its_length(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(count):
        open_one(practice(f"Practice {n}", colleagues=count))
    browser = desk()
    browser.get("/desk/access-reviews/")
    with django_assert_num_queries(12):
        browser.get("/desk/access-reviews/")
