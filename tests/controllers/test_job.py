"""Jobs as people use them: the real kubectl, and kubelets whose pods end at once."""

import asyncio
from typing import Any

import pytest
from tests.apiserver.kubectl import Kubectl
from tests.controllers.world import NS, World

from pullscope.kube import resources
from pullscope.kube.api import Object

R = resources


def job(image: str, **spec: Any) -> Object:
    template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "app", "image": image}]}}
    return {"metadata": {"name": "job"}, "spec": {"template": template, **spec}}


async def test_a_job_that_succeeds(working: World, kubectl: Kubectl) -> None:
    assert await kubectl("create", "job", "once", "--image=exit:0") == "job.batch/once created\n"
    met = await kubectl("wait", "--for=condition=complete", "job/once", "--timeout=20s")
    assert met == "job.batch/once condition met\n"
    (line,) = (await kubectl("get", "jobs", "--no-headers")).splitlines()
    assert line.split()[:3] == ["once", "Complete", "1/1"]
    described = await kubectl("describe", "job", "once")
    assert "Pods Statuses:    0 Active (0 Ready) / 1 Succeeded / 0 Failed" in described
    assert "Job completed" in described
    (pod,) = await working.items(R.PODS)
    assert "finalizers" not in pod["metadata"]
    assert pod["metadata"]["name"].startswith("once-")
    assert await kubectl("delete", "job", "once") == 'job.batch "once" deleted from default namespace\n'
    await working.pods(0)


async def test_a_job_that_fails_for_good(working: World, kubectl: Kubectl) -> None:
    await working.make(R.JOBS, job("exit:1", backoffLimit=0))
    await kubectl("wait", "--for=condition=failed", "job/job", "--timeout=20s")
    status = (await working.api.get(R.JOBS, NS, "job"))["status"]
    assert (status["failed"], status["uncountedTerminatedPods"]) == (1, {})
    assert [each["type"] for each in status["conditions"]] == ["FailureTarget", "Failed"]
    assert await working.said("BackoffLimitExceeded") == ["Job has reached the specified backoff limit"]


async def test_every_index_is_done_once(working: World, kubectl: Kubectl) -> None:
    await working.make(R.JOBS, job("exit:0", completionMode="Indexed", completions=7, parallelism=3))
    await kubectl("wait", "--for=condition=complete", "job/job", "--timeout=20s")
    assert (await working.api.get(R.JOBS, NS, "job"))["status"]["completedIndexes"] == "0-6"
    found = sorted(pod["spec"]["hostname"] for pod in await working.items(R.PODS))
    assert found == [f"job-{index}" for index in range(7)]


async def test_a_job_goes_when_its_time_is_over(working: World) -> None:
    await working.make(R.JOBS, job("exit:0", ttlSecondsAfterFinished=0))
    await working.until(R.JOBS, lambda: is_empty(working, R.JOBS))
    await working.until(R.PODS, lambda: is_empty(working, R.PODS))


async def is_empty(world: World, resource: resources.Resource) -> bool:
    return await world.items(resource) == []


@pytest.mark.parametrize("cascade", ["background", "foreground"])
async def test_a_running_job_goes_with_its_pods(working: World, kubectl: Kubectl, cascade: str) -> None:
    await working.make(R.JOBS, job("app:v1", completions=3, parallelism=3))
    await working.pods(3)
    await kubectl("delete", "job", "job", f"--cascade={cascade}")
    await working.until(R.PODS, lambda: is_empty(working, R.PODS))


async def test_pods_of_a_job_that_is_gone_stay_and_are_held_by_nothing(working: World, kubectl: Kubectl) -> None:
    await working.make(R.JOBS, job("app:v1"))
    await working.pods(1)
    await kubectl("delete", "job", "job", "--cascade=orphan")

    async def free() -> bool:
        (pod,) = await working.items(R.PODS)
        return not {"finalizers", "ownerReferences"} & set(pod["metadata"])

    await working.until(R.PODS, free)


async def test_suspending(working: World, kubectl: Kubectl) -> None:
    await working.make(R.JOBS, job("app:v1", parallelism=2, completions=2))
    await working.pods(2)
    await kubectl("patch", "job/job", "--type=merge", '-p={"spec":{"suspend":true}}')
    await working.until(R.PODS, lambda: is_empty(working, R.PODS))
    await kubectl("wait", "--for=condition=suspended", "job/job", "--timeout=20s")
    assert (await kubectl("get", "job", "job", "--no-headers")).split()[1] == "Suspended"
    await kubectl("patch", "job/job", "--type=merge", '-p={"spec":{"suspend":false}}')
    await working.pods(2)
    assert await working.said("Resumed") == ["Job resumed"]


async def test_a_namespace_with_a_job_goes(working: World) -> None:
    await working.make(R.NAMESPACES, {"metadata": {"name": "shop"}}, None)
    await working.make(R.JOBS, job("app:v1"), "shop")

    async def running() -> bool:
        pods = await working.items(R.PODS, "shop")
        return [pod["status"]["phase"] for pod in pods] == ["Running"]

    await working.until(R.PODS, running)
    await working.api.delete(R.NAMESPACES, None, "shop")
    async with asyncio.timeout(10):
        await working.gone(R.NAMESPACES, "shop", None)
