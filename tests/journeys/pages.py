"""The states of pages that a browser looks at, and how it looks at one.

Every URL of the house is a state by itself: `walk` finds it and asks for it as the persona of its audience, and
sends its form empty where it has one. A state that needs more - other data, an error, somebody without a right -
is added to `EXTRA`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from billing.enums import Line
from employers.enums import EmployerRole
from employers.models import EmployerUser
from members.models import BenefitPackage, Contract, Coverage, Enrollee, Group, Person, Product
from portals import desk, outbox, scope
from portals.brand import brand
from portals.enums import Team
from portals.login import limits
from portals.models import Announcement, HelpContact, User
from portals.pages import Audience
from tests.factories import billing, payers, people
from tests.house import objects
from tests.house.objects import A, B, World
from tests.house.test_urls import DOORS, PAGES, address, declaration

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, Response

NOBODY, ACTING = "nobody", "acting"
WALKS = (NOBODY, *DOORS.values(), ACTING)
WIDTHS = (1280, 768, 390)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
FIRST_VISIT_BYTES = 100_000
NEXT_VISIT_BYTES = 20_000
LAYOUT_SHIFT = 0.01

AXE = (files("axe_playwright_python") / "axe.min.js").read_text()
RULES: dict[str, dict[str, Any]] = {
    "light": {
        "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
        "rules": {"target-size": {"enabled": True}},  # of WCAG 2.2, and off unless asked for
        "resultTypes": ["violations"],
    },
    # The scheme changes colors and nothing else: only what reads colors is asked again, at the widest and narrowest.
    "dark": {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
             "resultTypes": ["violations"]},
}  # fmt: skip
SCAN = """async (rules) => (await axe.run(document, rules)).violations.map((v) =>
    `${v.id}: ` + v.nodes.slice(0, 3).map((n) => n.target.join(" ") + " " + n.failureSummary).join(" | "))"""
OVERFLOW = "() => document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
SHIFT = """() => new Promise((done) => {
    let total = 0;
    const add = (entries) => entries.forEach((e) => { if (!e.hadRecentInput) total += e.value; });
    const watch = new PerformanceObserver((list) => add(list.getEntries()));
    watch.observe({type: "layout-shift", buffered: true});
    document.fonts.ready.then(() => requestAnimationFrame(() => requestAnimationFrame(() => {
        add(watch.takeRecords());
        done(total);
    })));
})"""
# A form with an empty required field, which the server must refuse with its reasons.
SEND_EMPTY = """() => {
    const open = [...document.querySelectorAll("main form[method=post]")].find((form) =>
        [...form.querySelectorAll("[required]")].some((f) => f.type === "radio" ? !f.checked : !f.value));
    if (open) { open.noValidate = true; setTimeout(() => open.requestSubmit()); }
    return Boolean(open);
}"""


@dataclass(frozen=True)
class Visit:
    """One page as one person meets it. `after` is what the person does there before anybody looks."""

    title: str
    url: str
    user: User | None = None
    status: int | tuple[int, ...] = 200
    after: Callable[[Page], None] | None = None
    weighed: bool = True


@dataclass
class Walk:
    """Looks at visits as one persona; `found` is what is wrong, `seen` which pages were looked at."""

    browser: Browser
    site: str
    found: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    weights: dict[str, tuple[int, int]] = field(default_factory=dict)

    def enter(self, user: User | None, *, acting_for: str = "") -> Look:
        context = self.browser.new_context(
            base_url=self.site, viewport={"width": WIDTHS[0], "height": 900}, reduced_motion="reduce", locale="en-US"
        )
        context.set_default_timeout(15_000)
        if user is not None:
            cookies = signed_in(user, acting_for=acting_for).cookies
            context.add_cookies([{"name": c.key, "value": c.value, "url": self.site} for c in cookies.values()])
        return Look(self, context)


def signed_in(user: User, *, acting_for: str = "") -> Client:
    """A session of this person in the site's own database, made without a browser; stepped up, acting if asked."""
    client = Client()
    people.sign_in(client, user)
    people.step_up(client, user)
    if acting_for:
        client.post(reverse("producers:act", kwargs={"client_id": acting_for}))
    assert "sessionid" in client.cookies
    return client


