"""The clock as a process: looks every half minute which scheduled task is due."""

from __future__ import annotations

import os
import time
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections
from django.utils import timezone

from bevlogen_web.config.schedule import tick

SECONDS_BETWEEN_TICKS = 30


class Command(BaseCommand):
    """Hand scheduled tasks to the job worker until stopped, or until the process that started this ends."""

    help = "Hand scheduled tasks to the job worker; one such process is enough, two do no harm."

    def handle(self, *args: Any, **options: Any) -> None:
        """Tick until interrupted."""
        parent = os.getppid()
        try:
            while os.getppid() == parent:
                close_old_connections()
                tick(timezone.now())
                time.sleep(SECONDS_BETWEEN_TICKS)
        except KeyboardInterrupt:
            return
