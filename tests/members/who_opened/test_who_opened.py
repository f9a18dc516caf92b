"""Who opened my record: the person sees everybody, a subscriber a young child's too, and nobody sees anybody else's."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping

import pytest
from django.test import Client as Browser
from pytest_django import DjangoAssertNumQueries

from audit import actions as audit
from audit.enums import Kind
from audit.models import Event, Subject
from billing.enums import CoverageLine
from members.models import Contract, Coverage, Enrollee, Person
from members.who_opened import views
from portals import scope as scopes
from portals.desk import actions as desk
from portals.enums import RequestStatus, Team
from portals.models import DeskRequest, OutboxMail, User
from portals.plan import clock
from producers.enums import Entitlement
from tests.factories import members as factory
from tests.factories import openings, people

pytestmark = pytest.mark.django_db
PAGE = "/members/privacy/"
TODAY = dt.date(2026, 12, 14)
KNOWN = (dt.datetime(2026, 12, 1, tzinfo=dt.UTC), None)


class Family:
    """A subscriber and everybody on the contract, a stranger of another employer, and accounts of those who have
    one."""

    def __init__(self) -> None:
        with scopes.entered(scopes.system("test")) as by:
            clock.move_to(TODAY, by=by)
            self.client = people.client("Otter Creek Mills")
            employer = factory.employer(self.client)
            package = employer.offer(factory.product())
            born = {
                "ada": ("18", dt.date(1985, 4, 28)),
                "sam": ("01", dt.date(1986, 5, 2)),
                "kim": ("19", dt.date(2018, 1, 1)),
                "max": ("19", dt.date(2008, 12, 14)),  # 18 today
                "eve": ("19", dt.date(2008, 12, 15)),  # 18 tomorrow
                "lou": ("19", dt.date(2016, 1, 1)),
                "ned": ("G8", dt.date(2016, 1, 1)),
                "old": ("19", dt.date(2015, 1, 1)),  # no longer covered
            }
            self.people: dict[str, Person] = {
                name: people.person(first_name=name.title(), last_name="Quorndon", birth_date=birth)
                for name, (_relationship, birth) in born.items()
            }
            Person.objects.filter(pk=self.people["lou"].pk).update(confidential_address="PO Box 9, Utica")
            contract = Contract.objects.create(
                client=self.client, number="NGH88420173", sender_number="1", subscriber=self.people["ada"]
            )
            for number, (name, (relationship, _birth)) in enumerate(born.items(), 1):
                enrollee = Enrollee.objects.create(
                    client=self.client,
                    contract=contract,
                    person=self.people[name],
                    relationship=relationship,
                    suffix=f"{number:02}",
                    member_id=f"NGH88420173{number:02}",
                    recorded_date=TODAY,
                )
                Coverage.objects.create(
                    enrollee=enrollee,
                    contract=contract,
                    client=self.client,
                    package=package,
                    line=CoverageLine.MEDICAL,
                    effective=(dt.date(2026, 1, 1), dt.date(2026, 12, 1) if name == "old" else None),
                    known=KNOWN,
                )
            self.people["stranger"] = people.person(first_name="Zed", last_name="Elsewhere")
            self.users: dict[str, User] = {
                name: people.member_user(self.people[name]) for name in ("ada", "sam", "max", "eve", "stranger")
            }

    def browser(self, name: str) -> Browser:
        return people.browser(self.users[name])

    def uuid(self, name: str) -> str:
        return str(self.people[name].uuid)

    def note(self, *names: str, action: str = "records:person", **columns: object) -> int:
        """An opening of these people's records by somebody of the plan."""
        values = {"kind": Kind.LOOK, "actor": f"user:{self.clerk.pk}", "portal": "desk"} | columns
        with scopes.entered(scopes.system("test")):
            return audit.record(
                action=action,
                subjects=[("person", self.people[name].pk) for name in names],
                **values,  # type: ignore[arg-type]
            )

    clerk: User


@pytest.fixture
def family() -> Family:
    made = Family()
    made.clerk = people.staff_user(Team.MEMBER_SERVICES)
    User.objects.filter(pk=made.clerk.pk).update(given_name="Mara", family_name="Wetherow")
    return made


def text(browser: Browser, query: str = "") -> str:
    answer = browser.get(PAGE + query)
    assert answer.status_code == 200, query
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def opened(browser: Browser, query: str = "") -> list[tuple[str, str, str, str]]:
    answer = browser.get(PAGE + query)
    assert answer.status_code == 200
    return [(each.who, each.place, each.what, each.why) for each in answer.context["entries"]]


