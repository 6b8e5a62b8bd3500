"""What files a volume holds: ConfigMaps, Secrets, the downward API and their union, as values.

`Files` maps a relative path to a file's content and mode; `node.volumes` writes it. Paths come from users: each is checked
to stay inside the volume. Upstream: pkg/volume/{configmap,secret,downwardapi,projected}, Kubernetes v1.36.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Protocol

from pullscope.kube.api import Object
from pullscope.node import env, fieldrefs, podstate
from pullscope.node.fieldrefs import Where

DEFAULT_MODE = 0o644
TOKEN_EXPIRATION = 3600


class VolumeError(Exception):
    """The volume cannot be made; the message is upstream's and ends up in a FailedMount event."""


@dataclass(frozen=True)
class File:
    data: bytes
    mode: int = DEFAULT_MODE


Files = Mapping[str, File]


class Tokens(Protocol):
    """Has service account tokens for pods."""

    async def token(self, pod: Object, audience: str | None, expiration_seconds: int) -> str:
        """A token that is valid for that audience (None: the API server). Raises VolumeError."""


@dataclass(frozen=True)
class Projector:
    """Reads what a pod's volumes are made of."""

    pod: Object
    source: env.ConfigSource
    where: Where
    tokens: Tokens

    async def files(self, volume: Mapping[str, Any]) -> Files:
        """The files of a volume of one of the four kinds. Raises VolumeError."""
        if "projected" in volume:
            projected = volume["projected"]
            found: dict[str, File] = {}
            for entry in projected.get("sources") or []:
                found |= await self._source(entry, projected.get("defaultMode", DEFAULT_MODE))
            return found
        (kind,) = volume.keys() & {"configMap", "secret", "downwardAPI"}
        source = volume[kind]
        if kind == "secret":
            source = {**source, "name": source.get("secretName")}
        return await self._source({kind: source}, source.get("defaultMode", DEFAULT_MODE))

    async def _source(self, entry: Mapping[str, Any], mode: int) -> dict[str, File]:
        ((kind, source),) = entry.items()
        match kind:
            case "configMap":
                return self._chosen(
                    source, mode, await self._config_map(source), "configmap references non-existent config key"
                )
            case "secret":
                return self._chosen(source, mode, await self._secret(source), "references non-existent secret key")
            case "downwardAPI":
                return self._downward(source, mode)
            case "serviceAccountToken":
                return await self._token(source, mode)
            case _:
                raise VolumeError(f"projected volume source {kind} is not supported by this node")

    async def _config_map(self, source: Mapping[str, Any]) -> dict[str, bytes]:
        found = await self.source.config_map(source["name"])
        if found is None and not source.get("optional"):
            raise VolumeError(f'configmap "{source["name"]}" not found')
        return env.binary(found or {})

    async def _secret(self, source: Mapping[str, Any]) -> dict[str, bytes]:
        found = await self.source.secret(source["name"])
        if found is None and not source.get("optional"):
            raise VolumeError(f'secret "{source["name"]}" not found')
        return env.decoded(found or {})

    def _chosen(self, source: Mapping[str, Any], mode: int, data: Mapping[str, bytes], missing: str) -> dict[str, File]:
        items = source.get("items")
        if not items:
            return {_inside(key): File(content, mode) for key, content in data.items()}
        files = {}
        for item in items:
            if item["key"] in data:
                files[_inside(item["path"])] = File(data[item["key"]], item.get("mode", mode))
            elif not source.get("optional"):
                raise VolumeError(f"{missing}: {item['key']}")
        return files

    def _downward(self, source: Mapping[str, Any], mode: int) -> dict[str, File]:
        files = {}
        for item in source.get("items") or []:
            try:
                text = self._field(item)
            except fieldrefs.UnsupportedFieldError as error:
                raise VolumeError(str(error)) from error
            files[_inside(item["path"])] = File(text.encode(), item.get("mode", mode))
        return files

    def _field(self, item: Mapping[str, Any]) -> str:
        if "fieldRef" in item:
            return fieldrefs.value(self.pod, item["fieldRef"]["fieldPath"], self.where)
        reference = item["resourceFieldRef"]
        named = [c for c in podstate.containers(self.pod) if c["name"] == reference.get("containerName")]
        if not named:
            raise fieldrefs.UnsupportedFieldError(f"container {reference.get('containerName')} not found")
        return fieldrefs.resource(named[0], reference, self.where)

    async def _token(self, source: Mapping[str, Any], mode: int) -> dict[str, File]:
        expiration = int(source.get("expirationSeconds", TOKEN_EXPIRATION))
        token = await self.tokens.token(self.pod, source.get("audience"), expiration)
        return {_inside(source["path"]): File(token.encode(), mode)}


def _inside(path: str) -> str:
    """The path, when it is relative and stays inside the volume on every system. Raises VolumeError."""
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or "\\" in path or ":" in path or "\0" in path:
        raise VolumeError(f"invalid path, must be relative and inside the volume: {path}")
    return path
