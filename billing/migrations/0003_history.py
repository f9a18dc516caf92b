"""From here on the history of these tables is kept, and nothing changes them unnamed."""

from django.db import migrations

from audit.history import Watch


class Migration(migrations.Migration):
    dependencies = [("billing", "0002_lines_guards_policies"), ("audit", "0002_changes")]
    operations = [
        Watch(
            "billing_ratedproduct",
            cleared=("id", "code", "name", "line"),
            protected=(),
        ),
        Watch(
            "billing_pricerow",
            cleared=("id", "product", "price_key", "filed", "cents"),
            protected=(),
        ),
        Watch(
            "billing_billaccount",
            cleared=(
                "id", "number", "name", "state", "cobra", "invoice_rule", "invoice_day", "due_day", "grace_days",
                "proration", "billed_from", "closed_from",
            ),
            protected=(),
        ),
        Watch(
            "billing_accountaccess",
            cleared=("id", "account", "holder"),
            protected=(),
        ),
        Watch(
            "billing_rateperiod",
            cleared=("id", "account", "months", "plan_year"),
            protected=(),
        ),
        Watch(
            "billing_billablesegment",
            cleared=("id", "account", "product", "line", "members_count", "known"),
            protected=("contract", "effective", "price_key"),
        ),
        Watch(
            "billing_invoicevoid",
            cleared=("id", "invoice", "by", "at"),
            protected=("reason",),
        ),
        Watch(
            "billing_termsacceptance",
            cleared=("id", "user", "holder", "version", "at"),
            protected=(),
        ),
        Watch(
            "billing_bankaccount",
            cleared=("id", "uuid", "holder", "kind", "shared_with_producers", "added_by", "added_at", "ended_at"),
            protected=("nickname", "name_on_account", "routing", "number_cipher", "last_four"),
        ),
        Watch(
            "billing_achfile",
            cleared=("id", "file_date", "stored", "entries", "cents", "made_at"),
            protected=(),
        ),
        Watch(
            "billing_payment",
            cleared=(
                "id", "uuid", "holder", "bank_account", "status", "idempotency_key", "accepted_at", "file_date",
                "settle_date", "paid_date", "ach_file", "trace", "return_code", "returned_on", "by", "acting_for",
            ),
            protected=("cents",),
        ),
        Watch(
            "billing_bankfile",
            cleared=("id", "kind", "stored", "sha256", "taken_at", "summary"),
            protected=(),
        ),
        Watch(
            "billing_bankentry",
            cleared=("id", "file", "number", "value_date", "type_code", "cents", "ach_file"),
            protected=("reference", "text"),
        ),
    ]
