"""Templates: none unused, nothing inline, every string translatable, no line too long to review."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from launch import checks

ROOT = Path(settings.ROOT)
TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))
APPS = checks.apps()
# allauth renders its mails by prefix; nothing in our code names the files
FOUND_BY_PREFIX = ("emails/", "account/")


def _sources() -> str:
    python = [path for app in APPS for path in (ROOT / app).rglob("*.py")]
    return "\n".join(path.read_text() for path in [*python, *TEMPLATES])


def test_no_template_is_unused() -> None:
    sources = _sources()
    names = [path.relative_to(ROOT / "templates").as_posix() for path in TEMPLATES]
    unused = [name for name in names if not name.startswith(FOUND_BY_PREFIX) and f'"{name}"' not in sources]
    assert unused == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT / "templates").as_posix())
def test_nothing_is_inline(path: Path) -> None:
    text = re.sub(r"{% comment %}.*?{% endcomment %}|{#.*?#}", "", path.read_text(), flags=re.S)
    assert not re.search(r"<style|\sstyle=|javascript:|\son[a-z]+=|hx-on", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)


EXACT_BY_LAW = {"RxBIN", "RxPCN", "RxGrp"}  # printed on cards exactly so, in every language


def _visible_words(text: str) -> list[str]:
    """Words between tags that stand outside of any template tag: what a translator would never see."""
    text = re.sub(r"{% comment %}.*?{% endcomment %}|{#.*?#}", " ", text, flags=re.S)
    text = re.sub(r"{% blocktranslate.*?{% endblocktranslate %}", " ", text, flags=re.S)
    text = re.sub(r"{%.*?%}|{{.*?}}", "", text, flags=re.S)
    text = re.sub(r' aria-sort="[a-z]+"', "", text)
    text = re.sub(r"<!doctype[^>]*>|<[^>]+>", " ", text, flags=re.S | re.I)
    return [word for word in re.findall(r"[A-Za-z]{3,}", re.sub(r"&\w+;", " ", text)) if word not in EXACT_BY_LAW]


@pytest.mark.parametrize(
    "path", [p for p in TEMPLATES if p.suffix == ".html"], ids=lambda p: p.relative_to(ROOT / "templates").as_posix()
)
def test_every_word_is_translatable(path: Path) -> None:
    assert _visible_words(path.read_text()) == []


LONGEST_LINE = 160


def _long_lines(text: str) -> list[int]:
    return [number for number, line in enumerate(text.splitlines(), 1) if len(line) > LONGEST_LINE]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT / "templates").as_posix())
def test_no_line_is_too_long_to_review(path: Path) -> None:
    assert _long_lines(path.read_text()) == []


def test_a_line_too_long_to_review_is_found() -> None:
    assert _long_lines(f"{'a' * LONGEST_LINE}\n{'b' * (LONGEST_LINE + 1)}\n") == [2]
