"""Mails to an employer's own people. They name nobody and attach nothing: "ready, sign in" (rulings 12)."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from employers.enums import EmployerRole
from portals.scope import Scope

_PAYERS = """
INSERT INTO portals_outboxmail (key, "to", subject, body, letter, postal_address, status, tries)
SELECT DISTINCT 'invoice-ready:' || invoice.issue_date || ':' || access.holder || ':' || person.id,
       person.email, %(subject)s, %(body)s, false, '', 'waiting', 0
FROM billing_invoice invoice
JOIN billing_accountaccess access ON access.account_id = invoice.account_id AND access.holder LIKE 'client:%%'
JOIN employers_employeruser place
  ON place.client_id = split_part(access.holder, ':', 2)::bigint
 AND place.ended_at IS NULL AND place.role = ANY(%(roles)s)
JOIN portals_user person ON person.id = place.user_id AND person.is_active AND person.email <> ''
WHERE invoice.id = ANY(%(invoices)s)
ON CONFLICT (key) DO NOTHING
"""


def announce_invoices(invoices: Sequence[int], by: Scope) -> None:
    """One mail a person, employer and day, however many bill accounts; in the transaction that issues the invoices
    (`billing.actions.runs.register_announcer`)."""
    with connection.cursor() as cursor:
        cursor.execute(
            _PAYERS,
            {
                "invoices": list(invoices),
                "roles": [EmployerRole.ADMINISTRATOR.value, EmployerRole.BILLING.value],
                "subject": _("Your invoice is ready"),
                "body": _("A new invoice is ready. Sign in to see and pay it: %(address)s")
                % {"address": f"{settings.SITE_URL}/employers/ebilling/"},
            },
        )
