"""Settings that every way of running shares. Values come from the environment; nothing here names a machine."""

import os
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import dj_database_url
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from portals.crypto import keys

ROOT = Path(__file__).resolve().parents[2]
VAR = Path(os.environ.get("PLAN_VAR_DIR", ROOT / "var"))
os.environ.setdefault("PLAN_VAR_DIR", str(VAR))
SITE_URL = os.environ.get("PLAN_SITE_URL", "http://localhost:8000")

SECRET_KEY = keys.secret("django")
DEBUG = False
ALLOWED_HOSTS = [urlsplit(SITE_URL).hostname or "localhost"]
DEMO = False  # demo mailbox, demo passwords on the ready screen, movable business date

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "django_otp",
    "django_otp_webauthn",
    "csp",
    "audit",
    "portals",
    "billing",
    "members",
    "employers",
    "providers",
    "producers",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portals.middleware.ScopeMiddleware",
]

ROOT_URLCONF = "portals.urls"
WSGI_APPLICATION = "portals.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "portals.context.page",
            ],
            "loaders": [
                ("django.template.loaders.cached.Loader", ["django.template.loaders.filesystem.Loader"]),
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "portals.templatetags.ui"],
        },
    }
]

# Two roles from day one: the application role owns nothing; the owner migrates.
_database_variable = "DATABASE_OWNER_URL" if os.environ.get("PLAN_DB_ROLE") == "owner" else "DATABASE_URL"
DATABASES = {
    "default": dj_database_url.parse(
        os.environ.get(_database_variable) or os.environ.get("DATABASE_URL") or "postgresql://plan_app@/plan",
        conn_max_age=60,
        conn_health_checks=True,
    )
}
# A server that does not answer costs seconds, not a worker for ever; over a Unix socket the last four mean nothing.
DATABASES["default"].setdefault("OPTIONS", {}).update(
    connect_timeout=2, keepalives_idle=20, keepalives_interval=5, keepalives_count=3, tcp_user_timeout=15_000
)
ATOMIC_REQUESTS = False  # portals.pages owns the transaction: a row about a disclosure is committed before the answer
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # usernames are unique without regard to case, by a constraint
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
WEB_STATEMENT_TIMEOUT = "5s"
WEB_LOCK_TIMEOUT = "2s"

REDIS_URL = os.environ.get("REDIS_URL", "redis://localhost:6379/0")


def _broker(url: str) -> str:
    """Celery's dialect of a Redis address (redis-py says `unix://`, Celery `redis+socket://`)."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    database = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.path}?virtual_host={database}"


CELERY_BROKER_URL = _broker(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_DEFAULT_QUEUE = "quick"
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 4 * 3600, "unacked_restore_interval": 1}
CELERY_TIMEZONE = "America/New_York"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True

AUTH_USER_MODEL = "portals.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    # 15: what NIST 800-63B-4 asks of a password that may stand alone; one rule for everybody
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "portals.login.breached_passwords.BreachedPasswordValidator"},
]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/home/"
ACCOUNT_ADAPTER = "portals.login.adapter.Adapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # addresses are proven by activation codes and invitations, not at sign-in
ACCOUNT_RATE_LIMITS = False  # limits live in PostgreSQL and come before hashing: portals.login
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGIN_BY_CODE_ENABLED = False
OTP_WEBAUTHN_ALLOW_PASSWORDLESS_LOGIN = False  # its default would sign in past the other stages
OTP_WEBAUTHN_RP_ID = urlsplit(SITE_URL).hostname or "localhost"
OTP_WEBAUTHN_RP_NAME_CALLABLE = "portals.plan.brand.relying_party"
OTP_WEBAUTHN_ALLOWED_ORIGINS = [SITE_URL]

TRUSTED_PROXIES = 0  # of our own before the site, each of which adds to X-Forwarded-For

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_IDLE_SECONDS = 15 * 60
BROWSER_COOKIE_NAME = "browser"  # which browser it is, so that a sign-in from a new one can be told (portals.login)
BROWSER_COOKIE_AGE = 400 * 86400  # longer is not kept by browsers
BROWSER_COOKIE_SECURE = False
CSRF_COOKIE_HTTPONLY = True
CSRF_USE_SESSIONS = False
CSRF_FAILURE_VIEW = "portals.views.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "style-src": [SELF],
        "script-src": [SELF],
        "font-src": [SELF],
        "img-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
LANGUAGE_COOKIE_AGE = 365 * 86400
LOCALE_PATHS = [ROOT / "locale"]
TIME_ZONE = "America/New_York"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [ROOT / "static"]
STATIC_ROOT = VAR / "static"
WHITENOISE_ALLOW_ALL_ORIGINS = False  # fonts and scripts are for this site alone
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["portals.files.handlers.InMemory"]
UPLOAD_LIMIT = 10 * 1024 * 1024  # of one file, where its field says nothing else
UPLOAD_REQUEST_LIMIT = 52 * 1024 * 1024  # of all files of one request, that memory holds
UPLOAD_MOST_READ = 256 * 1024 * 1024  # a longer body is not read to its end, so that its form could answer
UPLOAD_READING_SECONDS = 10  # of processor time for one file, and twice as many by the clock
UPLOAD_DAILY_FILES = 100  # of one person, in 24 hours
UPLOAD_DAILY_BYTES = 250 * 1024 * 1024
UPLOAD_SCANNER = os.environ.get("PLAN_UPLOAD_SCANNER", "")  # clamd: host:port or the path of its socket

EMAIL_TIMEOUT = 20  # seconds: a mail server that hangs must not hold a transaction, and with it the audit seal
EMAIL_FROM = os.environ.get("PLAN_EMAIL_FROM", "no-reply@northgate.example")

BREAK_GLASS_MINUTES = 60  # how long a record opened in an emergency stays open
VIEW_AS_MINUTES = 30  # how long plan staff see a portal as one of its users
ALERT_FOLLOW_UP_DAYS = 10  # business days to follow up an alert that was not justified
ACTIVITY_SIGN_DAYS = 5  # business days in which the privacy officer signs the review of a week
EXCEPTIONAL_ACCESS_REVIEW_DAYS = 3  # business days in which the privacy officer reviews such an access

AUDIT_RETENTION_YEARS = int(os.environ.get("PLAN_AUDIT_YEARS", "6"))  # less than six counts as six
CHECKPOINT_DIR = os.environ.get("PLAN_CHECKPOINT_DIR", "")  # where the nightly check leaves the ledger's checkpoints

# The plan's own configuration; the demo plan ships it, another plan replaces this file.
BRAND_FILE = Path(os.environ.get("PLAN_BRAND_FILE", ROOT / "portals" / "plan" / "brand.toml"))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"redact": {"()": "portals.logs.Redact"}},
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} {message}", "style": "{", "()": "portals.logs.LogLine"}
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["redact"]}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django.server": {"handlers": ["console"], "propagate": False, "level": "INFO"},
        "fontTools": {"level": "WARNING"},
        "weasyprint": {"level": "ERROR"},
    },
}
