"""``restore <file>``: see config/backup.py."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from bevlogen_web.config import backup


class Command(BaseCommand):
    """Bring a backup back, while the application is stopped."""

    help = "Bring a backup back. Stop the application first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which one, and whether data that are here may go."""
        parser.add_argument("source", type=Path)
        parser.add_argument("--keys", type=Path, help="File with the keys of the ledgers of releases.")
        parser.add_argument(
            "--new-keys", action="store_true", help="These keys are lost: draw others. See docs/deploy.md."
        )
        parser.add_argument("--replace", action="store_true", help="Lose the data that are here now.")

    def handle(
        self, *args: Any, source: Path, replace: bool, keys: Path | None, new_keys: bool, **options: Any
    ) -> None:
        """Bring it back, erase again what was erased since, check the logs, and say what to know."""
        try:
            done = backup.restore(source, replace=replace, keys=keys, new_keys=new_keys)
        except backup.UnfitBackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Restored {sum(done.rows.values())} rows of {done.made:%Y-%m-%d %H:%M}.")
        self.stdout.write(f"Erased again: {done.erased_again} rows.")
        if done.rounds_without_key:
            self.stdout.write(
                f"{done.rounds_without_key} open round(s) hold sealed answers whose key is gone: nobody can open them. "
                "Hold these rounds again."
            )
        if done.ledgers_without_key:
            self.stdout.write(
                f"{done.ledgers_without_key} ledger(s) of releases lack their key: no picture is made there. "
                "Restore once more with --replace --keys FILE. If the keys are lost, with --replace --new-keys."
            )
        call_command("check_audit", stdout=self.stdout)
