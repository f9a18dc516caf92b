"""The help directory and the answers: who is named to whom, from which day, and who may change it."""

import datetime as dt
import re
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client as Browser
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from audit.models import Event
from portals import scope as scopes
from portals.enums import Reader, Team, Topic
from portals.help import actions as help_actions
from portals.help import directory as help_directory
from portals.help import faq
from portals.help.actions import ContactFields, ContactNotSaved, ContactProblem
from portals.help.faq import Question
from portals.models import HelpContact, PlanClock, PlanClosing, User
from portals.plan import hours
from tests.factories import people

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 12, 14)  # a Monday
OFFICE = hours.write_week([*[hours.read_day("8 am - 6 pm")] * 5, (), ()])
ENTRY = ContactFields("Some team", "Un equipo", "1-800-555-0160", OFFICE, "America/New_York", True, "", "")
SYSTEM = scopes.system("test")


@pytest.fixture(autouse=True)
def _today() -> None:
    PlanClock.objects.update_or_create(id=1, defaults={"business_date": TODAY})


def contact(topic: str = Topic.PORTAL, audience: str = "", region: str = "", **fields: Any) -> HelpContact:
    fields = {"owner": "Some team", "phone": "1-800-555-0160", "week": OFFICE, "effective": people.ALWAYS} | fields
    return HelpContact.objects.create(topic=topic, audience=audience, region=region, **fields)


def editor(team: Team = Team.HELP_DESK) -> tuple[Browser, User]:
    user = people.staff_user(team)
    return people.browser(user), user


def typed(**fields: str) -> dict[str, str]:
    days = {f"day_{day}": "8 am - 6 pm" for day in range(5)}
    return {
        "owner": "New team",
        "owner_es": "Equipo nuevo",
        "phone": "(800) 555-0161",
        "zone": "America/New_York",
        "holidays_off": "on",
        "first": "01/04/2027",
        **days,
        **fields,
    }


def phone_shown(on: dt.date, **where: str) -> str:
    found = help_directory.contact(Topic.PORTAL, as_of=on, **where)
    return found.phone if found else ""


# What people are told ------------------------------------------------------------------------------------------------


def test_the_nearest_entry_goes_before_the_general_one() -> None:
    contact(phone="1")
    contact(region="NENY", phone="2")
    contact(audience="member", phone="3")
    contact(audience="member", region="NENY", phone="4")
    assert phone_shown(TODAY) == "1"
    assert phone_shown(TODAY, region="NENY") == "2"
    assert phone_shown(TODAY, audience="member") == "3"
    assert phone_shown(TODAY, audience="member", region="NENY") == "4"
    assert phone_shown(TODAY, audience="provider") == "1"


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("10:00", "Open until 6 pm Eastern"),
        ("18:30", "Closed now, opens Wednesday 8 am Eastern"),  # Tuesday the 15th the offices are closed
        ("07:00", "Closed now, opens at 8 am Eastern"),
    ],
)
def test_a_page_says_whether_the_telephone_is_answered_now(at: str, said: str) -> None:
    contact(Topic.PRIVACY)
    PlanClosing.objects.create(day=dt.date(2026, 12, 15), reason="Inventory")
    with time_machine.travel(f"2026-07-01T{at}-04:00", tick=False):  # the time of day counts, on the business date
        page = Browser().get("/privacy/").content.decode()
    assert "Monday to Friday, 8 am to 6 pm Eastern" in page
    assert said in page


