"""`oc get` against a small server: watches, tables of several kinds, warnings, what is refused."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import web
from tests.clusters.conftest import Handler, certificate, kubeconfig, serve
from tests.oc.conftest import Oc

__all__ = ["certificate", "kubeconfig", "serve"]

COLUMNS = [{"name": "Name", "format": "name"}, {"name": "Status"}]


def table(*rows: tuple[str, str]) -> dict[str, Any]:
    shown = [{"cells": list(row), "object": {"metadata": {"name": row[0], "namespace": "demo"}}} for row in rows]
    return {"kind": "Table", "metadata": {"resourceVersion": "7"}, "columnDefinitions": COLUMNS, "rows": shown}


def kind(plural: str, name: str, **more: Any) -> dict[str, Any]:
    return {"resource": plural, "responseKind": {"kind": name}, "scope": "Namespaced", "verbs": ["list"], **more}


def groups(name: str, *resources: dict[str, Any]) -> dict[str, Any]:
    return {"items": [{"metadata": {"name": name}, "versions": [{"version": "v1", "resources": list(resources)}]}]}


async def answer(request: web.Request) -> web.StreamResponse:
    if request.path == "/api":
        return web.json_response(groups("", kind("pods", "Pod", shortNames=["po"], categories=["all"])))
    if request.path == "/apis":
        return web.json_response(groups("apps", kind("deployments", "Deployment", categories=["all"])))
    if request.query.get("watch"):
        changes = [{"type": kind, "object": table(("b", "Terminating"))} for kind in ("MODIFIED", "DELETED")]
        changes.insert(0, {"type": "BOOKMARK", "object": table()})
        return web.Response(body=b"".join(orjson.dumps(each) + b"\n" for each in changes))
    return web.json_response(table(("b", "Running")), headers={"Warning": '299 - "old \\"b\\""'})


@pytest.fixture
def small(serve: Callable[[Handler], Any], kubeconfig: Callable[..., Path]) -> Callable[[], Any]:
    return lambda: (serve(answer), kubeconfig)


async def test_a_watch_goes_on_below_the_table(small: Callable[[], Any]) -> None:
    serving, write = small()
    async with serving as served:
        screen = await Oc(write(served.url, served.ca))("get", "po", "-w")
    assert screen.stdout.splitlines() == ["NAME   STATUS", "b      Running", *["b      Terminating"] * 2]
    assert screen.stderr == 'Warning: old "b"\n'
    watched = served.asked[-1][1]
    assert watched.startswith("/api/v1/namespaces/default/pods?")
    assert "resourceVersion=7" in watched


async def test_several_kinds_say_what_they_are(small: Callable[[], Any]) -> None:
    serving, write = small()
    async with serving as served:
        oc = Oc(write(served.url, served.ca))
        everything = await oc("get", "all")
        both = await oc("get", "pods/b", "deploy.apps/b")
    assert (
        everything.stdout
        == "NAME    STATUS\npod/b   Running\n\nNAME                STATUS\ndeployment.apps/b   Running\n"
    )
    assert both.stderr == 'error: the server doesn\'t have a resource type "deploy.apps"\n'


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["get"], "error: Required resource not specified.\n"),
        (["get", "pods", "-o", "jsonpath={}"], "error: unable to match a printer suitable for the output format"),
        (["get", "pods", "deployment/x"], "error: there is no need to specify a resource type as a separate argument"),
        (["get", "pods/"], "error: arguments in resource/name form must have a single resource and name\n"),
        (["delete", "pods"], "error: resource(s) were provided, but no name was specified\n"),
        (["apply", "-f", "nowhere.yml"], 'error: the path "nowhere.yml" does not exist\n'),
        (["create", "deployment", "x"], "error: `pullscope oc create` makes imagestreams alone"),
        (
            ["debug", "x"],
            "error: what is to be debugged is named as KIND/NAME: node/crc, deployment/app, pod/x, not x\n",
        ),
        (["tag", "a:b", "c"], 'error: "c" must be of the form <stream_name>:<tag>\n'),
    ],
)
async def test_what_cannot_be_is_said(small: Callable[[], Any], words: list[str], message: str) -> None:
    serving, write = small()
    async with serving as served:
        screen = await Oc(write(served.url, served.ca))(*words)
    assert (screen.exit, screen.stdout) == (1, "")
    assert screen.stderr.startswith(message)
