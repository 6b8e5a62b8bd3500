"""All wiring: one function that makes a whole cluster work in the running event loop, and ends it without a trace.

    async with assembly.running(LabConfig()) as lab:
        lab.kubeconfig, lab.registry, lab.nodes

The parts do not know each other: the API server hands out `kube.api.Api`s, a node is its kubelet, the registry is an HTTP
application like any other. A part that fails ends the lab: its error comes out of the `async with`.
"""

import asyncio
import socket
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from pullscope.apiserver.authorization import ADMIN, DEVELOPER, MASTER
from pullscope.apiserver.http import app as api_http
from pullscope.apiserver.oauth.people import Person
from pullscope.apiserver.resources.all_kinds import ALL
from pullscope.apiserver.server import ApiServer, Logins
from pullscope.apiserver.services import Imaging
from pullscope.apiserver.store.store import Store
from pullscope.base import files
from pullscope.base.clock import Clock
from pullscope.builder.job import Powers
from pullscope.builder.words import programs
from pullscope.clusters import reflector
from pullscope.content.api import BlobStore
from pullscope.content.disk import DiskStore
from pullscope.content.memory import MemoryStore
from pullscope.controllers import defaults, manager
from pullscope.controllers.nodes import NOT_READY
from pullscope.cri.crictl.node import Node
from pullscope.cri.embedded import EmbeddedRuntime
from pullscope.kube import meta, resources
from pullscope.kube.api import Api, Object, UserInfo
from pullscope.lab import (
    bootstrap,
    builders,
    certificates,
    kubeconfig,
    mirroring,
    names,
    noderoot,
    nodes,
    ports,
    secrets,
    serving,
    tools,
    tutorial,
)
from pullscope.lab.config import LabConfig
from pullscope.lab.kubeconfig import Access
from pullscope.lab.nodes import SharedContent
from pullscope.lab.places import ADDRESS
from pullscope.lab.registry import LabRegistry, RegistryFaults
from pullscope.lab.secrets import Credentials, Secrets
from pullscope.node.context import NodeOptions
from pullscope.node.kubelet import NodeKubelet
from pullscope.oci.reference import Reference
from pullscope.openshift.names import INTERNAL_REGISTRY
from pullscope.remote.registries import Registries

_REGISTRY = UserInfo(
    "system:serviceaccount:openshift-image-registry:registry",
    groups=("system:serviceaccounts", "system:serviceaccounts:openshift-image-registry", "system:authenticated"),
)
Work = Callable[[], Coroutine[Any, Any, None]]


@dataclass(frozen=True)
class Lab:
    """A running lab. `registry` is the `host:port` that image references begin with; `api` asks as administrator.
    `internal_registry` is where the same content is served as OpenShift's internal registry, for those who may;
    `registry_faults` is what goes wrong with both on demand; `runtimes` are below the nodes, by their names.

    `node` is the name of the first of its `nodes`.
    """

    name: str
    server: str
    registry: str
    internal_registry: str
    registry_faults: RegistryFaults
    nodes: Sequence[NodeKubelet]
    runtimes: Mapping[str, EmbeddedRuntime]
    kubeconfig: Path
    access: Access
    credentials: Credentials
    api: Api
    clock: Clock

    @property
    def node(self) -> str:
        return self.nodes[0].name


@asynccontextmanager
async def running(config: LabConfig) -> AsyncIterator[Lab]:
    """A lab that is ready: its nodes are, and pods are admitted. It stops when the block is left.

    Raises UsageError or NoPortError for ports, StateFileError for a damaged state, OSError for the disk.
    """
    async with AsyncExitStack() as stack:
        building = _Building(stack, config, _root(stack, config))
        lab = await building.build()
        async with _at_work(building.work):
            await _ready(lab, config.clock)
            await bootstrap.push_probe(building.session, lab.registry)
            await builders.push(building.session, lab.registry)
            await tools.provide(building.session, lab.registry, lab.api)
            if config.tutorial:
                await tutorial.push(building.session, lab.registry)
            yield lab


