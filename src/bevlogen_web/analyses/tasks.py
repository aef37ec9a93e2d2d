"""Background work of analyses: making the study again."""

from __future__ import annotations

from django_tasks import task

from bevlogen_web.accounts.models import Organisation
from bevlogen_web.analyses import study


@task()
def refresh(number: int) -> None:
    """Run what waits for an organisation."""
    organisation = Organisation.objects.filter(pk=number).first()
    if organisation is not None:
        study.run_waiting(organisation)
