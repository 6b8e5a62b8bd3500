"""What a run creates: found again by its labels, and admitted under the pod security standard "restricted"."""

import base64
import json

import pytest

from pullscope.kube.api import Object
from pullscope.verify import objects
from pullscope.verify.cases import article
from pullscope.verify.objects import Fit

CASE = article.CASES[0]
FIT = Fit("worker-1", "pullscope-4f2a9c", {"requests": {"cpu": "10m"}, "limits": {"cpu": "20m"}})


def pod_specs(fit: Fit) -> list[Object]:
    deployment = objects.deployment("4f2a9c", CASE, "r/a:t", fit)
    pods = [objects.primer("4f2a9c", CASE, "r/a:t", fit), objects.probe("4f2a9c", 1, "r/a:t", "Always", fit)]
    return [deployment["spec"]["template"]["spec"], *(pod["spec"] for pod in pods)]


@pytest.mark.parametrize("spec", pod_specs(Fit()))
def test_pods_are_restricted(spec: Object) -> None:
    """Upstream: k8s.io/pod-security-admission v0.36 policy (restricted)."""
    (container,) = spec["containers"]
    assert spec["securityContext"] == {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    assert container["securityContext"] == {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    assert not {"volumes", "hostNetwork", "hostPID", "hostIPC", "affinity", "imagePullSecrets"} & set(spec)
    assert "resources" not in container


@pytest.mark.parametrize("spec", pod_specs(FIT))
def test_pods_fit_where_they_go(spec: Object) -> None:
    terms = spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    assert terms == [{"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["worker-1"]}]}]
    assert spec["imagePullSecrets"] == [{"name": "pullscope-4f2a9c"}]
    assert spec["containers"][0]["resources"] == FIT.resources


def test_everything_is_labelled_and_named_after_its_run() -> None:
    made = [
        objects.deployment("4f2a9c", CASE, "r/a:t", FIT),
        objects.primer("4f2a9c", CASE, "r/a:t", FIT),
        objects.probe("4f2a9c", 1, "r/a:t", "Always", FIT),
        objects.pull_secret("pullscope-4f2a9c", objects.labels("4f2a9c"), "r", ("me", "secret")),
        objects.image_stream("4f2a9c", "pullscope-4f2a9c"),
        objects.namespace("4f2a9c", "pullscope-4f2a9c"),
    ]
    for each in made:
        assert each["metadata"]["labels"][objects.RUN] == "4f2a9c"
        assert each["metadata"]["labels"][objects.MANAGED_BY] == "pullscope"
        assert each["metadata"]["name"].endswith("4f2a9c")
    template = made[0]["spec"]["template"]["metadata"]["labels"]
    assert made[0]["spec"]["selector"]["matchLabels"].items() <= template.items()


@pytest.mark.parametrize(
    ("registry", "key"), [("quay.io", "quay.io"), ("r:5000", "r:5000"), ("docker.io", "https://index.docker.io/v1/")]
)
def test_a_pull_secret_is_for_one_registry(registry: str, key: str) -> None:
    secret = objects.pull_secret("name", {}, registry, ("me", "se:cret"))
    config = json.loads(base64.b64decode(secret["data"][".dockerconfigjson"]))
    assert config == {"auths": {key: {"auth": base64.b64encode(b"me:se:cret").decode()}}}