@asynccontextmanager
async def _at_work(work: Sequence[Work]) -> AsyncIterator[None]:
    """Run all of `work` beside the block, and end it with the block; the first error of either ends both."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(each()) for each in work]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
    except BaseExceptionGroup as errors:
        raise _only(errors)  # noqa: B904 (it is part of the group)


def _only(error: BaseException) -> BaseException:
    """The one error in groups of one: what the block raised comes out of it as it was."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


def _root(stack: AsyncExitStack, config: LabConfig) -> Path:
    if config.root is not None:
        return config.root
    scratch = tempfile.TemporaryDirectory(prefix="pullscope-", ignore_cleanup_errors=True)
    return Path(stack.enter_context(scratch))


class _Building:
    """The parts of a lab, one method each. `work` is what has to run while the lab does."""

    session: aiohttp.ClientSession
    _registry: LabRegistry

    def __init__(self, stack: AsyncExitStack, config: LabConfig, root: Path) -> None:
        self._stack = stack
        self._config = config
        self._root = root
        self._durable = config.root is not None
        self._kubelets: list[NodeKubelet] = []
        self._runtimes: dict[str, EmbeddedRuntime] = {}
        self.work: list[Work] = []

    async def build(self) -> Lab:
        config, stack = self._config, self._stack
        api_socket = stack.enter_context(ports.listen(config.api_port, "API server", "--port"))
        registry_socket = stack.enter_context(ports.listen(config.registry_port, "registry", "--registry-port"))
        internal_socket = stack.enter_context(
            ports.listen(config.internal_registry_port, "internal registry", option="")
        )
        known = secrets.load_or_create(self._root, config.clock.now())
        self.session = await stack.enter_async_context(aiohttp.ClientSession())
        internal = f"{ADDRESS}:{ports.number_of(internal_socket)}"
        registry = f"{ADDRESS}:{ports.number_of(registry_socket)}"
        store = Store.open(self._root / "state.sqlite" if self._durable else None)
        stack.push_async_callback(store.close)
        given = [*([tutorial.mirror(registry)] if config.tutorial else []), *config.mirrors]
        rules = mirroring.rules(store, given)
        registries = Registries(self.session, {INTERNAL_REGISTRY: internal}, rules, config.credentials)
        server = self._api_server(store, known, Imaging(internal, registries))
        await bootstrap.create_namespaces(server.client(MASTER))
        await bootstrap.create_objects(server.client(MASTER), ADDRESS, ports.number_of(api_socket))
        await self._serve_registry(registry_socket, internal_socket, server, registries)
        self._nodes(server, registries)
        self._controllers(server, known, [INTERNAL_REGISTRY, internal], builders.name(registry))
        tls = serving.tls_context(self._root / "server.crt", self._root / "server.key")
        runner = web.AppRunner(server.app(), shutdown_timeout=serving.SHUTDOWN_SECONDS, **api_http.RUNNER_OPTIONS)
        await serving.serve(stack, runner, api_socket, tls)
        url = f"https://{ADDRESS}:{ports.number_of(api_socket)}"
        return self._lab(server, known, url)

    def _api_server(self, store: Store, known: Secrets, imaging: Imaging) -> ApiServer:
        server = ApiServer(
            store,
            self._config.clock,
            always_pull_images=self._config.always_pull_images,
            signing_key=known.signing_key,
            imaging=imaging,
            logins=_logins(known.credentials),
        )
        server.tokens.add(known.credentials.kubeadmin_token, ADMIN)
        server.tokens.add(known.credentials.developer_token, DEVELOPER)
        self.work.append(server.run)
        return server

    async def _serve_registry(
        self, listening: socket.socket, internal: socket.socket, server: ApiServer, registries: Registries
    ) -> None:
        """One registry with two faces: open to this machine, and OpenShift's."""
        root = self._root / "registry" if self._durable else None
        self._registry = LabRegistry(self._stack, root, self._config.clock)
        await self._registry.serve(listening, self._config.seams.registry)
        await self._registry.serve_internal(internal, server.client(_REGISTRY), registries)
        self.work.append(self._registry.run)

    def _nodes(self, server: ApiServer, registries: Registries) -> None:
        content = SharedContent(self._content())
        for index, name in enumerate(names.of_nodes(self._config.nodes)):
            kubelet = self._node(server, content, registries, index=index, name=name)
            server.kubelets[name] = kubelet
            self._kubelets.append(kubelet)
            self.work.append(kubelet.run)
        content.sweep()

    def _content(self) -> BlobStore:
        if not self._durable:
            return MemoryStore()
        blobs = DiskStore(self._root / "content")
        blobs.purge_uploads(self._config.clock.now())  # what a killed process was downloading
        return blobs

    def _node(
        self, server: ApiServer, content: SharedContent, registries: Registries, *, index: int, name: str
    ) -> NodeKubelet:
        config, root = self._config, self._root / "nodes" / name
        host = root / "host"
        words = noderoot.words(
            host,
            lambda: Node(kubelet.images, kubelet.runtime, runtime.image_config, kubelet.images_changed, config.runtime),
        )
        runtime = EmbeddedRuntime(
            root / "runtime",
            content.blobs,
            config.clock,
            registries,
            release=content.release,
            network=nodes.network(index),
            words={**words, **programs(Powers(server.bearer, registries, Imaging.platforms))},
            flavour=config.runtime,
            pinned=config.pinned_images,
        )
        self._runtimes[name] = runtime
        self._stack.push_async_callback(runtime.close)
        content.join(runtime)
        kubelet = NodeKubelet(
            name,
            api=server.client(UserInfo(f"system:node:{name}", groups=("system:nodes", "system:authenticated"))),
            runtime=config.seams.runtime(runtime),
            images=config.seams.images(runtime),
            clock=config.clock,
            root=root / "kubelet",
            options=NodeOptions(
                labels=nodes.role_labels(index),
                pod_cidr=str(nodes.network(index)),
                max_pods=config.max_pods,
                host_root=partial(noderoot.made, host, name, words),
                config=config.kubelet,
                image_disk=config.image_disk,
                credentials=config.credentials,
            ),
        )
        return kubelet

    def _controllers(self, server: ApiServer, known: Secrets, registries: Sequence[str], builder: Reference) -> None:
        config = self._config

        async def work() -> None:
            await manager.run(
                server.client,
                config.clock,
                kinds=[kind.resource for kind in ALL],
                host=self._kubelets[0].name,
                root_ca=known.authority.certificate.decode(),
                registries=registries,
                builder_image=str(builder),
            )

        self.work.append(work)

    def _lab(self, server: ApiServer, known: Secrets, url: str) -> Lab:
        config, credentials = self._config, known.credentials
        certificate, tokens = known.authority.certificate, (credentials.kubeadmin_token, credentials.developer_token)
        access = Access(names.context(config.name), url, certificate, *tokens)
        path = self._root / "kubeconfig"
        files.write_atomic(path, kubeconfig.render(kubeconfig.document(access)), mode=0o600)
        return Lab(
            name=config.name,
            server=url,
            registry=self._registry.address,
            internal_registry=self._registry.internal_address,
            registry_faults=self._registry.faults,
            nodes=self._kubelets,
            runtimes=self._runtimes,
            kubeconfig=path,
            access=access,
            credentials=credentials,
            api=server.client(ADMIN),
            clock=config.clock,
        )


def _logins(credentials: Credentials) -> Logins:
    people = (Person(ADMIN, credentials.kubeadmin_password), Person(DEVELOPER, credentials.developer_password))
    return Logins(people, certificates.SERVER_NAMES)


async def _ready(lab: Lab, clock: Clock) -> None:
    """Return when every node says that it is ready and takes pods, and pods in the namespace `default` are admitted."""
    for node in lab.nodes:
        await reflector.until(lab.api, resources.NODES, None, node.name, clock=clock, true=_is_ready)
    account = defaults.SERVICE_ACCOUNT
    await reflector.until(lab.api, resources.SERVICE_ACCOUNTS, "default", account, clock=clock)


def _is_ready(node: Object) -> bool:
    condition = meta.get_condition((node.get("status") or {}).get("conditions"), "Ready")
    born = any(taint["key"] == NOT_READY for taint in node["spec"].get("taints") or ())
    return not born and condition is not None and condition["status"] == "True"
