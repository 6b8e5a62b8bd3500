"""DaemonSets and ControllerRevisions as the API keeps them: defaults, refusals, counts of templates, cells."""

from datetime import UTC, datetime
from typing import Any

import pytest

from pullscope.apiserver.resources import controller_revisions, daemon_sets
from pullscope.kube import resources
from pullscope.kube.api import Api, Object
from pullscope.kube.status import ApiError

NOW = datetime(2026, 1, 1, 0, 2, tzinfo=UTC)
CREATED = "2026-01-01T00:00:00Z"
GENERATION = "deprecated.daemonset.template.generation"


def daemon_set(**spec: Any) -> Object:
    labels = {"app": "x"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "a", "image": "b:v1"}]}}
    return {"metadata": {"name": "x"}, "spec": {"selector": {"matchLabels": labels}, "template": template, **spec}}


async def make(api: Api, obj: Object) -> Object:
    return await api.create(resources.DAEMON_SETS, "demo", obj)


async def test_what_is_not_said_is_filled_in(api: Api) -> None:
    made = await make(api, {**daemon_set(), "status": {"numberReady": 7}})
    assert made["spec"]["updateStrategy"] == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0},
    }
    assert made["spec"]["revisionHistoryLimit"] == 10
    assert set(made["status"].values()) == {0}
    assert (made["metadata"]["generation"], made["metadata"]["annotations"]) == (1, {GENERATION: "1"})
    other = await make(api, {**daemon_set(updateStrategy={"type": "OnDelete"}), "metadata": {"name": "y"}})
    assert other["spec"]["updateStrategy"] == {"type": "OnDelete"}


async def test_the_server_counts_the_templates(api: Api) -> None:
    await make(api, daemon_set())
    patch = {"metadata": {"annotations": {GENERATION: "40"}}, "spec": {"minReadySeconds": 1}}
    made = await api.patch(resources.DAEMON_SETS, "demo", "x", patch)
    assert (made["metadata"]["generation"], made["metadata"]["annotations"][GENERATION]) == (2, "1")
    made = await api.patch(resources.DAEMON_SETS, "demo", "x", {"spec": {"template": {"spec": {"hostNetwork": True}}}})
    assert (made["metadata"]["generation"], made["metadata"]["annotations"][GENERATION]) == (3, "2")


def rolling(unavailable: Any, surge: Any) -> Object:
    return daemon_set(updateStrategy={"rollingUpdate": {"maxUnavailable": unavailable, "maxSurge": surge}})


HERE = "spec.updateStrategy"


@pytest.mark.parametrize(
    ("obj", "words"),
    [
        (
            daemon_set(selector={"matchLabels": {"app": "y"}}),
            'spec.template.metadata.labels: Invalid value: {"app":"x"}: `selector` does not match template `labels`',
        ),
        (
            {**daemon_set(), "spec": {"template": daemon_set()["spec"]["template"]}},
            'spec.template.metadata.labels: Invalid value: {"app":"x"}: `selector` does not match template `labels`',
        ),
        (daemon_set(selector={}), "spec.selector: Invalid value: {}: empty selector is invalid for daemonset"),
        (
            rolling(1, 1),
            f"{HERE}.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero",
        ),
        (rolling("0%", 0), f"{HERE}.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0"),
        (
            rolling("101%", 0),
            f'{HERE}.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%',
        ),
        (rolling(-1, 0), f"{HERE}.rollingUpdate.maxUnavailable: Invalid value: -1: must be greater than or equal to 0"),
        (
            daemon_set(updateStrategy={"type": "Canary"}),
            (
                f'{HERE}: Unsupported value: {{"Type":"Canary","RollingUpdate":null}}: '
                'supported values: "RollingUpdate", "OnDelete"'
            ),
        ),
        (daemon_set(minReadySeconds=-1), "spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0"),
    ],
)
async def test_what_is_refused(api: Api, obj: Object, words: str) -> None:
    with pytest.raises(ApiError) as raised:
        await make(api, obj)
    assert (raised.value.code, raised.value.message) == (422, f'DaemonSet.apps "x" is invalid: {words}')


async def test_a_template_has_to_restart_and_the_selector_stays(api: Api) -> None:
    given = daemon_set()
    given["spec"]["template"]["spec"] |= {"restartPolicy": "Never", "activeDeadlineSeconds": 1}
    with pytest.raises(ApiError, match="activeDeadlineSeconds in DaemonSet is not Supported") as raised:
        await make(api, given)
    assert 'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"' in str(
        raised.value
    )
    await make(api, daemon_set())
    labels = {"app": "y"}
    changed = {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}}}
    with pytest.raises(ApiError, match="field is immutable"):
        await api.patch(resources.DAEMON_SETS, "demo", "x", {"spec": changed})


def test_cells_of_daemon_sets() -> None:
    spec = {**daemon_set()["spec"]}
    spec["template"] = {**spec["template"], "spec": {**spec["template"]["spec"], "nodeSelector": {"b": "2", "a": "1"}}}
    counts = {"desiredNumberScheduled": 3, "currentNumberScheduled": 2, "numberReady": 1}
    obj = {"metadata": {"name": "x", "creationTimestamp": CREATED}, "spec": spec, "status": counts}
    cells = daemon_sets.KIND.table.cells(obj, NOW)
    assert cells == ["x", 3, 2, 1, 0, 0, "a=1,b=2", "2m", "a", "b:v1", "app=x"]


async def test_what_a_revision_keeps_never_changes(api: Api) -> None:
    with pytest.raises(ApiError, match="data: Required value: data is mandatory"):
        await api.create(resources.CONTROLLER_REVISIONS, "demo", {"metadata": {"name": "x"}, "revision": 1})
    given = {"metadata": {"name": "x"}, "data": {"spec": {}}, "revision": 1}
    await api.create(resources.CONTROLLER_REVISIONS, "demo", given)
    made = await api.patch(resources.CONTROLLER_REVISIONS, "demo", "x", {"revision": 2})
    assert made["revision"] == 2
    with pytest.raises(ApiError, match=r"data: Invalid value: .*: field is immutable"):
        await api.patch(resources.CONTROLLER_REVISIONS, "demo", "x", {"data": {"spec": {"a": 1}}})


def test_cells_of_revisions() -> None:
    owner = {"apiVersion": "apps/v1", "kind": "DaemonSet", "name": "x", "uid": "u", "controller": True}
    obj: Object = {"metadata": {"name": "x-1", "creationTimestamp": CREATED, "ownerReferences": [owner]}, "revision": 2}
    assert controller_revisions.KIND.table.cells(obj, NOW) == ["x-1", "daemonset.apps/x", 2, "2m"]
    del obj["metadata"]["ownerReferences"]
    assert controller_revisions.KIND.table.cells(obj, NOW)[1] == "<none>"
