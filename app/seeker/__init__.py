"""The job seeker's portal: my way, choose, receipt."""
