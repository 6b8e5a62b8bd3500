"""The build controller's loop.

Upstream: openshift-controller-manager 4.22 pkg/build/controller/build/build_controller.go.
"""

from collections.abc import Iterable
from typing import Any

from pullscope.controllers import claims, queue
from pullscope.controllers.builds import plan as planning
from pullscope.controllers.builds import pods, starting
from pullscope.controllers.builds.plan import Cancel, Nothing, Start, Supersede, Write
from pullscope.controllers.builds.starting import Blocked, Ready
from pullscope.controllers.cache import Key, Seen
from pullscope.controllers.context import Context
from pullscope.kube import events, resources
from pullscope.kube.api import Api, DeleteOptions, Object
from pullscope.kube.events import Note
from pullscope.kube.resources import Resource
from pullscope.kube.status import ApiError
from pullscope.openshift import buildreasons, builds, names

NAME = "build-controller"
WORKERS = 5
B, P = resources.BUILDS, resources.PODS
_SOURCES = (resources.IMAGE_STREAMS, resources.SERVICE_ACCOUNTS)
"""What a build may wait for before it can start."""


async def run(context: Context, image: str) -> None:
    """Work until cancelled. `image` is what the containers of builds' pods are made of."""
    await _Controller(context, image).run()


class _Controller:
    def __init__(self, context: Context, image: str) -> None:
        self._clock = context.clock
        self._cache = context.cache
        self._builds = context.cache[B]
        self._api = context.acting_as(NAME)
        self._recorder = events.Recorder(self._api, NAME, context.clock)
        self._image = image
        self._queue: queue.WorkQueue[Key] = queue.WorkQueue(context.clock)

    async def run(self) -> None:
        self._builds.subscribe(self._on_build)
        self._cache[P].subscribe(self._on_pod)
        for resource in _SOURCES:
            self._cache[resource].subscribe(self._on_source)
        for seen in self._builds.all():
            self._queue.add(seen.key)
        await queue.work(self._queue, self._reconcile, workers=WORKERS)

    def _on_build(self, old: Seen[Any] | None, new: Seen[Any] | None) -> None:
        """Look at it, and at those that wait for it."""
        seen = new or old
        if seen is None:
            return
        if new is not None:
            self._queue.add(new.key)
        self._add_waiting(self._of_config(seen.view))

    def _on_pod(self, old: Seen[Any] | None, new: Seen[Any] | None) -> None:
        for key in claims.owner_keys(B.kind, old, new):
            self._queue.add(key)

    def _on_source(self, old: Seen[Any] | None, new: Seen[Any] | None) -> None:
        if (seen := new or old) is not None:
            self._add_waiting(self._builds.in_namespace(seen.namespace))

    def _add_waiting(self, candidates: Iterable[Seen[Any]]) -> None:
        for each in candidates:
            if each.view["status"]["phase"] == builds.NEW:
                self._queue.add(each.key)

    def _of_config(self, build: Object) -> list[Seen[Any]]:
        """The builds of its config, itself included."""
        name, namespace = builds.config_of(build), build["metadata"]["namespace"]
        same = self._builds.in_namespace(namespace) if name else []
        return [each for each in same if builds.config_of(each.view) == name]

    async def _reconcile(self, key: Key) -> float | None:
        seen = self._builds.get(key)
        if seen is None:
            return None
        build, others = seen.view, [each.view for each in self._of_config(seen.view)]
        pod = await _find(self._api, P, seen.namespace, builds.pod_name(seen.name))
        match planning.plan(build, pod, others, self._clock.now()):
            case Nothing(again):
                return again
            case Supersede(older):
                for each in older:
                    await self._write(each, {**each["status"], "cancelled": True})
            case Cancel():
                await self._cancel(build, pod)
            case Start():
                await self._start(build)
            case Write(status, entered):
                await self._write(build, status, entered)
        return None

    async def _cancel(self, build: Object, pod: Object | None) -> None:
        if pod is not None and planning.is_of(pod, build):
            try:
                uid = DeleteOptions(uid=pod["metadata"]["uid"])
                await self._api.delete(P, pod["metadata"]["namespace"], pod["metadata"]["name"], uid)
            except ApiError as error:
                if error.code != 404:
                    raise
        done = planning.enter(build, builds.CANCELLED, self._clock.now(), reason=buildreasons.CANCELLED, pod=pod)
        await self._write(build, done.status, done.entered)

    async def _start(self, build: Object) -> None:
        """Make the pod, when everything that the build names is there; else say what is missing."""
        secrets = await self._secrets(build)
        match starting.prepare(build, self._stream, secrets):
            case Blocked(reason, fails):
                phase = builds.FAILED if fails else builds.NEW
                blocked = planning.enter(build, phase, self._clock.now(), reason=reason)
                if blocked.status != build["status"]:
                    await self._write(build, blocked.status, blocked.entered)
            case Ready(resolved):
                await self._create(build, resolved)

    async def _create(self, build: Object, resolved: Object) -> None:
        namespace = build["metadata"]["namespace"]
        try:
            pod = await self._api.create(P, namespace, pods.pod(resolved, self._image))
        except ApiError as error:
            if error.reason == "AlreadyExists":
                raise  # the next look sees it
            note = Note("Warning", "FailedCreate", f"Error creating build pod: {error.message}")
            await self._tell(build, note)
            refused = planning.enter(build, builds.NEW, self._clock.now(), reason=buildreasons.CANNOT_CREATE_POD)
            if refused.status != build["status"]:
                await self._write(build, refused.status)
            return
        self._cache[P].absorb(pod)
        pending = planning.enter(build, builds.PENDING, self._clock.now())
        output = resolved["spec"]["output"]
        if output.get("to"):
            pending.status["outputDockerImageReference"] = output["to"]["name"]
        marked = {**build, "metadata": _marked(build["metadata"], pod["metadata"]["name"])}
        if secret := output.get("pushSecret"):
            marked["spec"] = {**build["spec"], "output": {**build["spec"]["output"], "pushSecret": secret}}
        await self._write(marked, pending.status, pending.entered)

    async def _write(self, build: Object, status: Object, entered: str = "") -> None:
        """Write the build with this status, and tell of the phase that it entered."""
        written = await self._api.update(B, build["metadata"]["namespace"], {**build, "status": status})
        self._builds.absorb(written)
        note = buildreasons.entered(entered, written["metadata"]["namespace"], written["metadata"]["name"])
        if note is not None:
            await self._tell(written, note)

    async def _tell(self, build: Object, note: Note) -> None:
        await self._recorder.event(build, note.type, note.reason, note.message)

    def _stream(self, namespace: str, name: str) -> Object | None:
        seen = self._cache[resources.IMAGE_STREAMS].get((namespace, name))
        return seen.view if seen is not None else None

    async def _secrets(self, build: Object) -> list[Object] | None:
        """The secrets of the build's account with which images are pulled and pushed; None while there is no account."""
        namespace = build["metadata"]["namespace"]
        account = await _find(
            self._api, resources.SERVICE_ACCOUNTS, namespace, build["spec"].get("serviceAccount") or builds.ACCOUNT
        )
        if account is None:
            return None
        linked = [*(account.get("secrets") or ()), *(account.get("imagePullSecrets") or ())]
        wanted = dict.fromkeys(each["name"] for each in linked if each.get("name"))
        found = [await _find(self._api, resources.SECRETS, namespace, name) for name in wanted]
        return [each for each in found if each is not None]


def _marked(metadata: Object, pod: str) -> Object:
    return {**metadata, "annotations": {**(metadata.get("annotations") or {}), names.BUILD_POD_NAME: pod}}


async def _find(api: Api, resource: Resource, namespace: str, name: str) -> Object | None:
    try:
        return await api.get(resource, namespace, name)
    except ApiError as error:
        if error.code != 404:
            raise
    return None
