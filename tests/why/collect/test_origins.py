"""Who set a policy, as the traces of the ways to make an object tell. Shapes as kubectl and the API server write them."""

import orjson
import pytest
from msgspec import Raw

from pullscope.why.collect.origins import LAST_APPLIED, Origins
from pullscope.why.collect.shapes import Meta

PATH = ("spec", "template", "spec")


def applied(**fields: str) -> dict[str, object]:
    """What `kubectl apply` notes."""
    spec = {"template": {"spec": {"containers": [{"name": "app", **fields}]}}}
    return {LAST_APPLIED: orjson.dumps({"kind": "Deployment", "spec": spec}).decode()}


def manager(name: str, operation: str, *fields: str) -> dict[str, object]:
    owned: dict[str, object] = {f"f:{field}": {} for field in fields}
    containers = {'k:{"name":"app"}': {".": {}, "f:name": {}, **owned}}
    spec = {"f:spec": {"f:template": {"f:spec": {"f:containers": containers}}}}
    return {"manager": name, "operation": operation, "fieldsV1": spec}


@pytest.mark.parametrize(
    ("annotations", "managers", "origin"),
    [
        ({}, [], "unknown"),
        (applied(image="a:v1", imagePullPolicy="Always"), [], "written"),
        (applied(image="a:v1"), [], "defaulted"),
        # kubectl apply's own entry owns what the server filled in, and so tells nothing
        (
            applied(image="a:v1"),
            [manager("kubectl-client-side-apply", "Update", "image", "imagePullPolicy")],
            "defaulted",
        ),
        # somebody patched the policy afterwards
        (applied(image="a:v1"), [manager("kubectl-patch", "Update", "imagePullPolicy")], "written"),
        (applied(image="a:v1"), [manager("kubectl-set", "Update", "image")], "defaulted"),
        ({}, [manager("kubectl", "Apply", "image", "imagePullPolicy")], "written"),
        ({}, [manager("kubectl", "Apply", "image")], "defaulted"),
        # a plain create owns everything, defaults too
        ({}, [manager("kubectl-create", "Update", "image", "imagePullPolicy")], "unknown"),
        ({}, [manager("kubectl", "Apply", "image"), manager("argocd", "Apply", "imagePullPolicy")], "written"),
        ({LAST_APPLIED: "{broken"}, [], "unknown"),
        ({LAST_APPLIED: '{"spec": [1]}'}, ["no manager", {"fieldsV1": 3}], "unknown"),
    ],
)
def test_who_set_it(annotations: dict[str, object], managers: list[object], origin: str) -> None:
    metadata = Meta(annotations=Raw(orjson.dumps(annotations)), managed_fields=Raw(orjson.dumps(managers)))
    assert Origins(metadata, PATH).of("app") == origin
    assert Origins(metadata, PATH).of("other") == "unknown"


def test_what_the_last_apply_asked_for() -> None:
    metadata = Meta(annotations=Raw(orjson.dumps(applied(image="a:v1"))))
    assert Origins(metadata, PATH).applied("app") == "a:v1"
    assert Origins(Meta(), PATH).applied("app") == ""
