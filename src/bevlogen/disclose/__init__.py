"""The disclose room."""
