"""Access reviews as an organization's people meet them: one page to confirm or end each person, at three portals."""

import datetime as dt
import io
from collections.abc import Callable
from dataclasses import dataclass

import pypdf
import pytest
from django.db import connection
from django.test import Client as Browser
from pytest_django import DjangoAssertNumQueries

from audit.models import Event, Subject
from employers.enums import EmployerRole
from employers.models import EmployerUser
from portals import doors, jobs
from portals import scope as scopes
from portals.access_reviews import actions as access_reviews
from portals.access_reviews import kinds as review_kinds
from portals.access_reviews import queries as review_queries
from portals.enums import ReviewDecision, ReviewKind, ReviewStatus
from portals.files import pdf as paper
from portals.models import AccessReview, AccessReviewLine, Invitation, Job, PlanClock, User
from portals.scope import PartyRef, Portal, Scope
from producers.access import manages
from producers.enums import Entitlement
from producers.models import EntitlementGrant, ProducerUser
from providers.enums import PracticeRole
from providers.models import StaffMembership
from tests.factories import people, races

pytestmark = pytest.mark.django_db
TODAY, DUE = dt.date(2022, 12, 20), dt.date(2023, 1, 15)
SYSTEM = scopes.system("test")


@dataclass
class Office:
    """An organization of one kind: its manager and two colleagues, and the address of its page."""

    kind: ReviewKind
    party: PartyRef
    page: str
    home: str
    manager: User
    people: list[User]
    standing: Callable[[User], bool]

    def open(self, due: dt.date = DUE) -> AccessReview:
        scopes.enter(SYSTEM)
        access_reviews.open_reviews(by=SYSTEM, kind=self.kind, due_date=due, as_of=TODAY, party=self.party)
        return AccessReview.objects.get(party=str(self.party), status=ReviewStatus.OPEN)

    def line(self, user: User) -> AccessReviewLine:
        scopes.enter(SYSTEM)  # the last page left the sight of its reader
        return AccessReviewLine.objects.filter(review__party=str(self.party), user=user).latest("id")


@pytest.fixture(autouse=True)
def _today() -> None:
    move_to(TODAY)


def move_to(day: dt.date) -> None:
    PlanClock.objects.update_or_create(id=1, defaults={"business_date": day})


def practice() -> Office:
    at = people.practice("Capital Family Practice")
    manager = people.practice_user(at)
    staff = [people.practice_user(at, PracticeRole.FRONT_OFFICE) for _n in range(2)]
    return Office(
        ReviewKind.PRACTICE,
        PartyRef("practice", at.pk),
        "/providers/access-review/",
        "/providers/",
        manager,
        staff,
        lambda user: StaffMembership.objects.filter(user=user, practice=at, ended_at=None).exists(),
    )


def employer() -> Office:
    at = people.client("Otter Creek Mills")
    manager = people.employer_user(at)
    staff = [people.employer_user(at, EmployerRole.BILLING) for _n in range(2)]
    return Office(
        ReviewKind.EMPLOYER,
        PartyRef("client", at.pk),
        "/employers/access-review/",
        "/employers/",
        manager,
        staff,
        lambda user: EmployerUser.objects.filter(user=user, client=at, ended_at=None).exists(),
    )


def agency() -> Office:
    at = people.agency("Hudson Valley Benefits")
    manager = people.producer_user(at, Entitlement.GA_ADMINISTRATOR)
    staff = [people.producer_user(at, Entitlement.CLIENT_ADMINISTRATION) for _n in range(2)]
    return Office(
        ReviewKind.AGENCY,
        PartyRef("agency", at.pk),
        "/producers/access-review/",
        "/producers/",
        manager,
        staff,
        lambda user: ProducerUser.objects.filter(user=user, agency=at, ended_at=None).exists(),
    )


KINDS = pytest.mark.parametrize("make", [practice, employer, agency])


def manager_scope(office: Office) -> Scope:
    portal = {"practice": Portal.PROVIDER, "client": Portal.EMPLOYER, "agency": Portal.PRODUCER}[office.party.kind]
    (membership,) = doors.memberships(office.manager.pk, portal)
    base = Scope(actor=f"user:{office.manager.pk}", portal=portal, user_id=office.manager.pk)
    return membership.scope(base)


