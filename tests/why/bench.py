"""A workload in a lab, what `why` finds of it, and the mends that are typed as they stand there."""

import asyncio
import io
import shlex
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from pullscope.base.clock import SystemClock
from pullscope.clusters import cluster
from pullscope.clusters.cluster import Cluster
from pullscope.content import api as content
from pullscope.content.memory import MemoryStore
from pullscope.images import build, layers, probe
from pullscope.kube import resources
from pullscope.kube.resources import Resource
from pullscope.oc import main as oc
from pullscope.oc.console import Console
from pullscope.oci.documents import Index
from pullscope.testing import images
from pullscope.testing.images import Image
from pullscope.testing.lab import Lab
from pullscope.why import judge
from pullscope.why.collect import collect
from pullscope.why.collect.scope import Scope
from pullscope.why.findings import Finding

_LONGEST = 20.0
_STEP = 0.1

Diagnosed = list[Finding]


@dataclass(frozen=True)
class Bench:
    """One namespace of a lab, as its administrator."""

    lab: Lab
    cluster: Cluster
    namespace: str

    async def make(self, resource: Resource, obj: Mapping[str, Any]) -> None:
        """Create an object in the namespace."""
        await self.cluster.create(resource, self.namespace, dict(obj))

    async def deploy(self, image: object, *, resource: Resource = resources.DEPLOYMENTS, **changes: Any) -> None:
        """A workload `app` of one container; `annotations` are its own, everything else is the pod's spec."""
        await self.make(resource, workload(image, resource=resource, **changes))

    async def look(self) -> Diagnosed:
        """What `why` says of all containers of the namespace now."""
        facts = await collect.collect(self.cluster, Scope(self.namespace), collect.How(SystemClock(), environment={}))
        return list(judge.judge(facts).findings)

    async def until(self, true: Callable[[Diagnosed], bool]) -> Diagnosed:
        """Look again until it is so. Fails with what was seen last."""
        found: Diagnosed = []
        try:
            async with asyncio.timeout(_LONGEST):
                while not (found and true(found)):
                    await SystemClock().sleep(_STEP)
                    found = await self.look()
        except TimeoutError:
            raise AssertionError([(each.verdict, each.because.en, each.causes) for each in found]) from None
        return found

    async def finding(self, verdict: str) -> Finding:
        """The finding on the one container there is, once it has that verdict."""
        [found] = await self.until(lambda those: len(those) == 1 and those[0].verdict == verdict)
        return found

    async def started(self) -> None:
        """Wait until everything that is asked for runs."""
        await self.until(lambda those: all(each.container.state == "running" for each in those))

    async def fine(self) -> None:
        """Wait until `why` says of everything that it is up to date, and names no cause."""
        found = await self.until(lambda those: {each.verdict for each in those} == {"up to date"})
        assert not any(each.causes for each in found)

    async def mend(self, finding: Finding, which: int = 0) -> None:
        """Type a mend of the first cause."""
        await self.type(finding.causes[0].mends[which].command)

    async def type(self, command: str) -> None:
        """Type commands of kubectl and oc as a shell takes them: one after the other, or one into the other."""
        for step in command.split(" && "):
            given: str | None = None
            for words in map(shlex.split, step.split(" | ")):
                run = self._oc if words[0] == "oc" else self._kubectl
                given = await run(words[1:], given)

    async def _kubectl(self, words: list[str], given: str | None) -> str:
        return await asyncio.to_thread(self.lab.kubectl, *words, stdin=given)

    async def _oc(self, words: list[str], given: str | None) -> str:
        output = io.BytesIO()
        console = Console(output, output, io.BytesIO((given or "").encode()))
        code = await oc.run(["--kubeconfig", str(self.lab.kubeconfig), *words], console, SystemClock())
        assert code == 0, output.getvalue().decode()
        return output.getvalue().decode()


@asynccontextmanager
async def opened(lab: Lab, purpose: str) -> AsyncIterator[Bench]:
    """A bench in a namespace of its own."""
    namespace = await asyncio.to_thread(lab.create_namespace, purpose)
    async with cluster.connect(lab.kubeconfig) as connected:
        yield Bench(lab, connected, namespace)
    await asyncio.to_thread(lab.delete_namespace, namespace)


async def push(lab: Lab, name: str, war: str, *, created: str = "", platforms: Collection[str] = ()) -> Image:
    """An image that no other test has; when it says that it was made, and for which platforms alone it is."""
    store, reference = MemoryStore(), images.name_in(lab.registry, name)
    layer = layers.write(store, [layers.Entry(f"{probe.DEPLOYMENTS}/{war}", name.encode())])
    root = build.extend(store, probe.base(store), [layer], created=created)
    if platforms:
        entries = Index.parse(content.get(store, root.digest), root.media_type).manifests
        root = build.index(store, [entry for entry in entries if str(entry.platform) in platforms])
    await images.push(reference, store, root)
    return Image(str(reference), str(root.digest))


def workload(image: object, *, resource: Resource = resources.DEPLOYMENTS, **changes: Any) -> dict[str, Any]:
    """The manifest of a workload `app` with one container `app`, which `policy` may be said of."""
    annotations = changes.pop("annotations", {})
    policy = {"imagePullPolicy": changes.pop("policy")} if "policy" in changes else {}
    pod = {
        "containers": [{"name": "app", "image": str(image), **policy}],
        "terminationGracePeriodSeconds": 0,
        **changes,
    }
    labels = {"app": "app"}
    return {
        "apiVersion": resource.api_version,
        "kind": resource.kind,
        "metadata": {"name": "app", "annotations": annotations},
        "spec": {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": pod}},
    }


def named(finding: Finding) -> tuple[str, str]:
    """The first cause and how certain it is."""
    return finding.causes[0].id, finding.causes[0].certainty
