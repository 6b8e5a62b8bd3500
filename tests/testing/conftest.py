"""`project`: somebody else's tests."""

from tests.testing.projects import project

__all__ = ["project"]
