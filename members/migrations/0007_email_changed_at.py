"""When a file changed a person's e-mail, and the index by which an address is found on other records."""

import django.db.models.functions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0006_one_account_at_a_time")]
    operations = [
        migrations.AddField("person", "email_changed_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddIndex(
            "person", models.Index(django.db.models.functions.Upper("email"), name="person_by_email")
        ),
    ]
