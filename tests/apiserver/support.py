"""What the tests of the API server share: a client of its socket, a kubelet with a log, small objects."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson
import pytest

from pullscope.base.clock import SystemClock
from pullscope.kube.api import LogOptions, Object, UserInfo
from pullscope.kube.status import ApiError
from pullscope.kube.streams import Session, StreamOptions

ADMIN = UserInfo("kubeadmin", groups=("system:masters",))
TOKEN = "sha256~of-kubeadmin"
TABLE = (
    "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json"
)
PODS = "/api/v1/namespaces/demo/pods"
DEPLOYMENTS = "/apis/apps/v1/namespaces/demo/deployments"


@dataclass(frozen=True)
class Answer:
    """What came back. `body` is the decoded JSON, or the text where it is none."""

    code: int
    body: Any
    headers: Mapping[str, str]
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Http:
    """The server on a socket. `send` asks as the administrator unless `token` says otherwise (None: as nobody)."""

    session: aiohttp.ClientSession
    url: str

    def request(self, method: str, path: str, *, token: str | None = TOKEN, **options: Any) -> Any:
        """The session's request, with the token; for streams."""
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        return self.session.request(
            method,
            self.url + path,
            headers={**headers, **options.pop("headers", {})},
            skip_auto_headers=["Content-Type", "Accept"],
            **options,
        )

    async def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        accept: str = "application/json",
        content_type: str | None = "application/json",
        token: str | None = TOKEN,
    ) -> Answer:
        headers = {"Accept": accept}
        if body is not None and content_type is not None:
            headers["Content-Type"] = content_type
        data = body if body is None or isinstance(body, bytes) else orjson.dumps(body)
        async with self.request(method, path, token=token, data=data, headers=headers) as response:
            text = await response.read()
            value = orjson.loads(text) if response.content_type == "application/json" and text else text.decode()
            return Answer(response.status, value, response.headers, response.headers.getall("Warning", []))


async def until(condition: Callable[[], bool]) -> None:
    """Return when `condition` holds; fail when it does not within five seconds."""
    clock = SystemClock()
    end = clock.monotonic() + 5
    while not condition():
        assert clock.monotonic() < end, "it did not come about"
        await clock.sleep(0.002)


class FakeKubelet:
    """Has one log, and `sessions` to give out. Raises `error` instead, where there is one; `asked` are the options it was
    called with.
    """

    def __init__(self, *pieces: bytes, error: Exception | None = None) -> None:
        self.pieces = pieces
        self.error = error
        self.asked: list[LogOptions | StreamOptions] = []
        self.sessions: list[Session] = []

    async def logs(self, pod: Object, options: LogOptions) -> AsyncIterator[bytes]:
        self.asked.append(options)
        if self.error is not None:
            raise self.error
        for piece in self.pieces:
            yield piece

    async def exec(self, pod: Object, options: StreamOptions) -> Session:
        self.asked.append(options)
        if self.error is not None:
            raise self.error
        return self.sessions.pop(0)

    async def attach(self, pod: Object, options: StreamOptions) -> Session:
        return await self.exec(pod, options)


def pod(name: str = "web", **spec: Any) -> Object:
    """A small pod; `spec` goes over its spec."""
    containers = [{"name": "app", "image": "registry.example/app:v1"}]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": {"containers": containers, **spec}}


def deployment(name: str = "web", image: str = "registry.example/app:v1", **spec: Any) -> Object:
    """A small deployment; `spec` goes over its spec."""
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "app", "image": image}]}}
    whole = {"selector": {"matchLabels": labels}, "template": template, **spec}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": whole}


async def refusal(call: Awaitable[Any]) -> ApiError:
    """What the API refuses it with."""
    with pytest.raises(ApiError) as raised:
        await call
    return raised.value
