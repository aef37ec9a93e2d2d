"""The API as a whole: each app brings its part."""

from __future__ import annotations

from bevlogen_web.analyses.api import router as reading
from bevlogen_web.intake.api import make_api
from bevlogen_web.intake.api import router as sending

api = make_api([sending, reading])
