"""A person who asks for pages without a browser: cookies are kept, redirects followed, forms sent as they stand."""

from __future__ import annotations

import gzip
import http.client
import re
import urllib.parse
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie

# Of the way that an answer came, not of the page.
OF_THE_WIRE = {"connection", "content-encoding", "content-length", "date", "server", "set-cookie", "transfer-encoding"}
STATIC = re.compile(r'(?:href|src)="(/static/[^"]+)"')
SAFE = "/?&=%+:,;@~!*'()$"
BOUNDARY = "a-form-of-the-walk"


@dataclass(frozen=True)
class Answer:
    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    html: str  # nothing where it is no page
    size: int  # on the wire, headers included

    @property
    def path(self) -> str:
        return urllib.parse.urlsplit(self.url).path

    @property
    def is_page(self) -> bool:
        return self.header("content-type").startswith("text/html")

    def of_the_page(self) -> list[tuple[str, str]]:
        """The headers without those of the way here."""
        return [(name, value) for name, value in self.headers if name.lower() not in OF_THE_WIRE]

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "")


@dataclass
class Person:
    """Somebody's browser as far as HTTP goes."""

    site: str
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, url: str) -> Answer:
        return self._ask("GET", urllib.parse.urljoin(self.site, url))

    def send(self, page: Answer, form: Form) -> Answer:
        kind, body = form.encoded()
        return self._ask("POST", urllib.parse.urljoin(page.url, form.action), body, {"Content-Type": kind})

    def _ask(self, method: str, url: str, body: bytes | None = None, more: dict[str, str] | None = None) -> Answer:
        for _hop in range(10):
            answer = self._once(method, url, body, more or {})
            if answer.status not in (301, 302, 303, 307, 308):
                return answer
            url = urllib.parse.urljoin(url, answer.header("location"))
            if answer.status < 307:
                method, body, more = "GET", None, {}
        raise AssertionError(f"{url} leads in circles")

    def _once(self, method: str, url: str, body: bytes | None, more: dict[str, str]) -> Answer:
        parts = urllib.parse.urlsplit(url)
        headers = {"Accept": "text/html,*/*", "Accept-Encoding": "br, gzip" if "/static/" in url else "gzip", **more}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        held = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=60)
        target = urllib.parse.quote(
            urllib.parse.urlunsplit(("", "", parts.path, parts.query, "")), safe="/?&=%+:,;@~!*'()$"
        )
        try:
            held.request(method, target, body, {"Host": parts.netloc, **headers})
            raw = held.getresponse()
            content = raw.read()
        finally:
            held.close()
        found = tuple(raw.getheaders())
        for name, value in found:
            if name.lower() == "set-cookie":
                for morsel in SimpleCookie(value).values():
                    if morsel["max-age"] == "0" or not morsel.value:
                        self.cookies.pop(morsel.key, None)
                    else:
                        self.cookies[morsel.key] = morsel.value
        size = len(content) + sum(len(name) + len(value) + 4 for name, value in found)
        text = ""
        if raw.headers.get_content_type() == "text/html":
            text = (gzip.decompress(content) if raw.headers.get("content-encoding") == "gzip" else content).decode()
        return Answer(url, raw.status, found, text, size)


def static_files(html: str) -> set[str]:
    """The stylesheets, scripts, fonts and pictures that a page names."""
    return set(STATIC.findall(html))


@dataclass
class Field:
    """A control of a form, with what a browser would send for it."""

    tag: str
    kind: str
    name: str
    value: str
    required: bool
    checked: bool
    disabled: bool
    options: list[tuple[str, bool]] = field(default_factory=list)  # of a select: value, and whether it is selected
    several: bool = False

    def chosen(self) -> list[str]:
        if self.tag != "select":
            return [self.value]
        selected = [value for value, is_selected in self.options if is_selected]
        return selected or ([] if self.several or not self.options else [self.options[0][0]])

    def is_missing(self) -> bool:
        return self.required and (not self.checked if self.kind == "radio" else not any(self.chosen()))

    def sent(self) -> list[str]:
        skipped = self.kind in ("submit", "button", "image", "reset") or self.tag == "button"
        if not self.name or self.disabled or skipped or (self.kind in ("checkbox", "radio") and not self.checked):
            return []
        return self.chosen()


@dataclass
class Form:
    action: str
    enctype: str
    fields: list[Field] = field(default_factory=list)

    def encoded(self) -> tuple[str, bytes]:
        pairs = [(one, value) for one in self.fields for value in one.sent()]
        if self.enctype != "multipart/form-data":
            kind = "application/x-www-form-urlencoded"
            return kind, urllib.parse.urlencode([(one.name, value) for one, value in pairs]).encode()
        parts = []
        for one, value in pairs:
            names_file = '; filename=""\r\nContent-Type: application/octet-stream' if one.kind == "file" else ""
            parts.append(
                f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{one.name}"{names_file}\r\n\r\n{value}\r\n'
            )
        return f"multipart/form-data; boundary={BOUNDARY}", "".join([*parts, f"--{BOUNDARY}--\r\n"]).encode()


def unanswered_form(html: str) -> Form | None:
    """The first form of the page with an empty required field, which the server must refuse with its reasons."""
    reader = _Forms()
    reader.feed(html)
    return next((form for form in reader.forms if any(one.is_missing() for one in form.fields)), None)


class _Forms(HTMLParser):
    """The forms in `main` that are sent by POST."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._main = 0
        self._fieldsets: list[bool] = []
        self._text: Field | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        if tag == "main":
            self._main += 1
        elif tag == "form" and self._main and named.get("method", "").lower() == "post":
            self._form = Form(named.get("action", ""), named.get("enctype", "").lower())
            self.forms.append(self._form)
        elif tag == "fieldset":
            self._fieldsets.append("disabled" in named)
        elif self._form is None:
            return
        elif tag in ("input", "select", "textarea", "button"):
            kind = named.get("type", "text").lower() if tag == "input" else ""
            value = named.get("value", "on" if kind in ("checkbox", "radio") else "")
            disabled = "disabled" in named or any(self._fieldsets)
            one = Field(tag, kind, named.get("name", ""), value, "required" in named, "checked" in named, disabled)
            one.several = "multiple" in named
            self._form.fields.append(one)
            self._text = one if tag == "textarea" else self._text
        elif tag == "option" and self._form.fields and "disabled" not in named:
            self._form.fields[-1].options.append((named.get("value", ""), "selected" in named))

    def handle_endtag(self, tag: str) -> None:
        if tag == "main":
            self._main -= 1
        elif tag == "form":
            self._form = None
        elif tag == "fieldset" and self._fieldsets:
            self._fieldsets.pop()
        elif tag == "textarea":
            self._text = None

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.value += data.removeprefix("\n") if not self._text.value else data
