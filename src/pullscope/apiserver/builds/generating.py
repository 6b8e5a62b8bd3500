"""Makes Builds out of BuildConfigs and Builds.

The config's `status.lastVersion` is written first: a number is given once, and what was built of an image is known before the
build is there.

Upstream: openshift-apiserver 4.22 pkg/build/apiserver/buildgenerator/generator.go.
"""

import secrets
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from pullscope.apiserver.builds import storing
from pullscope.apiserver.handlers import Context
from pullscope.apiserver.imagestreams import lookups
from pullscope.apiserver.services import Services
from pullscope.apiserver.storage import Storage
from pullscope.kube import meta, status
from pullscope.kube.api import Object
from pullscope.kube.status import ApiError
from pullscope.openshift import builds, buildspec, names
from pullscope.openshift.builds import OptionsError, Request
from pullscope.openshift.buildspec import ResolveError

_MANAGER = "openshift-apiserver"


class Generator:
    """Over the store. It acts as the server: who may ask for a build has been asked before."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._configs = Storage(storing.CONFIG, services)
        self._builds = storing.Builds(storing.BUILD, services)

    async def instantiate(self, context: Context, request: Request) -> Object:
        """The next Build of the config `context.name`. Raises ApiError 400, 404, 422."""
        made: list[Object] = []

        def numbered(config: Object) -> Object:
            self._check(config, request)
            config["status"] = self._triggered(config, request)
            config["status"]["lastVersion"] += 1
            made[:] = [_built(config, request, self._base(config))]
            self._validate(made[0])
            return config

        here = self._as_server(context)
        await self._configs.write(here, numbered, storing.NUMBERED)
        return await self._create(here, made[0])

    async def clone(self, context: Context, request: Request) -> Object:
        """Another Build like `context.name`. Raises ApiError 400, 404, 422."""
        build = await self._builds.get(context)
        here = self._as_server(replace(context, name=builds.config_of(build)))
        suffix = f"{secrets.randbelow(10**10):010}"
        made: list[Object] = []

        def numbered(config: Object) -> Object:
            _check_paused(config)
            config["status"]["lastVersion"] += 1
            made[:] = [_cloned(build, config, request, suffix)]
            self._validate(made[0])
            return config

        try:
            await self._configs.write(here, numbered, storing.NUMBERED)
        except ApiError as error:
            if error.reason != "NotFound":
                raise
            made[:] = [_cloned(build, None, request, suffix)]
        return await self._create(here, made[0])

    async def _create(self, context: Context, build: Object) -> Object:
        return await self._builds.create(replace(context, name=""), storing.BUILD.complete(build))

    def _as_server(self, context: Context) -> Context:
        return replace(context, manager=_MANAGER, subresource="")

    def _check(self, config: Object, request: Request) -> None:
        _check_paused(config)
        metadata, wanted = config["metadata"], request.asked.get("lastVersion")
        last = config["status"]["lastVersion"]
        if wanted is not None and wanted != last:
            place = f"{metadata['namespace']}/{metadata['name']}"
            why = f"does not match the build request LastVersion({wanted})"
            raise status.bad_request(f"the LastVersion({last}) on build config {place} {why}")

    def _find(self, namespace: str, name: str) -> Object | None:
        return lookups.stream(self._services, namespace, name)

    def _resolved(self, source: Object, namespace: str) -> str:
        try:
            return buildspec.resolve(source, namespace, self._find)
        except ResolveError as error:
            cause = {"message": error.message, "field": "from"}
            details = {"name": error.name, "kind": error.kind, "causes": [cause]}
            raise ApiError(422, "Invalid", error.message, details) from None

    def _base(self, config: Object) -> str | None:
        """What the strategy builds on now: what its trigger saw, or what the tag points to. None when it names nothing."""
        source = buildspec.input_image(config["spec"])
        if source is None:
            return None
        place = _place(config, source)
        for seen in config["status"].get("imageChangeTriggers") or ():
            if _place(config, seen["from"]) == place and seen.get("lastTriggeredImageID"):
                return str(seen["lastTriggeredImageID"])
        return self._resolved(source, config["metadata"]["namespace"])

    def _triggered(self, config: Object, request: Request) -> Object:
        """The config's status with the image that each of its image triggers has seen by this build."""
        cause, source = request.asked.get("triggeredByImage"), request.asked.get("from")
        state = dict(config["status"])
        before = {_place(config, each["from"]): each for each in state.pop("imageChangeTriggers", None) or ()}
        if cause and source and before.get(_place(config, source), {}).get("lastTriggeredImageID") == cause["name"]:
            place = f"{config['metadata']['namespace']}/{config['metadata']['name']}"
            why = f"build config {place} has already instantiated a build for imageid {cause['name']}"
            raise status.internal(why)
        if seen := [*self._seen(config, cause, source)]:
            state["imageChangeTriggers"] = seen
        return state

    def _seen(self, config: Object, cause: Object | None, source: Object | None) -> Iterator[Object]:
        base = buildspec.input_image(config["spec"])
        for trigger in config["spec"].get("triggers") or ():
            if trigger.get("type") != "ImageChange":
                continue
            own = (trigger.get("imageChange") or {}).get("from")
            tag = own or base or {}
            shown: Object = {"from": {key: tag[key] for key in ("namespace", "name") if tag.get(key)}}
            if cause and source and _place(config, tag) == _place(config, source):
                shown |= {"lastTriggeredImageID": cause["name"], "lastTriggerTime": self._now()}
            else:
                try:
                    shown["lastTriggeredImageID"] = self._resolved(tag, config["metadata"]["namespace"])
                except ApiError:
                    if own is None:
                        raise  # there is nothing to build on; an image that only starts builds may come later
            yield shown

    def _now(self) -> str:
        return meta.timestamp(self._services.clock.now())

    def _validate(self, build: Object) -> None:
        """Upstream finds this when the build is created; then its number would be gone."""
        whole = storing.BUILD.complete(build)
        if found := [*storing.BUILD.strategy.validate(whole)]:
            raise status.invalid(storing.BUILD.resource, build["metadata"]["name"], found)


def _place(config: Object, tag: Any) -> tuple[str, str]:
    """Namespace and name of a tag that a config names."""
    return tag.get("namespace") or config["metadata"]["namespace"], tag.get("name", "")


def _check_paused(config: Object) -> None:
    metadata = config["metadata"]
    if (metadata.get("annotations") or {}).get(names.BUILD_CONFIG_PAUSED, "").lower() == "true":
        place = f"{metadata['namespace']}/{metadata['name']}"
        raise status.bad_request(f"can't instantiate from BuildConfig {place}: BuildConfig is paused")


def _built(config: Object, request: Request, image: str | None) -> Object:
    try:
        return builds.of_config(config, request, image)
    except OptionsError as error:
        raise status.bad_request(str(error)) from None


def _cloned(build: Object, config: Object | None, request: Request, suffix: str) -> Object:
    try:
        return builds.cloned(build, config, request, suffix)
    except OptionsError as error:
        raise status.bad_request(str(error)) from None