class Look:
    """One person's browser window."""

    def __init__(self, walk: Walk, context: BrowserContext) -> None:
        self.walk = walk
        self.context = context
        self.page: Page = context.new_page()
        self.troubles: list[str] = []
        self.bytes = 0
        self.refusals = 0
        self.page.on("pageerror", lambda error: self.troubles.append(f"script error: {error}"))
        self.page.on("console", lambda line: self.troubles.append(f"{line.text} ({line.location.get('url')})")
                     if line.type == "error" else None)  # fmt: skip
        self.network: CDPSession = context.new_cdp_session(self.page)
        self.network.send("Network.enable")
        self.network.on("Network.loadingFinished", self._loaded)

    def _loaded(self, event: dict[str, Any]) -> None:
        self.bytes += int(event["encodedDataLength"])

    def close(self) -> None:
        self.context.close()

    def visit(self, visit: Visit) -> None:
        """Load once with nothing kept, measure, scan at every width in both schemes; then send its form empty."""
        if visit.weighed:
            self.network.send("Network.clearBrowserCache")
        answer = self._go(visit.url)
        if answer is None:
            return
        here = urlsplit(self.page.url).path
        title = f"{visit.title} ({here})"
        if answer.status == 403 and visit.status == (200, 403):
            self.refusals += 1
            if self.refusals > 1:  # the same page with the same words
                return
        if answer.status not in (visit.status if isinstance(visit.status, tuple) else (visit.status,)):
            self.walk.found.append(f"{title}: answered {answer.status}, not {visit.status}")
            return
        shift = self.page.evaluate(SHIFT)
        if shift >= LAYOUT_SHIFT:
            self.walk.found.append(f"{title}: the layout shifts by {shift:.3f}")
        first = self.bytes
        if visit.after is not None:
            visit.after(self.page)
        self.scan(title)
        if visit.weighed and visit.after is None:
            self._weigh(title, visit.url, first)
        if answer.status == 200 and visit.after is None:
            self._send_empty(title)

    def _go(self, url: str) -> Response | None:
        """None for a file that is no page, and for an address that leads to a page looked at already."""
        probe = self.context.request.get(url)
        kind = probe.headers.get("content-type", "")
        landed = urlsplit(probe.url).path
        probe.dispose()
        if not kind.startswith("text/html") or (landed != urlsplit(url).path and landed in self.walk.seen):
            return None
        self.walk.seen.append(landed)
        self.troubles.clear()
        self.bytes = 0
        answer = self.page.goto(url)
        assert answer is not None
        return answer

    def _weigh(self, title: str, url: str, first: int) -> None:
        self.page.goto("about:blank")
        self.bytes = 0
        self.page.goto(url)
        self.page.evaluate("document.fonts.ready.then(() => true)")
        self.walk.weights[title] = (first, self.bytes)
        if first >= FIRST_VISIT_BYTES:
            self.walk.found.append(f"{title}: a first visit needs {first:,} bytes")
        if self.bytes >= NEXT_VISIT_BYTES:
            self.walk.found.append(f"{title}: the next visit needs {self.bytes:,} bytes")

    def _send_empty(self, title: str) -> None:
        with self.page.expect_event("framenavigated", timeout=5_000) if self._will_send() else _Nothing():
            sent = self.page.evaluate(SEND_EMPTY)
        if not sent:
            return
        self.page.wait_for_load_state("load")
        if self.page.locator("[data-error-summary]").count() == 0:
            self.walk.found.append(f"{title}: its empty form is answered without a summary of errors")
        self.scan(f"{title}, sent empty")

    def _will_send(self) -> bool:
        return bool(self.page.evaluate(SEND_EMPTY.replace("setTimeout(() => open.requestSubmit());", "")))

    def scan(self, title: str) -> None:
        broken: dict[str, list[str]] = {}
        self.page.evaluate(AXE)
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": 900})
            wider = self.page.evaluate(OVERFLOW)
            if wider > 0:
                self.walk.found.append(f"{title} at {width}: {wider} pixels wider than the window")
            for scheme in SCHEMES if width != WIDTHS[1] else SCHEMES[:1]:
                self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                for line in self.page.evaluate(SCAN, RULES[scheme]):
                    broken.setdefault(line, []).append(f"{width} {scheme}")
        self.page.set_viewport_size({"width": WIDTHS[0], "height": 900})
        self.page.emulate_media(color_scheme=SCHEMES[0], reduced_motion="reduce")
        self.walk.found += [f"{title} at {', '.join(where)}: {line}" for line, where in broken.items()]
        # The browser itself names the refused document as an error; that answer is what was asked for.
        mine = [line for line in self.troubles if f"({self.page.url})" not in line]
        self.walk.found += [f"{title}: {line}" for line in mine]
        self.troubles.clear()


