"""People of a project get nothing of the nodes: no host directories, namespaces or ports, and no privileges."""

from typing import Any

import pytest
from tests.apiserver.support import Http, pod

from pullscope.apiserver.admission import host_access
from pullscope.apiserver.server import ApiServer
from pullscope.kube import resources
from pullscope.kube.api import Api, Object, UserInfo
from pullscope.kube.status import ApiError

PODS = "/api/v1/namespaces/demo/pods"
HOST: Object = {"volumes": [{"name": "host", "hostPath": {"path": "/"}}]}
REST = [
    f'provider "{name}": Forbidden: not usable by user or serviceaccount'
    for name in (
        *("restricted", "nonroot-v2", "nonroot", "hostmount-anyuid", "machine-api-termination-handler"),
        *("hostnetwork-v2", "hostnetwork", "hostaccess", "privileged"),
    )
]


def container(**more: Any) -> Object:
    return {"name": "app", "image": "registry.example/app:v1", **more}


def refused(*why: str) -> str:
    reasons = ['provider "anyuid": Forbidden: not usable by user or serviceaccount', *why, *REST]
    return (
        f'pods "web" is forbidden: unable to validate against any security context constraint: [{", ".join(reasons)}]'
    )


@pytest.mark.usefixtures("owner")
@pytest.mark.parametrize(
    ("spec", "why"),
    [
        (HOST, ('spec.volumes[0]: Invalid value: "hostPath": hostPath volumes are not allowed to be used',)),
        (
            {"hostNetwork": True, "hostPID": True},
            (
                "provider restricted-v2: .spec.securityContext.hostNetwork: Invalid value: true: Host network is not allowed to be used",
                "provider restricted-v2: .spec.securityContext.hostPID: Invalid value: true: Host PID is not allowed to be used",
                "provider restricted-v2: .containers[0].hostNetwork: Invalid value: true: Host network is not allowed to be used",
                "provider restricted-v2: .containers[0].hostPID: Invalid value: true: Host PID is not allowed to be used",
            ),
        ),
        (
            {"containers": [container(securityContext={"privileged": True})]},
            (
                "provider restricted-v2: .containers[0].privileged: Invalid value: true: Privileged containers are not allowed",
            ),
        ),
        (
            {"containers": [container(ports=[{"containerPort": 80, "hostPort": 8080}])]},
            (
                "provider restricted-v2: .containers[0].containers[0].hostPort: Invalid value: 8080: Host ports are not allowed to be used",
            ),
        ),
    ],
)
async def test_what_is_the_nodes_is_not_the_developers(wire: Http, spec: Object, why: tuple[str, ...]) -> None:
    answer = await wire.send("POST", PODS, pod(**spec), token="developer")
    assert (answer.code, answer.body["message"]) == (403, refused(*why))


@pytest.mark.usefixtures("policy")
async def test_controllers_lend_nobody_their_rights(server: ApiServer) -> None:
    """Else a Deployment would get what its maker could not have."""
    controller = server.client(UserInfo("system:serviceaccount:kube-system:replicaset-controller"))
    with pytest.raises(ApiError, match="unable to validate against any security context constraint"):
        await controller.create(resources.PODS, "demo", pod(**HOST))


@pytest.mark.usefixtures("policy")
async def test_the_administrator_may_let_an_account(server: ApiServer, api: Api) -> None:
    """As `oc adm policy add-scc-to-user hostmount-anyuid -z default` does."""
    binding = {
        "metadata": {"name": "scc"},
        "roleRef": {"kind": "ClusterRole", "name": "system:openshift:scc:hostmount"},
        "subjects": [{"kind": "ServiceAccount", "name": "default", "namespace": "demo"}],
    }
    await api.create(resources.ROLE_BINDINGS, "demo", binding)
    controller = server.client(UserInfo("system:serviceaccount:kube-system:replicaset-controller"))
    made = await controller.create(resources.PODS, "demo", pod(**HOST))
    assert made["spec"]["volumes"][0]["hostPath"] == {"path": "/", "type": ""}
    with pytest.raises(ApiError, match="Host network is not allowed to be used"):
        await controller.create(resources.PODS, "demo", pod("other", hostNetwork=True))


@pytest.mark.usefixtures("owner", "kubelet")
async def test_nor_does_he_get_into_pods_of_the_administrators(wire: Http, api: Api) -> None:
    """A debug pod of a node may stand in his namespace."""
    await api.create(resources.PODS, "demo", pod(nodeName="crc", **HOST))
    answer = await wire.send("POST", f"{PODS}/web/exec?command=ls&stdout=true", token="developer")
    why = "exec operation is not allowed because the pod's security context exceeds your permissions: "
    assert answer.code == 403
    assert answer.body["message"].startswith(
        f'pods "web" is forbidden: {why}pods "web" is forbidden: unable to validate'
    )


def test_who_asks_for_nothing_is_asked_nothing() -> None:
    """Pods start on a cluster whose roles are gone."""

    def nobody_may(_constraint: str) -> bool:
        return False

    host_access.check(pod(), nobody_may)
    with pytest.raises(ApiError):
        host_access.check(pod(**HOST), nobody_may)
