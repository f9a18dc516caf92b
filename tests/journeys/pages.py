"""The states of pages that are looked at: tests/journeys/walk.py asks for them, tests/journeys/look.py looks.

Every URL of the house is a state by itself: it is found here and asked for as the persona of its audience, and its form
is sent empty where it has one. A state that needs more - other data, an error, somebody without a right - is added to
`EXTRA`.
"""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange
from django.template.loader import render_to_string
from django.urls import reverse

from billing.enums import CoverageLine
from employers.enums import EmployerRole
from employers.models import EmployerUser
from members.models import BenefitPackage, Contract, Coverage, Enrollee, Group, Person, Product
from portals import scope
from portals.desk import actions as desk
from portals.enums import AlertFinding, ExceptionalAccessKind, Finding, Team
from portals.login import rate_limits
from portals.mail import outbox
from portals.models import AccessReviewLine, ActivityReview, Announcement, HelpContact, User, ViewAs
from portals.pages import Audience
from portals.plan.brand import brand
from portals.privacy.activity import actions as activity
from portals.privacy.alerts import actions as alert_actions
from portals.privacy.alerts import rule_settings
from portals.privacy.exceptional_access import actions as exceptional_access
from providers.actions import offices
from tests.factories import alerts as alerts_made
from tests.factories import billing, calls, openings, payers, people
from tests.house import objects
from tests.house.objects import A, B, World
from tests.house.test_urls import DOORS, PAGES, address, declaration, is_of

if TYPE_CHECKING:
    from playwright.sync_api import Page

NOBODY, ACTING = "nobody", "acting"
WALKS = (NOBODY, *DOORS.values(), ACTING)


@dataclass(frozen=True)
class Visit:
    """One page as one person meets it. `after` is what the person does there before anybody looks."""

    title: str
    url: str
    user: User | None = None
    status: int | tuple[int, ...] = 200
    after: Callable[[Page], None] | None = None


def _is_own(door: str, name: str) -> bool:
    """Nobody gets the open pages, everybody else their own."""
    audience = declaration(name).audience
    if door in (NOBODY, ACTING):
        return audience is {NOBODY: Audience.ANYONE, ACTING: Audience.EMPLOYER}[door]
    return is_of(door, audience)


def own_pages(door: str, world: World) -> Iterator[Visit]:
    """What the resolver knows for this persona."""
    for name in PAGES:
        known = name in world.objects or not PAGES[name].pattern.converters  # the walk of test_urls asks for the others
        if known and _is_own(door, name):
            # Some of an employer's pages are closed to those who act as one: the refusal is looked at then.
            yield Visit(name, address(name, world), status=(200, 403) if door == ACTING else 200)


# --- What the pages show ---


def fill(world: World) -> None:
    """Tenant A's pages with something on them; tenant B's stay as empty as on the first day. In a system scope."""
    ever = DateRange(dt.date(2020, 1, 1), None)
    for audience in ("", *DOORS.values()):
        if not HelpContact.objects.filter(audience=audience, topic="portal").exists():
            HelpContact.objects.create(
                audience=audience,
                topic="portal",
                owner="Web help desk",
                phone="5185550142",
                week=[[["08:00", "18:00"]]] * 5 + [[], []],
                effective=ever,
            )
    Announcement.objects.create(
        title="Offices closed Monday",
        body="We are back on Tuesday.",
        shown=DateRange(dt.date(2020, 1, 1), dt.date(2040, 1, 1)),
    )
    _card(world)
    outbox.post(
        key="walk:mail",
        to="someone@mail.example",
        subject="Your activation code",
        body="Your activation code is ABCD EFGH. See http://localhost/ for more.",
    )
    outbox.post_letter(
        key="walk:letter",
        postal_address="Test Person\n1 Made-up Street\nAlbany, NY 12207",
        subject="Your activation code",
        body="Your activation code is ABCD EFGH.",
    )


