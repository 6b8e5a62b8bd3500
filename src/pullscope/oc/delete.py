"""`oc delete`: and wait until it is gone.

Upstream: k8s.io/kubectl v0.36 pkg/cmd/delete/delete.go and pkg/cmd/wait (IsDeleted).
"""

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from pullscope.kube.resources import Resource
from pullscope.kube.status import ApiError
from pullscope.oc import discovery, errors, manifests
from pullscope.oc.apply import namespace_of
from pullscope.oc.arguments import Arguments, Flags
from pullscope.oc.errors import OcError
from pullscope.oc.session import Session

FLAGS = Flags(
    values=("f/filename", "l/selector", "grace-period", "cascade"),
    switches=("all", "force", "now", "wait", "ignore-not-found"),
)
_IMMEDIATELY = (
    "Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. "
    "The resource may continue to run on the cluster indefinitely."
)
_CASCADES = {"background": "Background", "foreground": "Foreground", "orphan": "Orphan"}


@dataclass(frozen=True)
class _Doomed:
    """One object to delete."""

    resource: Resource
    namespace: str | None
    name: str


async def run(session: Session, arguments: Arguments) -> int:
    """Delete what is named, selected or in the files. 1 when some of it is not there."""
    body = _options(arguments)
    chosen = arguments.on("all") or bool(arguments.text("selector"))  # what went meanwhile was not named by anybody
    bearable = arguments.on("ignore-not-found", default=chosen)
    doomed = await _chosen(session, arguments)
    if not doomed:
        session.console.out("No resources found")
        return 0
    if arguments.on("force"):
        session.console.err(_IMMEDIATELY)
    waiting, refused = [], list[ApiError]()
    for each in doomed:
        try:
            waiting.append((each, await _delete(session, each, body, forced=arguments.on("force"))))
        except ApiError as error:
            if error.code != 404 or not bearable:
                refused.append(error)
    if arguments.on("wait", default=True):
        for each, uid in waiting:
            await gone(session, each.resource, each.namespace, each.name, uid=uid)
    for refusal in refused:
        session.console.err(errors.told(refusal))
    return int(bool(refused))


def _options(arguments: Arguments) -> dict[str, Any]:
    """DeleteOptions. Raises OcError."""
    cascade = arguments.text("cascade", "background")
    if cascade not in _CASCADES:
        raise OcError(f'invalid cascade value ({cascade}). Must be "background", "foreground", or "orphan"')
    grace = "1" if arguments.on("now") else arguments.text("grace-period", "0" if arguments.on("force") else "-1")
    if not grace.lstrip("-").isdigit():
        why = f'strconv.ParseInt: parsing "{grace}": invalid syntax'
        raise OcError(f'invalid argument "{grace}" for "--grace-period" flag: {why}')
    if arguments.on("force") and int(grace) > 0:
        raise OcError("--force and --grace-period greater than 0 cannot be specified together")
    seconds = 1 if int(grace) == 0 and not arguments.on("force") else int(grace)
    period = {"gracePeriodSeconds": seconds} if seconds >= 0 else {}
    return {**period, "propagationPolicy": _CASCADES[cascade]}


async def _chosen(session: Session, arguments: Arguments) -> list[_Doomed]:
    known = await discovery.resources(session)
    if arguments.all("filename"):
        return [
            _Doomed(resource, namespace_of(session, resource, each.object), each.object["metadata"]["name"])
            for each in manifests.read(arguments.all("filename"), session.console)
            for resource in [discovery.of_object(known, each.object)]
        ]
    if not arguments.words:
        raise OcError("You must provide one or more resources by argument or filename.")
    found: list[_Doomed] = []
    for target in discovery.targets(known, arguments.words):
        namespace = session.namespace if target.resource.namespaced else None
        if target.name is not None:
            found.append(_Doomed(target.resource, namespace, target.name))
        else:
            found += await _selected(session, arguments, target.resource, namespace)
    return found


async def _selected(
    session: Session, arguments: Arguments, resource: Resource, namespace: str | None
) -> Sequence[_Doomed]:
    selector = arguments.text("selector")
    if not selector and not arguments.on("all"):
        raise OcError("resource(s) were provided, but no name was specified")
    listed = await session.cluster.list(resource, namespace, labels=selector)
    return [_Doomed(resource, namespace, each["metadata"]["name"]) for each in listed.items]


async def _delete(session: Session, doomed: _Doomed, body: dict[str, Any], *, forced: bool) -> str:
    """Delete and say so; gives the uid, empty when the server does not tell it."""
    answer = await session.send("DELETE", doomed.resource.path(doomed.namespace, doomed.name), body)
    uid = (answer.get("details") or {} if answer.get("kind") == "Status" else answer["metadata"]).get("uid", "")
    where = f" from {doomed.namespace} namespace" if doomed.namespace else ""
    what = "force deleted" if forced else "deleted"
    session.console.out(f'{discovery.label(doomed.resource)} "{doomed.name}" {what}{where}')
    return str(uid)


async def gone(session: Session, resource: Resource, namespace: str | None, name: str, *, uid: str) -> None:
    """Return when there is no object of that name, or another one (`uid`; empty: any is it)."""
    fields = f"metadata.name={name}"
    while True:
        try:
            there = await session.cluster.get(resource, namespace, name)
        except ApiError as error:
            if error.code != 404:
                raise
            return
        if uid and there["metadata"].get("uid") != uid:
            return
        listed = await session.cluster.list(resource, namespace, fields=fields)
        if not listed.items:
            return
        watch = session.cluster.watch(resource, namespace, resource_version=listed.resource_version, fields=fields)
        async with aclosing(watch) as events:
            async for event in events:
                if event.type == "DELETED":
                    break