def test_a_contact_costs_one_query_with_its_closings(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    contact()
    PlanClosing.objects.create(day=TODAY, reason="Inventory")
    with django_assert_num_queries(1):
        found = help_directory.contact(Topic.PORTAL, as_of=TODAY)
    assert found is not None
    assert TODAY in found.closings


def test_a_reader_of_spanish_reads_the_owner_the_note_and_the_hours_in_spanish() -> None:
    contact(Topic.PRIVACY, owner_es="Un equipo", note="Press 3", note_es="Oprima 3")
    browser = Browser(headers={"accept-language": "es"})
    browser.cookies["django_language"] = "es"
    page = browser.get("/privacy/").content.decode()
    assert "Un equipo" in page
    assert "Oprima 3 · De lunes" in page


def test_what_stood_as_words_before_the_hours_were_data_is_still_shown() -> None:
    found = help_directory.read(contact(week=[[]] * 7, note="Weekdays until six"))
    assert (found.hours, found.now, found.is_open) == ("Weekdays until six", "", False)


def test_a_week_without_seven_days_is_refused_by_the_database() -> None:
    with pytest.raises(IntegrityError, match="contact_week_of_seven_days"), transaction.atomic():
        contact(week=[[]])
    with pytest.raises(IntegrityError, match="contact_has_a_first_day"), transaction.atomic():
        contact(effective=(None, None))


# Changing it ---------------------------------------------------------------------------------------------------------


def test_a_change_from_a_day_on_ends_the_old_row_and_begins_the_new() -> None:
    row = contact()
    first = dt.date(2027, 1, 4)
    changed = help_actions.change(contact_id=row.pk, entry=ENTRY, first=first, today=TODAY, by=SYSTEM)
    row.refresh_from_db()
    assert (row.effective.upper, changed.effective.lower, changed.effective.upper) == (first, first, None)
    event = Event.objects.get(action="help.change")
    assert (event.object_id, event.detail["first"]) == (str(changed.pk), "2027-01-04")
    assert event.detail["before"]["phone"] == "1-800-555-0160"


def test_a_second_change_the_same_day_corrects_the_first() -> None:
    row = contact(effective=(TODAY, None))
    entry = ContactFields("Other", "", "1-800-555-0169", OFFICE, "America/New_York", True, "", "")
    changed = help_actions.change(contact_id=row.pk, entry=entry, first=TODAY, today=TODAY, by=SYSTEM)
    assert changed.pk == row.pk
    assert phone_shown(TODAY) == "1-800-555-0169"
    assert HelpContact.objects.count() == 1


@pytest.mark.parametrize(
    ("effective", "first", "problem"),
    [
        ((dt.date(2020, 1, 1), None), dt.date(2026, 12, 13), ContactProblem.PAST),
        ((dt.date(2027, 1, 4), None), dt.date(2026, 12, 20), ContactProblem.BEFORE),
        ((dt.date(2020, 1, 1), dt.date(2027, 1, 4)), dt.date(2027, 1, 4), ContactProblem.AFTER),
    ],
)
def test_what_people_were_told_stays_and_an_ended_entry_does_not_change(
    effective: tuple[dt.date, dt.date | None], first: dt.date, problem: ContactProblem
) -> None:
    row = contact(effective=effective)
    with pytest.raises(ContactNotSaved) as refused:
        help_actions.change(contact_id=row.pk, entry=ENTRY, first=first, today=TODAY, by=SYSTEM)
    assert refused.value.problem is problem
    assert not Event.objects.filter(action__startswith="help.").exists()


def test_taking_back_a_coming_change_lets_the_old_entry_go_on() -> None:
    row = contact()
    coming = help_actions.change(contact_id=row.pk, entry=ENTRY, first=dt.date(2027, 1, 4), today=TODAY, by=SYSTEM)
    help_actions.end(contact_id=coming.pk, last=TODAY, today=TODAY, by=SYSTEM)
    row.refresh_from_db()
    assert row.effective.upper is None
    assert HelpContact.objects.count() == 1
    assert Event.objects.filter(action="help.take_back").count() == 1


def test_staff_enter_change_and_end_a_contact_and_read_what_was_told() -> None:
    browser, user = editor()
    new = typed(topic=Topic.PRIVACY, audience="member", region="NENY", first="12/14/2026")
    made = browser.post(reverse("directory:new"), new, follow=True)
    assert "The contact is entered." in made.content.decode()
    row = HelpContact.objects.get()
    assert (row.phone, row.audience, row.region) == ("1-800-555-0161", "member", "NENY")
    again = browser.post(reverse("directory:new"), new).content.decode()
    assert "Change that one instead" in again

    url = reverse("directory:change", args=[row.pk])
    assert 'value="8:00 am - 6:00 pm"' in browser.get(url).content.decode()
    page = browser.post(url, typed(phone="518 555 0162"), follow=True).content.decode()
    assert "1-800-555-0161" in page and "1-518-555-0162" in page
    changed = HelpContact.objects.get(phone="1-518-555-0162")
    late = browser.post(url, typed()).content.decode()
    assert "has ended by that day" in late

    browser.post(reverse("directory:end", args=[changed.pk]), follow=True)
    assert not HelpContact.objects.filter(pk=changed.pk).exists()
    browser.post(reverse("directory:end", args=[row.pk]), {"last": "12/31/2026"})
    row.refresh_from_db()
    assert row.effective.upper == dt.date(2027, 1, 1)
    assert set(Event.objects.filter(action__startswith="help.").values_list("actor", flat=True)) == {f"user:{user.pk}"}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"phone": "555-0162"}, "A telephone number has ten digits."),
        ({"day_0": "eight to six"}, "Type hours such as 8 am - 6 pm"),
        ({"day_0": "6 pm - 8 am"}, "Type hours such as 8 am - 6 pm"),
        ({f"day_{day}": "" for day in range(5)}, "Type the hours of at least one day."),
        ({"round_the_clock": "on"}, "not both"),
        ({"first": "12/13/2026"}, "Choose today or a later day"),
        ({"note_es": "Oprima 3"}, "Write the note in English as well."),
    ],
)
def test_what_is_typed_wrong_is_said_at_the_field(fields: dict[str, str], said: str) -> None:
    browser, _ = editor(Team.CLIENT_MANAGEMENT)
    page = browser.post(reverse("directory:new"), typed(topic=Topic.PRIVACY, **fields)).content.decode()
    assert said in page
    assert not HelpContact.objects.exists()


