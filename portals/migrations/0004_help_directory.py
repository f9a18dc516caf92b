"""Opening hours become data. What stood there as words stays as a note until staff enter the hours."""

import django.db.models.expressions
import django.db.models.lookups
from django.db import migrations, models

UNKNOWN = [[], [], [], [], [], [], []]


class Migration(migrations.Migration):
    dependencies = [
        ("portals", "0003_sign_in"),
    ]

    operations = [
        migrations.AddField("helpcontact", "owner_es", models.CharField(blank=True, default="", max_length=100), preserve_default=False),
        migrations.AddField("helpcontact", "week", models.JSONField(default=UNKNOWN), preserve_default=False),
        migrations.AddField("helpcontact", "zone", models.CharField(default="America/New_York", max_length=40)),
        migrations.AddField("helpcontact", "holidays_off", models.BooleanField(default=True)),
        migrations.RenameField("helpcontact", "hours", "note"),
        migrations.AlterField("helpcontact", "note", models.CharField(blank=True, max_length=120)),
        migrations.AddField("helpcontact", "note_es", models.CharField(blank=True, default="", max_length=120), preserve_default=False),
        migrations.AddField("announcement", "title_es", models.CharField(blank=True, default="", max_length=120), preserve_default=False),
        migrations.AddField("announcement", "body_es", models.TextField(blank=True, default=""), preserve_default=False),
        migrations.AddField("announcement", "withdrawn_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddConstraint(
            "helpcontact",
            models.CheckConstraint(
                condition=django.db.models.lookups.Exact(
                    django.db.models.expressions.Func(
                        models.F("week"), function="jsonb_array_length", output_field=models.IntegerField()
                    ),
                    7,
                ),
                name="contact_week_of_seven_days",
            ),
        ),
        migrations.AddConstraint(
            "helpcontact",
            models.CheckConstraint(
                condition=models.Q(effective__startswith__isnull=False, effective__isempty=False),
                name="contact_has_a_first_day",
            ),
        ),
        migrations.AddConstraint(
            "announcement",
            models.CheckConstraint(
                condition=models.Q(
                    shown__startswith__isnull=False, shown__endswith__isnull=False, shown__isempty=False
                ),
                name="announcement_has_first_and_last_day",
            ),
        ),
        migrations.AddConstraint(
            "announcement",
            models.CheckConstraint(
                condition=models.Q(title_es="", body_es="")
                | models.Q(~models.Q(title_es=""), ~models.Q(body_es="")),
                name="announcement_spanish_is_whole",
            ),
        ),
    ]
