"""Background work of analyses: making the study again."""

from __future__ import annotations

from django_tasks import task

from bevlogen_web.accounts.models import Organisation
from bevlogen_web.analyses import study
from bevlogen_web.analyses.explore import work_out
from bevlogen_web.analyses.models import Exploration


@task()
def refresh(number: int) -> None:
    """Run what waits for an organisation."""
    organisation = Organisation.objects.filter(pk=number).first()
    if organisation is not None:
        study.run_waiting(organisation)


@task()
def explore(number: int) -> None:
    """Work a question of the explorer out."""
    exploration = Exploration.objects.select_related("picture__organisation").filter(pk=number).first()
    if exploration is not None:
        work_out(exploration)
