"""One round from first code to closing in a database of its own on disk; prints what must be found nowhere afterwards.

Started by ``test_on_disk.py`` in a process of its own, so that journal, pages and folder of keys are those of a real
installation.
"""

import json
import shutil
import sys
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from bevlogen_web.accounts.models import Organisation
from bevlogen_web.instruments.models import Audience, Instrument, Version
from bevlogen_web.listening import answering, closing, sending, services
from bevlogen_web.listening.models import Draft, Gate, Invitation, Letter, Round
from bevlogen_web.organisation.models import Employee, Unit
from bevlogen_web.organisation.queries import today


def hold_round(words: str) -> Round:
    """Let six of eight people answer with these words, and one begin."""
    here = Organisation.objects.create(name="Hier", slug="here")
    unit = Unit.objects.create(organisation=here, key="u", name="U")
    for number in range(8):
        Employee.objects.create(organisation=here, unit=unit, key=str(number), language="nl")
    question = {"key": "more", "kind": "open", "text": {"nl": "?", "en": "?"}}
    definition = {"title": {"nl": "P", "en": "P"}, "pages": [{"questions": [question]}]}
    instrument = Instrument.objects.create(key="own", organisation=here, audience=Audience.EMPLOYEE)
    version = Version.objects.create(instrument=instrument, number=1, definition=definition, state="published")
    held = Round(organisation=here, name="R", kind="census", version=version, period="2026", closes=today())
    held.closes, held.rules = today() + timedelta(days=3), services.rules(5, 10)
    held.save()
    held = services.open_round(held, None)
    codes = [sending.new_code(invitation) for invitation in Invitation.objects.all()]
    for number, code in enumerate(codes[:7]):
        answering.save(code, held, {"more": f"{words} {number}"})
    for code in codes[:6]:
        answering.hand_in(code, held)
    return held


def main(copy: Path, words: str) -> None:
    """Hold the round, copy the folder while it is open, close it, and print all traces as JSON."""
    call_command("migrate", verbosity=0)
    held = hold_round(words)
    closing.stir(held)
    shutil.copytree(settings.DATA, copy)
    sealed = [bytes(row).hex() for model in (Letter, Draft) for row in model.objects.values_list("sealed", flat=True)]
    gates = [gate.encode().hex() for gate in Gate.objects.values_list("hash", flat=True)]
    key = (Path(settings.DATA) / "keys" / "rounds" / held.key_name).read_bytes().hex()
    closing.close(held, None)
    sys.stdout.write(json.dumps({"sealed": sealed, "gates": gates, "key": key}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
