"""A cluster as its users at work have it: several nodes, a developer with rights in one namespace, registries with limits."""

import base64
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Middleware

from pullscope.cli import proving, proving_cluster
from pullscope.cli.proving import Wanted
from pullscope.cli.proving_asked import Asked
from pullscope.registry import app
from pullscope.registry.store import Registry
from pullscope.remote.sessions import Way
from pullscope.testing.lab import Lab
from pullscope.verify.result import Report

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def let_work(lab: Lab, namespace: str, role: str = "edit") -> None:
    """Give `developer` rights in the namespace, and nowhere else."""
    lab.kubectl("create", "rolebinding", "work", "--clusterrole", role, "--user", "developer", "-n", namespace)


async def prove(lab: Lab, asked: Asked, *cases: str) -> Report:
    """What `verify --context` finds out, as developer unless another context is named."""
    given = as_developer(lab, asked)
    assert given.kubeconfig is not None
    return await prove_at(given.kubeconfig, given, *cases)


async def prove_at(kubeconfig: Path, asked: Asked, *cases: str) -> Report:
    """The same by another kubeconfig."""
    given = replace(asked, kubeconfig=kubeconfig)
    wanted = proving.choose(cases)
    return await proving_cluster.proven(Wanted(wanted, "json", everything=False), given)


def as_developer(lab: Lab, asked: Asked) -> Asked:
    return replace(asked, kubeconfig=lab.kubeconfig, context=asked.context or lab.developer_context)


def verdicts(report: Report) -> dict[str, str]:
    return {result.case.id: result.verdict.word for result in report.results}


def because(report: Report, case: str) -> str:
    return next(result.verdict.because for result in report.results if result.case.id == case)


@contextlib.asynccontextmanager
async def registry(*middlewares: Middleware) -> AsyncIterator[str]:
    """A registry at a loopback port, with something in front of it; gives `host:port`."""
    kept = Registry.open(None)
    application = app.create(kept)
    for middleware in middlewares:
        application.middlewares.append(web.middleware(middleware))
    runner = app.runner(application)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
        kept.close()


async def mute(request: web.Request, handler: Handler) -> web.StreamResponse:
    """No access log, as of any registry but ours."""
    return web.Response(status=404) if request.path.startswith("/_pullscope") else await handler(request)


async def keeping(request: web.Request, handler: Handler) -> web.StreamResponse:
    """No deletion."""
    if request.method != "DELETE":
        return await handler(request)
    return web.json_response({"errors": [{"code": "UNSUPPORTED", "message": "no"}]}, status=405)


async def private(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Nothing without `me` and `secret`."""
    wanted = "Basic " + base64.b64encode(b"me:secret").decode()
    if request.headers.get("Authorization") == wanted:
        return await handler(request)
    body = {"errors": [{"code": "UNAUTHORIZED", "message": "authentication required"}]}
    return web.json_response(body, status=401, headers={"WWW-Authenticate": 'Basic realm="x"'})


def log_in(path: Path, host: str) -> None:
    """What `podman login` leaves."""
    auth = base64.b64encode(b"me:secret").decode()
    path.write_text(json.dumps({"auths": {host: {"auth": auth}}}), encoding="utf-8")


def at(address: str) -> Way:
    """Where a registry of any name is for us."""
    return Way(address=address, insecure=True)