def save(browser: Browser, office: Office, **choices: str) -> object:
    return browser.post(office.page, {"do": "save", **choices})


def choice(office: Office, user: User) -> str:
    return f"line_{office.line(user).pk}"


def end(browser: Browser, office: Office, *users: User) -> object:
    """Through the question that is asked before."""
    answer = save(browser, office, **{choice(office, user): "end" for user in users})
    assert answer.url.startswith(f"{office.page}end/?line=")
    lines = [office.line(user).pk for user in users]
    assert all(f'value="{line}"' in browser.get(answer.url).content.decode() for line in lines)
    return browser.post(answer.url, {"line": lines}, follow=True)


# --- Opening and seeing -------------------------------------------------------------------------------------------


@KINDS
@pytest.mark.promise("V20")
def test_a_manager_starts_a_review_and_sees_everybody_with_the_day_on_which_access_ends(
    make: Callable[[], Office],
) -> None:
    office = make()
    browser = people.browser(office.manager)
    assert "Reviews before" in browser.get(office.page).content.decode()
    browser.post(office.page, {"due_date": "01/15/2023"})
    page = browser.get(office.page).content.decode()
    assert "Access review due: Jan 15" in page
    assert "Anyone you do not confirm loses access at the end of that day." in page
    assert "0 of 2 decided" in page
    for user in office.people:
        assert user.display_name in page and user.username in page and user.email in page
    assert "A review does not end your own access." in page
    assert "Access review due: Jan 15" in browser.get(office.home).content.decode()
    event = Event.objects.get(action="access_review.open")
    assert event.actor == f"user:{office.manager.pk}"
    assert set(Subject.objects.filter(event_id=event.pk).values_list("subject_id", flat=True)) == {
        office.manager.pk,
        *(user.pk for user in office.people),
    }


@pytest.mark.parametrize("day", ["12/26/2022", "12/22/2023", "soon"])
def test_a_due_day_that_leaves_no_week_or_lies_beyond_a_year_is_refused(day: str) -> None:
    office = practice()
    page = people.browser(office.manager).post(office.page, {"due_date": day}).content.decode()
    assert "data-error-summary" in page
    assert not AccessReview.objects.exists()
    with pytest.raises(review_kinds.TooSoon):
        office.open(dt.date(2022, 12, 26))


@KINDS
def test_everybody_else_sees_nothing_of_it(make: Callable[[], Office]) -> None:
    office, other = make(), make()
    review = office.open()
    colleague = people.browser(office.people[0])
    assert "Access review" not in colleague.get(office.home).content.decode()
    for path in ("", "end/", "rest/", f"{review.uuid}/evidence.pdf"):
        assert colleague.get(f"{office.page}{path}").status_code == 403
    stranger = people.browser(other.manager)
    assert "Access review due" not in stranger.get(office.home).content.decode()
    assert "Start a review" in stranger.get(office.page).content.decode()
    scopes.enter(SYSTEM)
    access_reviews.call_off(by=desk_scope(office), review=review)
    assert stranger.get(f"{office.page}{review.uuid}/evidence.pdf").status_code == 404
    assert stranger.post(f"{office.page}{review.uuid}/evidence.pdf").status_code == 404


def desk_scope(office: Office) -> Scope:
    permission = review_kinds.kind_named(office.kind.value).reviewed.desk_permission
    return Scope(actor="user:1", portal=Portal.DESK, permissions=frozenset({permission}))


def test_a_strangers_lines_are_not_touched_by_their_numbers() -> None:
    office, other = practice(), practice()
    office.open()
    other.open()
    browser = people.browser(other.manager)
    theirs = office.line(office.people[0]).pk
    browser.post(f"{other.page}rest/", {"line": [theirs]})
    browser.post(f"{other.page}end/", {"line": [theirs]})
    assert office.line(office.people[0]).decision == ""
    assert office.standing(office.people[0])


