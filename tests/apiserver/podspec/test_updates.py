"""What may change in a living pod."""

import copy
from typing import Any

import pytest

from pullscope.apiserver.podspec import updates
from pullscope.kube.api import Object

OLD: Object = {
    "containers": [{"name": "a", "image": "x:v1", "imagePullPolicy": "Always"}],
    "tolerations": [{"key": "k", "operator": "Exists"}],
    "activeDeadlineSeconds": 10,
}


def complaints(**changes: Any) -> list[str]:
    new = {**copy.deepcopy(OLD), **changes}
    return [str(cause) for cause in updates.pod({key: value for key, value in new.items() if value is not None}, OLD)]


CONTAINER = OLD["containers"][0]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"containers": [{**CONTAINER, "image": "x:v2"}]},
        {"tolerations": [*OLD["tolerations"], {"key": "more", "operator": "Exists"}]},
        {"activeDeadlineSeconds": 5},
    ],
)
def test_what_may(changes: Any) -> None:
    assert complaints(**changes) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"containers": [{**CONTAINER, "imagePullPolicy": "Never"}]}, f"spec: Forbidden: {updates.FORBIDDEN}"),
        ({"nodeName": "other"}, f"spec: Forbidden: {updates.FORBIDDEN}"),
        ({"containers": [{**CONTAINER, "image": ""}]}, "spec.containers[0].image: Required value"),
        ({"containers": [CONTAINER] * 2}, "spec.containers: Forbidden: pod updates may not add or remove containers"),
        (
            {"activeDeadlineSeconds": 20},
            "spec.activeDeadlineSeconds: Invalid value: 20: must be less than or equal to previous value",
        ),
        (
            {"tolerations": []},
            "spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds",
        ),
    ],
)
def test_what_may_not(changes: Any, expected: str) -> None:
    assert expected in complaints(**changes)
