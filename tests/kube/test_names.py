"""The syntax of names and the sentences about them."""

from collections.abc import Callable

import pytest

from pullscope.kube import names

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_LABEL_COMPLAINT = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
    f"an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '{_LABEL}')"
)
_SUBDOMAIN_COMPLAINT = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    rf"'{_LABEL}(\.{_LABEL})*')"
)


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (names.dns1123_label, "a"),
        (names.dns1123_label, "1-a"),
        (names.dns1123_label, "a" * 63),
        (names.dns1123_subdomain, "a.b-c.1"),
        (names.dns1123_subdomain, "a" * 253),
        (names.dns1035_label, "a-1"),
        (names.qualified_name, "app"),
        (names.qualified_name, "App_1.x"),
        (names.qualified_name, "example.com/App"),
        (names.label_value, ""),
        (names.label_value, "v1.2_3"),
    ],
)
def test_valid(rule: Callable[[str], list[str]], text: str) -> None:
    assert rule(text) == []


@pytest.mark.parametrize(
    ("rule", "text", "complaint"),
    [
        (names.dns1123_label, "UPPER", _LABEL_COMPLAINT),
        (names.dns1123_label, "", _LABEL_COMPLAINT),
        (names.dns1123_label, "a\n", _LABEL_COMPLAINT),
        (names.dns1123_label, "a.b", "must not contain dots"),
        (names.dns1123_label, "a" * 64, "must be no more than 63 bytes"),
        (names.dns1123_subdomain, "-a", _SUBDOMAIN_COMPLAINT),
        (names.dns1123_subdomain, "a..b", _SUBDOMAIN_COMPLAINT),
        (names.dns1123_subdomain, "a" * 254, "must be no more than 253 bytes"),
        (names.qualified_name, "/a", "prefix part must be non-empty"),
        (names.qualified_name, "A/a", f"prefix part {_SUBDOMAIN_COMPLAINT}"),
        (names.qualified_name, "a" * 64, "name part must be no more than 63 bytes"),
        (names.label_value, "a" * 64, "must be no more than 63 bytes"),
    ],
)
def test_complaints(rule: Callable[[str], list[str]], text: str, complaint: str) -> None:
    assert rule(text) == [complaint]


def test_an_empty_name_part_has_two_complaints() -> None:
    complaints = names.qualified_name("example.com/")
    assert complaints[0] == "name part must be non-empty"
    assert complaints[1].startswith("name part must consist of alphanumeric characters")


def test_a_service_name_starts_with_a_letter() -> None:
    (complaint,) = names.dns1035_label("1a")
    assert complaint.startswith("a DNS-1035 label must consist of lower case alphanumeric characters or '-', start")


@pytest.mark.parametrize(("prefix", "masked"), [("web-", "weba"), ("web", "web"), ("-", "-"), ("", "")])
def test_masked_prefix(prefix: str, masked: str) -> None:
    assert names.masked(prefix) == masked
