"""What a build needs before its pod can be made: where its images are, and with which secrets they are reached. Pure.

Upstream: openshift-controller-manager 4.22 pkg/build/controller/build/build_controller.go (createBuildPod,
resolveImageReferences, resolveImageSecretAsReference).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pullscope.kube.api import Object
from pullscope.oci import reference
from pullscope.oci.reference import InvalidReferenceError
from pullscope.openshift import buildreasons, buildspec
from pullscope.openshift.buildreasons import Reason
from pullscope.openshift.buildspec import Find, ResolveError
from pullscope.pull import keyring
from pullscope.pull.keyring import KeyringError

_TYPES = ("kubernetes.io/dockercfg", "kubernetes.io/dockerconfigjson")


@dataclass(frozen=True)
class Ready:
    """The build with every reference resolved, and with its secrets."""

    build: Object


@dataclass(frozen=True)
class Blocked:
    """Something is missing. `fails`: nobody shall wait for it, else the build stays new until it is there."""

    reason: Reason
    fails: bool = False


def prepare(build: Object, find: Find, secrets: Sequence[Object] | None) -> Ready | Blocked:
    """The build as its pod needs it. `secrets` are those of its account, None when there is no such account."""
    spec, namespace = build["spec"], build["metadata"]["namespace"]
    output, (field, chosen) = dict(spec["output"]), buildspec.strategy(spec)
    if output.get("to") and output["to"].get("name"):
        place = buildspec.output_reference(output["to"], namespace, find)
        if place is None:
            return Blocked(buildreasons.OUTPUT, fails=spec["source"].get("binary") is not None)
        output["to"] = {"kind": "DockerImage", "name": place}
    try:
        chosen = _resolved(chosen, namespace, find)
    except ResolveError:
        return Blocked(buildreasons.IMAGE)
    if output.get("to") and not output.get("pushSecret"):
        output["pushSecret"] = secret_for(output["to"]["name"], secrets)
    if not chosen.get("pullSecret"):
        chosen["pullSecret"] = secret_for((chosen.get("from") or {}).get("name", ""), secrets)
    if chosen["pullSecret"] is None or (output.get("to") and output["pushSecret"] is None):
        return Blocked(buildreasons.ACCOUNT)
    state = {key: value for key, value in build["status"].items() if key not in ("reason", "message")}
    if output.get("to"):
        state["outputDockerImageReference"] = output["to"]["name"]
    strategy = {**spec["strategy"], field: chosen}
    return Ready({**build, "spec": {**spec, "output": output, "strategy": strategy}, "status": state})


def _resolved(chosen: Object, namespace: str, find: Find) -> Object:
    source = chosen.get("from")
    if source is None:
        return dict(chosen)
    return {**chosen, "from": {"kind": "DockerImage", "name": buildspec.resolve(source, namespace, find)}}


def secret_for(image: str, secrets: Sequence[Object] | None) -> Object | None:
    """The secret that has credentials for the image; else any for registries. None when there is none."""
    known = [each for each in secrets or () if each.get("type") in _TYPES]
    try:
        name = reference.parse(image).name
    except InvalidReferenceError:
        name = ""
    fitting = [each for each in known if name and _fits(each, name)]
    chosen = next(iter(fitting or known), None)
    return {"name": chosen["metadata"]["name"]} if chosen is not None else None


def _fits(secret: Object, name: str) -> bool:
    try:
        return bool(keyring.lookup(keyring.make([secret]), name))
    except KeyringError:
        return False
