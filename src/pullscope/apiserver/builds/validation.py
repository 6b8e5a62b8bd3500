"""Is a BuildConfig or Build one that can be kept, and may it become another?

Upstream: openshift-apiserver 4.22 pkg/build/apis/build/validation/validation.go. What the builder here does not do is refused
by name.
"""

import posixpath
from collections.abc import Iterator
from typing import Any

from pullscope.apiserver import syntax, workloads
from pullscope.kube import causes, names
from pullscope.kube.api import Object
from pullscope.kube.status import Cause
from pullscope.oci import reference
from pullscope.oci.reference import InvalidReferenceError
from pullscope.openshift import builds, buildspec, streams

_UNSUPPORTED = "not supported by pullscope"
_UNSUPPORTED_SOURCES = ("git", "images", "secrets", "configMaps", "sourceSecret")
_UNSUPPORTED_STRATEGIES = ("customStrategy", "jenkinsPipelineStrategy")
_UNSUPPORTED_OPTIONS = ("volumes", "scripts", "incremental")
_HOOKS = {"GitHub": "github", "GitLab": "gitlab", "Bitbucket": "bitbucket", "Generic": "generic"}
TRIGGERS = (*_HOOKS, "ImageChange", "ConfigChange")
_DOCKERFILE_MAX = 60 * 1000
_OPTIMIZATIONS = ("None", "SkipLayers", "SkipLayersAndWarn")
_NO_INPUT = "must provide a value for at least one source input(git, binary, dockerfile, images)."
_ONE_STRATEGY = (
    "must provide a value for exactly one of sourceStrategy, customStrategy, dockerStrategy, or jenkinsPipelineStrategy"
)
_AS_FILE = "file name may not contain slashes or relative path segments and must be a valid POSIX filename"


def config(obj: Object) -> Iterator[Cause]:
    """Everything that is wrong with a BuildConfig."""
    spec = obj["spec"]
    base = buildspec.input_image(spec)
    seen = set()
    for index, trigger in enumerate(spec.get("triggers") or ()):
        yield from _trigger(trigger, base, f"spec.triggers[{index}]")
        if trigger.get("type") == "ImageChange":
            source = (trigger.get("imageChange") or {}).get("from") or base or {}
            place = (source.get("namespace") or obj["metadata"].get("namespace"), source.get("name"))
            if place in seen:
                why = "multiple ImageChange triggers refer to the same image stream tag"
                yield workloads.object_invalid("spec.triggers", spec["triggers"], why)
            seen.add(place)
    if spec.get("runPolicy") not in builds.POLICIES:
        why = "run policy must Parallel, Serial, or SerialLatestOnly"  # upstream's sentence
        yield causes.invalid("spec.runPolicy", spec.get("runPolicy", ""), why)
    yield from workloads.non_negative(spec, "spec", "successfulBuildsHistoryLimit", "failedBuildsHistoryLimit")
    yield from common(spec)


def common(spec: Object) -> Iterator[Cause]:
    """What is wrong with what BuildConfigs and Builds share."""
    field, chosen = buildspec.strategy(spec)
    if field == "dockerStrategy" and buildspec.source_type(spec["source"]) == "None":
        yield no_input()
    yield from _source(spec["source"])
    deadline = spec.get("completionDeadlineSeconds")
    if deadline is not None and deadline <= 0:
        why = "completionDeadlineSeconds must be a positive integer greater than 0"
        yield causes.invalid("spec.completionDeadlineSeconds", deadline, why)
    yield from _output(spec["output"])
    if sum(spec["strategy"].get(each) is not None for each in buildspec.STRATEGIES) != 1:
        yield workloads.object_invalid("spec.strategy", spec["strategy"], _ONE_STRATEGY)
    else:
        yield from _strategy(field, chosen, f"spec.strategy.{field}")
    if spec["postCommit"]:
        yield causes.forbidden("spec.postCommit", f"{_UNSUPPORTED}: nothing is executed in images that are built")


def no_input() -> Cause:
    """There is nothing to build: `oc start-build` knows it by its field."""
    return causes.invalid("spec.source", "", _NO_INPUT)


