"""What all tests share: drawn tests that no busy machine fails, and one browser, for Playwright cannot start twice."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

HERE = Path(__file__).parent
# Files of a minute or so that need no database: begun last, one core would wait for the other.
LONGEST = (
    "web/config/test_backup.py",
    "web/config/test_serve.py",
    "web/journey/test_journey.py",
    "sources/test_engines.py",
    "test_cli.py",
    "measure/test_moment_store.py",
)

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Begin with the longest files; pytest-django puts what needs no database last."""
    place = {HERE / name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path, len(place)))


@pytest.fixture(autouse=True, scope="session")
def key_of_ledgers():
    """Ledgers that tests begin have one key: the same data then show the same figures in every folder and run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bevlogen.disclose.ledger.new_key", lambda: b"a key that is only used in tests")
        yield


@pytest.fixture(scope="session")
def chromium():
    """Debian's browser, started once."""
    if not CHROMIUM.exists():
        pytest.skip("needs Debian's chromium")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed here")
    # Playwright's loop runs in this thread; Django would refuse to touch the database beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with playwright.sync_playwright() as driver:
        yield driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
