"""The plan's CSV files for tests: a row is a mapping, what it leaves out is the default."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.core.management import CommandError, call_command

DESIGN = {
    "product_code": "HMO-GOLD-EX", "name": "HMO Gold EX", "line": "medical", "plan_type": "HMO",
    "network": "HMO POS 200", "deductible_single": "500.00", "deductible_family": "1000.00", "oop_single": "4000.00",
    "oop_family": "8000.00", "copays": "Primary care=25.00; Imaging=20% after deductible", "formulary": "Standard",
    "rx_bin": "610014", "rx_pcn": "NGH", "rx_group": "NGRX", "wellness_allowance": "300.00",
    "service_area_states": "NY",
}  # fmt: skip
RATE = {
    "product_code": "HMO-GOLD-EX", "price_key": "EE", "filed_from": "2026-01-01", "filed_through": "2026-12-31",
    "amount": "771.04",
}  # fmt: skip
CLIENT = {
    "client_id": "0500001", "client_name": "Otter Creek Mills", "tax_id": "14-0000001", "state": "NY",
    "region": "NENY", "address": "1 Mill Rd", "city": "Otter Creek", "zip": "12207", "contact_name": "",
    "contact_email": "", "status": "migrated", "migrated_on": "2027-01-01", "group_number": "00500001",
    "group_name": "Mill", "benefit_class": "", "product_code": "HMO-GOLD-EX", "plan_year_start": "2027-01-01",
    "plan_year_months": "", "bill_account": "0500001-1", "bill_account_name": "Medical", "cobra_account": "0500001-C",
    "invoice_rule": "", "invoice_day": "", "due_day": "", "grace_days": "", "proration": "", "billed_from": "",
}  # fmt: skip


def write(path: Path, default: Mapping[str, str], rows: Sequence[Mapping[str, str]], *, bom: bool = False) -> Path:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(default))
    writer.writeheader()
    writer.writerows({**default, **row} for row in rows)
    path.write_bytes((b"\xef\xbb\xbf" if bom else b"") + out.getvalue().encode())
    return path


def run(command: str, *arguments: Any) -> tuple[int, dict[str, Any]]:
    """Exit code and summary of an operators' command."""
    out = io.StringIO()
    code = 0
    try:
        call_command(command, *map(str, arguments), "--json", stdout=out)
    except SystemExit as left:
        code = int(left.code or 0)
    except CommandError as error:
        code = error.returncode
    return code, json.loads(out.getvalue())


def refused(summary: Mapping[str, Any]) -> list[tuple[int, str]]:
    """Line and column of each refusal."""
    return [(refusal["line"], refusal["column"]) for refusal in summary["refusals"]]
