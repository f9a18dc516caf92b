"""The accounting of disclosures: exactly what the law lists, to whom it belongs and nobody else, in time, kept."""

from __future__ import annotations

import csv
import datetime as dt
import io
import uuid
from typing import Any

import pypdf
import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client as Browser
from pytest_django import DjangoAssertNumQueries

from audit.models import Event, Subject
from members.accountings import actions
from members.desk.request_kinds import accounting as accounting_request
from members.disclosures import actions as writing
from members.models import Accounting, Coverage, Person
from portals import jobs
from portals import scope as scopes
from portals.enums import RequestStatus, Team
from portals.files import pdf as paper
from portals.models import DeskRequest, Job, OutboxMail, PlanClock, User
from portals.permissions import Refused
from tests.factories import disclosures, openings, people
from tests.factories.disclosures import RECIPIENT, TODAY

pytestmark = pytest.mark.django_db
MINE = "/members/disclosures/"
DESK = "/desk/disclosures/accountings/"
HOSPITAL = "Records of the Zanzibar clinic"


def clock(day: dt.date) -> None:
    with scopes.entered(scopes.system("test")):
        PlanClock.objects.update_or_create(id=1, defaults={"business_date": day})


@pytest.fixture(autouse=True)
def today() -> None:
    clock(TODAY)


@pytest.fixture
def officer() -> User:
    return people.staff_user(Team.PRIVACY)


@pytest.fixture
def privacy(officer: User) -> Browser:
    return people.browser(officer)


@pytest.fixture
def family() -> dict[str, Person]:
    return disclosures.family()


@pytest.fixture
def zelie(family: dict[str, Person]) -> Person:
    return family["subscriber"]


def asks(browser: Browser, **typed: str) -> Any:
    return browser.post(MINE, {"whose": "own", "once": str(uuid.uuid4()), **typed}, follow=True)


def fresh(row: Accounting) -> Accounting:
    with scopes.entered(scopes.system("test")):
        return Accounting.objects.get(pk=row.pk)


def latest() -> Accounting:
    with scopes.entered(scopes.system("test")):
        return Accounting.objects.latest("id")


# --- On the website -----------------------------------------------------------------------------------------------


def test_a_member_asks_and_has_the_list_at_once(officer: User, zelie: Person) -> None:
    disclosures.made(officer, zelie)
    disclosures.made(
        officer,
        zelie,
        first_on=dt.date(2026, 5, 1),
        last_on=dt.date(2026, 10, 1),
        times=6,
        frequency="every month",
        recipient="Some Registry",
        case_number="SECRET-CASE",
    )
    user = people.member_user(zelie)
    page = asks(people.browser(user))
    text = page.content.decode()
    # 164.528(b)(2): date, name and address of who received it, what, why; (b)(3): first, last and how often
    for part in (
        "March 2, 2026",
        RECIPIENT,
        "175 Invented Street",
        "Lab claims of February 2026",
        "The law asks for reports",
        "Public health activities",
        "May 1, 2026 to October 1, 2026",
        "6 times, every month",
        "Not listed",
    ):
        assert part in text, part
    assert "SECRET-CASE" not in text and officer.display_name not in text
    row = latest()
    assert (row.status, row.asked_by, row.delivery, row.fee_cents) == ("delivered", "portal", "page", 0)
    assert (row.first_on, row.last_on, row.due_date) == (dt.date(2020, 12, 14), TODAY, dt.date(2027, 2, 12))
    actions_done = list(Event.objects.filter(actor=f"user:{user.pk}").values_list("action", flat=True))
    for action in ("members.accountings.ask", "members.accountings.deliver", "members:disclosures_accounting"):
        assert action in actions_done
    looked = Event.objects.get(action="members:disclosures_accounting")
    assert list(Subject.objects.filter(event_id=looked.pk).values_list("subject_id", flat=True)) == [zelie.pk]
    assert RECIPIENT not in str(list(Event.objects.values_list("detail", flat=True)))


def test_six_years_to_the_day(officer: User, zelie: Person) -> None:
    for day in (dt.date(2020, 12, 13), dt.date(2020, 12, 14), TODAY):
        disclosures.made(officer, zelie, first_on=day)
    row = disclosures.given(people.member_user(zelie), zelie)
    assert [each["first_on"] for each in fresh(row).content["entries"]] == ["2020-12-14", "2026-12-14"]


