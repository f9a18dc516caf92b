"""The plan's brand and own facts, read once from its configuration file."""

import tomllib
from functools import cache
from typing import Any

from django.conf import settings


@cache
def brand() -> dict[str, Any]:
    return tomllib.loads(settings.BRAND_FILE.read_text())
