"""A site for the load and kill studies, prepared and checked in processes of their own.

``python -m benchmarks.feedback_site prepare`` prints the token of a poster; ``… check FILE`` holds the rows in the
database against the forms that were acknowledged, one proof per line, and prints counts.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import django


def prepare() -> dict[str, str]:
    from django.core.management import call_command

    from bevlogen_web.accounts.models import Organisation
    from bevlogen_web.feedback import links, services
    from bevlogen_web.feedback.models import Kind
    from bevlogen_web.instruments import ours
    from bevlogen_web.instruments.models import Version
    from bevlogen_web.organisation.models import Unit

    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    ours.load()
    organisation = Organisation.objects.create(name="Stad", slug="stad", language="nl")
    unit = Unit.objects.create(organisation=organisation, key="tram", name="Tram")
    version = Version.objects.get(instrument__key="customer-encounter", state="published")
    poster = services.open_channel(organisation, unit, version, Kind.POSTER, None, by=None)
    return {"path": f"/f/{links.link_to(poster.key)}/", "channel": poster.key}


def check(path: Path) -> dict[str, int]:
    """Count rows, acknowledged forms without a row, and rows without an acknowledged form."""
    from bevlogen_web.feedback import links
    from bevlogen_web.feedback.models import Channel, Response

    key = Channel.objects.get().key
    acknowledged = [links.read_form(line, key).row() for line in path.read_text(encoding="utf-8").split()]
    rows = list(Response.objects.values_list("pk", flat=True))
    return {
        "acknowledged": len(acknowledged),
        "rows": len(rows),
        "lost": len(set(acknowledged) - set(rows)),
        "unasked": len(set(rows) - set(acknowledged)),
        "acknowledged_twice": len(acknowledged) - len(set(acknowledged)),
    }


def main() -> None:
    """Do what the command line says."""
    django.setup()
    print(json.dumps(prepare() if sys.argv[1] == "prepare" else check(Path(sys.argv[2]))))


if __name__ == "__main__":
    main()
