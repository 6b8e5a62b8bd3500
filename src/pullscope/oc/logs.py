"""`oc logs`: of a pod, of a pod of a deployment, of a build, of a build config's newest build.

Upstream: openshift/oc release 4.22 pkg/cli/logs, k8s.io/kubectl v0.36 pkg/cmd/logs and pkg/polymorphichelpers.
"""

from collections.abc import Mapping
from contextlib import aclosing

from pullscope.kube.api import Object
from pullscope.kube.resources import BUILD_CONFIGS, BUILDS, PODS
from pullscope.oc import discovery, pods
from pullscope.oc.arguments import Arguments, Flags
from pullscope.oc.errors import OcError
from pullscope.oc.session import Session
from pullscope.openshift import builds, names

FLAGS = Flags(
    values=("c/container", "l/selector", "tail", "since-time", "limit-bytes"),
    switches=("f/follow", "p/previous", "timestamps"),
)
_PASSED = {"tail": "tailLines", "since-time": "sinceTime", "limit-bytes": "limitBytes"}


async def run(session: Session, arguments: Arguments) -> int:
    """Copy the log to the screen."""
    if arguments.text("selector"):
        listed = await session.cluster.list(PODS, session.namespace, labels=arguments.text("selector"))
        if not listed.items:
            session.console.err(f"No resources found in {session.namespace} namespace.")
        for pod in listed.items:
            await _of_pod(session, arguments, pod)
        return 0
    if not arguments.words:
        raise OcError("'logs' requires a resource, for example 'pods/NAME' or 'bc/NAME'")
    target = discovery.Target(PODS, arguments.words[0])
    if "/" in arguments.words[0]:
        (target,) = discovery.targets(await discovery.resources(session), arguments.words[:1])
    found = await session.read(target.resource.path(session.namespace, target.name))
    if target.resource.plural in (BUILDS.plural, BUILD_CONFIGS.plural):
        await _of_build(session, arguments, found)
    else:
        await _of_pod(session, arguments, await pods.behind(session, target.resource, found))
    return 0


async def _of_pod(session: Session, arguments: Arguments, pod: Object) -> None:
    container = arguments.text("container") or pods.default_container(session, pod)
    where = PODS.path(session.namespace, pod["metadata"]["name"]) + "/log"
    await copy(session, where, {"container": container, **_query(arguments)})


async def _of_build(session: Session, arguments: Arguments, found: Object) -> None:
    name = found["metadata"]["name"]
    if found["kind"] == BUILD_CONFIGS.kind:
        labels = f"{names.BUILD_CONFIG_NAME}={builds.label_value(name)}"
        listed = await session.cluster.list(BUILDS, session.namespace, labels=labels)
        if not listed.items:
            raise OcError(f'no builds found for "{name}"')
        name = max(listed.items, key=builds.number)["metadata"]["name"]
    await copy(session, BUILDS.path(session.namespace, name) + "/log", _query(arguments))


def _query(arguments: Arguments) -> Mapping[str, str]:
    switches = {name: "true" for name in ("follow", "previous", "timestamps") if arguments.on(name)}
    values = {query: arguments.text(name) for name, query in _PASSED.items() if arguments.text(name)}
    return {**switches, **values}


async def copy(session: Session, path: str, query: Mapping[str, str]) -> None:
    """Copy a log to standard output as it comes. Raises ApiError."""
    async with aclosing(session.http.lines(path, query, accept="application/json, */*")) as lines:
        async for line in lines:
            session.console.write(line)
