"""A cluster as `kube.api.Api`: raw JSON on `Resource.path(...)`, no typed models.

Objects come back as the server sent them, with `apiVersion` and `kind` filled in where a list leaves them out.
"""

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from pullscope.clusters import errors, kubeconfig, transport
from pullscope.kube import resources
from pullscope.kube.api import DeleteOptions, LogOptions, Object, ObjectList, PatchType, WatchEvent
from pullscope.kube.resources import Resource

_PATCHES = {
    "json": "application/json-patch+json",
    "merge": "application/merge-patch+json",
    "strategic": "application/strategic-merge-patch+json",
}
_WATCH_SECONDS = 300  # the server ends a watch then
_SILENCE = _WATCH_SECONDS + 30.0  # so a connection that says nothing for longer has died


@contextlib.asynccontextmanager
async def connect(path: Path | None = None, context: str | None = None) -> AsyncIterator["Cluster"]:
    """The cluster that `context` of the kubeconfig at `path` names (None: kubectl's own choice).

    Sends nothing yet. Raises UnreachableError when the kubeconfig cannot be used.
    """
    access = await kubeconfig.load(path, context)
    async with transport.open_transport(access) as opened:
        yield Cluster(opened)


class Cluster:
    """One cluster, as the kubeconfig's user. Every method raises `kube.status.ApiError` or `UnreachableError`."""

    def __init__(self, opened: transport.Transport) -> None:
        self._http = opened

    @property
    def server(self) -> str:
        """The API server's URL."""
        return self._http.server

    async def version(self) -> str:
        """The API server's version, as `v1.36.2`."""
        return str(orjson.loads(await self._http.request("GET", "/version"))["gitVersion"])

    async def get(self, resource: Resource, namespace: str | None, name: str) -> Object:
        return await self._object("GET", resource.path(namespace, name))

    async def read(self, path: str, params: Mapping[str, str] | None = None, *, largest: int | None = None) -> bytes:
        """The body of a GET as it came, of at most `largest` bytes (None: however long). Raises TooLongError too."""
        return await self._http.request("GET", path, params=params, largest=largest)

    async def list(
        self, resource: Resource, namespace: str | None = None, *, labels: str = "", fields: str = ""
    ) -> ObjectList:
        body = await self._http.request("GET", resource.path(namespace), params=_selectors(labels, fields))
        listed = orjson.loads(body)
        kind = {"apiVersion": resource.api_version, "kind": resource.kind}
        items = [{**kind, **item} for item in listed.get("items") or []]
        return ObjectList(items, listed["metadata"].get("resourceVersion", ""))

    async def create(
        self, resource: Resource, namespace: str | None, obj: Object, *, subresource: str | None = None
    ) -> Object:
        name = obj["metadata"]["name"] if subresource else None
        return await self._object("POST", _below(resource.path(namespace, name), subresource), obj)

    async def update(
        self, resource: Resource, namespace: str | None, obj: Object, *, subresource: str | None = None
    ) -> Object:
        path = resource.path(namespace, obj["metadata"]["name"])
        return await self._object("PUT", _below(path, subresource), obj)

    async def patch(
        self,
        resource: Resource,
        namespace: str | None,
        name: str,
        patch: Any,
        *,
        type: PatchType = "merge",  # noqa: A002 (the field's own word)
        subresource: str | None = None,
    ) -> Object:
        path = _below(resource.path(namespace, name), subresource)
        return await self._object("PATCH", path, patch, content_type=_PATCHES[type])

    async def delete(
        self,
        resource: Resource,
        namespace: str | None,
        name: str,
        options: DeleteOptions = DeleteOptions(),  # noqa: B008 (a frozen value, as in the protocol)
    ) -> Object:
        return await self._object("DELETE", resource.path(namespace, name), _delete_body(options))

    async def watch(
        self,
        resource: Resource,
        namespace: str | None = None,
        *,
        resource_version: str,
        labels: str = "",
        fields: str = "",
    ) -> AsyncGenerator[WatchEvent, None]:
        params = {
            "watch": "true",
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(_WATCH_SECONDS),
            "resourceVersion": resource_version,
            **_selectors(labels, fields),
        }
        async with contextlib.aclosing(self._http.lines(resource.path(namespace), params, silence=_SILENCE)) as lines:
            async for line in lines:
                event = orjson.loads(line)
                if event["type"] == "ERROR":
                    raise errors.from_status(event["object"])
                yield WatchEvent(event["type"], event["object"])

    async def logs(self, namespace: str, pod: str, options: LogOptions = LogOptions()) -> str:  # noqa: B008 (a frozen value)
        """The log of one container, as text."""
        body = await self._http.request("GET", _log_path(namespace, pod), params=_log_params(options))
        return body.decode(errors="replace")

    async def follow_logs(self, namespace: str, pod: str, options: LogOptions) -> AsyncGenerator[str, None]:
        """The log's lines without their newline, as they are written, until the container ends or the caller stops."""
        params = {**_log_params(options), "follow": "true"}
        async with contextlib.aclosing(self._http.lines(_log_path(namespace, pod), params)) as lines:
            async for line in lines:
                yield line.decode(errors="replace").rstrip("\r\n")

    async def _object(
        self, method: str, path: str, body: Any = None, *, content_type: str = "application/json"
    ) -> Object:
        data = None if body is None else orjson.dumps(body)
        answer = await self._http.request(method, path, body=data, content_type=content_type)
        parsed: Object = orjson.loads(answer)
        return parsed


def _below(path: str, subresource: str | None) -> str:
    return f"{path}/{subresource}" if subresource else path


def _selectors(labels: str, fields: str) -> dict[str, str]:
    named = {"labelSelector": labels, "fieldSelector": fields}
    return {name: selector for name, selector in named.items() if selector}


def _delete_body(options: DeleteOptions) -> dict[str, Any]:
    preconditions = {"uid": options.uid, "resourceVersion": options.resource_version}
    body = {
        "gracePeriodSeconds": options.grace_period_seconds,
        "propagationPolicy": options.propagation_policy,
        "preconditions": {name: value for name, value in preconditions.items() if value is not None} or None,
    }
    return {name: value for name, value in body.items() if value is not None}


def _log_path(namespace: str, pod: str) -> str:
    return resources.PODS.path(namespace, pod) + "/log"


def _log_params(options: LogOptions) -> dict[str, str]:
    """core/v1 PodLogOptions as a query; what is not set is left out."""
    values = {
        "container": options.container,
        "follow": options.follow or None,
        "previous": options.previous or None,
        "sinceSeconds": options.since_seconds,
        "sinceTime": options.since_time,
        "timestamps": options.timestamps or None,
        "tailLines": options.tail_lines,
        "limitBytes": options.limit_bytes,
    }
    return {
        name: str(value).lower() if value is True else str(value) for name, value in values.items() if value is not None
    }
