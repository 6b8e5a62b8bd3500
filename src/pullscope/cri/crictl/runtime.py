"""crictl's commands about containers, pods and the runtime itself: ps, inspect, logs, stop, pods, version, info."""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pullscope.cri.api import ContainerState, ContainerStatus, CriError
from pullscope.cri.crictl import documents, tables
from pullscope.cri.crictl.flags import Parsed
from pullscope.cri.crictl.node import Call, CrictlError, ExitError
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
        and each.image_id.removeprefix("sha256:").startswith(given.get("image").removeprefix("sha256:"))
        and each.pod_sandbox_id.startswith(given.get("pod"))
        and given.get("namespace") in ("", namespaces.get(each.pod_sandbox_id))
    ][: _limit(given)]
    output = given.get("output", "table")
    if given.has("quiet"):
        call.context.say("".join(f"{each.id}\n" for each in shown))
    elif output in ("json", "yaml"):
        call.context.say(
            documents.rendered({"containers": [documents.container(each, call.node.flavour) for each in shown]}, output)
        )
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
        raise CrictlError(f'getting the status of the container "{prefix}": {error.framed}') from error


async def stop(call: Call) -> None:
    """Stop containers, by ids, with `--all` those that run. One that is not there is as good as stopped, as in CRI.

    Upstream: cri-tools cmd/crictl/container.go; which ones the ids mean: CRI-O server/container_stop.go.
    """
    grace = _seconds(call.given)
    for prefix in await _to_stop(call):
        try:
            await call.node.runtime.stop_container(await _meant(call, prefix), grace)
        except CriError as error:
            raise CrictlError(f'stopping the container "{prefix}": {error.framed}') from error
        call.say(prefix)


def _seconds(given: Parsed) -> int:
    text = given.get("timeout", "0")
    try:
        return int(text)
    except ValueError as error:
        raise CrictlError(f'invalid value "{text}" for flag -timeout: parse error') from error


async def _to_stop(call: Call) -> tuple[str, ...]:
    everything, ids = call.given.has("all"), call.given.arguments
    if everything and ids:
        raise ExitError("cannot specify CONTAINER-ID(s) when using --all")
    if everything:
        found = await call.node.runtime.list_containers()
        ids = tuple(each.id for each in found if each.state is ContainerState.RUNNING)
        if not ids:
            call.say("No running containers found.")
    elif not ids:
        raise ExitError("you must specify at least one CONTAINER-ID or use --all")
    return ids


async def _meant(call: Call, prefix: str) -> str:
    """The id that begins so, or the prefix where none does. Raises CrictlError, CriError where several do."""
    if not prefix:
        raise CrictlError('stopping the container "": ID cannot be empty')
    found = [each.id for each in await call.node.runtime.list_containers() if each.id.startswith(prefix)]
    if len(found) > 1:
        problem = f"multiple IDs found with provided prefix: {prefix}"
        raise CriError(f'could not find container "{prefix}": {problem}', code="NotFound")
    return found[0] if found else prefix


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
