"""The plan's brand and own facts, read once from its configuration file."""

import tomllib
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.translation import get_language


def brand() -> dict[str, Any]:
    """The facts in the language of the page: a table named by a language (`[es]`) replaces what it names."""
    return _brand(get_language() or settings.LANGUAGE_CODE)


@cache
def _brand(language: str) -> dict[str, Any]:
    facts = tomllib.loads(settings.BRAND_FILE.read_text())
    return {**facts, **facts.get(language, {})}


def relying_party(**_kwargs: Any) -> str:
    """The plan's name as a passkey's dialog shows it."""
    return str(brand()["name"])
