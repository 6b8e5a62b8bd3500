"""One pod on this node: bring the runtime to what the pod says (`sync`), or end it (`terminate`).

Each sync first reports what is, with what the *previous* sync failed to start, and then acts: volumes, sandbox, init
containers, containers. Upstream: SyncPod, SyncTerminatingPod and SyncTerminatedPod of pkg/kubelet/kubelet.go, and SyncPod of
kuberuntime_manager.go, Kubernetes v1.36. When to sync is `dispatch`'s business.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pullscope.cri.api import ContainerState, ContainerStatus, CriError, PodSandbox, PodSandboxState
from pullscope.kube import meta
from pullscope.kube.api import Object
from pullscope.node import (
    actions,
    conditions,
    containers,
    deadline,
    lastwords,
    logs,
    podconfig,
    podstate,
    probes,
    reasons,
    status,
    volumes,
)
from pullscope.node.actions import Actions
from pullscope.node.containers import Start
from pullscope.node.containerstatuses import Waiting
from pullscope.node.context import Context, pull_secrets
from pullscope.node.lastwords import LastWords
from pullscope.node.packed import Packed
from pullscope.node.podstate import PodState
from pullscope.node.podvolumes import PodVolumes
from pullscope.node.prober import Prober
from pullscope.node.statuswriter import StatusWriter
from pullscope.pull.backoff import Backoff
from pullscope.pull.reasons import SANDBOX_TOLD

_GRACE = 30

Attend = Callable[[str], Prober]
"""Makes the prober of the pod of that uid."""


@dataclass(frozen=True)
class Synced:
    """How a sync ended. `changed`: the runtime holds something new, to be reported by the next sync at once.

    `failed`: something is to be tried again, after `retry_after` seconds where that is known. `ended`: the pod's work is done.
    """

    changed: bool = False
    failed: bool = False
    ended: bool = False
    retry_after: float | None = None


class PodSync:
    """The kubelet's side of one pod. Calls are made one after the other."""

    def __init__(self, context: Context, pod: Object, backoff: Backoff, attend: Attend) -> None:
        """`attend` is called when the pod has probes."""
        self._context = context
        self._backoff = backoff
        self._attend = attend
        self._prober: Prober | None = None
        self._sandboxes: dict[str, PodSandbox] = {}
        self._containers: set[str] = set()
        self._seen: dict[str, bool] = {}
        self._failures: dict[str, Waiting] = {}
        self._last_words = LastWords()
        self._interrupted = False
        self._pod = _kept(pod)
        self.statuses = StatusWriter(context.api, pod)
        self._volumes = PodVolumes(context, self.uid)

    @property
    def pod(self) -> Object:
        """The pod as the API showed it last, without its status (see `statuses`). Not to be changed."""
        return self._pod.object

    @pod.setter
    def pod(self, pod: Object) -> None:
        self._pod = _kept(pod)

    @property
    def uid(self) -> str:
        return self.statuses.uid

    def pack(self) -> None:
        """There is nothing to do for a while: take little memory."""
        self._pod.pack()
        self._volumes.pack()
        self.statuses.pack()

    def adopt(self, sandboxes: Iterable[PodSandbox], found: Iterable[ContainerStatus]) -> None:
        """Take over what a former kubelet left in the runtime."""
        for sandbox in sandboxes:
            self._sandboxes[sandbox.id] = sandbox
            self._seen[sandbox.id] = sandbox.state is PodSandboxState.READY
        for container in found:
            self._containers.add(container.id)
            self._seen[container.id] = container.state is ContainerState.RUNNING

    def observe(self, runtime_id: str, *, runs: bool) -> bool:
        """The runtime says that a sandbox or container runs or ended; whether that is news (upstream: PLEG)."""
        if self._seen.get(runtime_id) == runs:
            return False
        self._seen[runtime_id] = runs
        sandbox = self._sandboxes.get(runtime_id)
        if sandbox and not runs:
            self._sandboxes[runtime_id] = replace(sandbox, state=PodSandboxState.NOT_READY)
        return True

    # --------------------------------------------------------------------- sync

    async def sync(self) -> Synced:
        """One step. Raises ApiError and OSError when the API or the disk fails."""
        self._interrupted = True
        outcome = await self._sync()
        self._interrupted = False
        return outcome

    async def _sync(self) -> Synced:
        state = self._probed(await self._read())
        await self._report(state)
        if self.statuses.current["phase"] in conditions.TERMINAL:
            return Synced(ended=True)
        retry_after = await self._volumes.look(self.pod, state.sandbox.ip if state.sandbox else "")
        if retry_after is not None:
            return Synced(failed=True, retry_after=retry_after)
        return await self._act(actions.compute(self.pod, state), state)

    async def _read(self) -> PodState:
        found = []
        for container_id in sorted(self._containers):
            try:
                seen = await self._context.runtime.container_status(container_id)
                if lastwords.may_have(seen):
                    seen = self._last_words.added(self.pod, seen, self.log_directory)
                found.append(seen)
            except CriError as error:
                if error.code != "NotFound":
                    raise
                self._containers.discard(container_id)
        self._last_words.keep_only(self._containers)
        return PodState.of(self._sandboxes.values(), found, self._prober.health() if self._prober else {})

    def _probed(self, state: PodState) -> PodState:
        """Probe what runs by now."""
        if self._prober is None and any(probes.of(spec) for spec in podstate.containers(self.pod)):
            self._prober = self._attend(self.uid)
        if self._prober is None:
            return state
        self._prober.follow(self.pod, state)
        return replace(state, health=self._prober.health())

    def must_end_within(self) -> float | None:
        """Seconds until the pod's active deadline, where it has one."""
        return deadline.left(self.pod, self.statuses.current, self._context.clock.now())

    async def _report(self, state: PodState, *, terminal: bool = False) -> None:
        evicted = None
        if deadline.passed(self.pod, self.statuses.stored, self._context.clock.now()):
            evicted = reasons.deadline_exceeded()
            await self._context.say(self.pod, evicted)
        observed = status.Observed(
            state,
            self._context.options.host_ip,
            self._context.runtime_name,
            self._now(),
            self._failures,
            terminal=terminal,
            evicted=evicted,
        )
        await self.statuses.write(status.generate(self.pod, self.statuses.stored, observed))

    def _now(self) -> str:
        return meta.timestamp(self._context.clock.now())

    async def _act(self, todo: Actions, state: PodState) -> Synced:
        secrets = await pull_secrets(self._context, self.pod)
        sandbox = state.ready_sandbox
        try:
            await self._stop_what_must_go(todo, state)
        except CriError as error:
            await self._context.say(self.pod, reasons.kill_failed(error.message))
            return Synced(failed=True)
        if todo.create_sandbox:
            sandbox = await self._make_sandbox(todo)
        if sandbox is None:
            return Synced(failed=todo.create_sandbox)
        return await self._start_all(todo, state, sandbox, secrets)

    async def _stop_what_must_go(self, todo: Actions, state: PodState) -> None:
        if todo.kill_pod:
            if todo.sandbox_lost and todo.create_sandbox:
                await self._context.say(self.pod, reasons.sandbox_changed())
            await self._kill_all(state)
            return
        for each in todo.kill:
            await containers.kill(self._context, self.pod, each.container, each.note, grace=self._grace())

    async def _make_sandbox(self, todo: Actions) -> PodSandbox | None:
        context = self._context
        config = podconfig.sandbox(self.pod, todo.attempt, context.log_root)
        try:
            made = await context.runtime.pod_sandbox_status(await context.runtime.run_pod_sandbox(config))
        except CriError as error:
            await context.say(self.pod, reasons.sandbox_failed(error.message))
            return None
        self.adopt([made], [])
        if context.options.config.version >= SANDBOX_TOLD:
            await self.statuses.write(status.ready_to_start(self.pod, self.statuses.stored, self._now()))
        return made

    async def _start_all(
        self, todo: Actions, state: PodState, sandbox: PodSandbox, secrets: Sequence[Mapping[str, Any]]
    ) -> Synced:
        changed, failed = todo.create_sandbox, False
        for spec in todo.start:
            known = len(self._containers)
            start = Start(self.pod, spec, sandbox, self._attempt(state, spec), self._made, self._volumes.write, secrets)
            failure = await self._start(state, start)
            if failure is not None:
                self._failures[spec["name"]] = failure
                failed = True
            else:
                self._failures.pop(spec["name"], None)
                changed = True
            if len(self._containers) > known:
                await self._forget_older(state, spec["name"])
        return Synced(changed=changed, failed=failed)

    def _made(self, container_id: str) -> None:
        self._containers.add(container_id)
        self._seen[container_id] = True  # that it begins to run is no news; this sync reports it

    async def _start(self, state: PodState, what: Start) -> Waiting | None:
        """Start, unless the container crashed too recently (upstream: doBackOff)."""
        last = state.ended(what.name)
        if last is not None:
            pod, now = podstate.full_name(self.pod), self._context.clock.now()
            key = f"{pod}/{podstate.container_hash(what.spec)}"  # GetBackoffKey: a changed container starts afresh
            ended = podstate.moment(last.finished_at)
            if self._backoff.waiting_since(key, ended, now):
                await self._context.say(self.pod, reasons.back_off_restarting(what.name, pod), what.name)
                message = reasons.crash_loop(self._backoff.window(key), what.name, pod)
                return Waiting(reasons.CRASH_LOOP_BACK_OFF, message)
            self._backoff.next(key, ended, now)
        return await containers.start(self._context, what)

    def _attempt(self, state: PodState, spec: Mapping[str, Any]) -> int:
        """How often it was restarted: after the newest container, or what was reported of one that is gone."""
        newest = state.container(spec["name"])
        if newest is not None:
            return newest.attempt + 1
        known = podstate.reported(self.statuses.stored, spec["name"])
        return int(known["restartCount"]) + ("terminated" in known["state"]) if known else 0

    async def _forget_older(self, state: PodState, name: str) -> None:
        """Keep one ended container of a name, for `logs --previous`; remove those before it, their logs and sandboxes."""
        for container in [c for c in state.containers if c.name == name][1:]:
            await self._remove_container(container)
        used = {c.pod_sandbox_id for c in state.containers if c.id in self._containers}
        for sandbox in [s for s in state.sandboxes[1:] if s.id in self._sandboxes.keys() - used]:
            await self._context.runtime.remove_pod_sandbox(sandbox.id)
            del self._sandboxes[sandbox.id]
            self._seen.pop(sandbox.id, None)

    async def _remove_container(self, container: ContainerStatus) -> None:
        await self._context.runtime.remove_container(container.id)
        self._containers.discard(container.id)
        self._seen.pop(container.id, None)
        if container.log_path:
            logs.remove_file(self.log_directory / container.log_path)

    @property
    def log_directory(self) -> Path:
        return self._context.log_root / podstate.log_directory(self.pod)

    # --------------------------------------------------------------------- end

    def _grace(self) -> int:
        """Seconds; never none at all, as upstream (calculateEffectiveGracePeriod)."""
        deletion = self.pod["metadata"].get("deletionGracePeriodSeconds")
        spec = self.pod["spec"].get("terminationGracePeriodSeconds")
        return max(1, int(next((seconds for seconds in (deletion, spec) if seconds is not None), _GRACE)))

    async def _kill_all(self, state: PodState) -> None:
        """Stop all containers side by side, then the sandboxes. Raises CriError of the first that cannot be stopped."""
        grace = self._grace()
        kills = [
            containers.kill(self._context, self.pod, container, reasons.killing(container.name), grace=grace)
            for container in reversed(state.running())
        ]
        for outcome in await asyncio.gather(*kills, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome
        for sandbox in state.sandboxes:
            await self._context.runtime.stop_pod_sandbox(sandbox.id)
            self.observe(sandbox.id, runs=False)

    async def terminate(self) -> Synced:
        """End the pod: stop what runs and report how it ended."""
        if self._prober is not None:
            self._prober.stop()
        if self._interrupted:
            await self._relist()
        await self._report(await self._read())
        try:
            await self._kill_all(await self._read())
        except CriError as error:
            await self._context.say(self.pod, reasons.kill_failed(error.message))
            return Synced(failed=True)
        await self._report(await self._read(), terminal=True)
        volumes.remove(self._context.root, self.uid)
        return Synced(ended=True)

    async def _relist(self) -> None:
        """Learn of what an interrupted sync may have made."""
        runtime = self._context.runtime
        sandboxes = [sandbox for sandbox in await runtime.list_pod_sandbox() if sandbox.config.uid == self.uid]
        ids = {sandbox.id for sandbox in sandboxes}
        self.adopt(sandboxes, [c for c in await runtime.list_containers() if c.pod_sandbox_id in ids])

    async def remove(self) -> None:
        """Remove all that is left of an ended pod: containers, sandboxes, logs, and its object where one is left."""
        state = await self._read()
        for container in state.containers:
            await self._remove_container(container)
        for sandbox in state.sandboxes:
            await self._context.runtime.remove_pod_sandbox(sandbox.id)
        logs.remove(str(self.log_directory))
        await self.statuses.delete()


def _kept(pod: Object) -> Packed:
    """What a kubelet asks of a pod: nothing of who manages it, and its status elsewhere."""
    metadata = {name: value for name, value in pod["metadata"].items() if name != "managedFields"}
    return Packed({**{name: value for name, value in pod.items() if name != "status"}, "metadata": metadata})
