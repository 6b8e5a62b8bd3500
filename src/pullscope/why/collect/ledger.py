"""What could not be seen, each with what that costs: noted once, wherever it was met."""

from typing import Final

from pullscope.base.errors import PullscopeError, UnreachableError
from pullscope.clusters.errors import TooLongError
from pullscope.kube.status import ApiError
from pullscope.why.facts import Unseen

REFUSED = (ApiError, UnreachableError, TooLongError)
"""What a read may end with that the rest can do without."""

COSTS: Final = {
    "workloads": "whether a pod is of its workload's newest template, and where its policy comes from, is not known",
    "events": "when an image was pulled, and how often it was tried, is not known",
    "pods": "who runs the image already, and so may have pulled what a node has, is not known",
    "service accounts": "which pull secrets a pod gets from its service account is not known",
    "nodes": "what the nodes have is not known: no forecast of what the next pod gets there",
    "kubelet settings": "taken for granted: credentials are checked again as by default, a node reports its 50 largest images",
    "pull secrets": "registries that want a login are asked with your own credentials alone",
    "image streams": "tags of the internal registry cannot be resolved, and triggers and imports stay unseen",
    "images of image streams": "the platforms and the age of these images are not known",
    "mirrors": "registries are asked directly, though nodes may ask a mirror first",
    "the cluster's kind": "taken for a cluster without image streams",
    "credentials": "the registry is asked without your own credentials",
}
"""By what is not seen. The keys are stable: reports may have their own words for them."""


class Ledger:
    """Collects `Unseen`."""

    def __init__(self) -> None:
        self._noted: dict[tuple[str, str], Unseen] = {}

    def note(self, what: str, error: Exception, *, where: str = "") -> None:
        """`what` (a key of COSTS), of `where`, could not be seen because of `error`."""
        shown = f"{what} {where}".strip()
        reason = error.message if isinstance(error, ApiError | PullscopeError) else str(error)
        self._noted.setdefault((what, where), Unseen(shown, reason, COSTS[what]))

    def add(self, unseen: Unseen) -> None:
        """One that is not about rights."""
        self._noted.setdefault((unseen.what, ""), unseen)

    @property
    def unseen(self) -> tuple[Unseen, ...]:
        """All that was noted, in the order in which it was."""
        return tuple(self._noted.values())
