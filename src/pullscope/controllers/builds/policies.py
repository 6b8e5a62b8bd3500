"""How the builds of one config wait for each other, and which of the old ones go. Pure.

Upstream: openshift-controller-manager 4.22 pkg/build/controller/policy and controller/common/util.go (HandleBuildPruning).
"""

from collections.abc import Iterable, Sequence

from pullscope.kube.api import Object
from pullscope.openshift import builds

_LIMITS = (
    ("successfulBuildsHistoryLimit", frozenset({builds.COMPLETE})),
    ("failedBuildsHistoryLimit", frozenset({builds.FAILED, builds.CANCELLED, builds.ERROR})),
)


def may_run(build: Object, others: Iterable[Object]) -> bool:
    """Whether a new build's turn has come. `others` are the builds of its config, itself or not."""
    if not builds.config_of(build):
        return True
    known = [each for each in others if each["metadata"]["uid"] != build["metadata"]["uid"]]
    active = [each for each in known if each["status"]["phase"] in builds.ACTIVE]
    if builds.policy(build) == builds.PARALLEL:
        return all(builds.policy(each) == builds.PARALLEL for each in active)
    new = [each for each in known if each["status"]["phase"] == builds.NEW]
    return not active and all(builds.number(build) < builds.number(each) for each in new)


def superseded(build: Object, others: Iterable[Object]) -> list[Object]:
    """The builds that will never run because this one is newer (SerialLatestOnly)."""
    if builds.policy(build) != builds.LATEST_ONLY:
        return []
    waiting = (each for each in others if each["status"]["phase"] == builds.NEW and not each["status"].get("cancelled"))
    return [each for each in waiting if builds.number(each) < builds.number(build)]


def outdated(config: Object, own: Sequence[Object]) -> list[Object]:
    """Those of a config's builds that its history limits leave no room for: the oldest that are over."""
    found: list[Object] = []
    for limit, phases in _LIMITS:
        kept = config["spec"].get(limit)
        over = [build for build in own if build["status"]["phase"] in phases]
        over.sort(key=lambda build: (build["metadata"]["creationTimestamp"], builds.number(build)), reverse=True)
        if kept is not None:
            found += over[kept:]
    return found
