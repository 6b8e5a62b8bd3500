"""Pod specs that are refused, each with upstream's sentence and field path."""

from typing import Any

import pytest

from pullscope.apiserver.podspec import defaults, validation
from pullscope.kube.api import Object

MODE = "must be a number between 0 and 0777 (octal), both inclusive"


def complaints(spec: Object, path: str = "spec") -> list[str]:
    defaults.pod(spec)
    return [str(cause) for cause in validation.pod_spec(spec, path)]


def one(**container: Any) -> Object:
    return {"containers": [{"name": "a", "image": "x", **container}]}


ROWS: list[tuple[str, Object, list[str]]] = [
    ("fine", one(), []),
    ("no containers", {}, ["spec.containers: Required value"]),
    ("no name", {"containers": [{"name": "", "image": "x"}]}, ["spec.containers[0].name: Required value"]),
    ("no image", one(image=""), ["spec.containers[0].image: Required value"]),
    ("a space for an image that is yet to be known", one(image=" "), []),
    ("an image in capitals is the kubelet's to refuse", one(image="UPPER/Case"), []),
    (
        "unknown policy",
        one(imagePullPolicy="always"),
        [
            (
                'spec.containers[0].imagePullPolicy: Unsupported value: "always": '
                'supported values: "Always", "IfNotPresent", "Never"'
            )
        ],
    ),
    (
        "name twice",
        {"containers": [{"name": "a", "image": "x"}, {"name": "a", "image": "x"}]},
        ['spec.containers[1].name: Duplicate value: "a"'],
    ),
    (
        "name of an init container again",
        {**one(), "initContainers": [{"name": "a", "image": "x"}]},
        ['spec.initContainers[0].name: Duplicate value: "a"'],
    ),
    (
        "capitals in a name",
        {"containers": [{"name": "A", "image": "x"}]},
        [
            (
                'spec.containers[0].name: Invalid value: "A": a lowercase RFC 1123 label must consist of lower case '
                "alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  "
                "or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
            )
        ],
    ),
    (
        "unknown restart policy",
        {**one(), "restartPolicy": "Sometimes"},
        ['spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"'],
    ),
    (
        "unknown DNS policy",
        {**one(), "dnsPolicy": "x"},
        [
            (
                'spec.dnsPolicy: Unsupported value: "x": '
                'supported values: "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"'
            )
        ],
    ),
    (
        "grace below zero",
        {**one(), "terminationGracePeriodSeconds": -1},
        ["spec.terminationGracePeriodSeconds: Invalid value: -1: must be greater than or equal to 0"],
    ),
    (
        "ports",
        one(ports=[{"containerPort": 0}, {"containerPort": 70000}, {"containerPort": 1, "protocol": "ICMP"}]),
        [
            "spec.containers[0].ports[0].containerPort: Required value",
            "spec.containers[0].ports[1].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive",
            'spec.containers[0].ports[2].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"',
        ],
    ),
    (
        "a mount of nothing",
        one(volumeMounts=[{"name": "v", "mountPath": "/v"}]),
        ['spec.containers[0].volumeMounts[0].name: Not found: "v"'],
    ),
    (
        "a mount path twice",
        {**one(volumeMounts=[{"name": "v", "mountPath": "/v"}] * 2), "volumes": [{"name": "v"}]},
        ['spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/v": must be unique'],
    ),
    (
        "a mount that leads out",
        {**one(volumeMounts=[{"name": "v", "mountPath": "/v", "subPath": "../x"}]), "volumes": [{"name": "v"}]},
        ["spec.containers[0].volumeMounts[0].subPath: Invalid value: \"../x\": must not contain '..'"],
    ),
    (
        "a volume of two kinds",
        {**one(), "volumes": [{"name": "v", "emptyDir": {}, "hostPath": {"path": "/"}}]},
        ["spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type"],
    ),
    (
        "an environment of nothing",
        one(env=[{"name": ""}, {"name": "A=B"}]),
        [
            "spec.containers[0].env[0].name: Required value",
            (
                'spec.containers[0].env[1].name: Invalid value: "A=B": a valid environment variable name must consist only '
                "of printable ASCII characters other than '='"
            ),
        ],
    ),
    (
        "more requested than allowed",
        one(resources={"limits": {"memory": "1Gi"}, "requests": {"memory": "2Gi"}}),
        [
            (
                'spec.containers[0].resources.requests: Invalid value: "2Gi": '
                "must be less than or equal to memory limit of 1Gi"
            )
        ],
    ),
    (
        "a probe of nothing",
        one(livenessProbe={}),
        ["spec.containers[0].livenessProbe: Required value: must specify a handler type"],
    ),
    (
        "more of what is wrong with ports",
        one(ports=[{"containerPort": 1, "name": "a", "hostPort": -1}, {"containerPort": 2, "name": "a"}]),
        [
            "spec.containers[0].ports[0].hostPort: Invalid value: -1: must be between 1 and 65535, inclusive",
            'spec.containers[0].ports[1].name: Duplicate value: "a"',
        ],
    ),
    (
        "values from nowhere and from everywhere",
        one(
            env=[
                {"name": "A", "valueFrom": {}},
                {"name": "B", "valueFrom": {"fieldRef": {}, "secretKeyRef": {}}},
                {"name": "C", "value": "x", "valueFrom": {"fieldRef": {}}},
            ]
        ),
        [
            (
                'spec.containers[0].env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`, '
                "`resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"
            ),
            'spec.containers[0].env[1].valueFrom: Invalid value: "": may not have more than one field specified at a time',
            'spec.containers[0].env[2].valueFrom: Invalid value: "": may not be specified when `value` is not empty',
        ],
    ),
    (
        "mounts without names",
        {**one(volumeMounts=[{"name": "", "mountPath": ""}]), "volumes": [{"name": ""}]},
        [
            "spec.volumes[0].name: Required value",
            "spec.containers[0].volumeMounts[0].name: Required value",
            "spec.containers[0].volumeMounts[0].mountPath: Required value",
        ],
    ),
    (
        "a mount of an absolute path",
        {**one(volumeMounts=[{"name": "v", "mountPath": "/v", "subPath": "/x"}]), "volumes": [{"name": "v"}]},
        ['spec.containers[0].volumeMounts[0].subPath: Invalid value: "/x": must be a relative path'],
    ),
    (
        "probes of two kinds and of the past",
        one(livenessProbe={"exec": {}, "httpGet": {}, "initialDelaySeconds": -1}),
        [
            "spec.containers[0].livenessProbe.httpGet: Forbidden: may not specify more than 1 handler type",
            (
                "spec.containers[0].livenessProbe.initialDelaySeconds: Invalid value: -1: "
                "must be greater than or equal to 0"
            ),
        ],
    ),
    (
        "amounts of what there is not",
        one(resources={"limits": {"gold": "1", "cpu": "-1"}}),
        [
            'spec.containers[0].resources.limits[gold]: Invalid value: "gold": must be a standard resource for containers',
            'spec.containers[0].resources.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0',
            'spec.containers[0].resources.requests[gold]: Invalid value: "gold": must be a standard resource for containers',
            'spec.containers[0].resources.requests[cpu]: Invalid value: "-1": must be greater than or equal to 0',
        ],
    ),
    (
        "files that leave their volume",
        {
            **one(),
            "volumes": [
                {"name": "a", "configMap": {"name": "c", "items": [{"key": "k", "path": "../x", "mode": 512}]}},
                {"name": "b", "secret": {"secretName": "s", "defaultMode": -1, "items": [{"path": "/x"}]}},
                {"name": "c", "downwardAPI": {"items": [{"path": "..x"}]}},
                {"name": "d", "projected": {"sources": [{"configMap": {"items": [{"key": "k", "path": ""}]}}]}},
            ],
        },
        [
            "spec.volumes[0].configMap.items[0].path: Invalid value: \"../x\": must not contain '..'",
            f"spec.volumes[0].configMap.items[0].mode: Invalid value: 512: {MODE}",
            f"spec.volumes[1].secret.defaultMode: Invalid value: -1: {MODE}",
            "spec.volumes[1].secret.items[0].key: Required value",
            'spec.volumes[1].secret.items[0].path: Invalid value: "/x": must be a relative path',
            "spec.volumes[2].downwardAPI.path: Invalid value: \"..x\": must not start with '..'",
            "spec.volumes[2].downwardAPI: Required value: one of fieldRef and resourceFieldRef is required",
            "spec.volumes[3].projected.sources[0].configMap.name: Required value",
            "spec.volumes[3].projected.sources[0].configMap.items[0].path: Required value",
        ],
    ),
    (
        "volumes that name nothing",
        {
            **one(),
            "volumes": [{"name": "a", "secret": {}}, {"name": "a", "configMap": {}}, {"name": "c", "hostPath": {}}],
        },
        [
            "spec.volumes[0].secret.secretName: Required value",
            'spec.volumes[1].name: Duplicate value: "a"',
            "spec.volumes[1].configMap.name: Required value",
            "spec.volumes[2].hostPath.path: Required value",
        ],
    ),
    (
        "a deadline of no time",
        {**one(), "activeDeadlineSeconds": 0},
        ["spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive"],
    ),
    (
        "a node that no one can be",
        {**one(), "nodeName": "a b"},
        [
            (
                'spec.nodeName: Invalid value: "a b": a lowercase RFC 1123 subdomain must consist of lower case '
                "alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character "
                "(e.g. 'example.com', regex used for validation is "
                r"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
            )
        ],
    ),
    (
        "tolerations that make no sense",
        {
            **one(),
            "tolerations": [{"operator": "Like", "key": "a", "effect": "Maybe"}, {"operator": "Exists", "value": "x"}],
        },
        [
            'spec.tolerations[0].operator: Unsupported value: "Like": supported values: "Equal", "Exists"',
            (
                'spec.tolerations[0].effect: Unsupported value: "Maybe": '
                'supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"'
            ),
            "spec.tolerations[1].operator: Invalid value: \"x\": value must be empty when `operator` is 'Exists'",
        ],
    ),
    (
        "seconds without effect",
        {**one(), "tolerations": [{"key": "a", "operator": "Exists", "tolerationSeconds": 1}]},
        ["spec.tolerations[0].effect: Invalid value: \"\": effect must be 'NoExecute' when `tolerationSeconds` is set"],
    ),
]


@pytest.mark.parametrize(("spec", "expected"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_what_is_wrong_with_a_spec(spec: Object, expected: list[str]) -> None:
    assert complaints(spec) == expected


def test_a_template_has_its_own_path() -> None:
    assert complaints(one(image=""), "spec.template.spec") == ["spec.template.spec.containers[0].image: Required value"]


@pytest.mark.parametrize("image", [" nginx", "nginx ", " "])
def test_a_pods_image_has_no_spaces_around_it(image: str) -> None:
    spec = one(image=image)
    defaults.pod(spec)
    [cause] = validation.pod(spec)
    why = f'Invalid value: "{image}": must not have leading or trailing whitespace'
    assert str(cause) == f"spec.containers[0].image: {why}"
