"""Which texts Kubernetes takes as keys and names that only the API server checks, and its sentences for others.

`kube.names` has the syntax that selectors and clients share; this is the rest. Upstream: k8s.io/apimachinery v0.36
pkg/util/validation/validation.go and pkg/api/validation/path/name.go. Each function returns its complaints, empty for
a valid text.
"""

import re

_CONFIG_KEY = "[-._a-zA-Z0-9]+"
_ENVIRONMENT_NAME = "[ -<>-~]+"
_PORT_NAME = "[-a-z0-9]+"
KEY_MAX = 253
PORT_NAME_MAX = 15


def path_segment(text: str) -> list[str]:
    """What is wrong with `text` as one segment of a URL path: the name of an event."""
    if text in {".", ".."}:
        return [f"may not be '{text}'"]
    return [f"may not contain '{bad}'" for bad in ("/", "%") if bad in text]


def config_key(text: str) -> list[str]:
    """What is wrong with `text` as a key of a ConfigMap or Secret: it becomes a file's name."""
    complaints = [f"must be no more than {KEY_MAX} bytes"] if len(text.encode()) > KEY_MAX else []
    if not re.fullmatch(_CONFIG_KEY, text):
        rule = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'"
        examples = "e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', "
        complaints.append(f"{rule} ({examples}regex used for validation is '{_CONFIG_KEY}')")
    elif text in {".", ".."}:
        complaints.append(f"must not be '{text}'")
    elif text.startswith(".."):
        complaints.append("must not start with '..'")
    return complaints


def environment_name(text: str) -> list[str]:
    """What is wrong with `text` as a variable's name, by the rule that is relaxed since Kubernetes 1.34."""
    if re.fullmatch(_ENVIRONMENT_NAME, text):
        return []
    return ["a valid environment variable name must consist only of printable ASCII characters other than '='"]


def port_name(text: str) -> list[str]:
    """What is wrong with `text` as a service name of IANA: the name of a container's port."""
    complaints: list[str] = []
    if len(text) > PORT_NAME_MAX:
        complaints.append(f"must be no more than {PORT_NAME_MAX} characters")
    if not re.fullmatch(_PORT_NAME, text):
        complaints.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not re.search("[a-z]", text):
        complaints.append("must contain at least one letter (a-z)")
    if "--" in text:
        complaints.append("must not contain consecutive hyphens")
    if text.startswith("-") or text.endswith("-"):
        complaints.append("must not begin or end with a hyphen")
    return complaints


def port_number(number: int) -> list[str]:
    """What is wrong with a number as a TCP or UDP port."""
    return [] if 1 <= number <= 65535 else ["must be between 1 and 65535, inclusive"]
