"""Objects for the controllers' tests, as short as the plans allow."""

from datetime import UTC, datetime, timedelta
from typing import Any

from pullscope.controllers import cache, pods
from pullscope.controllers.cache import Seen
from pullscope.kube import meta, resources
from pullscope.kube.api import Object

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def ago(seconds: float) -> str:
    return meta.timestamp(NOW - timedelta(seconds=seconds))


def template(image: str = "app:v1", **labels: str) -> Object:
    return {
        "metadata": {"labels": {"app": "app", **labels}},
        "spec": {"containers": [{"name": "app", "image": image}]},
    }


def deployment(
    replicas: int = 1, *, surge: int | str = "25%", unavailable: int | str = "25%", **changes: Any
) -> Object:
    """A Deployment `app`; `changes` go into its spec, `status`, `annotations` and `deleting` where they belong."""
    status, annotations = changes.pop("status", {}), changes.pop("annotations", {})
    deleting = {"deletionTimestamp": ago(1)} if changes.pop("deleting", False) else {}
    rolling = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": surge, "maxUnavailable": unavailable}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "app", "namespace": "ns", "uid": "deployment-uid", "generation": 1, "resourceVersion": "1"}
        | {"annotations": annotations, **deleting},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": "app"}},
            "template": template(),
            "strategy": rolling,
            "progressDeadlineSeconds": 600,
            "revisionHistoryLimit": 10,
        }
        | changes,
        "status": status,
    }


def replica_set(name: str, size: int, available: int | None = None, **changes: Any) -> Object:
    """A ReplicaSet whose pods are all there; `available` of them (all, by default) are."""
    available = size if available is None else available
    revision, image = changes.pop("revision", 1), changes.pop("image", "app:v1")
    desired, limit = changes.pop("desired", None), changes.pop("limit", None)
    annotations = {"deployment.kubernetes.io/revision": str(revision)}
    if desired is not None:
        annotations["deployment.kubernetes.io/desired-replicas"] = str(desired)
        annotations["deployment.kubernetes.io/max-replicas"] = str(limit)
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {"name": name, "namespace": "ns", "uid": f"{name}-uid", "generation": 1, "resourceVersion": "1"}
        | {"creationTimestamp": ago(changes.pop("age", 60)), "annotations": annotations},
        "spec": {
            "replicas": size,
            "selector": {"matchLabels": {"app": "app"}},
            "template": template(image, **{"pod-template-hash": name}),
        },
        "status": {"observedGeneration": 1, "replicas": size, "readyReplicas": available}
        | {"availableReplicas": available}
        | changes,
    }


def pod(
    name: str, *, ready: bool = True, phase: str = "Running", age: float = 60, **changes: Any
) -> Seen[pods.PodView]:
    """A pod as the cache has it. `changes`: node, affinity, deleting, restarts, ended, ip, ports, labels, annotations, finalizers, cost."""
    condition = {"type": "Ready", "status": "True" if ready else "False", "lastTransitionTime": ago(age)}
    metadata: Object = {"name": name, "namespace": "ns", "uid": f"{name}-uid", "resourceVersion": "1"}
    metadata |= {"creationTimestamp": ago(age), "labels": changes.get("labels", {"app": "app"})}
    metadata |= {"ownerReferences": changes["owners"]} if "owners" in changes else {}
    if changes.get("deleting"):
        metadata["deletionTimestamp"] = ago(1)
    metadata["annotations"] = changes.get("annotations", {})
    metadata["finalizers"] = changes.get("finalizers", [])
    if "cost" in changes:
        metadata["annotations"] = {"controller.kubernetes.io/pod-deletion-cost": changes["cost"]}
    status = {"phase": phase, "conditions": [condition]}
    ended = {"terminated": {"finishedAt": changes["ended"]}} if changes.get("ended") else {}
    status["containerStatuses"] = [{"restartCount": changes.get("restarts", 0), "state": ended}]
    status["podIP"] = changes.get("ip", "")
    spec = {"nodeName": changes.get("node", "crc"), "affinity": changes.get("affinity")}
    spec["containers"] = [{"ports": changes.get("ports")}]
    obj = {"metadata": metadata, "spec": spec, "status": status}
    return cache.see(resources.PODS, obj, pods.view)
