"""The plan's brand and own facts, read once from its configuration file."""

import tomllib
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.translation import get_language


def brand(region: str = "") -> dict[str, Any]:
    """The facts in the language of the page, as they hold in a region: a table named by a language (`[es]`) or by the
    region (`[region.NENY]`, which may hold a language's table of its own) replaces what it names."""
    return _brand(get_language() or settings.LANGUAGE_CODE, region)


def regions() -> dict[str, dict[str, Any]]:
    """Regions with facts of their own: code to all the facts that hold there, in the language of the page."""
    return {code: brand(code) for code in _facts().get("region", {})}


def region_name(code: str) -> str:
    """For people; a code that the configuration no longer knows says itself."""
    return str(regions().get(code, {}).get("region_name", code))


@cache
def _facts() -> dict[str, Any]:
    return tomllib.loads(settings.BRAND_FILE.read_text())


@cache
def _brand(language: str, region: str) -> dict[str, Any]:
    facts = _facts()
    own = facts.get("region", {}).get(region, {})
    named = {name: value for name, value in own.items() if not isinstance(value, dict)}
    return {**facts, **facts.get(language, {}), **named, **own.get(language, {})}


def relying_party(**_kwargs: Any) -> str:
    """The plan's name as a passkey's dialog shows it."""
    return str(brand()["name"])
