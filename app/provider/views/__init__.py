"""The provider's pages: the week, the person, the month's report, the money."""

from app.provider.views import money, people, reports, results
from app.provider.views.door import portal

__all__ = ["money", "people", "portal", "reports", "results"]
