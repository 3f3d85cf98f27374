"""What the Makefile and CI need: setting up, starting the demo, checking the translations."""
