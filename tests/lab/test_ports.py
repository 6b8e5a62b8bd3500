"""The port that was asked for, or the next free one."""

import socket

import pytest

from pullscope.base.errors import UsageError
from pullscope.lab import ports
from pullscope.lab.places import Port


def test_any_port() -> None:
    with ports.listen(Port(), "API server", "--port") as listening:
        assert ports.number_of(listening) > 0


def test_a_taken_port_moves_on_unless_it_is_exact() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        with ports.listen(Port(number), "registry", "--registry-port") as listening:
            assert number < ports.number_of(listening) < number + 100
        with pytest.raises(UsageError, match=f"port {number} for the registry is taken") as caught:
            ports.listen(Port(number, exact=True), "registry", "--registry-port")
        assert "--registry-port" in caught.value.hint


def test_when_no_port_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "_bind", lambda _number: None)
    for option, hint in (("--registry-port", "name one with --registry-port"), ("", "free one of them")):
        with pytest.raises(ports.NoPortError, match="no port from 5000 to 5099 is free for the registry") as caught:
            ports.listen(Port(5000), "registry", option)
        assert caught.value.hint == hint


def test_a_number_that_is_no_port_is_named() -> None:
    with pytest.raises(UsageError, match="99999 is no port"):
        ports.listen(Port(99999, exact=True), "API server", "--port")
