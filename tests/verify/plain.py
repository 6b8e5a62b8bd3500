"""A lab as a Kubernetes that is no OpenShift: a proxy in front of it that knows no `*.openshift.io`."""

import contextlib
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import yaml
from aiohttp import web

from pullscope.clusters import kubeconfig as kubeconfigs
from pullscope.clusters import transport
from pullscope.testing.lab import Lab

_NONE: Mapping[str, object] = {}
_HOP = {"Transfer-Encoding", "Content-Length", "Connection"}
_UNKNOWN = {
    "kind": "Status",
    "apiVersion": "v1",
    "metadata": {},
    "status": "Failure",
    "reason": "NotFound",
    "message": "the server could not find the requested resource",
    "code": 404,
}


@contextlib.asynccontextmanager
async def kubernetes(lab: Lab, folder: Path, answers: Mapping[str, object] = _NONE) -> AsyncIterator[Path]:
    """A kubeconfig for it, as administrator. Streams pass; WebSockets do not. `answers` are given to paths in its place."""
    access = await kubeconfigs.load(lab.kubeconfig, None)
    async with transport.open_transport(access) as opened:
        inner = opened._session

        async def forward(request: web.Request) -> web.StreamResponse:
            if request.path in answers:
                return web.json_response(answers[request.path])
            if ".openshift.io" in request.path:
                return web.json_response(_UNKNOWN, status=404)
            headers = {name: request.headers[name] for name in ("Accept", "Content-Type") if name in request.headers}
            url = f"{access.server}{request.path_qs}"
            async with inner.request(request.method, url, headers=headers, data=await request.read() or None) as answer:
                kept = {name: value for name, value in answer.headers.items() if name not in _HOP}
                response = web.StreamResponse(status=answer.status, headers=kept)
                await response.prepare(request)
                async for piece in answer.content.iter_any():
                    await response.write(piece)
                return response

        application = web.Application()
        application.router.add_route("*", "/{path:.*}", forward)
        runner = web.AppRunner(application, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            path = folder / "kubeconfig"
            path.write_text(yaml.safe_dump(_document(runner.addresses[0][1])), encoding="utf-8")
            yield path
        finally:
            await runner.cleanup()


def _document(port: int) -> dict[str, object]:
    return {
        "current-context": "plain",
        "contexts": [{"name": "plain", "context": {"cluster": "plain"}}],
        "clusters": [{"name": "plain", "cluster": {"server": f"http://127.0.0.1:{port}"}}],
    }