def test_the_database_itself_hides_another_organizations_review() -> None:
    office, other = practice(), practice()
    with scopes.entered(SYSTEM):
        office.open()
    scopes.enter(Scope(actor="user:1", portal=Portal.PROVIDER, party=other.party))
    assert (AccessReview.objects.count(), AccessReviewLine.objects.count()) == (0, 0)
    scopes.enter(Scope(actor="user:1", portal=Portal.PROVIDER, party=office.party))
    assert (AccessReview.objects.count(), AccessReviewLine.objects.count()) == (1, 3)


def test_nobody_who_acts_for_the_employer_reviews_its_people() -> None:
    office = employer()
    office.open()
    house = people.agency()
    producer = people.producer_user(house, Entitlement.CLIENT_ADMINISTRATION)
    client = EmployerUser.objects.filter(user=office.manager).get().client
    people.grant(house, client)
    browser = people.browser(producer)
    browser.post(f"/producers/clients/{client.client_id}/log-in/")
    assert "Access review" not in browser.get("/employers/").content.decode()
    assert browser.get(office.page).status_code == 403


# --- Deciding -----------------------------------------------------------------------------------------------------


@KINDS
@pytest.mark.promise("V20", "V27")
def test_who_is_confirmed_stays_and_who_is_ended_is_out_on_the_next_click(make: Callable[[], Office]) -> None:
    office = make()
    office.open()
    stays, leaves = office.people
    session = people.browser(leaves)
    assert session.get(office.home).status_code == 200
    browser = people.browser(office.manager)
    save(browser, office, **{choice(office, stays): "keep"})
    page = browser.get(office.page).content.decode()
    assert "1 of 2 decided" in page
    assert f"Confirmed: {office.manager.display_name}" in page
    answer = end(browser, office, leaves)
    assert b"1 person no longer has access." in answer.content
    assert not office.standing(leaves) and office.standing(stays)
    assert session.get(office.home).status_code == 404
    assert session.get("/home/").status_code == 403, "signed in, and nowhere to go"
    decided = {event.action: event for event in Event.objects.filter(action__startswith="access_review.")}
    for action, user in (("access_review.confirm", stays), ("access_review.end", leaves)):
        assert decided[action].actor == f"user:{office.manager.pk}"
        assert Subject.objects.get(event_id=decided[action].pk).subject_id == user.pk


def test_ending_asks_first_who_is_there_and_confirming_does_not() -> None:
    office = practice()
    office.open()
    first, second = office.people
    browser = people.browser(office.manager, stepped_up=False)
    answer = save(browser, office, **{choice(office, first): "keep", choice(office, second): "end"})
    assert office.line(first).decision == ReviewDecision.CONFIRMED
    assert browser.get(answer.url).url.startswith("/confirm/")
    assert browser.post(answer.url, {"line": [office.line(second).pk]}).url.startswith("/confirm/")
    assert office.standing(second)


def test_confirming_can_be_changed_until_it_is_closed_and_an_ended_place_stays_ended() -> None:
    office = practice()
    office.open()
    first, second = office.people
    browser = people.browser(office.manager)
    save(browser, office, **{choice(office, first): "keep", choice(office, second): "keep"})
    end(browser, office, first)
    browser.post(f"{office.page}rest/", {"line": [office.line(first).pk]})
    assert office.line(first).decision == ReviewDecision.ENDED
    assert not office.standing(first)
    assert choice(office, first) not in browser.get(office.page).content.decode()


def test_an_empty_form_is_answered_with_what_to_do() -> None:
    office = practice()
    office.open()
    page = save(people.browser(office.manager), office).content.decode()
    assert "Choose Keep or End access for somebody first." in page
    page = save(
        people.browser(office.manager), office, **{choice(office, office.people[0]): "perhaps"}
    ).content.decode()
    assert "data-error-summary" in page


