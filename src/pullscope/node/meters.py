"""What a kubelet counts, under upstream's names: `/api/v1/nodes/NAME/proxy/metrics`.

Upstream: pkg/kubelet/metrics/metrics.go, pkg/kubelet/images (metrics.go, pullmanager/metrics.go) and
pkg/kubelet/kuberuntime/instrumented_services.go, Kubernetes v1.36; the texts say how stable upstream calls each.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar, cast

from pullscope.base import process
from pullscope.base.clock import Clock
from pullscope.base.metrics import Metrics, exponential
from pullscope.cri.api import ContainerStatus, CriError, ImageService, PodSandbox, PodSandboxState, RuntimeService
from pullscope.node.records import Records
from pullscope.pull import policy

# By the method that is called: what upstream calls the operation.
_OPERATIONS = {
    "version": "version",
    "run_pod_sandbox": "run_podsandbox",
    "stop_pod_sandbox": "stop_podsandbox",
    "remove_pod_sandbox": "remove_podsandbox",
    "list_pod_sandbox": "list_podsandbox",
    "create_container": "create_container",
    "start_container": "start_container",
    "stop_container": "stop_container",
    "remove_container": "remove_container",
    "list_containers": "list_containers",
    "container_status": "container_status",
    "exec": "exec",
    "attach": "attach",
    "list_images": "list_images",
    "image_status": "image_status",
    "pull_image": "pull_image",
    "remove_image": "remove_image",
}
_PULL_SECONDS = (1, 5, 10, 20, 30, 60, 120, 180, 240, 300, 360, 480, 600, 900, 1200, 1800, 2700, 3600)
_MB, _GB = 1 << 20, 1 << 30
_SIZES = (
    *((100 * _GB, "GT100GB"), (60 * _GB, "60GB-100GB"), (40 * _GB, "40GB-60GB"), (30 * _GB, "30GB-40GB")),
    *((20 * _GB, "20GB-30GB"), (10 * _GB, "10GB-20GB"), (5 * _GB, "5GB-10GB"), (_GB, "1GB-5GB")),
    *((500 * _MB, "500MB-1GB"), (100 * _MB, "100MB-500MB"), (10 * _MB, "10MB-100MB"), (0, "0-10MB")),
)

Service = TypeVar("Service", RuntimeService, ImageService)


class Meters:
    """The counts of one node."""

    def __init__(self, node: str, clock: Clock) -> None:
        self._clock = clock
        self._metrics = metrics = Metrics()
        metrics.gauge("kubelet_node_name", "[ALPHA] The node's name. The count is always 1.", "node").inc(node)
        self._describe_images()
        self._describe_operations()
        process.describe(metrics)

    def _describe_images(self) -> None:
        self._ensured = self._metrics.counter(
            "kubelet_image_manager_ensure_image_requests_total",
            "[ALPHA] Number of ensure-image requests processed by the kubelet.",
            *("pull_policy", "present_locally", "pull_required"),
        )
        self._pulls = self._metrics.histogram(
            "kubelet_image_pull_duration_seconds",
            "[ALPHA] Duration in seconds to pull an image.",
            "image_size_in_bytes",
            bounds=_PULL_SECONDS,
        )
        self._collected = self._metrics.counter(
            "kubelet_image_garbage_collected_total",
            "[ALPHA] Total number of images garbage collected by the kubelet, whether through disk usage or image age.",
            "reason",
        )

    def _describe_operations(self) -> None:
        metrics, kind = self._metrics, "operation_type"
        self._operations = metrics.counter(
            "kubelet_runtime_operations_total",
            "[ALPHA] Cumulative number of runtime operations by operation type.",
            kind,
        )
        self._errors = metrics.counter(
            "kubelet_runtime_operations_errors_total",
            "[ALPHA] Cumulative number of runtime operation errors by operation type.",
            kind,
        )
        self._seconds = metrics.histogram(
            "kubelet_runtime_operations_duration_seconds",
            "[ALPHA] Duration in seconds of runtime operations. Broken down by operation type.",
            kind,
            bounds=exponential(0.005, 2.5, 14),
        )
        self._pods = metrics.counter("kubelet_started_pods_total", "[ALPHA] Cumulative number of pods started")
        self._pod_errors = metrics.counter(
            "kubelet_started_pods_errors_total", "[ALPHA] Cumulative number of errors when starting pods"
        )
        self._containers = metrics.counter(
            "kubelet_started_containers_total", "[ALPHA] Cumulative number of containers started", "container_type"
        )
        self._container_errors = metrics.counter(
            "kubelet_started_containers_errors_total",
            "[ALPHA] Cumulative number of errors when starting containers",
            *("container_type", "code"),
        )

    def text(self, sandboxes: Iterable[PodSandbox], containers: Iterable[ContainerStatus]) -> str:
        """Everything that was counted, and what runs now, in the text that Prometheus reads."""
        now = Metrics()
        pods = now.gauge("kubelet_running_pods", "[ALPHA] Number of pods that have a running pod sandbox")
        pods.inc(by=sum(sandbox.state is PodSandboxState.READY for sandbox in sandboxes))
        states = now.gauge(
            "kubelet_running_containers", "[ALPHA] Number of containers currently running", "container_state"
        )
        for state, count in Counter(container.state for container in containers).items():
            states.inc(state.removeprefix("CONTAINER_").lower(), by=count)
        return self._metrics.text() + now.text()

    def describe_records(self, records: Records) -> None:
        """Tell of the records of pulls too."""
        prefix = "kubelet_imagemanager"
        text = "[ALPHA] Number of ImagePulledRecords stored on disk."
        self._metrics.computed(f"{prefix}_ondisk_pulledrecords", text, ask=lambda: {(): records.pulled})
        text = "[ALPHA] Number of ImagePullIntents stored on disk."
        self._metrics.computed(f"{prefix}_ondisk_pullintents", text, ask=lambda: {(): records.under_way})
        self._metrics.computed(
            f"{prefix}_image_mustpull_checks_total",
            "[ALPHA] Counter for how many times kubelet checked whether credentials need to be re-verified to access an image",
            "result",
            ask=lambda: {(result,): count for result, count in records.checks.items()},
            counts=True,
        )

    # ----------------------------------------------------------------- images

    def ensured(self, facts: policy.Facts) -> None:
        """An image was asked for; `facts` is what was known before any pull."""
        self._ensured.inc(facts.policy.lower(), *_known(facts))

    def pulled(self, delivered: policy.Delivered) -> None:
        """A pull ended well."""
        size = next(label for least, label in _SIZES if delivered.size >= least)
        self._pulls.observe(delivered.waiting.total_seconds(), size)

    def collected(self, reason: str) -> None:
        """An image that nobody used was removed, because of its `age` or for its `space`."""
        self._collected.inc(reason)

    # ----------------------------------------------------------------- containers

    def starting(self, container_type: str) -> None:
        """A container is being started, its image included. `container_type` is `container` or `init_container`."""
        self._containers.inc(container_type)

    def not_started(self, container_type: str, reason: str) -> None:
        """That came to nothing. Reasons that are sentences count as one."""
        self._container_errors.inc(container_type, reason if reason.isalpha() else "other")

    # ----------------------------------------------------------------- operations

    def metered(self, service: Service) -> Service:
        """`service`, whose calls are counted and timed."""
        return cast(Service, _Metered(service, self._call))

    async def _call(self, operation: str, call: Awaitable[Any]) -> Any:
        self._operations.inc(operation)
        if operation == "run_podsandbox":
            self._pods.inc()
        began = self._clock.monotonic()
        try:
            return await call
        except CriError:
            self._errors.inc(operation)
            if operation == "run_podsandbox":
                self._pod_errors.inc()
            raise
        finally:
            self._seconds.observe(self._clock.monotonic() - began, operation)


class _Metered:
    """Stands before a service of the runtime: the same calls, counted."""

    def __init__(self, service: object, count: Callable[[str, Awaitable[Any]], Awaitable[Any]]) -> None:
        self._service = service
        self._count = count

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._service, name)
        operation = _OPERATIONS.get(name)
        if operation is None:
            return call
        return lambda *args, **kwargs: self._count(operation, call(*args, **kwargs))


def _known(facts: policy.Facts) -> tuple[str, str]:
    """Whether the image was there, and whether a pull was required: `unknown` where that was not asked."""
    if facts.name_error is not None:
        return "unknown", "unknown"
    if facts.policy == "Always":
        return "unknown", "true"
    match facts.local:
        case policy.InspectFailed():
            return "unknown", "unknown"
        case policy.Absent():
            return "false", "unknown" if facts.policy == "Never" else "true"
        case policy.Present(_, accessible):
            return "true", "false" if accessible else "true"