def test_the_person_sees_everybody_in_words_the_newest_first(family: Family) -> None:
    with scopes.entered(scopes.system("test")):
        practice = people.practice("Elm Street Family Practice")
        doctor = people.practice_user(practice)
        agency = people.agency("Hudson Benefits")
        producer = people.producer_user(agency, Entitlement.CLIENT_ADMINISTRATION)
        employer = people.employer_user(family.client)
    helper = people.staff_user(Team.HELP_DESK)
    opening = openings.glass(helper, family.people["ada"])
    view = openings.view(helper, family.users["ada"], family.client)
    family.note("ada", fields=("person.name", "coverage"))
    family.note("ada", action="practice.look", actor=f"user:{doctor.pk}", portal="provider", kind=Kind.VIEW)
    family.note("ada", action="employers:ebilling_invoice", actor=f"user:{employer.pk}", portal="employer")
    family.note(
        "ada",
        action="employers:ebilling_invoice",
        actor=f"user:{producer.pk}",
        portal="employer",
        acting_for=f"client:{family.client.pk}",
        grant="client-grant:1",
        kind=Kind.VIEW,
    )
    family.note("ada", actor=f"user:{helper.pk}", grant=f"break-glass:{opening.pk}")
    family.note("ada", action="members:home", actor=f"user:{helper.pk}", portal="member", grant=f"view-as:{view.pk}")
    family.note("ada", action="nightly", actor="system:nightly", kind=Kind.EXPORT, portal="system")
    family.note("ada", action="members.accounts.locate", actor="nobody", kind=Kind.SEARCH, portal="door")
    desk_name = helper.display_name
    record = "Member's record at the service desk"
    assert opened(family.browser("ada")) == [
        ("Somebody not signed in", "", "First sign-in: looked for a record", ""),
        ("The plan's computer systems", "", "nightly", ""),
        (
            desk_name,
            "Web Help Desk",
            "ID card and overview",
            "To help somebody on the telephone, saw the page as they see it",
        ),
        (desk_name, "Web Help Desk", record, "In an emergency; the privacy officer reviews it"),
        (producer.display_name, "Hudson Benefits", "Invoice", "Acting for Otter Creek Mills"),
        (employer.display_name, "Otter Creek Mills", "Invoice", ""),
        (doctor.display_name, "Elm Street Family Practice", "practice.look", ""),
        ("Mara Wetherow", "Member services", record, ""),
    ]
    page = text(family.browser("ada"))
    assert "Name, Coverage" in page
    assert openings.REASON.replace("'", "&#x27;") not in page
    openings.run_out(opening)
    people.desk_browser(Team.PRIVACY).post(f"/desk/looks/break-glass/{opening.pk}/", {"finding": "justified"})
    assert "the privacy officer has reviewed it" in text(family.browser("ada"))


@pytest.mark.promise("X3")
def test_a_look_at_the_desk_stands_in_the_members_own_list_at_once(family: Family) -> None:
    browser = people.browser(family.clerk)
    assert browser.get(f"/desk/members/{family.uuid('sam')}/").status_code == 200
    page = text(family.browser("sam"))
    assert "Mara Wetherow Member services" in page
    assert "Last four digits of the Social Security number" in page


def test_nothing_of_others_of_addresses_or_of_what_was_refused_is_told(family: Family) -> None:
    family.note("ada", "sam", "kim", source="192.0.2.77", detail={"people": 3, "invoice": "INV-SECRET"})
    family.note("ada", action="refused.page", kind=Kind.DENIAL, outcome="refused")
    family.note("ada", action="refused.look", outcome="refused")
    family.note("ada", action="changed.page", kind=Kind.CHANGE)
    family.note("sam", action="of.sam")
    family.note("stranger", action="of.stranger")
    answer = family.browser("ada").get(PAGE)
    page = answer.content.decode()
    assert len(answer.context["entries"]) == 1
    for part in ("192.0.2.77", "INV-SECRET", "refused.", "changed.page", "of.sam", "of.stranger", "Sam"):
        assert part not in page, part


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        (Kind.DISCLOSURE, "members.disclosures.record"), (Kind.DISCLOSURE, "members.disclosures.correct"),
        (Kind.VIEW, "disclosures:list"), (Kind.EXPORT, "disclosures:list_csv"), (Kind.VIEW, "disclosures:suspend"),
        (Kind.PRINT, "members.accountings.letter"),
    ],
)  # fmt: skip
def test_a_disclosure_that_may_be_suspended_leaves_no_trace_for_the_person(
    family: Family, kind: Kind, action: str
) -> None:
    officer = people.staff_user(Team.PRIVACY)
    ada = family.people["ada"]
    for name, field in (("records:person", "person.name"), (action, "disclosure.recipient")):
        audit.record(
            kind=kind,
            action=name,
            actor=f"user:{officer.pk}",
            portal="desk",
            subjects=[("person", ada.pk)],
            fields=(field,),
        )
    assert len(opened(family.browser("ada"))) == 1
    desk_page = people.browser(officer)
    assert "2" in desk_page.get(f"/desk/ledger/opened/person/{ada.pk}/").content.decode()
    told = desk_page.get(f"/desk/ledger/opened/person/{ada.pk}/print/").content.decode().split("<main")[1]
    assert "isclos" not in told and officer.display_name in told