def test_no_disclosures_is_an_accounting_too(zelie: Person) -> None:
    browser = people.browser(people.member_user(zelie))
    assert "No disclosures in this period" in asks(browser).content.decode()
    assert latest().content["entries"] == []


def test_a_shorter_period_is_as_asked_and_a_wrong_one_is_explained(officer: User, zelie: Person) -> None:
    disclosures.made(officer, zelie)
    browser = people.browser(people.member_user(zelie))
    page = asks(browser, first_on="01/01/2025", last_on="12/31/2025")
    assert "No disclosures in this period" in page.content.decode()
    wrong = asks(browser, first_on="12/31/2025", last_on="01/01/2025").content.decode()
    assert "12/14/2020 to 12/14/2026" in wrong and 'value="12/31/2025"' in wrong
    assert "month/day/year" in asks(browser, first_on="2025").content.decode()


def test_sent_twice_it_is_one(zelie: Person) -> None:
    browser, once = people.browser(people.member_user(zelie)), str(uuid.uuid4())
    for _n in range(2):
        asks(browser, once=once)
    with scopes.entered(scopes.system("test")):
        assert Accounting.objects.count() == 1


def test_what_does_not_stand_or_is_suspended_is_not_told(officer: User, zelie: Person) -> None:
    voided, police = disclosures.made(officer, zelie), disclosures.made(officer, zelie, purpose="law_enforcement")
    by = openings.desk_scope(officer)
    with scopes.entered(by):
        writing.void(by=by, disclosure=voided.uuid, reason="Wrong member")
        old = disclosures.made(officer, zelie, description="With an error")
        writing.correct(by=by, disclosure=old.uuid, what=disclosures.what(description="Put right"), reason="A slip")
    disclosures.suspended(officer, police, until=dt.date(2027, 1, 31))
    user = people.member_user(zelie)

    def purposes(day: dt.date) -> list[str]:
        clock(day)
        return [each["description"] for each in fresh(disclosures.given(user, zelie, as_of=day)).content["entries"]]

    assert purposes(TODAY) == ["Put right"]
    assert purposes(dt.date(2027, 1, 31)) == ["Put right"]
    assert len(purposes(dt.date(2027, 2, 1))) == 2, "once its time is over it is told"
    first = asks(people.browser(user)).content.decode()
    assert "suspended" not in first.lower()


def test_the_officer_sees_what_was_left_out_and_the_member_no_trace(officer: User, zelie: Person) -> None:
    police = disclosures.made(officer, zelie, purpose="law_enforcement", recipient="State Police")
    disclosures.suspended(officer, police, until=dt.date(2027, 1, 31))
    user = people.member_user(zelie)
    row = disclosures.given(user, zelie)
    member = people.browser(user)
    assert "State Police" not in member.get(f"{MINE}{row.uuid}/").content.decode()
    assert "State Police" not in member.get(f"{MINE}{row.uuid}/accounting.csv").content.decode()
    page = people.browser(officer).get(f"{DESK}{row.uuid}/").content.decode()
    assert "1 disclosure is left out" in page and "must not learn" in page
    assert "State Police" not in str(fresh(row).content)


# --- Whose --------------------------------------------------------------------------------------------------------


def test_a_subscriber_asks_for_a_child_and_for_nobody_else(officer: User, family: dict[str, Person]) -> None:
    for person in family.values():
        disclosures.made(officer, person, description=f"Of {person.first_name}")
    zelie = family["subscriber"]
    browser = people.browser(people.member_user(zelie))
    page = browser.get(MINE).content.decode()
    assert "Pip Marbright" in page
    for hidden in ("Rune", "Olm", "Wren"):
        assert hidden not in page
    shown = asks(browser, whose=str(family["child"].uuid)).content.decode()
    assert "Of Pip" in shown and "Of Zelie" not in shown
    row = latest()
    assert (row.person, row.asker) == (family["child"], zelie)
    for name in ("spouse", "grown", "hidden"):
        refused = asks(browser, whose=str(family[name].uuid)).content.decode()
        assert "Select a valid choice" in refused and f"Of {family[name].first_name}" not in refused
        with pytest.raises(actions.NotForThisPerson):
            disclosures.given(people.user(), zelie, of=family[name])
    stranger = somebody()
    with pytest.raises(actions.NotForThisPerson):
        disclosures.given(people.user(), stranger, of=family["child"])


