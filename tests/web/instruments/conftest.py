"""A questionnaire of the cast's organisation, as draft and published."""

import pytest
from own_questions import DEFINITION

from bevlogen_web.accounts.models import Role
from bevlogen_web.instruments import services
from bevlogen_web.instruments.models import Audience


@pytest.fixture
def draft(cast):
    return services.create(cast.organisation, Audience.EMPLOYEE, DEFINITION, by=cast.user(Role.ANALYST))


@pytest.fixture
def published(cast, draft):
    services.publish(draft, by=cast.user(Role.ANALYST))
    return draft
