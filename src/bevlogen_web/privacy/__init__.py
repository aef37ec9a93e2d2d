"""How long things are kept, what somebody may ask to see or erase, and the rules in force."""
