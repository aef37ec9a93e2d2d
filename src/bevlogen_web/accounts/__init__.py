"""Who may do what: people, organisations, roles, sign-in, and the log of what was done."""
