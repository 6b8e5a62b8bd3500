"""Which pod, and which of its containers, a command means.

Upstream: k8s.io/kubectl v0.36 pkg/polymorphichelpers (attachablepodforobject.go, helpers.go) and pkg/cmd/util/podcmd.
"""

from pullscope.kube.api import Object
from pullscope.kube.resources import PODS, Resource
from pullscope.oc import discovery
from pullscope.oc.errors import OcError
from pullscope.oc.session import Session

_DEFAULT = "kubectl.kubernetes.io/default-container"


async def behind(session: Session, resource: Resource, found: Object) -> Object:
    """The pod itself, or the one to take of those that a workload selects. Raises OcError when there is none."""
    if resource.kind == PODS.kind:
        return found
    selector = (found.get("spec") or {}).get("selector")
    if not isinstance(selector, dict) or "matchLabels" not in selector:
        raise OcError(
            f"cannot get the logs from *{resource.kind}: expected a pod, a deployment, a build or a build config"
        )
    wanted = ",".join(f"{name}={value}" for name, value in selector["matchLabels"].items())
    there = (await session.cluster.list(PODS, session.namespace, labels=wanted)).items
    if not there:
        raise OcError("timed out waiting for the condition")
    there.sort(key=_rank)
    if len(there) > 1:
        session.console.err(f"Found {len(there)} pods, using pod/{there[0]['metadata']['name']}")
    return there[0]


def _rank(pod: Object) -> tuple[bool, bool, str]:
    """Those that run come first, and of those the ones that are not going away."""
    running = pod.get("status", {}).get("phase") == "Running"
    return not running, "deletionTimestamp" in pod["metadata"], pod["metadata"]["name"]


def default_container(session: Session, pod: Object) -> str:
    """The container that is meant when none is named; when there are several, it is said which."""
    names = [each["name"] for each in pod["spec"]["containers"]]
    named = (pod["metadata"].get("annotations") or {}).get(_DEFAULT)
    if named in names:
        return str(named)
    if len(names) > 1:
        session.console.err(f'Defaulted container "{names[0]}" out of: {", ".join(names)}')
    return str(names[0])


async def of_word(session: Session, word: str) -> Object:
    """The pod that `NAME` or `TYPE/NAME` means."""
    target = discovery.Target(PODS, word)
    if "/" in word:
        (target,) = discovery.targets(await discovery.resources(session), [word])
    return await behind(
        session, target.resource, await session.read(target.resource.path(session.namespace, target.name))
    )
