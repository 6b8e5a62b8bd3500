"""How crictl complains: lines of its two loggers, as they look in a file and at a terminal. Pure.

Upstream: github.com/sirupsen/logrus v1.9 text_formatter.go, and k8s.io/klog v2, through which k8s.io/cri-client logs failed
calls before crictl itself does.
"""

from datetime import datetime

from pullscope.kube.causes import quote

_RED = 31


def error(message: str, now: datetime, *, terminal: bool) -> str:
    """A line of logrus with level error, as crictl's last words."""
    if terminal:  # seconds since the start, of which none pass here
        return f"\x1b[{_RED}mERRO\x1b[0m[0000] {message:<44} "
    return f'time="{now:%Y-%m-%dT%H:%M:%SZ}" level=error msg={quote(message)}'


def failed_call(place: str, what: str, error: str, image: str, *, now: datetime) -> str:
    """A line of klog. `place` is upstream's file and line; in containers of their own, processes have number 1."""
    return f"E{now:%m%d %H:%M:%S.%f} {1:7} {place}] {quote(what)} err={quote(error)} image={quote(image)}"