def _source(source: Object) -> Iterator[Cause]:
    for field in _UNSUPPORTED_SOURCES:
        if source.get(field):
            hint = ": upload the source with --from-dir, --from-file or --from-archive" if field == "git" else ""
            yield causes.forbidden(f"spec.source.{field}", _UNSUPPORTED + hint)
    yield from binary(source.get("binary") or {}, "spec.source.binary")
    if len((source.get("dockerfile") or "").encode()) > _DOCKERFILE_MAX:
        yield causes.invalid("spec.source.dockerfile", "", f"must be smaller than {_DOCKERFILE_MAX} bytes")
    directory = source.get("contextDir") or ""
    if directory and posixpath.normpath(directory).startswith(".."):
        yield causes.invalid("spec.source.contextDir", directory, "context dir must not be a relative path")


def binary(source: Object, path: str) -> Iterator[Cause]:
    """What is wrong with the name that an upload shall have."""
    if name := source.get("asFile"):
        cleaned = posixpath.normpath(name).removeprefix("/")
        if cleaned in ("", ".") or cleaned.startswith("..") or not {"/", "\\", "\0"}.isdisjoint(cleaned):
            yield causes.invalid(f"{path}.asFile", name, _AS_FILE)


def _strategy(field: str, chosen: Object, path: str) -> Iterator[Cause]:
    if field in _UNSUPPORTED_STRATEGIES:
        yield causes.forbidden(path, _UNSUPPORTED)
        return
    if field == "sourceStrategy" or chosen.get("from") is not None:
        yield from _image(chosen.get("from") or {}, f"{path}.from")
    yield from _secret(chosen.get("pullSecret"), f"{path}.pullSecret")
    for option in _UNSUPPORTED_OPTIONS:
        if chosen.get(option):
            yield causes.forbidden(f"{path}.{option}", _UNSUPPORTED)
    optimization = chosen.get("imageOptimizationPolicy")
    if optimization is not None and optimization not in _OPTIMIZATIONS:
        why = "must be unset, 'None', 'SkipLayers', or 'SkipLayersAndWarn'"
        yield causes.invalid(f"{path}.imageOptimizationPolicy", optimization, why)
    yield from _relative(chosen.get("dockerfilePath") or "", f"{path}.dockerfilePath")
    for name in ("env", "buildArgs"):
        yield from _variables(chosen.get(name) or (), f"{path}.{name}")


def _relative(given: str, path: str) -> Iterator[Cause]:
    cleaned = posixpath.normpath(given) if given else ""
    if cleaned.startswith(("/", "../")) or cleaned == "..":
        yield causes.invalid(path, given, "dockerfilePath must be a relative path within your source location")


def _variables(variables: Any, path: str) -> Iterator[Cause]:
    for index, each in enumerate(variables):
        if not each.get("name"):
            yield causes.required(f"{path}[{index}].name")
        else:
            complaints = syntax.environment_name(each["name"])
            yield from (causes.invalid(f"{path}[{index}].name", each["name"], why) for why in complaints)
        if each.get("valueFrom"):
            yield causes.forbidden(f"{path}[{index}].valueFrom", _UNSUPPORTED)


def _output(output: Object) -> Iterator[Cause]:
    if output.get("to") is not None:
        yield from _target(output["to"], "spec.output.to")
    yield from _secret(output.get("pushSecret"), "spec.output.pushSecret")
    seen: set[str] = set()
    for index, label in enumerate(output.get("imageLabels") or ()):
        path, name = f"spec.output.imageLabels[{index}].name", label.get("name", "")
        if not name:
            yield causes.required(path)
        elif name in seen:
            yield causes.invalid(path, name, "duplicate name")
        seen.add(name)


def _target(target: Object, path: str) -> Iterator[Cause]:
    name, namespace = target.get("name", ""), target.get("namespace", "")
    match target.get("kind"):
        case "ImageStreamTag":
            form = "ImageStreamTag object references must be in the form <name>:<tag>"
            yield from _stream_tag(name, path, form, "ImageStreamTag name contains invalid syntax")
            if namespace and names.dns1123_subdomain(namespace):
                yield causes.invalid(f"{path}.namespace", namespace, "namespace must be a valid subdomain")
        case "DockerImage":
            if namespace:
                why = "namespace is not valid when used with a 'DockerImage'"
                yield causes.invalid(f"{path}.namespace", namespace, why)
            yield from _docker_image(name, path, "name is not a valid Docker pull specification")
        case kind:
            why = "the target of build output must be an 'ImageStreamTag' or 'DockerImage'"
            yield causes.invalid(f"{path}.kind", kind, why)


