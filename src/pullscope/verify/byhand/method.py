"""The three operations as a person does them: build, deploy once and take away, `crictl rmi`, `oc delete is`."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pullscope.images import probe
from pullscope.kube import resources
from pullscope.kube.api import Object
from pullscope.kube.resources import Resource
from pullscope.kube.status import ApiError
from pullscope.verify import deployed, objects, pods
from pullscope.verify.byhand.hands import FOLDER, Hands
from pullscope.verify.case import Case, Source
from pullscope.verify.evidence import Operation, Primed, Step, Variant
from pullscope.verify.making import Making
from pullscope.verify.obstacles import ObstacleError
from pullscope.verify.stage import Ground

TAG = "v1"
_MANIFEST, _UPLOAD = "deployment.yml", "deployment"


@dataclass(frozen=True)
class Names:
    """What the run works with. `build`: its BuildConfig and ImageStream; `repository`: that stream as nodes know it."""

    build: str
    repository: str
    node: str


async def label(ground: Ground, kind: Resource, name: str) -> Object:
    """Have what `oc` made labelled as the run's, so that it is found and removed like all the rest. Raises ApiError."""
    return await ground.cluster.patch(
        kind, ground.namespace, name, {"metadata": {"labels": objects.labels(ground.run)}}
    )


class ByHand:
    """A `method.Method`."""

    def __init__(self, ground: Ground, hands: Hands, names: Names) -> None:
        self._ground = ground
        self._hands = hands
        self._names = names
        self._streams = True  # whether the ImageStream is there
        self._standing = ""  # the Deployment of the case before

    @property
    def ground(self) -> Ground:
        return self._ground

    @property
    def repository_name(self) -> str:
        return self._names.repository

    def reference(self, case: Case) -> str:  # noqa: ARG002 (every case has the same)
        return f"{self._names.repository}:{TAG}"

    async def set_up(self, making: Making) -> None:
        self._hands.begin(making)
        on_node = "present" if making.case.on_node else "absent"
        self._hands.purpose = f"② node: {on_node}"
        making.operation(Operation(2, "node", on_node, await self._set_up_node(making)))
        in_registry = "present" if making.case.in_registry else "missing"
        self._hands.purpose = f"③ registry: {in_registry}"
        making.operation(Operation(3, "registry", in_registry, await self._set_up_registry(making)))
        self._hands.purpose = f"① policy: {making.case.policy}"

    async def create(self, wanted: Object) -> Object:
        await self._apply(wanted)
        return await self._ground.cluster.get(resources.DEPLOYMENTS, self._ground.namespace, self._standing)

    async def mark(self) -> int | None:
        return None

    async def requests(self, mark: int | None, making: Making, started: datetime) -> tuple[dict[str, Any], ...] | None:  # noqa: ARG002 (nobody reads the internal registry's log)
        return None

    async def leave(self, making: Making) -> None:
        """What stands is the next case's."""

    async def play(self, making: Making) -> None:
        raise ObstacleError(f"{making.case.title}: not made by hand, but by --method tags", kind="unsupported")

    async def mend(self, making: Making) -> tuple[Step, ...]:
        """Under Never the node lacks the image, else the registry does."""
        self._hands.purpose = "positive control"
        if making.case.policy == "Never":
            standing = self._standing
            steps, _ = await self._prime(making)
            self._standing = standing
            return steps
        return await self._build(making, "registry")

    async def look(self, making: Making) -> None:
        """As a person would; the case's Deployment stands until the next one needs the node."""
        await self._hands.attempt(self._typed(f"oc get pod -l app={self._standing}"))
        if making.evidence.pod and making.evidence.pod.running:
            await self._hands.attempt(self._typed(f"oc logs deployment/{self._standing}"))

    # ---------------------------------------------------------------------------------------------- ② the node

    async def _set_up_node(self, making: Making) -> tuple[Step, ...]:
        steps = [*await self._take_away(), *await self._empty_node(making)]
        if making.case.on_node:
            steps += await self._build(making, "node")
            typed, primed = await self._prime(making)
            steps += typed
            making.note(primed=primed)
        return tuple(steps)

    async def _take_away(self) -> list[Step]:
        """The Deployment of the case before: `crictl rmi` refuses the image of a container, unchanged it starts no pod."""
        if not self._standing:
            return []
        delete = f"oc delete deployment {self._standing} --cascade=foreground"
        step = await self._hands.do(self._typed(delete))
        self._standing = ""
        return [step]

    async def _empty_node(self, making: Making) -> list[Step]:
        """Remove the tag's image, and where there was none, see that there is none."""
        image = self.reference(making.case)
        debug = f"oc debug node/{self._names.node} -- chroot /host crictl"
        removed = await self._hands.attempt(f"{debug} rmi {image}")
        if removed.code == 0:
            return [Step(f"$ {debug} rmi {image}", removed.stdout.strip())]
        looked = await self._hands.attempt(f"{debug} images -q {image}")
        if looked.code or looked.stdout.strip():
            said = (removed.output.strip() or "no output").splitlines()[-1]
            raise ObstacleError(f"the image could not be removed from node {self._names.node}: {said}")
        return [Step(f"$ {debug} images -q {image}", "the node has no such image")]

    async def _prime(self, making: Making) -> tuple[tuple[Step, ...], Primed]:
        """A Deployment runs the tag's image once; its pod is gone when this returns. Raises ObstacleError."""
        once = replace(making.case, id=f"{making.case.id}-node", policy="IfNotPresent")
        applied = await self._apply(
            objects.deployment(self._ground.run, once, making.evidence.reference, self._ground.fit)
        )
        seen = await deployed.settled_pod(self._ground, once, ())
        ran = pods.describe(seen.latest, ()) if seen else None
        if seen is None or ran is None or not ran.running:
            what = f"{ran.status}: {ran.message}" if ran else f"not there after {self._ground.outcome:.0f} s"
            raise ObstacleError(f"the image could not be put on the node: the pod that was to pull it is {what}")
        steps = (applied, Step(f"waited for pod {ran.name}", f"Running on {ran.node}, imageID {ran.image_id}"))
        deleted = await self._take_away()
        gone = await self._ground.watcher.until(lambda: seen.gone or None, self._ground.outcome)
        return (*steps, *deleted), Primed(ran.name, ran.node, ran.image_id, gone=bool(gone))

    # ------------------------------------------------------------------------------------------ ③ the registry

    async def _set_up_registry(self, making: Making) -> tuple[Step, ...]:
        if making.case.in_registry:
            steps = list(await self._build(making, "registry"))
        else:
            steps = [await self._delete_stream()]
        held = await self._held()
        said = f"it leads to {held.digest}" if held else "there is no such tag"
        making.note(registry_digest=held.digest if held else None, stream_deleted=not await self._has_stream())
        return (*steps, Step(f"asked for the ImageStreamTag {self._names.build}:{TAG}", said))

    async def _build(self, making: Making, source: Source) -> tuple[Step, ...]:
        """A build of that variant under the tag. Raises ObstacleError."""
        steps = []
        if not self._streams:
            steps.append(await self._hands.do(self._typed(f"oc create imagestream {self._names.build}")))
            self._streams = True
            await label(self._ground, resources.IMAGE_STREAMS, self._names.build)
        self._lay_out(f"{source}.war")
        build = f"oc start-build {self._names.build} --from-dir={FOLDER}{_UPLOAD} --follow --wait"
        steps.append(await self._hands.do(self._typed(build)))
        held = await self._held()
        if held is None:
            raise ObstacleError(f"the build is complete, and {self._names.build} has no tag {TAG}")
        making.made(replace(held, source=source, war=f"{source}.war"))
        return tuple(steps)

    async def _delete_stream(self) -> Step:
        if not self._streams:
            return Step(f"ImageStream {self._names.build}", "the case before has deleted it")
        step = await self._hands.do(self._typed(f"oc delete is {self._names.build}"))
        self._streams = False
        return step

    async def _has_stream(self) -> bool:
        try:
            await self._ground.cluster.get(resources.IMAGE_STREAMS, self._ground.namespace, self._names.build)
        except ApiError as error:
            if error.code != 404:
                raise
            return False
        return True

    async def _held(self) -> Variant | None:
        """What the tag leads to; `source` and `war` are left to the caller. Raises ApiError."""
        name = f"{self._names.build}:{TAG}"
        try:
            tag = await self._ground.cluster.get(resources.IMAGE_STREAM_TAGS, self._ground.namespace, name)
        except ApiError as error:
            if error.code != 404:
                raise
            return None
        image = tag["image"]
        config = (image.get("dockerImageMetadata") or {}).get("Id") or ""
        digest = str(image["metadata"]["name"])
        return Variant("registry", "", digest, frozenset({digest, *([config] if config else [])}))

    # -------------------------------------------------------------------------------------------------- files

    def _lay_out(self, war: str) -> None:
        folder = self._hands.folder / _UPLOAD
        folder.mkdir(exist_ok=True)
        for other in folder.iterdir():
            other.unlink()
        (folder / war).write_bytes(probe.archive(war))

    async def _apply(self, wanted: Object) -> Step:
        self._standing = wanted["metadata"]["name"]
        text = json.dumps(wanted, indent=2) + "\n"
        (self._hands.folder / _MANIFEST).write_text(text, encoding="utf-8", newline="\n")
        return await self._hands.do(self._typed(f"oc apply -f {FOLDER}{_MANIFEST}"))

    def _typed(self, command: str) -> str:
        return f"{command} -n {self._ground.namespace}"
