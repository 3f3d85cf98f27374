"""The provider portal, page by page."""
