"""Which addresses stand behind a service, as Endpoints and as EndpointSlices."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.controllers.objects import pod

from pullscope.controllers.cache import Seen
from pullscope.controllers.endpoints import backends, slices, subsets
from pullscope.kube.api import Object

HTTP = {"name": "http", "port": 80, "targetPort": "web", "protocol": "TCP"}
PLAIN = {"port": 80, "targetPort": 8080, "protocol": "TCP"}


def service(*ports: Object, labels: Object | None = None, **spec: Any) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "svc", "namespace": "ns", "uid": "svc-uid", "labels": labels or {}},
        "spec": {
            "selector": {"app": "app"},
            "type": "ClusterIP",
            "clusterIP": "10.0.0.1",
            "ports": list(ports),
            **spec,
        },
    }


def behind(name: str, ip: str, **changes: Any) -> Seen[Any]:
    return pod(name, ip=ip, **changes)


def reference(name: str) -> Object:
    return {"kind": "Pod", "namespace": "ns", "name": name, "uid": f"{name}-uid"}


WEB = {"ports": [{"name": "web", "containerPort": 8080}]}


@pytest.mark.parametrize(
    ("given", "one", "there"),
    [
        (service(PLAIN), behind("a", "10.1.0.1"), True),
        (service(PLAIN), behind("a", ""), False),
        (service(PLAIN), behind("a", "10.1.0.1", labels={"app": "other"}), False),
        (service(PLAIN), behind("a", "10.1.0.1", phase="Failed"), False),
        (service(PLAIN, selector=None), behind("a", "10.1.0.1"), False),
        (service(PLAIN, type="ExternalName"), behind("a", "10.1.0.1"), False),
    ],
)
def test_which_pods_are_behind_a_service(given: Object, one: Seen[Any], there: bool) -> None:
    assert bool(backends.of(given, [one])) == there


def endpoints(given: Object, *pods: Seen[Any], existing: Object | None = None) -> Object | None:
    return subsets.plan(given, backends.of(given, pods), existing)


def test_the_endpoints_of_a_service() -> None:
    pods = [behind("b", "10.1.0.2"), behind("a", "10.1.0.1", node=""), behind("c", "10.1.0.3", ready=False)]
    made = endpoints(service(PLAIN, labels={"tier": "web"}), *pods, behind("d", "10.1.0.4", deleting=True))
    assert made is not None
    assert made["metadata"] == {
        "name": "svc",
        "namespace": "ns",
        "labels": {"tier": "web", "endpoints.kubernetes.io/managed-by": "endpoint-controller"},
    }
    assert made["subsets"] == [
        {
            "addresses": [
                {"ip": "10.1.0.1", "targetRef": reference("a")},
                {"ip": "10.1.0.2", "nodeName": "crc", "targetRef": reference("b")},
            ],
            "notReadyAddresses": [{"ip": "10.1.0.3", "nodeName": "crc", "targetRef": reference("c")}],
            "ports": [{"port": 8080, "protocol": "TCP"}],
        }
    ]
    kept = {**made, "metadata": {**made["metadata"], "uid": "u", "resourceVersion": "1"}}
    assert endpoints(service(PLAIN, labels={"tier": "web"}), *pods, existing=kept) is None
    changed = endpoints(service(PLAIN), *pods, existing=kept)
    assert changed is not None
    assert changed["metadata"]["resourceVersion"] == "1"


def test_a_named_port_is_each_pods_own() -> None:
    other = {"ports": [{"name": "web", "containerPort": 9090}]}
    pods = [behind("a", "10.1.0.1", **WEB), behind("b", "10.1.0.2", **other), behind("c", "10.1.0.3")]
    made = endpoints(service(HTTP), *pods)
    assert made is not None
    assert [subset.get("ports") for subset in made["subsets"]] == [
        None,
        [{"name": "http", "port": 8080, "protocol": "TCP"}],
        [{"name": "http", "port": 9090, "protocol": "TCP"}],
    ]


def test_addresses_may_be_published_before_they_are_ready() -> None:
    given = service(PLAIN, publishNotReadyAddresses=True)
    made = endpoints(given, behind("a", "10.1.0.1", ready=False), behind("b", "10.1.0.2", deleting=True))
    assert made is not None
    assert [each["ip"] for each in made["subsets"][0]["addresses"]] == ["10.1.0.1", "10.1.0.2"]


def test_a_service_without_pods_and_without_an_address() -> None:
    made = endpoints(service(clusterIP="None"))
    assert made is not None
    assert "subsets" not in made
    assert made["metadata"]["labels"]["service.kubernetes.io/headless"] == ""


def test_no_more_than_a_thousand_addresses() -> None:
    pods = [behind(f"p{number}", f"10.1.{number // 250}.{number % 250}", ready=number > 500) for number in range(1200)]
    made = endpoints(service(PLAIN), *pods)
    assert made is not None
    assert made["metadata"]["annotations"] == {"endpoints.kubernetes.io/over-capacity": "truncated"}
    (subset,) = made["subsets"]
    assert (len(subset["addresses"]), len(subset["notReadyAddresses"])) == (699, 301)


def sliced(given: Object, *pods: Seen[Any], existing: tuple[Object, ...] = ()) -> slices.Plan:
    return slices.plan(given, backends.of(given, pods), existing)


def stored(plan: slices.Plan, existing: tuple[Object, ...] = ()) -> tuple[Object, ...]:
    """The slices as they are when the plan was carried out."""
    left = {each["metadata"]["name"]: each for each in existing if each["metadata"]["name"] not in plan.delete}
    left |= {each["metadata"]["name"]: each for each in plan.update}
    for new in plan.create:
        name = f"svc-{len(left)}-{len(existing)}"
        left[name] = {**new, "metadata": {**new["metadata"], "name": name}}
    return tuple(left.values())


def test_the_slices_of_a_service() -> None:
    plan = sliced(service(PLAIN), behind("a", "10.1.0.1"), behind("b", "10.1.0.2", deleting=True))
    (made,) = plan.create
    assert made["metadata"]["generateName"] == "svc-"
    assert made["metadata"]["labels"] == {
        "kubernetes.io/service-name": "svc",
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
    }
    assert made["metadata"]["ownerReferences"][0]["kind"] == "Service"
    assert (made["addressType"], made["ports"]) == ("IPv4", [{"name": "", "port": 8080, "protocol": "TCP"}])
    assert made["endpoints"] == [
        {
            "addresses": ["10.1.0.1"],
            "conditions": {"ready": True, "serving": True, "terminating": False},
            "nodeName": "crc",
            "targetRef": reference("a"),
        },
        {
            "addresses": ["10.1.0.2"],
            "conditions": {"ready": False, "serving": True, "terminating": True},
            "nodeName": "crc",
            "targetRef": reference("b"),
        },
    ]


def test_a_service_without_endpoints_has_an_empty_slice() -> None:
    first = sliced(service(PLAIN))
    (made,) = first.create
    assert (made["endpoints"], made["ports"]) == ([], [])
    existing = stored(first)
    assert sliced(service(PLAIN), existing=existing) == slices.Plan((), (), ())
    filled = sliced(service(PLAIN), behind("a", "10.1.0.1"), existing=existing)
    assert (len(filled.create), len(filled.delete)) == (1, 1)
    emptied = sliced(service(PLAIN), existing=stored(filled, existing))
    assert (emptied.create, len(emptied.update), emptied.delete) == ((), 1, ())


COUNTS = st.lists(st.sets(st.integers(0, 239)), min_size=1, max_size=4)


@given(COUNTS)
def test_every_endpoint_is_in_one_slice_and_stays_there(rounds: list[set[int]]) -> None:
    existing: tuple[Object, ...] = ()
    for numbers in rounds:
        before = {each["targetRef"]["uid"]: one["metadata"]["name"] for one in existing for each in one["endpoints"]}
        pods = [behind(f"p{number}", f"10.1.0.{number}") for number in numbers]
        existing = stored(sliced(service(PLAIN), *pods, existing=existing), existing)
        after = [(each["targetRef"]["uid"], one["metadata"]["name"]) for one in existing for each in one["endpoints"]]
        assert sorted(uid for uid, _ in after) == sorted(f"p{number}-uid" for number in numbers)
        assert all(before.get(uid, name) == name for uid, name in after)
        assert max(len(one["endpoints"]) for one in existing) <= slices.SIZE
        assert sliced(service(PLAIN), *pods, existing=existing) == slices.Plan((), (), ())
