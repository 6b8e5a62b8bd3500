"""Why the pod of a case could not pull, read from what its pod and its events say. [pure]"""

import re
from collections.abc import Iterable

from pullscope.pull import complaints, reasons
from pullscope.verify.evidence import Event, Evidence, Pod

PULL_REASONS = (*reasons.PULL_ERRORS, reasons.IMAGE_PULL_BACK_OFF)
"""The waiting reasons of a container whose image could not be pulled."""

_BACK_OFF = re.compile(r'Back-off pulling image "[^"]*"')
_WRAPPING = re.compile(r'^(?:Back-off pulling image "[^"]*": )?(?:Failed to pull image "[^"]*": )?(?:ErrImagePull: )?')


def cause(evidence: Evidence) -> complaints.Cause:
    """The cause that the pod's message tells, or else the first `Failed` event that tells one.

    During a back-off, older kubelets say no more than `Back-off pulling image "…"` in the message.
    """
    texts = [evidence.pod.message] if evidence.pod else []
    texts += [event.message for event in evidence.events if event.kind == "Pod" and event.reason == reasons.FAILED]
    return complaints.told(evidence.reference, texts)


def stream_missing(evidence: Evidence) -> bool:
    """Whether OpenShift's own registry failed as it does for a name whose ImageStream is deleted.

    It says NAME_UNKNOWN inside an HTTP 500, of which the runtime tells the number alone: so the API server must have said
    that there is no such stream.
    """
    pod = evidence.pod
    return evidence.stream_deleted and pod is not None and "500 Internal Server Error" in sentence(pod, evidence.events)


def sentence(pod: Pod, events: Iterable[Event]) -> str:
    """What the runtime said of the failed pull, without the kubelet's words around it."""
    texts = [pod.message, *(event.message for event in events if event.reason == reasons.FAILED)]
    told = [text for text in texts if _BACK_OFF.fullmatch(text) is None and not text.startswith("Error: ")]
    return _WRAPPING.sub("", told[0]) if told else pod.message
