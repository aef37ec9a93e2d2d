"""Making the study again, in the background: one at a time per organisation, and the last good picture stays."""

from __future__ import annotations

import fcntl
import json
import logging
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from itertools import chain
from pathlib import Path

from django.db import transaction
from django.utils import timezone

import bevlogen as bv
from bevlogen_web.accounts.models import Organisation
from bevlogen_web.analyses import queries, sheets, whatif, workspace
from bevlogen_web.analyses import written as written_words
from bevlogen_web.analyses.models import CUT_OFF, UNFORESEEN, Picture, Progress, Refresh, Sheet, State
from bevlogen_web.intake.services import folder_of

LEDGER = "releases.jsonl"
PICTURES_KEPT = 12
SHEETS_AT_ONCE = 500
REFRESHES_KEPT = timedelta(days=90)
_log = logging.getLogger("bevlogen_web.analyses")


def run_waiting(organisation: Organisation) -> None:
    """Run the refreshes that wait, one after the other; return at once if another process does so already.

    The lock is held by the process, not by a row: when the process is killed the system lets go of it, and what it left
    half done is seen for what it is.
    """
    while is_open(organisation):
        with _lock(organisation) as held:
            if not held:
                return
            Refresh.objects.filter(organisation=organisation, state=State.RUNNING).update(
                state=State.FAILED, finished=timezone.now(), fault=CUT_OFF
            )
            refresh = Refresh.objects.filter(organisation=organisation, state=State.WAITING).first()
            if refresh is not None:
                _run(refresh)


def is_open(organisation: Organisation) -> bool:
    """Whether a refresh waits, runs, or was left running by a process that is gone."""
    return Refresh.objects.filter(organisation=organisation, state__in=(State.WAITING, State.RUNNING)).exists()


@contextmanager
def _lock(organisation: Organisation) -> Iterator[bool]:
    with (folder_of(organisation) / "refresh.lock").open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


@contextmanager
def opened(organisation: Organisation) -> Iterator[bv.Study]:
    """Open the study of the data as they are now, for a question that the picture does not answer.

    Waits while a picture is being made: both write in the ledger of releases.

    Raises
    ------
    BevlogenError
        Where there is nothing to study yet, or the data hold a fault.
    """
    with (
        (folder_of(organisation) / "refresh.lock").open("w") as stream,
        tempfile.TemporaryDirectory(prefix="bevlogen-") as name,
    ):
        fcntl.flock(stream, fcntl.LOCK_EX)
        folder = Path(name)
        if not workspace.write(organisation, folder, timezone.localdate()).is_study:
            raise bv.BevlogenError("There are no figures to study yet. Close a round first, or bring figures in.")
        yield bv.open(folder, data=folder, ledger=folder_of(organisation) / LEDGER)


def _run(refresh: Refresh) -> None:
    organisation = refresh.organisation
    refresh.state, refresh.started = State.RUNNING, timezone.now()
    refresh.mark = queries.mark(organisation, timezone.localdate())
    refresh.save(update_fields=["state", "started", "mark"])
    fault = UNFORESEEN
    state = State.FAILED
    try:
        state = _study(refresh)
        fault = ""
    except bv.BevlogenError as error:
        fault = str(error)
        _log.warning("refresh %d failed: %s", refresh.pk, type(error).__name__)
    finally:  # also when something unforeseen goes through: the refresh never seems to run on
        refresh.state, refresh.fault, refresh.finished, refresh.progress = state, fault, timezone.now(), ""
        refresh.save(update_fields=["state", "fault", "finished", "progress"])


def _study(refresh: Refresh) -> State:
    organisation = refresh.organisation
    with tempfile.TemporaryDirectory(prefix="bevlogen-") as name:
        folder = Path(name)
        _at(refresh, Progress.COLLECTING)
        written = workspace.write(organisation, folder, timezone.localdate())
        if not written.is_study:
            return State.NOTHING
        _at(refresh, Progress.READING)
        study = bv.open(folder, data=folder, ledger=folder_of(organisation) / LEDGER)
        for step, work in (
            (Progress.MEASURING, study.measure),
            (Progress.LINKING, partial(study.release, upto="link")),
            (Progress.STEERING, study.release),
        ):
            _at(refresh, step)
            work()
        _at(refresh, Progress.WRITING)
        heard = written_words.heard(study, organisation)
        release = study.to_json(folder / "release.json", release=heard).read_text(encoding="utf-8")
        english = study.report(folder / "en.html", language="en").read_text(encoding="utf-8")
        dutch = study.report(folder / "nl.html", language="nl").read_text(encoding="utf-8")
        more = (*whatif.moves(study), whatif.learned(study), *written_words.voices(heard))
    notes = {"mixed": list(written.mixed), "replaced": list(written.replaced), "own_rows": written.own_rows}
    _keep(Picture(
        organisation=organisation, made=timezone.now(), mark=refresh.mark, current=True,
        release=json.loads(release), report_en=english, report_nl=dutch, notes=notes,
    ), more)  # fmt: skip
    return State.DONE


def _at(refresh: Refresh, step: Progress) -> None:
    refresh.progress = step
    refresh.save(update_fields=["progress"])


@transaction.atomic
def _keep(picture: Picture, more: Iterable[sheets.Cut]) -> None:
    """Let a picture be the current one, and forget those that are too old."""
    kept = Picture.objects.filter(organisation=picture.organisation)
    kept.filter(current=True).update(current=False)
    picture.save()
    cuts = chain(sheets.cut(picture.release), more)
    made = (Sheet(picture=picture, kind=c.kind, key=c.key, body=json.dumps(c.body, ensure_ascii=False)) for c in cuts)
    Sheet.objects.bulk_create(made, batch_size=SHEETS_AT_ONCE)
    Sheet.objects.filter(picture__in=kept.filter(current=False)).delete()
    old = list(kept.order_by("-pk").values_list("pk", flat=True)[PICTURES_KEPT:])
    Picture.objects.filter(pk__in=old).delete()
    past = Refresh.objects.filter(organisation=picture.organisation, finished__lt=timezone.now() - REFRESHES_KEPT)
    past.delete()
