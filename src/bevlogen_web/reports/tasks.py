"""Background work of reports. No argument is about a person: one job sends what is due."""

from __future__ import annotations

from django.utils import timezone
from django_tasks import task

from bevlogen_web.reports import mailing


@task()
def mail() -> None:
    """Send every mail about figures that is due."""
    today = timezone.localdate()
    for number in mailing.wanted(today):
        mailing.send(number, today)


@task()
def remind() -> None:
    """Send every reminder of an action that is due."""
    today = timezone.localdate()
    for number in mailing.to_remind(today):
        mailing.remind(number, today)
