"""Durations as kubectl prints them: `27s`, `5m30s`, `3d5h`; and as Go reads them from options and configurations.

Upstream: k8s.io/apimachinery v0.36 pkg/util/duration/duration.go; two or three significant figures, rounded down. Go 1.24
time.ParseDuration.
"""

import re
from datetime import timedelta

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
_YEAR = 365 * _DAY


def human(seconds: float) -> str:
    """HumanDuration: what the Age columns show. Less than two seconds in the future counts as now."""
    whole = int(seconds)
    if whole < -1:
        return "<invalid>"
    if whole < 2 * _MINUTE:
        return f"{max(whole, 0)}s"
    if whole < 10 * _MINUTE:
        return _pair(whole, (_MINUTE, "m"), (1, "s"))
    if whole < 3 * _HOUR:
        return f"{whole // _MINUTE}m"
    if whole < 8 * _HOUR:
        return _pair(whole, (_HOUR, "h"), (_MINUTE, "m"))
    return _long(whole)


def _long(whole: int) -> str:
    if whole < 2 * _DAY:
        return f"{whole // _HOUR}h"
    if whole < 8 * _DAY:
        return _pair(whole, (_DAY, "d"), (_HOUR, "h"))
    if whole < 2 * _YEAR:
        return f"{whole // _DAY}d"
    if whole < 8 * _YEAR:
        return _pair(whole, (_YEAR, "y"), (_DAY, "d"))
    return f"{whole // _YEAR}y"


def _pair(whole: int, large: tuple[int, str], small: tuple[int, str]) -> str:
    rest = whole % large[0] // small[0]
    first = f"{whole // large[0]}{large[1]}"
    return f"{first}{rest}{small[1]}" if rest else first


_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_PART = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(h|ms|us|µs|ns|m|s)")


def parse(text: str) -> timedelta:
    """What Go reads: `90m`, `1h30m`, `-1.5s`, `0`. Raises ValueError with Go's text."""
    sign, bare = (-1, text[1:]) if text.startswith("-") else (1, text.removeprefix("+"))
    parts = _PART.findall(bare)
    if bare != "0" and (not parts or "".join(number + unit for number, unit in parts) != bare):
        raise ValueError(f'time: invalid duration "{text}"')
    try:
        return timedelta(seconds=sign * sum(float(number) * _UNITS[unit] for number, unit in parts))
    except OverflowError:
        raise ValueError(f'time: invalid duration "{text}"') from None
