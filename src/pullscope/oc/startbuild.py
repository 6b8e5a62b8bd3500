"""`oc start-build`: a build of what stands in a build config, or of a directory that is sent along.

Upstream: openshift/oc release 4.22 pkg/cli/startbuild/startbuild.go.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

import orjson

from pullscope.kube.api import Object
from pullscope.kube.resources import BUILD_CONFIGS, BUILDS
from pullscope.kube.status import ApiError
from pullscope.oc import discovery, logs, packing
from pullscope.oc.arguments import Arguments, Flags
from pullscope.oc.errors import OcError
from pullscope.oc.session import Session

FLAGS = Flags(values=("from-dir", "from-file", "from-archive", "commit"), switches=("F/follow", "w/wait"))
_FAILED = ("Failed", "Error", "Cancelled")
_DOTS = 5.0  # seconds
_NO_INPUT = (
    "Build configuration {} has no valid source inputs, if this is a binary build you must specify one of "
    "'--from-dir', '--from-repo', or '--from-file'"
)


@dataclass(frozen=True)
class _Upload:
    """What is sent along: what is said of it, the query's part, its bytes."""

    what: str
    query: dict[str, str]
    pieces: Iterator[bytes]


async def run(session: Session, arguments: Arguments) -> int:
    """Start it; with --follow copy its log, with --wait wait for its end."""
    if len(arguments.words) != 1:
        raise OcError("Must pass a name of a build config or specify build name with '--from-build' flag")
    name = arguments.words[0].removeprefix("bc/").removeprefix("buildconfig/")
    upload = _upload(session, arguments)
    await session.read(BUILD_CONFIGS.path(session.namespace, name))
    build = await (_plain(session, name) if upload is None else _binary(session, arguments, name, upload))
    started: str = build["metadata"]["name"]
    session.console.out(f"{discovery.label(BUILDS)}/{started} started")
    if arguments.on("follow"):
        await logs.copy(session, BUILDS.path(session.namespace, started) + "/log", {"follow": "true"})
    if arguments.on("wait"):
        await _wait(session, started)
    return 0


def _upload(session: Session, arguments: Arguments) -> _Upload | None:
    """Raises OcError when it cannot be read."""
    given = [(name, arguments.text(name)) for name in ("from-dir", "from-file", "from-archive") if arguments.text(name)]
    if not given:
        return None
    if len(given) > 1:
        raise OcError("only one of --from-file, --from-repo, --from-archive or --from-dir may be specified")
    ((flag, word),) = given
    if word == "-":
        return _Upload("archive file from STDIN", {}, iter(lambda: session.console.input.read(1 << 18), b""))
    path = Path(word)
    if not path.exists():
        raise OcError(f"stat {word}: no such file or directory")
    if flag == "from-dir" and path.is_dir():
        return _Upload(f'directory "{word}"', {}, packing.directory(path))
    if path.is_dir():
        raise OcError(f"{word} is a directory, use --from-dir")
    if flag == "from-file":
        return _Upload(f'file "{word}"', {"asFile": path.name}, packing.file(path))
    return _Upload(f'archive file "{word}"', {}, packing.file(path))


async def _plain(session: Session, name: str) -> Object:
    request = {
        "kind": "BuildRequest",
        "apiVersion": BUILDS.api_version,
        "metadata": {"name": name},
        "triggeredBy": [{"message": "Manually triggered"}],
        "dockerStrategyOptions": {},
        "sourceStrategyOptions": {},
    }
    try:
        return await session.send("POST", BUILD_CONFIGS.path(session.namespace, name) + "/instantiate", request)
    except ApiError as error:
        causes = (error.details or {}).get("causes") or ()
        if error.reason == "Invalid" and any(cause.get("field") == "spec.source" for cause in causes):
            raise OcError(_NO_INPUT.format(f"{session.namespace}/{name}")) from error
        raise


async def _binary(session: Session, arguments: Arguments, name: str, upload: _Upload) -> Object:
    session.console.err(f"Uploading {upload.what} as binary input for the build ...")
    commit = {"revision.commit": arguments.text("commit")} if arguments.text("commit") else {}
    dots = asyncio.create_task(_tell(session))
    try:
        answer = await session.http.request(
            "POST",
            BUILD_CONFIGS.path(session.namespace, name) + "/instantiatebinary",
            params={"name": name, "namespace": session.namespace, **upload.query, **commit},
            body=_sent(upload.pieces),
            content_type="application/octet-stream",
            accept="application/json, */*",
        )
    finally:
        dots.cancel()
        session.console.err("")
    session.console.err("Uploading finished")
    build: Object = orjson.loads(answer)
    return build


async def _tell(session: Session) -> None:
    """A dot every few seconds."""
    while True:
        await session.clock.sleep(_DOTS)
        session.console.complain(b".")


async def _sent(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The pieces, each read and packed beside the event loop."""
    while data := await asyncio.to_thread(next, pieces, b""):
        yield data


async def _wait(session: Session, name: str) -> None:
    """Raises OcError when the build does not come to a good end."""
    fields = f"metadata.name={name}"
    while True:
        listed = await session.cluster.list(BUILDS, session.namespace, fields=fields)
        if not listed.items:
            raise OcError(f"the build {session.namespace}/{name} was deleted")
        if _ended(session, listed.items[0]):
            return
        watch = session.cluster.watch(
            BUILDS, session.namespace, resource_version=listed.resource_version, fields=fields
        )
        async with aclosing(watch) as events:
            async for event in events:
                if event.type == "MODIFIED" and _ended(session, event.object):
                    return


def _ended(session: Session, build: Object) -> bool:
    phase = build["status"]["phase"]
    if phase in _FAILED:
        raise OcError(f'the build {session.namespace}/{build["metadata"]["name"]} status is "{phase}"')
    return bool(phase == "Complete")
