"""`exec` and `attach` on this node. Refusals are worded as they reach the clients of a real cluster.

Upstream: getExec and getAttach of pkg/kubelet/server/server.go and of pkg/kubelet/kubelet_pods.go, Kubernetes v1.36. What they
refuse the API server passes on behind `unable to upgrade connection` (k8s.io/apiserver pkg/util/proxy/streamtranslator.go),
what the runtime refuses comes behind the words of k8s.io/cri-streaming and is an internal error twice.
"""

from pullscope.cri.api import ContainerState, ContainerStatus, CriError, RuntimeService
from pullscope.kube import causes, status
from pullscope.kube.api import Object
from pullscope.kube.status import ApiError
from pullscope.kube.streams import Session, StreamOptions
from pullscope.node import podstate


async def execute(runtime: RuntimeService, pod: Object, options: StreamOptions) -> Session:
    """Start a command in a container that runs. Raises ApiError."""
    container = await _running(runtime, pod, options)
    try:
        return await runtime.exec(container.id, list(options.command), stdin=options.stdin, tty=options.tty)
    except CriError as error:
        raise _failed("error executing command in container", error) from error


async def attach(runtime: RuntimeService, pod: Object, options: StreamOptions) -> Session:
    """Join a container that runs. Whether it has a terminal was said when it was made. Raises ApiError."""
    container = await _running(runtime, pod, options)
    specs = [*podstate.containers(pod), *podstate.init_containers(pod)]
    tty = any(spec["name"] == options.container and spec.get("tty") for spec in specs)
    try:
        return await runtime.attach(container.id, stdin=options.stdin, tty=tty)
    except CriError as error:
        raise _failed("error attaching to container", error) from error


async def _running(runtime: RuntimeService, pod: Object, options: StreamOptions) -> ContainerStatus:
    """The container that is meant, when it runs; upstream knows no others here."""
    stderr = options.stderr and not options.tty
    if not (options.stdin or options.stdout or stderr):
        raise _refused("you must specify at least 1 of stdin, stdout, stderr")
    for container in await runtime.list_containers():
        runs = container.state is ContainerState.RUNNING and container.name == options.container
        if runs and container.labels.get(podstate.POD_UID_LABEL) == podstate.uid(pod):
            return container
    raise _refused(f"container not found ({causes.quote(options.container)})")


def _refused(why: str) -> ApiError:
    return status.internal(f"unable to upgrade connection: {why}")


def _failed(what: str, error: CriError) -> ApiError:
    return status.internal(f"Internal error occurred: {what}: {error.message}")
