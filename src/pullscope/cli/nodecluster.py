"""The images on the nodes of any cluster: as the nodes report them to the API, or as `crictl` on a node says.

A report needs the right to read nodes, is up to a minute old, and holds the 50 largest images with five names each. A debug
pod needs rights over the cluster, and sees everything; removing and pulling go no other way.
"""

import contextlib
import re
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

from pullscope.base.errors import PullscopeError, UnreachableError, UsageError
from pullscope.cli import labs, signals
from pullscope.cli.nodewhere import Part, Where
from pullscope.clusters import kubeconfig, transport
from pullscope.clusters.cluster import Cluster
from pullscope.clusters.transport import Transport
from pullscope.kube import resources
from pullscope.kube.api import Object
from pullscope.kube.status import ApiError
from pullscope.lab import imagewatch
from pullscope.lab import names as node_names
from pullscope.lab.imagewatch import Seen
from pullscope.oc import console, nodesession
from pullscope.oc.debugging import Debugger
from pullscope.oc.nodesession import Done, NodeSession
from pullscope.verify import nodes

Arguments = Mapping[str, Any]
Look = Callable[[], Awaitable[list[Part]]]

_REPORTED = "node.status.images"
_REPORTED_EVERY = 10.0  # seconds; nodes tell of changes after 10 to 60
_SEEN = "crictl"
_SEEN_EVERY = 5.0
_LOGGED = re.compile(r'msg="((?:[^"\\]|\\.)*)"')
_SANDBOX = "/pause"  # in the name of the image of all pods' sandboxes; containerd 1.6 does not pin it


async def names(where: Where) -> list[str]:
    """The nodes' names. Raises UnreachableError without the right to list them."""
    async with _transport(where) as opened:
        return [node["metadata"]["name"] for node in await _nodes(opened)]


async def images(where: Where, arguments: Arguments) -> AsyncIterator[Part]:
    """Each image of one node or of all, with where it is known from."""
    async with _transport(where) as opened, _looking(where, opened, arguments) as look:
        for image in await look():
            yield image


async def watch(where: Where, arguments: Arguments) -> AsyncGenerator[Part]:
    """The parts of `lab.imagewatch`, as far as a cluster tells: it is asked again and again, and pulls are not seen."""
    every = _SEEN_EVERY if where.access else _REPORTED_EVERY
    async with _transport(where) as opened, _looking(where, opened, arguments) as look:
        _note(
            f"asked every {every:g} s; pulls under way cannot be seen there, `kubectl get events -A -w` tells of their "
            "begin and end"
        )
        before = Seen.of(await look())
        yield before.first()
        while True:
            await labs.clock().sleep(every)
            after = Seen.of(await look())
            for change in imagewatch.changes(before, after):
                yield change
            before = after


async def rmi(where: Where, arguments: Arguments) -> AsyncIterator[Part]:
    """Remove the images that are named."""
    async with _chosen(where, arguments, "remove") as (session, wanted):
        if not wanted:
            raise UsageError("which image?", hint="name it as `pullscope node images` shows it, or by its id")
        for name in wanted:
            yield _removed(name, await session.crictl("rmi", name))


async def pull(where: Where, arguments: Arguments) -> AsyncIterator[Part]:
    """Pull one image."""
    async with _chosen(where, arguments, "pull") as (session, wanted):
        if len(wanted) != 1:
            raise UsageError("pull takes one image")
        given = arguments.get("creds")
        creds = ("--creds", ":".join([given["username"], *filter(None, [given["password"]])])) if given else ()
        done = await session.crictl("pull", *creds, wanted[0])
        if done.code:
            raise PullscopeError(f"pulling image: {_said(done).removeprefix('pulling image: ')}")
        yield {"image": done.output.strip().rpartition(" ")[2]}


async def prune(where: Where, arguments: Arguments) -> AsyncIterator[Part]:
    """Remove what no container uses, one by one: crictl's own --prune may take the sandboxes' image as well."""
    async with _chosen(where, arguments, "prune") as (session, _):
        containers = (await session.listed("ps", "-a")).get("containers") or []
        used = {str(each.get(field) or "") for each in containers for field in ("imageRef", "imageId")}
        used |= {str((each.get("image") or {}).get("image") or "") for each in containers}
        for image in await _listed(session):
            its = {image["id"], f"sha256:{image['id']}", *image["repoTags"], *image["repoDigests"]}
            if image["pinned"] or its & used or any(_SANDBOX in tag for tag in image["repoTags"]):
                continue
            told = {"deleted": image["repoTags"] or image["repoDigests"] or [image["id"]]}
            part = told if arguments["dry_run"] else _removed(image["id"], await session.crictl("rmi", image["id"]))
            if "deleted" in part:  # what came into use meanwhile stays
                yield {**part, "size": int(image["size"])}


COMMANDS: Mapping[str, Callable[[Where, Arguments], AsyncIterator[Part]]] = {
    "images": images,
    "watch": watch,
    "rmi": rmi,
    "pull": pull,
    "prune": prune,
}


async def shell(where: Where, node: str, command: Sequence[str]) -> int:
    """A shell on the node, or the command; its exit code. Raises ApiError, StreamError, UnreachableError."""
    async with _transport(where) as opened:
        debugger = Debugger(opened, console.standard(), labs.clock(), image=where.debug_image)
        signals.end_tidily()
        return await debugger.node(node, [*nodesession.HOST, *command], attach=not command)


