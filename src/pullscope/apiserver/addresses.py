"""What Endpoints and EndpointSlices share: addresses, protocols, and how a few of many are printed.

Upstream: kubernetes v1.36 pkg/apis/core/validation, k8s.io/apimachinery v0.36 pkg/util/validation/ip.go,
pkg/printers/internalversion/printers.go (formatEndpoints, listWithMoreString).
"""

import ipaddress
from collections.abc import Iterator, Sequence

from pullscope.kube import causes
from pullscope.kube.status import Cause

PROTOCOLS = ("SCTP", "TCP", "UDP")
_SHOWN = 3


def ip(text: str, path: str) -> Iterator[Cause]:
    """What is wrong with an address of either family."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        yield causes.invalid(path, text, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")


def protocol(text: str, path: str) -> Iterator[Cause]:
    if not text:
        yield causes.required(path)
    elif text not in PROTOCOLS:
        yield causes.not_supported(path, text, PROTOCOLS)


def shown(texts: Sequence[str]) -> str:
    """The first three, and how many more there are."""
    more = len(texts) - _SHOWN
    return ",".join(texts[:_SHOWN]) + (f" + {more} more..." if more > 0 else "")
