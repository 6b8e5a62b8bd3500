"""The pod that does a build. Pure.

Its containers run words of this program's own (`builder.words`) that an image of ours marks, under the names that
upstream's builder image has for its programs: one takes the source, one sees to the Dockerfile, one builds and pushes.

Upstream: openshift-controller-manager 4.22 pkg/build/controller/strategy (sti.go, docker.go, util.go). Left out is what those
programs need of a real node: privileges, its pull secrets and trust bundles, caches.
"""

from typing import Any

import orjson

from pullscope.kube import meta
from pullscope.kube.api import Object
from pullscope.openshift import builder, builds, buildspec, names

_DEADLINE = 7 * 24 * 3600
_SECRET_MODE = 0o600


def pod(build: Object, image: str) -> Object:
    """The pod of a build whose images and secrets are all resolved; `image` is what its containers are made of."""
    spec, name = build["spec"], build["metadata"]["name"]
    field, chosen = buildspec.strategy(spec)
    container = _container(builds.CONTAINERS[field], build, image)
    container["volumeMounts"] = [_WORKDIR, {"name": "container-storage-root", "mountPath": builder.STORAGE}]
    volumes: list[Object] = [{"name": each, "emptyDir": {}} for each in ("buildworkdir", "container-storage-root")]
    for what, path, secret in (
        ("push", builder.PUSH, spec["output"].get("pushSecret")),
        ("pull", builder.PULL, chosen.get("pullSecret")),
    ):
        if secret is not None:
            volumes.append(_secret(secret["name"], what))
            container["volumeMounts"].append({"name": volumes[-1]["name"], "mountPath": path, "readOnly": True})
            container["env"].append({"name": f"{what.upper()}_DOCKERCFG_PATH", "value": path})
    owner = meta.owner_reference({**build, "apiVersion": "build.openshift.io/v1", "kind": "Build"})
    owner.pop("blockOwnerDeletion")
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": builds.pod_name(name),
            "namespace": build["metadata"]["namespace"],
            "labels": {names.BUILD_NAME: builds.label_value(name)},
            "annotations": {names.BUILD_NAME: name},
            "ownerReferences": [owner],
        },
        "spec": {
            "serviceAccountName": spec.get("serviceAccount") or builds.ACCOUNT,
            "initContainers": _init_containers(build, image),
            "containers": [container],
            "volumes": volumes,
            "restartPolicy": "Never",
            "activeDeadlineSeconds": spec.get("completionDeadlineSeconds") or _DEADLINE,
            **({"nodeSelector": spec["nodeSelector"]} if spec.get("nodeSelector") else {}),
        },
    }


_WORKDIR = {"name": "buildworkdir", "mountPath": builder.WORK}


def _init_containers(build: Object, image: str) -> list[Object]:
    made = []
    if build["spec"]["source"].get("binary") is not None:
        taking = _container(builds.SOURCE_CONTAINER, build, image)
        made.append(taking | {"stdin": True, "stdinOnce": True, "volumeMounts": [_WORKDIR]})
    made.append(_container(builds.DOCKERFILE_CONTAINER, build, image) | {"volumeMounts": [_WORKDIR]})
    return made


def _container(name: str, build: Object, image: str) -> dict[str, Any]:
    env = [{"name": builder.BUILD, "value": _told(build)}, {"name": "LANG", "value": "C.utf8"}]
    if directory := build["spec"]["source"].get("contextDir"):
        env.append({"name": "SOURCE_CONTEXT_DIR", "value": directory})
    return {
        "name": name,
        "image": image,
        "args": [builder.word(name)],
        "env": env,
        "resources": build["spec"]["resources"],
        "imagePullPolicy": "IfNotPresent",
        "terminationMessagePolicy": "FallbackToLogsOnError",
    }


def _told(build: Object) -> str:
    """The build as its pod reads it. The kubelet would replace what looks like a variable."""
    metadata = {key: value for key, value in build["metadata"].items() if key != "managedFields"}
    return orjson.dumps({**build, "metadata": metadata}).decode().replace("$", "$$")


def _secret(name: str, what: str) -> Object:
    volume = builds.name(name, what, 63).replace(".", "-")
    return {"name": volume, "secret": {"secretName": name, "defaultMode": _SECRET_MODE}}
