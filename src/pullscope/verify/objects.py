"""The Kubernetes objects that a run creates, all labelled so that they can be found and removed. [pure]

The container is called `app`, as in the tutorial. No service account token is mounted: the probe talks to nobody. Pods
satisfy the pod security standard "restricted". All names end with the run's, so that a namespace may be shared.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pullscope.kube.api import Object
from pullscope.kube.resources import IMAGE_STREAMS, PROJECT_REQUESTS
from pullscope.oci.reference import DEFAULT_REGISTRY
from pullscope.verify.case import Case, Policy

MANAGED_BY = "app.kubernetes.io/managed-by"
RUN = "pullscope.dev/run"
CASE = "pullscope.dev/case"
CONTAINER = "app"
OURS = f"{MANAGED_BY}=pullscope"
"""The selector of every run's objects."""

_HUB = "https://index.docker.io/v1/"  # what docker and the kubelet look for under docker.io
_RESTRICTED_POD = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
_RESTRICTED = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}


@dataclass(frozen=True)
class Fit:
    """What all pods of a run have so that this cluster takes them.

    `node`: the only one they may run on; `pull_secret`: the Secret with the registry's credentials (both may be empty);
    `resources`: the container's requests and limits.
    """

    node: str = ""
    pull_secret: str = ""
    resources: Mapping[str, Any] = field(default_factory=dict)


ANYWHERE = Fit()
"""For a cluster that takes pods as they are."""


def labels(run: str, case: Case | None = None) -> dict[str, str]:
    """What every object of a run carries, and every object of one of its cases."""
    common = {MANAGED_BY: "pullscope", RUN: run}
    return {**common, CASE: case.id} if case else common


def namespace(run: str, name: str) -> Object:
    """A namespace for a run."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels(run)}}


def project_request(run: str, name: str) -> Object:
    """The same on OpenShift, for users who may not make namespaces. A request has no labels to give."""
    return {
        "apiVersion": PROJECT_REQUESTS.api_version,
        "kind": PROJECT_REQUESTS.kind,
        "metadata": {"name": name},
        "displayName": "pullscope verify",
        "description": description(run),
    }


def description(run: str) -> str:
    """What a project says of itself in place of labels."""
    return f"made by pullscope verify, run {run}"


def image_stream(run: str, name: str) -> Object:
    """The stream whose tags are the cases' on OpenShift's internal registry."""
    metadata = {"name": name, "labels": labels(run)}
    return {"apiVersion": IMAGE_STREAMS.api_version, "kind": IMAGE_STREAMS.kind, "metadata": metadata}


def pull_secret(name: str, labels: Mapping[str, str], place: str, login: tuple[str, str]) -> Object:
    """The username and password of `login` for the nodes, for a registry or another key of `auths`."""
    pair = base64.b64encode(":".join(login).encode()).decode()
    config = json.dumps({"auths": {_HUB if place == DEFAULT_REGISTRY else place: {"auth": pair}}})
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "kubernetes.io/dockerconfigjson",
        "metadata": {"name": name, "labels": dict(labels)},
        "data": {".dockerconfigjson": base64.b64encode(config.encode()).decode()},
    }


def name(run: str, case: Case) -> str:
    """The name of the case's Deployment."""
    return f"case-{case.id}-{run}"


def deployment(run: str, case: Case, image: str, fit: Fit) -> Object:
    """① The policy: one replica of the image under the case's policy."""
    named = name(run, case)
    selector = {"app": named}
    template = {
        "metadata": {"labels": {**selector, **labels(run, case)}},
        "spec": pod_spec(image, case.policy, fit),
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": named, "labels": labels(run, case)},
        "spec": {"replicas": 1, "selector": {"matchLabels": selector}, "template": template},
    }


def primer(run: str, case: Case, image: str, fit: Fit) -> Object:
    """② The pod that brings the image to the node: IfNotPresent, since the tag is not there yet."""
    metadata = {"name": f"primer-{case.id}-{run}", "labels": labels(run, case)}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": pod_spec(image, "IfNotPresent", fit)}


def probe(run: str, number: int, image: str, policy: Policy, fit: Fit) -> Object:
    """The pod that finds out whether nodes can pull at all."""
    metadata = {"name": f"probe-{number}-{run}", "labels": labels(run)}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": pod_spec(image, policy, fit)}


def pod_spec(image: str, policy: Policy | None, fit: Fit) -> dict[str, Any]:
    """A pod of one container that this cluster takes."""
    spec: Object = {
        "containers": [container(CONTAINER, image, policy, fit)],
        "securityContext": _RESTRICTED_POD,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
    }
    if fit.pull_secret:
        spec["imagePullSecrets"] = [{"name": fit.pull_secret}]
    if fit.node:
        spec["affinity"] = _only_on(fit.node)
    return spec


def container(name: str, image: str, policy: Policy | None, fit: Fit) -> Object:
    """One container; with `policy` None the API server has to find the policy."""
    made: Object = {"name": name, "image": image, "securityContext": _RESTRICTED}
    if policy is not None:
        made["imagePullPolicy"] = policy
    if fit.resources:
        made["resources"] = dict(fit.resources)
    return made


def _only_on(node: str) -> Object:
    """As a DaemonSet's pods are bound: by the node's own name, which needs no right to read its labels."""
    term = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": [node]}]}
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}}
