"""Data that comes in from other systems: the API, files that are delivered, and history from before."""
