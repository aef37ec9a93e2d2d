"""The fixed words of the log, said in the language of the reader; what is sealed stays as it was written."""

from __future__ import annotations

import re

from django.utils.translation import pgettext_lazy

_WORDS = {
    "a file": pgettext_lazy("log", "a file"),
    "action": pgettext_lazy("log", "action"),
    "administrator": pgettext_lazy("log", "administrator"),
    "analyst": pgettext_lazy("log", "analyst"),
    "below": pgettext_lazy("log", "below"),
    "by": pgettext_lazy("log", "by"),
    "census": pgettext_lazy("log", "everyone"),
    "channel": pgettext_lazy("log", "way to ask"),
    "choice": pgettext_lazy("log", "choice"),
    "contacts": pgettext_lazy("log", "contacts"),
    "delivery": pgettext_lazy("log", "delivery"),
    "director": pgettext_lazy("log", "director"),
    "employee": pgettext_lazy("log", "employee"),
    "employees": pgettext_lazy("log", "employees"),
    "exit": pgettext_lazy("log", "who leaves"),
    "files": pgettext_lazy("log", "files"),
    "from": pgettext_lazy("log", "from"),
    "instrument": pgettext_lazy("log", "questionnaire"),
    "interactions": pgettext_lazy("log", "contacts"),
    "into": pgettext_lazy("log", "into"),
    "invitation": pgettext_lazy("log", "invitation"),
    "invited": pgettext_lazy("log", "invited"),
    "k": pgettext_lazy("log", "smallest group for scores:"),
    "k_comments": pgettext_lazy("log", "smallest group for comments:"),
    "kiosk": pgettext_lazy("log", "screen at the desk"),
    "letters could not be opened": pgettext_lazy("log", "letters could not be opened"),
    "link": pgettext_lazy("log", "link"),
    "mail": pgettext_lazy("log", "mail"),
    "mailing": pgettext_lazy("log", "mailing"),
    "manager": pgettext_lazy("log", "manager"),
    "may": pgettext_lazy("log", "may"),
    "membership": pgettext_lazy("log", "colleague"),
    "months": pgettext_lazy("log", "months"),
    "of": pgettext_lazy("log", "of"),
    "onboarding": pgettext_lazy("log", "new colleagues"),
    "organisation": pgettext_lazy("log", "organisation"),
    "percent_step": pgettext_lazy("log", "steps of the response, in percent:"),
    "periods": pgettext_lazy("log", "periods"),
    "plan": pgettext_lazy("log", "plan"),
    "poster": pgettext_lazy("log", "poster"),
    "privacy_officer": pgettext_lazy("log", "privacy officer"),
    "pulse": pgettext_lazy("log", "pulse"),
    "records": pgettext_lazy("log", "records"),
    "refresh": pgettext_lazy("log", "picture"),
    "results": pgettext_lazy("log", "figures"),
    "role": pgettext_lazy("log", "role"),
    "round": pgettext_lazy("log", "round"),
    "rows": pgettext_lazy("log", "rows"),
    "sample": pgettext_lazy("log", "sample"),
    "service": pgettext_lazy("log", "service"),
    "staff": pgettext_lazy("log", "link for colleagues"),
    "takes over": pgettext_lazy("log", "takes over"),
    "to": pgettext_lazy("log", "to"),
    "token": pgettext_lazy("log", "key"),
    "the top": pgettext_lazy("log", "the top"),
    "unit": pgettext_lazy("log", "unit"),
    "units": pgettext_lazy("log", "units"),
    "until": pgettext_lazy("log", "until"),
    "version": pgettext_lazy("log", "version"),
    "website": pgettext_lazy("log", "website"),
    "works_council": pgettext_lazy("log", "works council"),
}
_KNOWN = re.compile(rf"(?<![\w-])({'|'.join(sorted(map(re.escape, _WORDS), key=len, reverse=True))})(?![\w-])")


def in_words(what: str) -> str:
    """Say on what something was done: ``unit 4 below 3`` becomes ``onderdeel 4 onder 3``; other words stay."""
    return _KNOWN.sub(lambda found: str(_WORDS[found[0]]), what)
