"""A Build out of a BuildConfig or of another Build, and what its phases mean. Pure: names and times are the caller's.

Upstream: openshift/api build/v1 types.go, openshift-apiserver 4.22 pkg/build/apiserver/buildgenerator/generator.go
(generateBuildFromConfig, generateBuildFromBuild) and registry/build/strategy.go (manageConditions), openshift/library-go
pkg/build/naming.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pullscope.kube import meta
from pullscope.openshift import buildspec, names

Object = dict[str, Any]

NEW: Final = "New"
PENDING: Final = "Pending"
RUNNING: Final = "Running"
COMPLETE: Final = "Complete"
FAILED: Final = "Failed"
ERROR: Final = "Error"
CANCELLED: Final = "Cancelled"
ACTIVE = (PENDING, RUNNING)
OVER = frozenset({COMPLETE, FAILED, ERROR, CANCELLED})

SERIAL: Final = "Serial"
LATEST_ONLY: Final = "SerialLatestOnly"
PARALLEL: Final = "Parallel"
POLICIES = (PARALLEL, SERIAL, LATEST_ONLY)

ACCOUNT = "builder"
SOURCE_CONTAINER, DOCKERFILE_CONTAINER = "git-clone", "manage-dockerfile"
CONTAINERS: Mapping[str, str] = {"sourceStrategy": "sti-build", "dockerStrategy": "docker-build"}
"""The container that builds, by strategy."""

_LONGEST_NAME = 253
_LONGEST_LABEL = 63
_HASH = 8
_REVISION: Mapping[str, tuple[str, ...]] = {
    "commit": ("commit",),
    "message": ("message",),
    "authorName": ("author", "name"),
    "authorEmail": ("author", "email"),
    "committerName": ("committer", "name"),
    "committerEmail": ("committer", "email"),
}
_KEPT = ("nodeSelector", "output", "postCommit", "resources", "completionDeadlineSeconds", "mountTrustedCA")


class OptionsError(ValueError):
    """Options of a request that the strategy does not have. The message is upstream's."""


@dataclass(frozen=True)
class Request:
    """What starts a build. `binary` is its uploaded source (None: none), `asked` the rest of the BuildRequest."""

    binary: Object | None = None
    revision: Object | None = None
    triggered_by: Sequence[Object] | None = None
    asked: Mapping[str, Any] = field(default_factory=dict)


def name(base: str, suffix: str, longest: int = _LONGEST_NAME) -> str:
    """`base-suffix`; a base that is too long is cut, and its hash put in between."""
    whole = f"{base}-{suffix}"
    if len(whole) <= longest:
        return whole
    prefix = base[: max(longest - len(suffix) - _HASH - 2, 0)]
    return f"{prefix}-{meta.fnv1a_32(base.encode()):08x}-{suffix}"


def pod_name(build: str) -> str:
    """The name of the pod that does the build: `app-1-build`."""
    return name(build, "build")


def label_value(text: str) -> str:
    """As much of a name as a label may hold."""
    return text[:_LONGEST_LABEL].rstrip("-_.")


def number(build: Object) -> int:
    """Which of its config's builds it is; 0 for one without a config."""
    text = (build["metadata"].get("annotations") or {}).get(names.BUILD_NUMBER, "")
    return int(text) if text.isdecimal() else 0


def config_of(build: Object) -> str:
    """The name of its BuildConfig, empty for a build without one."""
    found: str = (((build.get("status") or {}).get("config")) or {}).get("name", "")
    return found or (build["metadata"].get("labels") or {}).get(names.BUILD_CONFIG_NAME, "")


def policy(build: Object) -> str:
    """The run policy that it was made under."""
    return (build["metadata"].get("labels") or {}).get(names.BUILD_START_POLICY) or SERIAL


def of_config(config: Object, request: Request, image: str | None) -> Object:
    """The Build that the config's `status.lastVersion` numbers, as it is created; `image` is what its strategy builds on.

    Raises OptionsError.
    """
    metadata, spec, last = config["metadata"], config["spec"], config["status"]["lastVersion"]
    owner = meta.owner_reference({**config, "apiVersion": "build.openshift.io/v1", "kind": "BuildConfig"})
    owner.pop("blockOwnerDeletion")
    label = label_value(metadata["name"])
    marks = {names.LEGACY_BUILD_CONFIG: label, names.BUILD_CONFIG_NAME: label}
    marks[names.BUILD_START_POLICY] = spec.get("runPolicy") or SERIAL
    asked = request.asked.get("metadata") or {}
    numbered = {names.BUILD_CONFIG_NAME: metadata["name"], names.BUILD_NUMBER: str(last)}
    build = {
        "apiVersion": "build.openshift.io/v1",
        "kind": "Build",
        "metadata": {
            "name": name(metadata["name"], str(last)),
            "namespace": metadata["namespace"],
            "labels": {**(asked.get("labels") or {}), **(metadata.get("labels") or {}), **marks},
            "annotations": {**(asked.get("annotations") or {}), **numbered},
            "ownerReferences": [owner],
        },
        "spec": {
            "serviceAccount": spec.get("serviceAccount") or ACCOUNT,
            **{key: spec[key] for key in _KEPT if key in spec},
            "source": _source(spec.get("source") or {}, request.binary),
            "strategy": _strategy(spec, image),
            **({"revision": request.revision} if request.revision else {}),
        },
        "status": {
            "phase": NEW,
            "config": {"kind": "BuildConfig", "namespace": metadata["namespace"], "name": metadata["name"]},
        },
    }
    return _with_options(build, request, f"{metadata['namespace']}/{metadata['name']}")


