"""Sessions to registries out in the world: proxies of the environment, and when they do not count."""

import pytest
from tests.remote import peers
from tests.remote.test_errors import answering, speaking

from pullscope.oci import reference
from pullscope.remote import errors, sessions
from pullscope.remote.sessions import DIRECTLY, Way

AWAY = reference.literal("registry.example.invalid/a/b")


async def ping(way: Way = DIRECTLY) -> None:
    async with sessions.opened(way, AWAY.registry) as session:
        await (await sessions.client(session, AWAY, way)).ping()


async def test_a_proxy_is_asked_and_named_when_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    async with speaking(answering(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy}")
        with pytest.raises(errors.ProxyError, match="the proxy answered 502 Bad Gateway"):
            await ping()
        monkeypatch.setenv("NO_PROXY", "example.invalid")
        with pytest.raises(errors.HostUnknownError):
            await ping()


async def test_a_proxy_that_is_down_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{peers.free_port()}")
    with pytest.raises(errors.ProxyError, match="the proxy cannot be reached") as caught:
        await ping()
    assert "NO_PROXY" in caught.value.hint


async def test_this_machine_is_asked_without_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{peers.free_port()}")
    async with peers.ours() as host:
        await ping(Way(address=host))
