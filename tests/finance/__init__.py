"""The finance portal, page by page."""
