"""What becomes of a request for an accounting is kept in the history."""

from django.db import migrations

from audit.history import Watch


class Migration(migrations.Migration):
    dependencies = [("members", "0010_disclosures")]
    operations = [
        Watch(
            "members_accounting",
            cleared=(
                "id", "uuid", "asked_by", "requested_on", "language", "once", "recorded_by", "recorded_at", "due_date",
                "extended_to", "extended_on", "fee_cents", "fee_told_on", "status", "closed_on", "closed_at",
                "closed_by", "delivery", "lettered_on",
            ),
            protected=(
                "person", "asker", "first_on", "last_on", "extension_reason", "fee_basis", "content", "withheld",
                "stored",
            ),
        ),
    ]
