"""RollingUpdate: which old pods go, and where new ones start beside old ones.

Upstream: pkg/controller/daemon/update.go (rollingUpdate, updatedDesiredNodeCounts), v1.36.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pullscope.controllers import shares
from pullscope.controllers.daemonset.places import Place, Pod, Rules, Step
from pullscope.kube.api import Object


@dataclass(frozen=True)
class Limits:
    """maxSurge and maxUnavailable in nodes."""

    surge: int
    unavailable: int


def limits(strategy: Object, wanted: int) -> Limits:
    """Both are rounded up. An update that allows neither could not move."""
    rolling = strategy["rollingUpdate"]
    surge = shares.scaled(rolling["maxSurge"], wanted, up=True)
    unavailable = shares.scaled(rolling["maxUnavailable"], wanted, up=True)
    return Limits(surge, 1 if surge == unavailable == 0 else unavailable)


def roll(places: Sequence[Place], rules: Rules, allowed: Limits) -> Step:
    """The next step of an update, when every place has the pods that it shall have."""
    return _surging(places, rules, allowed) if allowed.surge else _replacing(places, rules, allowed)


@dataclass(frozen=True)
class _Pair:
    """The new and the old pod of a place; `ambiguous` when there are several of one sort."""

    new: Pod | None
    old: Pod | None
    ambiguous: bool


def _pair(place: Place, rules: Rules) -> _Pair:
    new = [pod for pod in place.alive if rules.is_updated(pod)]
    old = [pod for pod in place.alive if not rules.is_updated(pod)]
    return _Pair(new[0] if new else None, old[0] if old else None, len(new) > 1 or len(old) > 1)


def _replacing(places: Sequence[Place], rules: Rules, allowed: Limits) -> Step:
    """Delete old pods: those that are not available anyway, and of the others as many as may be missing."""
    unavailable = 0
    broken: list[Pod] = []
    candidates: list[Pod] = []
    for place in places:
        pair = _pair(place, rules)
        lone = pair.new or pair.old
        if pair.ambiguous or lone is None or (pair.new and pair.old):
            unavailable += 1
        elif pair.new:
            unavailable += not rules.is_available(pair.new)
        elif rules.is_available(lone):
            candidates.append(lone)
        else:
            broken.append(lone)
            unavailable += 1
    return Step(delete=(*broken, *candidates[: max(allowed.unavailable - unavailable, 0)]))


def _surging(places: Sequence[Place], rules: Rules, allowed: Limits) -> Step:
    """Start new pods beside old ones, and delete an old pod when the new one is available."""
    pairs = [(place, _pair(place, rules)) for place in places]
    clear = [(place, pair) for place, pair in pairs if not pair.ambiguous]
    surging = len(pairs) - len(clear) + sum(_waits(pair, rules) for _, pair in clear)
    replaced = [pair.old for _, pair in clear if pair.old and pair.new and rules.is_available(pair.new)]
    alone = [(place, pair.old) for place, pair in clear if pair.old and not pair.new]
    broken = [(place, old) for place, old in alone if not rules.is_available(old)]
    whole = [(place, old) for place, old in alone if rules.is_available(old)]
    unwanted = [old for place, old in whole if not place.wanted]
    available = sum((first := pair.old or pair.new) is not None and rules.is_available(first) for _, pair in clear)
    spare = max(available - sum(place.wanted for place in places), 0)
    room = max(allowed.surge - surging, 0)
    return Step(
        create=(
            *(place.node for place, _ in broken if place.wanted),
            *[place.node for place, _ in whole if place.wanted][:room],
        ),
        delete=(*replaced, *(old for place, old in broken if not place.wanted), *unwanted[:spare]),
    )


def _waits(pair: _Pair, rules: Rules) -> bool:
    """Whether a new pod beside an old one is not available yet."""
    return pair.old is not None and pair.new is not None and not rules.is_available(pair.new)
