"""The municipality's casework: cases, decisions, reports, results."""
