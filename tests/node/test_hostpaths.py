"""What pods see of the node: its made-up root and its pods' logs, and nothing else."""

from pathlib import Path
from typing import Any

import pytest

from pullscope.node import hostpaths, podconfig
from pullscope.node.env import ConfigError
from pullscope.node.hostpaths import Host
from pullscope.node.podconfig import Given
from pullscope.node.projection import VolumeError

HOST = Host(Path("/n/root"), Path("/n/logs"))


@pytest.mark.parametrize("kind", ["", "Directory", "DirectoryOrCreate"])
@pytest.mark.parametrize("path", ["/", "//", "/./"])
def test_the_root_may_be_seen(path: str, kind: str) -> None:
    hostpaths.check({"path": path, "type": kind}, served=True)


@pytest.mark.parametrize(
    ("source", "served", "error"),
    [
        ({"path": "/etc"}, True, "hostPath /etc is not supported by this node"),
        ({"path": "/../etc", "type": ""}, True, "hostPath /../etc is not supported by this node"),
        ({"path": "/"}, False, "hostPath / is not supported by this node"),
        ({"path": "/", "type": "File"}, True, "hostPath type check failed: / is not a file"),
        ({"path": "/", "type": "Socket"}, True, "hostPath type check failed: / is not a socket file"),
        ({"path": "/", "type": "BlockDevice"}, True, "hostPath type check failed: / is not a block device"),
    ],
)
def test_what_is_refused(source: dict[str, Any], served: bool, error: str) -> None:
    with pytest.raises(VolumeError) as refused:
        hostpaths.check(source, served=served)
    assert str(refused.value) == error


def configured(**mount: Any) -> list[tuple[str, str, bool]]:
    spec = {"name": "app", "image": "i", "volumeMounts": [{"name": "host", "mountPath": "/host", **mount}]}
    pod = {
        "metadata": {"name": "p", "namespace": "ns", "uid": "u"},
        "spec": {"containers": [spec], "volumes": [{"name": "host", "hostPath": {"path": "/"}}]},
    }
    config = podconfig.container(pod, spec, Given("i", 0, {}, Path("/v"), HOST))
    return [(found.container_path, found.host_path, found.readonly) for found in config.mounts]


def test_the_root_is_mounted_read_only_with_the_logs_where_a_node_has_them() -> None:
    assert configured(readOnly=False) == [
        ("/host", str(HOST.root), True),
        ("/host/var/log/pods", str(HOST.logs), True),
    ]


def test_a_part_of_the_root_is_refused() -> None:
    with pytest.raises(ConfigError, match="subPath of a hostPath volume is not supported by this node"):
        configured(subPath="etc")
