"""Pages of feedback: those of respondents and those of staff."""
