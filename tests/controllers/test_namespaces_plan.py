"""How a namespace goes, and what its conditions say meanwhile."""

from typing import Any

from tests.controllers.objects import NOW, ago

from pullscope.controllers import cache, defaults, namespaces
from pullscope.kube import resources


def namespace(**changes: Any) -> dict[str, Any]:
    metadata = {"name": "ns", "uid": "u", "resourceVersion": "1", **changes}
    return {"metadata": metadata, "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}}


def pod(name: str, **changes: Any) -> Any:
    metadata = {"name": name, "namespace": "ns", "uid": name, "resourceVersion": "1", **changes}
    return cache.see(resources.PODS, {"metadata": metadata}, cache.nothing)


def test_a_namespace_that_stays_is_left_alone() -> None:
    assert namespaces.plan(namespace(), {resources.PODS: [pod("a")]}, NOW) is None


def test_what_is_not_going_yet_is_deleted_and_the_rest_waited_for() -> None:
    fresh, going = pod("a", finalizers=["example.org/x"]), pod("b", deletionTimestamp=ago(1))
    planned = namespaces.plan(namespace(deletionTimestamp=ago(1)), {resources.PODS: [fresh, going]}, NOW)
    assert planned is not None
    assert planned.delete == (fresh,)
    assert not planned.finalize
    told = {each["type"]: (each["status"], each["message"]) for each in planned.status["conditions"]}
    assert told["NamespaceContentRemaining"] == (
        "True",
        "Some resources are remaining: pods. has 2 resource instances",
    )
    assert told["NamespaceFinalizersRemaining"] == (
        "True",
        "Some content in the namespace has finalizers remaining: example.org/x in 1 resource instances",
    )


def test_an_empty_one_may_go() -> None:
    planned = namespaces.plan(namespace(deletionTimestamp=ago(1)), {}, NOW)
    assert planned is not None
    assert planned.finalize
    assert {each["status"] for each in planned.status["conditions"]} == {"False"}


def test_a_namespace_gets_its_accounts_and_the_authority() -> None:
    made = [action.object for action in defaults.plan(namespace(), ["builder"], {}, "PEM")]
    assert [(each["kind"], each["metadata"]["name"], each.get("data")) for each in made] == [
        ("ConfigMap", "kube-root-ca.crt", {"ca.crt": "PEM"}),
        ("ConfigMap", "openshift-service-ca.crt", {"service-ca.crt": "PEM"}),
        ("ServiceAccount", "deployer", None),
        ("ServiceAccount", "default", None),
    ]


def test_an_altered_authority_is_put_right() -> None:
    sound = {"data": {"ca.crt": "PEM"}}
    forged: dict[str, Any] = {"metadata": {"name": "openshift-service-ca.crt"}, "data": {"service-ca.crt": "forged"}}
    configs = {"kube-root-ca.crt": sound, "openshift-service-ca.crt": forged}
    restored = defaults.Restore({**forged, "data": {"service-ca.crt": "PEM"}})
    assert defaults.plan(namespace(), defaults.ACCOUNTS, configs, "PEM") == [restored]


def test_a_namespace_that_goes_gets_nothing_more() -> None:
    going = namespace() | {"status": {"phase": "Terminating"}}
    assert defaults.plan(going, (), {}, "PEM") == []
