"""What is seen of a cluster for containers that are not there yet: who runs their images, and which secrets they would get."""

from typing import Any

from tests.why.collect.api import Api, listed
from tests.why.making import TAGGED, running

from pullscope.kube.status import ApiError
from pullscope.why.collect import neighbours
from pullscope.why.collect.ledger import Ledger

PODS, EVENTS = "/api/v1/pods", "/api/v1/events"
MINE, MY_EVENTS = "/api/v1/namespaces/demo/pods", "/api/v1/namespaces/demo/events"
ACCOUNT = "/api/v1/namespaces/demo/serviceaccounts/robot"
FORBIDDEN = ApiError(403, "Forbidden", "pods is forbidden")


def pod(name: str, image: str, *, image_id: str = "quay.io/team/app@sha256:" + "a" * 64) -> dict[str, Any]:
    status = {"name": "app", "imageID": image_id, "state": {"running": {}}}
    return {
        "metadata": {"name": name, "namespace": "shop", "uid": f"uid-{name}"},
        "spec": {
            "nodeName": "n1",
            "containers": [{"name": "app", "image": image}],
            "imagePullSecrets": [{"name": "quay"}],
        },
        "status": {"phase": "Running", "containerStatuses": [status]},
    }


def pulled(name: str) -> dict[str, Any]:
    about = {"uid": f"uid-{name}", "fieldPath": "spec.containers{app}"}
    at = "2026-11-21T12:00:00Z"
    message = f'Successfully pulled image "{TAGGED}" in 1s'
    return {"metadata": {}, "involvedObject": about, "reason": "Pulled", "message": message, "firstTimestamp": at}


async def test_who_runs_the_image_under_any_tag() -> None:
    others = [pod("same", TAGGED), pod("older", "quay.io/team/app:v0"), pod("other", "quay.io/team/web:v1")]
    waits = pod("waits", TAGGED, image_id="")
    api = Api({PODS: listed(*others, waits), EVENTS: listed(pulled("same"), pulled("other"))})
    found = await neighbours.read(api, (running(),), Ledger())
    told = [(each.pod, each.node, each.pull_secrets, len(each.events)) for each in found]
    assert told == [("same", "n1", ("quay",), 1), ("older", "n1", ("quay",), 0)]


async def test_who_may_not_read_all_pods_sees_those_of_the_namespace() -> None:
    ledger = Ledger()
    api = Api({PODS: FORBIDDEN, MINE: listed(pod("same", TAGGED)), MY_EVENTS: listed()})
    assert [each.pod for each in await neighbours.read(api, (running(),), ledger)] == ["same"]
    assert await neighbours.read(Api({PODS: FORBIDDEN, MINE: FORBIDDEN}), (running(),), ledger) == ()
    assert [each.what for each in ledger.unseen] == ["pods of all namespaces", "pods in namespace demo"]


async def test_what_names_no_image_has_no_neighbours() -> None:
    assert await neighbours.read(Api({}), (running("a b"),), Ledger()) == ()


async def test_the_secrets_of_the_service_account_are_for_pods_that_name_none() -> None:
    ledger = Ledger()
    api = Api({ACCOUNT: {"metadata": {"name": "robot"}, "imagePullSecrets": [{"name": "theirs"}, {}]}})
    bare, own = running(service_account="robot"), running(service_account="robot", pull_secrets=("own",))
    found = await neighbours.admitted(api, (bare, own, running(service_account="gone")), ledger)
    assert [each.pull_secrets for each in found] == [("theirs",), ("own",), ()]
    assert [each.what for each in ledger.unseen] == ["service accounts in namespace demo"]
