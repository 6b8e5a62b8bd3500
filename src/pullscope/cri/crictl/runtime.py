"""crictl's commands about containers, pods and the runtime itself: ps, inspect, logs, pods, version, info."""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pullscope.cri.api import ContainerState, ContainerStatus, CriError
from pullscope.cri.crictl import documents, tables
from pullscope.cri.crictl.flags import Parsed
from pullscope.cri.crictl.node import Call, CrictlError, rpc
from pullscope.runtime.program import STDERR, STDOUT


async def ps(call: Call) -> None:
    """List containers, newest first: those that run, or with `--all` all."""
    given = call.given
    found = sorted(await call.node.runtime.list_containers(), key=lambda each: each.created_at, reverse=True)
    pods = await call.node.runtime.list_pod_sandbox()
    namespaces = {pod.id: pod.config.namespace for pod in pods}
    shown = [
        each
        for each in found
        if _state(each, given)
        and _named(each.name, given)
        and _labelled(each.labels, given)
        and each.image_id.startswith(given.get("image"))
        and each.pod_sandbox_id.startswith(given.get("pod"))
        and given.get("namespace") in ("", namespaces.get(each.pod_sandbox_id))
    ][: _limit(given)]
    output = given.get("output", "table")
    if given.has("quiet"):
        call.context.say("".join(f"{each.id}\n" for each in shown))
    elif output in ("json", "yaml"):
        call.context.say(documents.rendered({"containers": [documents.container(each) for each in shown]}, output))
    else:
        call.say(tables.containers(shown, pods, call.context.clock.now(), whole=given.has("no-trunc")))


async def pods(call: Call) -> None:
    """List pods, newest first."""
    given = call.given
    found = sorted(await call.node.runtime.list_pod_sandbox(), key=lambda each: each.created_at, reverse=True)
    wanted = given.get("state").lower()
    shown = [
        each
        for each in found
        if (not wanted or each.state == f"SANDBOX_{wanted.upper()}")
        and _named(each.config.name, given)
        and _labelled(each.config.labels, given)
        and each.id.startswith(given.get("id"))
        and given.get("namespace") in ("", each.config.namespace)
    ][: _limit(given)]
    output = given.get("output", "table")
    if given.has("quiet"):
        call.context.say("".join(f"{each.id}\n" for each in shown))
    elif output in ("json", "yaml"):
        call.context.say(documents.rendered({"items": [documents.pod(each) for each in shown]}, output))
    else:
        call.say(tables.pods(shown, call.context.clock.now(), whole=given.has("no-trunc")))


def _state(found: ContainerStatus, given: Parsed) -> bool:
    wanted = given.get("state").upper()
    if wanted:
        return found.state == f"CONTAINER_{wanted}"
    return given.has("all") or given.has("latest") or given.has("last") or found.state is ContainerState.RUNNING


def _named(name: str, given: Parsed) -> bool:
    """Whether the name matches `--name`, which is a regular expression."""
    try:
        return re.search(given.get("name"), name) is not None
    except re.error as error:
        raise CrictlError(f"error parsing regexp: {error}") from error


def _labelled(labels: Mapping[str, str], given: Parsed) -> bool:
    pairs = [text.partition("=")[::2] for text in given.values.get("label", ())]
    return all(labels.get(key) == value for key, value in pairs)


def _limit(given: Parsed) -> int | None:
    """How many are shown: all when None."""
    if given.has("latest"):
        return 1
    last = given.get("last", "0")
    if not last.isdecimal():
        raise CrictlError(f'invalid value "{last}" for flag -last: parse error')
    return int(last) or None


async def inspect(call: Call) -> None:
    """Show all that is known of containers, by ids."""
    output = call.given.get("output", "json")
    for prefix in call.given.arguments:
        found = await _container(call, prefix)
        call.context.say(documents.rendered(documents.container_details(found), output))


async def logs(call: Call) -> None:
    """Print a container's log as it is: stdout to stdout, stderr to stderr."""
    if not call.given.arguments:
        raise CrictlError("ID cannot be empty")
    found = await _container(call, call.given.arguments[0])
    for stream, line in _last(_entries(found, timestamps=call.given.has("timestamps")), call.given):
        call.context.write(stream, line)
        await call.context.flush()


def _last(entries: Iterable[tuple[int, bytes]], given: Parsed) -> Iterable[tuple[int, bytes]]:
    tail = given.get("tail", "-1")
    return deque(entries, int(tail)) if tail.isdecimal() else entries


def _entries(found: ContainerStatus, *, timestamps: bool) -> Iterator[tuple[int, bytes]]:
    """What a container wrote, out of its log in CRI's format: partial entries have no newline. Raises CrictlError."""
    try:
        with Path(found.log_path).open("rb") as file:
            for line in file:
                moment, stream, tag, content = line.rstrip(b"\n").split(b" ", 3)
                text = content + (b"\n" if tag == b"F" else b"")
                yield STDERR if stream == b"stderr" else STDOUT, moment + b" " + text if timestamps else text
    except OSError as error:
        raise CrictlError(f"reading the log of the container {found.id}: {error.strerror}") from error


async def _container(call: Call, prefix: str) -> ContainerStatus:
    """The container whose id begins so, if there is one only."""
    found = [each for each in await call.node.runtime.list_containers() if prefix and each.id.startswith(prefix)]
    try:
        return found[0] if len(found) == 1 else await call.node.runtime.container_status(prefix)
    except CriError as error:
        raise CrictlError(f'getting the status of the container "{prefix}": {rpc(error)}') from error


async def version(call: Call) -> None:
    """Show the versions."""
    found = await call.node.runtime.version()
    rows = [
        ("Version", "0.1.0"),
        ("RuntimeName", found.runtime_name),
        ("RuntimeVersion", found.runtime_version),
        ("RuntimeApiVersion", found.runtime_api_version),
    ]
    call.context.say("".join(f"{name}:  {text}\n" for name, text in rows))


async def info(call: Call) -> None:
    """Show the runtime's state. It answers, so it is ready; of its configuration nothing can be said in CRI-O's words."""
    await call.node.runtime.version()
    output = call.given.get("output", "json")
    call.context.say(documents.rendered(documents.runtime_info(("RuntimeReady", "NetworkReady")), output))
