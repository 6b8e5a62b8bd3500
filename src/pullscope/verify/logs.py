"""The program's log, tied to the pod and the container that wrote it.

The API gives logs by the pod's name. So the pod is read again afterwards: uid and container must still be the same.
"""

import contextlib

from pullscope.base import tasks
from pullscope.kube import resources
from pullscope.kube.api import LogOptions, Object
from pullscope.kube.status import ApiError
from pullscope.verify import pods
from pullscope.verify.evidence import Log
from pullscope.verify.objects import CONTAINER
from pullscope.verify.stage import Ground

_SERVER_STARTED = ("WFLYSRV0025", "WFLYSRV0026")  # WildFly and JBoss EAP: started, and started with errors
_LINES = 1000  # enough for a server that starts; a program that says more must not fill the memory


async def read(stage: Ground, pod: Object, container: str = CONTAINER) -> tuple[Log | None, str]:
    """A container's log up to the line that says that all is there, or why there is none."""
    name = pod["metadata"]["name"]
    lines: list[str] = []
    try:
        if pods.describe(pod, ()).executed:
            await tasks.within(stage.clock, stage.saying, _collect(stage, name, container, lines))
        else:
            text = await stage.cluster.logs(stage.namespace, name, LogOptions(container=container, tail_lines=_LINES))
            lines = text.splitlines()
        now = await stage.cluster.get(resources.PODS, stage.namespace, name)
    except ApiError as error:
        return None, error.message
    wrote = pods.container_status(now, container).get("containerID") or ""
    return Log(now["metadata"]["uid"], wrote, "".join(f"{line}\n" for line in lines)), ""


async def _collect(stage: Ground, name: str, container: str, lines: list[str]) -> None:
    options = LogOptions(container=container)
    async with contextlib.aclosing(stage.cluster.follow_logs(stage.namespace, name, options)) as followed:
        async for line in followed:
            lines.append(line)
            if is_last(line) or len(lines) >= _LINES:
                return


def is_last(line: str) -> bool:
    """Whether the probe, or an application server, says with this that it has started."""
    return line == "ready" or any(code in line for code in _SERVER_STARTED)
