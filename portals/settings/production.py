"""What a plan runs for real. Refuses to start on a missing or weak value."""

import os
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from portals.crypto import keys
from portals.settings.base import *  # noqa: F403 - settings modules are built by inclusion
from portals.settings.base import SECRET_KEY, SITE_URL

for _name in ("DATABASE_URL", "REDIS_URL", "PLAN_SITE_URL", "PLAN_KEYS_DIR", "PLAN_EMAIL_FROM"):
    if not os.environ.get(_name):
        raise ImproperlyConfigured(f"{_name} is not set")
if urlsplit(SITE_URL).scheme != "https" or not urlsplit(SITE_URL).hostname or urlsplit(SITE_URL).path:
    raise ImproperlyConfigured("PLAN_SITE_URL must be https and a host, without a path")
if "@" not in os.environ["PLAN_EMAIL_FROM"]:
    raise ImproperlyConfigured("PLAN_EMAIL_FROM is no address")
if urlsplit(os.environ["DATABASE_URL"]).username in ("postgres", "plan_owner"):
    raise ImproperlyConfigured("DATABASE_URL must name plan_app: the site owns nothing and is no superuser")
if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 8:
    raise ImproperlyConfigured("key file django is too short or too simple")
for _name in keys.RINGS:  # a missing one is refused by the look itself
    try:
        _weak = [_key for _key in keys.ring(_name).values() if len(_key) != 32 or len(set(_key)) < 8]
    except ValueError as error:
        raise ImproperlyConfigured(f"key file {_name} is not lines of key-id:hex") from error
    if _weak:
        raise ImproperlyConfigured(f"key file {_name} holds a key that is not 32 random bytes")

SECURE_SSL_REDIRECT = True
TRUSTED_PROXIES = int(os.environ.get("PLAN_TRUSTED_PROXIES", "1"))  # what terminates TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31536000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
BROWSER_COOKIE_SECURE = True
BROWSER_COOKIE_NAME = "__Host-browser"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"
CSRF_TRUSTED_ORIGINS = [SITE_URL]
LANGUAGE_COOKIE_SECURE = True
LANGUAGE_COOKIE_NAME = "__Host-language"
EMAIL_HOST = os.environ.get("EMAIL_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "25"))
