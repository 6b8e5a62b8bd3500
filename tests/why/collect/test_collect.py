"""Looking at a cluster over the wire: what is seen, by whom, and what is not."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.remote import peers
from tests.why.collect.api import Api, listed
from tests.why.collect.conftest import NAMESPACE, As

from pullscope.base.clock import SystemClock
from pullscope.base.errors import UnreachableError
from pullscope.clusters.cluster import connect
from pullscope.content.memory import MemoryStore
from pullscope.images import probe
from pullscope.kube.status import ApiError
from pullscope.oci import reference
from pullscope.pull.mirrors import Mirror
from pullscope.testing import images
from pullscope.testing.lab import Lab
from pullscope.why import judge, saving
from pullscope.why.collect import collect, ledger, rbac, scope
from pullscope.why.collect.collect import How
from pullscope.why.collect.scope import Scope
from pullscope.why.facts import Facts, KubeletSettings, Workload


async def seen(
    kubeconfig: Path, names: tuple[str, ...] = (), namespace: str | None = NAMESPACE, labels: str = ""
) -> Facts:
    async with connect(kubeconfig) as cluster:
        how = How(SystemClock(), environment={"REGISTRY_AUTH_FILE": "/nowhere"})
        return await collect.collect(cluster, Scope(namespace, scope.names(names), labels), how)


async def test_an_administrator_sees_it_all(lab: Lab) -> None:
    facts = await seen(lab.kubeconfig)
    (container,) = facts.containers
    assert (container.workload, container.image) == (
        Workload("Deployment", "app"),
        f"{lab.registry}/why-collect/app:v1",
    )
    assert container.state == "running"
    assert [event.reason for event in container.events] == ["Pulling", "Pulled"]
    assert container.template is not None
    assert container.template.changed is not None
    assert facts.unseen == ()
    assert facts.nodes is not None
    node = facts.nodes[container.node]
    assert (node.schedulable, node.settings) == (
        True,
        KubeletSettings("NeverVerifyPreloadedImages", serialize_pulls=False, max_images=-1),
    )
    assert node.images
    asked = facts.registry[container.image]
    running = facts.registry[container.image_id]
    assert (asked.status, running.status) == ("found", "found")
    assert asked.digest != running.digest
    assert [finding.verdict for finding in judge.judge(facts).findings] == ["stale"]


@pytest.mark.parametrize(
    ("name", "roles", "unseen"),
    [
        ("level-1", (), ["nodes", "mirrors"]),
        ("level-2", (rbac.NODES_ROLE,), ["kubelet settings"]),
        ("level-3", (rbac.NODES_ROLE, rbac.KUBELETS_ROLE), []),
    ],
)
async def test_with_the_printed_rights_and_nothing_else(
    lab: Lab, allowed: As, name: str, roles: tuple[str, ...], unseen: list[str]
) -> None:
    facts = await seen(allowed(name, *roles), ("deploy/app",))
    assert [each.what for each in facts.unseen] == unseen
    assert all(each.reason and each.cost for each in facts.unseen)
    assert (facts.nodes is None) == ("nodes" in unseen)
    (finding,) = judge.judge(facts).findings
    assert finding.verdict == "stale"


async def test_a_namespace_without_rights(allowed: As) -> None:
    with pytest.raises(ApiError, match='cannot list resource "pods" in API group "" in the namespace "default"'):
        await seen(allowed("elsewhere"), namespace="default")


@pytest.mark.parametrize(
    ("names", "labels", "count"),
    [
        (("deploy/app",), "", 1),
        ((), "app=app", 1),
        ((), "app=other", 0),
    ],
)
async def test_what_is_asked_about(lab: Lab, names: tuple[str, ...], labels: str, count: int) -> None:
    facts = await seen(lab.kubeconfig, names, labels=labels)
    assert len(facts.containers) == count


async def test_by_the_pod_and_by_its_replica_set(lab: Lab) -> None:
    everywhere = (await seen(lab.kubeconfig, namespace=None)).containers
    (container,) = [each for each in everywhere if each.namespace == NAMESPACE]
    assert (await seen(lab.kubeconfig, (f"pod/{container.pod}",))).containers == (container,)
    replica_set = container.pod.rpartition("-")[0]
    assert (await seen(lab.kubeconfig, (f"rs/{replica_set}", f"pod/{container.pod}"))).containers == (container,)


@pytest.mark.parametrize(
    ("names", "namespace", "said"),
    [
        (("deploy/nosuch",), NAMESPACE, 'deployments.apps "nosuch" not found'),
        (("pod/nosuch",), NAMESPACE, 'pods "nosuch" not found'),
        ((), "nosuch", 'namespaces "nosuch" not found'),
    ],
)
async def test_what_is_not_there(lab: Lab, names: tuple[str, ...], namespace: str, said: str) -> None:
    with pytest.raises(ApiError, match=said):
        await seen(lab.kubeconfig, names, namespace)


async def test_names_of_the_internal_registry_are_resolved_by_their_stream(lab: Lab) -> None:
    """Whoever asks has no way to that registry and no login there."""
    namespace = lab.create_namespace("streams")
    internal = f"image-registry.openshift-image-registry.svc:5000/{namespace}"
    stream = {
        "apiVersion": "image.openshift.io/v1",
        "kind": "ImageStream",
        "metadata": {"name": "app"},
        "spec": {
            "tags": [{"name": "v1", "from": {"kind": "DockerImage", "name": f"{lab.registry}/why-collect/app:v1"}}]
        },
    }
    lab.kubectl("-n", namespace, "apply", "-f", "-", stdin=stream)
    lab.kubectl("-n", namespace, "wait", "imagestream/app", "--for=jsonpath={.status.tags[0].items}", "--timeout=20s")
    for name, tag in (("app", "app:v1"), ("other", "nosuch:v1")):
        lab.kubectl("-n", namespace, "create", "deployment", name, f"--image={internal}/{tag}")
    facts = await seen(lab.kubeconfig, namespace=namespace)
    meant = facts.registry[f"{internal}/app:v1"]
    source = facts.registry[f"{lab.registry}/why-collect/app:v1"]
    assert (meant.status, meant.via) == ("found", f"imagestreamtag {namespace}/app:v1")
    assert meant.digest in source.manifests.values()  # of an index a stream has the one image that this cluster runs
    assert facts.registry[f"{internal}/nosuch:v1"].status == "no repository"
    assert facts.streams[f"{namespace}/app"].tags[0].follows == f"DockerImage {lab.registry}/why-collect/app:v1"
    assert not facts.streams[f"{namespace}/nosuch"].exists
    lab.delete_namespace(namespace)


async def test_no_secret_is_in_the_file(lab: Lab) -> None:
    """Those of the namespace, and whatever else the objects have that is nobody's business."""
    namespace = lab.create_namespace("secrets")
    lab.kubectl("-n", namespace, "create", "secret", "docker-registry", "mine", f"--docker-server={lab.registry}",
                "--docker-username=robot", "--docker-password=hunter2-of-the-registry")  # fmt: skip
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "private", "annotations": {"token": "hunter2-of-the-annotation"}},
        "spec": {
            "imagePullSecrets": [{"name": "mine"}],
            "containers": [
                {
                    "name": "app",
                    "image": f"{lab.registry}/why-collect/app:v1",
                    "env": [{"name": "PASSWORD", "value": "hunter2-of-the-environment"}],
                    "command": ["/app", "--password=hunter2-of-the-command"],
                }
            ],
        },
    }
    lab.kubectl("-n", namespace, "apply", "-f", "-", stdin=pod)
    facts = await seen(lab.kubeconfig, namespace=namespace)
    text = saving.text(facts).decode()
    assert facts.containers[0].pull_secrets[0] == "mine"
    assert "hunter2" not in text
    secrets = lab.kubectl("-n", namespace, "get", "secrets", "-o", "jsonpath={.items[*].data.*}").split()
    assert len(secrets) > 1
    assert [value for value in secrets if value in text] == []
    lab.delete_namespace(namespace)


