"""Pages of instruments."""
