"""The organisation of the cockpit's tests: its release is what reports are made of."""

from cockpit.conftest import document, managed, picture, study  # noqa: F401 - fixtures
