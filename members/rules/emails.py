"""Whether an e-mail address that somebody wrote down can be mailed."""

from __future__ import annotations

from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

LENGTH: Final = 254
_LOCAL_LENGTH: Final = 64  # RFC 5321
_NO_DOMAINS: Final = frozenset({"invalid", "localhost", "local", "localdomain"})  # never on the public network
# What people type where a form wants an address and there is none.
_FILLERS: Final = frozenset(
    {"none", "no", "na", "nobody", "noemail", "nomail", "noreply", "donotreply", "null", "unknown", "notavailable"}
)

_valid = EmailValidator(allowlist=[])


def mailable(address: str) -> bool:
    """What the site's own forms take, and mail servers too: one plain address with a public domain."""
    try:
        _valid(address)
    except ValidationError:
        return False
    local, _at, domain = address.rpartition("@")
    if '"' in local or "[" in domain or not address.isascii():
        return False
    if len(address) > LENGTH or len(local) > _LOCAL_LENGTH:
        return False
    first, *_between, last = domain.lower().split(".")
    if last in _NO_DOMAINS:
        return False
    return not (_filler(local) and _filler(first))


def _filler(text: str) -> bool:
    return "".join(c for c in text.lower() if c.isalpha()) in _FILLERS
