"""The steer room."""