def test_own_visits_are_hidden_until_they_are_asked_for(family: Family) -> None:
    browser = family.browser("ada")
    browser.get("/members/")
    family.note("ada", action="members:home", actor=f"user:{family.users['sam'].pk}", portal="member", kind=Kind.VIEW)
    assert opened(browser) == [("Sam Quorndon", "Member", "ID card and overview", "")]
    own = opened(browser, "?mine=1")
    assert ("You", "", "ID card and overview", "") in own
    assert "Show my own visits" in text(browser)
    assert "Hide my own visits" in text(browser, "?mine=1")


@pytest.mark.promise("X3")
def test_a_subscriber_reads_a_young_childs_list_and_nobody_elses(family: Family) -> None:
    browser = family.browser("ada")
    choices = browser.get(PAGE).context["form"].fields["person"].choices
    assert [name for _uuid, name in choices] == ["Mine", "Kim Quorndon", "Eve Quorndon"]
    for name in ("kim", "eve"):
        family.note(name, action=f"of.{name}")
        assert opened(browser, f"?person={family.uuid(name)}") == [
            ("Mara Wetherow", "Member services", f"of.{name}", "")
        ]
    for name in ("sam", "max", "lou", "ned", "old", "stranger", "ada"):
        family.note(name, action=f"of.{name}")
        assert browser.get(f"{PAGE}?person={family.uuid(name)}").status_code == 404, name
    with scopes.entered(scopes.system("test")) as by:
        clock.move_to(dt.date(2026, 12, 15), by=by)
    assert browser.get(f"{PAGE}?person={family.uuid('eve')}").status_code == 404, "18 today"


@pytest.mark.parametrize("reader", ["sam", "max", "eve", "stranger"])
def test_only_the_subscriber_reads_a_childs(family: Family, reader: str) -> None:
    browser = family.browser(reader)
    assert "person" not in browser.get(PAGE).context["form"].fields
    event = family.note("kim")
    for name in ("kim", "ada"):
        assert browser.get(f"{PAGE}?person={family.uuid(name)}").status_code == 404
        assert browser.get(f"{PAGE}{event}/ask/?person={family.uuid(name)}").status_code == 404
    assert browser.get(f"{PAGE}{event}/ask/").status_code == 404


def test_of_a_child_the_familys_own_visits_are_not_told_by_name(family: Family) -> None:
    for name in ("sam", "eve", "ada"):
        actor = f"user:{family.users[name].pk}"
        family.note("eve", action="members:home", actor=actor, portal="member", kind=Kind.VIEW)
    browser, child = family.browser("ada"), f"?person={family.uuid('eve')}"
    assert opened(browser, child) == [("Another member", "", "ID card and overview", "")]
    assert "Sam" not in text(browser, child)
    visits = [each for each in opened(browser, f"{child}&mine=1") if each[2] != "List of who opened the record"]
    assert visits == [
        ("You", "", "ID card and overview", ""),
        ("Another member", "", "ID card and overview", ""),
    ], "never the child's own visits"


def test_an_account_that_was_not_the_members_is_told_as_such(family: Family) -> None:
    other = people.member_user(family.people["kim"])
    other.member_account.disowned_at = dt.datetime(2026, 12, 1, tzinfo=dt.UTC)
    other.member_account.person = family.people["ada"]
    other.member_account.save()
    family.note("ada", action="members:home", actor=f"user:{other.pk}", portal="member", kind=Kind.VIEW)
    ((_who, place, _what, _why),) = opened(family.browser("ada"))
    assert place == "Member account that was ended: it was not the member's"


