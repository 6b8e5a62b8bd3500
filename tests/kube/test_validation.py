"""Validation of metadata on creation and update."""

from typing import Any

import pytest

from pullscope.kube import names, validation

GOOD: dict[str, Any] = {"name": "web", "namespace": "demo", "labels": {"app": "web"}}


def complaints(metadata: dict[str, Any], **options: Any) -> list[str]:
    return [str(cause) for cause in validation.object_meta(metadata, **{"namespaced": True, **options})]


def test_good_metadata_has_no_complaints() -> None:
    assert complaints(GOOD) == []
    assert complaints({"name": "crc"}, namespaced=False) == []
    assert complaints({"name": "web-x7k2p", "generateName": "web-", "namespace": "demo"}) == []


@pytest.mark.parametrize(
    ("changes", "start"),
    [
        ({"name": ""}, "metadata.name: Required value: name or generateName is required"),
        ({"name": "UPPER"}, 'metadata.name: Invalid value: "UPPER": a lowercase RFC 1123 subdomain must consist'),
        ({"generateName": "Web-"}, 'metadata.generateName: Invalid value: "Web-": a lowercase RFC 1123 subdomain'),
        ({"namespace": ""}, "metadata.namespace: Required value"),
        ({"namespace": "a.b"}, 'metadata.namespace: Invalid value: "a.b": must not contain dots'),
        ({"labels": {"a b": "c"}}, 'metadata.labels: Invalid value: "a b": name part must consist'),
        ({"labels": {"a": "-"}}, 'metadata.labels: Invalid value: "-": a valid label must be an empty string'),
        ({"annotations": {"/x": ""}}, 'metadata.annotations: Invalid value: "/x": prefix part must be non-empty'),
        ({"annotations": {"x": "y" * 262144}}, "metadata.annotations: Too long: must have at most 262144 bytes"),
        ({"finalizers": ["a b"]}, 'metadata.finalizers: Invalid value: "a b": name part must consist'),
    ],
)
def test_one_complaint(changes: dict[str, Any], start: str) -> None:
    (complaint,) = complaints({**GOOD, **changes})
    assert complaint.startswith(start)


def test_annotation_keys_may_be_upper_case() -> None:
    assert complaints({**GOOD, "annotations": {"Example.COM/Key": "x"}}) == []


def test_no_namespace_on_cluster_scoped_objects() -> None:
    assert complaints(GOOD, namespaced=False) == ["metadata.namespace: Forbidden: not allowed on this type"]


def test_the_kind_says_which_names_are_good() -> None:
    (complaint,) = complaints({**GOOD, "name": "1a"}, rule=names.dns1035_label)
    assert complaint.startswith('metadata.name: Invalid value: "1a": a DNS-1035 label')


def test_owner_references() -> None:
    one = {"apiVersion": "v1", "kind": "A", "name": "a", "uid": "u", "controller": True}
    assert complaints({**GOOD, "ownerReferences": [one]}) == []
    assert complaints({**GOOD, "ownerReferences": [{**one, "uid": "", "apiVersion": ""}]}) == [
        'metadata.ownerReferences.apiVersion: Invalid value: "": version must not be empty',
        'metadata.ownerReferences.uid: Invalid value: "": must not be empty',
    ]
    (complaint,) = complaints({**GOOD, "ownerReferences": [one, {**one, "name": "b"}]})
    assert 'Only one reference can have Controller set to true. Found "true" in references for A/a and A/b' in complaint


def update(new: dict[str, Any], old: dict[str, Any]) -> list[str]:
    return [str(cause) for cause in validation.object_meta_update({**GOOD, **new}, {**GOOD, **old})]


def test_updates() -> None:
    assert update({"labels": {"x": "y"}}, {}) == []
    assert update({"uid": "b"}, {"uid": "a"}) == ['metadata.uid: Invalid value: "b": field is immutable']
    assert update({"generation": 1}, {"generation": 2}) == [
        "metadata.generation: Invalid value: 1: must not be decremented"
    ]
    going = {"deletionTimestamp": "t"}
    assert update({**going, "finalizers": ["a"]}, {**going, "finalizers": ["a", "b"]}) == []
    assert update({**going, "finalizers": ["x"]}, going) == [
        (
            "metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, "
            'found new finalizers []string{"x"}'
        )
    ]


def test_both_deletion_finalizers_exclude_each_other() -> None:
    (complaint,) = complaints({**GOOD, "finalizers": ["foregroundDeletion", "orphan"]})
    assert complaint.endswith("finalizer orphan and foregroundDeletion cannot be both set")
