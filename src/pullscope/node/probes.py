"""Probes of containers, pure: which there are, what a result makes of those before it, and what it means for the pod.

Only `exec` probes: there is no pod network to ask over. Upstream: pkg/kubelet/prober (worker.go, prober_manager.go), Kubernetes
v1.36; the numbers' defaults are the API server's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

STARTUP, READINESS, LIVENESS = "startupProbe", "readinessProbe", "livenessProbe"
KINDS = (STARTUP, READINESS, LIVENESS)
WORDS = {STARTUP: "Startup", READINESS: "Readiness", LIVENESS: "Liveness"}
_HANDLERS = ("httpGet", "tcpSocket", "grpc")


def unsupported(container: Mapping[str, Any]) -> list[str]:
    """The probes of a container that this node cannot run, by their fields."""
    return [f"{kind}.{handler}" for kind in KINDS for handler in _HANDLERS if handler in (container.get(kind) or {})]


@dataclass(frozen=True)
class Probe:
    """One probe of a container. Times in seconds."""

    kind: str
    command: tuple[str, ...]
    initial_delay: int
    timeout: int
    period: int
    success_threshold: int
    failure_threshold: int

    @property
    def word(self) -> str:
        """How events name it."""
        return WORDS[self.kind]


def of(container: Mapping[str, Any]) -> list[Probe]:
    """The probes of a container's spec."""
    return [_probe(kind, container[kind]) for kind in KINDS if (container.get(kind) or {}).get("exec")]


def _probe(kind: str, spec: Mapping[str, Any]) -> Probe:
    return Probe(
        kind,
        tuple(spec["exec"].get("command") or ()),
        initial_delay=spec.get("initialDelaySeconds", 0),
        timeout=spec.get("timeoutSeconds", 1),
        period=spec.get("periodSeconds", 10),
        success_threshold=spec.get("successThreshold", 1),
        failure_threshold=spec.get("failureThreshold", 3),
    )


@dataclass(frozen=True)
class Verdict:
    """What the results so far come to: `passes` is None as long as they come to nothing. `run` counts equal ones in a row."""

    passes: bool | None = None
    last: bool | None = None
    run: int = 0

    def after(self, result: bool, probe: Probe) -> "Verdict":
        """With one more result."""
        run = self.run + 1 if result == self.last else 1
        enough = run >= (probe.success_threshold if result else probe.failure_threshold)
        return replace(self, passes=result if enough else self.passes, last=result, run=run)


@dataclass(frozen=True)
class Health:
    """What the probes of a running container say of it. `failed` is the kind of the probe for which it must be restarted."""

    started: bool = True
    ready: bool = True
    failed: str | None = None


def health(verdicts: Mapping[str, Verdict]) -> Health:
    """Of the verdicts by the kinds of the probes that the container has."""
    passes = {kind: verdict.passes for kind, verdict in verdicts.items()}
    started = passes.get(STARTUP, True) is True
    failed = next((kind for kind in (LIVENESS, STARTUP) if passes.get(kind) is False), None)
    return Health(started, started and passes.get(READINESS, True) is True, failed)
