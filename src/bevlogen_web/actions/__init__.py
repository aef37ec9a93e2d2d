"""Actions: what is done where and from when, what it may bring, and whether it worked."""
