"""The look itself: a page that is right is clean, and each fault is found where alone it can be seen."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from tests.journeys import over_http
from tests.journeys.look import FIRST_VISIT_BYTES, NARROW, WIDE, Known, Window

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.journey
PAGE = """<!doctype html><html lang="en"><head><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,"><title>A page</title><style>
body {{ background: #fff; color: #222 }}
@media (prefers-color-scheme: dark) {{ body {{ background: #111; color: #eee }} }}
{style}</style></head>
<body><main><h1>A page</h1><p class="text">Some words, and <a class="link" href="/more">more of them</a>.</p>
<form><label id="label" for="name">Name</label> <input id="name"></form>
{body}</main></body></html>"""
DARK, SMALL = "@media (prefers-color-scheme: dark)", f"@media (max-width: {NARROW}px)"
FAULTS = {
    "colors in the dark": (
        f"{DARK} {{ .text {{ color: #333 }} }}",
        "",
        [f"{WIDE} dark", f"{NARROW} dark"],
        "color-contrast",
    ),
    "colors when narrow": (f"{SMALL} {{ .text {{ color: #ccc }} }}", "", [f"{NARROW} light"], "color-contrast"),
    "a ground in the dark": (f"{DARK} {{ .text {{ background: #ccc }} }}", "", [f"{WIDE} dark"], "color-contrast"),
    "a link that is no link in the dark": (
        f"body {{ --link: #06c }} .link {{ color: #06c }} {DARK} {{ .link {{ text-decoration: none; color: #ddd }} }}",
        "",
        [f"{WIDE} dark"],
        "link-in-text-block",
    ),
    "wider than a narrow window": ("", f'<div style="width: {NARROW + 60}px">Wide</div>', [f"{NARROW}:"], "wider"),
    "a label that is gone when narrow": (
        f"{SMALL} {{ #label {{ display: none }} }}",
        "",
        [f"{NARROW} light"],
        "label",
    ),
    "a script error": ("", "<script>nothing()</script>", [], "script error"),
}


class _Pages(BaseHTTPRequestHandler):
    html = ""

    def do_GET(self) -> None:
        content = self.html.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Pages) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture(scope="module")
def known() -> Known:
    """One for all, as in a walk: colors that were good on the clean page do not hide those of the next."""
    return Known()


@pytest.fixture
def window(browser: Browser, site: str, known: Known) -> Iterator[Window]:
    window = Window(browser, site, known)
    yield window
    window.close()


def found(window: Window, site: str, style: str = "", body: str = "") -> list[str]:
    _Pages.html = PAGE.format(style=style, body=body)
    return window.look(over_http.Person(site).get("/"))


def test_a_page_that_is_right_is_clean_and_its_colors_are_asked_once(window: Window, site: str, known: Known) -> None:
    assert found(window, site) == []
    good, asked = set(known.good), set(known.asked)
    assert good
    assert found(window, site) == []
    assert (known.good, known.asked) == (good, asked)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_where_alone_it_shows(fault: str, window: Window, site: str) -> None:
    style, body, where, what = FAULTS[fault]
    assert found(window, site) == []
    lines = found(window, site, style, body)
    assert len(lines) == 1, lines
    assert what in lines[0]
    assert all(view in lines[0] for view in where)
    assert f"{WIDE} light" not in lines[0]


def test_a_page_that_is_too_heavy_is_told(browser: Browser, site: str) -> None:
    window = Window(browser, site, Known())
    heavy = found(window, site, body=f"<!-- {'x' * FIRST_VISIT_BYTES} -->")
    window.close()
    assert [line.split(" needs")[0] for line in heavy] == ["a first visit", "the next visit"]


def test_a_page_that_moves_under_its_reader_is_told(window: Window, site: str) -> None:
    moves = "document.querySelector('h1').style.marginTop = '300px'"
    late = f"<script>requestAnimationFrame(() => requestAnimationFrame(() => {{ {moves} }}))</script>"
    (line,) = found(window, site, body=late)
    assert line.startswith("the layout shifts by")
