"""What a plan runs for real. Refuses to start on a missing or weak value."""

import os
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from portals.settings.base import *  # noqa: F403 - settings modules are built by inclusion
from portals.settings.base import SECRET_KEY, SITE_URL

for _name in ("DATABASE_URL", "REDIS_URL", "PLAN_SITE_URL", "PLAN_KEYS_DIR", "PLAN_EMAIL_FROM"):
    if not os.environ.get(_name):
        raise ImproperlyConfigured(f"{_name} is not set")
if urlsplit(SITE_URL).scheme != "https":
    raise ImproperlyConfigured("PLAN_SITE_URL must be https")
if len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("the Django secret is shorter than 50 characters")

SECURE_SSL_REDIRECT = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31536000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"
CSRF_TRUSTED_ORIGINS = [SITE_URL]
LANGUAGE_COOKIE_SECURE = True
LANGUAGE_COOKIE_NAME = "__Host-language"
EMAIL_HOST = os.environ.get("EMAIL_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "25"))
