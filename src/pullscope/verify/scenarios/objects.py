"""The Kubernetes objects of a scenario, named and labelled as those of a run are. [pure]"""

from dataclasses import dataclass
from typing import Any

from pullscope.kube.api import Object
from pullscope.oci.reference import Reference
from pullscope.verify import objects
from pullscope.verify.evidence import Variant
from pullscope.verify.objects import Fit
from pullscope.verify.scenarios.steps import Login, Named, Run, Scenario, Secret

PART = "pullscope.dev/part"
"""The label that tells a scenario's pods apart: the name that its steps use."""

INIT = "init"
LOGINS: dict[Login, tuple[str, str]] = {
    "one": ("one", "only-one-knows"),
    "two": ("two", "only-two-knows"),
    "wrong": ("one", "nobody-knows"),
}
"""Usernames and passwords; a registry that wants credentials takes all but the last."""


@dataclass(frozen=True)
class Names:
    """What the names of one scenario stand for. `repository` is its registry's, as nodes call it."""

    run: str
    scenario: Scenario
    repository: Reference

    def of(self, name: str) -> str:
        """The name of an object."""
        return f"{name}-{self.scenario.id}-{self.run}"

    def labels(self, part: str) -> dict[str, str]:
        """The labels of an object."""
        return {**objects.labels(self.run, self.scenario), PART: part}

    def image(self, named: Named, variants: tuple[Variant, ...]) -> str:
        """The image as a pod names it."""
        digest = next((each.digest for each in variants if each.source == named.digest), "")
        return f"{self.repository.name}{f':{named.tag}' if named.tag else ''}{f'@{digest}' if digest else ''}"


def secret(names: Names, wanted: Secret) -> Object:
    """A pull secret."""
    registry = names.repository.registry
    host, _, rest = registry.partition(".")
    places = {
        "registry": registry,
        "host": registry.rpartition(":")[0] or registry,
        "repository": names.repository.name,
    }
    key = wanted.at.format(**places, any=f"*.{rest}" if rest else f"*:{host.partition(':')[2]}")
    return objects.pull_secret(names.of(wanted.name), names.labels(wanted.name), key, LOGINS[wanted.login])


def account(names: Names, name: str, secrets: tuple[str, ...]) -> Object:
    """A service account with pull secrets."""
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": names.of(name), "labels": names.labels(name)},
        "imagePullSecrets": [{"name": names.of(secret)} for secret in secrets],
    }


def pod(names: Names, wanted: Run, variants: tuple[Variant, ...], fit: Fit) -> Object:
    """A pod, or the Deployment of one."""
    metadata = {"name": names.of(wanted.name), "labels": names.labels(wanted.name)}
    spec = _spec(names, wanted, variants, fit)
    if not wanted.deployment:
        return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
    template = {"metadata": {"labels": names.labels(wanted.name)}, "spec": spec}
    selector = {"matchLabels": names.labels(wanted.name)}
    wanted_spec = {"replicas": 1, "selector": selector, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": wanted_spec}


def _spec(names: Names, wanted: Run, variants: tuple[Variant, ...], fit: Fit) -> dict[str, Any]:
    spec = objects.pod_spec(names.image(wanted.image, variants), wanted.policy, fit)
    if wanted.init is not None:
        before = objects.container(INIT, names.image(wanted.init, variants), wanted.policy, fit)
        spec["initContainers"] = [before | {"args": ["once"]}]
    if wanted.secrets:
        spec["imagePullSecrets"] = [{"name": names.of(name)} for name in wanted.secrets]
    if wanted.account:
        spec["serviceAccountName"] = names.of(wanted.account)
    return spec
