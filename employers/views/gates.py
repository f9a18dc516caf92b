"""What stands before eBilling besides the role, and what leaves with somebody who acts."""

from __future__ import annotations

from django.utils.translation import gettext as _

from billing.queries import accounts
from employers.access import FIRST_INVOICE
from employers.queries import producers
from members.queries import clients
from portals.enums import Topic
from portals.permissions import Answer, Refused
from portals.plan import clock
from portals.scope import Scope


def need_first_invoice(scope: Scope) -> None:
    """eBilling opens with the first invoice (E4); until then each of its pages says so."""
    if not accounts.has_invoice(scope):
        raise Refused(Answer(False, gate=FIRST_INVOICE, owner=Topic.BILLING_ENROLLMENT))


def made_for(scope: Scope) -> tuple[str, str] | None:
    """The last column of a file that somebody who acts takes with them: both identities."""
    if scope.acting_for is None:
        return None
    client = clients.named([scope.acting_for.id])[scope.acting_for.id]
    return _("Made by"), producers.made_for(scope, client.name, day=clock.today())
