"""The kinds that make pods, by the names that kubectl knows them under.

Upstream: the REST mappings of k8s.io/api v0.36 and openshift/api release 4.22.
"""

from pullscope.kube import resources
from pullscope.kube.resources import Resource

CONTROLLERS = (
    resources.DEPLOYMENTS,
    resources.REPLICA_SETS,
    Resource("apps", "v1", "statefulsets", "StatefulSet", short_names=("sts",)),
    resources.DAEMON_SETS,
    resources.JOBS,
    Resource("batch", "v1", "cronjobs", "CronJob", short_names=("cj",)),
    Resource("", "v1", "replicationcontrollers", "ReplicationController", short_names=("rc",)),
    Resource("apps.openshift.io", "v1", "deploymentconfigs", "DeploymentConfig", short_names=("dc",)),
)
BY_KIND = {each.kind: each for each in (resources.PODS, *CONTROLLERS)}


def named(word: str) -> Resource | None:
    """The kind that a user calls so: `deploy`, `deployment`, `deployments`, `deployments.apps`; None when there is none."""
    word = word.lower()
    for kind in BY_KIND.values():
        words = (kind.singular, kind.plural, kind.qualified, f"{kind.singular}.{kind.group}", *kind.short_names)
        if word in words:
            return kind
    return None
