"""The pages of intake, one file per group."""
