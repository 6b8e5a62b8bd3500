"""How many pods a job makes, what it counts, and when it is over."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.controllers.objects import NOW, ago, pod

from pullscope.controllers import pods, ttl
from pullscope.controllers.cache import Seen
from pullscope.controllers.job import indexes
from pullscope.controllers.job import plan as planning
from pullscope.controllers.job import pods as making
from pullscope.controllers.job.facts import FINALIZER, Observed
from pullscope.controllers.job.failures import INITIAL, MAXIMUM, NONE, Failures
from pullscope.kube.api import Object


def job(*, status: Object | None = None, deleting: bool = False, policy: str = "Never", **spec: Any) -> Object:
    metadata = {"name": "j", "namespace": "ns", "uid": "job-uid", "generation": 1}
    template = {"metadata": {}, "spec": {"restartPolicy": policy, "containers": [{"name": "a", "image": "b"}]}}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": metadata | ({"deletionTimestamp": ago(1)} if deleting else {}),
        "spec": {
            "completions": 1,
            "parallelism": 1,
            "backoffLimit": 6,
            "completionMode": "NonIndexed",
            "suspend": False,
            "podReplacementPolicy": "TerminatingOrFailed",
            "template": template,
            **spec,
        },
        "status": {"startTime": ago(60), "uncountedTerminatedPods": {}, **(status or {})},
    }


def tracked(name: str, phase: str = "Running", *, index: int | None = None, ended: float = 5, **changes: Any) -> Any:
    annotations = {pods.COMPLETION_INDEX: str(index)} if index is not None else {}
    over = phase in pods.FINISHED
    changes |= {"ready": phase == "Running"} if "ready" not in changes else {}
    given = {"finalizers": [FINALIZER], "annotations": annotations, "ended": ago(ended) if over else None}
    return pod(name, phase=phase, **given | changes)


def plan(given: Object, *owned: Seen[Any], failures: Failures = NONE, may_create: bool = True) -> planning.Plan:
    return planning.plan(Observed(given, owned, NOW, failures, may_create))


def names(seen: tuple[Seen[Any], ...]) -> list[str]:
    return sorted(each.name for each in seen)


def conditions(planned: planning.Plan) -> list[tuple[str, str, str]]:
    found = (planned.status or {}).get("conditions") or []
    return [(each["type"], each["status"], each["reason"]) for each in found]


def state(planned: planning.Plan) -> Object:
    assert planned.status is not None
    return planned.status


@pytest.mark.parametrize(
    ("spec", "owned", "made"),
    [
        ({}, [], 1),
        ({}, [tracked("a")], 0),
        ({"completions": 5, "parallelism": 2}, [], 2),
        ({"completions": 5, "parallelism": 9}, [tracked("a", "Succeeded")], 4),
        ({"completions": None, "parallelism": 3}, [], 3),
        ({"completions": None, "parallelism": 3}, [tracked("a", "Succeeded"), tracked("b")], 0),
        ({"completions": 2000, "parallelism": 2000}, [], 500),
        ({"parallelism": 0}, [], 0),
        ({}, [tracked("a", deleting=True)], 0),
        ({"podReplacementPolicy": "Failed"}, [tracked("a", deleting=True)], 0),
    ],
)
def test_pods_are_made_while_some_are_missing(spec: Object, owned: list[Any], made: int) -> None:
    assert len(plan(job(**spec), *owned).size.create) == made


def test_a_first_step_starts_the_clock() -> None:
    given = job(completions=2, parallelism=2)
    given["status"] = {}
    assert state(plan(given)) == {
        "active": 2,
        "ready": 0,
        "terminating": 0,
        "startTime": ago(0),
        "uncountedTerminatedPods": {},
    }
    assert "startTime" not in state(plan(given | {"spec": given["spec"] | {"suspend": True}}))


def test_a_deleted_pod_has_failed_and_is_replaced_after_the_delay() -> None:
    planned = plan(job(), tracked("a", deleting=True), failures=Failures())
    assert planned.failures.count == 1
    assert planned.size.wait is not None
    later = plan(job(), tracked("a", deleting=True), failures=Failures(1, NOW - timedelta(seconds=11)))
    assert (later.failures.count, later.size.create) == (2, ())


def test_a_pod_that_ended_is_noted_then_freed_then_counted() -> None:
    given = job(completions=2, parallelism=2)
    first = plan(given, tracked("a", "Succeeded"), tracked("b", "Failed"))
    assert state(first)["uncountedTerminatedPods"] == {"succeeded": ["a-uid"], "failed": ["b-uid"]}
    assert names(first.release) == ["a", "b"]
    assert "succeeded" not in state(first)
    given["status"] = state(first)
    again = plan(given, tracked("a", "Succeeded"), tracked("b", "Failed"), failures=first.failures)
    assert (state(again), names(again.release), again.failures) == (state(first), ["a", "b"], first.failures)
    freed = [tracked(name, phase, finalizers=[]) for name, phase in (("a", "Succeeded"), ("b", "Failed"))]
    counted = plan(given, *freed, failures=first.failures)
    assert (state(counted)["succeeded"], state(counted)["failed"]) == (1, 1)
    assert state(counted)["uncountedTerminatedPods"] == {}
    assert counted.release == ()
    given["status"] = state(counted)
    assert state(plan(given, *freed))["succeeded"] == 1


def test_a_job_is_complete_when_all_its_pods_are_counted() -> None:
    first = plan(job(), tracked("a", "Succeeded"))
    assert conditions(first) == [("SuccessCriteriaMet", "True", "CompletionsReached")]
    assert (first.events, "completionTime" in state(first)) == ((), False)
    last = plan(job(status=state(first)), tracked("a", "Succeeded", finalizers=[]))
    assert conditions(last)[1:] == [("Complete", "True", "CompletionsReached")]
    assert state(last)["completionTime"] == ago(0)
    assert [(event.reason, event.message) for event in last.events] == [("Completed", "Job completed")]
    over = plan(job(status=state(last)), tracked("late"))
    assert (over.status, over.size.create, names(over.release)) == (None, (), ["late"])


def test_a_job_that_wants_nothing_is_complete_at_once() -> None:
    assert [each[0] for each in conditions(plan(job(completions=0)))] == ["SuccessCriteriaMet", "Complete"]


def test_too_many_pods_that_succeeded_are_told() -> None:
    met = {"type": "SuccessCriteriaMet", "status": "True", "reason": "CompletionsReached", "message": ""}
    planned = plan(job(status={"succeeded": 2, "conditions": [met]}))
    assert [event.reason for event in planned.events] == ["TooManySucceededPods", "Completed"]


def test_a_job_fails_when_too_many_pods_did() -> None:
    given = job(completions=3, parallelism=3, backoffLimit=1, status={"failed": 1})
    first = plan(given, tracked("a", "Failed"), tracked("b"), tracked("c", "Succeeded"))
    assert conditions(first) == [("FailureTarget", "True", "BackoffLimitExceeded")]
    assert (names(first.delete), names(first.release)) == (["b"], ["a", "b", "c"])
    assert state(first)["uncountedTerminatedPods"] == {"succeeded": ["c-uid"], "failed": ["a-uid", "b-uid"]}
    assert (state(first)["terminating"], "active" in state(first)) == (1, False)
    going = tracked("b", deleting=True, finalizers=[])
    waiting = plan(job(**given["spec"], status=state(first)), going)
    assert conditions(waiting) == conditions(first)
    last = plan(job(**given["spec"], status=state(waiting)))
    assert conditions(last)[1:] == [("Failed", "True", "BackoffLimitExceeded")]
    assert (state(last)["failed"], state(last)["succeeded"]) == (3, 1)
    assert [(event.type, event.reason, event.message) for event in last.events] == [
        ("Warning", "BackoffLimitExceeded", "Job has reached the specified backoff limit")
    ]


@pytest.mark.parametrize(("limit", "restarts", "over"), [(2, 1, False), (2, 2, True), (0, 1, True), (0, 0, False)])
def test_restarts_count_where_containers_restart_by_themselves(limit: int, restarts: int, over: bool) -> None:
    planned = plan(job(policy="OnFailure", backoffLimit=limit), tracked("a", restarts=restarts))
    assert bool(conditions(planned)) == over


def test_a_deadline() -> None:
    assert plan(job(activeDeadlineSeconds=90), tracked("a")).again == 30.0
    late = plan(job(activeDeadlineSeconds=60), tracked("a"))
    assert conditions(late) == [("FailureTarget", "True", "DeadlineExceeded")]
    assert names(late.delete) == ["a"]
    assert conditions(plan(job(activeDeadlineSeconds=1, suspend=True))) == [("Suspended", "True", "JobSuspended")]


def test_suspending_and_going_on() -> None:
    off = plan(job(suspend=True, completions=2), tracked("a"), tracked("b", "Succeeded"))
    assert (names(off.size.drop), off.delete) == (["a"], ())
    assert [event.message for event in off.events] == ["Job suspended"]
    assert state(off)["uncountedTerminatedPods"] == {"succeeded": ["b-uid"]}
    still = plan(job(suspend=True, completions=2, status=state(off)))
    assert still.events == ()
    on = plan(job(completions=2, status=state(still) | {"startTime": ago(500)}))
    assert conditions(on) == [("Suspended", "False", "JobResumed")]
    assert (state(on)["startTime"], [event.message for event in on.events]) == (ago(0), ["Job resumed"])


def test_superfluous_pods_go_uncounted() -> None:
    planned = plan(job(completions=5, parallelism=1), tracked("a"), tracked("b", "Pending"))
    assert (names(planned.size.drop), planned.size.create) == (["b"], ())
    assert state(planned)["active"] == 1


def indexed(**spec: Any) -> Object:
    return job(completionMode="Indexed", **{"completions": 4, "parallelism": 4} | spec)


def test_each_index_gets_a_pod() -> None:
    planned = plan(indexed(parallelism=3, status={"completedIndexes": "1"}), tracked("b", index=2))
    assert planned.size.create == (0, 3)
    first = plan(indexed(), tracked("a", "Succeeded", index=0), tracked("b", "Succeeded", index=1))
    assert (state(first)["completedIndexes"], state(first)["succeeded"]) == ("0,1", 2)
    assert state(first)["uncountedTerminatedPods"] == {}
    assert first.size.create == (2, 3)
    assert names(first.release) == ["a", "b"]


def test_of_two_pods_of_an_index_one_goes_and_odd_ones_do() -> None:
    owned = [tracked("a", index=0), tracked("b", "Pending", index=0), tracked("c", index=9), tracked("d")]
    assert names(plan(indexed(), *owned).size.drop) == ["b", "c", "d"]


def test_odd_pods_do_not_count() -> None:
    planned = plan(indexed(), tracked("c", "Succeeded", index=9), tracked("d", "Failed"))
    assert "completedIndexes" not in state(planned)
    assert (state(planned)["uncountedTerminatedPods"], names(planned.release)) == ({}, ["c", "d"])


def test_pods_of_an_index() -> None:
    given = indexed()
    given["spec"]["template"]["spec"]["initContainers"] = [{"name": "i", "env": [{"name": "JOB_COMPLETION_INDEX"}]}]
    made = making.of(given, 3)
    metadata, spec = made["metadata"], made["spec"]
    assert (metadata["generateName"], spec["hostname"]) == ("j-3-", "j-3")
    assert metadata["labels"] == metadata["annotations"] == {"batch.kubernetes.io/job-completion-index": "3"}
    assert metadata["finalizers"] == ["batch.kubernetes.io/job-tracking"]
    path = "metadata.labels['batch.kubernetes.io/job-completion-index']"
    variable = {"name": "JOB_COMPLETION_INDEX", "valueFrom": {"fieldRef": {"fieldPath": path}}}
    assert spec["containers"][0]["env"] == [variable]
    assert spec["initContainers"][0]["env"] == [{"name": "JOB_COMPLETION_INDEX"}]
    assert "env" not in given["spec"]["template"]["spec"]["containers"][0]
    plain = making.of(job(), None)
    assert plain["metadata"]["generateName"] == "j-"
    assert "labels" not in plain["metadata"]
    given["metadata"]["name"] = "n" * 63
    assert len(making.of(given, 12345)["metadata"]["generateName"]) == 58


def test_failures_are_waited_out() -> None:
    failed = plan(job(), tracked("a", "Failed", ended=4))
    assert (failed.size.create, failed.again, failed.failures.count) == ((), INITIAL - 4, 1)
    assert len(plan(job(), tracked("a", "Failed", ended=10)).size.create) == 1
    twice = plan(job(), tracked("b", "Failed", ended=4), failures=failed.failures)
    assert (twice.failures.count, twice.again) == (2, 2 * INITIAL - 4)
    assert Failures(20, NOW).remaining(NOW) == MAXIMUM
    saved = plan(job(completions=9), tracked("b", "Succeeded", ended=4), failures=twice.failures)
    assert (saved.failures, len(saved.size.create)) == (NONE, 1)
    both = plan(job(completions=9), tracked("b", "Succeeded", ended=4), tracked("c", "Failed", ended=3))
    assert both.failures.count == 1


def test_what_was_refused_is_not_reported() -> None:
    planned = plan(job(), may_create=False)
    assert (planned.size.create, "active" in state(planned)) == ((), False)


def test_a_job_that_goes_lets_its_pods_go() -> None:
    planned = plan(job(deleting=True), tracked("a"), tracked("b", "Succeeded"))
    assert (planned.size.create, planned.delete, names(planned.release)) == ((), (), ["a", "b"])


@given(st.sets(st.integers(0, 60)), st.sets(st.integers(0, 60)), st.integers(1, 60))
def test_indexes_are_sets(some: set[int], more: set[int], below: int) -> None:
    both = indexes.Indexes().with_(some).with_(more)
    assert len(both) == len(some | more)
    assert {index for index in range(62) if index in both} == some | more
    assert list(both.missing(below)) == [index for index in range(below) if index not in some | more]
    kept = indexes.parse(str(both), below)
    assert {index for index in range(62) if index in kept} == {index for index in some | more if index < below}
    assert indexes.parse(str(kept), below) == kept


def test_indexes_in_words() -> None:
    assert str(indexes.parse("0,1,2,5,7-8,10-12,x,3-,9-4", 100)) == "0-3,5,7,8,10-12"


@pytest.mark.parametrize(
    ("seconds", "type_", "left"),
    [(None, "Complete", None), (100, "Suspended", None), (100, "Complete", 40.0), (10, "Failed", -50.0)],
)
def test_jobs_go_when_their_time_is_over(seconds: int | None, type_: str, left: float | None) -> None:
    ended = {"type": type_, "status": "True", "lastTransitionTime": ago(60)}
    given = job(ttlSecondsAfterFinished=seconds, status={"conditions": [ended]})
    assert ttl.plan(given, NOW) == left
    assert ttl.plan(job(deleting=True, ttlSecondsAfterFinished=1, status={"conditions": [ended]}), NOW) is None
