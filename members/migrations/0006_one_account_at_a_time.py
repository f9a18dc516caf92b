"""A person has one member account at a time; a disowned one stays and frees them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0005_sender_ssn"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                # The foreign key itself stays: to make it anew would look at every person past the row policies.
                migrations.RunSQL(
                    "ALTER TABLE members_memberaccount DROP CONSTRAINT members_memberaccount_person_id_key;"
                    " CREATE INDEX members_memberaccount_person_id ON members_memberaccount (person_id)",
                    "DROP INDEX members_memberaccount_person_id;"
                    " ALTER TABLE members_memberaccount"
                    " ADD CONSTRAINT members_memberaccount_person_id_key UNIQUE (person_id)",
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="memberaccount",
                    name="person",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="accounts", to="members.person"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="memberaccount",
            constraint=models.UniqueConstraint(
                condition=models.Q(("disowned_at", None)),
                fields=("person",),
                name="one_member_account_at_a_time",
            ),
        ),
    ]
