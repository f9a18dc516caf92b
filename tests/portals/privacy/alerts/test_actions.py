"""How the privacy officer works alerts, and sets the rules that make them."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client as Browser
from pytest_django import DjangoAssertNumQueries

from audit.models import Event
from portals import scope as scopes
from portals.enums import AlertFinding, AlertState, RequestStatus, Team
from portals.models import Alert, AlertNote, AlertSetting, DeskRequest, User
from portals.privacy.alerts import actions as alert_actions
from portals.privacy.alerts import rule_settings
from tests.factories import alerts as alerts_made
from tests.factories import ledger, openings, people

pytestmark = pytest.mark.django_db
CALLED = "I called, and the ticket says the same."


@pytest.fixture
def officer() -> User:
    return people.staff_user(Team.PRIVACY)


@pytest.fixture
def privacy(officer: User) -> Browser:
    return people.browser(officer)


@pytest.fixture
def clerk() -> User:
    return people.staff_user(Team.MEMBER_SERVICES)


def made(user: User, count: int = 1, *, events: int = 1, rule: str = "many_records") -> list[Alert]:
    with scopes.entered(scopes.system("test")):
        return [alerts_made.made(user, events=events, rule=rule, ago=n + 1) for n in range(count)]


def url(row: Alert) -> str:
    return f"/desk/alerts/{row.pk}/"


def test_the_page_says_what_was_seen_why_and_what_the_ledger_holds(privacy: Browser, clerk: User) -> None:
    row, other = made(clerk, 2)
    made(people.staff_user(Team.HELP_DESK))
    page = privacy.get(url(row))
    text = page.content.decode()
    for part in (
        clerk.display_name,
        "Records of 72 people were opened within an hour. The limit was 60.",
        "Many at once may be a search for somebody",
        "record at the service desk</a>",
        "Iris Quorndon",
        "not that it was wrong",
    ):
        assert part in text, part
    assert [line.row for line in page.context["others"]] == [other]
    event = Event.objects.get(action="desk:alert")
    assert event.detail["people"] == 1
    assert set(event.fields) == {"user.name", "alert", "person.name", "alert.note"}


def test_it_is_taken_noted_closed_and_opened_again_and_each_step_stays(
    privacy: Browser, officer: User, clerk: User
) -> None:
    (row,) = made(clerk)
    privacy.post(url(row), {"do": "take"})
    privacy.post(url(row), {"do": "take"})  # twice is once
    privacy.post(url(row), {"do": "note", "note-text": "Asked her manager."})
    row.refresh_from_db()
    assert (row.state, row.owner) == (AlertState.IN_WORK, officer)
    privacy.post(url(row), {"do": "close", "close-finding": "explained", "close-text": CALLED})
    row.refresh_from_db()
    assert (row.state, row.finding) == (AlertState.CLOSED, "explained")
    second = people.browser(people.staff_user(Team.PRIVACY))
    second.post(url(row), {"do": "reopen", "reopen-text": "Another caller complained of it."})
    row.refresh_from_db()
    assert (row.state, row.finding, row.closed_at, row.owner) == (AlertState.OPEN, "", None, None)
    steps = list(AlertNote.objects.order_by("id").values_list("step", flat=True))
    assert steps == ["taken", "note", "closed", "reopened"]
    assert list(Event.objects.filter(action__startswith="alerts.").order_by("id").values_list("action", flat=True)) == [
        f"alerts.{step}" for step in steps
    ]
    ledger.expect("alerts.taken", by=officer, about="user", on="alert")
    ledger.expect("alerts.note", by=officer, about="user", on="alert")
    ledger.expect("alerts.closed", by=officer, about="user", on="alert")
    ledger.expect("alerts.reopened", by="user", about="user", on="alert")
    page = second.get(url(row)).content.decode()
    assert "Asked her manager." in page and CALLED in page
    assert not DeskRequest.objects.filter(kind=alert_actions.FOLLOW_UP).exists()


def test_it_is_given_back(privacy: Browser, officer: User, clerk: User) -> None:
    (row,) = made(clerk)
    privacy.post(url(row), {"do": "take"})
    privacy.post(url(row), {"do": "give_back"})
    row.refresh_from_db()
    assert (row.state, row.owner) == (AlertState.OPEN, None)
    ledger.expect("alerts.given_back", by=officer, about="user", on="alert")


@pytest.mark.parametrize(
    "sent", [{"close-finding": "explained"}, {"close-text": CALLED}, {"close-finding": "explained", "close-text": "ok"}]
)
def test_a_closing_needs_finding_and_sentence(privacy: Browser, clerk: User, sent: dict[str, str]) -> None:
    (row,) = made(clerk)
    page = privacy.post(url(row), {"do": "close", **sent})
    assert page.status_code == 200
    assert b"Please correct the following" in page.content
    row.refresh_from_db()
    assert row.state == AlertState.OPEN


def test_what_was_not_justified_opens_what_an_officer_does_next(privacy: Browser, clerk: User) -> None:
    (row,) = made(clerk)
    privacy.post(url(row), {"do": "close", "close-finding": "not_justified", "close-text": "She looked up a neighbor."})
    request = DeskRequest.objects.get(kind=alert_actions.FOLLOW_UP)
    assert (request.team, request.status) == (Team.PRIVACY, RequestStatus.OPEN)
    assert request.due_date is not None
    page = privacy.get(f"/desk/requests/{request.pk}/").content.decode()
    for part in ("164.402", "164.530(e)", row.number, "at the latest by"):
        assert part in page, part
    assert "neighbor" not in request.title
    assert f'/desk/requests/{request.pk}/"' in privacy.get(url(row)).content.decode()
    privacy.post(url(row), {"do": "reopen", "reopen-text": "It was another person."})
    privacy.post(url(row), {"do": "close", "close-finding": "not_justified", "close-text": "It was her after all."})
    assert DeskRequest.objects.filter(kind=alert_actions.FOLLOW_UP).count() == 2


def test_nobody_works_an_alert_about_themselves_a_second_person_does(privacy: Browser, officer: User) -> None:
    (row,) = made(officer)
    assert b"Another person of your team works it" in privacy.get(url(row)).content
    for sent in (
        {"do": "take"},
        {"do": "note", "note-text": "It was nothing."},
        {"do": "give_back"},
        {"do": "close", "close-finding": "explained", "close-text": CALLED},
        {"do": "reopen", "reopen-text": CALLED},
    ):
        page = privacy.post(url(row), sent)
        assert page.status_code == 403
        assert b"Nobody works an alert about themselves" in page.content
    answer = privacy.post("/desk/alerts/", {"alert": [row.pk], "finding": "explained", "text": CALLED})
    assert answer.status_code == 403
    row.refresh_from_db()
    assert row.state == AlertState.OPEN
    people.desk_browser(Team.PRIVACY).post(
        url(row), {"do": "close", "close-finding": "explained", "close-text": CALLED}
    )
    row.refresh_from_db()
    assert row.state == AlertState.CLOSED


def test_several_are_closed_at_once_and_those_not_chosen_stay(privacy: Browser, clerk: User) -> None:
    rows = made(clerk, 3)
    sent = {"alert": [rows[0].pk, rows[2].pk, "x"], "finding": "false_alarm", "text": CALLED}
    page = privacy.post("/desk/alerts/", {**sent, "finding": "not_justified"})
    assert page.status_code == 200  # what was wrong is closed one by one
    privacy.post("/desk/alerts/", sent)
    assert list(Alert.objects.filter(state="closed").order_by("pk")) == [rows[0], rows[2]]
    assert b"Choose at least one" in privacy.post("/desk/alerts/", {**sent, "alert": []}).content
    gone = privacy.post("/desk/alerts/?state=all", sent, follow=True)
    assert b"one of them was closed meanwhile" in gone.content
    assert AlertNote.objects.count() == 2


def test_the_list_is_searched_filtered_sorted_and_downloaded(privacy: Browser, officer: User, clerk: User) -> None:
    nurse = people.user(given_name="Nora", family_name="Wexcombe")
    mine, other = made(clerk)[0], made(nurse, rule="many_denials")[0]
    Alert.objects.filter(pk=mine.pk).update(state="in_work", owner=officer)
    for query, wanted in (
        ("", [mine, other]),
        ("?rule=many_denials", [other]),
        ("?owner=me", [mine]),
        ("?owner=none", [other]),
        ("?q=wexc", [other]),
        (f"?q=a{mine.pk:06}", [mine]),
        ("?state=open", [other]),
        ("?state=closed", []),
        ("?first=1/1/2020&last=1/1/2021", []),
        ("?first=1/1/2020", [mine, other]),
        ("?q=%00", [mine, other]),
        ("?first=nonsense&owner=77777", [mine, other]),
    ):
        found = privacy.get(f"/desk/alerts/{query}").context["listed"]
        assert {line.row for line, _tone in found} == set(wanted), query
    for sort, wanted in (
        ("rule", [other, mine]),
        ("-rule", [mine, other]),
        ("seen", [mine, other]),
        ("zzz", [other, mine]),
    ):
        listed = privacy.get(f"/desk/alerts/?sort={sort}").context["listed"]
        assert [line.row for line, _tone in listed] == wanted, sort
    assert b"No alert matches" in privacy.get("/desk/alerts/?q=zzz").content
    lines = privacy.get("/desk/alerts/list.csv?rule=many_denials").content.decode().splitlines()
    assert len(lines) == 2
    assert "Nora Wexcombe" in lines[1]
    assert Event.objects.get(action="desk:alerts_csv").kind == "export"


@pytest.mark.parametrize("team", [team for team in Team if team != Team.PRIVACY])
def test_to_others_the_gate_is_named(team: Team, clerk: User) -> None:
    (row,) = made(clerk)
    browser = people.desk_browser(team)
    for page in (
        "/desk/alerts/",
        "/desk/alerts/list.csv",
        url(row),
        "/desk/alerts/rules/",
        "/desk/alerts/rules/many_records/",
    ):
        answer = browser.get(page)
        assert answer.status_code == 403
        assert b"reviewed by the privacy officer" in answer.content


def test_no_such_alert_or_rule_is_not_there(privacy: Browser) -> None:
    for page in ("/desk/alerts/999999/", "/desk/alerts/rules/other/"):
        assert privacy.get(page).status_code == 404


# --- The rules ----------------------------------------------------------------------------------------------------


def sent(**values: object) -> dict[str, object]:
    rule = rule_settings.rule("many_records")
    assert rule
    return {"read": 0, "enabled": "on", **rule.defaults, "why": "Renewals are over now.", **values}


def test_a_rule_is_set_after_a_question_and_its_history_says_by_whom(privacy: Browser, officer: User) -> None:
    page = "/desk/alerts/rules/many_records/"
    asked = privacy.post(page, sent(desk=40))
    assert b"Set the rule like this?" in asked.content
    assert not AlertSetting.objects.exists()
    privacy.post(page, sent(desk=40, do="set"))
    row = AlertSetting.objects.get()
    assert (row.enabled, row.values["desk"], row.set_by) == (True, 40, officer)
    event = Event.objects.get(action="alerts.set_rule")
    assert (event.detail["before"]["desk"], event.detail["after"]["desk"]) == (60, 40)
    history = privacy.get(page).content.decode()
    assert "Renewals are over now." in history and officer.display_name in history
    assert b"Somebody else changed this rule meanwhile" in privacy.post(page, sent(desk=50, do="set")).content
    assert b"Nothing changes" in privacy.post(page, sent(desk=40, read=row.pk, do="set")).content
    off = sent(read=row.pk, desk=40)
    del off["enabled"]
    assert b"nobody hears of what it looks for" in privacy.post(page, off).content
    privacy.post(page, {**off, "do": "set"})
    assert b"Off" in privacy.get("/desk/alerts/rules/").content
    assert not rule_settings.setting_of(rule_settings.rules()[0]).enabled


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("many_records", {"desk": 0}), ("many_records", {"desk": "many"}), ("many_records", {"why": ""}),
        ("off_hours", {"weekday": "late", "saturday": "", "sunday": "", "pages": 1}),
    ],
)  # fmt: skip
def test_a_limit_that_is_none_is_refused_beside_its_field(
    privacy: Browser, code: str, values: dict[str, object]
) -> None:
    page = privacy.post(f"/desk/alerts/rules/{code}/", sent(**values, do="set"))
    assert b"Please correct the following" in page.content
    assert not AlertSetting.objects.exists()


# --- Kept by the database -----------------------------------------------------------------------------------------


def test_notes_and_settings_are_only_added(officer: User, clerk: User) -> None:
    (row,) = made(clerk)
    alert_actions.note(by=openings.desk_scope(officer), alert_id=row.pk, text="Asked her manager.")
    for sql in (
        "UPDATE portals_alertnote SET text = 'x'",
        "DELETE FROM portals_alertnote",
        "UPDATE portals_alertsetting SET why = ''",
        "DELETE FROM portals_alert",
        "UPDATE portals_alert SET owner_id = user_id",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    assert AlertNote.objects.get().text == "Asked her manager."


# --- What it costs ------------------------------------------------------------------------------------------------


@pytest.fixture
def counted(privacy: Browser) -> Browser:
    privacy.get("/desk/alerts/")
    return privacy


def test_the_list_costs_the_same_for_one_and_for_three(
    counted: Browser, clerk: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    made(clerk)
    with django_assert_num_queries(14):
        counted.get("/desk/alerts/")
    made(people.staff_user(Team.HELP_DESK), 2)
    with django_assert_num_queries(14):
        assert counted.get("/desk/alerts/").context["total"] == 3


def test_one_alert_costs_the_same_however_much_it_holds(
    counted: Browser, clerk: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    row, *_others = made(clerk, 2)
    with django_assert_num_queries(19):
        counted.get(url(row))
    made(clerk, 2)
    big = made(clerk, events=5)[0]
    with django_assert_num_queries(19):
        assert len(counted.get(url(big)).context["seen"]) == 5


def test_the_rules_cost_the_same_however_often_they_were_set(
    counted: Browser, officer: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(11):
        counted.get("/desk/alerts/rules/")
    for rule in rule_settings.rules()[:3]:
        rule_settings.change(
            by=openings.desk_scope(officer), rule=rule, enabled=False, values=rule.defaults, why="A test of it.", read=0
        )
    with django_assert_num_queries(11):
        counted.get("/desk/alerts/rules/")


def test_every_finding_has_a_sentence_and_every_rule_its_words() -> None:
    assert {finding.value for finding in AlertFinding} == {
        "explained",
        "false_alarm",
        "policy_changed",
        "not_justified",
    }
    for rule in rule_settings.rules():
        values = {"limit": 1, "days": 1, "since": 1, "usual": 1, "amount": 2}
        assert str(rule.seen) % values
        assert rule.parameters
