"""Objects that are refused, kind by kind, each with upstream's sentence; and the cells of their tables."""

import base64
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.apiserver.support import deployment, pod

from pullscope.apiserver.kinds import Kind
from pullscope.apiserver.resources import events, nodes, secrets, services
from pullscope.kube import resources
from pullscope.kube.api import Api, Object
from pullscope.kube.resources import Resource
from pullscope.kube.status import ApiError

R = resources


def named(name: str = "x", **fields: Any) -> Object:
    return {"metadata": {"name": name}, **fields}


def secret(kind: str, **data: str) -> Object:
    encoded = {key: base64.b64encode(text.encode()).decode() for key, text in data.items()}
    return named(type=kind, data=encoded)


def scaled(**changes: Any) -> Object:
    made = deployment("x")
    made["spec"] |= changes
    return made


PORT = {"port": 80}
SUBDOMAIN = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    r"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
KEY = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  "
    "or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
)

REFUSED: list[tuple[str, Resource, Object, str]] = [
    ("a name in capitals", R.CONFIG_MAPS, named("A"), f'metadata.name: Invalid value: "A": {SUBDOMAIN}'),
    ("no selector", R.DEPLOYMENTS, scaled(selector=None), "spec.selector: Required value"),
    (
        "a selector of nothing",
        R.DEPLOYMENTS,
        scaled(selector={}),
        "spec.selector: Invalid value: {}: empty selector is invalid for deployment",
    ),
    (
        "a selector of others",
        R.DEPLOYMENTS,
        scaled(selector={"matchLabels": {"app": "y"}}),
        'spec.template.metadata.labels: Invalid value: {"app":"x"}: `selector` does not match template `labels`',
    ),
    (
        "replicas below zero",
        R.DEPLOYMENTS,
        scaled(replicas=-1),
        "spec.replicas: Invalid value: -1: must be greater than or equal to 0",
    ),
    (
        "an unknown strategy",
        R.DEPLOYMENTS,
        scaled(strategy={"type": "Canary"}),
        'spec.strategy: Unsupported value: {"Type":"Canary","RollingUpdate":null}: supported values: "Recreate", "RollingUpdate"',
    ),
    (
        "rolling and recreating",
        R.DEPLOYMENTS,
        scaled(strategy={"type": "Recreate", "rollingUpdate": {}}),
        "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
    ),
    (
        "a strategy that cannot move",
        R.DEPLOYMENTS,
        scaled(strategy={"rollingUpdate": {"maxSurge": 0, "maxUnavailable": "0%"}}),
        'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0',
    ),
    (
        "a share of nothing",
        R.DEPLOYMENTS,
        scaled(strategy={"rollingUpdate": {"maxSurge": "many"}}),
        (
            'spec.strategy.rollingUpdate.maxSurge: Invalid value: "many": a valid percent string must be a numeric string '
            "followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"
        ),
    ),
    (
        "a deadline too early",
        R.DEPLOYMENTS,
        scaled(progressDeadlineSeconds=5, minReadySeconds=5),
        "spec.progressDeadlineSeconds: Invalid value: 5: must be greater than minReadySeconds",
    ),
    (
        "a template that does not restart",
        R.REPLICA_SETS,
        scaled(
            template={
                "metadata": {"labels": {"app": "x"}},
                "spec": {"restartPolicy": "Never", "containers": [{"name": "a", "image": "b"}]},
            }
        ),
        'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    ),
    ("a key with a slash", R.SECRETS, secret("Opaque", **{"a/b": "c"}), f'data[a/b]: Invalid value: "a/b": {KEY}'),
    (
        "pull secret without its key",
        R.SECRETS,
        secret("kubernetes.io/dockerconfigjson"),
        "data[.dockerconfigjson]: Required value",
    ),
    (
        "pull secret that is no JSON",
        R.SECRETS,
        secret("kubernetes.io/dockerconfigjson", **{".dockerconfigjson": "{"}),
        'data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": must be JSON',
    ),
    (
        "pull secret that is no object",
        R.SECRETS,
        secret("kubernetes.io/dockercfg", **{".dockercfg": "[]"}),
        (
            'data[.dockercfg]: Invalid value: "<secret contents redacted>": '
            "json: cannot unmarshal array into Go value of type map[string]interface {}"
        ),
    ),
    (
        "certificate without key",
        R.SECRETS,
        secret("kubernetes.io/tls", **{"tls.crt": "c"}),
        "data[tls.key]: Required value",
    ),
    (
        "a secret too large",
        R.SECRETS,
        secret("Opaque", a="x" * (secrets.SIZE_MAX + 1)),
        "data: Too long: must have at most 1048576 bytes",
    ),
    (
        "a key twice",
        R.CONFIG_MAPS,
        named(data={"a": "b"}, binaryData={"a": "YQ=="}),
        'data[a]: Invalid value: "a": duplicate of key present in binaryData',
    ),
    ("a service without ports", R.SERVICES, named(), "spec.ports: Required value"),
    (
        "two ports without names",
        R.SERVICES,
        named(spec={"ports": [PORT, {"port": 81}]}),
        "[spec.ports[0].name: Required value, spec.ports[1].name: Required value]",
    ),
    (
        "a port that is none",
        R.SERVICES,
        named(spec={"ports": [{"port": 0, "targetPort": 1}]}),
        "spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive",
    ),
    (
        "an unknown type of service",
        R.SERVICES,
        named(spec={"ports": [PORT], "type": "Magic"}),
        'spec.type: Unsupported value: "Magic": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
    ),
    (
        "an address that is none",
        R.SERVICES,
        named(spec={"ports": [PORT], "clusterIP": "here"}),
        'spec.clusterIPs[0]: Invalid value: "here": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ),
    (
        "an event elsewhere",
        R.EVENTS,
        named(involvedObject={"namespace": "other"}),
        'involvedObject.namespace: Invalid value: "other": does not match event.namespace',
    ),
    ("an event in a path", R.EVENTS, named("a%b", involvedObject={"namespace": "demo"}), "may not contain '%'"),
]


@pytest.mark.parametrize(("resource", "obj", "words"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
async def test_what_is_refused(api: Api, resource: Resource, obj: Object, words: str) -> None:
    given = (
        {**obj, "spec": {key: value for key, value in obj["spec"].items() if value is not None}}
        if "spec" in obj
        else obj
    )
    with pytest.raises(ApiError) as raised:
        await api.create(resource, "demo", given)
    assert (raised.value.code, raised.value.reason) == (422, "Invalid")
    name = obj["metadata"]["name"]
    kind = f"{resource.kind}.{resource.group}" if resource.group else resource.kind
    assert raised.value.message.startswith(f'{kind} "{name}" is invalid: ')
    assert words in raised.value.message


CHANGES: list[tuple[str, Resource, Object, Object, str]] = [
    (
        "selector",
        R.DEPLOYMENTS,
        deployment("x"),
        {"spec": {"selector": {"matchLabels": {"app": "y"}}, "template": {"metadata": {"labels": {"app": "y"}}}}},
        'spec.selector: Invalid value: {"matchLabels":{"app":"y"}}: field is immutable',
    ),
    ("type", R.SECRETS, secret("Opaque"), {"type": "other"}, 'type: Invalid value: "other": field is immutable'),
    (
        "contents",
        R.SECRETS,
        {**secret("Opaque", a="b"), "immutable": True},
        {"data": {"a": "Yw=="}},
        "data: Forbidden: field is immutable when `immutable` is set",
    ),
    (
        "immutability",
        R.CONFIG_MAPS,
        named(immutable=True),
        {"immutable": False},
        "immutable: Forbidden: field is immutable when `immutable` is set",
    ),
    (
        "policy",
        R.PODS,
        pod("x"),
        {"spec": {"containers": [{"name": "app", "image": "registry.example/app:v1", "imagePullPolicy": "Never"}]}},
        "spec: Forbidden: pod updates may not change fields other than",
    ),
]


@pytest.mark.parametrize(
    ("resource", "obj", "patch", "words"), [row[1:] for row in CHANGES], ids=[row[0] for row in CHANGES]
)
async def test_what_may_not_change(api: Api, resource: Resource, obj: Object, patch: Object, words: str) -> None:
    await api.create(resource, "demo", obj)
    with pytest.raises(ApiError) as raised:
        await api.patch(resource, "demo", "x", patch)
    assert raised.value.reason == "Invalid"
    assert words in raised.value.message


async def test_texts_of_a_secret_become_data(api: Api) -> None:
    made = await api.create(R.SECRETS, "demo", named(stringData={"a": "b"}, data={"c": "ZA=="}))
    assert (made["type"], made["data"]) == ("Opaque", {"a": "Yg==", "c": "ZA=="})
    assert "stringData" not in made


async def test_what_a_service_account_brings(api: Api) -> None:
    account = named("puller", imagePullSecrets=[{"name": "s"}], automountServiceAccountToken=False)
    await api.create(R.SERVICE_ACCOUNTS, "demo", account)
    made = await api.create(R.PODS, "demo", pod(serviceAccountName="puller"))
    assert made["spec"]["imagePullSecrets"] == [{"name": "s"}]
    assert "volumes" not in made["spec"]
    own = await api.create(R.PODS, "demo", pod("own", serviceAccount="puller", imagePullSecrets=[{"name": "mine"}]))
    assert own["spec"]["imagePullSecrets"] == [{"name": "mine"}]
    assert own["spec"]["serviceAccountName"] == "puller"


async def test_tolerations_of_ones_own_stay(api: Api) -> None:
    everything = {"operator": "Exists"}
    made = await api.create(R.PODS, "demo", pod(tolerations=[everything]))
    assert made["spec"]["tolerations"] == [everything]


NOW = datetime(2026, 1, 1, 0, 2, tzinfo=UTC)


def cells(kind: Kind, **fields: Any) -> list[Any]:
    obj = {
        "metadata": {"name": "x", "creationTimestamp": "2026-01-01T00:00:00Z", **fields.pop("metadata", {})},
        **fields,
    }
    return kind.table.cells(obj, NOW)


def test_cells_of_events() -> None:
    about = {"kind": "Pod", "name": "web", "fieldPath": "spec.containers{app}"}
    kubelet = cells(
        events.KIND,
        involvedObject=about,
        type="Normal",
        reason="Pulling",
        message=" text ",
        source={"component": "kubelet", "host": "crc"},
        firstTimestamp="2026-01-01T00:01:00Z",
        lastTimestamp="2026-01-01T00:01:50Z",
        count=3,
    )
    assert kubelet == [
        *("10s", "Normal", "Pulling", "pod/web", "spec.containers{app}", "kubelet, crc", "text", "60s", 3, "x")
    ]
    scheduler = cells(
        events.KIND,
        involvedObject=about,
        eventTime="2026-01-01T00:01:59.500000Z",
        reportingComponent="default-scheduler",
        series={"count": 4, "lastObservedTime": "2026-01-01T00:02:00.000000Z"},
    )
    assert (scheduler[0], scheduler[5], scheduler[7], scheduler[8]) == ("0s", "default-scheduler", "0s", 4)


def test_cells_of_nodes() -> None:
    info = {"kubeletVersion": "v1.36.2", "kernelVersion": "6.1", "architecture": "amd64", "osImage": "Debian"}
    node = cells(
        nodes.KIND,
        metadata={"labels": {"node-role.kubernetes.io/worker": "", "node-role.kubernetes.io/control-plane": ""}},
        spec={"unschedulable": True},
        status={
            "conditions": [{"type": "Ready", "status": "False"}],
            "addresses": [{"type": "Hostname", "address": "crc"}, {"type": "InternalIP", "address": "10.0.0.1"}],
            "nodeInfo": info,
        },
    )
    assert node == [
        *("x", "NotReady,SchedulingDisabled", "control-plane,worker", "2m", "v1.36.2"),
        *("10.0.0.1", "<none>", "Debian", "6.1 (amd64)", "<unknown>"),
    ]


@pytest.mark.parametrize(
    ("spec", "status", "expected"),
    [
        ({"type": "ClusterIP", "clusterIP": "10.0.0.1"}, {}, ["ClusterIP", "10.0.0.1", "<none>", "<none>"]),
        ({"type": "ExternalName", "externalName": "a.b"}, {}, ["ExternalName", "<none>", "a.b", "<none>"]),
        ({"type": "LoadBalancer"}, {}, ["LoadBalancer", "<none>", "<pending>", "<none>"]),
        (
            {"type": "LoadBalancer", "ports": [{"port": 80, "nodePort": 30000, "protocol": "TCP"}]},
            {"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}]}},
            ["LoadBalancer", "<none>", "1.2.3.4", "80:30000/TCP"],
        ),
    ],
)
def test_cells_of_services(spec: Object, status: Object, expected: list[str]) -> None:
    assert cells(services.KIND, spec=spec, status=status)[1:5] == expected
