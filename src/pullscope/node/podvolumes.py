"""The volumes of one pod: looked at by each sync, written before the first program that can read them.

A pod all of whose containers are held has no program, so nothing of it is written; what a volume is made of must be there
all the same. Upstream: WaitForAttachAndMount, pkg/kubelet/volumemanager, and pkg/volume/util/exponentialbackoff, Kubernetes v1.36.
"""

from pullscope.kube.api import Object
from pullscope.node import reasons, volumes
from pullscope.node.context import Context, NamespaceConfig
from pullscope.node.projection import Projector, VolumeError
from pullscope.node.volumes import Content, Mark

_FRESH_SECONDS = 1.0  # a start is two syncs one after the other
_RETRY = 0.5  # doubled by each failure
_RETRY_MAX = 122.0


class PodVolumes:
    """Made with the pod's uid; the pod itself may change between calls."""

    __slots__ = ("_context", "_failures", "_looked_at", "_marks", "_uid", "_waiting", "_written")

    def __init__(self, context: Context, uid: str) -> None:
        self._context = context
        self._uid = uid  # and no path: there are thousands of these, and paths are large
        self._written = volumes.directory(context.root, uid).is_dir()  # by a former kubelet
        self._marks: dict[str, Mark] = {}
        self._waiting: dict[str, Content] = {}
        self._failures, self._looked_at = 0, float("-inf")

    async def look(self, pod: Object, address: str) -> float | None:
        """Find out what the volumes hold, unless that was a moment ago, and refresh what is written.

        When one cannot be made, says so in an event and returns the seconds to wait before the next look.
        """
        context, now = self._context, self._context.clock.monotonic()
        if now - self._looked_at < _FRESH_SECONDS:
            return None
        source = NamespaceConfig(context.api, pod["metadata"]["namespace"])
        projector = Projector(pod, source, context.where(address), context.tokens)
        for volume in pod["spec"].get("volumes") or []:
            try:
                await self._look(volume, projector)
            except (VolumeError, OSError) as error:
                await context.say(pod, reasons.mount_failed(volume["name"], str(error)))
                self._failures += 1
                return float(min(_RETRY * 2 ** (self._failures - 1), _RETRY_MAX))
        self._failures, self._looked_at = 0, now
        return None

    async def _look(self, volume: Object, projector: Projector) -> None:
        content = await volumes.content(volume, projector, host=self._context.options.host_root is not None)
        if content is None:
            return
        if self._written:
            self._write(volume["name"], content)
        else:
            self._waiting[volume["name"]] = content

    async def write(self, pod: Object) -> None:
        """A program that can read them is about to start. Raises OSError, of which an event tells."""
        self._written = True
        for name, content in self._waiting.items():
            try:
                self._write(name, content)
            except OSError as error:
                await self._context.say(pod, reasons.mount_failed(name, str(error)))
                self._looked_at = float("-inf")
                raise
        self._waiting = {}

    def _write(self, name: str, content: Content) -> None:
        if content.mark != self._marks.get(name):
            volumes.write(volumes.directory(self._context.root, self._uid) / name, content, self._context.twins)
            self._marks[name] = content.mark

    def pack(self) -> None:
        """There is nothing to do for a while: what nobody reads is found out anew by the next sync."""
        if self._waiting:
            self._waiting, self._looked_at = {}, float("-inf")
