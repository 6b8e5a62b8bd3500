"""One node of a life, of the product's parts: the embedded runtime, the records on the disk and the image manager.

It is put together as `node.kubelet` does it, without an API server: a pod is a request for its image, and a container.
"""

import asyncio
import base64
import shutil
import tempfile
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.model import places
from tests.model.model import Key, Name
from tests.model.places import Place

from pullscope.content.memory import MemoryStore
from pullscope.cri.api import AuthConfig, ContainerConfig, CriError, ImageService, PodSandboxConfig
from pullscope.cri.embedded import EmbeddedRuntime
from pullscope.kube.events import Note
from pullscope.node.imagegc import INTERVAL_SECONDS, Collector, Limits
from pullscope.node.images import ImageManager, Outcome, Request
from pullscope.node.kubeletconfig import KubeletConfig
from pullscope.node.meters import Meters
from pullscope.node.records import Records
from pullscope.pull import keyring, policy
from pullscope.pull.collect import Rules
from pullscope.pull.flavours import Flavour
from pullscope.pull.policy import PullPolicy
from pullscope.pull.verification import Mode, Verification
from pullscope.remote.registries import Registries

_OLD = timedelta(hours=1)


@dataclass(frozen=True)
class Lies:
    """What is put around parts of the product, to see that somebody notices; by default nothing."""

    images: Callable[[ImageService], ImageService] = lambda service: service
    records: type[Records] = Records


@dataclass(frozen=True)
class Release:
    """What a kubelet is started as."""

    version: tuple[int, int] = (1, 36)
    mode: Mode = "NeverVerifyPreloadedImages"

    def __str__(self) -> str:
        return f"--kubernetes-version {self.version[0]}.{self.version[1]} --kubelet-config {self.mode}.yaml"


@dataclass(frozen=True)
class Wanted:
    """A pod that is to be made."""

    name: Name
    policy: PullPolicy
    keys: Sequence[Key] = ()


