"""The show room: a release as a page or a document. It computes nothing and takes nothing but a release."""

from bevlogen.show.export import write_json

__all__ = ["write_json"]
