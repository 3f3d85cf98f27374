"""The job seeker's pages."""
