"""How BuildConfigs and Builds are printed.

Upstream: openshift-apiserver 4.22 pkg/build/printers/internalversion.
"""

import re
from datetime import datetime, timedelta
from typing import Any

from pullscope.apiserver import columns
from pullscope.apiserver.kinds import Table
from pullscope.kube import meta, table
from pullscope.kube.api import Object
from pullscope.openshift import ages, buildspec, names
from pullscope.pull import reasons

_HASH = re.compile(r"[a-fA-F0-9]{21,}")
_TYPE = table.column("Type", description="Type is the kind of build strategy.")
_FROM = table.column("From", description="From is where the source comes from.")


def _from(spec: Object) -> str:
    """The source, in a word: `Binary`, `Binary@5b12ca0`, `Dockerfile`."""
    source = spec.get("source") or {}
    words = [word for field, word in (("dockerfile", "Dockerfile"), ("git", "Git")) if source.get(field) is not None]
    word = "Binary" if source.get("binary") is not None else ",".join(words) or buildspec.source_type(source)
    revision = ((spec.get("revision") or {}).get("git") or {}).get("commit") or (source.get("git") or {}).get("ref")
    if not revision or word == "Dockerfile":
        return word
    return f"{word}@{revision[:7] if _HASH.fullmatch(revision) else revision}"


def _config_cells(obj: Object, _now: datetime) -> list[Any]:
    spec = obj["spec"]
    return [obj["metadata"]["name"], buildspec.strategy_type(spec), _from(spec), obj["status"]["lastVersion"]]


def _build_cells(obj: Object, now: datetime) -> list[Any]:
    spec, state = obj["spec"], obj["status"]
    phase = f"{state['phase']} ({state['reason']})" if state.get("reason") else state["phase"]
    started = state.get("startTimestamp")
    since = ages.ago(meta.parse_time(started), now) if started else ""
    took = reasons.go_duration(timedelta(microseconds=state["duration"] // 1000)) if state.get("duration") else ""
    return [obj["metadata"]["name"], buildspec.strategy_type(spec), _from(spec), phase, since, took]


def _build_order(obj: Object) -> tuple[str | int, ...]:
    """The oldest first; those of one second by their number, as their names would not."""
    metadata = obj["metadata"]
    number = (metadata.get("annotations") or {}).get(names.BUILD_NUMBER, "")
    return metadata["creationTimestamp"], len(number), number


CONFIGS = Table(
    (
        columns.NAME,
        _TYPE,
        _FROM,
        table.column("Latest", description="Latest is the number of the last build."),
    ),
    _config_cells,
)

BUILDS = Table(
    (
        columns.NAME,
        _TYPE,
        _FROM,
        table.column("Status", description="Status is the phase of the build, and why."),
        table.column("Started", description="Started is when its pod was started."),
        table.column("Duration", description="Duration is how long it took."),
    ),
    _build_cells,
    order=_build_order,
)