def test_everybody_who_is_left_is_confirmed_only_after_their_names_were_shown() -> None:
    office = practice()
    office.open()
    browser = people.browser(office.manager)
    save(browser, office, **{choice(office, office.people[0]): "keep"})
    asked = browser.get(f"{office.page}rest/").content.decode()
    assert office.people[1].display_name in asked and office.people[0].display_name not in asked
    assert office.line(office.people[1]).decision == ""
    browser.post(f"{office.page}rest/", {"line": [office.line(office.people[1]).pk]})
    assert office.line(office.people[1]).decision == ReviewDecision.CONFIRMED
    assert "2 of 2 decided" in browser.get(office.page).content.decode()
    assert "Everybody is decided" in browser.get(office.home).content.decode()


def test_in_two_tabs_the_second_does_not_undo_the_first() -> None:
    office = practice()
    office.open()
    first, second = office.people
    browser = people.browser(office.manager)
    old = {choice(office, first): "keep", choice(office, second): "keep"}  # what the second tab will send
    end(browser, office, first)
    browser.post(office.page, {"do": "save", **old})
    assert office.line(first).decision == ReviewDecision.ENDED
    assert office.line(second).decision == ReviewDecision.CONFIRMED
    answer = browser.post(f"{office.page}end/", {"line": [office.line(first).pk]}, follow=True)
    assert b"That stays as it was." in answer.content
    assert Event.objects.filter(action="access_review.end").count() == 1


def test_of_two_managers_who_end_each_other_one_stays() -> None:
    office = practice()
    at = StaffMembership.objects.get(user=office.manager).practice
    other = people.practice_user(at)
    office.open()

    def rival() -> None:
        StaffMembership.objects.filter(user=office.manager).update(ended_at="2022-12-20T12:00:00Z")

    with races.just_before(r"SELECT.*providers_staffmembership.*FOR UPDATE", rival):
        answer = people.browser(office.manager).post(f"{office.page}end/", {"line": [office.line(other).pk]})
    assert b"A practice keeps at least one office manager, and this is the last one." in answer.content
    assert office.standing(other)
    assert office.line(other).decision == ""


@KINDS
def test_nobody_ends_or_confirms_the_own_account_here(make: Callable[[], Office]) -> None:
    office = make()
    office.open()
    browser = people.browser(office.manager)
    own = office.line(office.manager).pk
    assert f'name="line_{own}"' not in browser.get(office.page).content.decode()
    browser.post(f"{office.page}end/", {"line": [own]})
    browser.post(f"{office.page}rest/", {"line": [own]})
    assert office.line(office.manager).decision == ""
    assert office.standing(office.manager)


def test_a_person_who_left_is_shown_so_and_who_came_since_is_not_in_it() -> None:
    office = practice()
    office.open()
    gone, stays = office.people
    newcomer = people.practice_user(StaffMembership.objects.get(user=stays).practice, PracticeRole.BILLING)
    StaffMembership.objects.filter(user=gone).update(ended_at="2022-12-21T12:00:00Z")
    browser = people.browser(office.manager)
    page = browser.get(office.page).content.decode()
    assert "Left meanwhile" in page and choice(office, gone) not in page
    assert newcomer.display_name not in page
    assert "1 of 2 decided" in page
    save(browser, office, **{choice(office, stays): "keep"})
    browser.post(office.page, {"do": "finish"})
    assert office.line(gone).decision == ReviewDecision.LEFT
    assert office.standing(newcomer)


def test_a_review_is_finished_early_only_when_everybody_is_decided() -> None:
    office = practice()
    review = office.open()
    browser = people.browser(office.manager)
    assert b"Not everybody is confirmed" in browser.post(office.page, {"do": "finish"}, follow=True).content
    save(browser, office, **{choice(office, user): "keep" for user in office.people})
    assert b"The review is done." in browser.post(office.page, {"do": "finish"}, follow=True).content
    scopes.enter(SYSTEM)
    review.refresh_from_db()
    assert (review.status, review.closed_by) == (ReviewStatus.CLOSED, f"user:{office.manager.pk}")
    assert office.line(office.manager).decision == ReviewDecision.MANAGER
    assert "Access review due" not in browser.get(office.home).content.decode()
    with pytest.raises(review_kinds.Over), scopes.entered(manager_scope(office)):
        access_reviews.decide(by=manager_scope(office), review=review, as_of=TODAY, end=[1])