def _image(image: Object, path: str) -> Iterator[Cause]:
    name, namespace = image.get("name", ""), image.get("namespace", "")
    match image.get("kind"):
        case "ImageStreamTag":
            yield from _stream_tag(name, path, "must be <name>:<tag>", "invalid name syntax")
        case "DockerImage":
            if namespace:
                yield causes.invalid(f"{path}.namespace", namespace, "not valid when used with a 'DockerImage'")
            if not name:
                yield causes.required(f"{path}.name")
            else:
                yield from _docker_image(name, path, "not a valid Docker pull specification")
        case "ImageStreamImage":
            if not name:
                yield causes.required(f"{path}.name")
        case None | "":
            yield causes.required(f"{path}.kind")
        case kind:
            why = "must be 'ImageStreamTag', 'ImageStreamImage', or 'DockerImage'"
            yield causes.invalid(f"{path}.kind", kind, why)
    if namespace and image.get("kind") != "DockerImage" and names.dns1123_subdomain(namespace):
        yield causes.invalid(f"{path}.namespace", namespace, "must be a valid namespace")


def _stream_tag(name: str, path: str, form: str, syntax: str) -> Iterator[Cause]:
    split = streams.split_tag(name)
    if not name:
        yield causes.required(f"{path}.name")
    elif split is None:
        yield causes.invalid(f"{path}.name", name, form)
    elif "/" in split[0] or _unparsable(f"registry.local/project/{split[0]}"):
        yield causes.invalid(f"{path}.name", name, syntax)


def _docker_image(name: str, path: str, words: str) -> Iterator[Cause]:
    if why := _unparsable(name):
        yield causes.invalid(f"{path}.name", name, f"{words}: {why}")


def _unparsable(name: str) -> str:
    try:
        reference.parse(name)
    except InvalidReferenceError as error:
        return str(error)
    return ""


def _secret(secret: Object | None, path: str) -> Iterator[Cause]:
    if secret is not None and not secret.get("name"):
        yield causes.required(f"{path}.name")


def _trigger(trigger: Object, base: Object | None, path: str) -> Iterator[Cause]:
    kind = trigger.get("type")
    if hook := _HOOKS.get(str(kind)):
        yield from _hook(trigger.get(hook), f"{path}.{hook}", generic=hook == "generic")
    elif kind == "ImageChange":
        source = (trigger.get("imageChange") or {}).get("from")
        if source is None and (base or {}).get("kind") != "ImageStreamTag":
            why = "a default ImageChange trigger can only be used when the build strategy includes an ImageStreamTag reference."
            yield causes.invalid(f"{path}.imageChange", f"build from: {(base or {}).get('name', '')}", why)
        elif source is not None and source.get("kind") != "ImageStreamTag":
            why = "only an ImageStreamTag type of reference is allowed in an ImageChange trigger."
            yield causes.invalid(f"{path}.imageChange.from.kind", source.get("kind", ""), why)
        elif source is not None:
            yield from _image(source, f"{path}.from")


def _hook(hook: Object | None, path: str, *, generic: bool) -> Iterator[Cause]:
    if hook is None:
        yield causes.required(path)
        return
    if not hook.get("secret") and hook.get("secretReference") is None:
        why = "must provide a value for at least one of secret or secretReference"
        yield workloads.object_invalid(path, hook, why)
    if hook.get("secretReference") is not None and not hook["secretReference"].get("name"):
        yield causes.required(f"{path}.secretReference.name")
    if hook.get("allowEnv") and not generic:
        yield workloads.object_invalid(f"{path}.allowEnv", hook, "git webhooks cannot allow env vars")


def build_update(new: Object, old: Object) -> Iterator[Cause]:
    """What a Build may not become: another one, or one that runs again."""
    before, after = old["status"]["phase"], new["status"].get("phase")
    if before in builds.OVER and before != after:
        yield causes.invalid("status.phase", after, "phase cannot be updated from a terminal state")
    if _immutable(new) != _immutable(old):
        value = "content of spec is not printed out, please refer to the details"
        yield causes.invalid("spec", value, "spec is immutable")


def _immutable(build: Object) -> Object:
    """The spec without the push secret, which the controller adds."""
    output = {key: value for key, value in build["spec"]["output"].items() if key != "pushSecret"}
    return {**build["spec"], "output": output}


def details_update(new: Object, old: Object) -> Iterator[Cause]:
    """The revision is said once."""
    before, after = old["spec"].get("revision"), new["spec"].get("revision")
    if before is not None and after is None:
        yield causes.invalid("spec.revision", None, "cannot set an empty revision in build spec")
    elif before is not None and before != after:
        yield causes.duplicate("spec.revision", (before.get("git") or {}).get("commit", ""))