def test_a_line_around_the_clock_is_entered_with_one_tick() -> None:
    browser, _ = editor()
    empty = {f"day_{day}": "" for day in range(5)}
    data = typed(topic=Topic.MAIL_ORDER, audience="member", first="12/14/2026", round_the_clock="on", **empty)
    del data["holidays_off"]
    page = browser.post(reverse("directory:new"), data, follow=True).content.decode()
    assert "24 hours a day, 7 days a week" in page
    assert "Open at any hour" in page


def test_other_teams_do_not_edit_it_and_are_told_so() -> None:
    browser, _ = editor(Team.ENROLLMENT)
    for name in ("directory:contacts", "directory:new", "news:list", "news:new"):
        assert browser.get(reverse(name)).status_code == 403


def test_the_list_is_searched_filtered_sorted_and_downloaded() -> None:
    contact(Topic.PORTAL, owner="Alpha team")
    contact(Topic.PRIVACY, audience="member", region="NENY", owner="Beta team", phone="1-800-555-0165")
    contact(Topic.CUSTOMER_CARE, audience="provider", owner="Gone team", effective=("2020-01-01", "2021-01-01"))
    browser, _ = editor()

    def shown(query: str) -> list[str]:
        page = browser.get(f"{reverse('directory:contacts')}?{query}").content.decode()
        return re.findall(r'data-title="Who answers">(\w+) team', page)

    assert shown("sort=owner") == ["Alpha", "Beta"]
    assert shown("sort=-owner") == ["Beta", "Alpha"]
    assert shown("q=0165") == ["Beta"]
    assert shown("q=privacy") == ["Beta"]
    assert shown("audience=member") == ["Beta"]
    assert shown("audience=-") == ["Alpha"]
    assert shown("region=NENY") == ["Beta"]
    assert shown("state=ended") == ["Gone"]
    assert len(shown("state=all")) == 3
    assert shown("q=nothing") == []
    csv = browser.get(f"{reverse('directory:csv')}?audience=member").content.decode("utf-8-sig")
    assert csv.splitlines()[1].startswith("Privacy,Members,Northeastern New York,Beta team,1-800-555-0165,")
    assert len(csv.splitlines()) == 2


