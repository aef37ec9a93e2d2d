"""Let the database itself refuse to alter an entry of the log.

SQLite drops triggers when Django rebuilds a table: a later migration of this table has to make the trigger again.
"""

from django.db import migrations

SQLITE = """
CREATE TRIGGER audit_entries_stay BEFORE UPDATE ON accounts_auditentry
BEGIN SELECT RAISE(ABORT, 'an entry of the log is never altered'); END
"""
POSTGRESQL = """
CREATE FUNCTION audit_entries_stay() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'an entry of the log is never altered'; END $$;
CREATE TRIGGER audit_entries_stay BEFORE UPDATE ON accounts_auditentry
FOR EACH ROW EXECUTE FUNCTION audit_entries_stay()
"""


def protect(apps, schema_editor):
    schema_editor.execute(SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL)


def unprotect(apps, schema_editor):
    on_table = "" if schema_editor.connection.vendor == "sqlite" else " ON accounts_auditentry"
    schema_editor.execute(f"DROP TRIGGER audit_entries_stay{on_table}")
    if on_table:
        schema_editor.execute("DROP FUNCTION audit_entries_stay")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunPython(protect, unprotect)]
