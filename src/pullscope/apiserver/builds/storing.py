"""BuildConfigs and Builds where they are kept: how they are written. Their parts (`instantiate`, `log` …) come with `resources`.

Upstream: openshift-apiserver 4.22 pkg/build/apiserver/registry/build/strategy.go and registry/buildconfig/strategy.go.
"""

from typing import Any

from pullscope.apiserver import strategies
from pullscope.apiserver.builds import printing, validation
from pullscope.apiserver.handlers import Context
from pullscope.apiserver.kinds import Kind, Strategy
from pullscope.apiserver.storage import Storage
from pullscope.apiserver.store.records import Stored
from pullscope.kube import meta, resources
from pullscope.kube.api import Object
from pullscope.openshift import buildreasons, builds, buildspec

_HISTORY_LIMIT = 5
_DETAILS = ("phase", "reason", "message", "stages")


class Builds(Storage):
    """The store's verbs; the conditions of a build always tell of its phase."""

    def _prepare(self, context: Context, new: Object) -> None:
        self._settle(new)
        super()._prepare(context, new)

    def _changed(self, context: Context, stored: Stored, change: Any, strategy: Strategy) -> Object:
        new = super()._changed(context, stored, change, strategy)
        self._settle(new)
        return new

    def _settle(self, build: Object) -> None:
        builds.manage_conditions(build, meta.timestamp(self._clock.now()))


def _default_config(obj: Object) -> None:
    spec = obj["spec"] = obj.get("spec") or {}
    spec["runPolicy"] = spec.get("runPolicy") or builds.SERIAL
    spec["triggers"] = spec.get("triggers") or []
    for trigger in spec["triggers"]:
        if trigger.get("type") == "ImageChange":
            trigger["imageChange"] = trigger.get("imageChange") or {}
    buildspec.default(spec)
    obj.setdefault("status", {}).setdefault("lastVersion", 0)


def _create_config(obj: Object) -> None:
    strategies.first_generation(obj)
    for limit in ("successfulBuildsHistoryLimit", "failedBuildsHistoryLimit"):
        obj["spec"].setdefault(limit, _HISTORY_LIMIT)
    _drop_unknown_triggers(obj)


def _update_config(new: Object, old: Object) -> None:
    _drop_unknown_triggers(new)
    last, before = new["status"]["lastVersion"], old["status"]["lastVersion"]
    new["status"]["lastVersion"] = max(last, before)  # a number is never given twice
    if new["spec"] != old["spec"] or last > before:
        new["metadata"]["generation"] = old["metadata"].get("generation", 0) + 1


def _drop_unknown_triggers(obj: Object) -> None:
    """As upstream, also those that can never start anything."""
    spec = obj["spec"]
    base = buildspec.input_image(spec) or {}
    spec["triggers"] = [
        each
        for each in spec["triggers"]
        if each.get("type") in validation.TRIGGERS
        and (each["type"] != "ImageChange" or each["imageChange"].get("from") or base.get("kind") == "ImageStreamTag")
    ]


def _default_build(obj: Object) -> None:
    spec = obj["spec"] = obj.get("spec") or {}
    buildspec.default(spec)
    spec.setdefault("triggeredBy", None)
    state = obj.setdefault("status", {})
    state["phase"] = state.get("phase") or builds.NEW
    state.setdefault("output", {})


def _update_build(new: Object, old: Object) -> None:
    """The reason of a failure is the builder's word, which nobody overwrites; but for want of memory, it may not know."""
    state, before = new["status"], old["status"]
    if before["phase"] == builds.FAILED and state.get("reason") != buildreasons.OUT_OF_MEMORY.name:
        new["status"] = _with(state, {field: before.get(field) for field in ("reason", "message")})
    strategies.next_generation(new, old)


def _update_details(new: Object, old: Object) -> None:
    """What the build's pod may say of it: how it ended and why, what it pushed, which revision it found."""
    said, before = dict(new["status"]), old["status"]
    if said.get("phase") not in builds.OVER:
        said["phase"] = before["phase"]
    new["spec"] = _with(old["spec"], {"revision": new["spec"].get("revision")})
    new["status"] = _with(before, {field: said.get(field) for field in _DETAILS})
    new["status"]["output"] = _with(before.get("output") or {}, {"to": (said.get("output") or {}).get("to")})


def _with(old: Object, values: Object) -> Object:
    """`old` with these values; those that are empty are not there."""
    return {field: value for field, value in {**old, **values}.items() if value or field not in values}


BUILD = Kind(
    resource=resources.BUILDS,
    table=printing.BUILDS,
    handler=Builds,
    strategy=Strategy(
        create=strategies.first_generation,
        update=_update_build,
        validate=lambda obj: validation.common(obj["spec"]),
        validate_update=validation.build_update,
    ),
    default=_default_build,
)

CONFIG = Kind(
    resource=resources.BUILD_CONFIGS,
    table=printing.CONFIGS,
    handler=Storage,
    strategy=Strategy(
        create=_create_config,
        update=_update_config,
        validate=validation.config,
        validate_update=lambda new, _: validation.config(new),
    ),
    default=_default_config,
)

DETAILS = Strategy(update=_update_details, validate_update=validation.details_update)
NUMBERED = Strategy(update=_update_config)
"""A config that the server itself gave its next number."""