def test_after_the_due_day_nothing_is_decided_any_more() -> None:
    office = practice()
    office.open()
    browser = people.browser(office.manager)
    line = office.line(office.people[0]).pk
    move_to(DUE)
    assert "Access review due: today" in browser.get(office.page).content.decode()
    move_to(DUE + dt.timedelta(days=1))
    assert "is over" in browser.get(office.page).content.decode()
    assert browser.post(f"{office.page}end/", {"line": [line]}).status_code == 404
    browser.post(office.page, {"do": "save", f"line_{line}": "keep"})
    assert office.line(office.people[0]).decision == ""


# --- What ends with a place ---------------------------------------------------------------------------------------


def test_an_ended_producers_entitlements_end_as_dated_intervals_and_the_acting_is_over() -> None:
    office = agency()
    leaver = office.people[0]
    client = people.client("Otter Creek Mills", status="migrated", migrated_on="2022-12-01")
    place = ProducerUser.objects.select_related("agency").get(user=leaver)
    people.grant(place.agency, client)
    coming = EntitlementGrant.objects.create(
        place=place, entitlement=Entitlement.QUOTES, effective=(dt.date(2023, 3, 1), None), granted_by="system:test"
    )
    fresh = EntitlementGrant.objects.create(
        place=place, entitlement=Entitlement.RENEWALS, effective=(TODAY, None), granted_by="system:test"
    )
    session = people.browser(leaver)
    session.post(f"/producers/clients/{client.client_id}/log-in/")
    assert session.get("/employers/").status_code == 200
    office.open()
    end(people.browser(office.manager), office, leaver)
    assert session.get("/employers/").status_code in (403, 404)
    assert session.get("/producers/").status_code == 404
    old = EntitlementGrant.objects.get(place=place, entitlement=Entitlement.CLIENT_ADMINISTRATION)
    assert (old.effective.lower, old.effective.upper) == (dt.date(2020, 1, 1), TODAY)
    fresh.refresh_from_db()
    coming.refresh_from_db()
    for never_held in (fresh, coming):
        assert never_held.effective.isempty
        assert (never_held.ended_on, never_held.ended_why) == (TODAY, "left")


def test_an_ended_administrators_open_invitations_are_over_too() -> None:
    office = employer()
    client = EmployerUser.objects.get(user=office.manager).client
    leaver = people.employer_user(client)
    office.open()
    wanted = {"given_name": "Nora", "family_name": "Okell", "email": "nora@mill.example", "role": "billing"}
    people.browser(leaver).post("/employers/users/invite/", wanted)
    end(people.browser(office.manager), office, leaver)
    assert Invitation.objects.get().ended_by == f"user:{office.manager.pk}"


def test_who_administers_an_agency_or_is_alone_there_manages_its_people() -> None:
    house = people.agency()
    lone = people.producer_user(house)
    assert manages(lone.pk, house.pk, as_of=TODAY)
    administrator = people.producer_user(house, Entitlement.GA_ADMINISTRATOR)
    assert not manages(lone.pk, house.pk, as_of=TODAY)
    assert manages(administrator.pk, house.pk, as_of=TODAY)
    assert not manages(administrator.pk, people.agency().pk, as_of=TODAY)
    assert 'href="/producers/access-review/"' in people.browser(administrator).get("/producers/").content.decode()
    assert 'href="/producers/access-review/"' not in people.browser(lone).get("/producers/").content.decode()
    with pytest.raises(review_kinds.NobodyToReview):
        access_reviews.open_reviews(
            by=SYSTEM,
            kind=ReviewKind.AGENCY,
            due_date=DUE,
            as_of=TODAY,
            party=PartyRef("agency", ProducerUser.objects.get(user=people.producer_user(people.agency())).agency_id),
        )


# --- Evidence -----------------------------------------------------------------------------------------------------


