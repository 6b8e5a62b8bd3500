"""Commands on a node, one after the other, through one debug pod: what they say, and how they end.

A node that has `crictl` is asked with it; everything else about the pod is `debugging`'s.
"""

import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from pullscope.base import tasks
from pullscope.base.errors import UnreachableError
from pullscope.clusters import streams
from pullscope.kube.resources import PODS
from pullscope.kube.streams import StreamError, StreamOptions
from pullscope.oc.debugging import CONTAINER, Debugger, exit_code

HOST = ("chroot", "/host")
_LIFE = "86400"  # seconds; then a pod that nobody removed ends by itself
_PATIENCE = 120.0  # seconds until the pod runs, with a pull of its image
_WORK = 600.0  # seconds that a command may take, a pull of a large image too


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it wrote."""

    code: int
    output: str
    errors: str


class NodeSession:
    """A node's root, as long as the debug pod is there."""

    def __init__(self, debugger: Debugger, namespace: str, pod: str, node: str) -> None:
        self._debugger = debugger
        self._path = PODS.path(namespace, pod)
        self.node = node

    async def run(self, *command: str) -> Done:
        """Run it on the node. Raises UnreachableError, ApiError."""
        done = await tasks.within(self._debugger.clock, _WORK, self._run(command))
        if done is None:
            raise UnreachableError(f"`{command[0]}` on node {self.node} did not end within {_WORK:.0f} s")
        return done

    async def crictl(self, *words: str) -> Done:
        """Run crictl. Raises UnreachableError also where the node has none."""
        done = await self.run("crictl", *words)
        if done.code in (126, 127) and not done.output:
            said = " ".join(done.errors.split())
            raise UnreachableError(f"node {self.node} has no crictl: {said}")
        return done

    async def listed(self, *words: str) -> dict[str, Any]:
        """What a command of crictl's says as JSON. Raises UnreachableError."""
        done = await self.crictl(*words, "-o", "json")
        try:
            found = json.loads(done.output)
        except ValueError as error:
            said = " ".join((done.errors or done.output).split())[:300]
            raise UnreachableError(f"crictl {words[0]} on node {self.node} gave no JSON: {said}") from error
        assert isinstance(found, dict)
        return found

    async def _run(self, command: Sequence[str]) -> Done:
        options = StreamOptions(CONTAINER, (*HOST, *command), stdout=True, stderr=True)
        written = {streams.STDOUT: bytearray(), streams.STDERR: bytearray()}
        try:
            async with streams.execute(self._debugger.http, self._path, options) as stream:
                async for channel, data in stream.output():
                    written[channel] += data
        except StreamError as error:
            raise UnreachableError(f"the connection to node {self.node} broke: {error}") from error
        return Done(stream.code, *(written[each].decode(errors="replace") for each in (streams.STDOUT, streams.STDERR)))


@contextlib.asynccontextmanager
async def opened(debugger: Debugger, node: str) -> AsyncIterator[NodeSession]:
    """A session as long as the block; the debug pod is gone afterwards. Raises UnreachableError, ApiError."""
    async with debugger.on_node(node, ("sleep", _LIFE), stdin=False, tty=False) as (namespace, name, _):
        pod = await tasks.within(debugger.clock, _PATIENCE, debugger.started(namespace, name))
        if pod is None:
            what = f"the debug pod on node {node} did not start within {_PATIENCE:.0f} s"
            raise UnreachableError(
                what, hint="if its image cannot be pulled there, name another one: --debug-image IMAGE"
            )
        if "terminated" in (pod["status"].get("containerStatuses") or [{}])[0].get("state", {}):
            raise UnreachableError(f"the debug pod on node {node} ended at once, with {exit_code(pod)}")
        yield NodeSession(debugger, namespace, name, node)
