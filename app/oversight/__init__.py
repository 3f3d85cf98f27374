"""The statistics room: the town's figures as tables, plots and files. pandas lives here alone."""
