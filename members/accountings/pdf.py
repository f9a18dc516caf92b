"""The accounting of disclosures on paper: the page's own content as a tagged PDF."""

from __future__ import annotations

from django.utils.translation import gettext as _

from members.accountings import letters
from members.accountings.queries import Given
from portals.files import pdf
from portals.plan.brand import brand


def accounting_pdf(given: Given, *, signed: str) -> bytes:
    """`signed` is who of the plan made it; blank where the website did, on the member's own request."""
    context = {
        "row": given.row,
        "given": given,
        "lines": [(each, letters.when(each)) for each in given.entries],
        "left_out": letters.left_out(),
        "signed": signed,
        "brand": brand(),
        "document_footer": _("Accounting of disclosures, %(day)s")
        % {"day": given.row.closed_on.isoformat() if given.row.closed_on else ""},
    }
    return pdf.pdf("documents/accounting.html", context)
