"""Alerts and weekly reviews. Notes and settings are only added; a signed review does not change."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


GUARDS = """
CREATE FUNCTION portals_alerts_refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: it stays as it was written', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON portals_alertnote
    FOR EACH STATEMENT EXECUTE FUNCTION portals_alerts_refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON portals_alertsetting
    FOR EACH STATEMENT EXECUTE FUNCTION portals_alerts_refuse();
CREATE TRIGGER signed_is_frozen BEFORE UPDATE ON portals_activityreview
    FOR EACH ROW WHEN (OLD.signed_at IS NOT NULL) EXECUTE FUNCTION portals_alerts_refuse();
CREATE TRIGGER figures_stay BEFORE UPDATE OF week, figures, made_at ON portals_activityreview
    FOR EACH ROW EXECUTE FUNCTION portals_alerts_refuse();
CREATE TRIGGER kept BEFORE DELETE OR TRUNCATE ON portals_activityreview
    FOR EACH STATEMENT EXECUTE FUNCTION portals_alerts_refuse();
REVOKE UPDATE, DELETE ON portals_alertnote, portals_alertsetting FROM plan_app, plan_bulk;
REVOKE DELETE ON portals_activityreview, portals_alert, portals_alertevent FROM plan_app, plan_bulk;
"""

UNDO = """
DROP TRIGGER append_only ON portals_alertnote;
DROP TRIGGER append_only ON portals_alertsetting;
DROP TRIGGER signed_is_frozen ON portals_activityreview;
DROP TRIGGER figures_stay ON portals_activityreview;
DROP TRIGGER kept ON portals_activityreview;
DROP FUNCTION portals_alerts_refuse();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('portals', '0017_history'),
    ]

    operations = [
        migrations.CreateModel(
            name='Alert',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=120, unique=True)),
                ('rule', models.CharField(max_length=30)),
                ('party', models.CharField(blank=True, max_length=40)),
                ('portal', models.CharField(max_length=10)),
                ('subject_kind', models.CharField(blank=True, max_length=20)),
                ('subject_id', models.BigIntegerField(blank=True, null=True)),
                ('first_at', models.DateTimeField()),
                ('last_at', models.DateTimeField()),
                ('amount', models.IntegerField()),
                ('detail', models.JSONField(default=dict)),
                ('state', models.CharField(choices=[('open', 'Open'), ('in_work', 'In work'), ('closed', 'Closed')], default='open', max_length=8)),
                ('found_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('finding', models.CharField(blank=True, choices=[('explained', 'Explained: it was part of the work'), ('false_alarm', 'False alarm: the rule saw what was not there'), ('policy_changed', 'Explained, and a rule or a way of working changes'), ('not_justified', 'Not justified: it is followed up')], max_length=16)),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='AlertEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event_id', models.BigIntegerField()),
                ('recorded_at', models.DateTimeField()),
                ('alert', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='portals.alert')),
            ],
        ),
        migrations.CreateModel(
            name='AlertMark',
            fields=[
                ('id', models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('xid', models.BigIntegerField()),
                ('system_identifier', models.CharField(max_length=20)),
                ('evaluated_at', models.DateTimeField()),
                ('told_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='one_alert_mark')],
            },
        ),
        migrations.CreateModel(
            name='AlertNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('by', models.CharField(max_length=60)),
                ('step', models.CharField(choices=[('taken', 'Taken into work'), ('given_back', 'Given back'), ('note', 'Note'), ('closed', 'Closed'), ('reopened', 'Opened again'), ('more', 'More was seen after it was closed')], max_length=12)),
                ('finding', models.CharField(blank=True, choices=[('explained', 'Explained: it was part of the work'), ('false_alarm', 'False alarm: the rule saw what was not there'), ('policy_changed', 'Explained, and a rule or a way of working changes'), ('not_justified', 'Not justified: it is followed up')], max_length=16)),
                ('text', models.TextField(blank=True)),
                ('alert', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notes', to='portals.alert')),
            ],
        ),
        migrations.CreateModel(
            name='AlertSetting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rule', models.CharField(max_length=30)),
                ('enabled', models.BooleanField()),
                ('values', models.JSONField(default=dict)),
                ('why', models.CharField(max_length=300)),
                ('set_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('set_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='ActivityReview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('week', models.DateField(unique=True)),
                ('figures', models.JSONField()),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('sign_by', models.DateField()),
                ('reminded_on', models.DateField(blank=True, null=True)),
                ('signed_at', models.DateTimeField(blank=True, null=True)),
                ('note', models.TextField(blank=True)),
                ('signed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('week__iso_week_day', 1)), name='activity_week_begins_on_monday'), models.CheckConstraint(condition=models.Q(models.Q(('note', ''), ('signed_at', None), ('signed_by', None)), models.Q(('signed_at__isnull', False), ('signed_by__isnull', False), models.Q(('note', ''), _negated=True)), _connector='OR'), name='activity_signature_is_whole')],
            },
        ),
        migrations.AddIndex(
            model_name='alert',
            index=models.Index(fields=['state', '-last_at'], name='alert_work_list'),
        ),
        migrations.AddIndex(
            model_name='alert',
            index=models.Index(fields=['user', 'state'], name='alert_by_user'),
        ),
        migrations.AddIndex(
            model_name='alert',
            index=models.Index(fields=['-last_at'], name='alert_latest'),
        ),
        migrations.AddIndex(
            model_name='alert',
            index=models.Index(fields=['subject_kind', 'subject_id'], name='alert_by_subject'),
        ),
        migrations.AddConstraint(
            model_name='alert',
            constraint=models.CheckConstraint(condition=models.Q(('user__isnull', False), models.Q(('party', ''), _negated=True), _connector='OR'), name='alert_about_somebody'),
        ),
        migrations.AddConstraint(
            model_name='alert',
            constraint=models.CheckConstraint(condition=models.Q(('owner', models.F('user')), _negated=True), name='alert_not_worked_by_whom_it_names'),
        ),
        migrations.AddConstraint(
            model_name='alert',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', False), ('state', 'closed'), models.Q(('finding', ''), _negated=True)), models.Q(models.Q(('state', 'closed'), _negated=True), ('closed_at', None), ('finding', '')), _connector='OR'), name='alert_closed_with_finding'),
        ),
        migrations.AddConstraint(
            model_name='alert',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('subject_id', None), ('subject_kind', '')), models.Q(models.Q(('subject_kind', ''), _negated=True), ('subject_id__isnull', False)), _connector='OR'), name='alert_subject_is_whole'),
        ),
        migrations.AddConstraint(
            model_name='alertevent',
            constraint=models.UniqueConstraint(fields=('alert', 'event_id'), name='alert_event_once'),
        ),
        migrations.AddConstraint(
            model_name='alertnote',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('step__in', ['note', 'closed']), _negated=True), models.Q(('text', ''), _negated=True), _connector='OR'), name='alert_note_has_words'),
        ),
        migrations.AddIndex(
            model_name='alertsetting',
            index=models.Index(fields=['rule', '-id'], name='alert_setting_latest'),
        ),
        migrations.RunSQL(GUARDS, UNDO),
    ]
