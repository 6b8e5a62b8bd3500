"""`pullscope why`: the options. What they lead to is in `diagnosing`, which is imported late."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pullscope.base.errors import UsageError
from pullscope.cli import contexts, languages

EXAMPLES = """\
Examples:

\b
  pullscope why                              every pod in the current namespace
  pullscope why deploy/app -n shop           one workload
  pullscope why -A -o wide                   all namespaces
  pullscope why -l app=web --context prod    by labels, in another cluster
  pullscope why -o html --output-file F      one page, to attach to a ticket
  pullscope why --watch                      again whenever pods change
  pullscope why --save facts.json            what was seen, without secrets
  pullscope why --facts facts.json           the same answer elsewhere, without the cluster
  pullscope why --print-rbac                 the rights it takes, to give to somebody

As a kubectl plugin: kubectl pullscope why
"""


class Output(StrEnum):
    """The forms of a report."""

    TABLE = "table"
    WIDE = "wide"
    JSON = "json"
    JUNIT = "junit"
    MARKDOWN = "markdown"
    HTML = "html"


Workloads = Annotated[
    list[str] | None,
    typer.Argument(metavar="KIND/NAME", help="Workloads or pods, as deploy/app. [all pods of the namespace]"),
]
Namespace = Annotated[str, typer.Option("--namespace", "-n", metavar="NS", help="The namespace. [the context's]")]
AllNamespaces = Annotated[bool, typer.Option("--all-namespaces", "-A", help="All namespaces.")]
Selector = Annotated[str, typer.Option("--selector", "-l", metavar="LABELS", help="Only pods with these labels.")]
OutputFile = Annotated[Path | None, typer.Option(help="Write the report there instead of printing it.")]
Watch = Annotated[bool, typer.Option("--watch", "-w", help="Look again whenever pods change, until Ctrl-C.")]
Rate = Annotated[
    float, typer.Option("--registry-rps", min=0.01, help="Requests a second to each registry, at the most.")
]
Insecure = Annotated[
    list[str] | None,
    typer.Option(
        "--insecure-registry", metavar="HOST", help="Ask it for no certificate, and allow plain HTTP; repeatable."
    ),
]
Ca = Annotated[
    Path | None,
    typer.Option("--registry-ca", metavar="FILE", exists=True, dir_okay=False, help="An authority to trust (PEM)."),
]
Save = Annotated[Path | None, typer.Option("--save", metavar="FILE", help="Keep what was seen there, as well.")]
FactsFile = Annotated[
    Path | None, typer.Option("--facts", metavar="FILE", help="Judge what was saved, and ask nobody.")
]
PrintRbac = Annotated[bool, typer.Option("--print-rbac", help="Print roles with the rights that this takes.")]


def why(  # noqa: PLR0913, PLR0917 (its options)
    workloads: Workloads = None,
    namespace: Namespace = "",
    all_namespaces: AllNamespaces = False,
    selector: Selector = "",
    context: contexts.Context = None,
    kubeconfig: contexts.Kubeconfig = None,
    output: Annotated[Output, typer.Option("--output", "-o", help="The form of the report.")] = Output.TABLE,
    output_file: OutputFile = None,
    lang: languages.Lang = None,
    watch: Watch = False,
    registry_rps: Rate = 250.0,
    insecure_registry: Insecure = None,
    registry_ca: Ca = None,
    save: Save = None,
    facts: FactsFile = None,
    print_rbac: PrintRbac = False,
) -> None:
    """Say of every container whether it runs what its image means now, and if not, why not and what to do.

    Reads the cluster of the kubeconfig's current context and asks the registries; changes nothing. Where rights are missing it
    says what it could not see. Exit codes: 0 nothing is stale; 1 something is; 2 usage; 3 it could not be found out.
    """
    import os

    from pullscope.cli import diagnosing

    if print_rbac:
        diagnosing.print_rbac()
        return
    wanted = diagnosing.Wanted(output.value, languages.chosen(lang, os.environ), output_file, save)
    if facts is not None:
        if workloads or namespace or all_namespaces or selector or watch or save or context or kubeconfig:
            raise UsageError("--facts judges a file: no cluster and no workloads can be chosen beside it")
        raise typer.Exit(diagnosing.of_file(facts, wanted))
    chosen = diagnosing.Chosen(
        *(tuple(workloads or ()), namespace, all_namespaces, selector),
        context=context,
        kubeconfig=kubeconfig,
    )
    manners = diagnosing.manners(registry_rps, insecure_registry or (), registry_ca)
    raise typer.Exit(diagnosing.of_cluster(chosen, wanted, manners, watch=watch))
