"""The days of an access review: reminders, and what nobody confirmed ends at the close of the due day (F14)."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client as Browser

from audit.models import Event, Subject
from employers.models import EmployerUser
from portals import jobs
from portals import scope as scopes
from portals.access_reviews import actions as access_reviews
from portals.access_reviews import daily, tasks
from portals.access_reviews import kinds as review_kinds
from portals.access_reviews import queries as review_queries
from portals.enums import JobStatus, ReviewDecision, ReviewKind, ReviewStatus, Team
from portals.models import AccessReview, AccessReviewLine, DeskRequest, Job, OutboxMail, PlanClock, User
from portals.scope import PartyRef
from providers.enums import PracticeRole
from providers.models import StaffMembership
from tests.factories import people
from tests.portals.access_reviews.test_reviews import (
    DUE,
    Office,
    agency,
    choice,
    desk_scope,
    employer,
    practice,
    save,
)

pytestmark = pytest.mark.django_db
SYSTEM = scopes.system("test")
CLOSE = DUE + dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _today() -> None:
    PlanClock.objects.update_or_create(id=1, defaults={"business_date": dt.date(2022, 12, 20)})


def day(day: dt.date) -> None:
    """The plan's day as the workers live it: the task of the minute, and the jobs that it asks for."""
    PlanClock.objects.update_or_create(id=1, defaults={"business_date": day})
    tasks.review_access()
    for job_id in Job.objects.filter(kind=daily.LAPSE, status=JobStatus.WAITING).values_list("pk"):
        jobs.run(job_id[0])
    scopes.enter(SYSTEM)


def days(first: dt.date, last: dt.date) -> None:
    for n in range((last - first).days + 1):
        day(first + dt.timedelta(days=n))


def decisions(office: Office) -> dict[int, str]:
    scopes.enter(SYSTEM)
    return dict(AccessReviewLine.objects.filter(review__party=str(office.party)).values_list("user_id", "decision"))


# --- Reminders ----------------------------------------------------------------------------------------------------


@pytest.mark.promise("V20")
def test_due_january_15_reminders_come_on_january_1_8_and_14_and_name_nobody() -> None:
    assert daily.reminder_days(DUE) == [dt.date(2023, 1, 1), dt.date(2023, 1, 8), dt.date(2023, 1, 14)]
    office = practice()
    office.open()
    sent = {}
    for n in range(27):
        at = dt.date(2022, 12, 20) + dt.timedelta(days=n)
        before = OutboxMail.objects.count()
        day(at)
        day(at)
        if OutboxMail.objects.count() > before:
            sent[at] = OutboxMail.objects.count() - before
    assert sent == {dt.date(2023, 1, 1): 1, dt.date(2023, 1, 8): 1, dt.date(2023, 1, 14): 1}
    everybody = [office.manager, *office.people]
    for mail in OutboxMail.objects.all():
        assert mail.to == office.manager.email
        assert "January 15, 2023" in mail.subject and "/providers/access-review/" in mail.body
        for user in everybody:
            for name in (user.family_name, user.username, user.email):
                assert name not in mail.subject + mail.body
    rows = Event.objects.filter(action="access_review.remind")
    assert [(row.kind, row.actor, row.detail["mails"]) for row in rows] == [("job", "system:review_access", 1)] * 3


def test_reminders_that_were_missed_are_caught_up_with_by_one_mail() -> None:
    office = practice()
    office.open()
    day(dt.date(2023, 1, 10))
    assert OutboxMail.objects.count() == 1
    assert AccessReview.objects.get().reminded_on == dt.date(2023, 1, 8)
    day(DUE)
    assert OutboxMail.objects.count() == 2, "the one of January 14"


def test_no_reminder_belongs_to_a_day_before_the_review_was_opened() -> None:
    office = practice()
    scopes.enter(SYSTEM)
    access_reviews.open_reviews(
        by=SYSTEM, kind=office.kind, due_date=dt.date(2022, 12, 30), as_of=dt.date(2022, 12, 20), party=office.party
    )
    day(dt.date(2022, 12, 20))
    assert not OutboxMail.objects.exists()
    day(dt.date(2022, 12, 23))
    assert OutboxMail.objects.count() == 1


def test_every_manager_is_reminded_who_can_read_it_and_nobody_else() -> None:
    office = employer()
    client = EmployerUser.objects.get(user=office.manager).client
    second, gone, closed = (people.employer_user(client) for _n in range(3))
    office.open()
    EmployerUser.objects.filter(user=gone).update(ended_at="2022-12-21T12:00:00Z")
    User.objects.filter(pk=closed.pk).update(is_active=False)
    day(dt.date(2023, 1, 1))
    assert set(OutboxMail.objects.values_list("to", flat=True)) == {office.manager.email, second.email}


