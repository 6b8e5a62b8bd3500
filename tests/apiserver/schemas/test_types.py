"""Types from the archive, and strategic merge with them: the patches that kubectl was recorded to send."""

from typing import Any

import pytest

from pullscope.apiserver.schemas import archive, types
from pullscope.apiserver.schemas.types import Type, Value
from pullscope.kube import patch


def kind(api_version: str, name: str) -> Type:
    found = types.of(api_version, name)
    assert found is not None
    return found


POD = kind("v1", "Pod")
DEPLOYMENT = kind("apps/v1", "Deployment")


def at(type_: Type, path: str) -> Value:
    """The value at a dotted path, through lists and maps."""
    first, *rest = path.split(".")
    value = type_.fields[first]
    for name in rest:
        while value.items is not None:
            value = value.items
        value = value.type.fields[name]
    return value


@pytest.mark.parametrize(
    ("path", "strategy", "key"),
    [
        ("spec.containers", "merge", "name"),
        ("spec.initContainers", "merge", "name"),
        ("spec.volumes", "merge", "name"),
        ("spec.imagePullSecrets", "merge", "name"),
        ("spec.containers.env", "merge", "name"),
        ("spec.containers.ports", "merge", "containerPort"),
        ("spec.containers.volumeMounts", "merge", "mountPath"),
        ("spec.containers.command", "", ""),
        ("spec.tolerations", "", ""),
        ("status.conditions", "merge", "type"),
        ("metadata.finalizers", "merge", ""),
        ("metadata.ownerReferences", "merge", "uid"),
    ],
)
def test_merge_keys(path: str, strategy: str, key: str) -> None:
    value = at(POD, path)
    assert (value.shape, value.strategy, value.key) == ("list", strategy, key)


@pytest.mark.parametrize(
    ("path", "shape", "go"),
    [
        ("spec.containers", "list", "[]v1.Container"),
        ("spec", "object", "v1.PodSpec"),
        ("metadata.labels", "map", "map[string]string"),
        ("metadata.creationTimestamp", "time", "v1.Time"),
        ("spec.priority", "int32", "int32"),
        ("spec.terminationGracePeriodSeconds", "int64", "int64"),
        ("spec.hostNetwork", "bool", "bool"),
        ("spec.overhead", "map", "map[string]resource.Quantity"),
        ("spec.containers.livenessProbe.httpGet.port", "int_or_string", "intstr.IntOrString"),
        ("metadata.managedFields.fieldsV1", "any", "v1.FieldsV1"),
    ],
)
def test_shapes(path: str, shape: str, go: str) -> None:
    value = at(POD, path)
    assert (value.shape, value.go) == (shape, go)


def test_services_ports_and_budgets() -> None:
    assert at(kind("v1", "Service"), "spec.ports").key == "port"
    assert at(kind("policy/v1", "PodDisruptionBudget"), "spec.selector").strategy == "replace"
    assert at(DEPLOYMENT, "spec.strategy").strategy == "", "retainKeys is the patch's own affair"


def test_every_kind_can_be_made() -> None:
    names = (name.rpartition("/") for name in archive.kinds())
    waiting, seen = [kind(api_version, kind_name) for api_version, _, kind_name in names], set[str]()
    while waiting:
        type_ = waiting.pop()
        for value in type_.fields.values():
            while value.items is not None:
                value = value.items  # noqa: PLW2901 (down to what it is made of)
            if value.definition and value.definition not in seen:
                seen.add(value.definition)
                waiting.append(value.type)


def test_other_kinds_are_not_known() -> None:
    assert types.of("example.org/v1", "Widget") is None
    assert types.of("v1", "Deployment") is None


def deployment(*containers: dict[str, Any], **spec: Any) -> dict[str, Any]:
    return {"spec": {"template": {"spec": {"containers": list(containers)}}, **spec}}


def test_set_image_as_recorded() -> None:
    change = deployment({"image": "r/app:v2", "name": "app"})
    change["spec"]["template"]["spec"]["$setElementOrder/containers"] = [{"name": "app"}, {"name": "side"}]
    before = deployment(
        {"name": "app", "image": "r/app:v1", "imagePullPolicy": "Always"}, {"name": "side", "image": "s"}
    )
    assert patch.strategic_merge(before, change, DEPLOYMENT) == deployment(
        {"name": "app", "image": "r/app:v2", "imagePullPolicy": "Always"}, {"name": "side", "image": "s"}
    )


def test_rollout_restart_as_recorded() -> None:
    annotation = {"kubectl.kubernetes.io/restartedAt": "2026-11-21T12:07:31Z"}
    change = {"spec": {"template": {"metadata": {"annotations": annotation}}}}
    result = patch.strategic_merge(deployment({"name": "app"}), change, DEPLOYMENT)
    assert result["spec"]["template"] == {
        "spec": {"containers": [{"name": "app"}]},
        "metadata": {"annotations": annotation},
    }


def test_recreate_drops_the_rolling_update() -> None:
    before = deployment(strategy={"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%"}})
    change = {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}}
    assert patch.strategic_merge(before, change, DEPLOYMENT)["spec"]["strategy"] == {"type": "Recreate"}


def test_unknown_fields_and_scalars_know_nothing() -> None:
    field = POD.lookup("misspelt")
    assert (field.strategy, field.key) == ("", "")
    assert field.schema.lookup("anything").strategy == ""
    assert POD.lookup("kind").schema.lookup("x").strategy == ""
