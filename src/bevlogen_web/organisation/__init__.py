"""Units, services, employees, and who manages which unit."""
