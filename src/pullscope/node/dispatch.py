"""Who works when: one line of work per pod, woken by changes of its object, of the runtime, and by time.

A pod that has nothing to do costs no task. Upstream: pkg/kubelet/pod_workers.go, Kubernetes v1.36: after a good sync the next
one comes within 60 to 90 s, after a failed one within 10 to 15 s; a pod that is deleted interrupts its sync.
"""

import asyncio
import functools
import logging
from dataclasses import dataclass
from enum import Enum, auto

from pullscope.base import clock as clocks
from pullscope.cri.api import ContainerEvent, ContainerEventType, CriError
from pullscope.kube.api import Object
from pullscope.kube.status import ApiError
from pullscope.node import podstate, status
from pullscope.node.context import Context
from pullscope.node.leftovers import Left
from pullscope.node.pods import PodSync, Synced
from pullscope.node.prober import Prober
from pullscope.node.timers import Timers
from pullscope.pull.backoff import Backoff

_log = logging.getLogger(__name__)

_RESYNC = 60.0  # syncFrequency, workerResyncIntervalJitterFactor 0.5
_RETRY = 10.0  # backOffPeriod, workerBackOffPeriodJitterFactor 0.5
_JITTER = 0.5

_RUNS = {ContainerEventType.STARTED: True, ContainerEventType.STOPPED: False}


class Stage(Enum):
    """A pod is synced, then terminated, then (once its object is deleted) removed."""

    SYNC = auto()
    TERMINATE = auto()
    ENDED = auto()


@dataclass(slots=True)
class _Work:
    pod: PodSync
    stage: Stage = Stage.SYNC
    pending: bool = False
    task: asyncio.Task[None] | None = None
    step: asyncio.Task[Synced] | None = None
    gone: bool = False  # the object is deleted: nothing may stay

    @property
    def deleted(self) -> bool:
        return self.gone or bool(self.pod.pod["metadata"].get("deletionTimestamp"))

    def rest(self) -> None:
        """Take little memory while there is nothing to do."""
        if self.task is None:
            self.pod.pack()


