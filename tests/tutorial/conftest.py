"""`typists`: somebody at a terminal."""

from tests.lab.conftest import typists

__all__ = ["typists"]