def cluster(**answers: object) -> Api:
    namespace = {"metadata": {"name": "demo"}, "status": {"phase": "Active"}}
    return Api({"/api/v1/namespaces/demo": namespace, "/api/v1/namespaces/demo/pods": listed(), **answers})


async def of(api: Api) -> Facts:
    return await collect.collect(api, Scope("demo"), How(SystemClock(), environment={}))


async def test_a_namespace_that_is_being_deleted_is_said_so() -> None:
    going = {"metadata": {"name": "demo"}, "status": {"phase": "Terminating"}}
    facts = await of(cluster(**{"/api/v1/namespaces/demo": going}))
    assert ("namespace demo", "it is being deleted") in [(each.what, each.reason) for each in facts.unseen]


async def test_an_expired_token() -> None:
    class Expired(Api):
        async def version(self) -> str:
            raise ApiError(401, "Unauthorized", "Unauthorized")

    with pytest.raises(UnreachableError, match="does not let you in: Unauthorized") as refused:
        await of(Expired({}))
    assert "log in again" in refused.value.hint


async def test_images_with_weird_references() -> None:
    """None of them is asked about, none of them does harm."""
    weird = ["", " ", "UPPER/Case:v1", "a:b:c", "://", "a" * 3000, "x@sha256:12", "\u0000", "r.test/" + "a/" * 200]
    containers = [{"name": f"c{number}", "image": image} for number, image in enumerate(weird)]
    pod = {"metadata": {"name": "p", "namespace": "demo", "uid": "u"}, "spec": {"containers": containers}}
    facts = await of(cluster(**{"/api/v1/namespaces/demo/pods": listed(pod)}))
    assert [each.image for each in facts.containers] == weird
    assert facts.registry == {}
    assert len(judge.judge(facts).findings) == len(weird)
    assert saving.parse(saving.text(facts), "facts") == facts


