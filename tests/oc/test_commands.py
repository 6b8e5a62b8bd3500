"""The commands of `pullscope oc` against a whole lab, and what the real oc wrote then (`screens`)."""

import re
from pathlib import Path
from typing import Any

import yaml
from tests.oc import screens
from tests.oc.conftest import Oc
from tests.oc.screens import Screen

from pullscope.oc import debugging
from pullscope.oc.debugging import Program
from pullscope.testing.lab import Lab

RECORDED = {run: screen.settled for run, screen in screens.recorded().items()}


def deployment(folder: Path, image: object, **spec: Any) -> str:
    """The tutorial's deployment.yml."""
    labels = {"app": "pull-demo"}
    pod = {"containers": [{"name": "app", "image": str(image), "imagePullPolicy": "IfNotPresent"}]}
    template = {"metadata": {"labels": labels}, "spec": pod}
    whole = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template, **spec}
    path = folder / "deployment.yml"
    document = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "pull-demo"}, "spec": whole}
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return str(path)


def below(screen: Screen, line: str) -> str:
    """What was printed from a line on: above it there are words that depend on the image."""
    return screen.stdout[screen.stdout.index(line) :]


async def test_projects(oc: Oc, pullscope_lab: Lab) -> None:
    assert await oc("new-project", oc.project) == RECORDED["new-project-dup"]
    assert await oc("project") == RECORDED["project-show"]
    assert await oc("project", oc.project) == RECORDED["project"]
    assert await oc("whoami") == RECORDED["whoami"]
    assert await oc("status") == RECORDED["status-empty"]
    assert "  * demo - Demo\n" in await oc.done("projects")
    missing = await oc("project", "nope")
    assert missing.stderr.startswith(
        'error: A project named "nope" does not exist on "https://HOST".\nYour projects are:\n* '
    )
    assert "\n* Demo (demo)\n" in missing.stderr
    document = yaml.safe_load(oc.kubeconfig.read_bytes())
    assert document["current-context"].startswith(f"{oc.project}/127-0-0-1:")


async def test_logging_in_and_out(kubeadmin: Oc, pullscope_lab: Lab) -> None:
    server = pullscope_lab.server
    assert await kubeadmin("login", "-u", "developer", "-p", "wrong", server) == RECORDED["login-badpass"]
    assert await kubeadmin("login", "--token=sha256~bad", f"--server={server}") == RECORDED["login-badtoken"]
    assert (await kubeadmin.done("login", "-u", "developer", "-p", "developer", server)).startswith(
        "Login successful.\n\n"
    )
    token = (await kubeadmin.done("whoami", "-t")).strip()
    assert token.startswith("sha256~")
    assert await kubeadmin.done("whoami") == "developer\n"
    assert await kubeadmin.done("logout") == RECORDED["logout"].stdout.replace("kubeadmin", "developer")
    assert (await kubeadmin("login", f"--token={token}", server)).exit == 1


async def test_what_is_not_there(oc: Oc) -> None:
    assert await oc("get", "foos") == RECORDED["get-unknown"]
    assert await oc("get", "pod", "nope") == RECORDED["get-notfound"]
    assert await oc("exec", "nopod", "--", "ls") == RECORDED["exec-nopod"]
    assert await oc("start-build", "nobc", "--from-dir=.") == RECORDED["start-build-nobc"]
    assert await oc("start-build", "x", "--from-dir=nosuch") == RECORDED["start-build-missingdir"]
    assert await oc("new-app", "missingthing") == RECORDED["new-app-missing"]
    assert await oc("get", "pods") == Screen(0, "", "No resources found in demo namespace.\n")
    unknown = await oc("explain", "pod")
    assert unknown.stderr.startswith(
        'error: unknown command "explain" for "pullscope oc"\n\nThe real oc has them all: https://'
    )


