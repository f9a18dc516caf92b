"""What stands before eBilling besides the role."""

from __future__ import annotations

from billing.queries import accounts
from employers.access import FIRST_INVOICE
from portals.enums import Topic
from portals.permissions import Answer, Refused
from portals.scope import Scope


def need_first_invoice(scope: Scope) -> None:
    """eBilling opens with the first invoice (E4); until then each of its pages says so."""
    if not accounts.has_invoice(scope):
        raise Refused(Answer(False, gate=FIRST_INVOICE, owner=Topic.BILLING_ENROLLMENT))
