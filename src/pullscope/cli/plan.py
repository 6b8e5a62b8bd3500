"""`pullscope plan`: what manifests will lead to, before they are applied."""

import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pullscope.base.errors import UsageError
from pullscope.cli import contexts, languages, why

if TYPE_CHECKING:
    from pullscope.why.collect.reaching import Manners
    from pullscope.why.kubelets import Kubelet
    from pullscope.why.plan.planned import Plan

EXAMPLES = """\
Examples:

\b
  pullscope plan -f deployment.yaml               each container, its policy, its ways, its risks
  helm template app | pullscope plan -f -         what comes out of a template
  pullscope plan -f manifests/ -o junit           a whole directory, for CI
  pullscope plan -f app.yaml --kubernetes-version 1.34
                                                  on nodes before the kubelet checked credentials
  pullscope plan -f deployment.yaml --against CTX with the nodes and registries as they are
"""


class Output(StrEnum):
    """The forms of a plan."""

    TABLE = "table"
    JSON = "json"
    JUNIT = "junit"
    MARKDOWN = "markdown"


class Runtime(StrEnum):
    """The container runtimes that are known."""

    CRI_O = "crio"
    CONTAINERD = "containerd"


Files = Annotated[
    list[str],
    typer.Option("--file", "-f", metavar="FILE", help="Manifests: files, directories, or - for stdin; repeatable."),
]
Against = Annotated[
    str | None, typer.Option("--against", metavar="CTX", help="Ask the cluster of that context what its nodes have.")
]
Release = Annotated[
    str | None,
    typer.Option("--kubernetes-version", metavar="1.N", help="The release of the nodes' kubelets. [the current one]"),
]
Flavour = Annotated[Runtime | None, typer.Option("--runtime-flavour", help="The nodes' container runtime. [both]")]


def plan(  # noqa: PLR0913, PLR0917 (its options)
    files: Files,
    output: Annotated[Output, typer.Option("--output", "-o", help="The form of the plan.")] = Output.TABLE,
    output_file: Annotated[Path | None, typer.Option(help="Write the plan there instead of printing it.")] = None,
    against: Against = None,
    kubeconfig: contexts.Kubeconfig = None,
    kubernetes_version: Release = None,
    runtime_flavour: Flavour = None,
    insecure_registry: why.Insecure = None,
    registry_ca: why.Ca = None,
    lang: languages.Lang = None,
) -> None:
    """Say what manifests lead to: the policy that each container gets and why, and which image will run in which state.

    Names what is risky, with its line, and what to write instead. Reads anything that makes pods, and changes nothing. Exit
    codes: 0 nothing is risky; 1 something is; 2 usage, or no manifest; 3 the cluster of --against is out of reach.
    """
    import os

    from pullscope.cli import outputs
    from pullscope.why.plan import planning, reading, report

    outputs.check(output_file)
    language = languages.chosen(lang, os.environ)
    planned = planning.plan(reading.read(files), _kubelet(kubernetes_version, runtime_flavour))
    asks = against is not None or kubeconfig is not None
    if asks and (kubernetes_version or runtime_flavour):
        raise UsageError("a cluster's nodes say what they are: leave --kubernetes-version and --runtime-flavour out")
    if asks:
        from pullscope.why.collect.reaching import Manners

        manners = Manners(insecure=frozenset(insecure_registry or ()), ca=registry_ca)
        planned = _against(planned, against, kubeconfig, manners)
    outputs.write(lambda to: report.render(planned, output.value, language, to), output_file)
    raise typer.Exit(1 if planned.risky else 0)


def _kubelet(version: str | None, runtime: Runtime | None) -> "Kubelet":
    """The kubelet that the options state."""
    from pullscope.pull import flavours
    from pullscope.why import kubelets

    if version and not re.fullmatch(r"v?1\.\d{1,3}(\..*)?", version):
        raise UsageError(f"{version!r} is no release of Kubernetes", hint="for example 1.34")
    stated = version.removeprefix("v") if version else kubelets.ASSUMED.version
    return kubelets.stated(stated, flavours.OPTIONS[runtime] if runtime else None)


def _against(planned: "Plan", context: str | None, kubeconfig: Path | None, manners: "Manners") -> "Plan":
    """The plan with what a cluster's nodes and registries say."""
    import asyncio

    from pullscope.base.clock import SystemClock
    from pullscope.cli import diagnosing, signals
    from pullscope.clusters import kubeconfig as kubeconfigs
    from pullscope.clusters.cluster import connect
    from pullscope.why.collect.collect import How
    from pullscope.why.plan import against

    async def ask() -> "Plan":
        signals.end_tidily()
        async with connect(kubeconfig, context) as cluster:
            with diagnosing.progress() as told:
                return await against.fill(planned, cluster, namespace, How(SystemClock(), manners, told))

    namespace = kubeconfigs.choose(kubeconfig, context).namespace or "default"
    return asyncio.run(ask())