async def test_applying(oc: Oc, pullscope_lab: Lab, tmp_path: Path) -> None:
    image = pullscope_lab.push("node.war", "oc/applied:v1")
    file = deployment(tmp_path, image)
    assert await oc("apply", "-f", file) == RECORDED["apply-noopenapi"]
    assert await oc("apply", "-f", file) == RECORDED["apply-unchanged2"]
    deployment(tmp_path, image, revisionHistoryLimit=3)
    assert await oc("apply", "-f", file) == RECORDED["apply-change-noopenapi"]
    deployment(tmp_path, image)
    assert await oc("apply", "-f", file) == RECORDED["apply-change-noopenapi"]
    patch = '{"spec":{"template":{"spec":{"containers":[{"name":"app","imagePullPolicy":"Always"}]}}}}'
    assert await oc("patch", "deployment", "pull-demo", "-p", patch) == RECORDED["patch-strategic"]
    assert await oc.done("get", "deploy", "-o", "name") == "deployment.apps/pull-demo\n"
    applied = yaml.safe_load(await oc.done("get", "deployment/pull-demo", "-o", "yaml"))
    assert applied["spec"]["template"]["spec"]["containers"][0]["imagePullPolicy"] == "Always"
    pullscope_lab.kubectl("rollout", "status", "deployment/pull-demo", "-n", oc.project, "--timeout", "30s")
    assert await oc.done("logs", "deployment/pull-demo") == 'Deployed "/deployments/node.war"\nready\n'
    assert await oc("exec", "deployment/pull-demo", "--", "sh", "-c", "exit 7") == Screen(
        7, "", "command terminated with exit code 7\n"
    )
    assert await oc("rsh", "deployment/pull-demo", stdin="echo abc\nexit 5\n") == Screen(
        5, "abc\n", RECORDED["rsh-i"].stderr.partition("\n")[2]
    )
    kinds = [line.partition("/")[0] for line in (await oc.done("get", "all")).splitlines() if "/pull-demo" in line]
    assert list(dict.fromkeys(kinds)) == ["pod", "deployment.apps", "replicaset.apps"]
    assert await oc("delete", "-f", file) == RECORDED["delete-f"]


async def test_waiting_for_a_pods_end(oc: Oc, pullscope_lab: Lab, tmp_path: Path) -> None:
    image = pullscope_lab.push("node.war", "oc/deleted:v1")
    await oc.done("apply", "-f", deployment(tmp_path, image))
    pullscope_lab.kubectl("rollout", "status", "deployment/pull-demo", "-n", oc.project, "--timeout", "30s")
    name = (await oc.done("get", "pods", "-o", "name")).strip().removeprefix("pod/")
    deleted = await oc("delete", "pod", name)
    assert deleted.stdout.replace(name, "NAME") == 'pod "NAME" deleted from demo namespace\n'
    assert (await oc("get", "pod", name)).exit == 1


async def test_streams(oc: Oc, pullscope_lab: Lab) -> None:
    image = str(pullscope_lab.push("ROOT.war", "team/myapp:1.0"))
    assert await oc("import-image", "other:1", "--from=x.example/x:1") == RECORDED["import-image-noconfirm"]
    assert await oc("import-image", "a/b/c:1", "--from=x/a/b/c:1", "--confirm") == RECORDED["import-image-deepslash"]
    imported = await oc("import-image", "myapp:1.0", f"--from={image}", "--confirm")
    size = "Image Size:"
    assert (imported.exit, imported.stdout.partition(size)[0]) == (
        0,
        RECORDED["import-image"].stdout.partition(size)[0],
    )
    assert await oc("tag", "myapp:1.0", "custom-image-java:v1") == Screen(
        0, RECORDED["tag-istag"].stdout.replace("custom-image-java@", "myapp@"), ""
    )
    assert await oc("tag", "-d", "custom-image-java:v1") == RECORDED["tag-delete"]
    assert await oc("tag", image.replace(":1.0", ":3.0"), "myapp:3.0") == RECORDED["tag-docker"]
    scheduled = (
        "--source=docker",
        image.replace(":1.0", ":4.0"),
        "myapp:4.0",
        "--scheduled",
        "--reference-policy=local",
    )
    assert await oc("tag", *scheduled) == RECORDED["tag-scheduled"]
    assert await oc("delete", "istag", "myapp:3.0") == RECORDED["delete-istag"]
    assert await oc("create", "imagestream", "newis") == RECORDED["create-is"]
    assert (
        await oc("patch", "is", "custom-image-java", "-p", '{"metadata":{"annotations":{"a":"b"}}}')
        == RECORDED["patch-is"]
    )
    assert await oc("delete", "is", "newis") == RECORDED["delete-is"]
    failed = await oc("import-image", "bad:1", f"--from={pullscope_lab.registry}/nothing/here:1", "--confirm")
    assert (failed.exit, failed.stdout.partition("\n")[0]) == (
        1,
        RECORDED["import-image-fail"].stdout.partition("\n")[0],
    )
    assert failed.stderr.endswith("\nerror: imported completed with errors\n")


