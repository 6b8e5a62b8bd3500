"""Holds a whole lab to the worlds that it can be in: what is seen of every pod is what one of them says."""

from collections.abc import Callable
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine
from tests.model.cluster import Cluster, Pod
from tests.model.story import Story
from tests.model.town import Seen, Town

Touched = Callable[[str, Seen], bool]
"""Whether what is seen of the pod of that name is new enough to be looked at."""


def anything(_: str, __: Seen) -> bool:
    """Whatever is seen."""
    return True


class Judge(RuleBasedStateMachine):
    """A life with a `town`, of which the `worlds` say what must be. `web` are the pods of a Deployment, oldest first."""

    worlds: list[Cluster]

    def __init__(self) -> None:
        super().__init__()
        self.story = Story()
        self.town: Town | None = None
        self.web: list[str] = []

    @property
    def world(self) -> Cluster:
        """One of those that it can be: they differ by nothing but orders."""
        return self.worlds[0]

    @property
    def lab(self) -> Town:
        assert self.town is not None
        return self.town

    def _all(self, change: Callable[[Cluster], Any]) -> None:
        for world in self.worlds:
            change(world)

    # ----------------------------------------------------------------------------------- what must be

    def _look(self, touched: Touched = anything) -> None:
        """Every pod is as one of the worlds says. `touched`: whether what is seen of a pod is new enough."""
        found = self.lab.run(self.lab.until(lambda: self._settled(touched) or self._contradicted(touched)))
        fitting = [world for world in self.worlds if self._fits(world, touched)]
        if not found or not fitting:
            raise AssertionError(self._difference())
        self.worlds = fitting

    def _settled(self, touched: Touched) -> bool:
        return self._explained(touched) and self.lab.idle()

    def _explained(self, touched: Touched) -> bool:
        return any(self._fits(world, touched) for world in self.worlds)

    def _fits(self, world: Cluster, touched: Touched) -> bool:
        rolling = set(self.web) - set(world.rolled_out(self.web))
        looked_at = ((name, pod) for name, pod in world.pods.items() if name not in rolling)
        return all(self._is(pod, self.lab.seen(name), name, touched) for name, pod in looked_at)

    def _is(self, pod: Pod, seen: Seen | None, name: str, touched: Touched) -> bool:
        if seen is None or not touched(name, seen):
            return False
        if not pod.waits:
            return (seen.outcome, seen.restarts) == (pod.outcome, pod.restarts)
        ended = bool(pod.containers) and (seen.ended or seen.outcome == "CrashLoopBackOff")
        return seen.outcome == pod.outcome or ended  # what failed to start again is told with the next look at the pod

    def _contradicted(self, touched: Touched) -> bool:
        """Whether a pod runs what no world says, which stays so."""
        for name in self.world.pods:
            seen, possible = self.lab.seen(name), {world.pods[name].outcome for world in self.worlds}
            if seen and seen.container and touched(name, seen) and seen.outcome.endswith(".war"):
                fresh = seen.restarts == self.world.pods[name].restarts
                if fresh and seen.outcome not in possible:
                    return True
        return False

    def _difference(self) -> str:
        said = [{name: (pod.outcome, pod.restarts) for name, pod in world.pods.items()} for world in self.worlds]
        seen = {name: self.lab.seen(name) for name in self.world.pods}
        return self.story.told(f"seen: {seen}", f"the rules say: {' or '.join(map(str, said))}")
