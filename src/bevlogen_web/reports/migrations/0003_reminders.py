from django.db import migrations, models

import bevlogen_web.reports.models


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0002_publicpage"),
    ]

    operations = [
        migrations.AddField(
            model_name="mailchoice",
            name="reminders",
            field=models.BooleanField(default=True, verbose_name="Remind me of the actions I look after"),
        ),
        migrations.AddField(
            model_name="mailchoice",
            name="reminded",
            field=models.JSONField(default=bevlogen_web.reports.models._nothing),
        ),
    ]
