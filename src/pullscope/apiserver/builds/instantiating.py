"""`buildconfigs/instantiate`, `buildconfigs/instantiatebinary` and `builds/clone`: what starts a build.

Upstream: openshift-apiserver 4.22 pkg/build/apiserver/registry/buildconfiginstantiate/rest.go and buildclone/rest.go.
"""

import asyncio
import posixpath
from collections.abc import AsyncIterator, Coroutine, Mapping
from dataclasses import replace
from typing import Any

from pullscope.apiserver.builds import storing, validation, waiting
from pullscope.apiserver.builds.generating import Generator
from pullscope.apiserver.handlers import Context
from pullscope.apiserver.kinds import Kind, Subresource
from pullscope.apiserver.services import Services
from pullscope.apiserver.store import records
from pullscope.apiserver.subresources import location
from pullscope.base import tasks
from pullscope.kube import resources, status
from pullscope.kube.api import Object
from pullscope.kube.status import ApiError
from pullscope.kube.streams import Session, StreamError, StreamOptions
from pullscope.openshift import buildreasons, builds
from pullscope.openshift.builds import Request

PATIENCE_SECONDS = 5 * 60.0
"""How long an upload waits for its build to run."""


class Instantiate:
    """Starts a build of a BuildConfig as a BuildRequest asks; a source that has to be uploaded is not asked so."""

    def __init__(self, _kind: Kind, services: Services) -> None:
        self._generator = Generator(services)
        self._services = services

    async def create(self, context: Context, obj: Object) -> Object:
        config = self._services.store.get(
            records.key(resources.BUILD_CONFIGS, context.namespace, context.name)
        ).object()
        binary = obj.get("binary")
        if (
            binary is None
            and config["spec"]["source"]["type"] == "Binary"
            and not config["spec"]["source"].get("dockerfile")
        ):
            name = builds.name(context.name, str(config["status"]["lastVersion"] + 1))
            raise status.invalid(resources.BUILDS, name, [validation.no_input()])
        return await self._generator.instantiate(context, _request(obj))


class Clone:
    """Starts a build like another one."""

    def __init__(self, _kind: Kind, services: Services) -> None:
        self._generator = Generator(services)

    async def create(self, context: Context, obj: Object) -> Object:
        return await self._generator.clone(context, _request(obj))


def _request(obj: Object) -> Request:
    causes = obj.get("triggeredBy") or [{"message": buildreasons.MANUALLY}]
    return Request(obj.get("binary"), obj.get("revision"), causes, obj)


class InstantiateBinary:
    """Starts a build and hands it its source, which comes in pieces: no more than a few are ever here."""

    def __init__(self, _kind: Kind, services: Services) -> None:
        self._generator = Generator(services)
        self._builds = storing.Builds(storing.BUILD, services)
        self._services = services
        self._cancelling: set[asyncio.Future[Any]] = set()

    async def receive(self, context: Context, pieces: AsyncIterator[bytes]) -> Object:
        """The Build, when its source has been handed over, whatever it makes of it."""
        request = Request(_binary(context.parameters), builds.revision_of(context.parameters))
        build = await self._generator.instantiate(context, request)
        if context.dry_run:
            return build
        cancelled = replace(context, name=build["metadata"]["name"], subresource="")
        try:
            latest = await self._running(build)
            session = await self._attach(latest)
        except BaseException:
            self._aside(self._cancel(cancelled))
            raise
        await _hand_over(pieces, session)
        return latest

    async def _running(self, build: Object) -> Object:
        """The build as it runs. Raises ApiError in upstream's words when it does not come to that."""
        name, namespace = build["metadata"]["name"], build["metadata"]["namespace"]
        try:
            latest = await waiting.running(self._services, namespace, name, PATIENCE_SECONDS)
        except waiting.GoneError:
            raise status.bad_request(f"build {name} was deleted before it started: {buildreasons.NO_LOGS}") from None
        except waiting.TimedOutError as error:
            raise status.bad_request(f"unable to wait for build {name} to run: {error}") from None
        state = latest["status"]
        match state["phase"]:
            case builds.RUNNING:
                return latest
            case builds.ERROR:
                why = f"build {name} encountered an error: {buildreasons.NO_LOGS}"
            case builds.FAILED:
                why = f"build {name} failed: {state.get('reason', '')}: {state.get('message', '')}"
            case builds.CANCELLED:
                why = f"build {name} was cancelled: {buildreasons.NO_LOGS}"
            case phase:
                why = f"cannot upload file to build {name} with status {phase}"
        raise status.bad_request(why)

    async def _attach(self, build: Object) -> Session:
        """The stdin of the container that takes the source. Raises ApiError."""
        name, namespace = builds.pod_name(build["metadata"]["name"]), build["metadata"]["namespace"]
        pod = self._services.store.get(records.key(resources.PODS, namespace, name)).object()
        kubelet = location.kubelet_of(pod, self._services)
        if kubelet is None:
            raise status.bad_request(f"pod {name} does not have a host assigned")
        return await kubelet.attach(pod, StreamOptions(builds.SOURCE_CONTAINER, stdin=True, stdout=True, stderr=True))

    def _aside(self, work: Coroutine[Any, Any, None]) -> None:
        """Do this whether or not anybody waits for the answer."""
        task = asyncio.ensure_future(work)
        self._cancelling.add(task)
        task.add_done_callback(self._cancelling.discard)

    async def _cancel(self, context: Context) -> None:
        """Nobody will upload anything: the build need not wait. One that is over, or gone, stays as it is."""

        def marked(build: Object) -> Object:
            if build["status"]["phase"] not in builds.OVER:
                build["status"]["cancelled"] = True
            return build

        try:
            await self._builds.write(context, marked, storing.BUILD.strategy)
        except ApiError as error:
            if error.reason != "NotFound":
                raise


def _binary(query: Mapping[str, str]) -> Object:
    name = query.get("asFile", "")
    if not name or list(validation.binary({"asFile": name}, "")):
        return {"asFile": name} if name else {}  # what is wrong with it is said of the build
    return {"asFile": posixpath.normpath(name).removeprefix("/")}


async def _hand_over(pieces: AsyncIterator[bytes], session: Session) -> None:
    """Write all pieces to the container and return when it has ended.

    Pieces that break off end the session without its end of input: the container can tell. Raises what they raise.
    """
    ended = asyncio.ensure_future(_read(session))
    try:
        async for piece in pieces:
            await session.write(piece)
        await session.close_stdin()
        await ended
    finally:
        await session.close()
        await tasks.end(ended)


async def _read(session: Session) -> None:
    """What the container says goes to its log; here it is only read, so that nothing piles up."""
    try:
        async for _ in session.output():
            pass
    except StreamError:
        return


INSTANTIATE = Subresource(Instantiate, "BuildRequest")
INSTANTIATE_BINARY = Subresource(InstantiateBinary, "BinaryBuildRequestOptions")
CLONE = Subresource(Clone, "BuildRequest")