def somebody() -> Person:
    with scopes.entered(scopes.system("test")):
        return people.person()


@pytest.mark.parametrize("who", ["spouse", "grown", "child"])
def test_nobody_else_on_the_contract_asks_for_anyone(who: str, officer: User, family: dict[str, Person]) -> None:
    page = people.browser(people.member_user(family[who])).get(MINE).content.decode()
    for name, person in family.items():
        assert (f"{person.first_name} Marbright" in page) <= (name == who), name
    for other in family.values():
        if other != family[who]:
            with pytest.raises(actions.NotForThisPerson):
                disclosures.given(people.user(), family[who], of=other)


def test_a_child_who_grows_up_or_leaves_is_no_longer_shown(officer: User, family: dict[str, Person]) -> None:
    zelie, pip = family["subscriber"], family["child"]
    user = people.member_user(zelie)
    row = disclosures.given(user, zelie, of=pip)
    page = f"{MINE}{row.uuid}/"
    assert people.browser(user).get(page).status_code == 200
    for change in (
        lambda: Person.objects.filter(pk=pip.pk).update(birth_date=dt.date(2008, 12, 14)),
        lambda: Person.objects.filter(pk=pip.pk).update(confidential_address="PO Box 9"),
        lambda: Coverage.objects.filter(enrollee__person=pip).update(
            effective=(dt.date(2025, 1, 1), dt.date(2026, 12, 14))
        ),
    ):
        with transaction.atomic():
            with scopes.entered(scopes.system("test")):
                change()
            for url in (page, f"{page}accounting.pdf", f"{page}pdf/", f"{page}accounting.csv"):
                assert people.browser(user).get(url).status_code == 404
            assert "Pip" not in people.browser(user).get(MINE).content.decode()
            transaction.set_rollback(True)
    assert people.browser(people.member_user(pip)).get(page).status_code == 200, "it is the child's own"


def test_an_accounting_is_nobody_elses(officer: User, family: dict[str, Person]) -> None:
    zelie = family["subscriber"]
    disclosures.made(officer, zelie, description=HOSPITAL)
    row = disclosures.given(people.member_user(zelie), zelie)
    with scopes.entered(scopes.system("test")):
        stranger, client = people.person(), people.client()
        practice, agency = people.practice(), people.agency()
        people.grant(agency, client)
        others = [
            people.member_user(family["spouse"]), people.member_user(stranger), people.employer_user(client),
            people.producer_user(agency), people.practice_user(practice),
        ]  # fmt: skip
    others += [people.staff_user(team) for team in Team if team != Team.PRIVACY]
    for user in others:
        browser = people.browser(user)
        for url in (
            f"{MINE}{row.uuid}/",
            f"{MINE}{row.uuid}/pdf/",
            f"{MINE}{row.uuid}/accounting.pdf",
            f"{MINE}{row.uuid}/accounting.csv",
            f"{DESK}{row.uuid}/",
            DESK,
        ):
            answer = browser.get(url)
            assert answer.status_code in (403, 404), f"{url} for {user}"
            assert HOSPITAL not in answer.content.decode()
        assert browser.post(f"{MINE}{row.uuid}/").status_code in (403, 404)


def test_row_policies_hold_where_a_query_forgets(officer: User, family: dict[str, Person]) -> None:
    zelie, rune = family["subscriber"], family["spouse"]
    disclosures.given(people.member_user(zelie), zelie)
    for person, count in ((zelie, 1), (rune, 0)):
        with scopes.entered(disclosures.member_scope(people.user(), person)):
            assert Accounting.objects.count() == count


# --- PDF, CSV, letter ---------------------------------------------------------------------------------------------


