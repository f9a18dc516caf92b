"""A piece of the walks: every state is asked for over HTTP, and what was not looked at yet is looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.urls import reverse

from portals.models import User
from tests.factories import people
from tests.journeys import over_http
from tests.journeys.look import FIRST_VISIT_BYTES, NEXT_VISIT_BYTES, Known, Window
from tests.journeys.looked import Looked
from tests.journeys.pages import Visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FOREVER = "immutable"  # how a static file tells the browser never to ask for it again


@dataclass
class Walk:
    """`found` is what is wrong, `seen` which pages answered."""

    site: str
    opened: Callable[[], Browser]  # the browser, started when something has to be looked at
    known: Known
    looked: Looked
    acting_for: str = ""
    found: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    _people: dict[int, over_http.Person] = field(default_factory=dict)
    _sizes: dict[str, int] = field(default_factory=dict)
    _states: list[tuple[str, over_http.Answer, over_http.Person]] = field(default_factory=list)

    def take(self, visits: list[Visit], user: User | None) -> None:
        """First all that HTTP can ask for, in one order; then what only hands can reach; then the browser looks."""
        for visit in visits:
            if visit.after is None:
                self._ask(visit, self._person(visit.user or user))
        for visit in visits:
            if visit.after is not None:
                self._do(visit, self._cookies(visit.user or user))
        self._look()

    def _cookies(self, user: User | None) -> dict[str, str]:
        """A session of this person in the site's own database, made without a browser; stepped up, acting if asked."""
        if user is None:
            return {}
        client = people.browser(user)
        if self.acting_for:
            client.post(reverse("producers:act", kwargs={"client_id": self.acting_for}))
        assert "sessionid" in client.cookies
        return {name: morsel.value for name, morsel in client.cookies.items()}

    def _person(self, user: User | None) -> over_http.Person:
        number = user.pk if user is not None else 0
        if number not in self._people:
            self._people[number] = over_http.Person(self.site, self._cookies(user))
        return self._people[number]

    def _ask(self, visit: Visit, person: over_http.Person) -> None:
        """Nothing is looked at of a file that is no page, and of an address that leads to a page asked for already."""
        answer = person.get(visit.url)
        if not answer.is_page or (answer.path != urlsplit(visit.url).path and answer.path in self.seen):
            return
        self.seen.append(answer.path)
        title = f"{visit.title} ({answer.path})"
        if answer.status not in (visit.status if isinstance(visit.status, tuple) else (visit.status,)):
            self.found.append(f"{title}: answered {answer.status}, not {visit.status}")
            return
        self._weigh(title, answer, person)
        self._states.append((title, answer, person))
        form = over_http.unanswered_form(answer.html) if answer.status == 200 else None
        if form is not None:
            refused = person.send(answer, form)
            if "data-error-summary" not in refused.html:
                self.found.append(f"{title}: its empty form is answered without a summary of errors")
            self._states.append((f"{title}, sent empty", refused, person))

    def _weigh(self, title: str, answer: over_http.Answer, person: over_http.Person) -> None:
        """The files that a page names are loaded once; the browser adds what these name in turn."""
        first = answer.size
        for url in over_http.static_files(answer.html):
            if url not in self._sizes:
                file = person.get(url)
                self._sizes[url] = file.size
                if file.status != 200 or FOREVER not in file.header("cache-control"):
                    self.found.append(f"{title}: {url} answered {file.status} and is not kept")
            first += self._sizes[url]
        if first >= FIRST_VISIT_BYTES:
            self.found.append(f"{title}: a first visit needs {first:,} bytes")
        if answer.size >= NEXT_VISIT_BYTES:
            self.found.append(f"{title}: the next visit needs {answer.size:,} bytes")

    def _do(self, visit: Visit, cookies: dict[str, str]) -> None:
        """What a person does on the page, in a real browser at the real site; then what stands there is a state."""
        assert visit.after is not None
        window = Window(self.opened(), self.site, self.known, cookies)
        try:
            found = window.goes_to(visit.url, visit.status)
            visit.after(window.page)
            self.seen.append(urlsplit(window.page.url).path)
            key = self.looked.key(window.stands())
            found += window.complaints() if self.looked.has(key) else window.scan()
            self._judge(f"{visit.title} ({self.seen[-1]})", key, found)
        finally:
            window.close()

    def _look(self) -> None:
        window = None
        for title, answer, person in self._states:
            key = self.looked.key(answer)
            if not self.looked.has(key):
                window = window or Window(self.opened(), self.site, self.known)
                window.is_of(person.cookies)
                self._judge(title, key, window.look(answer))
        if window is not None:
            window.close()

    def _judge(self, title: str, key: str, found: list[str]) -> None:
        if not found:
            self.looked.clean(key)
        elif self.looked.listed(key):
            self.found.append(f"{title}: tests/journeys/looked.txt holds it for clean, as {key}, and it is not")
        self.found += [f"{title}: {line}" for line in found]
