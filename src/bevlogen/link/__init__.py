"""Link: does what employees say go together with what customers say and with what happens?"""

from bevlogen.link.driver import estimate
from bevlogen.link.explore import all_hidden, explore, of_service
from bevlogen.link.findings import findings

__all__ = ["all_hidden", "estimate", "explore", "findings", "of_service"]
