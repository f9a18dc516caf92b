"""Spanish is whole: every string of code and templates, with its placeholders; and no page holds a word outside of it.

The strings are found without GNU gettext, so that this runs everywhere. Missing ones: `python3 -m launch messages`.
"""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.apps import apps
from django.conf import settings
from django.db import models
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.dates import MONTHS, MONTHS_3, WEEKDAYS, WEEKDAYS_ABBR
from django.utils.timesince import TIME_STRINGS
from django.utils.translation.template import templatize

from launch import catalogues
from portals import scope
from portals.pages import Audience
from portals.plan.brand import brand
from tests.house import objects
from tests.house.objects import A, World
from tests.house.test_templates import APPS, EXACT_BY_LAW, ROOT
from tests.house.test_urls import PAGES, address, declaration, is_of
from tests.journeys import pages

CATALOGUE = ROOT / "locale" / "es" / "LC_MESSAGES" / "django.po"
SIMPLE = ("_", "gettext", "gettext_lazy", "gettext_noop")
PLURAL = ("ngettext", "ngettext_lazy")
KEYWORDS = {
    **dict.fromkeys(SIMPLE),
    **dict.fromkeys(PLURAL, (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}|<[^>]+>")
String = tuple[str, str, str]  # context, string, plural


def spanish() -> Catalog:
    with CATALOGUE.open("rb") as content:
        return read_po(content, locale="es", abort_invalid=True)


def _strings(source: str) -> Iterator[String]:
    for _line, function, found, _comments in extract_python(io.BytesIO(source.encode()), KEYWORDS, (), {}):
        parts = [found] if isinstance(found, str) else list(found)
        if function.startswith(("pgettext", "npgettext")):
            context, *parts = parts
        else:
            context = ""
        if parts and all(isinstance(part, str) for part in parts[:1]) and parts[0]:
            plural = parts[1] if function in PLURAL or function.startswith("npgettext") else ""
            yield context, parts[0], plural


def _strings_of_template(path: Path) -> Iterator[String]:
    """Django turns a template into lines of Python that keep its indentation, which Python itself would not take."""
    source = templatize(path.read_text(), origin=str(path))
    return _strings("\n".join(line.lstrip() for line in source.splitlines()))


def extracted() -> dict[String, Path]:
    """Every translatable string of the product, and a file that says it."""
    found: dict[String, Path] = {}
    for path in (path for app in APPS for path in sorted((ROOT / app).rglob("*.py"))):
        found.update(dict.fromkeys(_strings(path.read_text()), path))
    for path in sorted((ROOT / "templates").rglob("*.*")):
        found.update(dict.fromkeys(_strings_of_template(path), path))
    return found


def _translations(message: Message) -> list[tuple[str, str]]:
    """Pairs of an English form and its Spanish one; the plural's placeholders are those of all forms."""
    if isinstance(message.id, str):
        return [(message.id, str(message.string))]
    return [(message.id[1], form) for form in message.string]


def test_every_string_stands_in_the_spanish_catalogue() -> None:
    known = {
        (message.context or "", *((message.id, "") if isinstance(message.id, str) else message.id))
        for message in spanish()
    }
    missing = {string: path for string, path in extracted().items() if string not in known}
    assert not missing, "\n".join(f"{path.relative_to(ROOT)}: {string[1]}" for string, path in missing.items())


def test_every_string_is_translated_with_its_placeholders() -> None:
    wrong = []
    for message in spanish():
        for english, said in _translations(message) if message.id else []:
            if not said or message.fuzzy:
                wrong.append(f"not translated: {english}")
            elif sorted(set(PLACEHOLDER.findall(english))) != sorted(set(PLACEHOLDER.findall(said))):
                wrong.append(f"other placeholders: {english} -> {said}")
            elif english[:1].isspace() != said[:1].isspace() or english[-1:].isspace() != said[-1:].isspace():
                wrong.append(f"other spaces around: {english!r} -> {said!r}")
    assert not wrong, "\n".join(wrong)


def test_the_catalogue_compiles_as_a_start_of_the_site_compiles_it(tmp_path: Path) -> None:
    copy = tmp_path / CATALOGUE.relative_to(ROOT)
    copy.parent.mkdir(parents=True)
    shutil.copy(CATALOGUE, copy)
    assert catalogues.ensure(tmp_path) == [copy.with_suffix(".mo")]
    with translation.override("es"):
        assert translation.gettext("ID card of %(name)s") == "Tarjeta de identificación de %(name)s"
        assert translation.ngettext("%(days)s day ago", "%(days)s days ago", 2) == "hace %(days)s días"


# --- No word outside of the catalogue: each string in brackets, and every page read for what stands outside of them ---

BRACKETED = re.compile(r"⟦[^⟦⟧]*⟧")
READ_ALOUD = ("aria-label", "alt", "title", "placeholder", "data-title")


@pytest.fixture
def pseudo(tmp_path: Path, settings: object) -> None:
    """The site speaks Spanish, but its words are the English ones in brackets."""
    catalogue = Catalog(locale="es")
    for context, string, plural in extracted():
        forms = tuple(f"⟦{form}⟧" for form in (string, plural))
        catalogue.add((string, plural) if plural else string, forms if plural else forms[0], context=context or None)
    target = tmp_path / "es" / "LC_MESSAGES" / "django.mo"
    target.parent.mkdir(parents=True)
    with target.open("wb") as content:
        write_mo(content, catalogue)
    settings.LOCALE_PATHS = [tmp_path]  # type: ignore[attr-defined]  # pytest-django's settings take any name


class Texts(HTMLParser):
    """What a person reads or hears of a page: texts, and the attributes that screen readers say."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.silent = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style", "code"):  # a key or a code is no word
            self.silent = tag
        self.found += [value for name, value in attrs if name in READ_ALOUD and value]

    def handle_endtag(self, tag: str) -> None:
        if tag == self.silent:
            self.silent = ""

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.found.append(data)


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]{3,}", text)


def left_over(html: str, data: set[str]) -> list[str]:
    """Texts with a word that is neither of the catalogue nor of the data."""
    reader = Texts()
    reader.feed(html)
    found = []
    for text in reader.found:
        outside = text
        while BRACKETED.search(outside):
            outside = BRACKETED.sub(" ", outside)
        if [word for word in _words(outside) if word not in data]:
            found.append(" ".join(text.split()))
    return found


def _texts_of(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts_of(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _texts_of(part)


def data_words() -> set[str]:
    """Every word of a row and of the plan's own configuration; of Django, the names of languages and of times."""
    words = {*EXACT_BY_LAW, "English", "Español"}
    with translation.override("es"):
        names = [str(name) for table in (MONTHS, MONTHS_3, WEEKDAYS, WEEKDAYS_ABBR) for name in table.values()]
        ages = [unit % {"num": number} for unit in TIME_STRINGS.values() for number in (1, 2)]
        texts = [*_texts_of(brand()), *names, *ages]
    with scope.entered(scope.system("test")):
        for model in apps.get_models():
            columns = [
                column.attname
                for column in model._meta.concrete_fields
                if isinstance(column, (models.CharField, models.TextField, models.JSONField)) and not column.choices
            ]
            if columns and model._meta.app_label in APPS:
                texts += [text for row in model._default_manager.values_list(*columns) for text in _texts_of(row)]
    for text in texts:
        words.update(_words(f"{text} {text.capitalize()} {text.upper()}"))
    return words


@pytest.fixture
def world(db: None) -> World:
    world = objects.build()
    with scope.entered(scope.system("test")):
        pages.fill(world)
    return world


@pytest.mark.parametrize("door", pages.WALKS)
def test_no_page_holds_a_word_that_spanish_lacks(door: str, world: World, pseudo: None) -> None:
    browser = Client() if door == pages.NOBODY else world.browser("producer" if door == pages.ACTING else door, A)
    if door == pages.ACTING:
        browser.post(reverse("producers:act", kwargs=world.objects["producers:act"]))
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = "es"
    data = data_words()
    found: list[str] = []
    bracketed = 0
    for name in PAGES:
        audience = declaration(name).audience
        mine = {pages.NOBODY: audience is Audience.ANYONE, pages.ACTING: audience is Audience.EMPLOYER}
        if not mine.get(door, is_of(door, audience)):
            continue
        answer = browser.get(address(name, world))
        if answer["Content-Type"].startswith("text/html") and answer.status_code in (200, 403):
            html = answer.content.decode()
            bracketed += html.count("⟦")
            found += [f"{name}: {text}" for text in left_over(html, data)]
    assert bracketed > 20, "the pages did not speak from the bracketed catalogue"
    assert not found, "\n".join(dict.fromkeys(found))


def test_a_word_outside_of_the_catalogue_is_found() -> None:
    html = '<p title="Heard only">⟦Pay ⟦now⟧⟧ $5 to Maple</p><p>⟦Paid⟧ late</p><script>let it = 1</script>'
    assert left_over(html, {"Maple"}) == ["Heard only", "⟦Paid⟧ late"]
