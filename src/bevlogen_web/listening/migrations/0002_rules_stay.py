"""Let the database itself refuse to change what respondents were promised, and what they answered.

SQLite drops triggers when Django rebuilds a table: a later migration of these tables has to make the triggers again.
"""

from django.db import migrations

PROMISED = ("organisation_id", "version_id", "kind", "unit_id", "period", "share", "opens", "rules")
CHANGED = " OR ".join(f"NEW.{name} {{differs}} OLD.{name}" for name in PROMISED)
GUARDS = (
    (
        "listening_round",
        f"OLD.state <> 'draft' AND (NEW.state = 'draft' OR (OLD.state = 'closed' AND NEW.state <> 'closed') OR {CHANGED})",
        "the rules of an open round are never changed",
    ),
    ("listening_answer", "1 = 1", "an answer is never changed"),
    ("listening_comment", "1 = 1", "a comment is never changed"),
)


def protect(apps, schema_editor):
    sqlite = schema_editor.connection.vendor == "sqlite"
    for table, condition, reason in GUARDS:
        when = condition.format(differs="IS NOT" if sqlite else "IS DISTINCT FROM")
        if sqlite:
            schema_editor.execute(
                f"CREATE TRIGGER {table}_stays BEFORE UPDATE ON {table} WHEN {when} "
                f"BEGIN SELECT RAISE(ABORT, '{reason}'); END"
            )
            continue
        schema_editor.execute(
            f"CREATE FUNCTION {table}_stays() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{reason}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
        schema_editor.execute(
            f"CREATE TRIGGER {table}_stays BEFORE UPDATE ON {table} "
            f"FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION {table}_stays()"
        )


def unprotect(apps, schema_editor):
    for table, _condition, _reason in GUARDS:
        on_table = "" if schema_editor.connection.vendor == "sqlite" else f" ON {table}"
        schema_editor.execute(f"DROP TRIGGER {table}_stays{on_table}")
        if on_table:
            schema_editor.execute(f"DROP FUNCTION {table}_stays")


class Migration(migrations.Migration):
    dependencies = [("listening", "0001_initial")]
    operations = [migrations.RunPython(protect, unprotect)]
