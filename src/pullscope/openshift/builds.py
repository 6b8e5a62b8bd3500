"""A Build out of a BuildConfig, and what its phases mean. Pure: names and times are the caller's.

Upstream: openshift/api build/v1 types.go, openshift-apiserver 4.22 pkg/build/apiserver/buildgenerator/generator.go
(generateBuildFromConfig), openshift-controller-manager pkg/build/buildutil and controller/build (phases, conditions).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pullscope.openshift import names

Object = dict[str, Any]

NEW: Final = "New"
PENDING: Final = "Pending"
RUNNING: Final = "Running"
COMPLETE: Final = "Complete"
FAILED: Final = "Failed"
ERROR: Final = "Error"
CANCELLED: Final = "Cancelled"
OVER = frozenset({COMPLETE, FAILED, ERROR, CANCELLED})

_LONGEST_NAME = 253
_LONGEST_POD_NAME = 63
_REVISION: Mapping[str, tuple[str, ...]] = {
    "commit": ("commit",),
    "message": ("message",),
    "authorName": ("author", "name"),
    "authorEmail": ("author", "email"),
    "committerName": ("committer", "name"),
    "committerEmail": ("committer", "email"),
}


@dataclass(frozen=True)
class Request:
    """What starts a build: why, the parts of `revision.*` that `oc start-build` found out, and the name of a single file."""

    triggered_by: tuple[Object, ...] = ({"message": "Manually triggered"},)
    revision: tuple[tuple[str, str], ...] = ()
    as_file: str = ""


def next_number(config: Object) -> int:
    """The number of the next build. The BuildConfig's `status.lastVersion` must be stored with it first."""
    return int((config.get("status") or {}).get("lastVersion") or 0) + 1


def build_name(config: str, number: int) -> str:
    """`app-1`; the config's name is cut when the two would be too long."""
    suffix = f"-{number}"
    return config[: _LONGEST_NAME - len(suffix)] + suffix


def pod_name(build: str) -> str:
    """The name of the pod that does the build: `app-1-build`."""
    return f"{build[: _LONGEST_POD_NAME - len('-build')]}-build"


def of_config(config: Object, number: int, request: Request) -> Object:
    """The Build with that number, as it is created: labels, annotations and owner included, its phase New."""
    metadata, spec = config["metadata"], config["spec"]
    name = metadata["name"]
    policy = spec.get("runPolicy") or "Serial"
    labels = {names.LEGACY_BUILD_CONFIG: name, names.BUILD_CONFIG_NAME: name, names.BUILD_START_POLICY: policy}
    kept = ("nodeSelector", "output", "postCommit", "resources", "strategy", "completionDeadlineSeconds")
    copied = {key: spec[key] for key in kept if key in spec}
    return {
        "apiVersion": "build.openshift.io/v1",
        "kind": "Build",
        "metadata": {
            "name": build_name(name, number),
            "namespace": metadata["namespace"],
            "labels": {**(metadata.get("labels") or {}), **labels},
            "annotations": {names.BUILD_CONFIG_NAME: name, names.BUILD_NUMBER: str(number)},
            "ownerReferences": [
                {
                    "apiVersion": "build.openshift.io/v1",
                    "kind": "BuildConfig",
                    "name": name,
                    "uid": metadata["uid"],
                    "controller": True,
                }
            ],
        },
        "spec": {
            "serviceAccount": spec.get("serviceAccount") or "builder",
            **copied,
            "source": _source(spec.get("source") or {}, request),
            **_revision(request),
            "triggeredBy": [dict(cause) for cause in request.triggered_by],
        },
        "status": {
            "phase": NEW,
            "config": {"kind": "BuildConfig", "namespace": metadata["namespace"], "name": name},
            "output": {},
        },
    }


def _source(source: Object, request: Request) -> Object:
    if source.get("type") != "Binary":
        return source
    return {**source, "binary": {"asFile": request.as_file} if request.as_file else {}}


def _revision(request: Request) -> Object:
    git: Object = {}
    for name, value in request.revision:
        *above, last = _REVISION[name]
        place = git
        for key in above:
            place = place.setdefault(key, {})
        place[last] = value
    return {"revision": {"type": "Git", "git": git}} if git else {}


def revision_of(query: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The `revision.*` values of a request's query, those that are known and not empty."""
    found = ((name, query.get(f"revision.{name}", "")) for name in _REVISION)
    return tuple((name, value) for name, value in found if value)


def enter(build: Object, phase: str, now: str, *, reason: str = "", message: str = "") -> None:
    """Note in the build that it has reached `phase` at the time `now`; reason and message say why it failed.

    Each phase leaves a condition; that of the phase before is over.
    """
    status = build["status"]
    status["phase"] = phase
    for key, value in (("reason", reason), ("message", message)):
        status.pop(key, None)
        if value:
            status[key] = value
    conditions = status.setdefault("conditions", [])
    for condition in conditions:
        if condition["status"] == "True":
            condition |= {"status": "False", "lastUpdateTime": now, "lastTransitionTime": now}
    why = {key: value for key, value in (("reason", reason), ("message", message)) if value}
    made = {"type": phase, "status": "True", "lastUpdateTime": now, "lastTransitionTime": now, **why}
    status["conditions"] = [*(old for old in conditions if old["type"] != phase), made]
