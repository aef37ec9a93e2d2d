"""The show room: a release as a page or a document. It computes nothing and takes nothing but a release."""

from bevlogen.show.export import write_json
from bevlogen.show.pdf import write_pdf
from bevlogen.show.report import render_html, write_html

__all__ = ["render_html", "write_html", "write_json", "write_pdf"]
