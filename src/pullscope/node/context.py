"""What the workers of a node share, in one value, and the few calls that all of them make through it."""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from pullscope.base.clock import Clock
from pullscope.cri.api import RuntimeService
from pullscope.kube import events, resources
from pullscope.kube.api import Api, Object
from pullscope.kube.events import Note
from pullscope.kube.resources import Resource
from pullscope.kube.status import ApiError
from pullscope.node import nodestatus, podstate
from pullscope.node.fieldrefs import Where
from pullscope.node.hostpaths import Host
from pullscope.node.images import ImageManager
from pullscope.node.kubeletconfig import DEFAULT, KubeletConfig
from pullscope.node.meters import Meters
from pullscope.node.projection import Tokens
from pullscope.node.volumes import Twins
from pullscope.pull import reasons
from pullscope.pull.keyring import Keyring


@dataclass(frozen=True)
class NodeOptions:
    """How a node is to be. `strict`: it refuses containers that its runtime cannot execute, instead of holding them.

    `labels` are added to the node's own; `random` spreads the retries of pods over time. `host_root` makes a directory
    that pods may see as the node's root, or finds it made; without it, hostPath is refused. `image_disk` is the size in bytes of
    the disk that images lie on; without it, that is never full. `credentials` are the node's own, which all its pods may use.
    """

    host_ip: str = "127.0.0.1"
    strict: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    pod_cidr: str = ""
    max_pods: int = nodestatus.MAX_PODS
    random: Random = field(default_factory=Random)
    host_root: Callable[[], Path] | None = None
    config: KubeletConfig = DEFAULT
    image_disk: int | None = None
    credentials: Keyring = field(default_factory=dict)


@dataclass(frozen=True)
class Context:
    """The node's parts. `runtime_name` stands before container ids."""

    name: str
    options: NodeOptions
    runtime_name: str
    root: Path
    api: Api
    runtime: RuntimeService
    images: ImageManager
    recorder: events.Recorder
    clock: Clock
    allocatable: Mapping[str, str]
    meters: Meters
    tokens: Tokens
    twins: Twins

    @functools.cached_property
    def log_root(self) -> Path:
        return self.root / "logs"

    def host(self) -> Host | None:
        """What pods may see of the node. Works on the disk. Raises OSError."""
        make = self.options.host_root
        return None if make is None else Host(make(), self.log_root)

    def where(self, pod_ip: str) -> Where:
        """The node's facts for the downward API."""
        return Where(self.name, self.options.host_ip, pod_ip, self.allocatable)

    async def say(self, pod: Object, note: Note, container: str = "") -> None:
        """Write an event about a pod or one of its containers."""
        path = podstate.field_path(pod, container) if container else ""
        await self.recorder.event(pod, note.type, note.reason, note.message, field_path=path)


@dataclass(frozen=True)
class NamespaceConfig:
    """Reads the ConfigMaps and Secrets that one pod names: `env.ConfigSource`."""

    api: Api
    namespace: str

    async def config_map(self, name: str) -> Object | None:
        return await self._get(resources.CONFIG_MAPS, name)

    async def secret(self, name: str) -> Object | None:
        return await self._get(resources.SECRETS, name)

    async def _get(self, resource: Resource, name: str) -> Object | None:
        try:
            return await self.api.get(resource, self.namespace, name)
        except ApiError as error:
            if error.reason == "NotFound":
                return None
            raise


async def pull_secrets(context: Context, pod: Object) -> Sequence[Mapping[str, Any]]:
    """The pod's image pull secrets; those that are missing are told of, and the pull goes on without them."""
    names = [entry["name"] for entry in pod["spec"].get("imagePullSecrets") or [] if entry.get("name")]
    source = NamespaceConfig(context.api, pod["metadata"]["namespace"])
    found = {name: await source.secret(name) for name in names}
    missing = [name for name, secret in found.items() if secret is None]
    if missing:
        await context.say(pod, reasons.secrets_not_found(missing))
    return [secret for secret in found.values() if secret is not None]
