"""The employer portal's navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from billing.queries import accounts
from employers.access import Employer
from portals.access import Own
from portals.doors import NavEntry
from portals.scope import Scope


def entries(scope: Scope) -> list[NavEntry]:
    """eBilling appears with the first invoice (E4, B9); before, the overview says when that is."""
    billing = [(_("eBilling"), "employers:ebilling", "employers:ebilling")]
    people = [(_("Users"), "employers:users", "employers:user")]
    documents = [(_("Documents"), "employers:documents", "employers:document")]
    producers = [(_("Your producer"), "employers:producers", "employers:producers")]
    looks = [(_("Who looked"), "employers:opened", "employers:opened")]
    opened = Employer.SEE_BILLING in scope.permissions and accounts.has_invoice(scope)
    return [
        (_("Overview"), "employers:home", "employers:home"),
        *(billing if opened else []),
        *(documents if Employer.SEE_DOCUMENTS in scope.permissions else []),
        *(people if Employer.SEE_MANAGERS in scope.permissions else []),
        *(producers if Employer.SEE_PRODUCERS in scope.permissions else []),
        *(looks if Employer.SEE_LOOKS in scope.permissions else []),
        *([(_("Requests"), "employers:requests", "employers:request")] if Own.ASK in scope.permissions else []),
        (_("Help"), "employers:help", "employers:help"),
    ]
