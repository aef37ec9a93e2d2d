"""From the application's data to the steering picture: workspace, study in the background, the last good one."""
