"""Starts the builds that nobody asks for by hand, and removes those that the history limits leave no room for.

A config that is new starts its first build when it has a ConfigChange trigger; one with an ImageChange trigger starts one
whenever the tag points to another image.

Upstream: openshift-controller-manager 4.22 pkg/build/controller/buildconfig/buildconfig_controller.go and openshift/library-go
pkg/.../triggers buildconfigs.go (buildConfigReactor).
"""

from collections.abc import Iterator
from typing import Any

from pullscope.controllers import claims, queue
from pullscope.controllers.builds import policies
from pullscope.controllers.cache import Key, Seen
from pullscope.controllers.context import Context
from pullscope.kube import events, resources
from pullscope.kube.api import DeleteOptions, Object
from pullscope.kube.status import ApiError
from pullscope.openshift import buildreasons, builds, buildspec
from pullscope.openshift.buildspec import Find, ResolveError

NAME = "buildconfig-controller"
C, B, S = resources.BUILD_CONFIGS, resources.BUILDS, resources.IMAGE_STREAMS


def request(config: Object, find: Find) -> Object | None:
    """The BuildRequest that the config's triggers make now, None when nothing triggers."""
    trigger = next(_changed(config, find), None)
    if trigger is not None:
        source, image = trigger
        cause = {"message": buildreasons.IMAGE_CHANGE, "imageChangeBuild": {"imageID": image, "fromRef": source}}
        seen = {"triggeredByImage": {"kind": "DockerImage", "name": image}, "from": source}
        return _request(config, {"triggeredBy": [cause], **seen})
    first = not config["status"].get("lastVersion")
    if first and any(each.get("type") == "ConfigChange" for each in config["spec"].get("triggers") or ()):
        return _request(config, {"triggeredBy": [{"message": buildreasons.CONFIG_CHANGE}], "lastVersion": 0})
    return None


def _request(config: Object, fields: Object) -> Object:
    names = {key: config["metadata"][key] for key in ("name", "namespace")}
    return {"kind": "BuildRequest", "apiVersion": C.api_version, "metadata": names, **fields}


def _changed(config: Object, find: Find) -> Iterator[tuple[Object, str]]:
    """The tags of image triggers that point to another image than that of their last build, with the image."""
    namespace, base = config["metadata"]["namespace"], buildspec.input_image(config["spec"])
    seen = {
        _place(each["from"], namespace): each.get("lastTriggeredImageID")
        for each in config["status"].get("imageChangeTriggers") or ()
    }
    for trigger in config["spec"].get("triggers") or ():
        change = trigger.get("imageChange")
        source = (change.get("from") or base) if change is not None else None
        if source is None or change.get("paused") or source.get("kind") != "ImageStreamTag":
            continue
        try:
            image = buildspec.resolve(source, namespace, find)
        except ResolveError:
            continue
        if seen.get(_place(source, namespace)) != image:
            yield source, image


def _place(source: Object, namespace: str) -> tuple[str, str]:
    return source.get("namespace") or namespace, source.get("name", "")


async def run(context: Context) -> None:
    """Work until cancelled."""
    await _Controller(context).run()


class _Controller:
    def __init__(self, context: Context) -> None:
        self._cache = context.cache
        self._configs = context.cache[C]
        self._builds = context.cache[B]
        self._api = context.acting_as(NAME)
        self._recorder = events.Recorder(self._api, NAME, context.clock)
        self._queue: queue.WorkQueue[Key] = queue.WorkQueue(context.clock)

    async def run(self) -> None:
        self._configs.subscribe(self._on_config)
        self._builds.subscribe(self._on_build)
        self._cache[S].subscribe(self._on_stream)
        for seen in self._configs.all():
            self._queue.add(seen.key)
        await queue.work(self._queue, self._reconcile)

    def _on_config(self, _old: Seen[Any] | None, new: Seen[Any] | None) -> None:
        if new is not None:
            self._queue.add(new.key)

    def _on_build(self, old: Seen[Any] | None, new: Seen[Any] | None) -> None:
        for key in claims.owner_keys(C.kind, old, new):
            self._queue.add(key)

    def _on_stream(self, _old: Seen[Any] | None, new: Seen[Any] | None) -> None:
        """Look at the configs that have a trigger; few do."""
        for seen in self._configs.all() if new is not None else ():
            if any(each.get("type") == "ImageChange" for each in seen.view["spec"].get("triggers") or ()):
                self._queue.add(seen.key)

    async def _reconcile(self, key: Key) -> float | None:
        seen = self._configs.get(key)
        if seen is None or seen.deleting:
            return None
        await self._prune(seen)
        wanted = request(seen.view, self._stream)
        if wanted is not None:
            await self._instantiate(seen, wanted)
        return None

    async def _instantiate(self, seen: Seen[Any], wanted: Object) -> None:
        """Ask for the build. What is refused is tried again when the config or the stream changes."""
        try:
            await self._api.create(C, seen.namespace, wanted, subresource="instantiate")
        except ApiError as error:
            if error.code == 404 or "does not match the build request LastVersion(0)" in error.message:
                return  # the config is gone, or somebody was faster
            place = f"{seen.namespace}/{seen.name} ({seen.view['status'].get('lastVersion', 0)})"
            text = f"error instantiating Build from BuildConfig {place}: {error.message}"
            await self._recorder.event(seen.view, "Warning", "BuildConfigInstantiateFailed", text)
            return
        self._configs.absorb(await self._api.get(C, seen.namespace, seen.name))

    def _stream(self, namespace: str, name: str) -> Object | None:
        found = self._cache[S].get((namespace, name))
        return found.view if found is not None else None

    async def _prune(self, seen: Seen[Any]) -> None:
        own = [each.view for each in self._builds.in_namespace(seen.namespace) if _is_of(each.view, seen.name)]
        for build in policies.outdated(seen.view, own):
            metadata = build["metadata"]
            try:
                await self._api.delete(B, seen.namespace, metadata["name"], DeleteOptions(uid=metadata["uid"]))
            except ApiError as error:
                if error.code != 404:
                    raise


def _is_of(build: Object, config: str) -> bool:
    return builds.config_of(build) == config
