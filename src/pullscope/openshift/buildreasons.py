"""Why builds end as they do, and what is said of it: reasons with their messages, and events.

Upstream: openshift/api build/v1 consts.go (reasons, release 4.22), openshift/builder pkg/build/builder/util/consts.go and
openshift-controller-manager pkg/build/controller/build/build_controller.go (messages), pkg/build/buildutil (events).
"""

from dataclasses import dataclass

from pullscope.kube.events import Note


@dataclass(frozen=True)
class Reason:
    """A build's `status.reason` and `status.message`."""

    name: str
    message: str


NONE = Reason("", "")
GENERIC = Reason("GenericBuildFailed", "Generic Build failure - check logs for details.")
FETCH_SOURCE = Reason("FetchSourceFailed", "Failed to fetch the input source.")
CONTEXT_DIRECTORY = Reason("InvalidContextDirectory", "The supplied context directory does not exist.")
PULL_BUILDER = Reason("PullBuilderImageFailed", "Failed pulling builder image.")
MANAGE_DOCKERFILE = Reason("ManageDockerfileFailed", "Failed to process the Dockerfile.")
DOCKER = Reason("DockerBuildFailed", "Dockerfile build strategy has failed.")
PUSH = Reason("PushImageToRegistryFailed", "Failed to push the image to the registry.")
OUTPUT = Reason("InvalidOutputReference", "Output image could not be resolved.")
IMAGE = Reason("InvalidImageReference", "Referenced image could not be resolved.")
CANCELLED = Reason("CancelledBuild", "The build was cancelled by the user.")
POD_DELETED = Reason("BuildPodDeleted", "The pod for this build was deleted before the build completed.")
POD_EXISTS = Reason("BuildPodExists", "The pod for this build already exists and is older than the build.")
NO_STATUS = Reason(
    "NoBuildContainerStatus",
    "The pod for this build has no container statuses indicating success or failure.",
)
OUT_OF_MEMORY = Reason("OutOfMemoryKilled", "The build pod was killed due to an out of memory condition.")
CANNOT_CREATE_POD = Reason("CannotCreateBuildPod", "Failed creating build pod.")
POD_SPEC = "CannotCreateBuildPodSpec"
"""With a message of its own: what of the build cannot be done."""
ACCOUNT = Reason("CannotRetrieveServiceAccount", "Unable to look up the service account secrets for this build.")
PUSH_SECRET = Reason("MissingPushSecret", "Missing push secret.")

NO_LOGS = "No logs are available."
MANUALLY = "Manually triggered"
CONFIG_CHANGE = "Build configuration change"
IMAGE_CHANGE = "Image change"

_EVENTS = {
    "Running": ("BuildStarted", "is now running"),
    "Complete": ("BuildCompleted", "completed successfully"),
    "Failed": ("BuildFailed", "failed"),
    "Error": ("BuildFailed", "failed"),
    "Cancelled": ("BuildCancelled", "has been cancelled"),
}


def entered(phase: str, namespace: str, name: str) -> Note | None:
    """What is told of a build that has entered a phase; nothing of New and Pending."""
    if phase not in _EVENTS:
        return None
    reason, what = _EVENTS[phase]
    return Note("Normal", reason, f"Build {namespace}/{name} {what}")
