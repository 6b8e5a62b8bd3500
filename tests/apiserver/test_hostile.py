"""Whatever is sent, the answer is an object or an ApiError, and what is stored can be listed: never a fault of ours."""

import asyncio
import contextlib
import copy
from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.apiserver.support import ADMIN, deployment, pod

from pullscope.apiserver import applying, bodies, negotiation, patching
from pullscope.apiserver.endpoints import Endpoint
from pullscope.apiserver.handlers import Context
from pullscope.apiserver.rendering import Renderer
from pullscope.apiserver.resources.all_kinds import ALL
from pullscope.apiserver.selection import Selection
from pullscope.apiserver.server import ApiServer
from pullscope.apiserver.store.store import Store
from pullscope.base.clock import ManualClock
from pullscope.kube import resources
from pullscope.kube.api import Object
from pullscope.kube.status import ApiError

FULL: dict[str, Object] = {
    "Pod": pod(
        initContainers=[{"name": "init", "image": "i", "restartPolicy": "Always"}],
        volumes=[{"name": "v", "emptyDir": {}}],
        tolerations=[{"key": "a", "operator": "Exists"}],
        readinessGates=[{"conditionType": "x"}],
        containers=[
            {
                "name": "app",
                "image": "a:v1",
                "ports": [{"containerPort": 80, "name": "http"}],
                "env": [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
                "volumeMounts": [{"name": "v", "mountPath": "/v"}],
                "resources": {"limits": {"cpu": "1"}, "requests": {"cpu": "500m"}},
                "livenessProbe": {"httpGet": {"port": 80}},
                "lifecycle": {"preStop": {"exec": {"command": ["x"]}}},
            }
        ],
    ),
    "Deployment": deployment(strategy={"rollingUpdate": {"maxSurge": 1}}),
    "ReplicaSet": {**deployment(), "kind": "ReplicaSet"},
    "DaemonSet": {
        **deployment(
            updateStrategy={"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "10%", "maxSurge": 0}}
        ),
        "kind": "DaemonSet",
    },
    "PriorityClass": {"metadata": {"name": "p"}, "value": 5, "globalDefault": True, "preemptionPolicy": "Never"},
    "Endpoints": {
        "metadata": {"name": "e"},
        "subsets": [{"addresses": [{"ip": "10.0.0.1"}], "ports": [{"name": "a", "port": 1}, {"name": "b", "port": 2}]}],
    },
    "EndpointSlice": {
        "metadata": {"name": "e"},
        "addressType": "IPv4",
        "endpoints": [{"addresses": ["10.0.0.1"], "conditions": {"ready": True}}],
        "ports": [{"name": "a", "port": 1}],
    },
    "Image": {
        "metadata": {"name": f"sha256:{'0' * 64}"},
        "dockerImageReference": f"registry.example/app@sha256:{'0' * 64}",
        "dockerImageLayers": [{"name": "sha256:1", "size": 1, "mediaType": "x"}],
        "dockerImageMetadata": {"kind": "DockerImage", "Size": 1, "Config": {"Env": ["A=B"]}},
    },
    "ImageStream": {
        "metadata": {"name": "app"},
        "spec": {
            "lookupPolicy": {"local": True},
            "tags": [
                {
                    "name": "v1",
                    "from": {"kind": "DockerImage", "name": "registry.example/app:v1"},
                    "importPolicy": {"scheduled": True},
                    "referencePolicy": {"type": "Source"},
                }
            ],
        },
        "status": {"tags": [{"tag": "v1", "items": [{"image": "sha256:1", "dockerImageReference": "a@sha256:1"}]}]},
    },
    "Lease": {"metadata": {"name": "l"}, "spec": {"leaseDurationSeconds": 40, "leaseTransitions": 1}},
    "Job": {
        "metadata": {"name": "j"},
        "spec": {
            "completionMode": "Indexed",
            "completions": 2,
            "suspend": True,
            "template": {"spec": {"restartPolicy": "OnFailure", "containers": [{"name": "a", "image": "b"}]}},
        },
    },
    "ControllerRevision": {"metadata": {"name": "r"}, "data": {"spec": {"template": {}}}, "revision": 1},
    "Service": {"metadata": {"name": "s"}, "spec": {"ports": [{"port": 80, "targetPort": "http"}], "type": "NodePort"}},
    "Secret": {"metadata": {"name": "s"}, "data": {"a": "YQ=="}, "stringData": {"b": "c"}},
    "ConfigMap": {"metadata": {"name": "c"}, "data": {"a": "b"}, "binaryData": {"x": "YQ=="}},
    "ServiceAccount": {"metadata": {"name": "a"}, "imagePullSecrets": [{"name": "s"}]},
    "Namespace": {"metadata": {"name": "n"}, "spec": {"finalizers": ["kubernetes"]}},
    "Node": {"metadata": {"name": "n"}, "status": {"addresses": [{"type": "InternalIP", "address": "10.0.0.1"}]}},
    "Event": {
        "metadata": {"name": "e"},
        "involvedObject": {"kind": "Pod", "namespace": "demo", "name": "p"},
        "firstTimestamp": "2026-01-01T00:00:00Z",
        "count": 2,
        "series": {"count": 1, "lastObservedTime": "2026-01-01T00:00:00.000000Z"},
    },
}
RULES = [{"verbs": ["get"], "apiGroups": [""], "resources": ["pods"], "resourceNames": ["a"]}]
BINDING = {
    "metadata": {"name": "b"},
    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
    "subjects": [
        {"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "anna"},
        {"kind": "ServiceAccount", "namespace": "demo", "name": "default"},
    ],
}
BUILD = {
    "source": {"type": "Binary", "binary": {"asFile": "ROOT.war"}, "contextDir": "b"},
    "strategy": {
        "type": "Docker",
        "dockerStrategy": {
            "from": {"kind": "ImageStreamTag", "name": "base:1"},
            "env": [{"name": "A", "value": "b"}],
            "buildArgs": [{"name": "C", "value": "d"}],
            "noCache": True,
        },
    },
    "output": {"to": {"kind": "ImageStreamTag", "name": "app:latest"}, "imageLabels": [{"name": "a", "value": "b"}]},
    "resources": {"limits": {"cpu": "1"}},
    "completionDeadlineSeconds": 60,
}
MIRRORS = {"source": "r.test/a", "mirrors": ["m.test:5000/b"], "mirrorSourcePolicy": "NeverContactSource"}
FULL |= {
    "Role": {"metadata": {"name": "r"}, "rules": RULES},
    "ClusterRole": {
        "metadata": {"name": "r"},
        "rules": [*RULES, {"verbs": ["get"], "nonResourceURLs": ["/x/*"]}],
        "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"a": "b"}}]},
    },
    "RoleBinding": BINDING,
    "ClusterRoleBinding": BINDING,
    "Template": {
        "metadata": {"name": "t", "annotations": {"description": "a\nb"}},
        "objects": [{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "${NAME}"}}],
        "parameters": [{"name": "NAME", "generate": "expression", "from": "[a-z]{8}"}],
        "labels": {"app": "a"},
    },
    "ImageDigestMirrorSet": {"metadata": {"name": "m"}, "spec": {"imageDigestMirrors": [MIRRORS]}},
    "ImageTagMirrorSet": {"metadata": {"name": "m"}, "spec": {"imageTagMirrors": [MIRRORS]}},
    "User": {"metadata": {"name": "anna"}, "fullName": "Anna", "identities": ["ldap:anna"]},
    "BuildConfig": {
        "metadata": {"name": "app"},
        "spec": {
            **BUILD,
            "runPolicy": "Serial",
            "triggers": [{"type": "ConfigChange"}, {"type": "ImageChange", "imageChange": {}}],
            "successfulBuildsHistoryLimit": 2,
        },
    },
    "Build": {"metadata": {"name": "app-1", "labels": {"buildconfig": "app"}}, "spec": BUILD},
}
STATUS = {
    "phase": "Running",
    "conditions": [{"type": "Ready", "status": "True"}],
    "podIPs": [{"ip": "10.0.0.1"}],
    "containerStatuses": [
        {
            "name": "app",
            "restartCount": 2,
            "state": {"waiting": {"reason": "ImagePullBackOff"}},
            "lastState": {"terminated": {"exitCode": 1, "finishedAt": "2026-01-01T00:00:00Z"}},
        }
    ],
    "initContainerStatuses": [{"name": "init", "state": {"terminated": {"exitCode": 1, "reason": "Error"}}}],
}

FEWER = settings().max_examples // 4  # for each kind, with two objects and three patches each

leaves = st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats(allow_nan=False) | st.text(max_size=8)
values = leaves | st.lists(leaves, max_size=3) | st.dictionaries(st.text(max_size=4), leaves, max_size=3)
values |= st.sampled_from(["", "..", "a/b/c", "1Gi", "-1", 0, -1, [{}], [None], {"name": None}, [[]]])


@st.composite
def broken(draw: st.DrawFn, base: Object) -> Object:
    """`base` with a few of its places replaced, removed or added to."""
    obj: Object = orjson.loads(orjson.dumps(base))
    for _ in range(draw(st.integers(1, 3))):
        holder: Any = obj
        while True:
            keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            below = holder[key]
            if isinstance(below, dict | list) and below and draw(st.integers(0, 3)):
                holder = below
                continue
            if draw(st.integers(0, 2)) or isinstance(holder, list):
                holder[key] = copy.deepcopy(draw(values))
            else:
                del holder[key]
            break
        if isinstance(holder, dict) and draw(st.booleans()):
            holder[draw(st.text(max_size=5))] = copy.deepcopy(draw(values))
    return obj


async def fresh() -> ApiServer:
    server = ApiServer(Store.open(None), ManualClock())
    api = server.client(ADMIN)
    await api.create(resources.NAMESPACES, None, {"metadata": {"name": "demo"}})
    await api.create(resources.SERVICE_ACCOUNTS, "demo", {"metadata": {"name": "default"}})
    return server


async def write(server: ApiServer, kind: str, body: Object, patch: Object, *, part: str = "") -> None:
    """POST `body`, PATCH it (or its part) and apply to it, and list the kind as a table; refusals are fine."""
    endpoints, requests = server._endpoints, server._requests
    found = next(each for each in endpoints if each.resource.kind == kind and not each.subresource)
    namespace = "demo" if found.resource.namespaced else None
    context = Context(ADMIN, namespace, manager="fuzz")
    parameters = {"fieldValidation": "Ignore"}
    with contextlib.suppress(ApiError):
        read = bodies.read(orjson.dumps(body), "application/json", found.body, parameters, kind="CreateOptions")
        made = await requests.create(found, context, read.obj)
        named = Context(ADMIN, namespace, made["metadata"]["name"], manager="fuzz", subresource=part)
        target = endpoints.of(found.resource, part or None)
        for media in ("merge-patch", "strategic-merge-patch"):
            with contextlib.suppress(ApiError):
                text = orjson.dumps(patch)
                change = patching.read(text, f"application/{media}+json", target.body, parameters)
                await requests.update(target, named, change)
        await apply(server, target, named, patch)
    listing = await requests.list(found, context, Selection())
    Renderer(found.kind, negotiation.Form("table"), ManualClock().now()).listing(listing)


async def apply(server: ApiServer, target: Endpoint, named: Context, patch: Object) -> None:
    """Apply `patch`, made to look like a configuration of the object, forced."""
    metadata = patch.get("metadata")
    head = {"apiVersion": target.resource.api_version, "kind": target.resource.kind}
    config = {**patch, **head, "metadata": {**(metadata if isinstance(metadata, dict) else {}), "name": named.name}}
    asked = replace(named, parameters={"fieldManager": "applier", "force": "true"})
    change = applying.read(orjson.dumps(config), target, asked, ManualClock().now())
    await server._requests.apply(target, asked, change)


@pytest.mark.parametrize("kind", [kind.resource.kind for kind in ALL])
def test_broken_objects_are_refused_or_fine(kind: str) -> None:
    @settings(max_examples=FEWER)
    @given(body=broken(FULL[kind]), patch=broken(FULL[kind]))
    def attempt(body: Object, patch: Object) -> None:
        async def run() -> None:
            server = await fresh()
            await write(server, kind, body, patch)
            await write(server, kind, FULL[kind], patch)

        asyncio.run(run())

    attempt()


@given(status=broken({"status": STATUS}))
def test_any_status_can_be_printed(status: Object) -> None:
    async def run() -> None:
        await write(await fresh(), "Pod", FULL["Pod"], status, part="status")

    asyncio.run(run())


async def test_the_whole_objects_are_fine() -> None:
    """Otherwise the tests above try nothing."""
    api = (await fresh()).client(ADMIN)
    for kind in ALL:
        namespace = "demo" if kind.resource.namespaced else None
        await api.create(kind.resource, namespace, FULL[kind.resource.kind])
