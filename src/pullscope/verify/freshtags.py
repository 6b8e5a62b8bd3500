"""The method `tags`: every case has a tag of its own, so that a node without it is one that never saw it.

A case whose registry misbehaves has a registry of its own. The order is the one in which a person does it by hand; the three operations are numbered as the tutorial names them.
"""

from datetime import datetime

from pullscope.kube import resources
from pullscope.kube.api import Object
from pullscope.verify import cleaning, misbehaving, objects, primer
from pullscope.verify.case import Case, Source
from pullscope.verify.cleaning import Found
from pullscope.verify.evidence import Operation, Step
from pullscope.verify.making import Making
from pullscope.verify.obstacles import ObstacleError
from pullscope.verify.repository import Repository, Request
from pullscope.verify.scenarios import needs
from pullscope.verify.scenarios.player import Player
from pullscope.verify.scenarios.steps import Scenario
from pullscope.verify.stage import Stage
from pullscope.verify.variants import Image


class FreshTags:
    """A `method.Method`."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._images: dict[tuple[str, Source], Image] = {}
        self._own: dict[str, misbehaving.Registry] = {}

    @property
    def ground(self) -> Stage:
        return self._stage

    @property
    def repository_name(self) -> str:
        return self._stage.repository.name

    def reference(self, case: Case) -> str:
        return self._stage.repository.reference(self._tag(case))

    async def set_up(self, making: Making) -> None:
        if making.case.misbehaves:
            await self._open(making)
        await self._set_up_node(making)
        if own := self._own.get(making.case.id):
            await self._set_up_own(making, own)
        else:
            await self._set_up_registry(making)

    async def create(self, wanted: Object) -> Object:
        return await self._stage.cluster.create(resources.DEPLOYMENTS, self._stage.namespace, wanted)

    async def mark(self) -> int | None:
        return await self._stage.repository.mark()

    async def requests(self, mark: int | None, making: Making, started: datetime) -> tuple[Request, ...] | None:
        if own := self._own.get(making.case.id):
            return own.requests(started)
        return await self._stage.repository.requests(mark, self._tag(making.case), making.evidence.variants, started)

    async def mend(self, making: Making) -> tuple[Step, ...]:
        """The registry lacks the image, or has to behave; under Never the node lacks it."""
        own = self._own.get(making.case.id)
        if own:
            mended: tuple[Step, ...] = (await own.behave(),)
        else:
            mended = () if making.case.in_registry else (await self._push(making, "registry"),)
        if making.case.policy == "Never":
            primed = await primer.put_on_node(self._stage, making.case, making.evidence.reference)
            return (*mended, *primed.steps)
        return mended

    async def play(self, making: Making) -> None:
        scenario = making.case
        assert isinstance(scenario, Scenario), "a case is made by the other calls"
        nodes = await needs.met(self._stage, scenario.needs)
        await Player(self._stage, making, scenario, nodes).play()

    async def leave(self, making: Making) -> None:
        """A node has room for so many pods, and a suite has more."""
        if self._stage.keep or isinstance(making.case, Scenario):
            return
        name = objects.name(self._stage.run, making.case)
        await cleaning.remove(
            self._stage.cluster, Found(resources.DEPLOYMENTS, self._stage.namespace, name, self._stage.run)
        )

    async def look(self, making: Making) -> None:
        """All has been seen through the API."""

    async def _open(self, making: Making) -> None:
        """A registry for this case alone."""
        if self._stage.misbehaving is None:
            raise ObstacleError(misbehaving.NONE_SERVED, kind="unsupported")
        self._own[making.case.id] = own = await self._stage.misbehaving()
        making.note(reference=own.repository.reference(self._tag(making.case)))

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

    async def _set_up_own(self, making: Making, own: misbehaving.Registry) -> None:
        """③ An image was pushed under the tag, unless the registry is to have the node's; then it misbehaves."""
        case, tag, steps = making.case, self._tag(making.case), []
        if case.state != "same":
            steps.append(await self._push(making, "registry"))
        held = await own.repository.held(tag)
        steps += [Step(f"asked the registry for {tag}", f"it has {held}"), await own.misbehave(case.state)]
        making.note(registry_digest=held if case.in_registry else None)
        making.operation(Operation(3, "registry", case.state, tuple(steps)))

    def _repository(self, case: Case) -> Repository:
        own = self._own.get(case.id)
        return own.repository if own else self._stage.repository

    async def _push(self, making: Making, source: Source) -> Step:
        return await self._repository(making.case).push(self._image(making, source), self._tag(making.case))

    def _image(self, making: Making, source: Source) -> Image:
        key = (making.case.id, source)
        if key not in self._images:
            self._images[key] = self._stage.images.make(making.case, source)
            making.made(self._images[key].variant)
        return self._images[key]

    def _tag(self, case: Case) -> str:
        return f"case-{case.id}-{self._stage.run}"
