"""Which browser somebody signs in from: known by a cookie of its own, named by what it says of itself.

The cookie is a random value and outlives sessions; only its keyed hash is kept, a row for each person who signed in
there.
"""

from __future__ import annotations

import re
import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from portals.crypto import values as crypto
from portals.models import KnownBrowser, User

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")

# The first that fits: most browsers name those they descend from as well.
_BROWSERS = (
    (r"Edg(e|A|iOS)?/", "Edge"),
    (r"OPR/|OPT/", "Opera"),
    (r"SamsungBrowser/", "Samsung Internet"),
    (r"Firefox/|FxiOS/", "Firefox"),
    (r"Chrome/|CriOS/|Chromium/", "Chrome"),
    (r"Version/.*Safari/", "Safari"),
)
_SYSTEMS = (
    (r"Windows", "Windows"),
    (r"iPhone|iPod", "iPhone"),
    (r"iPad", "iPad"),
    (r"Android", "Android"),
    (r"CrOS", "ChromeOS"),
    (r"Mac OS X|Macintosh", "macOS"),
    (r"Linux|X11", "Linux"),
)


def device(user_agent: str) -> str:
    """ "Chrome on Windows" as it is stored; one half or nothing where the browser does not say."""
    browser, system = (
        next((name for pattern, name in kinds if re.search(pattern, user_agent)), "") for kinds in (_BROWSERS, _SYSTEMS)
    )
    return f"{browser} on {system}" if browser and system else browser or system


def label(stored: str) -> str:
    """A stored device in the reader's language."""
    browser, on, system = stored.partition(" on ")
    if on:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return stored or _("A device that did not say what it is")


def recognize(request: HttpRequest, user: User) -> tuple[KnownBrowser, bool]:
    """This browser as this person's, and whether it is new although they have used another before. Its cookie goes
    out with the answer (`send`)."""
    token = request.COOKIES.get(settings.BROWSER_COOKIE_NAME, "")
    if not _TOKEN.fullmatch(token):
        token = secrets.token_urlsafe(32)
    request.browser_token = token  # type: ignore[attr-defined]  # read by `send`
    own = KnownBrowser.objects.filter(user=user)
    known = own.filter(cookie_hash__in=crypto.keyed_hashes(_text(token))).first()
    if known is not None:
        known.last_seen_at = timezone.now()
        known.save(update_fields=["last_seen_at"])
        return known, False
    used_another = own.exists()
    known, made = KnownBrowser.objects.get_or_create(user=user, cookie_hash=crypto.keyed_hash(_text(token)))
    return known, made and used_another


def counted_as(request: HttpRequest, typed: str) -> str:
    """As whom tries at this username count: those from a browser in which its person signed in before count apart, so
    that a stranger's do not close the door to them. One query, the same for unknown names."""
    token = request.COOKIES.get(settings.BROWSER_COOKIE_NAME, "")
    own = KnownBrowser.objects.filter(user__username__iexact=typed, cookie_hash__in=crypto.keyed_hashes(_text(token)))
    request.known_browser = own.exists()  # type: ignore[attr-defined]  # read by `wrong_passwords.shut`
    return f"{typed}\n{token}" if request.known_browser else typed  # type: ignore[attr-defined]


def _text(token: str) -> str:
    """What of a cookie is hashed."""
    return f"browser|{token}"


def send(request: HttpRequest, response: HttpResponse) -> None:
    """Whoever just signed in keeps the cookie for as long as browsers keep any."""
    token = getattr(request, "browser_token", "")
    if token:
        response.set_cookie(
            settings.BROWSER_COOKIE_NAME,
            token,
            max_age=settings.BROWSER_COOKIE_AGE,
            secure=settings.BROWSER_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
