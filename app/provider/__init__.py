"""The provider's portal: the week, reports, results, the money."""
