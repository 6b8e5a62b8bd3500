"""What every verb works with: the cluster, the namespace, and where to write."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from pullscope.base.clock import Clock
from pullscope.clusters.cluster import Cluster
from pullscope.clusters.kubeconfig import Access, Context
from pullscope.clusters.transport import Transport
from pullscope.kube.api import Object
from pullscope.oc.console import Console

MERGE, STRATEGIC = "application/merge-patch+json", "application/strategic-merge-patch+json"


@dataclass(frozen=True)
class Session:
    """One command's run. `kubeconfig` is the file that was named, if one was; `named` whether a namespace was."""

    http: Transport
    cluster: Cluster
    access: Access
    context: Context
    namespace: str
    named: bool
    console: Console
    clock: Clock
    kubeconfig: Path | None = None

    async def read(
        self, path: str, params: Mapping[str, str] | None = None, *, accept: str = "application/json"
    ) -> Object:
        """GET. Raises ApiError, UnreachableError."""
        parsed: Object = orjson.loads(await self.http.request("GET", path, params=params, accept=accept))
        return parsed

    async def send(
        self,
        method: str,
        path: str,
        body: Any,
        *,
        params: Mapping[str, str] | None = None,
        content_type: str = "application/json",
    ) -> Object:
        """Another method, with a body. Raises ApiError, UnreachableError."""
        data = None if body is None else orjson.dumps(body)
        answer = await self.http.request(method, path, params=params, body=data, content_type=content_type)
        parsed: Object = orjson.loads(answer)
        return parsed
