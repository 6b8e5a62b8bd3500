"""crictl on the nodes of a cluster for `verify`: one debug pod for each node that is worked on, as long as the run."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack

from pullscope.base.clock import Clock
from pullscope.clusters.transport import Transport
from pullscope.oc import console, nodesession
from pullscope.oc.debugging import Debugger
from pullscope.oc.nodesession import NodeSession
from pullscope.verify.byhand.hands import Ran


class NodeHands:
    """Works on nodes until `stack` ends. `image` is what debug pods are made of (empty: what `oc debug` takes)."""

    def __init__(self, stack: AsyncExitStack, http: Transport, clock: Clock, image: str = "") -> None:
        self._stack = stack
        self._debugger = Debugger(http, console.standard(), clock, image=image)
        self._sessions: dict[str, NodeSession] = {}
        self._turn = asyncio.Lock()

    async def look(self, node: str) -> list[str]:
        """All names of images on the node: `target.Look`."""
        images = (await (await self._on(node)).listed("images")).get("images") or []
        return [name for image in images for name in (*image.get("repoTags", ()), *image.get("repoDigests", ()))]

    async def crictl(self, node: str, words: Sequence[str]) -> Ran:
        """Run crictl there: `target.Crictl`."""
        done = await (await self._on(node)).crictl(*words)
        return Ran(done.code, done.output + done.errors, done.output)

    async def _on(self, node: str) -> NodeSession:
        async with self._turn:
            if node not in self._sessions:
                self._sessions[node] = await self._stack.enter_async_context(nodesession.opened(self._debugger, node))
        return self._sessions[node]
