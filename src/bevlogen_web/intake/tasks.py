"""Background work of intake: the watched folders."""

from __future__ import annotations

from django_tasks import task

from bevlogen_web.intake import inbox


@task()
def take_inbox() -> None:
    """Take the files that other systems put in the watched folders."""
    inbox.take_all()
