"""The in-process API: what the server sets, refuses and hands out, whoever asks."""

import asyncio
import copy
from typing import Any

import pytest
from tests.apiserver.support import deployment, pod, refusal

from pullscope.base.clock import ManualClock
from pullscope.kube import resources
from pullscope.kube.api import Api, DeleteOptions, Object

R = resources


async def bind(api: Api, name: str, node: str = "crc") -> Object:
    binding = {"metadata": {"name": name}, "target": {"kind": "Node", "name": node}}
    return await api.create(R.PODS, "demo", binding, subresource="binding")


async def test_a_new_pod_is_completed_as_upstream_does(api: Api) -> None:
    made = await api.create(R.PODS, "demo", pod())
    metadata, spec = made["metadata"], made["spec"]
    assert (made["kind"], made["apiVersion"]) == ("Pod", "v1")
    assert metadata["namespace"] == "demo"
    assert metadata["creationTimestamp"] == "2026-01-01T00:00:00Z"
    assert metadata["generation"] == 1
    assert len(metadata["uid"]) == 36
    token = spec["volumes"][0]["name"]
    assert token.startswith("kube-api-access-")
    mount = {"name": token, "readOnly": True, "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}
    assert spec["containers"] == [
        {
            "name": "app",
            "image": "registry.example/app:v1",
            "imagePullPolicy": "IfNotPresent",
            "resources": {},
            "terminationMessagePath": "/dev/termination-log",
            "terminationMessagePolicy": "File",
            "volumeMounts": [mount],
        }
    ]
    plain = {key: value for key, value in spec.items() if key not in ("containers", "volumes", "tolerations")}
    assert plain == {
        "restartPolicy": "Always",
        "terminationGracePeriodSeconds": 30,
        "dnsPolicy": "ClusterFirst",
        "serviceAccountName": "default",
        "serviceAccount": "default",
        "securityContext": {},
        "schedulerName": "default-scheduler",
        "priority": 0,
        "enableServiceLinks": True,
        "preemptionPolicy": "PreemptLowerPriority",
    }
    taints = [toleration["key"] for toleration in spec["tolerations"]]
    assert taints == ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"]
    assert made["status"] == {"phase": "Pending", "qosClass": "BestEffort"}


async def test_a_new_deployment_is_completed_as_upstream_does(api: Api) -> None:
    made = await api.create(R.DEPLOYMENTS, "demo", deployment(image="app:latest"))
    container = made["spec"]["template"]["spec"]["containers"][0]
    assert container["imagePullPolicy"] == "Always"
    assert "enableServiceLinks" not in made["spec"]["template"]["spec"]
    rest = {key: value for key, value in made["spec"].items() if key not in ("template", "selector")}
    assert rest == {
        "replicas": 1,
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}},
        "revisionHistoryLimit": 10,
        "progressDeadlineSeconds": 600,
    }
    assert made["status"] == {}


async def test_a_policy_is_defaulted_once(api: Api) -> None:
    await api.create(R.DEPLOYMENTS, "demo", deployment(image="app:latest"))
    images = [{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "app:v1"}]
    changed = await api.patch(R.DEPLOYMENTS, "demo", "web", images, type="json")
    assert changed["spec"]["template"]["spec"]["containers"][0]["imagePullPolicy"] == "Always"
    gone = [{"op": "remove", "path": "/spec/template/spec/containers/0/imagePullPolicy"}]
    changed = await api.patch(R.DEPLOYMENTS, "demo", "web", gone, type="json")
    assert changed["spec"]["template"]["spec"]["containers"][0]["imagePullPolicy"] == "IfNotPresent"


async def test_generation_rises_with_the_spec_alone(api: Api) -> None:
    await api.create(R.DEPLOYMENTS, "demo", deployment())
    labelled = await api.patch(R.DEPLOYMENTS, "demo", "web", {"metadata": {"labels": {"a": "b"}}})
    assert labelled["metadata"]["generation"] == 1
    labelled["status"] = {"replicas": 3}
    written = await api.update(R.DEPLOYMENTS, "demo", labelled, subresource="status")
    assert (written["metadata"]["generation"], written["status"]) == (1, {"replicas": 3})
    scaled = await api.patch(R.DEPLOYMENTS, "demo", "web", {"spec": {"replicas": 2}, "status": {"replicas": 9}})
    assert (scaled["metadata"]["generation"], scaled["status"]) == (2, {"replicas": 3})