def _card(world: World) -> None:
    """A's member covers a spouse, medical and dental."""
    person = Person.objects.get(accounts__user=world.users["member", A])
    client = EmployerUser.objects.get(user=world.users["employer", A]).client
    spouse = people.person(first_name="Józef", last_name="Invented-Hyphen")
    contract = Contract.objects.create(client=client, number="NGH40020041", sender_number="77", subscriber=person)
    group = Group.objects.create(client=client, number="W-0001", name="All employees")
    account = payers.bill_account(client, "Medical")
    for line, name in ((CoverageLine.MEDICAL, "Northgate EX 1000"), (CoverageLine.DENTAL, "Dental PPO")):
        product = Product.objects.create(
            rated=payers.product(name, line),
            plan_type="EPO",
            network="Northgate Preferred",
            deductible_single=100000,
            deductible_family=200000,
            oop_single=500000,
            oop_family=1000000,
            copays=[["PCP", 2500], ["Emergency", "20%"]],
            rx_bin="610014",
            rx_pcn="NGRX",
            rx_group="NG1",
        )
        package = BenefitPackage.objects.create(
            group=group, product=product, line=line, account=account, offered=DateRange(dt.date(2020, 1, 1), None)
        )
        for suffix, who, relationship in (("01", person, "18"), ("02", spouse, "01")):
            enrollee, _ = Enrollee.objects.get_or_create(
                client=client,
                contract=contract,
                person=who,
                relationship=relationship,
                suffix=suffix,
                member_id=f"{contract.number}{suffix}",
                defaults={"recorded_date": dt.date(2026, 12, 1)},
            )
            Coverage.objects.create(
                enrollee=enrollee,
                contract=contract,
                client=client,
                package=package,
                line=line,
                effective=DateRange(dt.date(2025, 1, 1), None),
                known=DateTimeTZRange(billing.LONG_AGO, None),
            )


EXTRA: dict[str, list[Callable[[World], list[Visit]]]] = {}


def extra(door: str) -> Callable[[Callable[[World], list[Visit]]], Callable[[World], list[Visit]]]:
    """Register more states of a walk. The function is called in a system scope and may write what it needs."""

    def register(states: Callable[[World], list[Visit]]) -> Callable[[World], list[Visit]]:
        EXTRA.setdefault(door, []).append(states)
        return states

    return register


def extra_pages(door: str, world: World) -> Iterator[Visit]:
    for states in EXTRA.get(door, []):
        yield from states(world)


def about(door: str) -> int:
    """How many states a door has, before they are made: what its pieces are dealt by."""
    return sum(_is_own(door, name) for name in PAGES) + sum(
        inspect.getsource(states).count("Visit(") for states in EXTRA.get(door, [])
    )


