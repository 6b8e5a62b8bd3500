"""Read a container's log: CRI's files, cut and streamed as a log request asks.

The file's lines are `2016-10-06T00:17:09.669794202Z stdout F content`; `P` instead of `F` marks a part of a longer line.
Upstream: pkg/kubelet/kuberuntime/logs/logs.go (ReadLogs) and validateContainerLogStatus, pkg/kubelet/kubelet_pods.go, v1.36.
"""

import contextlib
import os
import shutil
from collections.abc import AsyncGenerator, Awaitable, Callable, Container, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from pullscope.base.clock import Clock
from pullscope.kube import meta, status
from pullscope.kube.api import LogOptions, Object
from pullscope.node import podstate
from pullscope.pull import reasons

_FOLLOW_SECONDS = 0.1  # upstream asks the file system; that differs from system to system
_BLOCK = 64 * 1024


@dataclass(frozen=True)
class Line:
    """One entry of the file. `moment` is its text; `content` has its newline when the entry ends a line."""

    moment: bytes
    content: bytes

    def text(self, *, timestamps: bool) -> bytes:
        return self.moment + b" " + self.content if timestamps else self.content


def parse(raw: bytes) -> Line | None:
    """One line of the file without its newline; None when it is not one (a torn write)."""
    moment, _, rest = raw.partition(b" ")
    stream, _, rest = rest.partition(b" ")
    tag, _, content = rest.partition(b" ")
    if stream not in (b"stdout", b"stderr") or tag.partition(b":")[0] not in (b"P", b"F"):
        return None
    return Line(moment, content + (b"\n" if tag.startswith(b"F") else b""))


def container_id(pod: Object, pod_status: Object, options: LogOptions) -> str:
    """The runtime's id of the container whose log is asked for. Raises ApiError (BadRequest) with upstream's text."""
    name, container = pod["metadata"]["name"], options.container or ""
    entry = podstate.reported(pod_status, container)
    if entry is None:
        raise status.bad_request(f'container "{container}" in pod "{name}" is not available')
    state, last = entry.get("state") or {}, (entry.get("lastState") or {}).get("terminated")
    if options.previous:
        found = last
    elif "running" in state:
        found = entry
    else:
        found = state.get("terminated") or last
    if found and found.get("containerID"):
        return str(found["containerID"]).partition("://")[2]
    raise status.bad_request(_no_log(container, name, state, options, ended=found is not None))


def _no_log(container: str, pod: str, state: Object, options: LogOptions, *, ended: bool) -> str:
    if options.previous:
        return reasons.log_of_no_previous(container, pod)
    if ended:
        return f'container "{container}" in pod "{pod}" is terminated'
    reason = (state.get("waiting") or {}).get("reason")
    if reason:
        return reasons.log_while_waiting(container, pod, reason)
    return f'container "{container}" in pod "{pod}" is waiting to start - no logs yet'


@dataclass(frozen=True)
class Reader:
    """Streams one file. `ended` says whether the container has stopped writing; `following` ends there."""

    path: Path
    options: LogOptions
    clock: Clock
    ended: Callable[[], Awaitable[bool]]

    async def lines(self) -> AsyncGenerator[bytes, None]:
        """The log, line by line, at most `limit_bytes` of it. Whoever stops before its end closes it."""
        since, left = self._since(), self.options.limit_bytes
        async with contextlib.aclosing(self._entries()) as entries:
            async for line in entries:
                if since is not None and meta.parse_time(line.moment.decode()) < since:
                    continue
                text = line.text(timestamps=self.options.timestamps)
                if left is not None:
                    text, left = text[:left], left - len(text)
                if text:
                    yield text
                if left is not None and left <= 0:
                    return

    def _since(self) -> datetime | None:
        if self.options.since_time is not None:
            return meta.parse_time(self.options.since_time)
        if self.options.since_seconds is not None:
            return self.clock.now() - timedelta(seconds=self.options.since_seconds)
        return None

    async def _entries(self) -> AsyncGenerator[Line, None]:
        splitter, tail = _Splitter(), self.options.tail_lines
        while True:
            try:
                file = _open(self.path)
            except FileNotFoundError:
                return  # the container was removed meanwhile, and its log with it
            with file:
                if tail is not None:
                    file.seek(tail_offset(file, tail))
                async with contextlib.aclosing(self._blocks(file)) as blocks:
                    async for block in blocks:
                        for line in splitter.feed(block):
                            yield line
                if not _is_other(self.path, file) or not self.options.follow:
                    return
            tail = None  # all of what was written since the log was rotated

    async def _blocks(self, file: BinaryIO) -> AsyncGenerator[bytes, None]:
        """What is in the file and, when following, what is added until its container ends or another file takes its place."""
        while True:
            last = not self.options.follow or await self.ended() or _is_other(self.path, file)
            while block := file.read(_BLOCK):
                yield block
            if last:
                return
            await self.clock.sleep(_FOLLOW_SECONDS)


def remove(directory: str) -> None:
    """Remove a pod's log directory. Not being there is not an error."""
    shutil.rmtree(directory, ignore_errors=True)


def remove_file(path: Path) -> None:
    """Remove a container's log and what was rotated out of it. What cannot be removed goes with the pod."""
    with contextlib.suppress(OSError):
        for each in [path, *path.parent.glob(f"{path.name}.*")]:
            each.unlink(missing_ok=True)


def keep_only(root: Path, pods: Container[str]) -> None:
    """Remove from the node's logs those of pods whose uids are not among `pods`."""
    for path in root.glob("*"):
        if path.name.rpartition("_")[2] not in pods:
            remove(str(path))


def _open(path: Path) -> BinaryIO:
    return path.open("rb")


def _is_other(path: Path, file: BinaryIO) -> bool:
    """Whether there is another file at `path` by now: the log was rotated."""
    try:
        return not os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


class _Splitter:
    """Cuts blocks of the file into its entries; an entry that is still being written waits for the rest of it."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, block: bytes) -> Iterator[Line]:
        *whole, self._rest = (self._rest + block).split(b"\n")
        return (line for line in map(parse, whole) if line is not None)


def tail_offset(file: BinaryIO, lines: int) -> int:
    """Where the last `lines` entries of the file begin."""
    position = file.seek(0, os.SEEK_END)
    if lines <= 0:
        return position
    wanted = lines + 1  # the newline before them
    while position > 0:
        step = min(_BLOCK, position)
        position -= step
        file.seek(position)
        block, at = file.read(step), step
        while (at := block.rfind(b"\n", 0, at)) != -1:
            wanted -= 1
            if wanted == 0:
                return position + at + 1
    return 0
