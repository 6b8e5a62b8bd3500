"""`oc adm prune images`: take away what no tag, workload or build needs. What goes is decided in `openshift.pruning`.

Without --confirm nothing is changed. The registry is asked at the address that image streams tell (upstream: the one in
images, which is known within the cluster alone), or that of --registry-url.

Upstream: openshift/oc release 4.22 pkg/cli/admin/prune (images/images.go, imageprune/prune.go).
"""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

import aiohttp

from pullscope.base.errors import UnreachableError
from pullscope.kube import duration, resources
from pullscope.kube.api import Object
from pullscope.kube.resources import Resource
from pullscope.kube.status import ApiError
from pullscope.oc import whoami
from pullscope.oc.arguments import Arguments, Flags
from pullscope.oc.errors import OcError
from pullscope.oc.pruner import Pruner
from pullscope.oc.session import Session
from pullscope.openshift import usage
from pullscope.openshift.pruning import Keep
from pullscope.openshift.usage import BadReferencesError
from pullscope.remote.errors import RemoteError
from pullscope.remote.registries import Login
from pullscope.remote.transport import PATIENCE, Request, Transport

FLAGS = Flags(
    values=("keep-younger-than", "keep-tag-revisions", "registry-url"), switches=("confirm", "all", "prune-registry")
)
_USERS = (
    *(resources.PODS, resources.REPLICATION_CONTROLLERS, resources.BUILD_CONFIGS, resources.BUILDS),
    *(resources.DAEMON_SETS, resources.DEPLOYMENTS, resources.DEPLOYMENT_CONFIGS, resources.REPLICA_SETS),
    *(resources.STATEFUL_SETS, resources.JOBS, resources.CRON_JOBS),
)
_DRY = "Dry run enabled - no modifications will be made. Add --confirm to remove images"
_API_ONLY = "Only API objects will be removed.  No modifications to the image registry will be made."
_ROUTE = "\n* Please provide a reachable route to the integrated registry using --registry-url."


async def run(session: Session, arguments: Arguments) -> int:
    """Tell what goes, and with --confirm take it away."""
    if arguments.words != ["prune", "images"]:
        raise OcError("`pullscope oc adm` can `prune images`, and nothing else")
    keep, scope = _keep(session, arguments), session.namespace if session.named else None
    users = [each for kind in _USERS for each in await _listed(session, kind, scope)]
    streams = await _listed(session, resources.IMAGE_STREAMS, scope)
    images = {each["metadata"]["name"]: each for each in await _listed(session, resources.IMAGES, None)}
    try:
        used = usage.used(users, keep.since)
    except BadReferencesError as error:
        session.console.err(_unclear(error))
        raise OcError("failed to build graph - no changes made") from error
    with_registry, confirmed = arguments.on("prune-registry", default=True), arguments.on("confirm")
    if not confirmed:
        session.console.err(_DRY)
    if not with_registry:
        session.console.out(_API_ONLY)
    address = arguments.text("registry-url") or _address(streams)
    async with _registry(session, address if confirmed and with_registry else "", arguments) as registry:
        pruner = Pruner(session, images, used, keep, confirmed, with_registry, registry)
        await pruner.run(streams, whole=scope is None)
    return pruner.told()


async def _listed(session: Session, kind: Resource, namespace: str | None) -> Sequence[Object]:
    """All of a kind; of one that the cluster does not have there are none."""
    try:
        return (await session.cluster.list(kind, namespace)).items
    except ApiError as error:
        if error.code != 404:
            raise
        return ()


def _unclear(error: BadReferencesError) -> str:
    lines = "\n".join(f"  {line}" for line in error.lines)
    return (
        f"Failed to build graph!\n\nThe following objects have invalid references:\n\n{lines}\n\n"
        "Either fix the references or delete the objects to make the pruner proceed."
    )


# ------------------------------------------------------------------------------------------------ flags


def _keep(session: Session, arguments: Arguments) -> Keep:
    """Raises OcError."""
    age = _duration(arguments.text("keep-younger-than", "60m"))
    revisions = _number(arguments.text("keep-tag-revisions", "3"))
    for flag, value in (("keep-younger-than", age.total_seconds()), ("keep-tag-revisions", revisions)):
        if value < 0:
            raise OcError(f"--{flag} must be greater than or equal to 0")
    return Keep(session.clock.now() - age, revisions, arguments.on("all", default=True))


def _duration(text: str) -> timedelta:
    try:
        return duration.parse(text)
    except ValueError as error:
        raise OcError(f'invalid argument "{text}" for "--keep-younger-than" flag: {error}') from error


def _number(text: str) -> int:
    if not re.fullmatch(r"[+-]?\d{1,18}", text, re.ASCII):
        why = f'strconv.ParseInt: parsing "{text}": invalid syntax'
        raise OcError(f'invalid argument "{text}" for "--keep-tag-revisions" flag: {why}')
    return int(text)


# ------------------------------------------------------------------------------------------------ the registry


def _address(streams: Sequence[Object]) -> str:
    """Where the internal registry is, as the newest stream tells; empty when none does."""
    for stream in sorted(streams, key=lambda each: str(each["metadata"]["creationTimestamp"]), reverse=True):
        status = stream.get("status") or {}
        repository = status.get("publicDockerImageRepository") or status.get("dockerImageRepository") or ""
        if repository:
            return str(repository).partition("/")[0]
    return ""


@asynccontextmanager
async def _registry(session: Session, address: str, arguments: Arguments) -> AsyncIterator[Transport | None]:
    """The registry, after it has answered; None for an empty address. Raises OcError."""
    if not address:
        yield None
        return
    scheme, _, host = address.rpartition("://")
    login = Login("unused", whoami.token(session))
    async with aiohttp.ClientSession() as http:
        plain = {"http": True, "https": False}.get(scheme)
        registry = Transport(http, host, login, address="", plain_http=plain, patience=PATIENCE)
        try:
            async with registry.send(Request("GET", "/", "", "pinging")):
                pass
        except RemoteError as error:
            unreached = isinstance(error, UnreachableError) and not arguments.text("registry-url")
            why = f"{error.message}{_ROUTE if unreached else ''}"
            raise OcError(f"failed to ping registry {host}: {why}") from error
        yield registry
