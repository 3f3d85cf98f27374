"""Pages for everybody: the start, the comparison, accessibility, feedback."""
