"""Each cause, made to happen: `why` names it first, and what it says mends it does."""

from collections.abc import AsyncIterator

import pytest
from tests.why import bench
from tests.why.bench import Bench, named

from pullscope.kube import resources
from pullscope.registry.faults import Fault
from pullscope.testing.images import Image
from pullscope.testing.lab import Lab


@pytest.fixture
async def here(pullscope_lab: Lab) -> AsyncIterator[Bench]:
    async with bench.opened(pullscope_lab, "why") as opened:
        yield opened


def moved(lab: Lab, name: str) -> Image:
    """A tag that leads to another image than when the first node got it.

    The images are no other test's: of one that the kubelet pulled under another name, it asks the registry for every name.
    """
    lab.node.pull(push(lab, "node.war", name))
    return push(lab, "registry.war", name)


def push(lab: Lab, war: str, name: str) -> Image:
    """An image that no other test has."""
    return lab.push({war: name.encode()}, name)


async def test_the_node_used_its_own_copy(here: Bench) -> None:
    await here.deploy(moved(here.lab, "why/cache:v1"), policy="IfNotPresent")
    finding = await here.finding("stale")
    assert named(finding) == ("node-cache", "certain")
    await here.mend(finding)
    await here.fine()


async def test_the_digest_mends_it_too(here: Bench) -> None:
    await here.deploy(moved(here.lab, "why/pin:v1"), policy="IfNotPresent")
    await here.mend(await here.finding("stale"), 1)
    finding = await here.finding("pinned")
    assert (named(finding), finding.running) == (("digest-pinned", "certain"), finding.wanted)


async def test_nothing_restarted_it(here: Bench) -> None:
    await here.deploy(push(here.lab, "node.war", "why/push:v1"), policy="Always")
    await here.fine()
    push(here.lab, "registry.war", "why/push:v1")
    finding = await here.finding("stale")
    assert named(finding) == ("not-restarted", "certain")
    await here.mend(finding)
    await here.fine()


async def test_set_image_does_not_default_the_policy_anew(here: Bench) -> None:
    latest = moved(here.lab, "why/default:latest")
    fixed = push(here.lab, "node.war", "why/default:v1")
    manifest = bench.workload(fixed)
    here.lab.kubectl("-n", here.namespace, "apply", "-f-", stdin=manifest)
    await here.fine()
    await here.type(f"kubectl -n {here.namespace} set image deployment/app app={latest}")
    finding = await here.finding("stale")
    assert named(finding) == ("policy-defaulted", "certain")
    await here.mend(finding)
    await here.fine()


async def test_the_tag_is_missing_and_the_pod_waits(here: Bench) -> None:
    name = f"{here.lab.registry}/why/missing:v1"
    await here.deploy(name)
    finding = await here.finding("failing")
    assert named(finding) == ("missing", "certain")
    assert finding.causes[0].mends[0].command == f"docker push {name}"
    push(here.lab, "registry.war", name)
    [finding] = await here.until(lambda those: "missing" not in [cause.id for cause in those[0].causes[:1]])
    if finding.causes:  # else this machine was so slow that the kubelet has tried again
        assert named(finding) == ("back-off", "likely")
        assert finding.causes[0].evidence[1].en.startswith("try 1 failed at ")
        await here.mend(finding)
    await here.fine()


async def test_the_rollout_waits_for_an_image(here: Bench) -> None:
    """The old pod runs on as long as the new one cannot start."""
    await here.deploy(push(here.lab, "node.war", f"{here.namespace}/app:v1"))
    await here.fine()
    newer = f"{here.lab.registry}/{here.namespace}/app:v2"
    await here.type(f"kubectl -n {here.namespace} set image deployment/app app={newer}")
    found = await here.until(
        lambda those: [each.verdict for each in those] in (["failing", "unknown"], ["unknown", "failing"])
    )
    old, new = sorted(found, key=lambda each: each.verdict == "failing")
    assert (named(old), named(new)) == (("old-revision", "certain"), ("missing", "certain"))
    assert old.causes[0].mends[0].command == f"kubectl rollout status deployment/app -n {here.namespace}"
    push(here.lab, "registry.war", newer)
    await here.type(new.causes[-1].mends[0].command)
    await here.fine()


async def test_the_rollout_is_paused(here: Bench) -> None:
    """Its template has a newer image, and no revision is made of it."""
    await here.deploy(push(here.lab, "node.war", f"{here.namespace}/paused:v1"))
    await here.fine()
    newer = push(here.lab, "registry.war", f"{here.namespace}/paused:v2")
    await here.cluster.patch(resources.DEPLOYMENTS, here.namespace, "app", {"spec": {"paused": True}})
    await here.type(f"kubectl -n {here.namespace} set image deployment/app app={newer}")
    finding = await here.finding("stale")
    assert named(finding) == ("rollout-paused", "certain")
    await here.mend(finding)
    await here.fine()


