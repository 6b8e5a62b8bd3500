"""Nodes as the API keeps them: taints, what may not change, and what a status has at least."""

from typing import Any

import pytest

from pullscope.kube import resources
from pullscope.kube.api import Api, Object
from pullscope.kube.status import ApiError

N = resources.NODES
BORN_WITH = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}


def node(**spec: Any) -> Object:
    return {"metadata": {"name": "b"}, "spec": spec}


async def test_a_new_node_takes_no_pods_yet(api: Api) -> None:
    mine = {"key": "mine", "effect": "NoExecute"}
    assert (await api.create(N, None, node(taints=[mine])))["spec"]["taints"] == [mine, BORN_WITH]
    other = {**node(taints=[BORN_WITH]), "metadata": {"name": "c"}}
    assert (await api.create(N, None, other))["spec"]["taints"] == [BORN_WITH]


@pytest.mark.parametrize(
    ("taints", "words"),
    [
        ([{"effect": "NoExecute"}], 'spec.taints[0].key: Invalid value: "": name part must be non-empty'),
        (
            [{"key": "a", "value": "b c", "effect": "NoExecute"}],
            'spec.taints[0].value: Invalid value: "b c": a valid label',
        ),
        ([{"key": "a"}], "spec.taints[0].effect: Required value"),
        (
            [{"key": "a", "effect": "Never"}],
            (
                'spec.taints[0].effect: Unsupported value: "Never": '
                'supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"'
            ),
        ),
        (
            [{"key": "a", "effect": "NoExecute"}, {"key": "a", "value": "b", "effect": "NoExecute"}],
            (
                'spec.taints[1]: Duplicate value: {"effect":"NoExecute","key":"a","value":"b"}: '
                "taints must be unique by key and effect pair"
            ),
        ),
    ],
)
async def test_taints_that_are_refused(api: Api, taints: list[Object], words: str) -> None:
    with pytest.raises(ApiError) as raised:
        await api.patch(N, None, "crc", {"spec": {"taints": taints}})
    assert words in raised.value.message


@pytest.mark.parametrize(("field", "shown"), [("podCIDR", "podCIDRs"), ("providerID", "providerID")])
async def test_what_is_given_once(api: Api, field: str, shown: str) -> None:
    await api.patch(N, None, "crc", {"spec": {field: "10.0.0.0/24"}})
    with pytest.raises(ApiError) as raised:
        await api.patch(N, None, "crc", {"spec": {field: "10.0.1.0/24"}})
    why = f'node updates may not change {field} except from "" to valid'
    assert raised.value.message == f'Node "crc" is invalid: spec.{shown}: Forbidden: {why}'


async def test_conditions_have_a_type_and_a_status(api: Api) -> None:
    made = await api.patch(N, None, "crc", {"status": {"conditions": [{"type": None}]}}, subresource="status")
    assert made["status"]["conditions"] == [{"type": "", "status": ""}]
