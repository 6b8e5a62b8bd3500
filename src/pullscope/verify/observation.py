"""From evidence to what happened: outcome, whose image, and the way through the flowchart. [pure]"""

import re
from typing import Any

from pullscope.verify import path
from pullscope.verify.case import Source
from pullscope.verify.evidence import Evidence, Observed

# One line per WAR: the probe's, and WildFly's and JBoss EAP's own (WildFly Core 15, ServerLogger.deploymentDeployed).
_DEPLOYED = re.compile(r'^(?:Deployed "/deployments/|.* WFLYSRV0010: Deployed ")([^"/]+\.war)"', re.MULTILINE)


def derive(evidence: Evidence) -> Observed:
    """What the evidence says, whatever was expected."""
    pod = evidence.pod
    if pod is None:
        return Observed()
    source = _source(evidence, pod.image_id) if pod.running else None
    return Observed(
        outcome="running" if pod.running else "waiting",
        source=source,
        reason=pod.reason,
        image_id=pod.image_id or None,
        seconds=evidence.seconds,
        wars=deployed(evidence.log.text) if evidence.log else (),
        path=path.proven(evidence, source),
    )


def deployed(log: str) -> tuple[str, ...]:
    """The WARs that the program says it found in its image, in its order."""
    return tuple(_DEPLOYED.findall(log))


def _source(evidence: Evidence, image_id: str) -> Source | None:
    """Whose image runs: the variants have different digests; what the registry's log shows it delivered is its own."""
    variant = evidence.named_by(image_id)
    if variant is None:
        return None
    if variant.source == "node" and delivered(evidence, variant.digest):
        return "registry"
    return variant.source


def delivered(evidence: Evidence, digest: str) -> bool:
    """Whether the registry's log shows that it answered this tag with that digest."""
    return any(request["status"] == 200 and request.get("digest") == digest for request in path.tag_requests(evidence))


def missing_requests(evidence: Evidence) -> list[dict[str, Any]]:
    """The requests for this tag that the registry answered with 404."""
    return [request for request in path.tag_requests(evidence) if request["status"] == 404]
