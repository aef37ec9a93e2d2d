"""Pages of listening: of respondents, and of the staff who hold rounds."""
