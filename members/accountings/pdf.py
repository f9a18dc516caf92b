"""The accounting of disclosures on paper: the page's own content as a tagged PDF."""

from __future__ import annotations

from django.utils.translation import gettext as _

from members.accountings import letters as words
from members.accountings.queries import Given
from portals.files import pdf as paper
from portals.plan.brand import brand


def accounting_pdf(given: Given, *, signed: str) -> bytes:
    """`signed` is who of the plan made it; blank where the website did, on the member's own request."""
    context = {
        "row": given.row,
        "given": given,
        "lines": [(each, words.when(each)) for each in given.entries],
        "left_out": words.left_out(),
        "signed": signed,
        "brand": brand(),
        "document_footer": _("Accounting of disclosures, %(day)s")
        % {"day": given.row.closed_on.isoformat() if given.row.closed_on else ""},
    }
    return paper.pdf("documents/accounting.html", context)
