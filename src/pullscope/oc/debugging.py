"""Debug a node or a workload: a pod that sees the node's root at /host, or a copy of a pod that runs a shell; the user's
terminal joined to it, and nothing left of it afterwards.

Upstream: openshift/oc release 4.22 pkg/cli/debug (debug.go): the image, the temporary namespace and the pods are what `oc debug`
makes.
"""

import contextlib
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from pullscope.base.clock import Clock
from pullscope.clusters import reflector, streams
from pullscope.clusters.cluster import Cluster
from pullscope.clusters.transport import Transport
from pullscope.kube import resources
from pullscope.kube.api import DeleteOptions, LogOptions, Object
from pullscope.kube.status import ApiError
from pullscope.kube.streams import StreamOptions
from pullscope.oc import terminal
from pullscope.oc.console import Console

CONTAINER = "container-00"
FALLBACK = "registry.redhat.io/rhel9/support-tools"
"""The image where the cluster has no image stream `openshift/tools`."""

PLAIN = "docker.io/library/busybox:stable"
"""The image on clusters that are no OpenShift: all that is used of it is chroot."""

_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
SHELL = ("/bin/sh",)
"""What `oc debug` runs when it is told nothing else."""

_HOST = (
    "To use host binaries, run `chroot /host`. Instead, if you need to access host namespaces, run `nsenter -a -t 1`."
)
_NOT_COPIED = ("args", "lifecycle", "livenessProbe", "readinessProbe", "startupProbe")
_LABELS = {f"pod-security.kubernetes.io/{mode}": "privileged" for mode in ("audit", "enforce", "warn")}
_TERMINAL = ("Succeeded", "Failed")
_RECORDED = (
    "All commands and output from this session will be recorded in container logs, including credentials and sensitive "
    "information passed through the command prompt."
)
_STUCK = ("CreateContainerError", "ImagePullBackOff")

Tell = Callable[[str], None]
"""Takes the lines that `oc` writes to standard error about what it does. Warnings are written in any case."""


@dataclass(frozen=True)
class Debugger:
    """Who debugs: the cluster as the user reaches it, and their terminal or pipe. `image`: what pods are made of (empty:
    what `oc` takes, or PLAIN).
    """

    http: Transport
    console: Console
    clock: Clock
    tell: Tell = lambda _: None
    image: str = ""

    @property
    def cluster(self) -> Cluster:
        return Cluster(self.http)

    async def node(self, name: str, command: Sequence[str], *, attach: bool) -> int:
        """Run the command on a node, joined to the user's terminal or pipe, or only its output shown; its exit code.

        Raises ApiError, StreamError, UnreachableError.
        """
        tty = attach and terminal.is_terminal(self.console)
        async with self.on_node(name, command, stdin=attach, tty=tty) as (namespace, pod, program):
            return await self._run(namespace, pod, program)

    async def copy(self, source: Object, command: Sequence[str], *, attach: bool) -> int:
        """Run the command in a copy of a pod, or of what a workload makes pods from; its exit code.

        Raises ApiError, StreamError, UnreachableError; LookupError for an object that makes no pods.
        """
        tty = attach and terminal.is_terminal(self.console)
        first = template(source)["spec"]["containers"][0]
        program = Program(first["image"], command, stdin=attach, tty=tty, container=first["name"])
        metadata = source["metadata"]
        pod = copied_pod(f"{metadata['name']}-debug-{_suffix()}", source, program)
        async with self._pod(metadata["namespace"], pod):
            return await self._run(metadata["namespace"], pod["metadata"]["name"], program)

    @contextlib.asynccontextmanager
    async def on_node(
        self, name: str, command: Sequence[str], *, stdin: bool, tty: bool
    ) -> AsyncIterator[tuple[str, str, "Program"]]:
        """A pod on the node that runs the command: its namespace, its name and what it runs. Both are gone afterwards."""
        await self.cluster.get(resources.NODES, None, name)
        image = await self._image()
        program = Program(self.image or image or PLAIN, command, stdin=stdin, tty=tty)
        pod = node_pod(f"{name}-debug-{_suffix()}", name, program)
        if not image:
            del pod["spec"]["priorityClassName"]  # OpenShift's own
        async with self._namespace() as namespace, self._pod(namespace, pod, _HOST):
            yield namespace, pod["metadata"]["name"], program

    async def started(self, namespace: str, name: str) -> Object:
        """The pod once it runs, or has run; the user is told what keeps it from that."""
        found = reflector.until(self.cluster, resources.PODS, namespace, name, clock=self.clock, true=self._started)
        return await found

    async def _image(self) -> str:
        """What `openshift/tools:latest` leads to; empty where the cluster is no OpenShift."""
        try:
            stream = await self.cluster.get(resources.IMAGE_STREAMS, "openshift", "tools")
        except ApiError as error:
            if error.code not in (403, 404):
                raise
            return FALLBACK if await self._is_openshift() else ""
        tags = (stream.get("status") or {}).get("tags") or ()
        items = next((tag["items"] for tag in tags if tag["tag"] == "latest" and tag.get("items")), None)
        return str(items[0]["dockerImageReference"]) if items else FALLBACK

    async def _is_openshift(self) -> bool:
        kind = resources.IMAGE_STREAMS
        try:
            await self.http.request("GET", f"/apis/{kind.api_version}")
        except ApiError as error:
            if error.code != 404:
                raise
            return False
        return True

    @contextlib.asynccontextmanager
    async def _namespace(self) -> AsyncIterator[str]:
        made = await self.cluster.create(resources.NAMESPACES, None, _namespace())
        name = str(made["metadata"]["name"])
        self.tell(f"Temporary namespace {name} is created for debugging node...")
        try:
            yield name
        finally:
            await self.cluster.delete(resources.NAMESPACES, None, name)
            self.tell(f"Temporary namespace {name} was removed.")

    @contextlib.asynccontextmanager
    async def _pod(self, namespace: str, pod: Object, hint: str = "") -> AsyncIterator[None]:
        name = pod["metadata"]["name"]
        await self.cluster.create(resources.PODS, namespace, pod)
        self.tell(f"Starting pod/{name} ...")
        if hint:
            self.tell(hint)
        try:
            yield
        finally:
            self.tell("\nRemoving debug pod ...")
            await self.cluster.delete(resources.PODS, namespace, name, DeleteOptions(grace_period_seconds=0))

    async def _run(self, namespace: str, name: str, program: "Program") -> int:
        """What is in the pod, to its end: by its streams, or its log alone."""
        pod = await self.started(namespace, name)
        if program.stdin and not _ended(pod):
            self.tell(f"Pod IP: {pod['status'].get('podIP', '')}")
            self.tell(_RECORDED)
            self.tell("If you don't see a command prompt, try pressing enter.")
            options = StreamOptions(program.container, stdin=True, stdout=True, stderr=not program.tty, tty=program.tty)
            path = resources.PODS.path(namespace, name)
            async with streams.attach(self.http, path, options) as stream:
                await terminal.join(stream, self.console, stdin=True, tty=program.tty)
        else:
            options_of_log = LogOptions(container=program.container, follow=True)
            async with contextlib.aclosing(self.cluster.follow_logs(namespace, name, options_of_log)) as lines:
                async for line in lines:
                    self.console.out(line)
        ended = reflector.until(self.cluster, resources.PODS, namespace, name, clock=self.clock, true=_ended)
        return exit_code(await ended)

    def _started(self, pod: Object) -> bool:
        """Whether it runs, or has run; the user is told what keeps it from that."""
        waiting = _state(pod).get("waiting") or {}
        if waiting.get("reason") in _STUCK:
            message = waiting.get("message", "")
            name = pod["spec"]["containers"][0]["name"]
            self.console.err(f"warning: Container {name} is unable to start due to an error: {message}")
        return _ended(pod) or "running" in _state(pod)


