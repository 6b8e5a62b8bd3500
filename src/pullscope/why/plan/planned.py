"""What a plan says: values. [pure]"""

from dataclasses import dataclass
from typing import Literal

from pullscope.pull.flow import Text
from pullscope.pull.policy import PullPolicy
from pullscope.why.facts import Unseen
from pullscope.why.findings import Forecast
from pullscope.why.kubelets import Kubelet
from pullscope.why.plan.manifests import Written
from pullscope.why.plan.ways import Apart, Way

Weight = Literal["risk", "note"]
"""A risk ends the command with exit code 1; a note does not."""
Origin = Literal["written", "defaulted", "refused"]
Verdict = Literal["risky", "noted", "safe"]


@dataclass(frozen=True)
class Risk:
    """Something that can go wrong. `id` is stable, for scripts; `mend` what to write instead, empty where nothing helps."""

    id: str
    weight: Weight
    line: int
    text: Text
    mend: Text | None = None


@dataclass(frozen=True)
class Planned:
    """One container: the policy that the API server will set and why, its ways, what is risky, and real nodes' forecasts.

    `policy` is None where the API server refuses what is written. `apart` is what differs by the container runtime.
    `forecast` is None where no cluster was asked.
    """

    written: Written
    line: int
    image: str
    policy: PullPolicy | None
    origin: Origin
    because: Text
    ways: tuple[Way, ...]
    risks: tuple[Risk, ...]
    apart: tuple[Apart, ...] = ()
    forecast: tuple[Forecast, ...] | None = None

    @property
    def verdict(self) -> Verdict:
        """The worst of its risks."""
        weights = {risk.weight for risk in self.risks}
        return "risky" if "risk" in weights else "noted" if weights else "safe"


@dataclass(frozen=True)
class There:
    """A kubelet that this may come to run on, and the nodes that have such a one: none where no nodes were seen."""

    kubelet: Kubelet
    nodes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """All containers; `server` is the cluster that was asked, empty for none, and `unseen` what of it could not be seen.

    `kubelets` decide; the ways are those of the first.
    """

    containers: tuple[Planned, ...]
    kubelets: tuple[There, ...]
    server: str = ""
    unseen: tuple[Unseen, ...] = ()

    @property
    def risky(self) -> bool:
        """Whether any container is."""
        return any(each.verdict == "risky" for each in self.containers)
