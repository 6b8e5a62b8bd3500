"""Each cause around image streams, made to happen: `why` names it first, and what it says mends it does."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.why import bench
from tests.why.bench import Bench, named

from pullscope.kube import resources
from pullscope.openshift import names
from pullscope.testing.images import Image
from pullscope.testing.lab import Lab


@pytest.fixture
async def here(pullscope_lab: Lab) -> AsyncIterator[Bench]:
    async with bench.opened(pullscope_lab, "streams") as opened:
        yield opened


def push(here: Bench, war: str) -> Image:
    """What source:v1 leads to, of which the streams here are made; the namespace keeps tests apart."""
    name = f"{here.namespace}/source:v1"
    return here.lab.push({war: name.encode()}, name)


async def stream(here: Bench, source: object, **spec: Any) -> None:
    """The image stream `app`, whose tag v1 follows the source, and is imported."""
    await here.type(f"oc import-image app:v1 --from={source} --confirm --insecure -n {here.namespace}")
    if spec:
        await here.cluster.patch(resources.IMAGE_STREAMS, here.namespace, "app", {"spec": spec})


def trigger(*, paused: bool = False) -> dict[str, str]:
    """The annotation that lets the container follow app:v1."""
    path = 'spec.template.spec.containers[?(@.name=="app")].image'
    entry: dict[str, Any] = {"from": {"kind": "ImageStreamTag", "name": "app:v1"}, "fieldPath": path}
    return {names.TRIGGERS: json.dumps([entry | ({"paused": "true"} if paused else {})])}


async def test_the_stream_was_not_imported_again(here: Bench) -> None:
    before = push(here, "node.war")
    await stream(here, before)
    await here.deploy(before.pinned, annotations=trigger())
    await here.fine()
    push(here, "registry.war")
    finding = await here.finding("stale")
    assert named(finding) == ("stream-not-imported", "certain")
    await here.mend(finding)
    await here.fine()


async def test_even_always_is_stale(here: Bench) -> None:
    """The internal registry answers with what the stream imported."""
    await stream(here, push(here, "node.war"))
    await here.deploy(f"{names.INTERNAL_REGISTRY}/{here.namespace}/app:v1", policy="Always")
    await here.fine()
    push(here, "registry.war")
    finding = await here.finding("stale")
    assert named(finding) == ("stream-not-imported", "certain")
    await here.mend(finding)
    await here.fine()


async def test_the_trigger_is_paused(here: Bench) -> None:
    before = push(here, "node.war")
    await stream(here, before)
    await here.deploy(before.pinned, annotations=trigger(paused=True))
    await here.fine()
    await stream(here, push(here, "registry.war"))
    finding = await here.finding("stale")
    assert named(finding) == ("trigger-paused", "certain")
    assert finding.causes[0].mends[0].command == f"oc set triggers deployment/app --auto -n {here.namespace}"
    await follow(here)
    await here.fine()


async def test_the_trigger_is_for_another_container(here: Bench) -> None:
    await stream(here, push(here, "node.war"))
    wrong = {names.TRIGGERS: trigger()[names.TRIGGERS].replace('\\"app\\"', '\\"web\\"')}
    await here.deploy(internal(here, await pointed(here)), annotations=wrong)
    await here.finding("pinned")
    await stream(here, push(here, "registry.war"))
    [finding] = await here.until(lambda those: those[0].causes[0].id == "trigger-broken")
    assert '@.name=="web"' in finding.causes[0].evidence[-1].en
    await follow(here)
    await here.fine()


async def test_no_trigger_follows_the_stream(here: Bench) -> None:
    before = push(here, "node.war")
    await stream(here, before)
    await here.deploy(internal(here, await pointed(here)))
    await here.finding("pinned")
    await stream(here, push(here, "registry.war"))
    [finding] = await here.until(lambda those: those[0].causes[0].id == "trigger-missing")
    assert (finding.verdict, finding.causes[0].certainty) == ("pinned", "certain")
    command = f"oc set triggers deployment/app --from-image={here.namespace}/app:v1 -c app -n {here.namespace}"
    assert finding.causes[0].mends[0].command == command
    await follow(here)
    await here.fine()


async def test_the_trigger_rewrites_what_was_applied(here: Bench) -> None:
    of_stream = push(here, "node.war")
    await stream(here, of_stream)
    wanted = here.lab.push({"wanted.war": here.namespace.encode()}, f"{here.namespace}/wanted:v1")
    manifest = bench.workload(wanted, annotations=trigger())
    here.lab.kubectl("-n", here.namespace, "apply", "-f-", stdin=manifest)
    finding = await here.finding("stale")
    assert named(finding) == ("trigger-rewrites", "certain")
    removed, changed = finding.causes[0].mends[0].command.split(" && ")
    source = f"--from-image={here.namespace}/app:v1"
    assert removed == f"oc set triggers deployment/app {source} -c app --remove -n {here.namespace}"
    await annotate(here, None)
    await here.type(changed)
    await here.fine()


async def test_a_short_name_was_resolved_once(here: Bench) -> None:
    await stream(here, push(here, "node.war"), lookupPolicy={"local": True})
    here.lab.kubectl("-n", here.namespace, "apply", "-f-", stdin=bench.workload("app:v1"))
    await here.fine()
    await stream(here, push(here, "registry.war"), lookupPolicy={"local": True})
    finding = await here.finding("stale")
    assert named(finding) == ("lookup-local", "certain")
    await here.mend(finding)
    await here.fine()


async def test_the_stream_was_deleted(here: Bench) -> None:
    source = push(here, "node.war")
    await stream(here, source)
    await here.deploy(source.pinned, annotations=trigger())
    await here.fine()
    await here.cluster.delete(resources.IMAGE_STREAMS, here.namespace, "app")
    finding = await here.finding("unknown")
    assert named(finding) == ("stream-deleted", "certain")
    await here.mend(finding)
    await here.fine()


async def test_other_credentials_may_not_use_the_image(here: Bench) -> None:
    """The kubelet pulled it with the secret of the service account `default`; another account has another secret."""
    await stream(here, push(here, "registry.war"))
    image = f"{names.INTERNAL_REGISTRY}/{here.namespace}/app:v1"
    await here.make(
        resources.PODS, {"metadata": {"name": "first"}, "spec": {"containers": [{"name": "app", "image": image}]}}
    )
    await here.fine()
    await here.make(resources.SERVICE_ACCOUNTS, {"metadata": {"name": "other"}})
    await here.deploy(image, policy="Never", serviceAccountName="other")
    found = await here.until(lambda those: "failing" in {each.verdict for each in those})
    [finding] = [each for each in found if each.verdict == "failing"]
    assert named(finding) == ("credential-check", "certain")
    await here.mend(finding)
    await here.fine()


async def test_an_old_revision_names_what_was_pruned(here: Bench) -> None:
    """The revision's digest is gone from the registry and from the stream's history."""
    before = push(here, "node.war")
    await stream(here, push(here, "registry.war"))
    await here.deploy(internal(here, before.digest))
    finding = await here.finding("failing")
    assert named(finding) == ("revision-pruned", "certain")
    await here.mend(finding)
    await here.until(lambda those: {each.verdict for each in those} == {"pinned"})


async def pointed(here: Bench) -> str:
    """The digest that app:v1 points to."""
    found = await here.cluster.get(resources.IMAGE_STREAMS, here.namespace, "app")
    return str(found["status"]["tags"][0]["items"][0]["image"])


def internal(here: Bench, digest: str) -> str:
    """An image of the stream as the internal registry calls it."""
    return f"{names.INTERNAL_REGISTRY}/{here.namespace}/app@{digest}"


async def follow(here: Bench) -> None:
    """What `oc set triggers` writes."""
    await annotate(here, trigger()[names.TRIGGERS])


async def annotate(here: Bench, triggers: str | None) -> None:
    changed = {"metadata": {"annotations": {names.TRIGGERS: triggers}}}
    await here.cluster.patch(resources.DEPLOYMENTS, here.namespace, "app", changed)
