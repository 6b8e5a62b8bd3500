"""What a spec gets that says little, row by row as recorded."""

import pytest

from pullscope.apiserver.podspec import defaults, qos
from pullscope.kube.api import Object

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("image", "policy"),
    [
        ("nginx", "Always"),
        ("nginx:latest", "Always"),
        ("nginx:v1", "IfNotPresent"),
        (f"nginx@{DIGEST}", "IfNotPresent"),
        (f"nginx:v1@{DIGEST}", "IfNotPresent"),
        (f"nginx:latest@{DIGEST}", "Always"),
        ("127.0.0.1:5001/a/b", "Always"),
        ("127.0.0.1:5001/a/b:latest", "Always"),
        ("127.0.0.1:5001/a/b:1.0", "IfNotPresent"),
    ],
)
def test_the_policy_of_an_image(image: str, policy: str) -> None:
    spec: Object = {"containers": [{"name": "a", "image": image}], "initContainers": [{"name": "b", "image": image}]}
    defaults.pod_spec(spec)
    assert [container["imagePullPolicy"] for container in defaults.containers(spec)] == [policy, policy]


def test_a_policy_that_is_given_stays() -> None:
    spec: Object = {"containers": [{"name": "a", "image": "nginx", "imagePullPolicy": "Never"}]}
    defaults.pod_spec(spec)
    assert spec["containers"][0]["imagePullPolicy"] == "Never"


def test_parts_of_a_container() -> None:
    container: Object = {
        "name": "a",
        "image": "x:v1",
        "ports": [{"containerPort": 80}],
        "readinessProbe": {"httpGet": {"port": 80}, "periodSeconds": 3},
        "env": [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
        "resources": {"limits": {"cpu": "1"}, "requests": {"memory": "1Gi"}},
    }
    defaults.pod({"containers": [container]})
    assert container["ports"] == [{"containerPort": 80, "protocol": "TCP"}]
    assert container["readinessProbe"] == {
        "httpGet": {"port": 80, "path": "/", "scheme": "HTTP"},
        "timeoutSeconds": 1,
        "periodSeconds": 3,
        "successThreshold": 1,
        "failureThreshold": 3,
    }
    assert container["env"][0]["valueFrom"]["fieldRef"]["apiVersion"] == "v1"
    assert container["resources"]["requests"] == {"memory": "1Gi", "cpu": "1"}


def test_volumes() -> None:
    volumes: list[Object] = [
        {"name": "nothing"},
        {"name": "secret", "secret": {"secretName": "s"}},
        {"name": "host", "hostPath": {"path": "/"}},
        {"name": "all", "projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}},
    ]
    defaults.pod_spec({"volumes": volumes, "containers": []})
    assert volumes == [
        {"name": "nothing", "emptyDir": {}},
        {"name": "secret", "secret": {"secretName": "s", "defaultMode": 420}},
        {"name": "host", "hostPath": {"path": "/", "type": ""}},
        {
            "name": "all",
            "projected": {
                "sources": [{"serviceAccountToken": {"path": "t", "expirationSeconds": 3600}}],
                "defaultMode": 420,
            },
        },
    ]


def test_the_hosts_network_has_the_hosts_ports() -> None:
    spec: Object = {"hostNetwork": True, "containers": [{"name": "a", "image": "x", "ports": [{"containerPort": 80}]}]}
    defaults.pod(spec)
    assert spec["containers"][0]["ports"][0]["hostPort"] == 80


def test_a_stop_signal_is_no_hook() -> None:
    lifecycle = {"stopSignal": "SIGTERM", "preStop": {"httpGet": {"port": 80}}, "postStart": None}
    spec: Object = {"containers": [{"name": "a", "image": "x", "lifecycle": lifecycle}]}
    defaults.pod(spec)
    assert lifecycle["preStop"] == {"httpGet": {"port": 80, "path": "/", "scheme": "HTTP"}}


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ([{}], "BestEffort"),
        ([{"requests": {"cpu": "0"}}], "BestEffort"),
        ([{"requests": {"cpu": "1"}}], "Burstable"),
        ([{"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "1", "memory": "1Gi"}}], "Guaranteed"),
        ([{"limits": {"cpu": "1"}, "requests": {"cpu": "1"}}], "Burstable"),
        ([{"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "1", "memory": "1Gi"}}, {}], "Burstable"),
    ],
)
def test_the_class_of_a_pod(resources: list[Object], expected: str) -> None:
    assert qos.of({"containers": [{"resources": each} for each in resources]}) == expected
