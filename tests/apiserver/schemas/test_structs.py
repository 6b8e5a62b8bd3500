"""What is known of Go's types beside the archive is about types that are there."""

import pytest

from pullscope.apiserver.schemas import archive, structs, types


def _all_types() -> list[types.Type]:
    """Every type that a kind leads to."""
    found: dict[int, types.Type] = {}
    waiting = [types.named(definition) for definition in archive.kinds().values()]
    while waiting:
        type_ = waiting.pop()
        if id(type_) not in found:
            found[id(type_)] = type_
            holders = (value.items or value for value in type_.fields.values())
            waiting += [holder.type for holder in holders if holder.shape == "object"]
    return list(found.values())


def test_every_field_by_value_is_an_object_of_a_type() -> None:
    objects = {
        f"{type_.name}.{field}"
        for type_ in _all_types()
        for field, value in type_.fields.items()
        if value.shape == "object"
    }
    assert objects >= structs._BY_VALUE


def test_every_key_that_may_be_missing_has_a_default() -> None:
    lists = [value for type_ in _all_types() for value in type_.fields.values() if value.keys]
    assert len(lists) > 20
    for value in lists:
        optional = {key for key in value.keys if not value.item.type.fields[key].always}
        assert optional <= {*value.key_defaults, "name"}, "a name that is missing is an error"


@pytest.mark.parametrize(
    ("path", "atomic", "keys"),
    [
        ("spec.containers", False, ("name",)),
        ("spec.imagePullSecrets", False, ("name",)),
        ("spec.tolerations", True, ()),
        ("spec.nodeSelector", True, ()),
        ("spec.securityContext", False, ()),
        ("metadata.finalizers", False, ()),
        ("metadata.ownerReferences", False, ("uid",)),
        ("metadata.managedFields", True, ()),
        ("status.conditions", False, ("type",)),
        ("status.containerStatuses", True, ()),
    ],
)
def test_forms_of_fields(path: str, atomic: bool, keys: tuple[str, ...]) -> None:
    pod = types.of("v1", "Pod")
    assert pod is not None
    parent, field = path.split(".")
    value = pod.fields[parent].type.fields[field]
    assert (value.atomic, value.keys) == (atomic, keys)
