"""Log lines: JSON for who runs it for others, a plain sentence in the terminal of one's own computer.

What other software logs is kept to its pattern: its arguments may hold addresses or answers.
"""

from __future__ import annotations

import json
import logging
import traceback

OWN = "bevlogen_web"


class Line(logging.Formatter):
    """One JSON object per line: time, level, logger, message, id of the request, and where an error arose."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one record."""
        return json.dumps(_parts(record), ensure_ascii=False)


class Sentence(logging.Formatter):
    """One line to read: the time, what is the matter, and where an error arose."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one record."""
        parts = _parts(record)
        place = f" ({parts['error']} in {parts['at']})" if "error" in parts else ""
        return f"{self.formatTime(record, '%H:%M')} {parts['level']}: {parts['message']}{place}"


def _parts(record: logging.LogRecord) -> dict[str, str]:
    """Say of a record what may be kept; of an error its kind and its lines of code, never its message."""
    from bevlogen_web.config.middleware import request_id

    parts = {
        "time": logging.Formatter().formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "message": record.getMessage() if record.name.startswith(OWN) else str(record.msg),
    }
    if request_id.get():
        parts["request"] = request_id.get()
    if record.exc_info and record.exc_info[0] is not None:
        parts["error"] = record.exc_info[0].__name__
        frames = traceback.extract_tb(record.exc_info[2])
        parts["at"] = " > ".join(f"{frame.name}:{frame.lineno}" for frame in frames[-8:])
    return parts
