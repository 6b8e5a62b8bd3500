"""The Kubernetes objects that a run creates, all labelled so that they can be found and removed. [pure]

The container is called `app`, as in the tutorial. No service account token is mounted: the probe talks to nobody.
"""

from typing import Any

from pullscope.kube.api import Object
from pullscope.verify.case import Case, Policy

MANAGED_BY = "app.kubernetes.io/managed-by"
RUN = "pullscope.dev/run"
CASE = "pullscope.dev/case"
CONTAINER = "app"


def labels(run: str, case: Case | None = None) -> dict[str, str]:
    """What every object of a run carries, and every object of one of its cases."""
    common = {MANAGED_BY: "pullscope", RUN: run}
    return {**common, CASE: case.id} if case else common


def namespace(run: str) -> Object:
    """The namespace of a run."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": f"pullscope-{run}", "labels": labels(run)}}


def deployment(run: str, case: Case, image: str) -> Object:
    """① The policy: one replica of the image under the case's policy."""
    name = f"case-{case.id}"
    selector = {"app": name}
    template = {
        "metadata": {"labels": {**selector, **labels(run, case)}},
        "spec": _pod_spec(image, case.policy),
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "labels": labels(run, case)},
        "spec": {"replicas": 1, "selector": {"matchLabels": selector}, "template": template},
    }


def primer(run: str, case: Case, image: str, name: str) -> Object:
    """② The pod that brings the image to the node: IfNotPresent, since the tag is not there yet."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": labels(run, case)},
        "spec": _pod_spec(image, "IfNotPresent"),
    }


def _pod_spec(image: str, policy: Policy) -> dict[str, Any]:
    container = {"name": CONTAINER, "image": image, "imagePullPolicy": policy}
    return {"containers": [container], "automountServiceAccountToken": False, "enableServiceLinks": False}
