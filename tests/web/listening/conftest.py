"""An organisation with people, questions to ask, and a round that is open."""

import pytest
from listening.rounds import DEFINITION, people, prepared

from bevlogen_web.accounts.models import Role
from bevlogen_web.instruments.models import Audience, Instrument, Version
from bevlogen_web.instruments.models import State as VersionState
from bevlogen_web.listening import seal, services
from bevlogen_web.organisation.models import Unit


@pytest.fixture(autouse=True)
def own_data(settings, tmp_path):
    """Keys of rounds lie in a folder of the test."""
    settings.DATA = tmp_path


@pytest.fixture
def version(db):
    instrument = Instrument.objects.create(organisation=None, key="test-pulse", audience=Audience.EMPLOYEE)
    return Version.objects.create(instrument=instrument, number=1, definition=DEFINITION, state=VersionState.PUBLISHED)


@pytest.fixture
def division(cast):
    return Unit.objects.create(organisation=cast.organisation, key="div", name="Divisie")


@pytest.fixture
def teams(cast, division):
    """Team Noord with 8 people, Zuid with 6, and Klein with 2."""
    made = []
    for name, size in (("Noord", 8), ("Zuid", 6), ("Klein", 2)):
        unit = Unit.objects.create(
            organisation=cast.organisation, key=name.lower(), name=f"Team {name}", parent=division
        )
        people(unit, size)
        made.append(unit)
    return made


@pytest.fixture
def opened(cast, version, teams):
    """A census of all three teams that is open; nobody has a code yet."""
    return services.open_round(prepared(cast.organisation, version), cast.user(Role.DIRECTOR))


@pytest.fixture
def letter_size(version):
    return seal.room(version.definition)
