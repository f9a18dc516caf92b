"""The plan's news: seen before it is published, shown by audience, region and day, and gone when it is past."""

import datetime as dt
import re
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client as Browser
from django.urls import reverse

from audit.models import Event
from employers.enums import EmployerRole
from members.models import Client, Contract, Enrollee
from portals import scope as scopes
from portals.announcements import actions as announcements
from portals.enums import NewsState, Team
from portals.models import Announcement, PlanClock, User
from tests.factories import ledger, people

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 12, 14)
SYSTEM = scopes.system("test")
WORDS = {
    "audience": "", "region": "", "title": "New hours", "body": "We answer until nine.", "title_es": "Horario nuevo",
    "body_es": "Contestamos hasta las nueve.", "first": "12/14/2026", "last": "12/31/2026",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _today() -> None:
    move_to(TODAY)


def move_to(day: dt.date) -> None:
    PlanClock.objects.update_or_create(id=1, defaults={"business_date": day})


def news(title: str = "New hours", **fields: Any) -> Announcement:
    shown = fields.pop("shown", (TODAY, dt.date(2027, 1, 1)))
    return Announcement.objects.create(title=title, body="We answer until nine.", shown=shown, **fields)


def editor() -> tuple[Browser, User]:
    return people.browser(user := people.staff_user(Team.CLIENT_MANAGEMENT)), user


def member_of(client: Client) -> User:
    person = people.person()
    contract = Contract.objects.create(client=client, number=f"NGH{person.pk:08}", sender_number="1", subscriber=person)
    Enrollee.objects.create(
        client=client,
        contract=contract,
        person=person,
        relationship="18",
        suffix="01",
        member_id=f"{contract.number}01",
        recorded_date=TODAY,
    )
    return people.member_user(person)


def test_the_writer_sees_it_as_people_will_and_only_then_publishes() -> None:
    browser, user = editor()
    preview = browser.post(reverse("news:new"), WORDS).content.decode()
    assert "This is what people will see" in preview
    assert "Contestamos hasta las nueve." in preview
    assert not Announcement.objects.exists()
    again = browser.post(reverse("news:new"), {**WORDS, "edit": "yes"}).content.decode()
    assert 'value="Horario nuevo"' in again, "the words are kept on the way back"
    done = browser.post(reverse("news:new"), {**WORDS, "publish": "yes"}, follow=True).content.decode()
    assert "The announcement is published." in done
    event = Event.objects.get(action="announce.publish")
    assert (event.actor, event.detail["text"]["title"]) == (f"user:{user.pk}", "New hours")


def test_it_is_shown_from_its_first_to_its_last_day_and_then_goes_by_itself() -> None:
    news(shown=(dt.date(2026, 12, 18), dt.date(2027, 1, 2)))
    seen = []
    for day in (dt.date(2026, 12, 17), dt.date(2026, 12, 18), dt.date(2027, 1, 1), dt.date(2027, 1, 2)):
        move_to(day)
        seen.append("We answer until nine." in Browser().get("/").content.decode())
    assert seen == [False, True, True, False]


def test_each_door_shows_its_own_audience_and_region_and_what_is_for_everyone() -> None:
    for audience in ("", "member", "employer", "producer", "provider"):
        news(f"For {audience or 'all'}.", audience=audience)
    news("For NENY members.", audience="member", region="NENY")
    news("For NENY.", region="NENY")
    with scopes.entered(SYSTEM):
        here, there = people.client(), people.client()
        Client.objects.filter(pk=here.pk).update(region="NENY")
        people_of = {
            "/members/help/": member_of(there),
            "/members/help/?here": member_of(here),
            "/employers/help/": people.employer_user(there, EmployerRole.ADMINISTRATOR),
            "/employers/help/?here": people.employer_user(here, EmployerRole.ADMINISTRATOR),
            "/producers/help/": people.producer_user(people.agency()),
            "/providers/help/": people.practice_user(people.practice()),
        }
    seen = {url: set(titles(people.browser(user).get(url).content.decode())) for url, user in people_of.items()}
    assert seen == {
        "/members/help/": {"all", "member"},
        "/members/help/?here": {"NENY", "NENY members", "member"},  # the newest three
        "/employers/help/": {"all", "employer"},
        "/employers/help/?here": {"NENY", "employer", "all"},
        "/producers/help/": {"all", "producer"},
        "/providers/help/": {"all", "provider"},
    }
    assert set(titles(Browser().get("/").content.decode())) == {"all"}


def titles(page: str) -> list[str]:
    return re.findall(r'ds-c-alert__heading">For ([\w ]+)\.', page)


def test_a_reader_of_spanish_reads_it_in_spanish_where_there_is_some() -> None:
    news(title_es="Horario nuevo", body_es="Contestamos hasta las nueve.")
    news("Only in English")
    browser = Browser()
    browser.cookies["django_language"] = "es"
    page = browser.get("/").content.decode()
    assert "Horario nuevo" in page
    assert "New hours" not in page
    assert "Only in English" in page


def test_a_change_is_looked_at_first_and_both_texts_stay_in_the_ledger() -> None:
    row = news(title_es="Horario nuevo", body_es="Contestamos hasta las nueve.")
    browser, _ = editor()
    url = reverse("news:change", args=[row.pk])
    assert 'value="12/31/2026"' in browser.get(url).content.decode()
    changed = {**WORDS, "body": "We answer until ten."}
    assert "This is what people will see" in browser.post(url, changed).content.decode()
    row.refresh_from_db()
    assert row.body == "We answer until nine."
    browser.post(url, {**changed, "publish": "yes"})
    row.refresh_from_db()
    assert row.body == "We answer until ten."
    detail = Event.objects.get(action="announce.change").detail
    assert (detail["before"]["body"], detail["text"]["body"]) == ("We answer until nine.", "We answer until ten.")


def test_one_that_is_shown_already_may_keep_its_first_day() -> None:
    row = news(shown=(dt.date(2026, 12, 1), dt.date(2027, 1, 1)), title_es="a", body_es="b")
    browser, _ = editor()
    url = reverse("news:change", args=[row.pk])
    kept = browser.post(url, {**WORDS, "first": "12/01/2026"}).content.decode()
    assert "This is what people will see" in kept
    assert "Choose today or a later day." in browser.post(url, {**WORDS, "first": "12/02/2026"}).content.decode()


def test_a_withdrawn_one_is_gone_at_once_and_does_not_come_back() -> None:
    row = news()
    browser, user = editor()
    url = reverse("news:withdraw", args=[row.pk])
    assert "Nobody sees it from now on" in browser.get(url).content.decode()
    page = browser.post(url, follow=True).content.decode()
    assert "Withdrawn" in page
    assert "New hours" not in Browser().get("/").content.decode()
    assert "was withdrawn already" in browser.post(url, follow=True).content.decode()
    late = browser.post(reverse("news:change", args=[row.pk]), {**WORDS, "publish": "yes"}, follow=True)
    assert "was withdrawn meanwhile" in late.content.decode()
    assert Event.objects.filter(action__startswith="announce.", actor=f"user:{user.pk}").count() == 1
    assert ledger.expect("announce.withdraw", by=user, on="announcement").object_id == str(row.pk)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"first": "12/13/2026"}, "Choose today or a later day."),
        ({"first": "12/20/2026", "last": "12/19/2026"}, "The last day comes after the first."),
        ({"last": "12/13/2026"}, "Choose today or a later day."),
        ({"title_es": ""}, "This field is required."),
        ({"region": "NOWHERE"}, "Select a valid choice."),
    ],
)
def test_what_is_typed_wrong_is_said_and_nothing_is_published(fields: dict[str, str], said: str) -> None:
    browser, _ = editor()
    page = browser.post(reverse("news:new"), {**WORDS, **fields, "publish": "yes"}).content.decode()
    assert said in page
    assert not Announcement.objects.exists()


