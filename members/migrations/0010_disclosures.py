"""Disclosures, their ends and suspensions, and the accountings given of them: written once, and kept."""

import datetime
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
import uuid
from django.conf import settings
from django.db import migrations, models

# A new foreign key to people is checked by whoever owns the tables, under the policies, which ask this function; with
# its owner it had lost the right to.
ASK = """
SET LOCAL ROLE plan_bulk;
GRANT EXECUTE ON FUNCTION members_own_contracts() TO plan_owner;
RESET ROLE;
"""
GUARDS = """
CREATE FUNCTION members_disclosure_end_fits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM members_disclosure first JOIN members_disclosure second ON second.id = NEW.replacement_id
               WHERE first.id = NEW.disclosure_id AND first.person_id <> second.person_id) THEN
        RAISE EXCEPTION 'a disclosure is replaced by one of the same person' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER end_fits BEFORE INSERT ON members_disclosureend FOR EACH ROW
    EXECUTE FUNCTION members_disclosure_end_fits();

-- 45 CFR 164.528(a)(2): a health oversight agency or a law enforcement official.
CREATE FUNCTION members_suspension_fits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM members_disclosure d
                   WHERE d.id = NEW.disclosure_id AND d.purpose IN ('oversight', 'law_enforcement')) THEN
        RAISE EXCEPTION 'the accounting of such a disclosure is never suspended' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER suspension_fits BEFORE INSERT ON members_suspension FOR EACH ROW
    EXECUTE FUNCTION members_suspension_fits();

CREATE FUNCTION members_accounting_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.uuid, NEW.person_id, NEW.asker_id, NEW.asked_by, NEW.requested_on, NEW.first_on, NEW.last_on, NEW.language,
        NEW.once, NEW.recorded_by_id, NEW.recorded_at, NEW.due_date)
       IS DISTINCT FROM
       (OLD.uuid, OLD.person_id, OLD.asker_id, OLD.asked_by, OLD.requested_on, OLD.first_on, OLD.last_on, OLD.language,
        OLD.once, OLD.recorded_by_id, OLD.recorded_at, OLD.due_date) THEN
        RAISE EXCEPTION 'what was asked for does not change' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF OLD.extended_to IS NOT NULL AND (NEW.extended_to, NEW.extension_reason, NEW.extended_on)
       IS DISTINCT FROM (OLD.extended_to, OLD.extension_reason, OLD.extended_on) THEN
        RAISE EXCEPTION 'an accounting is extended once' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF OLD.status <> 'open' AND (
        (NEW.status, NEW.content, NEW.withheld, NEW.closed_on, NEW.closed_at, NEW.closed_by_id, NEW.delivery,
         NEW.fee_cents, NEW.fee_told_on, NEW.fee_basis, NEW.extended_to)
        IS DISTINCT FROM
        (OLD.status, OLD.content, OLD.withheld, OLD.closed_on, OLD.closed_at, OLD.closed_by_id, OLD.delivery,
         OLD.fee_cents, OLD.fee_told_on, OLD.fee_basis, OLD.extended_to)
        OR (OLD.stored_id IS NOT NULL AND NEW.stored_id IS DISTINCT FROM OLD.stored_id)
        OR (OLD.lettered_on IS NOT NULL AND NEW.lettered_on IS DISTINCT FROM OLD.lettered_on)) THEN
        RAISE EXCEPTION 'an accounting that was given does not change' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accounting_kept BEFORE UPDATE ON members_accounting FOR EACH ROW
    EXECUTE FUNCTION members_accounting_kept();
CREATE TRIGGER accounting_stays BEFORE DELETE OR TRUNCATE ON members_accounting
    FOR EACH STATEMENT EXECUTE FUNCTION plan_refuse_change();
REVOKE DELETE, TRUNCATE ON members_accounting FROM plan_app, plan_bulk;
ALTER TABLE members_accounting ENABLE ROW LEVEL SECURITY;
ALTER TABLE members_accounting FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON members_accounting USING (
    (SELECT plan_sees_all()) OR person_id = (SELECT plan_party('person')) OR asker_id = (SELECT plan_party('person'))
);
""" + "".join(
    f"""
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION plan_refuse_change();
REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM plan_app, plan_bulk;
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON {table} USING ((SELECT plan_sees_all()));
"""
    for table in ("members_disclosure", "members_disclosureend", "members_suspension")
)


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0009_history'),
        ('portals', '0017_history'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(ASK, migrations.RunSQL.noop),
        migrations.CreateModel(
            name='Disclosure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('first_on', models.DateField()),
                ('last_on', models.DateField()),
                ('times', models.IntegerField(blank=True, null=True)),
                ('frequency', models.CharField(blank=True, max_length=60)),
                ('recipient', models.CharField(max_length=200)),
                ('recipient_address', models.CharField(blank=True, max_length=300)),
                ('description', models.CharField(max_length=1000)),
                ('purpose', models.CharField(choices=[('required_by_law', 'Required by law (164.512(a))'), ('public_health', 'Public health activities (164.512(b))'), ('abuse', 'Abuse, neglect or domestic violence (164.512(c))'), ('oversight', 'Health oversight (164.512(d))'), ('judicial', 'Court or administrative proceeding: subpoena or order (164.512(e))'), ('law_enforcement', 'Law enforcement (164.512(f))'), ('decedents', 'Coroner, medical examiner or funeral director (164.512(g))'), ('organs', 'Organ, eye or tissue donation (164.512(h))'), ('research', 'Research (164.512(i))'), ('threat', 'Serious threat to health or safety (164.512(j))'), ('government', 'Specialized government functions (164.512(k))'), ('workers', "Workers' compensation (164.512(l))"), ('secretary', 'Investigation by the Secretary of Health and Human Services (164.502(a)(2)(ii))'), ('breach', 'Not permitted: a breach or another mistake (164.402)'), ('other', 'Another reason that must be accounted for')], max_length=20)),
                ('statement', models.CharField(max_length=1000)),
                ('case_number', models.CharField(blank=True, max_length=60)),
                ('entry', models.UUIDField()),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='disclosures', to='members.person')),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('request_file', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portals.storedfile')),
            ],
        ),
        migrations.CreateModel(
            name='DisclosureEnd',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=500)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('disclosure', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='end', to='members.disclosure')),
                ('replacement', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaces', to='members.disclosure')),
            ],
        ),
        migrations.CreateModel(
            name='Suspension',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('form', models.CharField(choices=[('written', 'Written statement'), ('oral', 'Oral statement, for 30 days at most'), ('withdrawn', 'Withdrawn: the person may be told again')], max_length=10)),
                ('official', models.CharField(max_length=200)),
                ('statement', models.CharField(max_length=1000)),
                ('stated_on', models.DateField()),
                ('until', models.DateField(blank=True, null=True)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('disclosure', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='suspensions', to='members.disclosure')),
                ('document', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portals.storedfile')),
            ],
        ),
        migrations.CreateModel(
            name='Accounting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('asked_by', models.CharField(choices=[('portal', 'Member website'), ('letter', 'Letter'), ('telephone', 'Telephone')], max_length=10)),
                ('requested_on', models.DateField()),
                ('first_on', models.DateField()),
                ('last_on', models.DateField()),
                ('language', models.CharField(max_length=5)),
                ('once', models.UUIDField(unique=True)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('due_date', models.DateField()),
                ('extended_to', models.DateField(blank=True, null=True)),
                ('extension_reason', models.CharField(blank=True, max_length=500)),
                ('extended_on', models.DateField(blank=True, null=True)),
                ('fee_cents', models.BigIntegerField(default=0)),
                ('fee_told_on', models.DateField(blank=True, null=True)),
                ('fee_basis', models.CharField(blank=True, max_length=300)),
                ('status', models.CharField(choices=[('open', 'To be answered'), ('delivered', 'Delivered'), ('withdrawn', 'Withdrawn')], default='open', max_length=10)),
                ('content', models.JSONField(blank=True, null=True)),
                ('withheld', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ('closed_on', models.DateField(blank=True, null=True)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('delivery', models.CharField(blank=True, choices=[('page', 'On the member website'), ('letter', 'By letter to the address on file'), ('by_hand', 'Handed over')], max_length=10)),
                ('lettered_on', models.DateField(blank=True, null=True)),
                ('asker', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members.person')),
                ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='accountings', to='members.person')),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('stored', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portals.storedfile')),
            ],
            options={
                'indexes': [models.Index(fields=['person', '-requested_on'], name='accounting_by_person'), models.Index(condition=models.Q(('asker__isnull', False)), fields=['asker'], name='accounting_by_asker'), models.Index(condition=models.Q(('status', 'open')), fields=['due_date'], name='accounting_to_answer')],
                'constraints': [models.CheckConstraint(condition=models.Q(('first_on__lte', models.F('last_on')), ('last_on__lte', models.F('requested_on'))), name='accounting_period'), models.CheckConstraint(condition=models.Q(models.Q(('extended_on', None), ('extended_to', None), ('extension_reason', '')), models.Q(('extended_on__isnull', False), ('extended_to__isnull', False), ('extended_on__lte', models.F('due_date')), ('extended_to__gt', models.F('due_date')), ('extended_to__lte', django.db.models.expressions.CombinedExpression(models.F('due_date'), '+', models.Value(datetime.timedelta(days=30)))), models.Q(('extension_reason', ''), _negated=True)), _connector='OR'), name='accounting_extended_once_in_time'), models.CheckConstraint(condition=models.Q(('due_date__lte', django.db.models.expressions.CombinedExpression(models.F('requested_on'), '+', models.Value(datetime.timedelta(days=60))))), name='accounting_due'), models.CheckConstraint(condition=models.Q(('fee_cents', 0), models.Q(('fee_cents__gt', 0), ('fee_told_on__isnull', False), models.Q(('fee_basis', ''), _negated=True)), _connector='OR'), name='accounting_fee_was_told'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('closed_by', None), ('closed_on', None), ('content', None), ('delivery', ''), ('status', 'open')), models.Q(('closed_at__isnull', False), ('closed_by__isnull', False), ('closed_on__isnull', False), ('status', 'delivered'), ('content__isnull', False), models.Q(('delivery', ''), _negated=True)), models.Q(('closed_at__isnull', False), ('closed_by__isnull', False), ('closed_on__isnull', False), ('content', None), ('delivery', ''), ('status', 'withdrawn')), _connector='OR'), name='accounting_closed_when_over')],
            },
        ),
        migrations.AddIndex(
            model_name='disclosure',
            index=models.Index(fields=['person', '-last_on'], name='disclosure_by_person'),
        ),
        migrations.AddIndex(
            model_name='disclosure',
            index=models.Index(fields=['-first_on', '-id'], name='disclosure_latest'),
        ),
        migrations.AddConstraint(
            model_name='disclosure',
            constraint=models.UniqueConstraint(fields=('entry', 'person'), name='disclosure_once'),
        ),
        migrations.AddConstraint(
            model_name='disclosure',
            constraint=models.CheckConstraint(condition=models.Q(('last_on__gte', models.F('first_on'))), name='disclosure_days_in_order'),
        ),
        migrations.AddConstraint(
            model_name='disclosure',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('frequency', ''), ('last_on', models.F('first_on')), ('times', 1), ('times__isnull', False)), models.Q(('times__gt', 1), ('times__isnull', False)), models.Q(('times', None), models.Q(('frequency', ''), _negated=True)), _connector='OR'), name='disclosure_once_or_how_often'),
        ),
        migrations.AddConstraint(
            model_name='disclosure',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('recipient', ''), _negated=True), models.Q(('description', ''), _negated=True), models.Q(('statement', ''), _negated=True)), name='disclosure_is_whole'),
        ),
        migrations.AddConstraint(
            model_name='disclosure',
            constraint=models.CheckConstraint(condition=models.Q(('purpose__in', ['required_by_law', 'public_health', 'abuse', 'oversight', 'judicial', 'law_enforcement', 'decedents', 'organs', 'research', 'threat', 'government', 'workers', 'secretary', 'breach', 'other'])), name='disclosure_has_a_purpose'),
        ),
        migrations.AddConstraint(
            model_name='disclosureend',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='disclosure_end_has_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='disclosureend',
            constraint=models.CheckConstraint(condition=models.Q(('replacement', models.F('disclosure')), _negated=True), name='disclosure_replaced_by_another'),
        ),
        migrations.AddIndex(
            model_name='suspension',
            index=models.Index(fields=['disclosure', '-id'], name='suspension_latest'),
        ),
        migrations.AddConstraint(
            model_name='suspension',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('official', ''), _negated=True), models.Q(('statement', ''), _negated=True)), name='suspension_is_documented'),
        ),
        migrations.AddConstraint(
            model_name='suspension',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('form', 'withdrawn'), ('until', None)), models.Q(('form', 'written'), ('until__gte', models.F('stated_on')), ('until__isnull', False)), models.Q(('form', 'oral'), ('until__gte', models.F('stated_on')), ('until__isnull', False), ('until__lte', django.db.models.expressions.CombinedExpression(models.F('stated_on'), '+', models.Value(datetime.timedelta(days=30))))), _connector='OR'), name='suspension_has_its_time'),
        ),
        migrations.AddConstraint(
            model_name='suspension',
            constraint=models.UniqueConstraint(condition=models.Q(('form', 'oral')), fields=('disclosure',), name='one_oral_suspension'),
        ),
        migrations.RunSQL(GUARDS, migrations.RunSQL.noop),
    ]
