"""The Container Runtime Interface as dataclasses and protocols (`api`), and its embedded implementation."""
