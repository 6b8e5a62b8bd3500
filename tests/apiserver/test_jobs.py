"""Jobs as the API keeps them: defaults, the generated selector, refusals, what may change, cells, deletion."""

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.apiserver.support import Http

from pullscope.apiserver.resources import jobs
from pullscope.kube import resources
from pullscope.kube.api import Api, DeleteOptions, Object
from pullscope.kube.status import ApiError

NOW = datetime(2026, 1, 1, 0, 2, tzinfo=UTC)
JOBS = "/apis/batch/v1/namespaces/demo/jobs"


def job(*, pod: Object | None = None, labels: Object | None = None, **spec: Any) -> Object:
    containers = [{"name": "a", "image": "b:v1"}]
    template: Object = {"spec": {"restartPolicy": "Never", "containers": containers, **(pod or {})}}
    if labels:
        template["metadata"] = {"labels": labels}
    return {"metadata": {"name": "x"}, "spec": {"template": template, **spec}}


async def make(api: Api, obj: Object) -> Object:
    return await api.create(resources.JOBS, "demo", obj)


async def test_what_is_not_said_is_filled_in(api: Api) -> None:
    made = await make(api, {**job(), "status": {"succeeded": 7}})
    uid, spec = made["metadata"]["uid"], made["spec"]
    own = {
        "batch.kubernetes.io/controller-uid": uid,
        "batch.kubernetes.io/job-name": "x",
        "controller-uid": uid,
        "job-name": "x",
    }
    assert {key: value for key, value in spec.items() if key != "template"} == {
        "backoffLimit": 6,
        "completionMode": "NonIndexed",
        "completions": 1,
        "manualSelector": False,
        "parallelism": 1,
        "podReplacementPolicy": "TerminatingOrFailed",
        "selector": {"matchLabels": {"batch.kubernetes.io/controller-uid": uid}},
        "suspend": False,
    }
    assert spec["template"]["metadata"]["labels"] == made["metadata"]["labels"] == own
    assert made["status"] == {}


async def test_a_work_queue_has_no_number_of_completions_and_labels_of_ones_own_stay(api: Api) -> None:
    made = await make(api, {**job(parallelism=3, labels={"a": "b"}), "metadata": {"name": "x", "labels": {"c": "d"}}})
    assert "completions" not in made["spec"]
    assert made["spec"]["template"]["metadata"]["labels"]["a"] == "b"
    assert made["metadata"]["labels"] == {"c": "d"}


async def test_a_selector_of_ones_own(api: Api) -> None:
    made = await make(api, job(manualSelector=True, selector={"matchLabels": {"a": "b"}}, labels={"a": "b"}))
    assert made["spec"]["selector"] == {"matchLabels": {"a": "b"}}
    assert made["spec"]["template"]["metadata"]["labels"] == {"a": "b"}


@pytest.mark.parametrize(
    ("obj", "words"),
    [
        (
            job(pod={"restartPolicy": "Always"}),
            'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
        ),
        (job(pod={"restartPolicy": "Maybe"}), 'supported values: "OnFailure", "Never"'),
        (job(completions=-1), "spec.completions: Invalid value: -1: must be greater than or equal to 0"),
        (
            job(ttlSecondsAfterFinished=-1),
            "spec.ttlSecondsAfterFinished: Invalid value: -1: must be greater than or equal to 0",
        ),
        (
            job(completionMode="Odd"),
            'spec.completionMode: Unsupported value: "Odd": supported values: "NonIndexed", "Indexed"',
        ),
        (
            job(completionMode="Indexed", parallelism=100_001),
            (
                "[spec.completions: Required value: when completion mode is Indexed, spec.parallelism: Invalid value: 100001: "
                "must be less than or equal to 100000 when completion mode is Indexed]"
            ),
        ),
        (
            {**job(completionMode="Indexed", completions=10), "metadata": {"name": "x" * 62}},
            f"will not able to create pod with invalid DNS label: {'x' * 62}-9",
        ),
        (job(podReplacementPolicy="Soon"), 'supported values: "Failed", "TerminatingOrFailed"'),
        (job(podFailurePolicy={"rules": []}), "spec.podFailurePolicy: Forbidden: not supported by pullscope"),
        (job(successPolicy={"rules": []}), "spec.successPolicy: Forbidden: not supported by pullscope"),
        (job(backoffLimitPerIndex=1), "spec.backoffLimitPerIndex: Forbidden: not supported by pullscope"),
        (job(manualSelector=True), "spec.selector: Required value"),
        (
            job(labels={"job-name": "y"}),
            'spec.template.metadata.labels[job-name]: Invalid value: {"batch.kubernetes.io/controller-uid"',
        ),
        (job(selector={"matchLabels": {"a": "b"}}), "`selector` not auto-generated"),
    ],
)
async def test_what_is_refused(api: Api, obj: Object, words: str) -> None:
    with pytest.raises(ApiError) as raised:
        await make(api, obj)
    assert raised.value.code == 422
    assert words in raised.value.message


