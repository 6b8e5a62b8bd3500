"""What the address of a server says before anybody asks it."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Whether `host`, a name or an IP address without port and brackets, is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")  # RFC 6761, 6.3
