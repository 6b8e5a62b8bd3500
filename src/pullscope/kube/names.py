"""The syntax of names, label keys and label values, with the sentences that say what is wrong with one.

Each function returns the list of complaints, empty for a valid text; `kube.causes` and `kube.validation` put field paths
before them. Upstream: k8s.io/apimachinery v0.36 pkg/api/validate/content (dns.go, kube.go, errors.go) and
pkg/api/validation/generic.go for names that end in a generated part.
"""

import functools
import re

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_LABEL_RULE = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', "
    "and must start and end with an alphanumeric character"
)
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_SUBDOMAIN_RULE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
    "and must start and end with an alphanumeric character"
)
_LABEL_1035 = "[a-z]([-a-z0-9]*[a-z0-9])?"
_LABEL_1035_RULE = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', "
    "start with an alphabetic character, and end with an alphanumeric character"
)
_KEY = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_KEY_RULE = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
)
_VALUE = f"({_KEY})?"
_VALUE_RULE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
    "and must start and end with an alphanumeric character"
)

LABEL_MAX = 63
SUBDOMAIN_MAX = 253


def _too_long(limit: int) -> str:
    return f"must be no more than {limit} bytes"


def _mismatch(rule: str, pattern: str, *examples: str) -> str:
    listed = " or ".join(f"'{example}', " for example in examples)
    return f"{rule} (e.g. {listed}regex used for validation is '{pattern}')"


@functools.lru_cache(maxsize=4096)
def _matches(pattern: str, text: str) -> bool:
    """Remembered, as the same labels are checked at every write."""
    return re.fullmatch(pattern, text) is not None


def _length(text: str, limit: int) -> list[str]:
    return [_too_long(limit)] if len(text.encode()) > limit else []


def dns1123_label(text: str) -> list[str]:
    """What is wrong with `text` as one DNS label: a namespace, a container's name."""
    complaints = _length(text, LABEL_MAX)
    if not _matches(_LABEL, text):
        dotted = _matches(_SUBDOMAIN, text)
        why = "must not contain dots" if dotted else _mismatch(_LABEL_RULE, _LABEL, "my-name", "123-abc")
        complaints.append(why)
    return complaints


def dns1123_subdomain(text: str) -> list[str]:
    """What is wrong with `text` as DNS labels joined by dots: the name of most objects."""
    complaints = _length(text, SUBDOMAIN_MAX)
    if not _matches(_SUBDOMAIN, text):
        complaints.append(_mismatch(_SUBDOMAIN_RULE, _SUBDOMAIN, "example.com"))
    return complaints


def dns1035_label(text: str) -> list[str]:
    """What is wrong with `text` as a DNS label that starts with a letter: a service's name."""
    complaints = _length(text, LABEL_MAX)
    if not _matches(_LABEL_1035, text):
        complaints.append(_mismatch(_LABEL_1035_RULE, _LABEL_1035, "my-name", "abc-123"))
    return complaints


def qualified_name(text: str) -> list[str]:
    """What is wrong with `text` as a label key: a name with an optional DNS prefix and a slash."""
    *prefix, name = text.split("/")
    if len(prefix) > 1:
        optional = " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        return [f"a valid label key {_key_rule()}{optional}"]
    complaints = _prefix_part(prefix[0]) if prefix else []
    if not name:
        complaints.append("name part must be non-empty")
    complaints += [f"name part {why}" for why in _length(name, LABEL_MAX)]
    if not _matches(_KEY, name):
        complaints.append(f"name part {_key_rule()}")
    return complaints


def _key_rule() -> str:
    return _mismatch(_KEY_RULE, _KEY, "MyName", "my.name", "123-abc")


def _prefix_part(prefix: str) -> list[str]:
    if not prefix:
        return ["prefix part must be non-empty"]
    return [f"prefix part {why}" for why in dns1123_subdomain(prefix)]


def label_value(text: str) -> list[str]:
    """What is wrong with `text` as a label's value (which may be empty)."""
    complaints = _length(text, LABEL_MAX)
    if not _matches(_VALUE, text):
        complaints.append(_mismatch(_VALUE_RULE, _VALUE, "MyValue", "my_value", "12345"))
    return complaints


def masked(prefix: str) -> str:
    """A `generateName` as it is validated: the dash at its end will be followed by a generated part."""
    return f"{prefix[:-1]}a" if len(prefix) > 1 and prefix.endswith("-") else prefix