class Kubelet:
    """A node, from `boot` on. `repository` says where a repository of the model really is."""

    runtime: EmbeddedRuntime

    def __init__(self, place: Place, life: int, lies: Lies, *, flavour: Flavour, own: str) -> None:
        self._place = place
        self._life = life
        self._lies = lies
        self._flavour = flavour
        self._folder = tempfile.TemporaryDirectory(prefix="pullscope-model-")
        self._root = Path(self._folder.name)
        self._blobs = MemoryStore()
        login = {"auths": {place.served.address: {"auth": places.login(own)}}} if own else {}
        self._own = keyring.of_config(login)
        self._registries = Registries(place.http, own=self._own)
        self._pods = 0
        self._containers: list[str] = []

    def repository(self, name: str) -> str:
        return f"life/n{self._life}/{name}"

    def text(self, name: Name) -> str:
        """The name as a pod writes it."""
        digest = f"@{self._place.images[name.image].digest}" if name.image else ""
        tag = f":{name.tag}" if name.tag else ""
        return f"{self._place.served.address}/{self.repository(name.repository)}{tag}{digest}"

    # ----------------------------------------------------------------------------------- the node

    async def boot(self, release: Release, allowed: frozenset[str]) -> None:
        """The node starts, on what it finds on its disk."""
        self.runtime = EmbeddedRuntime(
            self._root / "node", self._blobs, self._place.clock, self._registries, flavour=self._flavour
        )
        patterns = tuple(f"{self._place.served.address}/{self.repository(name)}" for name in sorted(allowed))
        listed = patterns if release.mode == "NeverVerifyAllowlistedImages" else ()
        self._version = release.version
        config = KubeletConfig(release.version, verification=Verification(release.mode, listed))
        self.records = self._lies.records(self._root / "kubelet", self._place.clock, config.verification)
        if config.checks_credentials:
            await self.records.settle(await self.runtime.list_images())
        clock = self._place.clock
        self.images = self._lies.images(self.runtime)
        self._manager = ImageManager(self.images, self.records, clock, lambda: None, Meters("crc", clock), config)

    async def halt(self) -> None:
        await self.runtime.close()

    def leave(self) -> None:
        shutil.rmtree(self._root, ignore_errors=True)
        self._folder.cleanup()

    async def rmi(self, name: Name) -> None:
        """As `crictl rmi`, whether the runtime does it or not."""
        try:
            await self.images.remove_image(self.text(name))
        except CriError as error:
            assert "image is in use by a container" in error.message  # noqa: PT017 (it may be raised or not)

    async def load(self, name: Name, password: str) -> None:
        """As `crictl pull`: past the kubelet. It may fail."""
        try:
            await self.runtime.pull_image(self.text(name), AuthConfig("me", password) if password else None)
        except CriError:
            return

    async def collect(self, *, full: bool) -> None:
        """A night passes, in which the kubelet looks for images that are too old, or the disk has become `full`."""
        clock = self._place.clock

        async def say(_: str, __: str) -> None:
            return

        limits = replace(Limits(Rules(), 1) if full else Limits(Rules(maximum_age=_OLD)), version=self._version)
        collector = Collector(self.runtime, self.runtime, clock, limits, say, lambda: None, self.records.prune)
        clock.rung.clear()
        work = self._place.loop.create_task(collector.run())
        for _ in range(2):
            await clock.rung.wait()
            clock.rung.clear()
            clock.advance(2 * _OLD.total_seconds() + INTERVAL_SECONDS)
        await clock.rung.wait()
        work.cancel()

    # ----------------------------------------------------------------------------------- its pods

    async def start(self, pods: Sequence[Wanted]) -> list[str]:
        """New pods, all at once: the web archives in the images that they run, or the reasons why they wait."""
        outcomes = await self._place.clock.passing(asyncio.gather(*(self.ensure(pod) for pod in pods)))
        return [await self._run(outcome) for outcome in outcomes]

    async def _run(self, outcome: Outcome) -> str:
        if isinstance(outcome, policy.Refuse):
            return outcome.reason
        self._pods += 1
        pod = f"pod-{self._pods}"
        sandbox = await self.runtime.run_pod_sandbox(PodSandboxConfig(pod, pod, "ns", log_directory=str(self._root)))
        config = ContainerConfig("app", outcome.image_id, log_path=f"{pod}.log")
        self._containers.append(await self.runtime.create_container(sandbox, config))
        (war,) = (self._root / "node" / "trees" / outcome.image_id.removeprefix("sha256:")).glob("deployments/*.war")
        return war.name

    def ensure(self, pod: Wanted) -> Coroutine[Any, Any, Outcome]:
        """What the kubelet does about a new pod's image."""
        self._pods += 1
        secrets = [self._secret(key) for key in pod.keys]
        request = Request(f"pod-{self._pods}", self.text(pod.name), pod.policy, secrets, self._own)
        return self._manager.ensure_image_exists(request, _quietly)

    def _secret(self, key: Key) -> dict[str, Any]:
        address = self._place.served.address
        where = f"{address}/{self.repository(key.place)}" if key.place else address
        config = f'{{"auths": {{"{where}": {{"auth": "{places.login(key.password)}"}}}}}}'
        return {
            "metadata": {"name": key.secret, "namespace": "ns", "uid": f"uid-{key.secret}"},
            "type": "kubernetes.io/dockerconfigjson",
            "data": {".dockerconfigjson": base64.b64encode(config.encode()).decode()},
        }

    async def end(self, number: int) -> None:
        """The pod of that number, of those that run, is deleted."""
        await self.runtime.remove_container(self._containers.pop(number))


async def _quietly(_: Note) -> None:
    """Events are not what is judged here."""


ALLOWED = frozenset({"open"})
"""The repositories that are on the allow list, where there is one."""