@pytest.mark.skipif(not paper.available(), reason=f"Pango is not here: {paper.INSTALL}")
def test_the_pdf_is_made_by_a_job_tagged_and_kept(officer: User, zelie: Person) -> None:
    disclosures.made(officer, zelie)
    user = people.member_user(zelie)
    row, browser = disclosures.given(user, zelie), people.browser(user)
    assert "Making your PDF" in browser.get(f"{MINE}{row.uuid}/pdf/").content.decode()
    job = Job.objects.get(kind=actions.PDF)
    for _n in range(2):
        jobs.run(job.pk)
        Job.objects.filter(pk=job.pk).update(status="waiting")
    assert "Your PDF is ready" in browser.get(f"{MINE}{row.uuid}/pdf/?poll=1").content.decode()
    answer = browser.get(f"{MINE}{row.uuid}/accounting.pdf")
    pdf = pypdf.PdfReader(io.BytesIO(answer.content))
    root = pdf.trailer["/Root"].get_object()
    assert root["/MarkInfo"].get_object() == {"/Marked": True} and "/StructTreeRoot" in root and root["/Lang"] == "en"
    text = " ".join(" ".join(page.extract_text() for page in pdf.pages).split())
    for part in (
        "Accounting of disclosures",
        "Zelie Marbright",
        "March 2, 2026",
        RECIPIENT,
        "175 Invented Street",
        "Lab claims of February 2026",
        "The law asks for reports",
        "Dec 14, 2020 to Dec 14, 2026",
        "member website",
        "What is not listed",
    ):
        assert part in text, part
    assert "PH-118" not in text
    assert fresh(row).stored is not None
    assert Event.objects.filter(action="members.accountings.paper").count() == 1
    printed = Event.objects.get(action="members:disclosures_file")
    assert printed.kind == "print"
    signed = disclosures.asked(officer, zelie)
    by = openings.desk_scope(officer)
    with scopes.entered(by):
        actions.deliver(by=by, accounting=signed.uuid, delivery="by_hand", as_of=TODAY)
    jobs.run(Job.objects.filter(kind=actions.PDF).latest("id").pk)
    answer = people.browser(officer).get(f"{DESK}{signed.uuid}/accounting.pdf")
    text = pypdf.PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
    assert officer.display_name in " ".join(text.split())


def test_the_csv_holds_what_the_law_lists(officer: User, zelie: Person) -> None:
    disclosures.made(officer, zelie)
    user = people.member_user(zelie)
    row = disclosures.given(user, zelie)
    for browser, url in ((people.browser(user), MINE), (people.browser(officer), DESK)):
        text = browser.get(f"{url}{row.uuid}/accounting.csv").content.decode("utf-8-sig")
        head, line = csv.reader(io.StringIO(text))
        assert dict(zip(head, line, strict=True)) == {
            "first_day": "2026-03-02",
            "last_day": "2026-03-02",
            "times": "1",
            "frequency": "",
            "recipient": RECIPIENT,
            "address": "175 Invented Street\nAlbany, NY 12202",
            "description": "Lab claims of February 2026",
            "purpose": "Public health activities (164.512(b))",
            "statement": "The law asks for reports of this illness",
        }
    assert people.browser(user, stepped_up=False).get(f"{MINE}{row.uuid}/accounting.csv").url.startswith("/confirm/")


def test_a_letter_goes_to_the_address_on_file_once(officer: User, zelie: Person) -> None:
    disclosures.made(officer, zelie)
    user = people.member_user(zelie)
    row, browser = disclosures.given(user, zelie), people.browser(user)
    for _n in range(2):
        page = browser.post(f"{MINE}{row.uuid}/", follow=True).content.decode()
    assert "A letter with this list was written" in page
    letter = OutboxMail.objects.get(letter=True)
    assert letter.postal_address == "Zelie Marbright\n1 Made-up Street\nAlbany, NY 12207"
    for part in ("March 2, 2026", RECIPIENT, "175 Invented Street", "Lab claims", "The law asks for reports"):
        assert part in letter.body, part
    assert fresh(row).lettered_on == TODAY
    assert Event.objects.filter(action="members.accountings.letter", kind="print").count() == 1


def test_a_confidential_address_is_honored_and_not_shown(officer: User, family: dict[str, Person]) -> None:
    wren = family["hidden"]
    user = people.member_user(wren)
    row, browser = disclosures.given(user, wren), people.browser(user)
    page = browser.post(f"{MINE}{row.uuid}/", follow=True).content.decode()
    assert OutboxMail.objects.get(letter=True).postal_address == "PO Box 9\nElsewhere, NY 12000"
    assert "PO Box 9" not in page


def test_a_childs_letter_goes_to_who_asked(officer: User, family: dict[str, Person]) -> None:
    zelie = family["subscriber"]
    with scopes.entered(scopes.system("test")):
        Person.objects.filter(pk=zelie.pk).update(confidential_address="PO Box 4\nApart, NY 12001")
    user = people.member_user(zelie)
    row = disclosures.given(user, zelie, of=family["child"])
    people.browser(user).post(f"{MINE}{row.uuid}/")
    assert OutboxMail.objects.get(letter=True).postal_address == "PO Box 4\nApart, NY 12001"