# --- The close of the due day -------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [practice, employer, agency])
@pytest.mark.promise("V20", "V27")
def test_who_is_not_confirmed_ends_at_the_close_of_the_due_day_and_the_managers_own_account_does_not(
    make: Callable[[], Office],
) -> None:
    office = make()
    office.open()
    confirmed, forgotten = office.people
    sessions = {user: people.browser(user) for user in (confirmed, forgotten)}
    browser = people.browser(office.manager)
    save(browser, office, **{choice(office, confirmed): "keep"})
    day(DUE)
    assert office.standing(forgotten), "the due day is included"
    day(CLOSE)
    assert [office.standing(user) for user in (office.manager, confirmed, forgotten)] == [True, True, False]
    assert sessions[forgotten].get(office.home).status_code == 404
    assert sessions[confirmed].get(office.home).status_code == 200
    assert browser.get(office.home).status_code == 200
    assert decisions(office) == {
        office.manager.pk: ReviewDecision.MANAGER,
        confirmed.pk: ReviewDecision.CONFIRMED,
        forgotten.pk: ReviewDecision.LAPSED,
    }
    assert not DeskRequest.objects.exists()
    assert Job.objects.filter(kind=review_queries.EVIDENCE).count() == 1
    event = Event.objects.get(action="access_review.lapse")
    assert (event.kind, event.actor, event.detail["done"]) == ("job", "system:review_access", True)
    assert [row.subject_id for row in Subject.objects.filter(event_id=event.pk)] == [forgotten.pk]


def test_days_that_were_jumped_over_end_it_once_and_for_all() -> None:
    office = practice()
    office.open()
    for _n in range(3):
        day(dt.date(2023, 3, 1))
    assert not any(office.standing(user) for user in office.people)
    assert Event.objects.filter(action="access_review.lapse").count() == 1
    assert Event.objects.filter(action="providers.staff.remove").count() == 1
    assert not OutboxMail.objects.exists(), "nobody is reminded of what is over"
    assert daily.lapse(by=SYSTEM, review_id=AccessReview.objects.get().pk, as_of=CLOSE) == 0


@pytest.mark.parametrize(
    ("make", "team"),
    [
        (practice, Team.HELP_DESK),
        (employer, Team.CLIENT_MANAGEMENT),
        (agency, Team.CHANNEL_COMPENSATION),
    ],
)
@pytest.mark.promise("V20")
def test_where_no_manager_did_anything_their_accounts_stay_and_the_plans_people_are_asked(
    make: Callable[[], Office], team: Team
) -> None:
    office = make()
    review = office.open()
    days(DUE, CLOSE)
    assert [office.standing(user) for user in (office.manager, *office.people)] == [True, False, False]
    request = DeskRequest.objects.get()
    assert (request.team, request.party, request.due_date) == (team, str(office.party), CLOSE)
    assert office.manager.family_name not in f"{request.title}{request.detail}"
    review.refresh_from_db()
    assert review.status == ReviewStatus.LAPSED
    clerk = Browser()
    people.sign_in(clerk, people.staff_user(team))
    assert b"did not do its access review" in clerk.get("/desk/").content


def test_a_manager_who_did_nothing_ends_unless_another_manager_confirms() -> None:
    office = practice()
    at = StaffMembership.objects.get(user=office.manager).practice
    gone, kept = people.practice_user(at), people.practice_user(at)
    office.open()
    browser = people.browser(office.manager)
    save(browser, office, **{choice(office, kept): "keep"})
    day(CLOSE)
    assert [office.standing(user) for user in (office.manager, gone, kept)] == [True, False, True]


def test_a_manager_who_came_after_the_opening_has_done_the_review_too() -> None:
    office = practice()
    office.open()
    successor = people.practice_user(StaffMembership.objects.get(user=office.manager).practice)
    save(people.browser(successor), office, **{choice(office, office.people[0]): "keep"})
    day(CLOSE)
    assert not office.standing(office.manager), "nobody confirmed that the former manager still works there"
    assert office.standing(successor)
    assert not DeskRequest.objects.exists()


def test_where_the_only_reviewer_has_left_the_remaining_managers_stay() -> None:
    office = practice()
    other = people.practice_user(StaffMembership.objects.get(user=office.manager).practice)
    office.open()
    save(people.browser(office.manager), office, **{choice(office, office.people[0]): "keep"})
    StaffMembership.objects.filter(user=office.manager).update(ended_at="2023-01-02T12:00:00Z")
    day(CLOSE)
    assert office.standing(other)
    assert DeskRequest.objects.count() == 1
    assert decisions(office)[office.manager.pk] == ReviewDecision.LEFT


def test_a_review_in_which_everybody_was_decided_closes_as_done() -> None:
    office = practice()
    review = office.open()
    save(people.browser(office.manager), office, **{choice(office, user): "keep" for user in office.people})
    day(CLOSE)
    review.refresh_from_db()
    assert (review.status, all(office.standing(user) for user in office.people)) == (ReviewStatus.CLOSED, True)


def test_where_nobody_manages_everybody_ends_and_the_help_desk_is_asked() -> None:
    at = people.practice("Left Alone Practice")
    clerk = people.practice_user(at, PracticeRole.FRONT_OFFICE)
    scopes.enter(SYSTEM)
    access_reviews.open_reviews(
        by=SYSTEM,
        kind=ReviewKind.PRACTICE,
        due_date=DUE,
        as_of=dt.date(2022, 12, 20),
        party=PartyRef("practice", at.pk),
    )
    day(CLOSE)
    assert not StaffMembership.objects.filter(user=clerk, ended_at=None).exists()
    assert DeskRequest.objects.count() == 1


def test_a_called_off_review_ends_nobody() -> None:
    office = practice()
    review = office.open()
    access_reviews.call_off(by=desk_scope(office), review=review)
    day(CLOSE)
    assert all(office.standing(user) for user in office.people)
    with pytest.raises(review_kinds.Over):
        access_reviews.call_off(by=desk_scope(office), review=review)
