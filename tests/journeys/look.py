"""How a page is looked at: shown in a browser as the server answered it, and asked what is wrong with it.

A state is what came over HTTP; the browser is handed just that, and fetches the static files itself. So what was
looked at is known to the byte, and tests/journeys/looked.py can tell what need not be looked at again.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

from tests.journeys import over_http

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession, Page

WIDE, MIDDLE, NARROW = WIDTHS = (1280, 768, 390)
HEIGHT = 900
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
FIRST_VISIT_BYTES = 100_000
NEXT_VISIT_BYTES = 20_000
LAYOUT_SHIFT = 0.01

AXE = (files("axe_playwright_python") / "axe.min.js").read_text()
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TARGET_SIZE = {"target-size": {"enabled": True}}  # of WCAG 2.2, and off unless asked for
COLORS = ["color-contrast", "link-in-text-block"]
# There is no media to load before a page can be judged.
RULES: dict[str, dict[str, Any]] = {
    "light": {"runOnly": STANDARDS, "rules": TARGET_SIZE, "resultTypes": ["violations"], "preload": False},
    # Other places for the same things: everything but contrast, two thirds of axe's time, which `COLORS_OF` watches.
    "narrow": {
        "runOnly": STANDARDS,
        "rules": {**TARGET_SIZE, "color-contrast": {"enabled": False}},
        "resultTypes": ["violations"],
        "preload": False,
    },
    # The scheme changes colors and nothing else: only what reads colors is asked again.
    "dark": {"runOnly": {"type": "rule", "values": COLORS}, "resultTypes": ["violations"], "preload": False},
}
# In this order nothing is set twice but at the end. What axe is asked there; where nothing, only new colors.
VIEWS: tuple[tuple[int, Literal["light", "dark"], str], ...] = (
    (WIDE, "light", "light"),
    (WIDE, "dark", ""),
    (NARROW, "dark", ""),
    (NARROW, "light", "narrow"),
    (MIDDLE, "light", ""),
)

# What axe's two rules about colors read of an element with text: its color and size, all that is painted behind it up
# to the first opaque ground, the place it takes where it lies over others, and what tells a link from its sentence.
COLORS_OF = """
globalThis.colorsOf = (element) => {
    const own = getComputedStyle(element), parts = [own.color, own.fontSize, own.fontWeight, own.textShadow];
    if (element.matches("a[href]")) {
        const around = getComputedStyle(element.parentElement);
        parts.push("link", around.color, around.fontWeight, own.textDecorationLine, own.borderBottom);
    }
    for (let at = element; at; at = at.parentElement) {
        const style = getComputedStyle(at);
        if (style.opacity !== "1") parts.push("opacity " + style.opacity);
        if (["absolute", "fixed", "sticky"].includes(style.position)) parts.push("over " + at.className);
        if (style.backgroundImage !== "none") parts.push(style.backgroundImage);
        if (style.backgroundColor !== "rgba(0, 0, 0, 0)") parts.push(style.backgroundColor);
        if (style.backgroundColor.startsWith("rgb(")) break;
    }
    return parts.join(" | ");
};
globalThis.allColors = () => {
    const found = new Map();
    for (const element of document.body.querySelectorAll("*")) {
        const speaks = element.matches("input, select, textarea")
            || [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
        if (!speaks || !element.checkVisibility({visibilityProperty: true, opacityProperty: true})) continue;
        const colors = colorsOf(element), kind = element.tagName + "." + element.className;
        found.set(colors + kind, [colors, kind]);
    }
    return [...found.values()];
};
"""
OVERFLOW = "() => document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
MEASURE = f"() => [({OVERFLOW})(), allColors()]"
_LINES = """violations.map((v) =>
    `${v.id}: ` + v.nodes.slice(0, 3).map((n) => n.target.join(" ") + " " + n.failureSummary).join(" | "))"""
SCAN = f"async (rules) => (await axe.run(document, rules)).{_LINES}"
CONTRAST = f"""async (rules) => {{
    const answer = await axe.run(document, {{...rules, elementRef: true, resultTypes: ["violations", "passes"]}});
    const judged = answer.passes.filter((rule) => rule.id === "color-contrast").flatMap((rule) => rule.nodes);
    return [answer.{_LINES}, [...new Set(judged.map((node) => colorsOf(node.element)))]];
}}"""
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


@dataclass
class Known:
    """What was found good and need not be asked of every page."""

    # Colors that axe judged and found good; and with the kind of their element, those that it did not judge at all.
    good: set[str] = field(default_factory=set)
    asked: set[tuple[str, str]] = field(default_factory=set)
    layouts: set[frozenset[str]] = field(default_factory=set)  # loaded a second time, by their static files

    def new(self, colors: set[tuple[str, str]]) -> bool:
        return any(pair[0] not in self.good and pair not in self.asked for pair in colors)


class Window:
    """A browser window. What it finds wrong is a line each; an empty list is a clean page."""

    def __init__(self, browser: Browser, site: str, known: Known, cookies: dict[str, str] | None = None) -> None:
        self.known = known
        self.context = browser.new_context(
            base_url=site, viewport={"width": WIDE, "height": HEIGHT}, reduced_motion="reduce", locale="en-US"
        )
        self.context.set_default_timeout(15_000)
        self.context.add_init_script(AXE)
        self.context.add_init_script(COLORS_OF)
        self.site = site
        self.is_of(cookies or {})
        self.page: Page = self.context.new_page()
        self.troubles: list[str] = []
        self.page.on("pageerror", lambda error: self.troubles.append(f"script error: {error}"))
        self.page.on(
            "console",
            lambda line: (
                self.troubles.append(f"{line.text} ({line.location.get('url')})") if line.type == "error" else None
            ),
        )
        self._network: CDPSession = self.context.new_cdp_session(self.page)
        self._given: over_http.Answer | None = None
        self._documents: set[str] = set()
        self._bytes = 0
        self._network.on("Network.requestWillBeSent", self._sent)
        self._network.on("Network.loadingFinished", self._loaded)
        self._network.on("Fetch.requestPaused", self._asked)
        self._network.send("Network.enable")

    def is_of(self, cookies: dict[str, str]) -> None:
        """Scripts of a page may ask for more as the person whose page it is."""
        self.context.clear_cookies()
        self.context.add_cookies([{"name": name, "value": cookies[name], "url": self.site} for name in cookies])

    def close(self) -> None:
        self.context.close()

    def _sent(self, event: dict[str, Any]) -> None:
        if event.get("type") == "Document":
            self._documents.add(event["requestId"])

    def _loaded(self, event: dict[str, Any]) -> None:
        if event["requestId"] not in self._documents:
            self._bytes += int(event["encodedDataLength"])

    def _asked(self, event: dict[str, Any]) -> None:
        answer, paused = self._given, {"requestId": event["requestId"]}
        if answer is None or event["request"]["url"] != answer.url:
            self._network.send("Fetch.continueRequest", paused)
            return
        headers = [{"name": name, "value": value} for name, value in answer.of_the_page()]
        body = base64.b64encode(answer.html.encode()).decode()
        self._given = None
        self._network.send(
            "Fetch.fulfillRequest",
            {**paused, "responseCode": answer.status, "responseHeaders": headers, "body": body},
        )

    def look(self, answer: over_http.Answer) -> list[str]:
        """At a page that came over HTTP."""
        self._network.send("Fetch.enable", {"patterns": [{"urlPattern": "*", "resourceType": "Document"}]})
        self._network.send("Network.clearBrowserCache")
        found = self._shows(answer)
        first = answer.size + self._bytes
        if first >= FIRST_VISIT_BYTES:
            found.append(f"a first visit needs {first:,} bytes")
        found += self.scan()
        layout = frozenset(over_http.static_files(answer.html))
        if layout not in self.known.layouts:
            self._shows(answer)
            again = answer.size + self._bytes
            if again >= NEXT_VISIT_BYTES:
                found.append(f"the next visit needs {again:,} bytes")
            self.known.layouts.add(layout)
        self._network.send("Fetch.disable")
        return found

    def _shows(self, answer: over_http.Answer) -> list[str]:
        self._given = answer
        found = self.goes_to(answer.url)
        assert self._given is None, f"{answer.url} was asked of the server itself"
        return found

    def goes_to(self, url: str, status: int | tuple[int, ...] = ()) -> list[str]:
        self.troubles.clear()
        self._bytes = 0
        answer = self.page.goto(url)
        assert answer is not None
        if status and answer.status not in (status if isinstance(status, tuple) else (status,)):
            return [f"answered {answer.status}, not {status}"]
        shift = self.page.evaluate(SHIFT)
        return [f"the layout shifts by {shift:.3f}"] if shift >= LAYOUT_SHIFT else []

    def stands(self) -> over_http.Answer:
        """What stands in the window after somebody did something there."""
        return over_http.Answer(self.page.url, 0, (), self.page.content(), 0)

    def scan(self) -> list[str]:
        """The page that stands here, at every width and in both schemes."""
        found: list[str] = []
        broken: dict[str, list[str]] = {}
        width_now, scheme_now = WIDE, SCHEMES[0]
        for width, scheme, rules in (*VIEWS, (*VIEWS[0][:2], None)):
            if width != width_now:
                self.page.set_viewport_size({"width": width, "height": HEIGHT})
            if scheme != scheme_now:
                self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            width_now, scheme_now = width, scheme
            if rules is None:
                break
            wider, seen = self.page.evaluate(MEASURE)
            if wider > 0 and scheme == SCHEMES[0]:
                found.append(f"at {width}: {wider} pixels wider than the window")
            lines = self.page.evaluate(SCAN, RULES[rules]) if rules else []
            if rules != VIEWS[0][2]:
                lines += self._contrast({(colors, kind) for colors, kind in seen})
            for line in lines:
                broken.setdefault(line, []).append(f"{width} {scheme}")
        found += [f"at {', '.join(where)}: {line}" for line, where in broken.items()]
        return found + self.complaints()

    def complaints(self) -> list[str]:
        """Of scripts and of the browser. It names a refused document as an error; that is what was asked for."""
        found = [line for line in self.troubles if f"({self.page.url})" not in line]
        self.troubles.clear()
        return found

    def _contrast(self, colors: set[tuple[str, str]]) -> list[str]:
        """Axe's word about colors, where the page shows any that it has not judged yet."""
        if not self.known.new(colors):
            return []
        lines, judged = self.page.evaluate(CONTRAST, RULES["dark"])
        if not lines:
            self.known.good |= set(judged)
            self.known.asked |= colors
        return list(lines)