async def test_importing_all_tags(oc: Oc, pullscope_lab: Lab) -> None:
    source = f"{pullscope_lab.registry}/oc/every"
    for tag in ("1", "2"):
        pullscope_lab.push(f"{tag}.war", f"oc/every:{tag}")
    nothing = await oc("import-image", "none", "--all", f"--from={pullscope_lab.registry}/oc/none", "--confirm")
    assert nothing.exit == 1
    assert nothing.stdout.startswith("imagestream.image.openshift.io/none imported with errors\n")
    assert "/oc/none" in nothing.stderr.splitlines()[0]
    await oc.done("import-image", "all", "--all", f"--from={source}", "--confirm")
    tags = await oc.done("get", "istag", "-o", "name")
    assert [line for line in tags.splitlines() if "/all:" in line] == [
        "imagestreamtag.image.openshift.io/all:1",
        "imagestreamtag.image.openshift.io/all:2",
    ]
    again = await oc.done("import-image", "all", "--all")
    assert "\nImage Name:\tall:2\n" in again
    unconfirmed = (
        "error: the image stream does not currently import an entire image repository, pass --confirm to update\n"
    )
    assert await oc("import-image", "all", "--all", f"--from={source}") == Screen(1, "", unconfirmed)
    await oc.done("create", "imagestream", "empty")
    empty = "error: image stream does not have tags pointing to external container images\n"
    assert await oc("import-image", "empty", "--all") == Screen(1, "", empty)


async def test_tagging_into_another_project(oc: Oc, pullscope_lab: Lab) -> None:
    image = str(pullscope_lab.push("away.war", "oc/away:v1"))
    await oc.done("import-image", "away:v1", f"--from={image}", "--confirm")
    told = await oc.done("tag", "away:v1", "default/oc-away:v1")
    assert told == "Tag oc-away:v1 set to demo/away@DIGEST.\n"
    await oc.done("delete", "is", "oc-away", "-n", "default")


async def test_builds(oc: Oc, pullscope_lab: Lab, tmp_path: Path) -> None:
    name, base = "custom-image-java", "eap74-openjdk11-openshift-rhel8:7.4.21"
    await oc.done("import-image", base, f"--from={pullscope_lab.push('base.war', 'oc/base:v1')}", "--confirm")
    words = ("new-build", f"--image-stream={oc.project}/{base}", "--binary=true", f"--name={name}")
    made = await oc(*words)
    assert made.stdout.partition("\n")[0] == RECORDED["new-build"].stdout.partition("\n")[0]
    assert below(made, "    * A source") == below(RECORDED["new-build"], "    * A source")
    again = await oc(*words)
    assert below(again, "--> Creating") == below(RECORDED["new-build-exists"], "--> Creating")
    assert (again.exit, again.stderr) == (1, RECORDED["new-build-exists"].stderr.removesuffix("\n") + "\n")
    nothing = ("new-build", f"--image-stream={oc.project}/nope:1", "--binary=true", "--name=x1")
    assert await oc(*nothing) == RECORDED["new-build-noimg"]
    assert await oc("new-app", name) == RECORDED["new-app-nobuildyet"]
    hint = "has no valid source inputs, if this is a binary build you must specify one of '--from-dir', "
    missing = f"error: Build configuration demo/{name} {hint}'--from-repo', or '--from-file'\n"
    assert await oc("start-build", name) == Screen(1, "", missing)
    (tmp_path / "deployment").mkdir()
    (tmp_path / "deployment" / "ROOT.war").write_text("a shop", encoding="utf-8")
    built = await oc("start-build", name, f"--from-dir={tmp_path / 'deployment'}", "--follow", "--wait")
    assert (built.exit, built.stdout.partition("\n")[0]) == (0, RECORDED["start-build"].stdout.partition("\n")[0])
    assert built.stdout.endswith("Push successful\n")
    assert built.stderr.replace(str(tmp_path) + "/", "") == RECORDED["start-build"].stderr
    assert (await oc.done("logs", f"bc/{name}")) == built.stdout.partition("\n")[2]
    app = await oc("new-app", name)
    assert (app.exit, app.stdout.partition("\n")[0]) == (0, RECORDED["new-app"].stdout.partition("\n")[0])
    pullscope_lab.kubectl("rollout", "status", f"deployment/{name}", "-n", oc.project, "--timeout", "30s")
    assert '"/deployments/ROOT.war"' in await oc.done("logs", f"deployment/{name}")
    told = (await oc.done("status")).splitlines()[2:5]
    assert told[:2] == [
        f"deployment/{name} deploys istag/{name}:latest <-",
        f"  bc/{name} source builds uploaded code on istag/{base} ",
    ]
    assert re.fullmatch(r"  deployment #\d running for .* - 1 pod", told[2])
    refused = await oc("new-app", name)
    assert refused.stderr == RECORDED["new-app-exists"].stderr.partition("\n")[0] + "\n"