async def test_a_status_write_leaves_the_spec(api: Api) -> None:
    made = await api.create(R.PODS, "demo", pod())
    made["spec"]["containers"][0]["image"] = "other"
    made["status"]["phase"] = "Running"
    written = await api.update(R.PODS, "demo", made, subresource="status")
    assert written["spec"]["containers"][0]["image"] == "registry.example/app:v1"
    assert written["status"]["phase"] == "Running"


async def test_a_stale_write_is_a_conflict_and_a_stateless_one_is_not(api: Api) -> None:
    made = await api.create(R.CONFIG_MAPS, "demo", {"metadata": {"name": "c"}, "data": {"a": "1"}})
    await api.patch(R.CONFIG_MAPS, "demo", "c", {"data": {"a": "2"}})
    error = await refusal(api.update(R.CONFIG_MAPS, "demo", made))
    assert (error.code, error.reason) == (409, "Conflict")
    assert error.message == (
        'Operation cannot be fulfilled on configmaps "c": the object has been modified; '
        "please apply your changes to the latest version and try again"
    )
    del made["metadata"]["resourceVersion"]
    assert (await api.update(R.CONFIG_MAPS, "demo", made))["data"] == {"a": "1"}
    made["metadata"]["uid"] = "another"
    assert (await refusal(api.update(R.CONFIG_MAPS, "demo", made))).reason == "Conflict"


async def test_writers_at_the_same_time_lose_nothing(api: Api) -> None:
    await api.create(R.CONFIG_MAPS, "demo", {"metadata": {"name": "c"}})
    writes = [api.patch(R.CONFIG_MAPS, "demo", "c", {"data": {f"k{index}": "v"}}) for index in range(50)]
    await asyncio.gather(*writes)
    assert len((await api.get(R.CONFIG_MAPS, "demo", "c"))["data"]) == 50


async def test_what_is_given_and_what_is_returned_is_the_callers(api: Api) -> None:
    given = {"metadata": {"name": "c"}, "data": {"a": "1"}}
    made = await api.create(R.CONFIG_MAPS, "demo", given)
    assert given == {"metadata": {"name": "c"}, "data": {"a": "1"}}
    made["data"]["a"] = "changed"
    listed = await api.list(R.CONFIG_MAPS, "demo")
    assert listed.items[0]["data"] == {"a": "1"}
    listed.items[0]["data"]["a"] = "changed"
    assert (await api.get(R.CONFIG_MAPS, "demo", "c"))["data"] == {"a": "1"}


async def test_names_are_generated(api: Api) -> None:
    unnamed = {**pod(), "metadata": {"generateName": "web-"}}
    names = {(await api.create(R.PODS, "demo", unnamed))["metadata"]["name"] for _ in range(5)}
    assert len(names) == 5
    assert all(name.startswith("web-") and len(name) == 9 for name in names)


async def test_unscheduled_pods_go_at_once_and_scheduled_ones_gracefully(api: Api, clock: ManualClock) -> None:
    await api.create(R.PODS, "demo", pod("unscheduled"))
    await api.delete(R.PODS, "demo", "unscheduled")
    assert (await refusal(api.get(R.PODS, "demo", "unscheduled"))).reason == "NotFound"
    await api.create(R.PODS, "demo", pod())
    await bind(api, "web")
    clock.advance(10)
    marked = (await api.delete(R.PODS, "demo", "web"))["metadata"]
    assert (marked["deletionTimestamp"], marked["deletionGracePeriodSeconds"]) == ("2026-01-01T00:00:40Z", 30)
    assert marked["generation"] == 2
    again = await api.delete(R.PODS, "demo", "web", DeleteOptions(grace_period_seconds=60))
    assert again["metadata"]["resourceVersion"] == marked["resourceVersion"]
    sooner = (await api.delete(R.PODS, "demo", "web", DeleteOptions(grace_period_seconds=5)))["metadata"]
    assert (sooner["deletionTimestamp"], sooner["deletionGracePeriodSeconds"]) == ("2026-01-01T00:00:15Z", 5)
    await api.delete(R.PODS, "demo", "web", DeleteOptions(grace_period_seconds=0))
    assert (await refusal(api.get(R.PODS, "demo", "web"))).reason == "NotFound"


