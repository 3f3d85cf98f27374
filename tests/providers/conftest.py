"""Floor 1 is tested in a standing town."""

from tests.providers.lives import quiet
from tests.support.standing import _standing, session, standing, town

__all__ = ["_standing", "quiet", "session", "standing", "town"]
