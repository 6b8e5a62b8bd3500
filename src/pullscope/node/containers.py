"""Start and stop one container, with upstream's events in upstream's order.

Upstream: startContainer and killContainer, pkg/kubelet/kuberuntime/kuberuntime_container.go, Kubernetes v1.36. A start that fails
returns why (`Waiting`), which becomes the container's waiting state at the next sync.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pullscope.cri.api import ContainerConfig, ContainerStatus, CriError, PodSandbox
from pullscope.kube.api import Object
from pullscope.kube.events import Note
from pullscope.node import podconfig, podstate, reasons, volumes
from pullscope.node.containerstatuses import Waiting
from pullscope.node.context import Context, NamespaceConfig
from pullscope.node.env import ConfigError, Environment
from pullscope.node.images import Outcome, Request
from pullscope.pull import policy
from pullscope.pull import reasons as image_reasons


@dataclass(frozen=True)
class Start:
    """One container to start in its pod's sandbox. `attempt` counts its restarts.

    `made` is told the runtime's id as soon as there is one: also what then cannot be started has to be removed one day.
    `volumes` writes the pod's volumes where that is still to be done; it raises OSError.
    """

    pod: Object
    spec: Mapping[str, Any]
    sandbox: PodSandbox
    attempt: int
    made: Callable[[str], None]
    volumes: Callable[[Object], Awaitable[None]]
    secrets: Sequence[Mapping[str, Any]] = ()

    @property
    def name(self) -> str:
        return str(self.spec["name"])


async def start(context: Context, what: Start) -> Waiting | None:
    """Pull, create and start, saying what happens; None when it runs (or is held).

    Only what the runtime may refuse is returned; bugs raise.
    """
    kind = "init_container" if podstate.is_init(what.pod, what.name) else "container"
    context.meters.starting(kind)
    failure = await _start(context, what)
    if failure is not None:
        context.meters.not_started(kind, failure.reason)
    return failure


async def _start(context: Context, what: Start) -> Waiting | None:
    outcome = await _image(context, what)
    if isinstance(outcome, policy.Refuse):
        await _say(context, what, image_reasons.sync_failed(outcome.reason))
        return Waiting(outcome.reason, outcome.message)
    try:
        config = await _config(context, what, outcome.image_id)
    except ConfigError as error:
        return await _fail(context, what, reasons.CREATE_CONTAINER_CONFIG_ERROR, str(error))
    if context.images.executable(outcome.image_id):
        await what.volumes(what.pod)
    try:
        container_id = await _create(context, what, config)
    except CriError as error:
        return await _fail(context, what, reasons.CREATE_CONTAINER_ERROR, error.message)
    what.made(container_id)
    await _say(context, what, image_reasons.created(what.name, context.options.config.version))
    try:
        await context.runtime.start_container(container_id)
    except CriError as error:
        return await _fail(context, what, reasons.RUN_CONTAINER_ERROR, error.message)
    await _say(context, what, image_reasons.started(what.name, context.options.config.version))
    if not (await context.runtime.container_status(container_id)).executed:
        await _say(context, what, reasons.held(what.name, context.runtime_name))
    return None


async def kill(context: Context, pod: Object, container: ContainerStatus, note: Note, *, grace: int) -> None:
    """Stop a running container within `grace` seconds. Raises CriError; one that is gone is stopped."""
    await context.say(pod, note, container.name)
    try:
        await context.runtime.stop_container(container.id, grace)
    except CriError as error:
        if error.code != "NotFound":
            raise


async def _say(context: Context, what: Start, note: Note) -> None:
    await context.say(what.pod, note, what.name)


async def _fail(context: Context, what: Start, reason: str, error: str) -> Waiting:
    await _say(context, what, reasons.failed(error))
    return Waiting(reason, error)


async def _image(context: Context, what: Start) -> Outcome:
    pull_policy = what.spec.get("imagePullPolicy") or policy.default(what.spec["image"])
    own = context.options.credentials
    request = Request(podstate.uid(what.pod), what.spec["image"], pull_policy, what.secrets, own)

    async def say(note: Note) -> None:
        await _say(context, what, note)

    return await context.images.ensure_image_exists(request, say)


async def _config(context: Context, what: Start, image_id: str) -> ContainerConfig:
    pod = what.pod
    refused = podconfig.unsupported(pod, what.spec)
    if refused:
        raise ConfigError(refused)
    source = NamespaceConfig(context.api, pod["metadata"]["namespace"])
    address = what.sandbox.ip or (context.options.host_ip if pod["spec"].get("hostNetwork") else "")
    environment = await Environment(pod, what.spec, source, context.where(address)).make()
    directory = volumes.directory(context.root, podstate.uid(pod))
    host = await asyncio.to_thread(context.host) if podconfig.sees_host(pod) else None
    given = podconfig.Given(image_id, what.attempt, environment, directory, host)
    return podconfig.container(pod, what.spec, given)


async def _create(context: Context, what: Start, config: ContainerConfig) -> str:
    container_id = await context.runtime.create_container(what.sandbox.id, config)
    if context.options.strict and not (await context.runtime.container_status(container_id)).executed:
        await context.runtime.remove_container(container_id)
        raise CriError(reasons.held_refused(context.runtime_name))
    return container_id
