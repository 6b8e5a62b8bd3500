"""Run `verify` in the user's own cluster: which one, which namespace, which registry; the proof itself is the lab's."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from pullscope.base.clock import SystemClock
from pullscope.base.errors import PullscopeError, UnreachableError, UsageError
from pullscope.cli import proving, serving_misbehaving, signals, typing_oc
from pullscope.cli.proving_asked import OPENSHIFT, Asked, repository
from pullscope.clusters import kubeconfig, transport
from pullscope.clusters.cluster import Cluster
from pullscope.clusters.kubeconfig import Access, Context
from pullscope.kube import resources
from pullscope.kube.status import ApiError
from pullscope.oci import reference
from pullscope.oci.reference import Reference
from pullscope.remote import sessions
from pullscope.verify import runner, sources
from pullscope.verify.cases import suites
from pullscope.verify.misbehaving import Serve
from pullscope.verify.report import live
from pullscope.verify.result import Report
from pullscope.verify.target import Builds, Place, Source, Target

_CHOICES = (
    "--registry HOST/REPO (one that the nodes pull from and you may push to), --registry openshift (its internal registry), "
    "or --serve-registry ADDR (served by pullscope, at an address that the nodes reach)"
)


@dataclass(frozen=True)
class Chosen:
    """The cluster that is meant, as the kubeconfig's user."""

    context: Context
    access: Access
    http: transport.Transport

    @property
    def cluster(self) -> Cluster:
        return Cluster(self.http)


def check_lab(asked: Asked) -> None:
    """Raises UsageError for options that mean nothing in a lab of verify's own."""
    if replace(asked, keep=False) != Asked():
        hint = "name it: --context CTX, or --kubeconfig FILE for its current context"
        raise UsageError("these options are for a cluster of yours, and none is named", hint=hint)


def check(asked: Asked) -> None:
    """Raises UsageError for an option that would mean nothing beside the others."""
    wrong = (
        (asked.tls and not asked.serve, "--tls is for --serve-registry"),
        (
            bool(asked.serve) and asked.way != sessions.DIRECTLY,
            "--registry-address, --registry-ca and --insecure-registry are for registries that pullscope does not serve",
        ),
        (bool(asked.debug_image) and not asked.node_access, "--debug-image is for --node-access"),
    )
    for is_so, text in wrong:
        if is_so:
            raise UsageError(text)


def prove(wanted: proving.Wanted, asked: Asked, output_file: Path | None) -> int:
    """Run the cases there, show the report, and return the exit code."""
    check(asked)
    try:
        report = asyncio.run(proven(wanted, asked))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    proving.show(report, wanted, output_file)
    if asked.keep:
        _tell_how_to_look(asked, report)
    return report.exit_code


async def proven(wanted: proving.Wanted, asked: Asked) -> Report:
    """Run the cases there. Raises UnreachableError when nothing could be found out, UsageError."""
    signals.end_tidily()
    with live.live(sys.stderr) as progress:
        async with chosen(asked) as there, AsyncExitStack() as stack:
            progress.phase(f"asking {there.cluster.server}")
            if wanted.method == "article":
                target = Target("cluster", there.cluster, _builds(wanted, asked), SystemClock(), unknown=True)
            else:
                source, serve = await _source(stack, asked, there)
                target = Target("cluster", there.cluster, source, SystemClock(), unknown=True, misbehaving=serve)
            if asked.node_access:
                from pullscope.cli.nodehands import NodeHands

                hands = NodeHands(stack, there.http, SystemClock(), asked.debug_image)
                target = replace(target, look=hands.look, crictl=hands.crictl)
            target = replace(target, place=await _place(asked, there), node=asked.node)
            return await runner.run(target, suites.named(wanted.cases), wanted.cases, progress, keep=asked.keep)


