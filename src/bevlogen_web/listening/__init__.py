"""Asking employees in rounds, without anyone being able to learn who answered what."""