async def test_never_has_nothing_to_run(here: Bench) -> None:
    await here.deploy(push(here.lab, "registry.war", "why/never:v1"), policy="Never")
    finding = await here.finding("failing")
    assert named(finding) == ("never-absent", "certain")
    await here.mend(finding)
    await here.fine()


async def test_a_name_in_capitals(here: Bench) -> None:
    image = push(here.lab, "registry.war", "why/small:v1")
    await here.deploy(str(image).replace("small", "SMALL"))
    finding = await here.finding("failing")
    assert named(finding) == ("invalid-name", "certain")
    await here.mend(finding)
    await here.fine()


@pytest.mark.parametrize(
    ("status", "cause"), [(401, "unauthorised"), (503, "unreachable")], ids=["unauthorised", "unreachable"]
)
async def test_the_registry_does_not_deliver(here: Bench, status: int, cause: str) -> None:
    """Neither to the node nor to `why`, which says so; once it does again, a fresh pod is all it takes."""
    image = push(here.lab, "registry.war", f"why/{cause}:v1")
    with here.lab.fault(Fault(f"why/{cause}", status=status)):
        await here.deploy(image, policy="Always")
        finding = await here.finding("failing")
        assert named(finding) == (cause, "certain")
    assert finding.causes[-1].id == "back-off"
    await here.type(finding.causes[-1].mends[0].command)
    await here.fine()


async def test_the_registry_sends_something_else(here: Bench) -> None:
    image = push(here.lab, "registry.war", "why/wrong:v1")
    with here.lab.fault(Fault("why/wrong", wrong_digest=True)):
        await here.deploy(image, policy="Always")
        finding = await here.finding("failing")
        assert named(finding) == ("wrong-content", "certain")
    await here.type(finding.causes[-1].mends[0].command)
    await here.fine()


async def test_the_registry_limits_the_rate(here: Bench) -> None:
    """The runtime tries for a while before it says so; what `why` is told itself comes first."""
    image = push(here.lab, "registry.war", "why/limited:v1")
    with here.lab.fault(Fault("why/limited", status=429)):
        await here.deploy(image, policy="Always")
        finding = await here.finding("unknown")
        assert named(finding) == ("rate-limited", "likely")


async def test_a_pod_of_nobody_is_made_again(here: Bench) -> None:
    name = str(push(here.lab, "node.war", "why/pod:v1"))
    container = {"name": "app", "image": name, "imagePullPolicy": "Always"}
    pod = {"metadata": {"name": "app"}, "spec": {"containers": [container], "terminationGracePeriodSeconds": 0}}
    await here.make(resources.PODS, pod)
    await here.fine()
    push(here.lab, "registry.war", name)
    finding = await here.finding("stale")
    assert named(finding) == ("not-restarted", "certain")
    await here.mend(finding)
    await here.fine()


async def test_the_tag_was_rolled_back(here: Bench) -> None:
    name = f"{here.namespace}/back:v1"
    image = await bench.push(here.lab, name, "newer.war", created="2026-11-02T00:00:00Z")
    await here.deploy(image, policy="Always")
    await here.fine()
    await bench.push(here.lab, name, "older.war", created="2026-11-01T00:00:00Z")
    finding = await here.finding("stale")
    assert named(finding) == ("rolled-back", "certain")
    await here.mend(finding)
    await here.fine()


async def test_nothing_for_this_platform(here: Bench) -> None:
    name = f"{here.namespace}/arm:v1"
    image = await bench.push(here.lab, name, "app.war", platforms=["linux/arm64"])
    await here.deploy(image)
    finding = await here.finding("failing")
    assert named(finding) == ("architecture", "certain")
    words = finding.causes[0].mends[0].command.split()
    assert (words[:4], words[5:]) == (["docker", "buildx", "build", "--platform"], ["-t", str(image), "--push", "."])
    await bench.push(here.lab, name, "app.war")
    await here.type(finding.causes[-1].mends[0].command)
    await here.fine()


async def test_a_mirror_answers_for_the_registry(here: Bench) -> None:
    far, near = (f"{here.lab.registry}/{here.namespace}/{place}" for place in ("far", "near"))
    old, new = ({war: here.namespace.encode()} for war in ("node.war", "registry.war"))
    for place in (far, near):
        here.lab.push(old, f"{place}:v1")
    same = {"source": far, "mirrors": [near]}
    mirrors = {"metadata": {"name": here.namespace}, "spec": {"imageTagMirrors": [same]}}
    await here.cluster.create(resources.IMAGE_TAG_MIRROR_SETS, None, mirrors)
    await here.deploy(f"{far}:v1", policy="Always")
    await here.until(lambda those: those[0].container.state == "running")
    here.lab.push(new, f"{far}:v1")
    finding = await here.finding("stale")
    assert named(finding) == ("mirror", "certain")
    copied, started = finding.causes[0].mends[0].command.split(" && ")
    assert copied == f"skopeo copy --all docker://{far}:v1 docker://{near}:v1"
    here.lab.push(new, f"{near}:v1")
    await here.type(started)
    await here.fine()
    await here.cluster.delete(resources.IMAGE_TAG_MIRROR_SETS, None, here.namespace)
