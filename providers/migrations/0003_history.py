"""From here on the history of these tables is kept, and nothing changes them unnamed."""

from django.db import migrations

from audit.history import Watch


class Migration(migrations.Migration):
    dependencies = [("providers", "0002_office_authorization"), ("audit", "0002_changes")]
    operations = [
        Watch(
            "providers_practice",
            cleared=(
                "id", "provider_id", "name", "tax_id", "npi", "discipline", "participating", "address", "city", "state",
                "zip", "phone",
            ),
            protected=(),
        ),
        Watch(
            "providers_practitioner",
            cleared=("id", "practice", "npi", "first_name", "last_name", "specialty"),
            protected=(),
        ),
        Watch(
            "providers_staffmembership",
            cleared=("id", "practice", "user", "role", "added_by", "started_at", "ended_at", "ended_by"),
            protected=(),
        ),
        Watch(
            "providers_officeauthorization",
            cleared=("id", "practice", "authorized_on", "check_made", "taken_by", "request", "recorded_at"),
            protected=("authorized_by", "manager_email", "caller", "note"),
        ),
    ]
