"""What tests of builds in a lab do: a developer's project with a builder image, uploads over the wire."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from pullscope.base.clock import SystemClock
from pullscope.clusters import reflector
from pullscope.kube import resources
from pullscope.kube.api import Object
from pullscope.kube.resources import Resource
from pullscope.lab import assembly
from pullscope.lab.assembly import Lab
from pullscope.lab.config import LabConfig

NAMESPACE = "demo"
BUILDS = f"/apis/build.openshift.io/v1/namespaces/{NAMESPACE}"
STREAMS = f"/apis/image.openshift.io/v1/namespaces/{NAMESPACE}"
SOURCE: Object = {"sourceStrategy": {"from": {"kind": "ImageStreamTag", "name": "builder:latest"}}}
DOCKER: Object = {"dockerStrategy": {}}


@dataclass
class Upload:
    """A source that comes as the test lets it."""

    pieces: "asyncio.Queue[bytes | None]" = field(default_factory=asyncio.Queue)

    async def body(self) -> AsyncIterator[bytes]:
        while (piece := await self.pieces.get()) is not None:
            yield piece


@dataclass
class Developer:
    """Somebody with a project in a lab, who speaks HTTP."""

    lab: Lab
    session: aiohttp.ClientSession

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """The answer's code and body; what is no JSON object is uploaded as it is."""
        given = {"json": body} if isinstance(body, dict) else {"data": body, "skip_auto_headers": ["Content-Type"]}
        async with self.session.request(method, f"{self.lab.server}{path}", **given) as response:
            text = await response.text()
            found = json.loads(text) if response.content_type == "application/json" else text
            return response.status, found

    async def make(self, path: str, obj: Object) -> Object:
        code, made = await self.ask("POST", path, obj)
        assert code == 201, made
        return dict(made)

    async def config(self, name: str, strategy: Object, **spec: Any) -> None:
        """A binary build config whose output is `app:latest`."""
        output = {"to": {"kind": "ImageStreamTag", "name": "app:latest"}}
        whole = {"source": {"binary": {}}, "strategy": strategy, "output": output, **spec}
        await self.make(f"{BUILDS}/buildconfigs", {"metadata": {"name": name}, "spec": whole})

    async def upload(self, config: str, body: Any, query: str = "") -> tuple[int, Any]:
        return await self.ask("POST", f"{BUILDS}/buildconfigs/{config}/instantiatebinary?{query}", body)

    async def built(self, config: str, body: bytes, query: str = "") -> Object:
        """A build of that source, when it is over."""
        code, made = await self.upload(config, body, query)
        assert code == 201, made
        return await self.over(made["metadata"]["name"])

    async def over(self, build: str) -> Object:
        return await self.until(resources.BUILDS, build, lambda found: "completionTimestamp" in found["status"])

    async def until(self, resource: Resource, name: str, true: Callable[[Object], bool]) -> Object:
        found = await reflector.until(self.lab.api, resource, NAMESPACE, name, clock=SystemClock(), true=true)
        return dict(found)

    async def log(self, build: str, query: str = "") -> str:
        code, text = await self.ask("GET", f"{BUILDS}/builds/{build}/log?{query}")
        assert code == 200, text
        return str(text)


@asynccontextmanager
async def developing(root: Path | None = None) -> AsyncIterator[Developer]:
    """A developer with a project, in which the streams are `builder`, the probe, and `app`, empty."""
    async with assembly.running(LabConfig(root=root)) as lab:
        connector = aiohttp.TCPConnector(ssl=ssl.create_default_context(cadata=lab.access.ca.decode()))
        headers = {"Authorization": f"Bearer {lab.credentials.developer_token}"}
        async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
            developer = Developer(lab, session)
            request = {"metadata": {"name": NAMESPACE}}
            await developer.make("/apis/project.openshift.io/v1/projectrequests", request)
            probe = {"kind": "DockerImage", "name": f"{lab.registry}/pullscope/probe:base"}
            tag = {"name": "latest", "from": probe, "importPolicy": {"insecure": True}}
            await developer.make(f"{STREAMS}/imagestreams", {"metadata": {"name": "builder"}, "spec": {"tags": [tag]}})
            await developer.make(f"{STREAMS}/imagestreams", {"metadata": {"name": "app"}})
            await developer.until(resources.IMAGE_STREAMS, "builder", lambda found: bool(found["status"].get("tags")))
            yield developer
