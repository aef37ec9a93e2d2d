"""Link: does what employees say go together with what customers say and with what happens?"""

from bevlogen.link.driver import estimate

__all__ = ["estimate"]
