"""Upstream's names and texts around images: what a user sees in STATUS, in events and instead of a log.

The only home of these words. Sources, at Kubernetes v1.36: reasons pkg/kubelet/images/types.go and
k8s.io/cri-api/pkg/errors; texts pkg/kubelet/images/image_manager.go; events pkg/kubelet/events/event.go; log texts
pkg/kubelet/kubelet_pods.go (validateContainerLogStatus). Where a text changed, the function takes the version.
"""

from datetime import timedelta
from typing import Literal

from pullscope.kube.events import Note

Version = tuple[int, int]
"""A Kubernetes release, (major, minor)."""

CURRENT: Version = (1, 36)
CREDENTIAL_CHECK: Version = (1, 35)
"""KubeletEnsureSecretPulledImages (KEP-2535) is on by default from here on; the container events lost their names too
(kubernetes/kubernetes#134043)."""
SANDBOX_TOLD: Version = (1, 36)
"""PodReadyToStartContainers is told when the sandbox is there, from here on (OnPodSandboxReady, kubernetes/kubernetes#134660);
before with the status after the pulls."""

# ------------------------------------------------------------------------- waiting reasons, as the STATUS column shows them

ERR_IMAGE_PULL = "ErrImagePull"
IMAGE_PULL_BACK_OFF = "ImagePullBackOff"
ERR_IMAGE_NEVER_PULL = "ErrImageNeverPull"
INVALID_IMAGE_NAME = "InvalidImageName"
IMAGE_INSPECT_ERROR = "ImageInspectError"
REGISTRY_UNAVAILABLE = "RegistryUnavailable"
SIGNATURE_VALIDATION_FAILED = "SignatureValidationFailed"
CONTAINER_CREATING = "ContainerCreating"

PULL_ERRORS = (ERR_IMAGE_PULL, REGISTRY_UNAVAILABLE, SIGNATURE_VALIDATION_FAILED)
"""What one failed attempt may be called; ImagePullBackOff follows each of them."""
NO_IMAGE = frozenset({*PULL_ERRORS, IMAGE_PULL_BACK_OFF, ERR_IMAGE_NEVER_PULL, INVALID_IMAGE_NAME, IMAGE_INSPECT_ERROR})
"""The waiting reasons of a container that has no image to run."""

# ------------------------------------------------------------------------- event reasons

PULLING = "Pulling"
PULLED = "Pulled"
FAILED = "Failed"
BACK_OFF = "BackOff"
INSPECT_FAILED = "InspectFailed"
FAILED_TO_RETRIEVE_SECRET = "FailedToRetrieveImagePullSecret"  # noqa: S105 (an event's reason)
CREATED = "Created"
STARTED = "Started"

NORMAL: Literal["Normal"] = "Normal"
WARNING: Literal["Warning"] = "Warning"


def pulling(image: str) -> Note:
    return Note(NORMAL, PULLING, f'Pulling image "{image}"')


def pulled(image: str, pull: timedelta, waiting: timedelta, size: int) -> Note:
    """`pull` is the time of the pull itself, `waiting` includes the wait for other pulls; `size` in bytes.

    Said after every successful CRI PullImage, also when nothing had to be downloaded.
    """
    times = f"{go_duration(pull)} ({go_duration(waiting)} including waiting)"
    return Note(NORMAL, PULLED, f'Successfully pulled image "{image}" in {times}. Image size: {size} bytes.')


def already_present(image: str, version: Version = CURRENT) -> Note:
    suffix = " and can be accessed by the pod" if version >= CREDENTIAL_CHECK else ""
    return Note(NORMAL, PULLED, f'Container image "{image}" already present on machine{suffix}')


def not_present(image: str) -> Note:
    """Also said of an image that is there and that the pod may not use: its existence is hidden on purpose."""
    message = f'Container image "{image}" is not present with pull policy of Never'
    return Note(WARNING, ERR_IMAGE_NEVER_PULL, message)


def invalid_name(image: str, why: str) -> Note:
    """`why` is the reference grammar's own sentence, such as `invalid reference format`."""
    text = f'Failed to apply default image tag "{image}": couldn\'t parse image name "{image}": {why}'
    return Note(WARNING, INSPECT_FAILED, text)


def inspect_failed(error: str) -> Note:
    """Upstream prints the image id that it did not get, so the quotes are empty (imagePullPrecheck, since 1.32)."""
    return Note(WARNING, INSPECT_FAILED, f'Failed to inspect image "": {error}')


def back_off(image: str) -> Note:
    return Note(NORMAL, BACK_OFF, f'Back-off pulling image "{image}"')


def back_off_waiting(image: str, last: str | None) -> str:
    """The waiting message during a back-off: the event's text and, where known, the last attempt's reason and error."""
    text = back_off(image).message
    return f"{text}: {last}" if last else text


def pull_failed(image: str, error: str) -> Note:
    return Note(WARNING, FAILED, f'Failed to pull image "{image}": {error}')


def pull_error(image: str, error: str) -> tuple[str, str]:
    """(waiting reason, waiting message) of a failed pull, told apart by the runtime's prefix (evalCRIPullErr)."""
    for prefix, what in (
        (REGISTRY_UNAVAILABLE, "the registry is unavailable"),
        (SIGNATURE_VALIDATION_FAILED, "the signature validation failed"),
    ):
        if error.startswith(prefix):
            return prefix, f"image pull failed for {image} because {what}{error.removeprefix(prefix)}"
    return ERR_IMAGE_PULL, error


def sync_failed(reason: str) -> Note:
    """The event that follows each failed start of a container with its waiting reason."""
    return Note(WARNING, FAILED, f"Error: {reason}")


def secrets_not_found(names: list[str]) -> Note:
    listed = ", ".join(names)
    text = f"Unable to retrieve some image pull secrets ({listed}); attempting to pull the image may not succeed."
    return Note(WARNING, FAILED_TO_RETRIEVE_SECRET, text)


def created(container: str, version: Version = CURRENT) -> Note:
    return Note(
        NORMAL, CREATED, "Container created" if version >= CREDENTIAL_CHECK else f"Created container: {container}"
    )


def started(container: str, version: Version = CURRENT) -> Note:
    return Note(
        NORMAL, STARTED, "Container started" if version >= CREDENTIAL_CHECK else f"Started container {container}"
    )


# ------------------------------------------------------------------------- instead of a log


def log_while_waiting(container: str, pod: str, reason: str) -> str:
    """What a log request answers (BadRequest) while the container waits for `reason`."""
    special = {ERR_IMAGE_PULL: "image can't be pulled", IMAGE_PULL_BACK_OFF: "trying and failing to pull image"}
    return f'container "{container}" in pod "{pod}" is waiting to start: {special.get(reason, reason)}'


def log_of_no_previous(container: str, pod: str) -> str:
    """What a log request with `previous` answers when the container never ended before."""
    return f'previous terminated container "{container}" in pod "{pod}" not found'


def go_duration(span: timedelta) -> str:
    """As Go prints a duration cut to milliseconds: `0s`, `157ms`, `1.234s`, `1m2.5s`, `1h0m0s`."""
    milliseconds = span // timedelta(milliseconds=1)
    if milliseconds == 0:
        return "0s"
    if milliseconds < 1000:
        return f"{milliseconds}ms"
    minutes, rest = divmod(milliseconds, 60_000)
    seconds = f"{rest / 1000:.3f}".rstrip("0").rstrip(".")
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m{seconds}s"
    return f"{minutes}m{seconds}s" if minutes else f"{seconds}s"
