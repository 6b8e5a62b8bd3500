"""The method `tags`: every case has a tag of its own, so that a node without it is one that never saw it.

The order is the one in which a person does it by hand; the three operations are numbered as the tutorial names them.
"""

from datetime import datetime

from pullscope.kube import resources
from pullscope.kube.api import Object
from pullscope.verify import primer
from pullscope.verify.case import Case, Source
from pullscope.verify.evidence import Operation, Step
from pullscope.verify.making import Making
from pullscope.verify.repository import Request
from pullscope.verify.stage import Stage
from pullscope.verify.variants import Image


class FreshTags:
    """A `method.Method`."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._images: dict[tuple[str, Source], Image] = {}

    @property
    def ground(self) -> Stage:
        return self._stage

    @property
    def repository_name(self) -> str:
        return self._stage.repository.name

    def reference(self, case: Case) -> str:
        return self._stage.repository.reference(self._tag(case))

    async def set_up(self, making: Making) -> None:
        await self._set_up_node(making)
        await self._set_up_registry(making)

    async def create(self, wanted: Object) -> Object:
        return await self._stage.cluster.create(resources.DEPLOYMENTS, self._stage.namespace, wanted)

    async def mark(self) -> int | None:
        return await self._stage.repository.mark()

    async def requests(self, mark: int | None, making: Making, started: datetime) -> tuple[Request, ...] | None:
        return await self._stage.repository.requests(mark, self._tag(making.case), making.evidence.variants, started)

    async def mend(self, making: Making) -> tuple[Step, ...]:
        """Under Never the node lacks the image, else the registry does."""
        if making.case.policy == "Never":
            return (await primer.put_on_node(self._stage, making.case, making.evidence.reference)).steps
        return (await self._push(making, "registry"),)

    async def look(self, making: Making) -> None:
        """All has been seen through the API."""

    async def _set_up_node(self, making: Making) -> None:
        """② Present: a pod pulled the tag here. Absent: the tag is one that no node has seen."""
        if not making.case.on_node:
            step = Step(f"took the tag {self._tag(making.case)}", "it was never used before, so no node has it")
            making.operation(Operation(2, "node", "absent", (step,)))
            return
        pushed = await self._push(making, "node")
        priming = await primer.put_on_node(self._stage, making.case, making.evidence.reference)
        making.note(primed=priming.primed)
        making.operation(Operation(2, "node", "present", (pushed, *priming.steps)))

    async def _set_up_registry(self, making: Making) -> None:
        """③ Present: an image was pushed under the tag. Missing: its manifest was deleted again."""
        case, repository, steps = making.case, self._stage.repository, []
        tag = self._tag(case)
        if case.in_registry or not case.on_node:
            steps.append(await self._push(making, "registry"))
        if not case.in_registry:
            there = self._image(making, "node" if case.on_node else "registry")
            steps.append(await repository.delete(there, tag))
        held = await repository.held(tag)
        steps.append(Step(f"asked the registry for {tag}", f"it has {held}" if held else "it has no such manifest"))
        making.note(registry_digest=held)
        making.operation(Operation(3, "registry", "present" if case.in_registry else "missing", tuple(steps)))

    async def _push(self, making: Making, source: Source) -> Step:
        return await self._stage.repository.push(self._image(making, source), self._tag(making.case))

    def _image(self, making: Making, source: Source) -> Image:
        key = (making.case.id, source)
        if key not in self._images:
            self._images[key] = self._stage.images.make(making.case, source)
            making.made(self._images[key].variant)
        return self._images[key]

    def _tag(self, case: Case) -> str:
        return f"case-{case.id}-{self._stage.run}"
