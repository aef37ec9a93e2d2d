"""The web application around the library: it asks, keeps and shows; the library alone does the arithmetic."""