@pytest.mark.promise("V20")
@pytest.mark.parametrize(("language", "word"), [("en", "Access ended"), ("es", "Acceso terminado")])
def test_the_evidence_says_who_was_decided_by_whom_and_each_download_is_a_row(language: str, word: str) -> None:
    if not paper.available():
        pytest.skip(f"Pango is not here: {paper.INSTALL}")
    office = practice()
    office.open()
    browser = people.browser(office.manager)
    stays, leaves = office.people
    save(browser, office, **{choice(office, stays): "keep"})
    end(browser, office, leaves)
    browser.cookies["django_language"] = language
    browser.post(office.page, {"do": "finish"})
    scopes.enter(SYSTEM)
    review = AccessReview.objects.get()
    address = f"{office.page}{review.uuid}/evidence.pdf"
    assert browser.get(address).url == office.page, "no PDF is made while somebody waits for a page"
    jobs.run(Job.objects.get(kind=review_queries.EVIDENCE).pk)
    assert address in browser.get(office.page).content.decode()
    for _n in range(2):
        answer = browser.get(address)
    assert answer["Content-Disposition"] == f'attachment; filename="access-review-{review.due_date}.pdf"'
    assert answer["Content-Security-Policy"].startswith("sandbox;"), "nothing in it runs within our site"
    pdf = pypdf.PdfReader(io.BytesIO(answer.content))
    text = " ".join(pdf.pages[0].extract_text().split())
    for expected in ("Capital Family Practice", stays.username, leaves.username, office.manager.display_name, word):
        assert expected in text
    assert pdf.root_object["/MarkInfo"].get_object() == {"/Marked": True} and "/StructTreeRoot" in pdf.root_object
    looks = Event.objects.filter(action="providers:staff_review_evidence", kind="print")
    assert looks.count() == 2
    assert Subject.objects.filter(event_id=looks[0].pk).count() == 3


def test_evidence_whose_making_failed_is_made_anew_on_asking() -> None:
    office = practice()
    review = office.open()
    browser = people.browser(office.manager)
    save(browser, office, **{choice(office, user): "keep" for user in office.people})
    browser.post(office.page, {"do": "finish"})
    Job.objects.filter(kind=review_queries.EVIDENCE).update(status="failed", tries=5)
    assert "Make the PDF again" in browser.get(office.page).content.decode()
    browser.post(f"{office.page}{review.uuid}/evidence.pdf")
    assert Job.objects.get(kind=review_queries.EVIDENCE).status == "waiting"


# --- What a page costs --------------------------------------------------------------------------------------------


@KINDS
@pytest.mark.parametrize("count", [1, 3])
def test_the_pages_cost_the_same_queries_whatever_the_number_of_people(
    make: Callable[[], Office], count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    office = make()
    if count == 1:
        end_place(office, office.people[1])
    else:
        add(office)
    office.open()
    browser = people.browser(office.manager)
    save(browser, office, **{choice(office, office.people[0]): "keep"})
    browser.get(office.page)
    expected = {"practice": (14, 12), "client": (16, 14), "agency": (14, 14)}[office.party.kind]
    with django_assert_num_queries(expected[0]):
        browser.get(office.page)
    with django_assert_num_queries(expected[1]):
        browser.get(office.home)


def end_place(office: Office, user: User) -> None:
    for model in (StaffMembership, EmployerUser, ProducerUser):
        model.objects.filter(user=user).update(ended_at="2022-12-01T12:00:00Z")


def add(office: Office) -> None:
    if office.party.kind == "practice":
        people.practice_user(StaffMembership.objects.get(user=office.manager).practice, PracticeRole.BILLING)
    elif office.party.kind == "client":
        people.employer_user(EmployerUser.objects.get(user=office.manager).client, EmployerRole.BILLING)
    else:
        people.producer_user(ProducerUser.objects.get(user=office.manager).agency)


def test_one_organization_has_one_open_review_and_a_person_one_line() -> None:
    office = practice()
    review = office.open()
    with pytest.raises(review_kinds.AlreadyOpen):
        office.open()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(DISTINCT place) FROM portals_accessreviewline WHERE review_id = %s", [review.pk]
        )
        assert cursor.fetchone() == (3, 3)
