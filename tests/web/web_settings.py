"""Settings of the tests: those of a local installation, with a fast password hash and a throw-away data folder."""

import atexit
import os
import shutil
import tempfile

# Also where the process that started this one has a folder: what one worker clears away is not another's.
os.environ["BEVLOGEN_HOME"] = tempfile.mkdtemp(prefix="bevlogen-test-")
atexit.register(shutil.rmtree, os.environ["BEVLOGEN_HOME"], ignore_errors=True)
os.environ["BEVLOGEN_DATABASE_URL"] = os.environ.get("BEVLOGEN_TEST_DATABASE_URL", "")

from bevlogen_web.config.settings import *  # noqa: E402, F403 - the folder has to be named first

SECRET_KEY = "only-for-tests-only-for-tests-only-for-tests"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend", "QUEUES": []}}
