"""Runs the probes of one pod: a task for each probe of each running container, none for pods without probes.

Upstream: pkg/kubelet/prober (worker.go, prober.go), Kubernetes v1.36.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from pullscope.base import tasks
from pullscope.cri.api import ContainerStatus, CriError
from pullscope.kube.api import Object
from pullscope.node import podstate, probes, reasons
from pullscope.node.context import Context
from pullscope.node.podstate import PodState
from pullscope.node.probes import Health, Probe, Verdict

_log = logging.getLogger(__name__)

_LONGEST = 10 * 1024  # bytes of output that an event shows
_Key = tuple[str, str]
"""A container's id and the kind of a probe."""

Spawn = Callable[[Coroutine[Any, Any, None]], "asyncio.Task[None]"]


class Prober:
    """The probes of one pod. `spawn` starts a task, `wake` is called when a container's health changed."""

    def __init__(self, context: Context, spawn: Spawn, wake: Callable[[], None]) -> None:
        self._context = context
        self._spawn = spawn
        self._wake = wake
        self._running: dict[_Key, asyncio.Task[None]] = {}
        self._verdicts: dict[str, dict[str, Verdict]] = {}
        self._hurry: dict[str, asyncio.Event] = {}
        self._pod: Object = {}

    def follow(self, pod: Object, state: PodState) -> None:
        """The pod as it is now: probe what runs, and nothing else."""
        specs = {spec["name"]: probes.of(spec) for spec in podstate.containers(pod)}
        if not self._running and not any(specs.values()):
            return
        self._pod = pod
        current = {container.id: container for container in state.running()}
        for key in [key for key in self._running if key[0] not in current]:
            self._running.pop(key).cancel()
        self._verdicts = {known: found for known, found in self._verdicts.items() if known in current}
        for container in current.values():
            for probe in specs.get(container.name, ()):
                self._begin(container, probe)
        self._hurry = {known: event for known, event in self._hurry.items() if known in current}
        for container_id, event in self._hurry.items():
            if not self._health(container_id).ready:  # upstream: a manual run at each report of what is not ready yet
                event.set()

    def stop(self) -> None:
        """The pod is going: what is known of its containers stays as it is."""
        for task in self._running.values():
            task.cancel()
        self._running.clear()

    def health(self) -> Mapping[str, Health]:
        """Of the running containers that have probes, by their ids."""
        return {container_id: self._health(container_id) for container_id in self._verdicts}

    def _health(self, container_id: str) -> Health:
        return probes.health(self._verdicts.get(container_id, {}))

    def _begin(self, container: ContainerStatus, probe: Probe) -> None:
        verdicts = self._verdicts.setdefault(container.id, {})
        if probe.kind not in verdicts:
            verdicts[probe.kind] = Verdict()
            if probe.kind == probes.READINESS:
                self._hurry[container.id] = asyncio.Event()
            self._running[container.id, probe.kind] = self._spawn(self._work(container, probe))

    async def _work(self, container: ContainerStatus, probe: Probe) -> None:
        """Until cancelled, or until the container has to be restarted."""
        try:
            while not await self._turn(container, probe):
                await self._pause(container, probe)
        except Exception:  # noqa: BLE001 - one probe's bug must not stop the node; it is told whole
            _log.exception("pod %s: %s of %s failed", podstate.full_name(self._pod), probe.kind, container.name)

    async def _turn(self, container: ContainerStatus, probe: Probe) -> bool:
        """Probe, if it is time; true when the container has to be restarted."""
        if not self._is_due(container, probe):
            return False
        result = await self._try(container, probe)
        return result is not None and self._judge(container, probe, passes=result)

    def _is_due(self, container: ContainerStatus, probe: Probe) -> bool:
        runs = (self._context.clock.now() - podstate.moment(container.started_at)).total_seconds()
        waits = self._health(container.id).started == (probe.kind == probes.STARTUP)
        return not waits and runs >= probe.initial_delay

    async def _pause(self, container: ContainerStatus, probe: Probe) -> None:
        hurry = self._hurry.get(container.id) if probe.kind == probes.READINESS else None
        if hurry is None:
            await self._context.clock.sleep(probe.period)
        else:
            hurry.clear()
            await tasks.within(self._context.clock, probe.period, hurry.wait())

    def _judge(self, container: ContainerStatus, probe: Probe, *, passes: bool) -> bool:
        """Take in a result; true when the container has to be restarted."""
        verdicts, before = self._verdicts[container.id], self._health(container.id)
        verdicts[probe.kind] = verdicts[probe.kind].after(passes, probe)
        if self._health(container.id) != before:
            self._wake()
        return self._health(container.id).failed == probe.kind

    async def _try(self, container: ContainerStatus, probe: Probe) -> bool | None:
        """Whether the command ends well in its time; None when it cannot be run. What is not well is told."""
        try:
            found = await tasks.within(self._context.clock, probe.timeout, self._run(container, probe))
        except CriError as error:
            await self._context.say(self._pod, reasons.probe_errored(probe.word, error.message), container.name)
            return None
        if found is None:
            found = 1, f'command "{" ".join(probe.command)}" timed out'
        code, said = found
        if code:
            await self._context.say(self._pod, reasons.unhealthy(probe.word, said), container.name)
        return code == 0

    async def _run(self, container: ContainerStatus, probe: Probe) -> tuple[int, str]:
        """The exit code and the beginning of what the command said."""
        session = await self._context.runtime.exec(container.id, list(probe.command), stdin=False, tty=False)
        try:
            said = b""
            async for _, data in session.output():
                said += data[: _LONGEST - len(said)]
            return await session.wait(), said.decode(errors="replace")
        finally:
            await session.close()
