"""From a target to the method: whether this is an OpenShift, the rights, a node, and what to build from."""

import contextlib
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from pullscope.base.errors import UnreachableError
from pullscope.kube import meta, resources
from pullscope.kube.status import ApiError
from pullscope.oci import reference
from pullscope.verify import rights, watcher
from pullscope.verify.byhand.hands import Hands
from pullscope.verify.byhand.method import TAG, ByHand, Names, label
from pullscope.verify.objects import Fit
from pullscope.verify.obstacles import ObstacleError
from pullscope.verify.rights import Right
from pullscope.verify.stage import Ground
from pullscope.verify.target import Builds, Target

NAME = "custom-image-java"
_OUTCOME, _SAYING = 300.0, 90.0  # seconds: the image of an application server is large, and it takes its time to start
_IN_NAMESPACE = (
    *(Right(verb, resources.BUILD_CONFIGS) for verb in ("create", "patch", "delete")),
    Right("create", resources.BUILD_CONFIGS, "instantiatebinary"),
    *(Right(verb, resources.BUILDS) for verb in ("list", "watch")),
    Right("get", resources.BUILDS, "log"),
    *(Right(verb, resources.IMAGE_STREAMS) for verb in ("create", "get", "patch", "delete")),
    Right("get", resources.IMAGE_STREAM_TAGS),
    Right("create", resources.IMAGE_STREAM_IMPORTS),
)
_IN_CLUSTER = (
    *(Right(verb, resources.NODES) for verb in ("get", "list")),
    *(Right(verb, resources.NAMESPACES) for verb in ("create", "delete")),
    *(Right(verb, resources.PODS) for verb in ("create", "get", "list", "watch", "delete")),
    Right("use", resources.SECURITY_CONTEXT_CONSTRAINTS, name="privileged"),
)
"""What `oc debug node/…` does: a namespace of its own, and a pod in it that sees the node."""


@contextlib.asynccontextmanager
async def prepared(target: Target, builds: Builds, run: str, namespace: str) -> AsyncIterator[ByHand]:
    """The method as long as the block. Raises UnreachableError for what keeps every case from being made; ApiError."""
    await _check(target, namespace)
    node = target.node or await _node(target)
    suffix = "" if target.place.create else f"-{run}"
    with tempfile.TemporaryDirectory(prefix="pullscope-", ignore_cleanup_errors=True) as folder:
        hands = Hands(builds.oc, Path(folder))
        async with watcher.watching(target.cluster, namespace, run, target.clock) as watching:
            ground = Ground(
                run=run,
                namespace=namespace,
                cluster=target.cluster,
                watcher=watching,
                clock=target.clock,
                fit=Fit(node=node),
                at_once=1,
                look=target.look,
                outcome=_OUTCOME,
                saying=_SAYING,
            )
            repository = await _build_config(ground, hands, builds, suffix)
            yield ByHand(ground, hands, Names(f"{NAME}{suffix}", repository, node))


async def _check(target: Target, namespace: str) -> None:
    try:
        await target.cluster.list(resources.BUILD_CONFIGS, namespace)
    except ApiError as error:
        if error.code == 404:
            what = f"{target.cluster.server} has no builds ({resources.BUILD_CONFIGS.api_version}): it is no OpenShift"
            raise UnreachableError(what, hint="--method tags does without") from error
        if error.code != 403:  # which is one of several, perhaps
            raise
    lacking = [
        *await rights.lacking(target.cluster, namespace, (*rights.NEEDED, *_IN_NAMESPACE)),
        *await rights.lacking(target.cluster, "", _IN_CLUSTER),
    ]
    if lacking:
        what = f"these rights are missing for --method article: {', '.join(dict.fromkeys(map(str, lacking)))}"
        raise UnreachableError(what, hint="cluster-admin has them all; --method tags needs fewer")


async def _node(target: Target) -> str:
    """The first node that is ready and takes pods. Raises UnreachableError."""
    for node in (await target.cluster.list(resources.NODES)).items:
        ready = meta.get_condition((node.get("status") or {}).get("conditions"), "Ready")
        if ready and ready["status"] == "True" and not node["spec"].get("unschedulable"):
            return str(node["metadata"]["name"])
    raise UnreachableError(f"no node of {target.cluster.server} is ready and takes pods")


async def _build_config(ground: Ground, hands: Hands, builds: Builds, suffix: str) -> str:
    """Import the base image and make the BuildConfig; the stream's name for nodes. Raises UnreachableError."""
    base, namespace = reference.parse(builds.base).with_default_tag(), ground.namespace
    stream, name = f"{base.repository.rpartition('/')[2]}{suffix}", f"{NAME}{suffix}"
    output = f"""{{"spec":{{"output":{{"to":{{"name":"{name}:{TAG}"}}}}}}}}"""
    try:
        await hands.do(f"oc import-image {stream}:{base.tag} --from={base} --confirm -n {namespace}")
        image = f'--image-stream="{namespace}/{stream}:{base.tag}"'
        await hands.do(f"oc new-build {image} --binary=true --name={name} -n {namespace}")
        await hands.do(f"oc patch bc {name} -p '{output}' -n {namespace}")
    except ObstacleError as error:
        with contextlib.suppress(ApiError):  # an import that fails leaves a stream that says so
            await label(ground, resources.IMAGE_STREAMS, stream)
        raise UnreachableError(str(error), hint="--base IMAGE names another image to build from") from error
    for kind, each in ((resources.IMAGE_STREAMS, stream), (resources.BUILD_CONFIGS, name)):
        await label(ground, kind, each)
    made = await label(ground, resources.IMAGE_STREAMS, name)
    repository = (made.get("status") or {}).get("dockerImageRepository")
    if not repository:
        raise UnreachableError(f"{ground.cluster.server} has no internal registry that ImageStreams know")
    return str(repository)
