"""The show room: a release as a page or a document. It computes nothing and takes nothing but a release."""

from bevlogen.show.documents import known, write
from bevlogen.show.export import write_json
from bevlogen.show.pdf import write_pdf
from bevlogen.show.report import render_html, write_html
from bevlogen.show.slides import write_slides
from bevlogen.show.workbook import write_workbook

__all__ = ["known", "render_html", "write", "write_html", "write_json", "write_pdf", "write_slides", "write_workbook"]