class _Nothing:
    def __enter__(self) -> None: ...

    def __exit__(self, *error: object) -> None: ...


def own_pages(door: str, world: World) -> Iterator[Visit]:
    """What the resolver knows for this persona: nobody gets the open pages, everybody else their own."""
    first = next(iter(DOORS.values()))
    for name in PAGES:
        audience = declaration(name).audience
        if door == NOBODY:
            mine = audience is Audience.ANYONE
        elif door == ACTING:
            mine = audience is Audience.EMPLOYER
        else:
            mine = DOORS.get(audience) == door
            mine = mine or (door == first and audience in (Audience.SIGNED_IN, Audience.SETUP))
        known = name in world.objects or not PAGES[name].pattern.converters  # the walk of test_urls asks for the others
        if mine and known:
            # Some of an employer's pages are closed to those who act as one: the refusal is looked at then.
            yield Visit(name, address(name, world), status=(200, 403) if door == ACTING else 200)


# --- What the pages show ---


def fill(world: World) -> None:
    """Tenant A's pages with something on them; tenant B's stay as empty as on the first day. In a system scope."""
    ever = DateRange(dt.date(2020, 1, 1), None)
    for audience in ("", *DOORS.values()):
        if not HelpContact.objects.filter(audience=audience, topic="portal").exists():
            HelpContact.objects.create(audience=audience, topic="portal", owner="Web help desk", phone="5185550142",
                                       week=[[["08:00", "18:00"]]] * 5 + [[], []], effective=ever)  # fmt: skip
    Announcement.objects.create(title="Offices closed Monday", body="We are back on Tuesday.",
                                shown=DateRange(dt.date(2020, 1, 1), dt.date(2040, 1, 1)))  # fmt: skip
    _card(world)
    outbox.post(key="walk:mail", to="someone@mail.example", subject="Your activation code",
                body="Your activation code is ABCD EFGH. See http://localhost/ for more.")  # fmt: skip
    outbox.post_letter(key="walk:letter", postal_address="Test Person\n1 Made-up Street\nAlbany, NY 12207",
                       subject="Your activation code", body="Your activation code is ABCD EFGH.")  # fmt: skip


