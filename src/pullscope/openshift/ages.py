"""How long ago, as OpenShift's tables say it: `About a minute ago`.

Upstream: github.com/docker/go-units v0.5 duration.go (HumanDuration), which `oc` and openshift-apiserver print.
"""

from datetime import datetime

_HOUR = 3600
_DAY = 24


def ago(since: datetime, now: datetime) -> str:
    """The time from `since` to `now`."""
    return f"{human((now - since).total_seconds())} ago"


def human(seconds: float) -> str:
    """A duration in about one figure."""
    whole, minutes, hours = int(seconds), int(seconds / 60), int(seconds / _HOUR + 0.5)
    if minutes < 60:
        few = {0: "Less than a second", 1: "1 second"}.get(max(whole, 0), f"{whole} seconds")
        return few if whole < 60 else "About a minute" if minutes == 1 else f"{minutes} minutes"
    if hours < 2 * _DAY:
        return "About an hour" if hours == 1 else f"{hours} hours"
    for limit, unit, days in ((14, "days", 1), (60, "weeks", 7), (730, "months", 30)):
        if hours < limit * _DAY:
            return f"{hours // _DAY // days} {unit}"
    return f"{int(seconds / _HOUR) // _DAY // 365} years"
