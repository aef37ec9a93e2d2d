"""The clock: hands each scheduled task to the job worker when its time has come, once."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string

from bevlogen_web.config.models import ScheduledRun


def tick(now: datetime) -> list[str]:
    """Enqueue every task of ``settings.SCHEDULE`` that is due and give the names of those.

    The first tick only starts the count. A conditional update claims the turn, so several clocks are safe.
    """
    handed = []
    for name, (path, every) in settings.SCHEDULE.items():
        _, begun = ScheduledRun.objects.get_or_create(name=name, defaults={"last": now})
        if begun:
            continue
        if ScheduledRun.objects.filter(name=name, last__lte=now - every).update(last=now):
            import_string(path).enqueue()
            handed.append(name)
    return handed
