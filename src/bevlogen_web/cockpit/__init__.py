"""The cockpit: what a release says, page by page, from the answer in a sentence down to the evidence."""