# -------------------------------------------------------------------------------------------------- where from


@contextlib.asynccontextmanager
async def _transport(where: Where) -> AsyncIterator[Transport]:
    access = await kubeconfig.load(where.kubeconfig, where.context)
    async with transport.open_transport(access) as opened:
        yield opened


async def _nodes(opened: Transport) -> list[Object]:
    try:
        return (await Cluster(opened).list(resources.NODES)).items
    except ApiError as error:
        if error.code != 403:
            raise
        hint = "ask for the verbs get and list on nodes; `pullscope verify --context` proves the cases without them"
        raise UnreachableError(f"you may not read nodes: {error.message}", hint=hint) from error


def _only(found: Sequence[Object], words: Sequence[str]) -> Object:
    known = [node["metadata"]["name"] for node in found]
    if words[0] not in known:
        raise UsageError(f'nodes "{words[0]}" not found', hint=f"the cluster has {', '.join(known)}")
    return found[known.index(words[0])]


@contextlib.asynccontextmanager
async def _chosen(where: Where, arguments: Arguments, command: str) -> AsyncIterator[tuple[NodeSession, Sequence[str]]]:
    """A session on the node that is meant, and the other words."""
    if not where.access:
        hint = "--node-access does it through a debug pod on the node, as `oc debug node/…` would"
        raise UsageError(f"nobody can {command} images on nodes through the API", hint=hint)
    async with _transport(where) as opened:
        known = [node["metadata"]["name"] for node in await _nodes(opened)]
        node, rest = node_names.node_meant(known, [str(word) for word in arguments["words"]])
        async with _on_node(where, opened, node) as session:
            yield session, rest


@contextlib.asynccontextmanager
async def _on_node(where: Where, opened: Transport, node: str) -> AsyncIterator[NodeSession]:
    debugger = Debugger(opened, console.standard(), labs.clock(), image=where.debug_image)
    signals.end_tidily()  # there is a pod to remove
    async with nodesession.opened(debugger, node) as session:
        _note(f"crictl on {node}, through a debug pod")
        yield session


@contextlib.asynccontextmanager
async def _looking(where: Where, opened: Transport, arguments: Arguments) -> AsyncIterator[Look]:
    """What lists the images of the node that is meant, or of all. Says where they are known from."""
    found = await _nodes(opened)
    chosen = found if not arguments["words"] else [_only(found, arguments["words"])]
    names = [node["metadata"]["name"] for node in chosen]
    async with contextlib.AsyncExitStack() as stack:
        if where.access:
            sessions = [await stack.enter_async_context(_on_node(where, opened, name)) for name in names]
            yield partial(_seen, sessions)
        else:
            for node in chosen:
                _note_report(node)
            yield partial(_reported, opened, names)


async def _seen(sessions: Sequence[NodeSession]) -> list[Part]:
    return [image for session in sessions for image in await _listed(session)]


def _note_report(node: Object) -> None:
    age = nodes.age(node.get("status") or {}, labs.clock().now())
    told = "" if age is None else f", {age:.0f} s old"
    name = node["metadata"]["name"]
    _note(f"{_REPORTED} of {name}{told}: its 50 largest images, at most five names each; --node-access sees all")


async def _reported(opened: Transport, names: Sequence[str]) -> list[Part]:
    """What the nodes' reports say; they have neither ids nor all names."""
    listed = {node["metadata"]["name"]: node.get("status") or {} for node in await _nodes(opened)}
    return [
        _part(name, _REPORTED, each.get("names") or [], each)
        | {"age_seconds": nodes.age(listed[name], labs.clock().now())}
        for name in names
        if name in listed
        for each in listed[name].get("images") or []
    ]


async def _listed(session: NodeSession) -> list[Part]:
    """`crictl images`: ids as CRI-O writes them, without the algorithm, as containerd does not."""
    found = (await session.listed("images")).get("images") or []
    return [
        _part(session.node, _SEEN, [*each.get("repoTags", ()), *each.get("repoDigests", ())], each) for each in found
    ]


def _part(node: str, source: str, known: Sequence[str], image: Object) -> Part:
    return {
        "node": node,
        "id": str(image.get("id") or "").removeprefix("sha256:"),
        "repoTags": [name for name in known if "@" not in name],
        "repoDigests": [name for name in known if "@" in name],
        "size": str(image.get("size") or image.get("sizeBytes") or 0),
        "username": str(image.get("username") or ""),
        "pinned": bool(image.get("pinned")),
        "source": source,
    }


def _removed(name: str, done: Done) -> Part:
    if done.code:
        return {"failed": f'error of removing image "{name}": {_said(done)}'}
    return {"deleted": [line.removeprefix("Deleted: ") for line in done.output.splitlines()]}


def _said(done: Done) -> str:
    """What went wrong, without the log lines around it."""
    text = done.errors or done.output
    logged = _LOGGED.findall(text)
    return " ".join((logged[-1].replace('\\"', '"') if logged else text).split())


def _note(text: str) -> None:
    """Where it is known from: beside the output, so that scripts need not mind."""
    sys.stderr.write(f"{text}\n")
