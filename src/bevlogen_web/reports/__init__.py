"""What leaves the screen: reports to take along or by mail, and the public page; each from the current release."""