@contextlib.asynccontextmanager
async def chosen(asked: Asked) -> AsyncIterator[Chosen]:
    """The cluster as long as the block; one that refuses the user's credentials says so in one line."""
    context = kubeconfig.choose(asked.kubeconfig, asked.context)
    access = await kubeconfig.load(asked.kubeconfig, asked.context)
    async with transport.open_transport(access) as opened:
        try:
            yield Chosen(context, access, opened)
        except ApiError as error:
            if error.code != 401:
                raise
            hint = f"log in again: oc login {access.server}, or get a fresh kubeconfig"
            what = f'{access.server} does not accept the credentials of context "{context.name}": {error.message}'
            raise UnreachableError(what, hint=hint) from error


async def _place(asked: Asked, there: Chosen) -> Place:
    """The namespace that is named, else one of its own where it may be made, else the context's."""
    if not asked.create_namespace:
        return Place(asked.namespace or there.context.namespace or "default", create=False)
    try:
        await there.http.request("GET", resources.PROJECT_REQUESTS.path())
    except ApiError as error:
        if error.code not in (403, 404):
            raise
        return Place(asked.namespace)
    return Place(asked.namespace, project=True)


# --------------------------------------------------------------------------------------------------- registries


def _builds(wanted: proving.Wanted, asked: Asked) -> Builds:
    """The cluster builds, and `oc` is typed as its user. Raises UsageError for options that name a registry."""
    if asked.registry or asked.serve or asked.tls or asked.way != sessions.DIRECTLY:
        hint = "options that name or reach a registry are for --method tags"
        raise UsageError("with --method article the cluster's own registry is used", hint=hint)
    return Builds(typing_oc.of(asked.kubeconfig, asked.context, SystemClock()), wanted.base)


async def _source(stack: AsyncExitStack, asked: Asked, there: Chosen) -> tuple[Source, Serve | None]:
    """Where the images go, and what serves registries that misbehave, where nodes can reach this machine."""
    if asked.serve:
        from pullscope.cli import serving_registry

        return await serving_registry.source(stack, asked)
    if asked.registry == OPENSHIFT:
        scheme, _, token = (there.access.authorization or "").partition(" ")
        if scheme != "Bearer":
            hint = f"log in with a token: oc login {there.access.server}"
            raise UnreachableError("the internal registry asks for a token, and this context has none", hint=hint)
        session = await stack.enter_async_context(sessions.opened(asked.way, ""))
        return sources.Internal(there.cluster, session, asked.way, token, SystemClock()).source, None
    name = repository(asked.registry) if asked.registry else await _of_a_lab(there)
    session = await stack.enter_async_context(sessions.opened(asked.way, name.registry))
    where = None if asked.registry else serving_misbehaving.Where(session, SystemClock())  # a lab is on this machine
    return sources.named(session, name, asked.way, sessions.login(name.registry)), serving_misbehaving.serve(
        where
    ) if where else None


async def _of_a_lab(there: Chosen) -> Reference:
    """A lab of this user's knows its own registry. Raises UsageError with the choices for any other cluster."""
    from pullscope.lab import lifecycle
    from pullscope.lab.state import all_labs, data_home

    for state in all_labs(data_home(os.environ)):
        with contextlib.suppress(PullscopeError, OSError):
            document = await lifecycle.status(state)
            if document["state"] == "running" and document["server"] == there.access.server:
                return reference.parse(f"{document['registry']}/{proving.REPOSITORY}")
    raise UsageError(f"which registry do the nodes of {there.access.server} pull from?", hint=_CHOICES)


def _tell_how_to_look(asked: Asked, report: Report) -> None:
    options = [*(["--context", asked.context] if asked.context else [])]
    options += ["--kubeconfig", str(asked.kubeconfig)] if asked.kubeconfig else []
    line = " ".join(options)
    lines = (
        "",
        f"All is kept in namespace {report.namespace}:",
        f"  kubectl {line} -n {report.namespace} get deployments,pods -l app.kubernetes.io/managed-by=pullscope",
        f"  pullscope verify --clean {line} -n {report.namespace}",
    )
    sys.stderr.write("\n".join(lines) + "\n")
    sys.stderr.flush()