async def test_a_cluster_that_lets_one_see_pods_and_nothing_else() -> None:
    api = cluster()
    del api.answers["/api/v1/namespaces/demo"]
    api.answers["/api/v1/namespaces/demo"] = ApiError(403, "Forbidden", "namespaces is forbidden")
    facts = await of(api)
    assert [each.what for each in facts.unseen] == ["the cluster's kind", "nodes", "events in namespace demo"]
    assert all(each.cost in ledger.COSTS.values() for each in facts.unseen)


async def test_a_registry_that_nodes_must_not_ask_is_answered_by_its_mirror() -> None:
    """Only the mirror is asked, and its answer is what the name means."""
    store = MemoryStore()
    root = probe.variant(store, "app.war")
    async with peers.ours() as address:
        await images.push(reference.parse(f"{address}/mirror/app:v1"), store, root)
        name, digest = "blocked.test/team/app", str(root.digest)
        entry = {
            "source": "blocked.test/team",
            "mirrors": [f"{address}/mirror"],
            "mirrorSourcePolicy": "NeverContactSource",
        }
        pod = {"metadata": {"name": "p", "namespace": "demo", "uid": "u"},
               "spec": {"containers": [{"name": "app", "image": f"{name}@{digest}"}]}}  # fmt: skip
        facts = await of(
            cluster(
                **{
                    "/apis": {"groups": [{"name": "image.openshift.io"}]},
                    "/api/v1/namespaces/demo/pods": listed(pod),
                    "/apis/config.openshift.io/v1/imagedigestmirrorsets": listed(
                        {"spec": {"imageDigestMirrors": [entry]}}
                    ),
                }
            )
        )
        mirrored = f"{address}/mirror/app@{digest}"
    assert facts.mirrors == (Mirror("blocked.test/team", f"{address}/mirror", "digest-only"),)
    found = facts.registry[mirrored]
    assert (found.status, found.digest) == ("found", digest)
    assert facts.registry[f"{name}@{digest}"] == replace(found, via=mirrored)
