"""What a kubelet counts: one pod's way, and every answer that `ensure_image_exists` knows."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from tests.node.fakes import FakeImages, image

from pullscope.base.clock import ManualClock
from pullscope.cri.api import CriError, PodSandbox, PodSandboxConfig, PodSandboxState
from pullscope.kube.events import Note
from pullscope.node.images import ImageManager, Request
from pullscope.node.meters import Meters
from pullscope.node.records import Records
from pullscope.pull import failures, policy
from pullscope.pull.policy import Facts, PullPolicy

REF = "127.0.0.1:5001/m/app:v1"
ENSURED = "kubelet_image_manager_ensure_image_requests_total"
OPERATIONS = "kubelet_runtime_operations"


def told(meters: Meters, name: str) -> dict[str, float]:
    """The samples of a metric, by their labels."""
    found = re.findall(rf"^{name}(?:\{{(.*)\}})? (\S+)$", meters.text([], []), re.MULTILINE)
    return {labels: float(number) for labels, number in found}


@pytest.mark.parametrize(
    ("facts", "present", "required"),
    [
        (Facts(REF, "Always"), "unknown", "true"),
        (Facts(REF, "IfNotPresent"), "false", "true"),
        (Facts(REF, "IfNotPresent", local=policy.Present("id")), "true", "false"),
        (Facts(REF, "IfNotPresent", local=policy.Present("id", accessible=False)), "true", "true"),
        (Facts(REF, "Never"), "false", "unknown"),
        (Facts(REF, "Never", local=policy.Present("id")), "true", "false"),
        (Facts(REF, "Never", local=policy.InspectFailed("no")), "unknown", "unknown"),
        (Facts("a b", "IfNotPresent", name_error="no"), "unknown", "unknown"),
    ],
)
def test_what_was_known_before_a_pull(facts: Facts, present: str, required: str) -> None:
    meters = Meters("crc", ManualClock())
    meters.ensured(facts)
    labels = f'pull_policy="{facts.policy.lower()}",present_locally="{present}",pull_required="{required}"'
    assert told(meters, ENSURED) == {labels: 1}


@pytest.mark.parametrize(
    ("size", "label"), [(0, "0-10MB"), (10 << 20, "10MB-100MB"), (3 << 30, "1GB-5GB"), (200 << 30, "GT100GB")]
)
def test_pulls_by_the_size_of_the_image(size: int, label: str) -> None:
    meters = Meters("crc", ManualClock())
    meters.pulled(policy.Delivered("id", size, timedelta(seconds=2), timedelta(seconds=3)))
    seconds = told(meters, "kubelet_image_pull_duration_seconds_sum")
    assert seconds == {f'image_size_in_bytes="{label}"': 3}


def test_images_that_were_collected_by_why_they_went() -> None:
    meters = Meters("crc", ManualClock())
    for reason in ("age", "space", "space"):
        meters.collected(reason)
    assert told(meters, "kubelet_image_garbage_collected_total") == {'reason="age"': 1, 'reason="space"': 2}


async def test_an_image_that_is_pulled_once_and_then_there(tmp_path: Path) -> None:
    clock, service = ManualClock(), FakeImages()
    service.registry[REF] = image(REF, "new")
    meters = Meters("crc", clock)
    records = Records(tmp_path, clock)
    meters.describe_records(records)
    manager = ImageManager(meters.metered(service), records, clock, lambda: None, meters)

    async def say(_: Note) -> None:
        pass

    async def ensure(pull_policy: PullPolicy) -> None:
        await manager.ensure_image_exists(Request("uid", REF, pull_policy), say)

    await ensure("IfNotPresent")
    await ensure("IfNotPresent")
    service.registry[REF] = failures.ConnectionRefused("127.0.0.1:5001")
    await ensure("Always")
    operations = told(meters, f"{OPERATIONS}_total")
    assert operations['operation_type="pull_image"'] == 2
    assert told(meters, f"{OPERATIONS}_errors_total") == {'operation_type="pull_image"': 1}
    assert told(meters, f"{OPERATIONS}_duration_seconds_count") == operations
    assert told(meters, "kubelet_image_pull_duration_seconds_count") == {'image_size_in_bytes="0-10MB"': 1}
    assert sum(told(meters, ENSURED).values()) == 3
    assert told(meters, "kubelet_imagemanager_ondisk_pulledrecords") == {"": 1}
    assert told(meters, "kubelet_imagemanager_ondisk_pullintents") == {"": 0}
    checks = told(meters, "kubelet_imagemanager_image_mustpull_checks_total")
    assert checks == {'result="credentialRecordFound"': 1}


class Sandboxes:
    """A runtime that cannot make sandboxes."""

    async def run_pod_sandbox(self, config: PodSandboxConfig) -> str:
        raise CriError("no room")

    def close(self) -> str:
        return "closed"


async def test_pods_that_cannot_be_started() -> None:
    meters = Meters("crc", ManualClock())
    runtime = meters.metered(Sandboxes())  # type: ignore[type-var] # it has what the test calls
    with pytest.raises(CriError, match="no room"):
        await runtime.run_pod_sandbox(PodSandboxConfig("web", "uid", "demo"))
    assert runtime.close() == "closed"
    assert told(meters, "kubelet_started_pods_total") == {"": 1}
    assert told(meters, "kubelet_started_pods_errors_total") == {"": 1}


def test_reasons_that_are_sentences_make_no_labels() -> None:
    meters = Meters("crc", ManualClock())
    meters.starting("container")
    meters.not_started("container", "ErrImagePull")
    meters.not_started("container", 'secret "x" cannot be read')
    assert told(meters, "kubelet_started_containers_errors_total") == {
        'container_type="container",code="ErrImagePull"': 1,
        'container_type="container",code="other"': 1,
    }


def test_what_runs_now() -> None:
    ready, over = PodSandboxState.READY, PodSandboxState.NOT_READY
    config = PodSandboxConfig("web", "uid", "demo")
    sandboxes = [PodSandbox(f"{place}", config, state, 0) for place, state in enumerate((ready, ready, over))]
    assert "kubelet_running_pods 2\n" in Meters("crc", ManualClock()).text(sandboxes, [])
