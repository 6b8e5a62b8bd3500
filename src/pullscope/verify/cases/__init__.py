"""The suites: rows of `case.Case`, one module each."""