def test_pages_and_periods(family: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "PAGE", 2)
    for number in range(5):
        family.note("ada", action=f"flood.{number}")
    browser, seen, query = family.browser("ada"), [], "?period=30"
    for _page in range(3):
        answer = browser.get(PAGE + query)
        seen += [each.what for each in answer.context["entries"]]
        query = answer.context["older"].removeprefix(PAGE)
        assert not query or "period=30" in query
    assert seen == [f"flood.{number}" for number in (4, 3, 2, 1, 0)]
    for hostile in ("?before=x", "?period=zebra", "?mine=", "?before=9-9"):
        assert browser.get(PAGE + hostile).status_code == 200
    assert browser.get(f"{PAGE}?person=zebra").status_code == 404


def test_each_reading_is_a_row_about_the_person_read(family: Family) -> None:
    family.browser("ada").get(f"{PAGE}?person={family.uuid('kim')}")
    row = Event.objects.get(action="members:privacy")
    assert (row.kind, row.fields, row.detail) == ("view", ["opened.who"], {"people": 1})
    assert Subject.objects.get(event_id=row.pk).subject_id == family.people["kim"].pk


def test_a_question_reaches_the_privacy_officer_with_its_event_and_the_answer_the_member(family: Family) -> None:
    event = family.note("ada")
    browser = family.browser("ada")
    assert f'href="{PAGE}{event}/ask/?person=' in browser.get(PAGE).content.decode()
    page = browser.get(f"{PAGE}{event}/ask/")
    once = page.context["form"]["once"].value()
    asked: Mapping[str, object] = {"text": "I did not call that day.", "once": once}
    assert browser.post(f"{PAGE}{event}/ask/", {"text": "", "once": once}).status_code == 200
    for _twice in range(2):
        answer = browser.post(f"{PAGE}{event}/ask/", asked)
    row = DeskRequest.objects.get(kind="privacy.opened")
    assert answer["Location"] == f"/members/requests/{row.uuid}/"
    assert (row.team, row.asked_party, row.detail["event"]) == (
        Team.PRIVACY,
        f"person:{family.people['ada'].pk}",
        event,
    )
    privacy = people.desk_browser(Team.PRIVACY)
    shown = privacy.get(f"/desk/requests/{row.pk}/").content.decode()
    assert "I did not call that day." in shown
    assert f'href="/desk/ledger/events/{event}/"' in shown
    privacy.post(
        f"/desk/requests/{row.pk}/", {"do": "reply", "reply-text": "Your employer had asked.", "reply-status": "done"}
    )
    mine = browser.get(f"/members/requests/{row.uuid}/").content.decode()
    assert "Your employer had asked." in mine
    assert f'href="{PAGE}"' in mine
    listed = text(browser)
    assert f"{row.number} Done" in listed
    mail = OutboxMail.objects.filter(to=family.users["ada"].email).latest("id")
    assert str(row.uuid) in mail.body
    for part in ("employer", "Mara", "call"):
        assert part not in mail.body
    assert family.browser("sam").get(f"/members/requests/{row.uuid}/").status_code == 404
    assert people.desk_browser(Team.MEMBER_SERVICES).get(f"/desk/requests/{row.pk}/").status_code == 404
    assert DeskRequest.objects.get(pk=row.pk).status == RequestStatus.DONE


def test_only_what_stands_in_the_list_can_be_asked_about(family: Family) -> None:
    browser = family.browser("ada")
    refused = family.note("ada", outcome="refused")
    own = family.note("ada", actor=f"user:{family.users['ada'].pk}", portal="member")
    others = family.note("sam")
    child = family.note("kim")
    for event in (refused, own, others, child, 0, 2**70):
        assert browser.get(f"{PAGE}{event}/ask/").status_code == 404, event
    assert browser.get(f"{PAGE}{child}/ask/?person={family.uuid('kim')}").status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_queries_do_not_grow(family: Family, count: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _n in range(count):
        clerk = people.staff_user(Team.MEMBER_SERVICES)
        opening = openings.glass(people.staff_user(Team.HELP_DESK), family.people["ada"])
        family.note("ada", actor=f"user:{clerk.pk}", grant=f"break-glass:{opening.pk}")
        family.note("ada", actor=f"user:{clerk.pk}", acting_for=f"client:{family.client.pk}")
        with scopes.entered(scopes.system("test")) as by:
            desk.open_request(
                kind="privacy.opened",
                key=str(opening.pk),
                title="Q",
                detail={"entry": "e", "text": "t", "event": 1},
                by=by,
                asker=desk.Asker(family.users["ada"].pk, scopes.PartyRef("person", family.people["ada"].pk)),
            )
    browser = family.browser("ada")
    with django_assert_num_queries(19):
        assert browser.get(PAGE).status_code == 200
