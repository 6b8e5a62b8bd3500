"""More of what people type at kubectl, judged by the real one: explain, diff, edit, wait, prune, cascades, conflicts."""

import asyncio
import json
import random
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.apiserver.kubectl import Kubectl
from tests.apiserver.support import deployment, pod

from pullscope.apiserver.resources.all_kinds import ALL
from pullscope.apiserver.schemas import types
from pullscope.base.clock import SystemClock
from pullscope.kube import resources
from pullscope.kube.api import Api

IMAGE = ["spec", "template", "spec", "containers", 0, "image"]


@pytest.fixture
def clock() -> SystemClock:
    return SystemClock()


@pytest.fixture
async def web(api: Api) -> str:
    """A deployment, by the name that kubectl has for it."""
    await api.create(resources.DEPLOYMENTS, "demo", deployment())
    return "deployment/web"


async def test_explain_knows_every_kind(kubectl: Kubectl) -> None:
    """Each run asks for other ones: kubectl takes its time."""
    known = random.sample([kind.resource for kind in ALL if types.of(kind.resource.api_version, kind.resource.kind)], 4)

    async def explained(resource: resources.Resource) -> str:
        return await kubectl("explain", resource.plural, f"--api-version={resource.api_version}")

    texts = await asyncio.gather(*(explained(resource) for resource in known))
    for resource, text in zip(known, texts, strict=True):
        assert f"KIND:       {resource.kind}" in text
    tree = await kubectl("explain", "deployment.spec.template", "--recursive")
    assert "imagePullPolicy\t<string>" in tree
    assert 'field "nosuch" does not exist' in await kubectl("explain", "pod.spec.nosuch", code=1)


async def test_lists_for_people(kubectl: Kubectl, web: str) -> None:
    wide = (await kubectl("get", "all", "-A", "-o", "wide")).splitlines()
    assert wide[0].split() == [
        *("NAMESPACE", "NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"),
        *("CONTAINERS", "IMAGES", "SELECTOR"),
    ]
    assert wide[1].split()[-3:] == ["app", "registry.example/app:v1", "app=web"]
    served = (await kubectl("api-resources", "-o", "wide")).splitlines()
    pods = next(line for line in served if line.startswith("pods "))
    assert "create,delete,deletecollection,get,list,patch,update,watch   all" in pods
    assert json.loads(await kubectl("get", "--raw", "/apis/apps"))["preferredVersion"]["version"] == "v1"
    assert await kubectl("get", web, "-o", "jsonpath={.spec.replicas}") == "1"
    columns = "custom-columns=N:.metadata.name,I:.spec.template.spec.containers[*].image"
    assert (await kubectl("get", web, "-o", columns)).split() == ["N", "I", "web", "registry.example/app:v1"]
    assert "Metrics API not available" in await kubectl("top", "nodes", code=1)
    assert "No events found in demo namespace." in (await kubectl.said("events"))[1]


async def test_wait(kubectl: Kubectl, api: Api, web: str) -> None:
    waiting = await kubectl.start("wait", web, "--for=condition=Available", "--timeout=20s")
    status = {"conditions": [{"type": "Available", "status": "True"}]}
    await api.patch(resources.DEPLOYMENTS, "demo", "web", {"status": status}, subresource="status")
    out, _ = await waiting.communicate()
    assert out.decode() == "deployment.apps/web condition met\n"
    going = await kubectl.start("wait", web, "--for=delete", "--timeout=20s")
    await api.delete(resources.DEPLOYMENTS, "demo", "web")
    await going.communicate()
    assert going.returncode == 0
    late = await kubectl("wait", "pod", "-l", "a=b", "--for=condition=Ready", "--timeout=1s", code=1)
    assert "no matching resources found" in late


async def test_diff_and_edit(kubectl: Kubectl, api: Api, web: str, tmp_path: Path) -> None:
    file = tmp_path / "web.yaml"
    file.write_text(yaml.safe_dump(deployment(image="registry.example/app:v2")), encoding="utf-8")
    out, _ = await kubectl.said("diff", "-f", str(file), code=1)
    changed = [line.split()[-1] for line in out.splitlines() if line.startswith(("-  ", "+  ")) and "image:" in line]
    assert changed == ["registry.example/app:v1", "registry.example/app:v2"]
    script = (
        "import pathlib, sys; f = pathlib.Path(sys.argv[1]); f.write_text(f.read_text().replace('app:v1', 'app:v3'))"
    )
    editor = shlex.join([sys.executable, "-c", script])
    assert await kubectl("edit", web, KUBE_EDITOR=editor) == "deployment.apps/web edited\n"
    edited: Any = await api.get(resources.DEPLOYMENTS, "demo", "web")
    for step in IMAGE:
        edited = edited[step]
    assert edited == "registry.example/app:v3"


