"""A container's environment and the `$(NAME)` in its command, arguments and values.

Upstream: makeEnvironmentVariables, pkg/kubelet/kubelet_pods.go, and third_party/forked/golang/expansion of Kubernetes v1.36. What
upstream adds of the namespace's Services (enableServiceLinks) is left out: there is no pod network to reach them.
"""

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from pullscope.kube.api import Object
from pullscope.node import fieldrefs
from pullscope.node.fieldrefs import Where

_REFERENCE = re.compile(r"\$(?:\$|\(([^)]*)\))")


class ConfigError(Exception):
    """The container's configuration cannot be made; the message is upstream's and becomes the waiting message."""


class ConfigSource(Protocol):
    """Reads ConfigMaps and Secrets of the pod's namespace. None: it is not there."""

    async def config_map(self, name: str) -> Object | None: ...

    async def secret(self, name: str) -> Object | None: ...


def expand(text: str, values: Mapping[str, str]) -> str:
    """Replace `$(NAME)` where NAME is known; `$$` stands for `$`; what is not known stays as it is."""

    def replaced(match: re.Match[str]) -> str:
        if match[0] == "$$":
            return "$"
        return values.get(match[1], match[0])

    return _REFERENCE.sub(replaced, text)


def expand_all(texts: Iterable[str], values: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(expand(text, values) for text in texts)


def binary(config_map: Object) -> dict[str, bytes]:
    """All entries of a ConfigMap as bytes."""
    texts = {key: text.encode() for key, text in (config_map.get("data") or {}).items()}
    return texts | {key: base64.b64decode(text) for key, text in (config_map.get("binaryData") or {}).items()}


def decoded(secret: Object) -> dict[str, bytes]:
    """All entries of a Secret, decoded."""
    return {key: base64.b64decode(text) for key, text in (secret.get("data") or {}).items()}


@dataclass(frozen=True)
class Environment:
    """Makes the environment of one container of one pod."""

    pod: Object
    container: Mapping[str, Any]
    source: ConfigSource
    where: Where

    async def make(self) -> dict[str, str]:
        """All variables, in order: envFrom first, then env; a later one wins. Raises ConfigError."""
        values: dict[str, str] = {}
        for entry in self.container.get("envFrom") or []:
            values |= await self._from(entry)
        for entry in self.container.get("env") or []:
            found = await self._value(entry, values)
            if found is not None:
                values[entry["name"]] = found
        return values

    async def _from(self, entry: Mapping[str, Any]) -> dict[str, str]:
        prefix = entry.get("prefix") or ""
        if "configMapRef" in entry:
            found = (await self._config_map(entry["configMapRef"]) or {}).get("data") or {}
            return {prefix + key: str(text) for key, text in found.items()}
        secret = await self._secret(entry["secretRef"])
        return {prefix + key: _text(data) for key, data in decoded(secret or {}).items()}

    async def _value(self, entry: Mapping[str, Any], values: Mapping[str, str]) -> str | None:
        """The value of one variable; None when an optional reference leads nowhere."""
        source = entry.get("valueFrom")
        if source is None:
            return expand(entry.get("value") or "", values)
        try:
            if "fieldRef" in source:
                return fieldrefs.value(self.pod, source["fieldRef"]["fieldPath"], self.where)
            if "resourceFieldRef" in source:
                return fieldrefs.resource(self.container, source["resourceFieldRef"], self.where)
        except fieldrefs.UnsupportedFieldError as error:
            raise ConfigError(str(error)) from error
        if "configMapKeyRef" in source:
            reference = source["configMapKeyRef"]
            config_map = await self._config_map(reference)
            return self._key(reference, "ConfigMap", config_map, {k: v.encode() for k, v in _data(config_map).items()})
        if "secretKeyRef" in source:
            reference = source["secretKeyRef"]
            secret = await self._secret(reference)
            return self._key(reference, "Secret", secret, decoded(secret or {}))
        raise ConfigError(f"env {entry['name']}: valueFrom {', '.join(sorted(source))} is not supported by this node")

    def _key(
        self, reference: Mapping[str, Any], kind: str, obj: Object | None, data: Mapping[str, bytes]
    ) -> str | None:
        if obj is not None and reference["key"] in data:
            return _text(data[reference["key"]])
        if reference.get("optional"):
            return None
        where = f"{self.pod['metadata']['namespace']}/{reference['name']}"
        raise ConfigError(f"couldn't find key {reference['key']} in {kind} {where}")

    async def _config_map(self, reference: Mapping[str, Any]) -> Object | None:
        found = await self.source.config_map(reference["name"])
        if found is None and not reference.get("optional"):
            raise ConfigError(f'configmap "{reference["name"]}" not found')
        return found

    async def _secret(self, reference: Mapping[str, Any]) -> Object | None:
        found = await self.source.secret(reference["name"])
        if found is None and not reference.get("optional"):
            raise ConfigError(f'secret "{reference["name"]}" not found')
        return found


def _data(config_map: Object | None) -> dict[str, str]:
    return (config_map or {}).get("data") or {}


def _text(data: bytes) -> str:
    return data.decode(errors="replace")
