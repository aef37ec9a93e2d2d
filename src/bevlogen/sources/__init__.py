"""The sources room: from a folder of files to a checked workspace, and organisations made up for practice."""

from bevlogen.sources.organisation import language_of
from bevlogen.sources.questionnaires import questionnaires
from bevlogen.sources.releases import read_releases
from bevlogen.sources.simulate import simulate
from bevlogen.sources.template import write_template
from bevlogen.sources.workspace import check, open_workspace

__all__ = ["check", "language_of", "open_workspace", "questionnaires", "read_releases", "simulate", "write_template"]