async def test_three_kinds_of_patches(kubectl: Kubectl, api: Api, web: str) -> None:
    for kind, patch in (
        ("strategic", {"spec": {"template": {"spec": {"containers": [{"name": "app", "image": "a:v2"}]}}}}),
        ("merge", {"metadata": {"labels": {"a": "b"}}}),
        ("json", [{"op": "replace", "path": "/spec/replicas", "value": 2}]),
    ):
        assert await kubectl("patch", web, f"--type={kind}", "-p", json.dumps(patch)) == "deployment.apps/web patched\n"
    made = await api.get(resources.DEPLOYMENTS, "demo", "web")
    assert (made["spec"]["replicas"], made["metadata"]["labels"]) == (2, {"a": "b"})
    assert len(made["spec"]["template"]["spec"]["containers"]) == 1
    bad = await kubectl("patch", web, "--type=json", "-p", '[{"op": "remove", "path": "/nosuch"}]', code=1)
    assert "the server rejected our request due to an error in our request" in bad
    scaled = ("patch", web, "--subresource=scale", "--type=merge", "-p", '{"spec":{"replicas":5}}')
    assert await kubectl(*scaled) == "scale.autoscaling/web patched\n"


async def test_server_side_conflicts(kubectl: Kubectl, tmp_path: Path) -> None:
    file = tmp_path / "web.yaml"
    apply = ("apply", "--server-side", "-f", str(file))
    file.write_text(yaml.safe_dump(deployment(replicas=1)), encoding="utf-8")
    assert await kubectl(*apply) == "deployment.apps/web serverside-applied\n"
    file.write_text(yaml.safe_dump(deployment(replicas=2)), encoding="utf-8")
    conflict = await kubectl(*apply, "--field-manager=another", code=1)
    assert 'conflict with "kubectl": .spec.replicas' in conflict
    forced = await kubectl(*apply, "--field-manager=another", "--force-conflicts")
    assert forced == "deployment.apps/web serverside-applied\n"


async def test_prune(kubectl: Kubectl, api: Api, tmp_path: Path) -> None:
    file = tmp_path / "all.yaml"

    async def apply(*names: str) -> list[str]:
        maps = [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": n, "labels": {"a": "b"}}} for n in names]
        file.write_text(yaml.safe_dump_all(maps), encoding="utf-8")
        options = ("--prune", "-l", "a=b", "--prune-allowlist=core/v1/ConfigMap")
        return (await kubectl("apply", "-f", str(file), *options)).splitlines()

    assert await apply("one", "two") == ["configmap/one created", "configmap/two created"]
    assert await apply("two") == ["configmap/two unchanged", "configmap/one pruned"]


async def test_cascades(kubectl: Kubectl, api: Api) -> None:
    for name in ("orphaning", "foreground"):
        await api.create(resources.DEPLOYMENTS, "demo", deployment(name))
        await kubectl("delete", "deployment", name, f"--cascade={name.removesuffix('ing')}", "--wait=false")
    finalizers = {
        each["metadata"]["name"]: each["metadata"]["finalizers"]
        for each in (await api.list(resources.DEPLOYMENTS, "demo")).items
    }
    assert finalizers == {"orphaning": ["orphan"], "foreground": ["foregroundDeletion"]}


async def test_strict_apply_names_every_stranger(kubectl: Kubectl, tmp_path: Path) -> None:
    strange = pod(
        "strange", containers=[{"name": "a", "image": "b", "imagePullpolicy": "Always"}], restartpolicy="Never"
    )
    file = tmp_path / "pod.yaml"
    file.write_text(yaml.safe_dump(strange), encoding="utf-8")
    error = await kubectl("apply", "--validate=strict", "-f", str(file), code=1)
    assert 'unknown field "spec.containers[0].imagePullpolicy", unknown field "spec.restartpolicy"' in error
    warned, words = await kubectl.said("apply", "--validate=warn", "-f", str(file))
    assert warned == "pod/strange created\n"
    assert words.count("Warning: unknown field") == 2


async def test_commands_side_by_side(kubectl: Kubectl, web: str) -> None:
    """Labels by one, annotations by another, at the same time: nobody's change is lost."""
    await asyncio.gather(
        kubectl("label", web, "a=1"), kubectl("annotate", web, "b=2"), kubectl("scale", web, "--replicas=3")
    )
    made = json.loads(await kubectl("get", web, "-o", "json"))
    metadata = made["metadata"]
    assert (metadata["labels"]["a"], metadata["annotations"]["b"], made["spec"]["replicas"]) == ("1", "2", 3)