def test_without_an_address_it_is_said(officer: User, zelie: Person) -> None:
    with scopes.entered(scopes.system("test")):
        Person.objects.filter(pk=zelie.pk).update(address="", zip="")
    user = people.member_user(zelie)
    row = disclosures.given(user, zelie)
    page = people.browser(user).post(f"{MINE}{row.uuid}/", follow=True).content.decode()
    assert "No postal address is on file" in page
    assert fresh(row).lettered_on is None and not OutboxMail.objects.filter(letter=True).exists()


def test_in_spanish_page_and_letter_are_spanish(officer: User, zelie: Person) -> None:
    disclosures.made(officer, zelie)
    browser = people.browser(people.member_user(zelie))
    browser.cookies["django_language"] = "es"
    browser.post("/language/", {"language": "es", "next": "/"})
    page = asks(browser).content.decode()
    assert "Lo que no aparece" in page and "Actividades de salud pública" in page
    browser.post(f"{MINE}{latest().uuid}/")
    letter = OutboxMail.objects.get(letter=True)
    assert letter.subject == "Divulgaciones de su información" and "2 de marzo de 2026" in letter.body
    assert latest().language == "es"


# --- By letter or telephone ---------------------------------------------------------------------------------------


def test_a_request_by_letter_is_in_the_queue_with_its_last_day(privacy: Browser, officer: User, zelie: Person) -> None:
    disclosures.made(officer, zelie)
    typed = {"asked_by": "letter", "requested_on": "12/10/2026", "language": "en", "once": str(uuid.uuid4())}
    url = f"{DESK}new/{zelie.uuid}/"
    assert "not come yet" in privacy.post(url, {**typed, "requested_on": "12/15/2026"}).content.decode()
    page = privacy.post(url, typed, follow=True).content.decode()
    row = latest()
    assert (row.requested_on, row.last_on, row.due_date) == (
        dt.date(2026, 12, 10),
        dt.date(2026, 12, 10),
        dt.date(2027, 2, 8),
    )
    assert RECIPIENT in page and "No fee: it is the first of 12 months." in page
    asked = DeskRequest.objects.get(kind=accounting_request.KIND)
    assert (asked.team, asked.due_date, asked.status) == (Team.PRIVACY, dt.date(2027, 2, 8), "open")
    assert "Marbright" not in asked.title
    assert f"{DESK}{row.uuid}/" in privacy.get(f"/desk/requests/{asked.pk}/").content.decode()
    member = people.browser(people.member_user(zelie)).get(MINE).content.decode()
    assert "To be answered" in member and f"{MINE}{row.uuid}/" not in member
    page = privacy.post(f"{DESK}{row.uuid}/", {"do": "deliver", "deliver-delivery": "letter"}, follow=True)
    assert "What was given" in page.content.decode()
    row = fresh(row)
    assert (row.status, row.delivery, row.closed_by_id, row.closed_on) == ("delivered", "letter", officer.pk, TODAY)
    assert RECIPIENT in OutboxMail.objects.get(letter=True).body
    asked.refresh_from_db()
    assert asked.status == RequestStatus.DONE
    page = people.browser(people.member_user(somebody())).get(f"{MINE}{row.uuid}/")
    assert page.status_code == 404
    again = privacy.post(f"{DESK}{row.uuid}/", {"do": "deliver", "deliver-delivery": "letter"}, follow=True)
    assert "somebody else was quicker" in again.content.decode()


def test_answers_ask_for_the_second_step(officer: User, zelie: Person) -> None:
    row = disclosures.asked(officer, zelie)
    browser = people.browser(officer, stepped_up=False)
    assert "show once more who you are" in browser.get(f"{DESK}{row.uuid}/").content.decode()
    for do in ("deliver", "extend", "withdraw"):
        assert browser.post(f"{DESK}{row.uuid}/", {"do": do}).url.startswith("/confirm/")
    assert browser.get(f"{DESK}new/{zelie.uuid}/").url.startswith("/confirm/")
    assert fresh(row).status == "open"


