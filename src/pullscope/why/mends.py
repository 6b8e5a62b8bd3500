"""The commands that mend, as typed in a shell with the real names. [pure]

Each function gives None where the kind of the workload has no such command. Commands name the tool whose verb it is: kubectl
where both have it, oc for image streams and DeploymentConfigs.
"""

import functools
import json
import shlex
from typing import Any

from pullscope.pull.flow import Text
from pullscope.why.facts import Container
from pullscope.why.findings import Mend

_ROLLED = frozenset({"Deployment", "DaemonSet", "StatefulSet"})
_TEMPLATED = frozenset({*_ROLLED, "DeploymentConfig", "CronJob"})
_REPLICATED = frozenset({"ReplicaSet", "ReplicationController"})  # a new template is for new pods alone
_SECRET = "pull-secret"  # noqa: S105 (a Secret's name)
_IN_SPEC = {
    "container": "containers",
    "init container": "initContainers",
    "ephemeral container": "ephemeralContainers",
    "image volume": "volumes",
}


def some(*mends: Mend | None) -> tuple[Mend, ...]:
    """Those that there are."""
    return tuple(mend for mend in mends if mend is not None)


@functools.lru_cache(maxsize=4096)  # the pods of a workload have the same
def command(*words: str) -> str:
    """The words as a shell takes them."""
    return shlex.join(words)


def within(container: Container) -> tuple[str, str]:
    """The option that names the namespace."""
    return "-n", container.namespace


def fresh(container: Container, why: Text) -> Mend:
    """Make a pod anew from the same template, whatever makes it: a pod of no controller is deleted and created again."""
    kind, name = container.workload.kind, container.workload.name
    if kind in _ROLLED:
        restarted = command("kubectl", "rollout", "restart", container.workload.resource, *within(container))
        return Mend(" && ".join([*_resumed(container), restarted]), why)
    if kind == "DeploymentConfig":
        latest = command("oc", "rollout", "latest", f"dc/{name}", *within(container))
        return Mend(" && ".join([*_resumed(container), latest]), why)
    if kind == "Pod":
        return Mend(_replaced(container), why)
    return Mend(command("kubectl", "delete", "pod", container.pod, *within(container)), why)


def resume(container: Container, why: Text) -> Mend:
    """Let the workload's rollouts go on."""
    workload = container.workload
    of_openshift = workload.kind == "DeploymentConfig"
    tool, name = ("oc", f"dc/{workload.name}") if of_openshift else ("kubectl", workload.resource)
    return Mend(command(tool, "rollout", "resume", name, *within(container)), why)


def again(container: Container, why: Text) -> Mend:
    """A fresh pod in the place of this one, so without its back-off."""
    if container.workload.kind == "Pod":
        return Mend(_replaced(container), why)
    return Mend(command("kubectl", "delete", "pod", container.pod, *within(container)), why)


def policy(container: Container, wanted: str, why: Text) -> Mend | None:
    """Write another policy into the template, and start fresh pods; a pod of no controller is created again with it."""
    kind = container.workload.kind
    if kind not in {*_TEMPLATED, *_REPLICATED, "Pod"} or container.kind == "ephemeral container":
        return None
    image = {"image": {"pullPolicy": wanted}} if container.kind == "image volume" else {"imagePullPolicy": wanted}
    spec = {_IN_SPEC[container.kind]: [{"name": container.name} | image]}
    if kind == "Pod":
        return Mend(_replaced(container, spec), why)
    patched = Mend(_patch(container, spec), why)
    return chain(patched, again(container, why)) if kind in _REPLICATED else patched


def undo(container: Container, why: Text) -> Mend | None:
    """Go back to the template of the revision before."""
    if container.workload.kind not in _ROLLED:
        return None
    return Mend(command("kubectl", "rollout", "undo", container.workload.resource, *within(container)), why)


def edit(container: Container, why: Text) -> Mend:
    """Open the workload in an editor, where nobody but the user knows what to write."""
    return Mend(command("kubectl", "edit", container.workload.resource, *within(container)), why)


def image(container: Container, wanted: str, why: Text) -> Mend | None:
    """Let the template name another image."""
    if container.kind == "image volume" and container.workload.kind in _TEMPLATED:
        return Mend(_patch(container, {"volumes": [{"name": container.name, "image": {"reference": wanted}}]}), why)
    if container.kind not in ("container", "init container") or container.workload.kind not in {*_TEMPLATED, "Pod"}:
        return None
    setting = f"{container.name}={wanted}"
    changed = command("kubectl", "set", "image", container.workload.resource, setting, *within(container))
    return Mend(" && ".join([changed, *_resumed(container)]), why)


def secret(container: Container, name: str, why: Text) -> Mend:
    """Let the pods pull with a secret that there is."""
    secrets = {"imagePullSecrets": [{"name": name}]}
    if container.workload.kind in _TEMPLATED:
        return Mend(_patch(container, secrets), why)
    return Mend(f"{_account(container, secrets)} && {again(container, why).command}", why)


def login(container: Container, why: Text) -> Mend:
    """Let the pods pull as the user of this shell may: a secret from his logins, for the pods' service account."""
    made = command("kubectl", "create", "secret", "generic", _SECRET, *within(container))
    made += ' --type=kubernetes.io/dockerconfigjson --from-file=.dockerconfigjson="$HOME/.docker/config.json"'
    linked = _account(container, {"imagePullSecrets": [{"name": _SECRET}]})
    return Mend(f"{made} && {linked} && {fresh(container, why).command}", why)


def chain(*steps: Mend | None) -> Mend:
    """One mend of several steps; the last one says what it does."""
    there = some(*steps)
    return Mend(" && ".join(step.command for step in there), there[-1].text)


def _resumed(container: Container) -> list[str]:
    """What lets a change of the template reach pods where rollouts are paused; a paused workload cannot be restarted either."""
    held = container.template is not None and container.template.paused
    return [resume(container, Text("", "")).command] if held else []


def _account(container: Container, spec: dict[str, Any]) -> str:
    written = json.dumps(spec, separators=(",", ":"))
    return command("kubectl", "patch", "serviceaccount", container.service_account, *within(container), "-p", written)


def _replaced(container: Container, spec: dict[str, Any] | None = None) -> str:
    """Read the pod, delete it, and create it again, with that much of its spec changed."""
    steps = [command("kubectl", "get", "pod", container.pod, *within(container), "-o", "yaml")]
    if spec:
        written = json.dumps({"spec": spec}, separators=(",", ":"))
        steps.append(command("kubectl", "patch", "--local", "-f", "-", "-p", written, "-o", "yaml"))
    return " | ".join([*steps, "kubectl replace --force -f -"])


def _patch(container: Container, spec: dict[str, Any]) -> str:
    """A strategic merge patch of the pod template."""
    patch: dict[str, Any] = {"spec": {"template": {"spec": spec}}}
    if container.workload.kind == "CronJob":
        patch = {"spec": {"jobTemplate": patch}}
    written = json.dumps(patch, separators=(",", ":"))
    patched = command("kubectl", "patch", container.workload.resource, *within(container), "-p", written)
    return " && ".join([patched, *_resumed(container)])