@dataclass(frozen=True)
class Program:
    """What runs in a debug pod."""

    image: str
    command: Sequence[str]
    stdin: bool
    tty: bool
    container: str = CONTAINER


def template(obj: Object) -> Object:
    """The pod itself, or what a workload makes its pods from. Raises LookupError."""
    spec = obj.get("spec") or {}
    if obj.get("kind") == "CronJob":
        spec = spec["jobTemplate"]["spec"]
    found: Object = obj if obj.get("kind") == "Pod" else spec["template"]
    return found


def copied_pod(name: str, source: Object, program: Program) -> Object:
    """The pod that `oc debug pod/…` and `oc debug deployment/…` make: the same without labels and probes, to run once."""
    of = template(source)
    group, _, version = source["apiVersion"].rpartition("/")
    kind = f"{group}/{version}, Resource={source['kind'].lower()}s/{source['metadata']['name']}"
    first, *others = (
        {key: value for key, value in each.items() if key not in _NOT_COPIED} for each in of["spec"]["containers"]
    )
    streams_ = {"stdin": program.stdin, "stdinOnce": program.stdin, "tty": program.tty}
    first = {**first, "command": list(program.command), **streams_}
    spec = {**of["spec"], "containers": [first, *others], "restartPolicy": "Never"}
    annotations = {
        **((of.get("metadata") or {}).get("annotations") or {}),
        "debug.openshift.io/source-container": program.container,
        "debug.openshift.io/source-resource": kind,
    }
    metadata = {"name": name, "namespace": source["metadata"]["namespace"], "annotations": annotations}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def node_pod(name: str, node: str, program: Program) -> Object:
    """The pod that `oc debug node/…` makes."""
    container = {
        "name": CONTAINER,
        "image": program.image,
        "command": list(program.command),
        "env": [{"name": "TMOUT", "value": "900"}, {"name": "HOST", "value": "/host"}],
        "resources": {},
        "securityContext": {"privileged": True, "runAsUser": 0},
        "stdin": program.stdin,
        "stdinOnce": program.stdin,
        "tty": program.tty,
        "volumeMounts": [{"name": "host", "mountPath": "/host"}],
    }
    annotations = {
        "debug.openshift.io/source-container": CONTAINER,
        "debug.openshift.io/source-resource": f"/v1, Resource=nodes/{node}",
        "openshift.io/required-scc": "privileged",
    }
    labels = {"debug.openshift.io/managed-by": "oc-debug"}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": labels, "annotations": annotations},
        "spec": {
            "nodeName": node,
            "hostNetwork": True,
            "hostPID": True,
            "hostIPC": True,
            "restartPolicy": "Never",
            "priorityClassName": "openshift-user-critical",
            "containers": [container],
            "volumes": [{"name": "host", "hostPath": {"path": "/", "type": "Directory"}}],
        },
    }


def _namespace() -> Object:
    labels = {**_LABELS, "security.openshift.io/scc.podSecurityLabelSync": "false"}
    annotations = {"oc.openshift.io/command": "oc debug", "openshift.io/node-selector": ""}
    metadata = {"generateName": "openshift-debug-", "labels": labels, "annotations": annotations}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}


def _suffix() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(5))


def _state(pod: Object) -> Object:
    statuses = (pod.get("status") or {}).get("containerStatuses") or [{}]
    found: Object = statuses[0].get("state") or {}
    return found


def _ended(pod: Object) -> bool:
    return (pod.get("status") or {}).get("phase") in _TERMINAL


def exit_code(pod: Object) -> int:
    """How the only container of an ended pod ended."""
    return int(_state(pod).get("terminated", {}).get("exitCode", 1))