def test_the_time_is_extended_once_with_a_written_reason(privacy: Browser, officer: User, zelie: Person) -> None:
    row = disclosures.asked(officer, zelie)
    url = f"{DESK}{row.uuid}/"
    wanted = {"do": "extend", "extend-reason": "The archive is being moved"}
    too_far = privacy.post(url, {**wanted, "extend-to": "03/15/2027"}).content.decode()
    assert "not later than 03/14/2027" in too_far and "The archive is being moved" in too_far
    assert "This field is required" in privacy.post(url, {"do": "extend", "extend-to": "03/14/2027"}).content.decode()
    privacy.post(url, {**wanted, "extend-to": "03/14/2027"})
    row = fresh(row)
    assert (row.extended_to, row.extended_on) == (dt.date(2027, 3, 14), TODAY)
    letter = OutboxMail.objects.get(letter=True).body
    assert "The archive is being moved" in letter and "March 14, 2027" in letter
    assert DeskRequest.objects.get(kind=accounting_request.KIND).due_date == dt.date(2027, 3, 14)
    assert "Extend and tell" not in privacy.get(url).content.decode()
    by = openings.desk_scope(officer)
    with pytest.raises(actions.TooLate), scopes.entered(by):
        actions.extend(by=by, accounting=row.uuid, to=dt.date(2027, 3, 14), reason="x", as_of=TODAY)


def test_late_ones_are_shown_and_can_no_longer_be_extended(privacy: Browser, officer: User, zelie: Person) -> None:
    row = disclosures.asked(officer, zelie)
    clock(dt.date(2027, 2, 12))
    assert not privacy.get(f"{DESK}?state=late").context["listed"]
    clock(dt.date(2027, 2, 13))
    (late,) = privacy.get(f"{DESK}?state=late").context["listed"]
    assert late["late"]
    page = privacy.get(f"{DESK}{row.uuid}/").content.decode()
    assert "Late" in page and "Extend and tell" not in page
    by = openings.desk_scope(officer)
    with pytest.raises(actions.TooLate), scopes.entered(by):
        actions.extend(by=by, accounting=row.uuid, to=dt.date(2027, 3, 1), reason="x", as_of=dt.date(2027, 2, 13))
    privacy.post(f"{DESK}{row.uuid}/", {"do": "deliver", "deliver-delivery": "by_hand"})
    (late,) = privacy.get(f"{DESK}?state=late").context["listed"]
    assert late["row"].status == "delivered" and late["late"]
    assert "yes" in privacy.get(f"{DESK}list.csv?state=late").content.decode()


def test_a_fee_needs_a_second_request_and_that_it_was_told(privacy: Browser, officer: User, zelie: Person) -> None:
    disclosures.given(people.member_user(zelie), zelie)  # on the website: counts for none
    first = disclosures.asked(officer, zelie)
    by = openings.desk_scope(officer)
    fee = {"fee_cents": 250, "fee_told_on": TODAY, "fee_basis": "10 pages"}
    with pytest.raises(actions.MustBeFree), scopes.entered(by):
        actions.deliver(by=by, accounting=first.uuid, delivery="by_hand", as_of=TODAY, **fee)
    with scopes.entered(by):
        actions.deliver(by=by, accounting=first.uuid, delivery="by_hand", as_of=TODAY)
    second = disclosures.asked(officer, zelie)
    url = f"{DESK}{second.uuid}/"
    typed = {"do": "deliver", "deliver-delivery": "by_hand", "deliver-fee": "2.50"}
    page = privacy.post(url, typed).content.decode()
    assert "the member was told of the fee" in page and "how the cost was reckoned" in page
    privacy.post(url, {**typed, "deliver-fee_told_on": "12/14/2026", "deliver-fee_basis": "10 pages, 0.25 each"})
    row = fresh(second)
    assert (row.fee_cents, row.fee_told_on, row.fee_basis) == (250, TODAY, "10 pages, 0.25 each")
    third = disclosures.asked(officer, zelie)
    privacy.post(f"{DESK}{third.uuid}/", {"do": "withdraw"})
    assert fresh(third).status == "withdrawn"
    asked = DeskRequest.objects.filter(kind=accounting_request.KIND).latest("id")
    assert asked.status == RequestStatus.WITHDRAWN
    assert "Nothing was given" in privacy.get(f"{DESK}{third.uuid}/").content.decode()