def _source(source: Object, binary: Object | None) -> Object:
    """An upload takes the place of a repository; without one nothing of it is left."""
    kept = {key: value for key, value in source.items() if key not in ("type", "binary")}
    if binary is not None:
        kept.pop("git", None)
        kept["binary"] = binary
        if binary.get("asFile") == "Dockerfile":
            kept.pop("dockerfile", None)
    return {"type": buildspec.source_type(kept), **kept}


def _strategy(spec: Object, image: str | None) -> Object:
    field_, chosen = buildspec.strategy(spec)
    if image is not None:
        chosen = {**chosen, "from": {"kind": "DockerImage", "name": image}}
    return {**spec["strategy"], field_: chosen} if field_ else dict(spec["strategy"])


def cloned(build: Object, config: Object | None, request: Request, suffix: str) -> Object:
    """Another Build like `build`, without its upload, numbered by the config's `status.lastVersion`.

    Without a config its name ends in `suffix`. Raises OptionsError.
    """
    metadata, base = build["metadata"], build["metadata"]["name"]
    annotations = {key: value for key, value in (metadata.get("annotations") or {}).items() if key not in names.OF_RUN}
    annotations[names.BUILD_CLONE_OF] = base
    if config is not None:
        suffix, base = str(config["status"]["lastVersion"]), config["metadata"]["name"]
        annotations[names.BUILD_NUMBER] = suffix
    elif re.fullmatch(r".+-\d{10}", base):
        base = base.rpartition("-")[0]
    state = build.get("status") or {}
    new: Object = {
        "apiVersion": "build.openshift.io/v1",
        "kind": "Build",
        "metadata": {
            "name": name(base, suffix),
            "namespace": metadata["namespace"],
            "annotations": annotations,
            **{key: metadata[key] for key in ("labels", "ownerReferences") if key in metadata},
        },
        "spec": {**build["spec"], "source": _source(build["spec"]["source"], None)},
        "status": {"phase": NEW, **({"config": state["config"]} if "config" in state else {})},
    }
    return _with_options(new, request, f"{metadata['namespace']}/{base}")


def _with_options(build: Object, request: Request, place: str) -> Object:
    """The build with why it was started, and with the environment and the options of the request."""
    spec, asked = build["spec"], request.asked
    spec["triggeredBy"] = list(request.triggered_by) if request.triggered_by else None
    field_, chosen = buildspec.strategy(spec)
    changes: Object = {}
    if asked.get("env"):
        changes["env"] = _replaced(chosen.get("env") or (), asked["env"])
    docker = {
        key: value for key, value in (asked.get("dockerStrategyOptions") or {}).items() if value not in (None, [])
    }
    if docker and field_ != "dockerStrategy":
        raise OptionsError(f"Cannot specify Docker build specific options on {place}, not a Docker build.")
    if "buildArgs" in docker:
        docker["buildArgs"] = _replaced(chosen.get("buildArgs") or (), docker["buildArgs"])
    source = {key: value for key, value in (asked.get("sourceStrategyOptions") or {}).items() if value is not None}
    if source and field_ != "sourceStrategy":
        raise OptionsError(f"Cannot specify Source build specific options on {place}, not a Source build.")
    if changes := {**changes, **docker, **source}:
        spec["strategy"] = {**spec["strategy"], field_: {**chosen, **changes}}
    return build


def _replaced(old: Sequence[Object], new: Sequence[Object]) -> list[Object]:
    """Variables: those of `new` in the place of those of the same name."""
    given = {each["name"] for each in new}
    return [*(each for each in old if each["name"] not in given), *new]


def revision_of(query: Mapping[str, str]) -> Object | None:
    """The `revision.*` values of a request's query, which `oc start-build` finds out; None without a commit."""
    if not query.get("revision.commit"):
        return None
    git: Object = {}
    for given, (*above, last) in _REVISION.items():
        if value := query.get(f"revision.{given}"):
            place = git
            for key in above:
                place = place.setdefault(key, {})
            place[last] = value
    return {"type": "Git", "git": git}


def manage_conditions(build: Object, now: str) -> None:
    """One condition for each phase that was reached: that of the current phase is true, with its reason and message."""
    status = build["status"]
    if not (phase := status.get("phase")):
        return
    why = {key: status[key] for key in ("reason", "message") if status.get(key)}
    conditions = status.setdefault("conditions", None) or []
    status["conditions"] = [_told(each, phase, why, now) for each in conditions]
    if all(each["type"] != phase for each in conditions):
        made = {"type": phase, "status": "True", "lastUpdateTime": now, "lastTransitionTime": now, **why}
        status["conditions"].append(made)


def _told(old: Object, phase: str, why: Object, now: str) -> Object:
    wanted = {"status": "True", **why} if old["type"] == phase else {"status": "False"}
    if old["status"] == wanted["status"] and (wanted["status"] == "False" or _why(old) == why):
        return old
    since = old.get("lastTransitionTime") if old["status"] == wanted["status"] else now
    return {"type": old["type"], **wanted, "lastUpdateTime": now, "lastTransitionTime": since}


def _why(condition: Object) -> Object:
    return {key: condition[key] for key in ("reason", "message") if condition.get(key)}
