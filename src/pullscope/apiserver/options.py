"""The options of requests, read out of query parameters and bodies: meta/v1 DeleteOptions, core/v1 PodLogOptions.

Upstream: k8s.io/apimachinery v0.36 pkg/apis/meta/v1/validation/validation.go, pkg/apis/core/validation (ValidatePodLogOptions).
"""

import re
from collections.abc import Mapping
from typing import Any, Literal

from pullscope.kube import causes, meta, status
from pullscope.kube.api import DeleteOptions, LogOptions, Object
from pullscope.kube.resources import Resource

Policy = Literal["Background", "Foreground", "Orphan"]
_DELETE_OPTIONS = Resource("meta.k8s.io", "v1", "deleteoptions", "DeleteOptions")
_LOG_OPTIONS = Resource("", "v1", "podlogoptions", "PodLogOptions")
_POLICIES: dict[str, Policy] = {"Background": "Background", "Foreground": "Foreground", "Orphan": "Orphan"}
NAMES = {"POST": "CreateOptions", "PUT": "UpdateOptions", "PATCH": "PatchOptions", "DELETE": "DeleteOptions"}
"""What the options of a write are called, by its method."""

_FALSE = ("false", "0")
_INT64_DIGITS, _INT64_END = 19, 1 << 63
_DURATION = re.compile(r"[+-]?(0|((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)", re.ASCII)


def boolean(parameters: Mapping[str, str], name: str) -> bool:
    """A query parameter that is true or false; an empty one is true, as upstream reads `?watch`."""
    return name in parameters and parameters[name].lower() not in _FALSE


def integer(parameters: Mapping[str, str], name: str) -> int | None:
    """A query parameter that is a number. Raises ApiError 400 when it is not one."""
    text = parameters.get(name)
    if not text:
        return None
    digits = text[1:] if text[0] in "+-" else text
    why = None if digits.isascii() and digits.isdigit() else "invalid syntax"
    if why is None and (len(digits) > _INT64_DIGITS or not -_INT64_END <= int(text) < _INT64_END):
        why = "value out of range"
    if why is not None:
        raise status.bad_request(f"strconv.ParseInt: parsing {causes.quote(text)}: {why}")
    return int(text)


def check_timeout(parameters: Mapping[str, str]) -> None:
    """Raises ApiError 400 when `timeout` is no duration. Answers do not take long enough to be cut off by one."""
    text = parameters.get("timeout")
    if not text or _DURATION.fullmatch(text):
        return
    why = (
        f"missing unit in duration {causes.quote(text)}"
        if text.isdecimal()
        else f"invalid duration {causes.quote(text)}"
    )
    # k8s.io/apiserver v0.36 pkg/endpoints/filters/request_deadline.go
    raise status.bad_request(f"invalid timeout specified in the request URL - time: {why}")


def delete_options(body: Object, parameters: Mapping[str, str] = {}) -> DeleteOptions:
    """What a DELETE asks, from its body, else its query. Raises ApiError 422 with upstream's sentences."""
    grace = body.get("gracePeriodSeconds", integer(parameters, "gracePeriodSeconds"))
    if grace is not None and grace < 0:
        grace = 1  # k8s.io/apiserver v0.36 pkg/registry/rest/delete.go
    policy = body.get("propagationPolicy") or parameters.get("propagationPolicy") or None
    orphans = body.get("orphanDependents")
    _check_policy(policy, orphans)
    if orphans is not None:
        policy = "Orphan" if orphans else "Background"
    preconditions = body.get("preconditions") or {}
    return DeleteOptions(
        grace, _POLICIES.get(policy or ""), preconditions.get("uid"), preconditions.get("resourceVersion")
    )


def _check_policy(policy: str | None, orphans: bool | None) -> None:
    found = []
    if policy is not None and orphans is not None:
        why = "orphanDependents and deletionPropagation cannot be both set"
        found.append(causes.invalid("propagationPolicy", policy, why))
    if policy is not None and policy not in _POLICIES:
        found.append(causes.not_supported("propagationPolicy", policy, [*_POLICIES, "nil"]))
    if found:
        raise status.invalid(_DELETE_OPTIONS, "", found)


def dry_run(parameters: Mapping[str, Any], kind: str, body: Object | None = None) -> bool:
    """`dryRun=All`, in the query or in a body's list. Raises ApiError 422 for any other; `kind` is what the options are called."""
    given = [*((body or {}).get("dryRun") or ()), *([parameters["dryRun"]] if "dryRun" in parameters else [])]
    if any(value != "All" for value in given):
        resource = Resource("meta.k8s.io", "v1", "", kind)
        raise status.invalid(resource, "", [causes.not_supported("dryRun", given, ["All"])])
    return bool(given)


_MANAGER_MAX = 128


def field_manager(parameters: Mapping[str, str], kind: str, *, required: bool = False) -> str:
    """The request's `fieldManager`, empty when it has none. Raises ApiError 422; `kind` is what the options are called."""
    name, found = parameters.get("fieldManager", ""), []
    if required and not name:
        found.append(causes.required("fieldManager", "is required for apply patch"))
    if not required and kind == "PatchOptions" and "force" in parameters:
        found.append(causes.forbidden("force", "may not be specified for non-apply patch"))
    if len(name.encode(errors="replace")) > _MANAGER_MAX:
        found.append(causes.too_long("fieldManager", _MANAGER_MAX))
    for place, letter in enumerate(name):
        if not letter.isprintable():
            why = f"invalid character U+{ord(letter):04X} (at position {place})"
            found.append(causes.invalid("fieldManager", name, why))
    if found:
        raise status.invalid(Resource("meta.k8s.io", "v1", "", kind), "", found)
    return name


def log_options(parameters: Mapping[str, str], pod: str) -> LogOptions:
    """What a request for a log asks. Raises ApiError 400 or 422 with upstream's sentences."""
    since = parameters.get("sinceTime") or None
    if since is not None:
        try:
            meta.parse_time(since)
        except ValueError:
            raise status.bad_request(f"parsing time {causes.quote(since)}: not an RFC 3339 time") from None
    read = LogOptions(
        container=parameters.get("container") or None,
        follow=boolean(parameters, "follow"),
        previous=boolean(parameters, "previous"),
        since_seconds=integer(parameters, "sinceSeconds"),
        since_time=since,
        timestamps=boolean(parameters, "timestamps"),
        tail_lines=integer(parameters, "tailLines"),
        limit_bytes=integer(parameters, "limitBytes"),
    )
    _check(read, parameters, pod)
    return read


def _check(read: LogOptions, parameters: Mapping[str, str], pod: str) -> None:
    found = []
    if read.tail_lines is not None and read.tail_lines < 0:
        found.append(causes.invalid("tailLines", read.tail_lines, "must be greater than or equal to 0"))
    if read.limit_bytes is not None and read.limit_bytes < 1:
        found.append(causes.invalid("limitBytes", read.limit_bytes, "must be greater than 0"))
    if read.since_seconds is not None and read.since_time is not None:
        found.append(causes.forbidden("", "at most one of `sinceTime` or `sinceSeconds` may be specified"))
    elif read.since_seconds is not None and read.since_seconds < 1:
        found.append(causes.invalid("sinceSeconds", read.since_seconds, "must be greater than 0"))
    if parameters.get("stream", "All") not in ("", "All"):
        found.append(causes.not_supported("stream", parameters["stream"], ["All"]))
    if found:
        raise status.invalid(_LOG_OPTIONS, pod, found)
