"""The privacy officer reads the ledger: by everything that it holds, in words, and leaves a row each time."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re

import pytest
from django.test import Client as Browser
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from audit import actions as audit
from audit import search
from audit.enums import Kind
from audit.models import Event, Subject
from audit.search import Criteria
from members.models import Client, Person
from portals import scope as scopes
from portals.enums import Team
from portals.models import User
from portals.plan.periods import PLAN_ZONE
from portals.privacy.ledger import views as ledger_views
from tests.factories import openings, people

pytestmark = pytest.mark.django_db
PAGE = "/desk/ledger/"


@pytest.fixture
def officer() -> User:
    return people.staff_user(Team.PRIVACY)


@pytest.fixture
def privacy(officer: User) -> Browser:
    return people.browser(officer)


@pytest.fixture
def clerk() -> User:
    user = people.staff_user(Team.MEMBER_SERVICES)
    User.objects.filter(pk=user.pk).update(given_name="Mara", family_name="Wetherow")
    return user


@pytest.fixture
def iris() -> Person:
    with scopes.entered(scopes.system("test")):
        return people.person(last_name="Quorndon")


@pytest.fixture
def client() -> Client:
    with scopes.entered(scopes.system("test")):
        return people.client("Otter Creek Mills")


def note(action: str = "records:person", **columns: object) -> int:
    values = {"kind": Kind.LOOK, "actor": "system:test", "portal": "desk"} | columns
    with scopes.entered(scopes.system("test")):
        return audit.record(action=action, **values)  # type: ignore[arg-type]


def shown(browser: Browser, query: str) -> list[str]:
    """The actions that a search shows, the newest first."""
    answer = browser.get(PAGE + query)
    assert answer.status_code == 200
    return [each["line"].row.action for each in answer.context["shown"]]


def text(answer: object) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())  # type: ignore[attr-defined]


@pytest.mark.promise("V2")
def test_the_officer_reads_who_opened_a_record_when_and_what_of_it_in_words(
    privacy: Browser, clerk: User, iris: Person
) -> None:
    people.browser(clerk).get(f"/desk/members/{iris.uuid}/")
    record = privacy.get(f"/desk/members/{iris.uuid}/").content.decode()
    assert f'href="/desk/ledger/opened/person/{iris.pk}/"' in record
    page = text(privacy.get(f"/desk/ledger/opened/person/{iris.pk}/"))
    for part in (
        "Iris Quorndon",
        "Mara Wetherow",
        "Member services",
        "Member&#x27;s record at the service desk",
        "Last four digits of the Social Security number",
    ):
        assert part in page, part
    found = text(privacy.get(f"{PAGE}?subject=person:{iris.pk}&actor=user:{clerk.pk}&kind=opening"))
    assert "Mara Wetherow Member services" in found
    assert "About: Iris Quorndon" in found


def test_other_teams_neither_find_the_page_nor_the_link(clerk: User, iris: Person) -> None:
    browser = people.browser(clerk)
    record = browser.get(f"/desk/members/{iris.uuid}/").content.decode()
    assert "/desk/ledger/" not in record
    event = note()
    for url in (
        PAGE,
        f"{PAGE}list.csv",
        f"{PAGE}events/{event}/",
        f"{PAGE}opened/person/{iris.pk}/",
        f"{PAGE}opened/person/{iris.pk}/list.csv",
        f"{PAGE}opened/person/{iris.pk}/print/",
    ):
        answer = browser.get(url)
        assert answer.status_code == 403, url
        assert "Iris" not in answer.content.decode()
    assert b"read by the privacy officer" in answer.content


@pytest.mark.parametrize("team", [team for team in Team if team != Team.PRIVACY])
def test_no_other_team_reads_it(team: Team) -> None:
    assert people.desk_browser(team).get(PAGE).status_code == 403


def test_it_is_searched_by_each_of_its_columns(privacy: Browser, clerk: User, iris: Person, client: Client) -> None:
    me = f"user:{clerk.pk}"
    note("one.who", actor=me)
    note("two.kind", kind=Kind.EXPORT)
    note("three.portal", portal="provider")
    note("four.outcome", outcome="refused")
    note("five.grant", grant="break-glass:77")
    note("six.request", request_id="feed")
    note("seven.source", source="192.0.2.99")
    note("eight.subject", subjects=[("person", iris.pk)])
    note("nine.object", object_kind="client", object_id=str(client.pk))
    note("ten.acting", acting_for=f"client:{client.pk}")
    note("eleven.nobody", actor="nobody")
    note("twelve.named", actor="system:run_billing")
    for query, action in (
        (f"?who={clerk.username}&kind=look", "one.who"),
        (f"?actor={me}", "one.who"),
        ("?kind=export", "two.kind"),
        ("?portal=provider", "three.portal"),
        ("?outcome=refused", "four.outcome"),
        ("?grant=break-glass:77", "five.grant"),
        ("?request=feed", "six.request"),
        ("?source=192.0.2.99", "seven.source"),
        (f"?subject=person:{iris.pk}", "eight.subject"),
        ("?who=nobody&action=eleven", "eleven.nobody"),
        ("?who=system:run_billing", "twelve.named"),
        ("?action=NINE", "nine.object"),
    ):
        assert shown(privacy, query)[-1:] == [action], query
    about = shown(privacy, f"?about_kind=client&about={client.client_id}")
    assert set(about) >= {"nine.object", "ten.acting"}
    systems = shown(privacy, "?who=systems")
    assert "twelve.named" in systems
    assert "one.who" not in systems
    assert shown(privacy, "?action=record at the service&who=nobody") == []


def test_pages_are_found_by_their_words_in_the_readers_language(privacy: Browser) -> None:
    note("records:person")
    note("desk:staff")
    assert shown(privacy, "?action=record at the service desk") == ["records:person"]


def test_who_is_chosen_where_a_name_fits_several(privacy: Browser, clerk: User) -> None:
    namesake = people.staff_user(Team.ENROLLMENT)
    User.objects.filter(pk=namesake.pk).update(given_name="Mara", family_name="Ostrow")
    note("of.one", actor=f"user:{clerk.pk}")
    answer = privacy.get(f"{PAGE}?who=mara")
    assert "Whom do you mean?" in answer.content.decode()
    assert answer.context["shown"] == []
    urls = [url for _user, url in answer.context["people"]]
    assert shown(privacy, urls[1].removeprefix(PAGE)) == ["of.one"]
    assert "No user has this username" in privacy.get(f"{PAGE}?who=zebra").content.decode()


def test_days_are_the_plans_and_both_are_included(privacy: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    note("now")
    today = timezone.now().astimezone(PLAN_ZONE).date()
    day, before, after = (f"{each:%m/%d/%Y}" for each in (today, today - dt.timedelta(1), today + dt.timedelta(1)))
    assert "now" in shown(privacy, f"?first={day}&last={day}")
    assert "now" not in shown(privacy, f"?last={before}")
    assert "now" not in shown(privacy, f"?first={after}")
    form = ledger_views.LedgerFilter({"first": "11/01/2026", "last": "11/01/2026"})
    assert form.is_valid()
    assert [each.astimezone(dt.UTC).isoformat() for each in form.period() if each] == [
        "2026-11-01T04:00:00+00:00",
        "2026-11-02T05:00:00+00:00",
    ], "the day on which the clocks go back has 25 hours"
    page = privacy.get(f"{PAGE}?first=yesterday")
    assert "Enter the day as month/day/year" in page.content.decode()
    page = privacy.get(f"{PAGE}?first={after}&last={before}")
    assert "before the first" in page.content.decode()
    assert page.context["shown"] == []


def test_a_search_that_no_index_serves_is_of_the_last_ninety_days(privacy: Browser) -> None:
    today = timezone.now().astimezone(PLAN_ZONE).date()
    for query, days in (("", 7), ("?kind=look", 90), ("?source=192.0.2.1", 90)):
        first = privacy.get(PAGE + query).context["form"]["first"].value()
        assert first == f"{today - dt.timedelta(days=days - 1):%m/%d/%Y}", query
    for query in ("?who=nobody", "?request=x", "?grant=x:1", "?subject=user:1", "?last=01/01/2020"):
        assert not privacy.get(PAGE + query).context["form"]["first"].value(), query


def test_pages_go_on_where_the_last_one_ended(privacy: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_views, "PAGE", 2)
    for number in range(5):
        note(f"flood.{number}", request_id="flood")
    seen, query = [], "?request=flood"
    for _page in range(3):
        answer = privacy.get(PAGE + query)
        seen += [each["line"].row.action for each in answer.context["shown"]]
        query = answer.context["older"].removeprefix(PAGE)
    assert seen == [f"flood.{number}" for number in (4, 3, 2, 1, 0)]
    assert query == ""
    for hostile in ("x", "-", "9-", f"{10**30}-1", f"1-{10**30}", "-1--1"):
        assert shown(privacy, f"?request=flood&before={hostile}")[0] == "flood.4"


def test_hostile_filters_find_nothing_and_break_nothing(privacy: Browser) -> None:
    for query in (
        "?actor=user:99999999999999999999",
        "?subject=person:99999999999999999999&actor=user:x",
        "?subject=zebra:1",
        "?kind=zebra",
        "?who=%00",
        "?action=%25%27--",
        "?about_kind=zebra&about=1",
        "?about=1",
    ):
        assert privacy.get(PAGE + query).status_code == 200, query
    for path in (f"events/{2**70}/", "events/0/", "opened/zebra/1/"):
        assert privacy.get(PAGE + path).status_code == 404, path


def test_each_search_leaves_a_row_with_whom_it_showed_and_not_what_was_typed(
    privacy: Browser, officer: User, clerk: User, iris: Person
) -> None:
    note(actor=f"user:{clerk.pk}", subjects=[("person", iris.pk)])
    privacy.get(f"{PAGE}?who={clerk.username}&kind=look")
    row = Event.objects.get(action="desk:ledger")
    assert (row.actor, row.kind, row.detail) == (
        f"user:{officer.pk}",
        "search",
        {"people": 1, "searched_by": ["who", "kind"]},
    )
    listed = set(Subject.objects.filter(event_id=row.pk).values_list("kind", "subject_id"))
    assert listed == {("person", iris.pk), ("user", clerk.pk)}
    privacy.get(f"{PAGE}opened/person/{iris.pk}/")
    row = Event.objects.get(action="desk:ledger_opened")
    assert row.kind == Kind.LOOK
    assert ("person", iris.pk) in Subject.objects.filter(event_id=row.pk).values_list("kind", "subject_id")


def test_the_file_holds_what_the_list_shows_and_says_where_it_is_cut(
    privacy: Browser, iris: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        note(f"file.{number}", request_id="file", subjects=[("person", iris.pk)], source="=1+1")
    rows = table(privacy.get(f"{PAGE}list.csv?request=file"))
    assert [row["action"] for row in rows] == ["file.2", "file.1", "file.0"]
    assert rows[0]["subjects"] == f"person:{iris.pk} Iris Quorndon"
    assert rows[0]["source"] == "'=1+1", "no spreadsheet runs it"
    monkeypatch.setattr(ledger_views, "MOST_ROWS", 2)
    rows = table(privacy.get(f"{PAGE}list.csv?request=file"))
    assert rows[2]["event"].startswith("Cut after 2 events. Choose a shorter time")
    assert len(rows) == 3
    row = Event.objects.filter(action="desk:ledger_csv").latest("id")
    assert (row.kind, row.detail["rows"], row.detail["cut"]) == ("export", 2, True)


def table(answer: object) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))  # type: ignore[attr-defined]


def test_one_event_says_everything(privacy: Browser, clerk: User, iris: Person, client: Client) -> None:
    opening = openings.glass(people.staff_user(Team.HELP_DESK), iris)
    event = note(
        kind=Kind.DENIAL,
        actor=f"user:{clerk.pk}",
        acting_for=f"client:{client.pk}",
        grant=f"break-glass:{opening.pk}",
        fields=("person.birth_date", "no.words"),
        subjects=[("person", iris.pk)],
        outcome="refused",
        detail={"gate": "desk.own_look", "strange_name": [1]},
        request_id="abc",
        source="192.0.2.9",
        object_kind="break-glass",
        object_id=str(opening.pk),
    )
    answer = privacy.get(f"{PAGE}events/{event}/")
    page = text(answer)
    for part in (
        "Mara Wetherow",
        "Otter Creek Mills",
        "Date of birth",
        "no.words",
        "Iris Quorndon",
        "Refused",
        "Record opened in an emergency",
        "Nobody reviews their own",
        "strange name",
        "[1]",
        "192.0.2.9",
        "Not sealed yet",
    ):
        assert part in page, part
    html = answer.content.decode()
    assert f'href="/desk/looks/break-glass/{opening.pk}/"' in html
    assert f"{PAGE}?request=abc" in html
    assert f'href="/desk/ledger/opened/person/{iris.pk}/"' in html


def test_who_opened_is_grouped_by_person_and_denied_tries_are_not_among_them(
    privacy: Browser, clerk: User, iris: Person, client: Client
) -> None:
    with scopes.entered(scopes.system("test")):
        agency = people.agency("Hudson Benefits")
        producer = people.producer_user(agency)
    other = people.person()
    helper = people.staff_user(Team.HELP_DESK)
    opening = openings.glass(helper, iris)
    whom = [("person", iris.pk)]
    for fields in (("person.name",), ("person.name", "coverage"), ()):
        note(actor=f"user:{clerk.pk}", subjects=whom, fields=fields)
    note(
        "employers:ebilling_invoice",
        kind=Kind.VIEW,
        actor=f"user:{producer.pk}",
        portal="employer",
        acting_for=f"client:{client.pk}",
        subjects=whom,
    )
    note(actor=f"user:{helper.pk}", grant=f"break-glass:{opening.pk}", subjects=whom)
    note("denied", kind=Kind.DENIAL, outcome="refused", subjects=whom)
    note("refused", outcome="refused", subjects=whom)
    note("other", subjects=[("person", other.pk)])
    rows = privacy.get(f"{PAGE}opened/person/{iris.pk}/").context["rows"]
    said = {row.who: (row.place, row.acting_for, row.opener.count, row.fields) for row, _url in rows}
    assert said == {
        "Mara Wetherow": ("Member services", "", 3, ["Coverage", "Name"]),
        producer.display_name: ("Hudson Benefits", "Otter Creek Mills", 1, []),
        helper.display_name: ("Web Help Desk", "", 1, []),
    }
    page = text(privacy.get(f"{PAGE}opened/person/{iris.pk}/"))
    assert openings.REASON.replace("'", "&#x27;") in page
    paper = text(privacy.get(f"{PAGE}opened/person/{iris.pk}/print/"))
    assert "Record opened in an emergency" in paper
    assert openings.REASON.replace("'", "&#x27;") not in paper, "what staff wrote is not mailed"
    assert openings.TICKET not in paper
    rows = table(privacy.get(f"{PAGE}opened/person/{iris.pk}/list.csv"))
    assert {row["who"]: row["times"] for row in rows}["Mara Wetherow"] == "3"
    assert table(privacy.get(f"{PAGE}opened/person/{iris.pk}/list.csv?last=01/01/2020")) == []


def test_a_person_is_said_to_have_worked_where_they_did_then(privacy: Browser, clerk: User, iris: Person) -> None:
    event = note(actor=f"user:{clerk.pk}", subjects=[("person", iris.pk)])
    clerk.staff_roles.update(ended_at=timezone.now())
    with scopes.entered(scopes.system("test")):
        clerk.staff_roles.create(team=Team.ENROLLMENT)
    later = note(actor=f"user:{clerk.pk}", subjects=[("person", iris.pk)])
    assert "Member services" in text(privacy.get(f"{PAGE}events/{event}/"))
    assert "· Enrollment" in text(privacy.get(f"{PAGE}events/{later}/"))
    rows = table(privacy.get(f"{PAGE}opened/person/{iris.pk}/list.csv"))
    (row,) = [row for row in rows if row["who"] == "Mara Wetherow"]
    assert row["organization"] == "Member services, Enrollment"


def test_links_lead_from_access_and_staff(privacy: Browser, clerk: User) -> None:
    privacy.post("/desk/access/", {"account": clerk.username})
    link = f'href="/desk/ledger/?actor=user:{clerk.pk}"'
    assert link in privacy.get("/desk/access/account/").content.decode()
    assert link in privacy.get("/desk/staff/").content.decode()
    helper = people.desk_browser(Team.HELP_DESK)
    helper.post("/desk/access/", {"account": clerk.username})
    assert "/desk/ledger/" not in helper.get("/desk/access/account/").content.decode()


def test_files_and_paper_ask_once_more_who_is_there(officer: User, iris: Person) -> None:
    fresh = people.browser(officer, stepped_up=False)
    for path in ("list.csv", f"opened/person/{iris.pk}/list.csv", f"opened/person/{iris.pk}/print/"):
        assert fresh.get(PAGE + path)["Location"].startswith("/confirm/"), path


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("path", "queries"), [("?request=q", 17), ("opened/person/{iris}/", 17), ("list.csv?request=q", 14)]
)
def test_queries_do_not_grow_with_the_rows(
    count: int,
    path: str,
    queries: int,
    privacy: Browser,
    iris: Person,
    client: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _n in range(count):
        user = people.staff_user(Team.MEMBER_SERVICES)
        note(actor=f"user:{user.pk}", subjects=[("person", iris.pk)], request_id="q")
        note(
            actor=f"user:{user.pk}",
            portal="employer",
            acting_for=f"client:{client.pk}",
            request_id="q",
            subjects=[("person", iris.pk)],
        )
    with django_assert_num_queries(queries):
        assert privacy.get(PAGE + path.format(iris=iris.pk)).status_code == 200


def test_subjects_of_a_crowd_are_counted_and_only_the_first_named(privacy: Browser) -> None:
    with scopes.entered(scopes.system("test")):
        crowd = [people.person().pk for _n in range(7)]
    note("crowd", subjects=[("person", pk) for pk in crowd], request_id="crowd")
    assert "and 3 more" in text(privacy.get(f"{PAGE}?request=crowd"))
    assert len(search.find(Criteria(request_id="crowd"))) == 1