CONTAINERS = {"template": {"spec": {"containers": [{"name": "a", "image": "b:v2"}]}}}
NODES = {"template": {"spec": {"nodeSelector": {"disk": "ssd"}}}}


@pytest.mark.parametrize(
    ("obj", "patch", "words"),
    [
        (job(), {"parallelism": 5, "suspend": True, "backoffLimit": 1}, None),
        (job(), {"completions": 2}, "spec.completions: Invalid value: 2: field is immutable"),
        (job(completionMode="Indexed", completions=2, parallelism=2), {"completions": 3, "parallelism": 3}, None),
        (
            job(completionMode="Indexed", completions=2),
            {"completions": 3},
            "spec.completions: Invalid value: 3: can only be modified in tandem with spec.parallelism",
        ),
        (job(), {"completionMode": "Indexed"}, 'spec.completionMode: Invalid value: "Indexed": field is immutable'),
        (job(), CONTAINERS, "spec.template: Invalid value: "),
        (job(), NODES, "spec.template: Invalid value: "),
        (job(suspend=True), NODES, None),
        (job(suspend=True), {"template": {"spec": {"affinity": {"nodeAffinity": {}}}}}, None),
        (job(suspend=True), {"template": {"spec": {"affinity": {"podAffinity": {}}}}}, "field is immutable"),
        (job(suspend=True), CONTAINERS, "field is immutable"),
        (job(), {"selector": {"matchLabels": {"a": "b"}}}, "spec.selector: Invalid value: "),
    ],
)
async def test_what_may_change(api: Api, obj: Object, patch: Object, words: str | None) -> None:
    await make(api, obj)
    if words is None:
        made = await api.patch(resources.JOBS, "demo", "x", {"spec": patch})
        assert made["metadata"]["generation"] == 2
        return
    with pytest.raises(ApiError) as raised:
        await api.patch(resources.JOBS, "demo", "x", {"spec": patch})
    assert words in raised.value.message


async def test_what_a_job_made_stays_unless_asked_otherwise(api: Api, wire: Http) -> None:
    held = {**job(), "metadata": {"name": "x", "finalizers": ["example.org/held"]}}
    await make(api, held)
    answer = await wire.send("DELETE", f"{JOBS}/x")
    (warning,) = answer.warnings
    assert warning.startswith(
        '299 - "child pods are preserved by default when jobs are deleted; set propagationPolicy='
    )
    assert answer.body["metadata"]["finalizers"] == ["example.org/held", "orphan"]
    await make(api, {**job(), "metadata": {"name": "y"}})
    answer = await wire.send("DELETE", f"{JOBS}/y", {"propagationPolicy": "Background"})
    assert (answer.warnings, answer.body["status"]) == ([], "Success")
    await make(api, {**held, "metadata": {**held["metadata"], "name": "z"}})
    gone = await api.delete(resources.JOBS, "demo", "z", DeleteOptions(propagation_policy="Background"))
    assert gone["metadata"]["finalizers"] == ["example.org/held"]


@pytest.mark.parametrize(
    ("spec", "status", "expected"),
    [
        ({"completions": 3}, {}, ["Running", "0/3", ""]),
        ({"completions": 3}, {"succeeded": 1, "startTime": "2026-01-01T00:00:00Z"}, ["Running", "1/3", "2m"]),
        ({"parallelism": 1}, {}, ["Running", "0/1", ""]),
        ({"parallelism": 4}, {"succeeded": 2}, ["Running", "2/1 of 4", ""]),
        (
            {"completions": 1},
            {
                "succeeded": 1,
                "startTime": "2026-01-01T00:00:00Z",
                "completionTime": "2026-01-01T00:00:05Z",
                "conditions": [{"type": each, "status": "True"} for each in ("SuccessCriteriaMet", "Complete")],
            },
            ["Complete", "1/1", "5s"],
        ),
        (
            {"completions": 1},
            {"conditions": [{"type": "FailureTarget", "status": "True"}]},
            ["FailureTarget", "0/1", ""],
        ),
        (
            {"completions": 1},
            {"conditions": [{"type": each, "status": "True"} for each in ("FailureTarget", "Failed")]},
            ["Failed", "0/1", ""],
        ),
        ({"completions": 1}, {"conditions": [{"type": "Suspended", "status": "True"}]}, ["Suspended", "0/1", ""]),
        ({"completions": 1}, {"conditions": [{"type": "Suspended", "status": "False"}]}, ["Running", "0/1", ""]),
    ],
)
def test_cells_of_jobs(spec: Object, status: Object, expected: list[str]) -> None:
    obj = {"metadata": {"name": "x", "creationTimestamp": "2026-01-01T00:00:00Z"}, "spec": spec, "status": status}
    cells = jobs.KIND.table.cells(obj, NOW)
    assert cells[:4] == ["x", *expected]
    obj["metadata"] |= {"deletionTimestamp": "2026-01-01T00:00:00Z"}
    over = expected[0] in ("Complete", "Failed")
    assert jobs.KIND.table.cells(obj, NOW)[1] == (expected[0] if over else "Terminating")