class Dispatcher:
    """Keeps the pods of a node at work, in tasks of `group`."""

    def __init__(self, context: Context, group: asyncio.TaskGroup) -> None:
        self._context = context
        self._group = group
        self._work: dict[str, _Work] = {}
        self._left: dict[str, Left] = {}
        self._backoff = Backoff()
        self.timers = Timers(context.clock, self._wake)

    def pod(self, uid: str) -> PodSync | None:
        """The pod of that uid, while anything of it is on the node."""
        work = self._work.get(uid)
        return work.pod if work else None

    @property
    def uids(self) -> set[str]:
        return set(self._work)

    # --------------------------------------------------------------------- what wakes

    def leave(self, uid: str, left: Left) -> None:
        """At start: what a former kubelet left of a pod, to be taken over when the API shows that pod."""
        self._left[uid] = left

    def update(self, pod: Object) -> None:
        """The API shows this pod, bound to this node."""
        uid = podstate.uid(pod)
        work = self._work.get(uid)
        if work is None:
            work = self._work[uid] = _Work(PodSync(self._context, pod, self._backoff, self._attend))
            left = self._left.pop(uid, Left())
            work.pod.adopt(left.sandboxes, left.containers)
        else:
            work.pod.statuses.seen(pod)
            if not _differs(work.pod.pod, pod):
                if work.stage is Stage.SYNC and status.needs_readiness(pod):
                    self._wake(uid)
                work.rest()
                return
            work.pod.pod = pod
        self._stop_when_deleted(work)
        self._wake(uid)

    def remove(self, uid: str) -> None:
        """The API has no such pod any more."""
        work = self._work.get(uid)
        if work is not None:
            work.gone = True
            self._stop_when_deleted(work)
            self._wake(uid)

    def event(self, event: ContainerEvent) -> None:
        """The runtime reports a change. Upstream's PLEG tells only of what began to run and what ended."""
        work, runs = self._work.get(event.pod_uid), _RUNS.get(event.type)
        if work is not None and runs is not None and work.pod.observe(event.container_id, runs=runs):
            self._wake(event.pod_uid)

    def _stop_when_deleted(self, work: _Work) -> None:
        if work.deleted and work.stage is Stage.SYNC:
            work.stage = Stage.TERMINATE
            if work.step:
                work.step.cancel()

    def _wake(self, uid: str) -> None:
        work = self._work.get(uid)
        if work is None:
            return
        work.pending = True
        if work.task is None:
            work.task = self._group.create_task(self._run(uid, work))

    # --------------------------------------------------------------------- work

    def _attend(self, uid: str) -> Prober:
        return Prober(self._context, self._group.create_task, functools.partial(self._wake, uid))

    async def _run(self, uid: str, work: _Work) -> None:
        try:
            while work.pending:
                work.pending = False
                self.timers.cancel(uid)
                with clocks.at_work(self._context.clock):
                    await self._step(uid, work)
        finally:
            work.task = None
            work.rest()

    async def _step(self, uid: str, work: _Work) -> None:
        if work.stage is Stage.ENDED:
            if work.deleted and await self._removed(work):
                self._work.pop(uid, None)
            elif work.deleted:
                self._again(uid, _RETRY)
            return
        stage = work.stage
        outcome = await self._attempt(work)
        if outcome is None:
            work.pending = True  # interrupted by the pod's deletion
        elif outcome.ended:
            work.stage = Stage.TERMINATE if stage is Stage.SYNC else Stage.ENDED
            work.pending = True
        else:
            work.pending |= outcome.changed
            self._again(uid, _RETRY if outcome.failed else _RESYNC, exactly=outcome.retry_after)

    def _again(self, uid: str, seconds: float, *, exactly: float | None = None) -> None:
        wait = seconds * (1 + _JITTER * self._context.options.random.random()) if exactly is None else exactly
        deadline = self._work[uid].pod.must_end_within()
        self.timers.set(uid, wait if deadline is None or deadline <= 0 else min(wait, deadline))

    async def _attempt(self, work: _Work) -> Synced | None:
        """One sync or termination; None when it was interrupted because the pod is to end."""
        call = work.pod.sync() if work.stage is Stage.SYNC else work.pod.terminate()
        work.step = asyncio.ensure_future(call)
        try:
            return await work.step
        except asyncio.CancelledError:
            if _is_cancelled():
                raise
            return None
        except (ApiError, CriError, OSError) as error:
            _log.warning("pod %s: %s", podstate.full_name(work.pod.pod), error)
            return Synced(failed=True)
        except Exception:  # noqa: BLE001 - one pod's bug must not stop the others (upstream: HandleCrash); it is told whole
            _log.exception("pod %s: sync failed", podstate.full_name(work.pod.pod))
            return Synced(failed=True)
        finally:
            work.step = None

    async def _removed(self, work: _Work) -> bool:
        try:
            await work.pod.remove()
        except (ApiError, CriError, OSError) as error:
            _log.warning("pod %s: cannot be removed: %s", podstate.full_name(work.pod.pod), error)
            return False
        except Exception:  # noqa: BLE001 - as above
            _log.exception("pod %s: cannot be removed", podstate.full_name(work.pod.pod))
            return False
        self._backoff.forget_expired(self._context.clock.now())
        return True


def _is_cancelled() -> bool:
    """Whether the work itself is being cancelled (the kubelet stops), not only its step."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _differs(old: Object, new: Object) -> bool:
    """Whether a change is one to act upon (upstream: podsDifferSemantically); the status is the kubelet's own."""
    if old["spec"] != new["spec"]:
        return True
    fields = ("labels", "annotations", "deletionTimestamp", "deletionGracePeriodSeconds")
    return any((old["metadata"].get(field) or None) != (new["metadata"].get(field) or None) for field in fields)