@extra(NOBODY)
def _door_states(world: World) -> list[Visit]:
    def wrong_password(page: Page) -> None:
        page.get_by_label("Username").fill("no.such.person")
        page.get_by_label("Password").fill("not the password")
        page.get_by_role("button", name="Sign in").click()
        page.locator("[data-error-summary]").wait_for()

    def too_often(page: Page) -> None:
        page.get_by_label("Username").fill("locked.out")
        page.get_by_label("Password").fill("not the password")
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("heading", name="Too many tries").wait_for()

    def without_token(page: Page) -> None:
        page.context.clear_cookies()
        page.get_by_label("Username").fill("some.person")
        page.get_by_label("Password").fill("some password")
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("heading", name="Please try again").wait_for()

    def broken(template: str) -> Callable[[Page], None]:
        """What a visitor sees when the site itself fails: the real template, as the server renders it."""

        def show(page: Page) -> None:
            body = render_to_string(template, {"brand": brand()})
            page.route("**/broken/", lambda route: route.fulfill(body=body, content_type="text/html"))
            page.goto("/broken/")
            page.unroute("**/broken/")  # while a route stands the browser keeps nothing

        return show

    second = people.staff_user(Team.HELP_DESK)

    def second_step(page: Page) -> None:
        page.get_by_label("Username").fill(second.username)
        page.get_by_label("Password").fill(people.PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_label("Code of your authenticator app").wait_for()
        page.get_by_role("button", name="Continue").click()
        page.locator("[data-error-summary]").wait_for()

    def reset(page: Page) -> None:
        page.get_by_label("Username or e-mail of the account").fill("no.such.person")
        page.get_by_role("button", name="Send me a code").click()
        page.get_by_role("heading", name="Choose a new password").wait_for()

    def activation(page: Page) -> None:
        page.get_by_label("Member ID or Social Security number").fill("NGH8842017399")
        page.get_by_label("Date of birth").fill("4/28/1985")
        page.get_by_label("ZIP code").fill("12207")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Type your activation code").wait_for()

    for number in range(rate_limits.PER_IDENTIFIER):
        rate_limits.count(door="sign_in", identifier="locked.out", address=f"walk-{number}")
    nowhere = people.user()
    newcomer = people.staff_user(Team.HELP_DESK)
    User.objects.filter(pk=newcomer.pk).update(must_change_password=True)
    both = people.staff_user(Team.HELP_DESK)
    EmployerUser.objects.create(client=people.client(), user=both, role=EmployerRole.ADMINISTRATOR)
    return [
        Visit("wrong password", "/sign-in/", after=wrong_password),
        Visit("too many tries", "/sign-in/", after=too_often),
        Visit("the second step, sent empty", "/sign-in/", after=second_step),
        Visit("a new password by mail", "/password/forgotten/", after=reset),
        Visit("an activation code", "/members/first-sign-in/", after=activation),
        Visit("a form without its token", "/sign-in/", after=without_token),
        Visit("something went wrong", "/health/", after=broken("errors/500.html")),
        Visit("taking too long", "/", after=broken("errors/503.html")),
        Visit("no such page", "/no/such/page/", status=404),
        Visit("an answer that was searched for", f"{reverse('help')}?for=provider&q=lost+letter"),
        Visit("no answer has the words", f"{reverse('help')}?for=member&q=zebra"),
        Visit("signed in without any access", "/home/", nowhere, status=403),
        Visit("an initial password", "/password/", newcomer),
        Visit("several places to work", "/home/", both),
    ]


@extra("member")
def _member_states(world: World) -> list[Visit]:
    uncovered = world.users["member", B]
    privacy = reverse("members:privacy")
    return [
        Visit("a member without coverage", reverse("members:home"), uncovered),
        Visit("nobody else opened a record", privacy, uncovered),
        Visit("with one's own visits", f"{privacy}?mine=1&period=30"),
    ]


@extra("employer")
def _employer_states(world: World) -> list[Visit]:
    newcomer = world.users["employer", B]
    ask = {name: reverse("employers:ask", kwargs={"kind": name}) for name in ("full-list", "end-producer")}
    return [
        Visit("no document yet", reverse("employers:documents"), newcomer),
        Visit("no document is found", f"{reverse('employers:documents')}?q=zzz"),
        Visit("nobody has logged in as the employer", reverse("employers:producers"), newcomer),
        Visit("nothing that a producer did is found", f"{reverse('employers:producers')}?period=30&person=0"),
        Visit("nobody looked at the employer's records", reverse("employers:opened"), newcomer),
        Visit("asking for the full list", ask["full-list"]),
        Visit("asking for the end of an access", ask["end-producer"]),
        Visit("asking for separate invoices", reverse("employers:ask", kwargs={"kind": "separate-invoices"})),
    ]


@extra("producer")
def _producer_states(world: World) -> list[Visit]:
    agency = people.agency("Walk Agency")
    own = people.producer_user(agency)
    world.objects["producers:act"]
    lone = people.client("Closed Client")
    people.BookEntry.objects.create(agency=agency, client=lone)
    contact = people.producer_user(people.agency("Agency alone"), contact=True)
    named = world.users["producer", A]
    return [
        Visit("access to a closed client", reverse("producers:access_client", args=[lone.client_id]), own),
        Visit("access to no client", reverse("producers:access"), people.producer_user(people.agency("No book"))),
        Visit("no client of mine is found", f"{reverse('producers:access')}?q=zzz", named),
        Visit("no colleague is found", f"{reverse('producers:agency')}?q=zzz", named),
        Visit("no case manager yet", reverse("producers:agency_cases"), contact),
        Visit("no case manager ended yet", f"{reverse('producers:agency_cases')}?over", contact),
        Visit("no case manager is found", f"{reverse('producers:agency_cases')}?q=zzz", named),
        Visit("no agency writes through this one", reverse("producers:agency_reports"), contact),
        Visit("a contact's own flag", reverse("producers:agency_contact", args=[people.place_of(contact).pk]), contact),
        Visit("the agency's people refused", reverse("producers:agency"), own, status=403),
        Visit("a closed gate", reverse("producers:act", kwargs={"client_id": lone.client_id}), own, status=403),
        Visit("asking for a client's list", reverse("producers:ask", kwargs={"kind": "client-full-list"})),
        Visit("no client is found", f"{reverse('producers:home')}?q=zzz", own),
        Visit("an empty book", reverse("producers:home"), people.producer_user(people.agency("New Agency"))),
        Visit("no such client", reverse("producers:act", kwargs={"client_id": "0000000"}), own, status=404),
    ]


@extra("provider")
def _provider_states(world: World) -> list[Visit]:
    manager = world.users["provider", B]
    clerk = people.practice_user(people.practice("Walk Practice"), objects.PracticeRole.FRONT_OFFICE)
    line = AccessReviewLine.objects.filter(role=objects.PracticeRole.FRONT_OFFICE).latest("id")

    def nobody_chosen(page: Page) -> None:
        page.get_by_role("button", name="Save").click()
        page.locator("[data-error-summary]").wait_for()

    return [
        Visit("an access review before one is started", reverse("providers:staff_review"), manager),
        Visit("before access ends", f"{reverse('providers:staff_review_end')}?line={line.pk}"),
        Visit("nobody was chosen", reverse("providers:staff_review"), after=nobody_chosen),
        Visit("no colleague is found", f"{reverse('providers:staff')}?q=zzz", manager),
        Visit("staff seen by a clerk", reverse("providers:staff"), clerk),
        Visit("refused to a clerk", reverse("providers:staff_add"), clerk, status=403),
    ]


@extra("desk")
def _desk_states(world: World) -> list[Visit]:
    for number in range(55):
        desk.open_request(
            kind="billing.return_differs", key=f"walk:{number}", title=f"Return {number}", by=scope.system("test")
        )

    def looked_at(page: Page) -> None:
        for label in ("Title", "Text", "Title in Spanish", "Text in Spanish"):
            page.get_by_label(label, exact=True).fill("Some words")
        page.get_by_label("Last day shown").fill("12/31/2039")
        page.get_by_role("button", name="Look at it").click()
        page.get_by_role("heading", name="This is what people will see").wait_for()

    def explained(account: User, client_id: str = "") -> Callable[[Page], None]:
        """What the desk reads of this caller."""

        def show(page: Page) -> None:
            page.get_by_label("The caller's username or e-mail").fill(account.username)
            page.get_by_role("button", name="Look up").click()
            page.get_by_role("heading", name=account.username).wait_for()
            if client_id:
                page.get_by_label("Client ID").fill(client_id)
                page.get_by_role("button", name="Explain").click()
                page.get_by_role("heading", name=client_id).wait_for()

        return show

    def unknown(page: Page) -> None:
        page.get_by_label("The caller's username or e-mail").fill("nobody.known")
        page.get_by_role("button", name="Look up").click()
        page.get_by_role("heading", name="No account has this username or e-mail").wait_for()

    book = world.objects["producers:act"]
    people.practice_user(people.practice("Unreviewed Practice"), objects.PracticeRole.FRONT_OFFICE)

    def all_of_them(page: Page) -> None:
        page.get_by_label("All that have no open review").check()
        page.get_by_role("button", name="Start the review").click()
        page.get_by_role("button", name="Start them all").wait_for()

    coming = HelpContact.objects.create(
        topic="dental-claims",
        owner="Walk dental",
        phone="1-800-555-0171",
        week=[[["00:00", "24:00"]]] * 7,
        effective=DateRange(dt.date(2039, 1, 1), None),
    )
    clerk, services = people.staff_user(Team.HELP_DESK), people.staff_user(Team.MEMBER_SERVICES)
    person = Person.objects.get(accounts__user=world.users["member", A])
    record = reverse("records:person", args=[person.uuid])
    payer = world.users["employer", A]

    def located(page: Page) -> None:
        page.get_by_label("Member ID, contract number").fill("NGH 4002 0041 01")
        page.get_by_role("button", name="Look up", exact=True).click()
        page.get_by_role("heading", name="Found, and closed to your team").wait_for()

    def asked_in_an_emergency(page: Page) -> None:
        located(page)
        page.get_by_role("link", name="Open in an emergency").click()
        page.get_by_role("button", name="Open the record, under my name").click()
        page.locator("[data-error-summary]").wait_for()

    def several(page: Page) -> None:
        page.get_by_label("First name").fill("Ola")
        page.get_by_label("Last name").fill("Same")
        page.get_by_label("Date of birth").fill("4/28/1985")
        page.get_by_role("button", name="Look up by name").click()
        page.get_by_role("heading", name="2 people fit").wait_for()

    def nobody_fits(page: Page) -> None:
        page.get_by_label("Member ID, contract number").fill("NGH 0000 0000 01")
        page.get_by_role("button", name="Look up", exact=True).click()
        page.get_by_role("heading", name="Nobody fits").wait_for()

    def about_to_see(page: Page) -> None:
        page.get_by_label("The user's username or e-mail").fill(payer.username)
        page.get_by_role("button", name="Look up").click()
        page.get_by_role("button", name="See it as this user").wait_for()

    def seeing(page: Page) -> None:
        about_to_see(page)
        page.get_by_label("Reason").fill(openings.REASON)
        page.get_by_label("Ticket number").fill(openings.TICKET)
        page.get_by_role("button", name="See it as this user").click()
        page.get_by_role("button", name="Back to my own pages").wait_for()

    def refused_while_seeing(page: Page) -> None:
        seeing(page)
        page.goto(reverse("employers:user_invite"))
        page.get_by_role("heading", name="Not open to you yet").wait_for()

    def seeing_at_the_door(page: Page) -> None:
        seeing(page)
        page.goto(reverse("door:security"))

    for _n in range(2):
        people.person(first_name="Ola", last_name="Same", sort_key="same ola")
    opener = people.staff_user(Team.CLIENT_MANAGEMENT)
    openings.glass(opener, person)
    alone = people.staff_user(Team.MEMBER_SERVICES)
    reviewed = openings.glass(people.staff_user(Team.HELP_DESK), person)
    openings.run_out(reviewed)
    officer = openings.desk_scope(people.staff_user(Team.PRIVACY))
    exceptional_access.review(
        by=officer, kind=ExceptionalAccessKind.BREAK_GLASS, ids=[reviewed.pk], finding=Finding.JUSTIFIED, note="Checked"
    )
    reviewable = openings.glass(people.staff_user(Team.BILLING_OPERATIONS), person)
    openings.run_out(reviewable)
    viewed = ViewAs.objects.latest("id")
    return [
        Visit(
            "a producer's access explained",
            reverse("desk:explain"),
            after=explained(world.users["producer", A], str(book["client_id"])),
        ),
        Visit("an employer's access explained", reverse("desk:explain"), after=explained(world.users["employer", A])),
        Visit("a practice's access explained", reverse("desk:explain"), after=explained(world.users["provider", A])),
        Visit("a member's access explained", reverse("desk:explain"), after=explained(world.users["member", A])),
        Visit("nobody's access explained", reverse("desk:explain"), after=explained(people.user())),
        Visit("an unknown caller", reverse("desk:explain"), after=unknown),
        Visit("a record is found and closed", reverse("records:search"), clerk, after=located),
        Visit("an emergency without its reason", reverse("records:search"), clerk, after=asked_in_an_emergency),
        Visit("a record open in an emergency", record, opener),
        Visit("a card open in an emergency", reverse("records:card", args=[person.uuid]), opener),
        Visit("a record closed", record, clerk, status=403),
        Visit("several people fit", reverse("records:search"), services, after=several),
        Visit("nobody fits", reverse("records:search"), alone, after=nobody_fits),
        Visit("before seeing as a user", reverse("desk:view_as"), clerk, after=about_to_see),
        Visit("seeing as a user", reverse("desk:view_as"), clerk, after=seeing),
        Visit("refused while seeing as a user", reverse("desk:view_as"), clerk, after=refused_while_seeing),
        Visit("at the door while seeing as a user", reverse("desk:view_as"), clerk, after=seeing_at_the_door),
        Visit("portals seen as a user", f"{reverse('desk:looks')}?kind=view-as"),
        Visit("a portal seen as a user", reverse("desk:look", args=["view-as", viewed.pk])),
        Visit("a reviewed look", reverse("desk:look", args=["break-glass", reviewed.pk])),
        Visit("a look to review", reverse("desk:look", args=["break-glass", reviewable.pk])),
        Visit("no look matches", f"{reverse('desk:looks')}?q=zzz"),
        Visit("former plan staff", f"{reverse('desk:staff')}?state=former"),
        Visit("a contact that is to come", reverse("directory:contact", args=[coming.pk])),
        Visit("a coming contact taken back", reverse("directory:end", args=[coming.pk])),
        Visit("no contact matches", f"{reverse('directory:contacts')}?q=zzz"),
        Visit("an announcement before it is published", reverse("news:new"), after=looked_at),
        Visit("no announcement matches", f"{reverse('news:list')}?q=zzz"),
        Visit("before reviews of all", reverse("desk:review_start", kwargs={"kind": "practice"}), after=all_of_them),
        Visit("no review matches", f"{reverse('desk:reviews')}?q=zzz"),
        Visit("an empty queue", reverse("desk:home"), world.users["desk", B]),
        Visit("the second page of a queue", f"{reverse('desk:home')}?page=2"),
        Visit("refused at the desk", reverse("desk:business_date"), world.users["desk", B], status=403),
    ]


@extra("desk")
def _ledger(world: World) -> list[Visit]:
    ledger = reverse("desk:ledger")
    opened = reverse("desk:ledger_opened", kwargs=world.objects["desk:ledger_opened"])
    return [
        Visit("a name that fits several in the ledger", f"{ledger}?who=test"),
        Visit("a search of the ledger with an error", f"{ledger}?who=zebra&first=soon&source=192.0.2.1"),
        Visit("nothing in the ledger matches", f"{ledger}?request=none&actor=nobody"),
        Visit("a record that nobody opened in a time", f"{opened}?last=01/01/2020"),
    ]


@extra("desk")
def _alerts_and_reviews(world: World) -> list[Visit]:
    """Alerts in their states, one about the reader, a rule before it is set; reviews of weeks, signed and not."""
    reader = world.users["desk", A]
    officer = openings.desk_scope(people.staff_user(Team.PRIVACY))
    named = people.staff_user(Team.MEMBER_SERVICES)
    closed, own = alerts_made.made(named, events=3), alerts_made.made(reader, rule="off_hours", detail={})
    alerts_made.made(named, rule="many_denials", detail={"limit": 20})
    alert_actions.note(by=officer, alert_id=closed.pk, text="Asked the manager of the team.")
    alert_actions.close(
        by=officer, ids=[closed.pk], finding=AlertFinding.NOT_JUSTIFIED, text="It was a neighbor's record."
    )
    rule = rule_settings.rule("off_hours")
    assert rule is not None
    rule_settings.change(
        by=officer, rule=rule, enabled=False, values=rule.defaults, why="We work in shifts now.", read=0
    )
    by, signer = scope.system("test"), people.staff_user(Team.PRIVACY)
    weeks = [dt.date(2026, 2, 23), dt.date(2026, 3, 2)]
    for week in weeks:
        activity.make(by=by, week=week, today=week + dt.timedelta(days=7))
    signed = ActivityReview.objects.get(week=weeks[1])
    activity.sign(by=openings.desk_scope(signer), review_id=signed.pk, note="Nothing stands out this week.")

    def about_to_set(page: Page) -> None:
        page.get_by_label("Times turned away, within an hour").fill("30")
        page.get_by_label("Why it changes").fill("Many are turned away by an old bookmark.")
        page.get_by_role("button", name="Go on").click()
        page.get_by_role("heading", name="Set the rule like this?").wait_for()

    def unsaid(page: Page) -> None:
        page.get_by_role("button", name="Close the alert").click()
        page.locator("[data-error-summary]").wait_for()

    alert_page = reverse("desk:alert", args=[world.objects["desk:alert"]["alert_id"]])
    return [
        Visit("a closed alert", reverse("desk:alert", args=[closed.pk])),
        Visit("an alert about the reader", reverse("desk:alert", args=[own.pk])),
        Visit("an alert closed without words", alert_page, after=unsaid),
        Visit("alerts of all states", f"{reverse('desk:alerts')}?state=all"),
        Visit("no alert matches", f"{reverse('desk:alerts')}?q=zzz"),
        Visit("a rule with history", reverse("desk:alert_rule", args=["off_hours"])),
        Visit("before a rule is set", reverse("desk:alert_rule", args=["many_denials"]), after=about_to_set),
        Visit("a signed review of activity", reverse("desk:activity_review", args=[signed.pk])),
        Visit("no review of activity matches", f"{reverse('desk:activity')}?state=to_sign"),
    ]


@extra("desk")
def _calls_of_practices(world: World) -> list[Visit]:
    """What opens only after somebody was looked up, the refusals, and a proposal that waits for a second person."""
    practice = people.practice("Calling Practice")
    clerk = people.practice_user(practice, objects.PracticeRole.FRONT_OFFICE)
    manager = people.practice_user(practice)
    by = scope.Scope(
        actor=f"user:{world.users['desk', A].pk}",
        portal=scope.Portal.DESK,
        user_id=world.users["desk", A].pk,
        permissions=frozenset({"desk.register_office", "desk.work_queue", "team:customer_care"}),
    )
    call = calls.CALLER | calls.MANAGER | calls.OFFICE | {"state": "NY", "authorized_on": "2026-11-30"}
    numbers = {"practice": None, "tax_id": "140000777", "npi": calls.NPI}
    row = offices.take_call(by=by, call=call | numbers, once="walk")
    care = people.staff_user(Team.CUSTOMER_CARE)

    def sends(button: str, heading: str, **fields: str) -> Callable[[Page], None]:
        def send(page: Page) -> None:
            for label, value in fields.items():
                page.locator(f"main [name={label}]").last.fill(value)
            page.get_by_role("button", name=button).click()
            page.get_by_role("heading", name=heading).wait_for()

        return send

    def office(discipline: str, heading: str, npi: str = "1245319599") -> Callable[[Page], None]:
        def send(page: Page) -> None:
            page.get_by_label(discipline).check()
            sends("Look up", heading, tax_id="14-0000888", npi=npi)(page)

        return send

    def empty_office(page: Page) -> None:
        office("Medical", "A new office")(page)
        page.get_by_role("button", name="File the call").click()
        page.locator("[data-error-summary]").wait_for()

    def empty_end(page: Page) -> None:
        sends("Look up", practice.name, provider_id=practice.provider_id)(page)
        page.get_by_role("button", name="End the access").click()
        page.locator("[data-error-summary]").wait_for()

    look_up, left = reverse("provider_calls:office"), reverse("provider_calls:left")
    manages, helped = reverse("provider_calls:manages"), reverse("provider_calls:registration")
    return [
        Visit("a dental office calls", look_up, after=office("Dental", "Dental offices do not get access")),
        Visit("a new office calls", look_up, after=office("Medical", "A new office")),
        Visit("a new office's call is sent empty", look_up, after=empty_office),
        Visit("somebody left", left, after=sends("Look up", practice.name, provider_id=practice.provider_id)),
        Visit("somebody left, sent empty", left, after=empty_end),
        Visit("who manages", manages, after=sends("Look up", clerk.username, account=clerk.username)),
        Visit("who manages a manager", manages, after=sends("Look up", manager.username, account=manager.username)),
        Visit("no such caller", manages, after=sends("Look up", "No account has this", account="nobody.known")),
        Visit("a situation", f"{helped}?situation=staff"),
        Visit("a caller is refused", f"{helped}?heard=refused"),
        Visit("a shared username is refused", f"{helped}?heard=shared"),
        Visit("an office waits for a second person", reverse("desk:request", args=[row.pk]), care),
    ]


@extra("provider")
def _asked_by_managers(world: World) -> list[Visit]:
    names = ("office-manager", "cannot-delete")
    return [Visit(f"asking: {name}", reverse("providers:ask", kwargs={"kind": name})) for name in names]
