"""What the runtime is told about a pod and its containers."""

from pathlib import Path
from typing import Any

import pytest

from pullscope.cri.api import Mount
from pullscope.node import podconfig
from pullscope.node.env import ConfigError
from pullscope.node.podconfig import Given

VOLUMES = Path("volumes")


def pod(**spec: Any) -> dict[str, Any]:
    metadata = {"name": "p", "namespace": "ns", "uid": "u", "labels": {"app": "x"}}
    return {"metadata": metadata, "spec": {"containers": [{"name": "app", "image": "img:v1"}], **spec}}


def container(**fields: Any) -> Any:
    spec = {"name": "app", "image": "img:v1", **fields}
    return podconfig.container(pod(), spec, Given("id", 2, {"A": "1"}, VOLUMES))


def test_a_sandbox() -> None:
    config = podconfig.sandbox(pod(hostNetwork=True, nodeName="crc"), 3, Path("logs"))
    assert (config.name, config.namespace, config.uid, config.attempt, config.hostname) == ("p", "ns", "u", 3, "crc")
    assert (config.host_network, Path(config.log_directory)) == (True, Path("logs/ns_p_u"))
    assert config.labels == {
        "app": "x",
        "io.kubernetes.pod.name": "p",
        "io.kubernetes.pod.namespace": "ns",
        "io.kubernetes.pod.uid": "u",
    }


def test_a_host_name_is_cut_to_63() -> None:
    config = podconfig.sandbox(pod(hostname="a" * 62 + "-b"), 0, Path("logs"))
    assert config.hostname == "a" * 62


def test_a_container() -> None:
    config = container(
        command=["run", "$(A)"],
        args=["$(B)"],
        workingDir="/w",
        resources={"limits": {"memory": "64Mi"}},
        volumeMounts=[{"name": "v", "mountPath": "/v", "readOnly": True}],
    )
    assert (config.image, config.user_specified_image, config.attempt) == ("id", "img:v1", 2)
    assert (config.command, config.args, config.working_dir) == (("run", "1"), ("$(B)",), "/w")
    assert (config.envs, config.memory_limit, config.log_path) == ((("A", "1"),), 64 * 2**20, "app/2.log")
    assert config.mounts == (Mount("/v", str(VOLUMES / "v"), readonly=True),)
    assert config.annotations["io.kubernetes.container.restartCount"] == "2"


@pytest.mark.parametrize("kind", ["configMap", "secret", "downwardAPI", "projected"])
def test_what_the_kubelet_writes_is_read_only(kind: str) -> None:
    mounts = [{"name": "ours", "mountPath": "/a"}, {"name": "theirs", "mountPath": "/b"}]
    listed = pod(volumes=[{"name": "ours", kind: {}}, {"name": "theirs", "emptyDir": {}}])
    spec = {"name": "app", "image": "img:v1", "volumeMounts": mounts}
    config = podconfig.container(listed, spec, Given("id", 0, {}, VOLUMES))
    assert [mount.readonly for mount in config.mounts] == [True, False]


@pytest.mark.parametrize("field", [{"subPath": "a/b"}, {"subPathExpr": "a/$(A)"}])
def test_part_of_a_volume(field: dict[str, str]) -> None:
    (mount,) = container(volumeMounts=[{"name": "v", "mountPath": "/v", **field}]).mounts
    assert Path(mount.host_path) == VOLUMES / "v" / "a" / ("b" if "subPath" in field else "1")


@pytest.mark.parametrize("path", ["../x", "/x", "a\\..\\..\\x", "c:x"])
def test_no_part_of_a_volume_leads_out_of_it(path: str) -> None:
    with pytest.raises(ConfigError, match='failed to prepare subPath for volumeMount "v"'):
        container(volumeMounts=[{"name": "v", "mountPath": "/v", "subPath": path}])


@pytest.mark.parametrize(
    ("spec", "container_fields", "refused"),
    [
        ({}, {}, None),
        ({}, {"livenessProbe": {"tcpSocket": {}}}, "livenessProbe.tcpSocket"),
        ({}, {"readinessProbe": {"tcpSocket": {}}}, "readinessProbe.tcpSocket"),
        ({}, {"startupProbe": {"tcpSocket": {}}}, "startupProbe.tcpSocket"),
        ({}, {"livenessProbe": {"exec": {"command": ["true"]}}}, None),
        ({}, {"lifecycle": {"preStop": {}}}, "lifecycle"),
        ({}, {"volumeDevices": [{}]}, "volumeDevices"),
        ({}, {"restartPolicy": "Always"}, "restartPolicy of a container"),
        ({}, {"volumeMounts": [{"name": "v", "mountPropagation": "Bidirectional"}]}, "mountPropagation Bidirectional"),
        ({}, {"volumeMounts": [{"name": "v", "mountPropagation": "None"}]}, None),
        ({"shareProcessNamespace": True}, {}, "shareProcessNamespace"),
        ({"hostPID": True, "hostIPC": True}, {}, None),
    ],
)
def test_what_this_node_cannot_do(spec: dict[str, Any], container_fields: dict[str, Any], refused: str | None) -> None:
    said = podconfig.unsupported(pod(**spec), {"name": "app", **container_fields})
    assert said == (f"{refused} is not supported by this node" if refused else None)