@pytest.mark.parametrize("rows", [1, 4])
def test_the_list_asks_as_often_for_four_rows_as_for_one(
    rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for topic in list(Topic)[:rows]:
        contact(topic)
    browser, _ = editor()
    browser.get(reverse("directory:contacts"))
    with django_assert_num_queries(12):
        browser.get(reverse("directory:contacts"))


# Answers -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def demo() -> None:
    """The demo plan's own directory."""
    from portals.demo import plan

    with scopes.entered(SYSTEM):
        plan.load(by=SYSTEM)


def answer_of(page: str, slug: str) -> str:
    found = re.search(rf'<div class="c-answer__body" id="{slug}">.*?</details>', page, re.S)
    assert found, f"no answer {slug}"
    return re.sub(r"<[^>]+>", "", found.group())


# What the answer is for, reader, answer, what it names, its owner's telephone.
OWNERS = [
    ("E3", "employer", "employer-access", "Client management", "1-800-555-0152"),
    ("E5", "employer", "autopay-move", "Billing and enrollment", "1-800-555-0151"),
    ("E7", "employer", "mail-check", "PO Box 640966, Pittsburgh, PA 15264-0966", "1-800-555-0151"),
    ("E12", "employer", "employee-list", "Client management", "1-800-555-0152"),
    ("P3", "producer", "producer-login-id", "Web support", "1-877-298-3918"),
    ("P14", "producer", "producer-two-logins", "Web support", "1-877-298-3918"),
    ("P18", "producer", "producer-log-in-as", "Channel compensation", "1-800-555-0152"),
    ("P20", "producer", "producer-lost-client", "Client management", "1-800-555-0152"),
    ("X2", "producer", "producer-statements", "your general agency&#x27;s contact", "1-800-555-0153"),
    ("V3", "provider", "help-desk-username", "Web Help Desk", "1-800-278-1247"),
    ("V6", "provider", "non-participating-medical", "Customer Care", "1-800-920-8889"),
    ("V8", "provider", "dental-letter-lost", "Web Help Desk", "1-800-278-1247"),
    ("V9", "provider", "dental-no-claim", "cannot register", "1-800-724-1675"),
    ("V10", "provider", "dental-no-claim", "After your first claim", "1-800-724-1675"),
    ("V12", "provider", "forgotten-password", "Web Help Desk", "1-800-278-1247"),
    ("V13", "provider", "plus-address", "name+tag@mail.example", "1-800-278-1247"),
    ("V14", "provider", "provider-lost-access", "your office manager", "1-800-278-1247"),
    ("V19", "provider", "staff-account", "your office manager or supervisor", ""),
    ("V24", "provider", "who-manages", "Web Help Desk", "1-800-278-1247"),
    ("V25", "provider", "manager-leaves", "the Web Help Desk", "1-800-278-1247"),
    ("V29", "provider", "medical-identifiers", "Press 2", "1-800-920-8889"),
    ("V29", "provider", "dental-letter", "Provider ID", "1-800-278-1247"),
    ("M3", "member", "first-sign-in", "Social Security number", "1-800-555-0142"),
    ("M4", "member", "old-login", "Website help", "1-877-298-3918"),
    ("M5", "member", "name-cut", "your coverage is not affected", "1-800-555-0142"),
    ("M6", "member", "card-network", "HMO POS 200", "1-800-555-0142"),
    ("M7", "member", "same-doctors", "doctors, other providers and pharmacies", "1-800-555-0142"),
    ("M14", "member", "covered-drugs", "its tier on your plan", "1-800-555-0142"),
    ("W9", "member", "wellness-refused", "receipt", "1-844-946-6261"),
    ("X3", "member", "who-looked", "Privacy officer", "1-800-555-0155"),
    ("E8", "employer", "change-before-move", "migration client", "1-800-555-0151"),
    ("E11", "employer", "separate-invoices", "Client management", "1-800-555-0152"),
    ("B4", "employer", "grace", "30 days", "1-800-555-0151"),
    ("P2", "producer", "producer-request-form", "Delaware has its own", "1-800-555-0153"),
    ("P11", "producer", "producer-new-client", "one request", "1-800-555-0152"),
    ("V5", "provider", "participating-medical", "Web Help Desk", "1-800-278-1247"),
    ("V20", "provider", "check-access", "your office manager", "1-800-278-1247"),
]  # fmt: skip
# Here the answer itself is what was promised: a telephone, its hours, a fact about somebody else's login.
TOLD = [
    ("E9", "employer", "billing-enrollment-questions", "Billing and enrollment", "1-800-555-0151"),
    ("E9", "employer", "plan-questions", "Client management", "1-800-555-0152"),
    ("E10", "employer", "employer-technical", "Website help", "1-877-298-3918"),
    ("P12", "producer", "producer-support", "Press 3", "1-877-298-3918"),
    ("V11", "provider", "dental-claims", "Dental claims", "1-800-724-1675"),
    ("M10", "member", "mail-order", "24 hours a day, 7 days a week", "1-866-264-4685"),
    ("M11", "member", "mail-order-account", "your history", "1-866-264-4685"),
    ("M12", "member", "specialty", "Monday to Friday, 8 am to 11 pm; Saturday, 8 am to 5 pm Eastern", "1-800-803-2523"),
    ("M13", "member", "specialty-account", "your history", "1-800-803-2523"),
    ("W14", "member", "wellness-card", "on the back of the card", "1-844-946-6261"),
]  # fmt: skip


def names_its_owner(page: str, need: str, slug: str, named: str, phone: str) -> None:
    text = " ".join(answer_of(page, slug).split())
    assert named in text, f"{need}: {slug} does not name {named}: {text}"
    assert phone in text, f"{need}: {slug} lacks {phone}: {text}"
    if phone:
        assert re.search(r"(Open|Closed now)", text), f"{need}: {slug} does not say whether it is open"


@pytest.mark.promise("X2")
def test_each_answer_names_its_owner_with_the_telephone(demo: None) -> None:
    pages = {reader: Browser().get(f"/help/?for={reader}").content.decode() for reader in Reader.values}
    for need, reader, slug, named, phone in OWNERS:
        names_its_owner(pages[reader], need, slug, named, phone)


@pytest.mark.parametrize(
    ("need", "reader", "slug", "named", "phone"),
    [pytest.param(*row, marks=pytest.mark.promise(row[0]), id=f"{row[0]}-{row[2]}") for row in TOLD],
)
def test_what_was_promised_as_an_answer_is_told(
    demo: None, need: str, reader: str, slug: str, named: str, phone: str
) -> None:
    names_its_owner(Browser().get(f"/help/?for={reader}").content.decode(), need, slug, named, phone)


def test_an_answer_has_a_name_of_its_own_and_an_owner() -> None:
    known = [each for group in faq._groups for each in group.answers]
    slugs = [each.slug for each in known]
    assert len(set(slugs)) == len(slugs)
    assert [each.slug for each in known if not each.owners and not each.person] == []


def test_answers_are_found_by_all_words_in_any_order_without_accents(demo: None) -> None:
    def found(reader: str, words: str) -> list[str]:
        page = faq.help_page(reader=reader, query=words, as_of=TODAY)
        return [shown.answer.slug for group in page.groups for shown in group.answers]

    assert found("provider", "LETTER lost") == ["dental-letter-lost"]
    assert found("provider", "léttér lost") == ["dental-letter-lost"]
    assert found("employer", "640966") == ["mail-check"]
    assert found("member", "letter lost") == []
    assert "mail-order" in found("member", "express scripts")


def test_a_search_says_how_many_opens_a_few_and_links_to_each(demo: None) -> None:
    page = Browser().get("/help/?for=provider&q=letter+lost").content.decode()
    assert "1 answer with “letter lost”" in page
    assert '<details class="c-answer" open>' in page
    assert 'href="#dental-letter-lost"' in page
    nothing = Browser().get("/help/?for=provider&q=zebra").content.decode()
    assert "No answer has these words" in nothing
    assert "1-800-278-1247" in nothing, "the telephones stay beside"


def test_who_has_not_said_who_they_are_finds_the_answers_about_signing_in(demo: None) -> None:
    page = Browser().get("/help/").content.decode()
    slugs = (
        "forgotten-password",
        "where-is-my-code",
        "lost-second-step",
        "old-login",
        "username-taken",
        "plus-address",
    )
    for slug in slugs:
        assert "1-877-298-3918" in answer_of(page, slug)
    assert "dental-letter" not in page


def test_an_answer_for_a_region_is_shown_there_only(monkeypatch: pytest.MonkeyPatch) -> None:
    here = Question("only-here", "Where?", ("Here.",), (Topic.PORTAL,), region="NENY")
    monkeypatch.setattr(faq, "_groups", [faq.Group("Places", (here,))])
    assert faq.help_page(reader="", as_of=TODAY).count == 0
    assert faq.help_page(reader="", region="NENY", as_of=TODAY).count == 1


def test_the_help_page_asks_the_directory_once(demo: None, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        page = faq.help_page(reader="member", region="NENY", as_of=TODAY)
        assert all(shown.contacts[0].hours for group in page.groups for shown in group.answers)
    assert page.count > 10
