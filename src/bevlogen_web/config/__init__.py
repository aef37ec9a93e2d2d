"""Settings, addresses, the frame of every page, and the process that serves them."""
