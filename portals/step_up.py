"""How fresh the second step of a page has to be (`@page(step_up=...)`)."""

from __future__ import annotations

ONCE_A_SESSION = 12 * 3600

RECENTLY = 15 * 60
