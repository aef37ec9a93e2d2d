"""Bevlogen: what do I steer on, the customer or the employee?"""

__version__ = "0.1.0"
