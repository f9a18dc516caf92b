"""Invoice lines by month of issue, what may never change, and which rows a party sees."""

from django.db import migrations

LINES = """
CREATE SEQUENCE billing_invoiceline_id_seq AS bigint CACHE 1000;
CREATE TABLE billing_invoiceline (
    id bigint NOT NULL DEFAULT nextval('billing_invoiceline_id_seq'),
    invoice_id bigint NOT NULL,
    issue_month date NOT NULL CHECK (extract(day FROM issue_month) = 1),
    account_id bigint NOT NULL,
    contract bigint NOT NULL,
    product_id bigint NOT NULL,
    kind varchar(8) NOT NULL,
    month date NOT NULL,
    price_key varchar(30) NOT NULL,
    members_count smallint NOT NULL,
    cents bigint NOT NULL
) PARTITION BY RANGE (issue_month);
ALTER SEQUENCE billing_invoiceline_id_seq OWNED BY billing_invoiceline.id;

-- Makes the partition of a month of issue if it is not there; true when it was made just now (then the run that
-- asked builds its index after loading, by billing_index_lines).
CREATE FUNCTION billing_ensure_lines(wanted date) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
DECLARE
    starts date := date_trunc('month', wanted)::date;
    name text := 'billing_invoiceline_' || to_char(wanted, 'YYYY_MM');
BEGIN
    IF to_regclass(name) IS NOT NULL THEN
        RETURN false;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('billing_ensure_lines'));
    IF to_regclass(name) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %I PARTITION OF billing_invoiceline FOR VALUES FROM (%L) TO (%L)',
                   name, starts, (starts + interval '1 month')::date);
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %I FROM plan_app, plan_bulk', name);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I
                    FOR EACH STATEMENT EXECUTE FUNCTION plan_refuse_change()', name);
    RETURN true;
END $$;

CREATE FUNCTION billing_index_lines(wanted date) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
DECLARE
    name text := 'billing_invoiceline_' || to_char(wanted, 'YYYY_MM');
BEGIN
    EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON %I (invoice_id)', name || '_invoice', name);
    EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON %I (account_id, contract, product_id, month)',
                   name || '_billed', name);
END $$;
REVOKE EXECUTE ON FUNCTION billing_ensure_lines(date), billing_index_lines(date) FROM PUBLIC;
"""

GUARDS = """
CREATE FUNCTION billing_invoice_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an issued invoice never changes' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER invoice_frozen BEFORE UPDATE ON billing_invoice FOR EACH ROW
    WHEN (OLD.issued_at IS NOT NULL) EXECUTE FUNCTION billing_invoice_frozen();
CREATE TRIGGER invoice_kept BEFORE DELETE OR TRUNCATE ON billing_invoice
    FOR EACH STATEMENT EXECUTE FUNCTION plan_refuse_change();
REVOKE DELETE, TRUNCATE ON billing_invoice FROM plan_app, plan_bulk;

CREATE FUNCTION billing_lines_before_issue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM (SELECT DISTINCT invoice_id FROM fresh) f
               JOIN billing_invoice i ON i.id = f.invoice_id WHERE i.issued_at IS NOT NULL) THEN
        RAISE EXCEPTION 'lines cannot be added to an issued invoice' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER lines_before_issue AFTER INSERT ON billing_invoiceline REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION billing_lines_before_issue();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON billing_invoiceline
    FOR EACH STATEMENT EXECUTE FUNCTION plan_refuse_change();
REVOKE UPDATE, DELETE, TRUNCATE ON billing_invoiceline FROM plan_app, plan_bulk;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON billing_ledgertransfer
    FOR EACH STATEMENT EXECUTE FUNCTION plan_refuse_change();
REVOKE UPDATE, DELETE, TRUNCATE ON billing_ledgertransfer FROM plan_app, plan_bulk;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON billing_paymentevent
    FOR EACH STATEMENT EXECUTE FUNCTION plan_refuse_change();
REVOKE UPDATE, DELETE, TRUNCATE ON billing_paymentevent FROM plan_app, plan_bulk;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON billing_paymentshare
    FOR EACH STATEMENT EXECUTE FUNCTION plan_refuse_change();
REVOKE UPDATE, DELETE, TRUNCATE ON billing_paymentshare FROM plan_app, plan_bulk;
"""

_OF_ACCOUNT = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON {table} USING (
    (SELECT plan_sees_all())
    OR account_id IN (SELECT a.account_id FROM billing_accountaccess a WHERE a.holder = (SELECT plan_holder()))
);
"""
_OF_HOLDER = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON {table} USING ((SELECT plan_sees_all()) OR holder = (SELECT plan_holder()));
"""
POLICIES = "".join(
    _OF_ACCOUNT.format(table=table)
    for table in (
        "billing_invoice", "billing_invoiceline", "billing_ledgertransfer", "billing_billablesegment",
        "billing_paymentshare",
    )  # fmt: skip
) + "".join(_OF_HOLDER.format(table=table) for table in ("billing_payment", "billing_bankaccount"))


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial"), ("portals", "0002_scope_functions")]
    operations = [
        migrations.RunSQL(LINES, migrations.RunSQL.noop),
        migrations.RunSQL(GUARDS, migrations.RunSQL.noop),
        migrations.RunSQL(POLICIES, migrations.RunSQL.noop),
    ]