def test_the_list_says_where_each_stands_and_is_searched_filtered_and_downloaded() -> None:
    news("Shown")
    news("Coming", shown=(dt.date(2027, 1, 1), dt.date(2027, 2, 1)), audience="member")
    news("Past", shown=(dt.date(2026, 1, 1), TODAY), region="NENY")
    with scopes.entered(SYSTEM):
        announcements.withdraw(announcement_id=news("Gone").pk, by=SYSTEM)
    browser, _ = editor()

    def listed(query: str) -> list[str]:
        page = browser.get(f"{reverse('news:list')}?{query}").content.decode()
        return re.findall(r'<a href="/desk/announcements/\d+/">(\w+)</a>', page)

    assert listed("sort=title") == ["Coming", "Gone", "Past", "Shown"]
    assert listed("sort=-title") == ["Shown", "Past", "Gone", "Coming"]
    for state, title in zip(NewsState, ("Shown", "Coming", "Past", "Gone"), strict=True):
        assert listed(f"state={state.value}") == [title]
    assert listed("q=comi") == ["Coming"]
    assert listed("audience=member") == ["Coming"]
    assert listed("region=NENY") == ["Past"]
    csv = browser.get(f"{reverse('news:csv')}?q=shown").content.decode("utf-8-sig").splitlines()
    assert csv[1:] == ["Shown,We answer until nine.,Everyone,Every region,2026-12-14,2026-12-31,Shown now"]


def test_the_database_wants_both_days_and_whole_spanish() -> None:
    with pytest.raises(IntegrityError, match="announcement_has_first_and_last_day"), transaction.atomic():
        news(shown=(TODAY, None))
    with pytest.raises(IntegrityError, match="announcement_spanish_is_whole"), transaction.atomic():
        news(title_es="Horario nuevo")
