"""`project`: somebody else's tests, such as those that a page shows."""

from tests.testing.projects import project

__all__ = ["project"]