def test_actions_ask_for_the_permission(officer: User, zelie: Person) -> None:
    row = disclosures.asked(officer, zelie)
    by = openings.desk_scope(people.staff_user(Team.MEMBER_SERVICES))
    calls: list[Any] = [
        lambda: actions.deliver(by=by, accounting=row.uuid, delivery="by_hand", as_of=TODAY),
        lambda: actions.extend(by=by, accounting=row.uuid, to=TODAY, reason="x", as_of=TODAY),
        lambda: actions.withdraw(by=by, accounting=row.uuid, as_of=TODAY),
        lambda: actions.ask(
            by=by, person=zelie.uuid, asked_by="letter", requested_on=TODAY, first=None, last=None, language="en",
            once=uuid.uuid4(),
        ),
    ]  # fmt: skip
    for call in calls:
        with pytest.raises(Refused), scopes.entered(by):
            call()


# --- What the database holds to, and what pages cost --------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("extended_to = '2027-03-15', extended_on = '2026-12-14', extension_reason = 'x'", "extended_once_in_time"),
        ("extended_to = '2027-03-01', extended_on = '2027-02-13', extension_reason = 'x'", "extended_once_in_time"),
        ("extended_to = '2027-03-01', extended_on = '2026-12-14'", "extended_once_in_time"),
        ("extension_reason = 'x'", "extended_once_in_time"),
        ("fee_cents = 100", "fee_was_told"),
        ("fee_cents = -1, fee_told_on = '2026-12-14', fee_basis = 'x'", "fee_was_told"),
        ("status = 'delivered'", "closed_when_over"),
        ("content = '{}'", "closed_when_over"),
        ("requested_on = '2026-01-01'", "does not change"),
        ("due_date = '2028-01-01'", "does not change"),
        ("first_on = '2025-01-01'", "does not change"),
    ],
)
def test_an_open_request_keeps_its_terms(officer: User, zelie: Person, change: str, constraint: str) -> None:
    row = disclosures.asked(officer, zelie)
    assert constraint in refuses(f"UPDATE members_accounting SET {change} WHERE id = %s", row.pk)  # noqa: S608


@pytest.mark.parametrize("change", ["content = '{}'", "withheld = '{1}'", "status = 'open'", "fee_cents = 0 + 1",
                                    "closed_on = '2026-01-01'", "delivery = 'letter'"])  # fmt: skip
def test_what_was_given_stays_as_it_was(zelie: Person, change: str) -> None:
    row = disclosures.given(people.member_user(zelie), zelie)
    assert "does not change" in refuses(f"UPDATE members_accounting SET {change} WHERE id = %s", row.pk)  # noqa: S608
    for sql in ("DELETE FROM members_accounting", "TRUNCATE members_accounting"):
        assert "denied" in refuses(sql)


def refuses(sql: str, *params: object) -> str:
    with pytest.raises(DatabaseError) as caught, scopes.entered(scopes.system("test")):  # noqa: SIM117
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, params)
    return str(caught.value)


@pytest.mark.parametrize("count", [1, 3])
def test_pages_cost_the_same_for_more_rows(
    privacy: Browser, officer: User, zelie: Person, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    user = people.member_user(zelie)
    for _n in range(count):
        disclosures.made(officer, zelie)
        row = disclosures.given(user, zelie)
        open_row = disclosures.asked(officer, zelie)
    member = people.browser(user)
    for browser, url, queries in (
        (member, MINE, 14),
        (member, f"{MINE}{row.uuid}/", 13),
        (privacy, DESK, 12),
        (privacy, f"{DESK}{row.uuid}/", 11),
        (privacy, f"{DESK}{open_row.uuid}/", 13),
    ):
        with django_assert_num_queries(queries):
            assert browser.get(url).status_code == 200


@pytest.mark.skipif(not paper.available(), reason=f"Pango is not here: {paper.INSTALL}")
def test_the_letter_is_printed_with_the_others(officer: User, zelie: Person, tmp_path: Any) -> None:
    disclosures.made(officer, zelie)
    row = disclosures.asked(officer, zelie)
    by = openings.desk_scope(officer)
    with scopes.entered(by):
        actions.deliver(by=by, accounting=row.uuid, delivery="letter", as_of=TODAY)
    out = tmp_path / "letters.pdf"
    call_command("print_letters", "--out", str(out), "--as-of", "2026-12-14", "--json", stdout=io.StringIO())
    text = " ".join(pypdf.PdfReader(out).pages[0].extract_text().split())
    assert RECIPIENT in text and "1 Made-up Street" in text
