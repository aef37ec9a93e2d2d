from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("actions", "0002_asked"),
    ]

    operations = [
        migrations.AddField(
            model_name="action",
            name="until",
            field=models.DateField(blank=True, null=True, verbose_name="last day"),
        ),
        migrations.AddConstraint(
            model_name="action",
            constraint=models.CheckConstraint(
                condition=models.Q(("until__isnull", True), ("until__gte", models.F("start")), _connector="OR"),
                name="action_ends_after_its_start",
            ),
        ),
    ]
