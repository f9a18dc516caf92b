"""From here on the history of these tables is kept, and nothing changes them unnamed."""

from django.db import migrations

from audit.history import Watch


class Migration(migrations.Migration):
    dependencies = [("employers", "0002_documents"), ("audit", "0002_changes")]
    operations = [
        Watch(
            "employers_employeruser",
            cleared=("id", "client", "user", "role", "started_at", "ended_at"),
            protected=(),
        ),
        Watch(
            "employers_clientdocument",
            cleared=(
                "id", "uuid", "client", "kind", "name", "as_of", "stored", "request", "people_count", "made_at",
                "made_by",
            ),
            protected=("people",),
        ),
    ]