async def test_finalizers_hold_an_object_until_they_are_gone(api: Api) -> None:
    await api.create(R.CONFIG_MAPS, "demo", {"metadata": {"name": "c", "finalizers": ["example.com/hold"]}})
    marked = await api.delete(R.CONFIG_MAPS, "demo", "c")
    assert marked["metadata"]["deletionTimestamp"] == "2026-01-01T00:00:00Z"
    more = {"metadata": {"finalizers": ["example.com/hold", "example.com/more"]}}
    assert (await refusal(api.patch(R.CONFIG_MAPS, "demo", "c", more))).reason == "Invalid"
    await api.patch(R.CONFIG_MAPS, "demo", "c", {"metadata": {"finalizers": None}})
    assert (await refusal(api.get(R.CONFIG_MAPS, "demo", "c"))).reason == "NotFound"


@pytest.mark.parametrize(("policy", "finalizer"), [("Orphan", "orphan"), ("Foreground", "foregroundDeletion")])
async def test_propagation_becomes_a_finalizer_of_the_garbage_collector(api: Api, policy: Any, finalizer: str) -> None:
    await api.create(R.DEPLOYMENTS, "demo", deployment())
    marked = await api.delete(R.DEPLOYMENTS, "demo", "web", DeleteOptions(propagation_policy=policy))
    assert marked["metadata"]["finalizers"] == [finalizer]
    await api.patch(R.DEPLOYMENTS, "demo", "web", {"metadata": {"finalizers": None}})
    assert (await refusal(api.get(R.DEPLOYMENTS, "demo", "web"))).reason == "NotFound"


async def test_a_namespace_goes_when_it_is_finalized(api: Api) -> None:
    marked = await api.delete(R.NAMESPACES, None, "demo")
    assert marked["status"]["phase"] == "Terminating"
    error = await refusal(api.create(R.CONFIG_MAPS, "demo", {"metadata": {"name": "c"}}))
    assert (error.code, error.message) == (
        403,
        'configmaps "c" is forbidden: unable to create new content in namespace demo because it is being terminated',
    )
    assert error.details is not None
    assert error.details["causes"][0]["reason"] == "NamespaceTerminating"
    marked["spec"]["finalizers"] = []
    await api.update(R.NAMESPACES, None, marked, subresource="finalize")
    assert (await refusal(api.get(R.NAMESPACES, None, "demo"))).reason == "NotFound"
    error = await refusal(api.create(R.PODS, "demo", pod()))
    assert (error.code, error.message) == (404, 'namespaces "demo" not found')


async def test_some_namespaces_stay(api: Api) -> None:
    error = await refusal(api.delete(R.NAMESPACES, None, "default"))
    assert error.message == 'namespaces "default" is forbidden: this namespace may not be deleted'


async def test_a_pod_is_bound_once(api: Api) -> None:
    await api.create(R.PODS, "demo", pod())
    assert (await bind(api, "web"))["status"] == "Success"
    bound = await api.get(R.PODS, "demo", "web")
    assert bound["spec"]["nodeName"] == "crc"
    condition = bound["status"]["conditions"][0]
    assert (condition["type"], condition["status"], condition["lastProbeTime"]) == ("PodScheduled", "True", None)
    error = await refusal(bind(api, "web", "other"))
    assert error.message == (
        'Operation cannot be fulfilled on pods/binding "web": pod web is already assigned to node "crc"'
    )


async def test_an_eviction_deletes(api: Api) -> None:
    await api.create(R.PODS, "demo", pod())
    await api.create(R.PODS, "demo", {"metadata": {"name": "web"}}, subresource="eviction")
    assert (await refusal(api.get(R.PODS, "demo", "web"))).reason == "NotFound"


async def test_an_eviction_says_why_the_pod_goes_if_it_is_the_right_one(api: Api) -> None:
    made = await api.create(R.PODS, "demo", {**pod(), "metadata": {"name": "web", "finalizers": ["example.org/held"]}})
    about = {"metadata": {"name": "web"}}
    wrong = {**about, "deleteOptions": {"preconditions": {"uid": "another"}}}
    assert (await refusal(api.create(R.PODS, "demo", wrong, subresource="eviction"))).reason == "Conflict"
    assert "conditions" not in (await api.get(R.PODS, "demo", "web"))["status"]
    version = made["metadata"]["resourceVersion"]
    right = {**about, "deleteOptions": {"preconditions": {"resourceVersion": version}}}
    await api.create(R.PODS, "demo", right, subresource="eviction")
    found = await api.get(R.PODS, "demo", "web")
    assert "deletionTimestamp" in found["metadata"]
    (condition,) = found["status"]["conditions"]
    assert (condition["type"], condition["reason"]) == ("DisruptionTarget", "EvictionByEvictionAPI")


