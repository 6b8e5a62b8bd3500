"""Which container of a pod is meant, and who has it: what `log`, `exec` and `attach` ask first.

Upstream: kubernetes v1.36 pkg/registry/core/pod/strategy.go (LogLocation, streamLocation, validateContainer).
"""

from pullscope.apiserver.services import Services
from pullscope.kube import status
from pullscope.kube.api import Kubelet, Object

DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container"


def container_of(pod: Object, asked: str | None) -> str:
    """The container that is meant. Raises ApiError 400 with upstream's sentence when that is not clear."""
    name, spec = pod["metadata"]["name"], pod["spec"]
    ordinary = [container["name"] for container in spec.get("containers") or ()]
    inits = [container["name"] for container in spec.get("initContainers") or ()]
    if asked:
        ephemeral = [container["name"] for container in spec.get("ephemeralContainers") or ()]
        if asked not in (*ordinary, *inits, *ephemeral):
            raise status.bad_request(f"container {asked} is not valid for pod {name}")
        return asked
    default = (pod["metadata"].get("annotations") or {}).get(DEFAULT_CONTAINER)
    if default in ordinary:
        return str(default)
    if len(ordinary) == 1:
        return str(ordinary[0])
    choice = f"a container name must be specified for pod {name}, choose one of: [{' '.join(ordinary)}]"
    if inits:
        choice += f" or one of the init containers: [{' '.join(inits)}]"
    raise status.bad_request(choice)


def kubelet_of(pod: Object, services: Services) -> Kubelet | None:
    """The kubelet that has the pod; None while it has no node. Raises ApiError 500 when the node's is not there."""
    node = pod["spec"].get("nodeName")
    if not node:
        return None
    kubelet = services.kubelets.get(node)
    if kubelet is None:
        raise status.internal(f'no kubelet of node "{node}" is connected')
    return kubelet
