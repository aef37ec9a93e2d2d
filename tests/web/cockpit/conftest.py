"""A small organisation with a real release: simulated, measured and stored once, then given to each test."""

import json

import pytest
from django.utils import timezone
from once import once

import bevlogen as bv
from bevlogen_web.accounts.models import Role
from bevlogen_web.analyses import sheets
from bevlogen_web.analyses.models import Picture, Sheet
from bevlogen_web.organisation.models import ManagedUnit, Unit


@pytest.fixture(scope="session")
def study(tmp_path_factory):
    """The study of the demonstration."""
    folder = tmp_path_factory.mktemp("organisation")
    bv.simulate(folder, preset="demo")
    return bv.open(folder, data=folder)


@pytest.fixture(scope="session")
def document(request, tmp_path_factory) -> dict:
    """The release of the demonstration, as JSON."""
    made = once(tmp_path_factory, "release.json", lambda path: request.getfixturevalue("study").to_json(path))
    return json.loads(made.read_text("utf-8"))


@pytest.fixture
def picture(cast, document) -> Picture:
    """The current picture of ``here``, with its sheets."""
    made = Picture.objects.create(
        organisation=cast.organisation, made=timezone.now(), mark="", current=True, release={}, report_en="",
        report_nl="",
    )  # fmt: skip
    cuts = sheets.cut(document)
    Sheet.objects.bulk_create(
        [Sheet(picture=made, kind=c.kind, key=c.key, body=json.dumps(c.body)) for c in cuts], batch_size=500
    )
    return made


@pytest.fixture
def managed(cast, picture, document) -> str:
    """Key of a team of which figures are shown; the manager manages it, and one more that is not there."""
    above = {unit["parent"] for unit in document["units"]}
    key = next(unit["key"] for unit in document["units"] if unit["key"] not in above and unit["position"])
    unit = Unit.objects.create(organisation=cast.organisation, key=key, name=key)
    ManagedUnit.objects.create(membership=cast.members[Role.MANAGER], unit=unit)
    return key
