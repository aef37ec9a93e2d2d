"""Log lines as JSON. What other software logs is kept to its pattern: its arguments may hold addresses or answers."""

from __future__ import annotations

import json
import logging
import traceback

OWN = "bevlogen_web"


class Line(logging.Formatter):
    """One JSON object per line: time, level, logger, message, id of the request, and where an error arose."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one record; an error shows its kind and its lines of code, never its message."""
        from bevlogen_web.config.middleware import request_id

        line = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage() if record.name.startswith(OWN) else str(record.msg),
        }
        if request_id.get():
            line["request"] = request_id.get()
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            frames = traceback.extract_tb(record.exc_info[2])
            line["at"] = " > ".join(f"{frame.name}:{frame.lineno}" for frame in frames[-8:])
        return json.dumps(line, ensure_ascii=False)
