"""The vocabulary that all rooms share: the theory, the tables, the moments and the results."""
