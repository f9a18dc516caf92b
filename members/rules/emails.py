"""Whether an e-mail address that somebody wrote down can be mailed."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from django.core.validators import EmailValidator

LENGTH: Final = 254
_LOCAL_LENGTH: Final = 64  # RFC 5321
_NO_DOMAINS: Final = frozenset({"invalid", "localhost", "local", "localdomain"})  # never on the public network
# What people type where a form wants an address and there is none.
_FILLERS: Final = frozenset(
    {"none", "no", "na", "nobody", "noemail", "nomail", "noreply", "donotreply", "null", "unknown", "notavailable"}
)

_validator = EmailValidator(allowlist=[])


def mailable(address: str) -> bool:
    """What the site's own forms take, and mail servers too: one plain address with a public domain."""
    local, _at, domain = address.rpartition("@")
    if len(address) > LENGTH or len(local) > _LOCAL_LENGTH or '"' in local or not address.isascii():
        return False
    if not _validator.user_regex.match(local) or not _is_public(domain):
        return False
    return not (_has_filler(domain) and _is_filler(local))


@lru_cache(maxsize=4096)  # the people of a file share a few
def _is_public(domain: str) -> bool:
    fits = "[" not in domain and _validator.validate_domain_part(domain)
    return fits and domain.lower().rpartition(".")[2] not in _NO_DOMAINS


@lru_cache(maxsize=4096)
def _has_filler(domain: str) -> bool:
    return _is_filler(domain.partition(".")[0])


def _is_filler(text: str) -> bool:
    return "".join(c for c in text.lower() if c.isalpha()) in _FILLERS
