"""Whatever stands in a file, it ends in a plan that every form can say, or in one line."""

import io
import json
from typing import Any, get_args

from hypothesis import given
from hypothesis import strategies as st

from pullscope.base.errors import UsageError
from pullscope.why.plan import planning, reading, report

KEYS = st.sampled_from(
    [
        *(
            "kind",
            "apiVersion",
            "metadata",
            "name",
            "annotations",
            "items",
            "objects",
            "spec",
            "template",
            "jobTemplate",
        ),
        *("containers", "initContainers", "volumes", "image", "imagePullPolicy", "imagepullpolicy", "pullPolicy"),
        *("reference", "triggers", "type", "imageChangeParams", "containerNames", "from", "<<"),
    ]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8"), max_size=8)
LEAVES |= st.sampled_from(
    ["Pod", "List", "Template", "DeploymentConfig", "v1", "quay.io/a/b:dev", "Always", "ImageChange"]
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=6
)
CONTAINERS = st.lists(st.dictionaries(KEYS, VALUES, min_size=1, max_size=5), min_size=1, max_size=2)
PODS = st.fixed_dictionaries(
    {
        "kind": st.just("Pod"),
        "spec": st.fixed_dictionaries({"containers": CONTAINERS}, optional={"volumes": CONTAINERS}),
    },
    optional={"metadata": VALUES, "apiVersion": st.just("v1"), "triggers": VALUES},
)


@given(VALUES | PODS)
def test_any_document_is_planned_or_refused(document: Any) -> None:
    said(json.dumps(document).encode())


@given(st.binary(max_size=60) | st.text(st.characters(codec="utf-8"), max_size=60).map(str.encode))
def test_any_bytes_are_planned_or_refused(data: bytes) -> None:
    said(data)


def said(data: bytes) -> None:
    try:
        plan = planning.plan(reading.parse("x", data))
    except UsageError as error:
        refusal = error.message
    else:
        refusal = ""
        for form in get_args(report.Form):
            report.render(plan, form, "ja", io.StringIO())
    assert "\n" not in refusal
