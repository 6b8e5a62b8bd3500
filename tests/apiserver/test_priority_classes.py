"""PriorityClasses, and what they make of pods."""

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.apiserver.support import pod

from pullscope.apiserver.resources import priority_classes
from pullscope.kube import resources
from pullscope.kube.api import Api, Object
from pullscope.kube.status import ApiError

C = resources.PRIORITY_CLASSES


def class_of(value: int | None = 5, name: str = "gold", **fields: Any) -> Object:
    return {"metadata": {"name": name}, "value": value, **fields}


async def make(api: Api, obj: Object) -> Object:
    return await api.create(C, None, obj)


RESERVED = "priority class names with 'system-' prefix are reserved for system use only. error: "


@pytest.mark.parametrize(
    ("obj", "words"),
    [
        (class_of(1_000_000_001), "value: Forbidden: maximum allowed value of a user defined priority is 1000000000"),
        (
            class_of(name="system-x"),
            f"metadata.name: Forbidden: {RESERVED}system-x is not a known system priority class",
        ),
        (
            class_of(name="system-node-critical"),
            f"metadata.name: Forbidden: {RESERVED}value of system-node-critical PriorityClass must be 2000001000",
        ),
        (
            class_of(2_000_000_000, "system-cluster-critical", globalDefault=True),
            f"metadata.name: Forbidden: {RESERVED}globalDefault of system-cluster-critical PriorityClass must be false",
        ),
        (
            class_of(preemptionPolicy="Always"),
            'preemptionPolicy: Unsupported value: "Always": supported values: "PreemptLowerPriority", "Never"',
        ),
    ],
)
async def test_what_is_refused(api: Api, obj: Object, words: str) -> None:
    with pytest.raises(ApiError) as raised:
        await make(api, obj)
    name = obj["metadata"]["name"]
    assert raised.value.message == f'PriorityClass.scheduling.k8s.io "{name}" is invalid: {words}'


@pytest.mark.parametrize(
    ("patch", "words"),
    [
        ({"value": 6}, "value: Forbidden: may not be changed in an update."),
        ({"preemptionPolicy": "Never"}, 'preemptionPolicy: Invalid value: "Never": field is immutable'),
    ],
)
async def test_what_may_not_change(api: Api, patch: Object, words: str) -> None:
    await make(api, class_of())
    with pytest.raises(ApiError) as raised:
        await api.patch(C, None, "gold", patch)
    assert words in raised.value.message


async def test_pods_get_the_number_of_their_class(api: Api) -> None:
    assert (await make(api, class_of(None, "zero")))["value"] == 0
    await make(api, class_of(preemptionPolicy="Never"))
    spec = (await api.create(resources.PODS, "demo", pod(priorityClassName="gold")))["spec"]
    assert (spec["priority"], spec["preemptionPolicy"]) == (5, "Never")
    plain = (await api.create(resources.PODS, "demo", pod("plain")))["spec"]
    assert (plain["priority"], plain["preemptionPolicy"]) == (0, "PreemptLowerPriority")
    assert "priorityClassName" not in plain


async def test_one_class_may_be_the_default(api: Api) -> None:
    await make(api, class_of(globalDefault=True))
    spec = (await api.create(resources.PODS, "demo", pod()))["spec"]
    assert (spec["priorityClassName"], spec["priority"]) == ("gold", 5)
    await api.patch(C, None, "gold", {"description": "still"})
    refused = "is forbidden: PriorityClass gold is already marked as globalDefault"
    with pytest.raises(ApiError, match=refused):
        await make(api, class_of(name="silver", globalDefault=True))
    await make(api, class_of(name="silver"))
    with pytest.raises(ApiError, match=refused):
        await api.patch(C, None, "silver", {"globalDefault": True})


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"priorityClassName": "silver"}, 'pods "web" is forbidden: no PriorityClass with name silver was found'),
        ({"priority": 7}, "the integer value of priority (7) must not be provided in pod spec; priority admission"),
        (
            {"priorityClassName": "gold", "preemptionPolicy": "Never"},
            (
                "the string value of PreemptionPolicy (Never) must not be provided in pod spec; priority admission "
                "controller computed PreemptLowerPriority from the given PriorityClass name"
            ),
        ),
    ],
)
async def test_priorities_that_there_are_not(api: Api, wanted: Object, words: str) -> None:
    await make(api, class_of())
    with pytest.raises(ApiError) as raised:
        await api.create(resources.PODS, "demo", pod(**wanted))
    assert raised.value.code == 403
    assert words in raised.value.message


def test_cells_of_priority_classes() -> None:
    obj = class_of(preemptionPolicy="Never")
    obj["metadata"]["creationTimestamp"] = "2026-01-01T00:00:00Z"
    cells = priority_classes.KIND.table.cells(obj, datetime(2026, 1, 1, 0, 2, tzinfo=UTC))
    assert cells == ["gold", 5, False, "2m", "Never"]
