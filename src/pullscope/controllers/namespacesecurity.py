"""What OpenShift writes on every namespace for its security context constraints, and for the pod security of Kubernetes.

Each namespace gets a block of 10,000 user ids and a pair of SELinux categories of its own, the lowest that is free; those of
users are also labelled with the level that all service accounts have there. Nothing in a lab judges pods by them.

Upstream: openshift/cluster-policy-controller (release 4.22) pkg/security/controller (namespace_scc_allocation_controller.go),
pkg/security/mcs, pkg/psalabelsyncer.
"""

import itertools
import math
import re
from collections.abc import Collection
from typing import Any

from pullscope.controllers import queue
from pullscope.controllers.cache import Seen
from pullscope.controllers.context import Context
from pullscope.kube import resources
from pullscope.kube.api import Object

UID_RANGE, GROUPS = "openshift.io/sa.scc.uid-range", "openshift.io/sa.scc.supplemental-groups"
MCS = "openshift.io/sa.scc.mcs"
_FIRST, _SIZE = 1_000_000_000, 10_000
_LABELS_A_BLOCK = 5  # pairs of categories from one block to the next
_BLOCK = re.compile(r"(\d+)/10000")
_SYNC = "security.openshift.io/scc.podSecurityLabelSync"
_POD_SECURITY = {
    f"pod-security.kubernetes.io/{mode}{part}": value
    for mode in ("audit", "warn")
    for part, value in (("", "restricted"), ("-version", "latest"))
}


def block_of(namespace: Object) -> int | None:
    """Which block of user ids a namespace has."""
    given = (namespace["metadata"].get("annotations") or {}).get(UID_RANGE, "")
    found = _BLOCK.fullmatch(given)
    return (int(found[1]) - _FIRST) // _SIZE if found else None


def plan(namespace: Object, used: Collection[int]) -> Object | None:
    """The patch for what a namespace lacks, given the blocks that others have; None when it lacks nothing."""
    if (namespace.get("status") or {}).get("phase") == "Terminating":
        return None
    metadata: Object = namespace["metadata"]
    annotations, labels = metadata.get("annotations") or {}, metadata.get("labels") or {}
    changes: Object = {}
    if UID_RANGE not in annotations:
        block = next(number for number in itertools.count() if number not in used)
        ids = f"{_FIRST + block * _SIZE}/{_SIZE}"
        changes["annotations"] = {UID_RANGE: ids, GROUPS: ids, MCS: annotations.get(MCS, categories(block))}
    missing = {name: value for name, value in _POD_SECURITY.items() if name not in labels}
    if missing and _is_labelled(metadata["name"], labels.get(_SYNC)):
        changes["labels"] = missing
    return {"metadata": changes} if changes else None


def categories(block: int) -> str:
    """The SELinux level of a block: the pairs of categories in their order, 5 apart."""
    offset = block * _LABELS_A_BLOCK
    first = (1 + math.isqrt(1 + 8 * offset)) // 2  # the pairs below it are as many as fit into the offset
    return f"s0:c{first},c{offset - math.comb(first, 2)}"


def _is_labelled(name: str, wanted: str | None) -> bool:
    """The cluster's own namespaces are not, and others may say no."""
    if name in ("default", "openshift") or name.startswith("kube-"):
        return False
    return wanted == "true" if name.startswith("openshift-") else wanted != "false"


async def run(context: Context) -> None:
    """Work until cancelled."""
    await _Controller(context).run()


class _Controller:
    """One namespace after the other, so that no block is given twice."""

    def __init__(self, context: Context) -> None:
        self._queue: queue.WorkQueue[str] = queue.WorkQueue(context.clock)
        self._namespaces = context.cache[resources.NAMESPACES]
        self._api = context.acting_as("namespace-security-allocation-controller")

    async def run(self) -> None:
        self._namespaces.subscribe(self._on_namespace)
        for seen in self._namespaces.all():
            self._queue.add(seen.name)
        await queue.work(self._queue, self._reconcile)

    def _on_namespace(self, _old: Seen[Any] | None, new: Seen[Any] | None) -> None:
        if new is not None:
            self._queue.add(new.name)

    async def _reconcile(self, name: str) -> None:
        namespace = self._namespaces.get(("", name))
        if namespace is None:
            return
        used = {block for seen in self._namespaces.all() if (block := block_of(seen.view)) is not None}
        patch = plan(namespace.view, used)
        if patch is not None:
            self._namespaces.absorb(await self._api.patch(resources.NAMESPACES, None, name, patch))
