"""Invoices on paper: the page's own HTML as a PDF."""

from __future__ import annotations

from collections.abc import Mapping

from billing.queries.bills import Bill, BillLine
from portals.files import pdf
from portals.plan.brand import brand

TEMPLATE_VERSION = "1"  # a new one makes every paper anew
MOST_LINES = 1_000  # a longer table would take minutes and a gigabyte; the page offers the CSV instead


def invoice_pdf(
    bill: Bill,
    lines: list[BillLine],
    *,
    names: Mapping[int, str],
    client_name: str,
    client_id: str,
    groups: list[str],
    made_for: str = "",
) -> bytes:
    """The paper of an issued invoice. `names` says who holds a contract; lines are left out beyond `MOST_LINES`.
    `made_for` stands on it where somebody who acts for the client had it made."""
    context = {
        "bill": bill,
        "row": bill.row,
        "lines": [] if len(lines) > MOST_LINES else [(names.get(line.contract, ""), line) for line in lines],
        "lines_left_out": len(lines) if len(lines) > MOST_LINES else 0,
        "client_name": client_name,
        "client_id": client_id,
        "groups": groups,
        "made_for": made_for,
        "brand": brand(),
        "document_footer": f"{bill.row.number} · {brand()['name']}",
    }
    return pdf.pdf("documents/invoice.html", context)