async def test_an_eviction_that_is_a_dry_run_deletes_nothing(api: Api) -> None:
    """As `kubectl drain --dry-run=server` asks: in the eviction's options, not in the query."""
    await api.create(R.PODS, "demo", pod())
    eviction = {"metadata": {"name": "web"}, "deleteOptions": {"dryRun": ["All"]}}
    await api.create(R.PODS, "demo", eviction, subresource="eviction")
    assert (await api.get(R.PODS, "demo", "web"))["metadata"]["name"] == "web"


async def test_preconditions_of_a_deletion(api: Api) -> None:
    made = await api.create(R.CONFIG_MAPS, "demo", {"metadata": {"name": "c"}})
    error = await refusal(api.delete(R.CONFIG_MAPS, "demo", "c", DeleteOptions(uid="another")))
    assert error.reason == "Conflict"
    assert "Precondition failed: UID in precondition: another, UID in object meta: " in error.message
    await api.delete(R.CONFIG_MAPS, "demo", "c", DeleteOptions(uid=made["metadata"]["uid"]))


async def test_selectors(api: Api) -> None:
    for name, label in (("a", "x"), ("b", "y"), ("c", "y")):
        labelled = pod(name)
        labelled["metadata"]["labels"] = {"app": label}
        await api.create(R.PODS, "demo", labelled)
    await bind(api, "b")

    async def names(**selectors: str) -> list[str]:
        return [item["metadata"]["name"] for item in (await api.list(R.PODS, "demo", **selectors)).items]

    assert await names(labels="app=y") == ["b", "c"]
    assert await names(fields="spec.nodeName=crc") == ["b"]
    assert await names(fields="spec.nodeName!=crc,metadata.name!=a") == ["c"]
    assert await names(labels="app in (x,y)", fields="status.phase=Pending") == ["a", "b", "c"]
    error = await refusal(names(fields="spec.nothing=x"))
    assert (error.code, error.message) == (400, "field label not supported: spec.nothing")


async def test_a_watch_sees_what_its_selectors_see(api: Api) -> None:
    start = (await api.list(R.PODS, "demo")).resource_version
    await api.create(R.PODS, "demo", pod())
    await bind(api, "web")
    await api.patch(R.PODS, "demo", "web", {"metadata": {"labels": {"app": "x"}}})
    await api.patch(R.PODS, "demo", "web", {"metadata": {"labels": {"app": "y"}}})
    seen: dict[str, list[str]] = {}
    for fields, labels, count in (("", "", 4), ("spec.nodeName=crc", "", 3), ("", "app=x", 2)):
        watch = api.watch(R.PODS, "demo", resource_version=start, fields=fields, labels=labels)
        seen[fields + labels] = [(await anext(watch)).type for _ in range(count)]
    assert seen == {
        "": ["ADDED", "MODIFIED", "MODIFIED", "MODIFIED"],
        "spec.nodeName=crc": ["ADDED", "MODIFIED", "MODIFIED"],
        "app=x": ["ADDED", "DELETED"],
    }


async def test_the_service_account_that_is_missing(api: Api) -> None:
    error = await refusal(api.create(R.PODS, "demo", pod(serviceAccountName="ghost")))
    assert (error.code, error.message) == (
        403,
        'pods "web" is forbidden: error looking up service account demo/ghost: serviceaccount "ghost" not found',
    )


@pytest.mark.parametrize("type_", ["merge", "strategic", "json"])
async def test_what_a_watch_handed_out_is_not_altered_by_later_writes(api: Api, type_: Any) -> None:
    made = await api.create(R.PODS, "demo", pod())
    watches = [api.watch(R.PODS, "demo", resource_version="1") for _ in range(2)]
    first = [(await anext(watch)).object for watch in watches]
    before = copy.deepcopy(first)
    changes: list[Any] = [
        {"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}},
        {"status": {"message": "x"}, "metadata": {"labels": {"a": "b"}}},
    ]
    for change in changes:
        patch: Any = change
        if type_ == "json":
            patch = [
                {"op": "add", "path": f"/status/{name}", "value": value} for name, value in change["status"].items()
            ]
        written = await api.patch(R.PODS, "demo", made["metadata"]["name"], patch, type=type_, subresource="status")
        seen = [(await anext(watch)).object for watch in watches]
        assert seen == [written, written]
        assert first == before
        before += copy.deepcopy(seen)
        first += seen
    for watch in watches:
        await watch.aclose()
