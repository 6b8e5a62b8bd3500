"""A scenario as JSON values: its steps before anything is run, and what was seen at its looks. [pure]

No step and nothing that is seen holds a password: steps name whose credentials are meant.
"""

import re
from dataclasses import asdict
from enum import Enum
from typing import Any

from pullscope.verify.evidence import Evidence, Sight
from pullscope.verify.scenarios.steps import Needs, Scenario, See, Step


def told(scenario: Scenario) -> dict[str, Any]:
    """What the scenario is: in words, where its rule stands, what it needs of a cluster, and its steps."""
    return {
        "what": scenario.what,
        "upstream": scenario.upstream,
        "needs": _needs(scenario.needs),
        "steps": [_step(step) for step in scenario.steps],
    }


def seen(scenario: Scenario, evidence: Evidence) -> dict[str, Any]:
    """How it went: `step` of a look is its place in `steps`."""
    looks = [(at, step) for at, step in enumerate(scenario.steps) if isinstance(step, See)]
    return {
        "story": [asdict(step) for step in evidence.story],
        "sights": [
            {"step": at, "look": see.name} | _sight(sight, evidence)
            for (at, see), sight in zip(looks, evidence.sights, strict=False)
        ],
    }


def _step(step: Step) -> dict[str, Any]:
    verb = re.sub(r"(?<!^)([A-Z])", r"_\1", type(step).__name__).lower()
    return {"do": verb} | asdict(step, dict_factory=lambda pairs: {name: _value(value) for name, value in pairs})


def _value(value: Any) -> Any:
    return value.name.lower() if isinstance(value, Enum) else value


def _needs(needs: Needs) -> dict[str, Any]:
    releases = {name: ".".join(map(str, release)) for name in ("since", "before") if (release := getattr(needs, name))}
    return asdict(needs) | releases


def _sight(sight: Sight, evidence: Evidence) -> dict[str, Any]:
    pod = sight.pod
    variant = evidence.named_by(pod.image_id) if pod and pod.running else None
    return {
        "pod": pod and pod.name,
        "outcome": pod and ("running" if pod.running else "waiting"),
        "source": variant and variant.source,
        **{name: pod and getattr(pod, name) for name in _OF_PODS},
        "wanted_node": sight.wanted_node,
        "settled": sight.settled,
        "waited": sight.waited,
        "events": [asdict(event) for event in sight.events],
        "log": sight.log and sight.log.text,
        "registry_requests": list(sight.requests),
    }


_OF_PODS = ("status", "reason", "message", "image_id", "image", "policy", "node", "restarts", "uid")
