"""How alerts were worked and reviews signed is kept in the history, as all that people decide."""

from django.db import migrations

from audit.history import Watch


class Migration(migrations.Migration):
    dependencies = [("portals", "0018_alerts")]
    operations = [
        Watch(
            "portals_alert",
            cleared=(
                "id", "rule", "user", "party", "portal", "subject_kind", "first_at", "last_at", "amount", "detail",
                "state", "owner", "found_at", "closed_at", "finding",
            ),
            protected=("key", "subject_id"),
        ),
        Watch(
            "portals_activityreview",
            cleared=("id", "week", "figures", "made_at", "sign_by", "reminded_on", "signed_by", "signed_at"),
            protected=("note",),
        ),
    ]
