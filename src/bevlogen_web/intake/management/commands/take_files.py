"""Take the files in the watched folders now, for who does not want to wait for the clock."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from bevlogen_web.intake import inbox


class Command(BaseCommand):
    """Take what has come in."""

    help = "Take the files in the watched folders (inbox/ in the data folder)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whether to take files that were written just now as well."""
        parser.add_argument("--all", action="store_true", help="Also files that changed less than half a minute ago.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Take them and say how many."""
        ahead = inbox.QUIET_SECONDS if options["all"] else 0.0
        done, failed = inbox.take_all(time.time() + ahead)
        self.stdout.write(f"{done} stored, {failed} with faults.")
