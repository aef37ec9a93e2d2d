"""The sources room: from a folder of files to a checked workspace."""

from bevlogen.sources.template import write_template
from bevlogen.sources.workspace import check, open_workspace

__all__ = ["check", "open_workspace", "write_template"]