async def test_debugging_a_node(oc: Oc) -> None:
    shown = await oc("debug", "node/crc", "--", "chroot", "/host", "crictl", "images")
    assert (shown.exit, shown.stderr) == (0, RECORDED["debug-node-cmd"].stderr)
    assert shown.stdout.split()[:5] == ["IMAGE", "TAG", "IMAGE", "ID", "SIZE"]
    failed = await oc("debug", "node/crc", "--", "sh", "-c", "exit 3")
    assert (failed.exit, failed.stderr) == (1, RECORDED["debug-node-fail"].stderr)


async def test_debugging_a_workload(oc: Oc, pullscope_lab: Lab, tmp_path: Path) -> None:
    """A copy of its pod, with a shell of the toolbox in its image's root; as recorded but for the names."""
    image = pullscope_lab.push("node.war", "oc/debugged:v1")
    await oc.done("apply", "-f", deployment(tmp_path, image))
    shown = await oc("debug", "deployment/pull-demo", "--", "ls", "/deployments")
    words = re.fullmatch(r"Starting pod/pull-demo-debug-(\w{5}) \.\.\.\n\nRemoving debug pod \.\.\.\n", shown.stderr)
    assert (shown.exit, shown.stdout, words is not None) == (0, "node.war\n", True)
    pods = (await oc.done("get", "pods", "-o", "name")).split()
    assert [name for name in pods if "debug" in name] == []
    (pod,) = pods
    failed = await oc("debug", pod, "--", "sh", "-c", "exit 3")
    assert (failed.exit, failed.stderr.splitlines()[-1]) == (1, "error: non-zero exit code from debug container")
    refused = await oc("debug", "serviceaccount/default", "--", "ls")
    assert (refused.exit, refused.stderr) == (
        1,
        "error: serviceaccount/default makes no pods: there is nothing to debug\n",
    )
    await oc.done("delete", "deployment", "pull-demo")


def test_a_copy_to_debug_is_what_oc_makes() -> None:
    """The body that the real oc sent for `oc debug deployment/pull-demo -- id`, defaults apart."""
    container = {"name": "app", "image": "i", "env": [{"name": "A", "value": "b"}], "livenessProbe": {"exec": {}}}
    template = {"metadata": {"labels": {"app": "x"}}, "spec": {"containers": [container], "restartPolicy": "Always"}}
    metadata = {"name": "pull-demo", "namespace": "demo"}
    source = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {"template": template}}
    made = debugging.copied_pod("n", source, Program("i", ["id"], stdin=False, tty=False, container="app"))
    assert made["metadata"] == {
        "name": "n",
        "namespace": "demo",
        "annotations": {
            "debug.openshift.io/source-container": "app",
            "debug.openshift.io/source-resource": "apps/v1, Resource=deployments/pull-demo",
        },
    }
    streams = {"stdin": False, "stdinOnce": False, "tty": False}
    copied = {"name": "app", "image": "i", "env": [{"name": "A", "value": "b"}], "command": ["id"], **streams}
    assert made["spec"] == {"containers": [copied], "restartPolicy": "Never"}


async def test_all_of_a_kind(oc: Oc, pullscope_lab: Lab, tmp_path: Path) -> None:
    """What goes with something else is no mistake of who deletes all."""
    image = pullscope_lab.push("node.war", "oc/all:v1")
    await oc.done("apply", "-f", deployment(tmp_path, image))
    pullscope_lab.kubectl("rollout", "status", "deployment/pull-demo", "-n", oc.project, "--timeout", "30s")
    assert 'deployment.apps "pull-demo" deleted from demo namespace\n' in await oc.done("delete", "all", "--all")
    assert await oc("delete", "all", "-l", "a=b") == Screen(0, "No resources found\n", "")
