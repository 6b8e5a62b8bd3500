"""`oc get`: tables as the server makes them, or objects.

Upstream: k8s.io/kubectl v0.36 pkg/cmd/get/get.go.
"""

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from itertools import groupby

import orjson

from pullscope.clusters import errors as refusals
from pullscope.kube.api import Object
from pullscope.kube.resources import Resource
from pullscope.kube.status import ApiError
from pullscope.oc import columns, discovery, errors, printing
from pullscope.oc.arguments import Arguments, Flags
from pullscope.oc.discovery import Target
from pullscope.oc.errors import OcError
from pullscope.oc.session import Session

FLAGS = Flags(
    values=("o/output", "l/selector", "field-selector"),
    switches=("A/all-namespaces", "w/watch", "show-labels", "no-headers", "ignore-not-found"),
)
_TABLE = ",".join(f"application/json;as=Table;v={version};g=meta.k8s.io" for version in ("v1", "v1beta1"))


async def run(session: Session, arguments: Arguments) -> int:
    """Print what was asked for. 1 when some of it is not there."""
    output = arguments.text("output")
    if output not in ("", *printing.FORMATS):
        allowed = f"allowed formats are: {','.join(printing.FORMATS)}"
        raise OcError(f'unable to match a printer suitable for the output format "{output}", {allowed}')
    if not arguments.words:
        raise OcError("Required resource not specified.")
    targets = discovery.targets(await discovery.resources(session), arguments.words)
    if arguments.on("watch"):
        return await _watch(session, arguments, targets)
    if output in ("", "wide"):
        return await _tables(session, arguments, targets)
    return await _objects(session, arguments, targets)


async def _tables(session: Session, arguments: Arguments, targets: Sequence[Target]) -> int:
    several = len({each.resource for each in targets}) > 1 or "/" in arguments.words[0]
    several = several and (len(targets) > 1 or "all" in arguments.words)
    printed, refused = 0, list[ApiError]()
    for resource, group in groupby(targets, key=lambda each: each.resource):
        tables = [table for each in group if (table := await _asked(session, arguments, each, refused)) is not None]
        printer = columns.Printer(_style(arguments, resource, several=several))
        lines = [line for table in tables if table.get("rows") for line in printer.lines(table)]
        if lines:
            session.console.out("\n" * bool(printed) + "\n".join(lines))
            printed += 1
    if not printed and not refused and not arguments.on("ignore-not-found"):
        session.console.err(_nothing(session, arguments, targets))
    return _told(session, refused)


async def _asked(session: Session, arguments: Arguments, target: Target, refused: list[ApiError]) -> Object | None:
    """The table of one target; None when it is not there."""
    try:
        return await session.read(path(session, arguments, target), query(arguments, target), accept=_TABLE)
    except ApiError as error:
        if error.code != 404 or not arguments.on("ignore-not-found"):
            refused.append(error)
        return None


def _style(arguments: Arguments, resource: Resource, *, several: bool) -> columns.Style:
    return columns.Style(
        wide=arguments.text("output") == "wide",
        namespaces=arguments.on("all-namespaces") and resource.namespaced,
        labels=arguments.on("show-labels"),
        headers=not arguments.on("no-headers"),
        prefix=f"{discovery.label(resource)}/" if several else "",
    )


def _nothing(session: Session, arguments: Arguments, targets: Sequence[Target]) -> str:
    everywhere = arguments.on("all-namespaces") or not any(each.resource.namespaced for each in targets)
    return "No resources found" if everywhere else f"No resources found in {session.namespace} namespace."


def _told(session: Session, refused: Sequence[ApiError]) -> int:
    for error in refused:
        session.console.err(errors.told(error))
    return 1 if refused else 0


def path(session: Session, arguments: Arguments, target: Target) -> str:
    """Where a target is asked for."""
    everywhere = arguments.on("all-namespaces") or not target.resource.namespaced
    return target.resource.path(None if everywhere else session.namespace, target.name)


def query(arguments: Arguments, target: Target) -> Mapping[str, str]:
    """How a target is asked for: a named object needs no words."""
    if target.name is not None:
        return {}
    selectors = {"labelSelector": arguments.text("selector"), "fieldSelector": arguments.text("field-selector")}
    return {"limit": "500", **{name: value for name, value in selectors.items() if value}}


async def _objects(session: Session, arguments: Arguments, targets: Sequence[Target]) -> int:
    found, refused = list[Object](), list[ApiError]()
    for target in targets:
        try:
            found += _items(target, await session.read(path(session, arguments, target), query(arguments, target)))
        except ApiError as error:
            refused.append(error)
    if arguments.text("output") == "name":
        for item in found:
            session.console.out(f"{_label(item)}/{item['metadata']['name']}")
    elif found or not refused:
        single = len(targets) == 1 and targets[0].name is not None
        session.console.write(printing.shown(found, arguments.text("output"), single=single).encode())
    return _told(session, refused)


def _items(target: Target, answer: Object) -> list[Object]:
    if target.name is not None:
        return [answer]
    kind = {"apiVersion": target.resource.api_version, "kind": target.resource.kind}
    return [{**kind, **item} for item in answer.get("items") or []]


def _label(item: Object) -> str:
    kind, group = str(item["kind"]).lower(), item["apiVersion"].rpartition("/")[0]
    return f"{kind}.{group}" if group else kind


async def _watch(session: Session, arguments: Arguments, targets: Sequence[Target]) -> int:
    """The table, then a line for each change, until the server ends it."""
    if len(targets) != 1:
        raise OcError("you may only specify a single resource type")
    (target,) = targets
    printer = columns.Printer(_style(arguments, target.resource, several=False))
    table = await session.read(path(session, arguments, target), query(arguments, target), accept=_TABLE)
    _print(session, printer, table)
    everyone = Target(target.resource)
    params = {**query(arguments, everyone), "resourceVersion": table["metadata"]["resourceVersion"], "watch": "true"}
    params.pop("limit")
    if target.name is not None:
        params["fieldSelector"] = f"metadata.name={target.name}"
    where = path(session, arguments, everyone)
    async with aclosing(session.http.lines(where, params, accept=_TABLE)) as events:
        async for line in events:
            event = orjson.loads(line)
            if event["type"] == "ERROR":
                raise refusals.from_status(event["object"])
            if event["type"] != "BOOKMARK":
                _print(session, printer, event["object"])
    return 0


def _print(session: Session, printer: columns.Printer, table: Object) -> None:
    for line in printer.lines(table) if table.get("rows") else []:
        session.console.out(line)