def _card(world: World) -> None:
    """A's member covers a spouse, medical and dental."""
    person = Person.objects.get(accounts__user=world.users["member", A])
    client = EmployerUser.objects.get(user=world.users["employer", A]).client
    spouse = people.person(first_name="Józef", last_name="Invented-Hyphen")
    contract = Contract.objects.create(client=client, number="NGH40020041", sender_number="77", subscriber=person)
    group = Group.objects.create(client=client, number="W-0001", name="All employees")
    account = payers.bill_account(client, "Medical")
    for line, name in ((Line.MEDICAL, "Northgate EX 1000"), (Line.DENTAL, "Dental PPO")):
        product = Product.objects.create(
            rated=payers.product(name, line), plan_type="EPO", network="Northgate Preferred",
            deductible_single=100000, deductible_family=200000, oop_single=500000, oop_family=1000000,
            copays=[["PCP", 2500], ["Emergency", "20%"]], rx_bin="610014", rx_pcn="NGRX", rx_group="NG1",
        )  # fmt: skip
        package = BenefitPackage.objects.create(
            group=group, product=product, line=line, account=account, offered=DateRange(dt.date(2020, 1, 1), None)
        )
        for suffix, who, relationship in (("01", person, "18"), ("02", spouse, "01")):
            enrollee, _ = Enrollee.objects.get_or_create(
                client=client, contract=contract, person=who, relationship=relationship, suffix=suffix,
                member_id=f"{contract.number}{suffix}", defaults={"recorded_date": dt.date(2026, 12, 1)},
            )  # fmt: skip
            Coverage.objects.create(
                enrollee=enrollee, contract=contract, client=client, package=package, line=line,
                effective=DateRange(dt.date(2025, 1, 1), None), known=DateTimeTZRange(billing.LONG_AGO, None),
            )  # fmt: skip


EXTRA: dict[str, list[Callable[[World], list[Visit]]]] = {}


def extra(door: str) -> Callable[[Callable[[World], list[Visit]]], Callable[[World], list[Visit]]]:
    """Register more states of a walk. The function is called in a system scope and may write what it needs."""

    def register(states: Callable[[World], list[Visit]]) -> Callable[[World], list[Visit]]:
        EXTRA.setdefault(door, []).append(states)
        return states

    return register


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

    for number in range(limits.PER_IDENTIFIER):
        limits.count(door="sign_in", identifier="locked.out", address=f"walk-{number}")
    nowhere = people.user()
    newcomer = people.staff_user(Team.HELP_DESK)
    User.objects.filter(pk=newcomer.pk).update(must_change_password=True)
    both = people.staff_user(Team.HELP_DESK)
    EmployerUser.objects.create(client=people.client(), user=both, role=EmployerRole.ADMINISTRATOR)
    return [
        Visit("wrong password", "/sign-in/", after=wrong_password),
        Visit("too many tries", "/sign-in/", after=too_often),
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
    return [Visit("a member without coverage", reverse("members:home"), uncovered)]


@extra("employer")
def _employer_states(world: World) -> list[Visit]:
    newcomer = world.users["employer", B]
    ask = {name: reverse("employers:ask", kwargs={"kind": name}) for name in ("full-list", "end-producer")}
    return [
        Visit("no document yet", reverse("employers:documents"), newcomer),
        Visit("no document is found", f"{reverse('employers:documents')}?q=zzz"),
        Visit("nobody has logged in as the employer", reverse("employers:producers"), newcomer),
        Visit("nothing that a producer did is found", f"{reverse('employers:producers')}?period=30&person=0"),
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
    return [
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
    return [
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

    coming = HelpContact.objects.create(
        topic="dental-claims", owner="Walk dental", phone="1-800-555-0171", week=[[["00:00", "24:00"]]] * 7,
        effective=DateRange(dt.date(2039, 1, 1), None),
    )  # fmt: skip
    return [
        Visit("a contact that is to come", reverse("directory:contact", args=[coming.pk])),
        Visit("a coming contact taken back", reverse("directory:end", args=[coming.pk])),
        Visit("no contact matches", f"{reverse('directory:contacts')}?q=zzz"),
        Visit("an announcement before it is published", reverse("news:new"), after=looked_at),
        Visit("no announcement matches", f"{reverse('news:list')}?q=zzz"),
        Visit("an empty queue", reverse("desk:home"), world.users["desk", B]),
        Visit("the second page of a queue", f"{reverse('desk:home')}?page=2"),
        Visit("refused at the desk", reverse("desk:business_date"), world.users["desk", B], status=403),
    ]
