"""Which addresses are this machine's."""

import pytest

from pullscope.base.addresses import is_loopback


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True), ("127.1.2.3", True), ("localhost", True), ("registry.localhost", True), ("::1", True),
        ("quay.io", False), ("10.0.0.1", False), ("localhost.example.com", False), ("2001:db8::1", False), ("", False),
    ],
)  # fmt: skip
def test_this_machine(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
