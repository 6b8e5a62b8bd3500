"""`pullscope verify`: the options. What they lead to is in `proving`, which is imported late."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from pullscope.base.errors import UsageError
from pullscope.cli import contexts, languages

if TYPE_CHECKING:
    from pullscope.verify.cases import suites

EXAMPLES = """\
Examples:

\b
  pullscope verify                              all cases, as a table
  pullscope verify --case 6                     the stale image, with its evidence
  pullscope verify --suite full                 all topics: every state of a registry, rollouts, outages …
  pullscope verify --suite full --list          the rows with their numbers, by topic
  pullscope verify --topic rollouts -v          one topic, with what was done step by step
  pullscope verify --topic matrix --policy Always --outcome waiting         some of them
  pullscope verify -v -o markdown               everything, for a ticket
  pullscope verify -o json --output-file F      for a script
  pullscope verify -o html --output-file F      one page with all evidence, to attach
  pullscope verify --case 6 --keep              look at it with kubectl afterwards
  pullscope verify --lang ja                    in Japanese
  pullscope verify --method article --transcript steps.md       as the tutorial does it, with oc
  pullscope verify --context CTX -n NS --registry quay.io/me/pullscope      in your cluster
  pullscope verify --context CTX -n NS --registry openshift                 with its internal registry
  pullscope verify --context CTX --create-namespace --serve-registry 192.168.1.5:5000
  pullscope verify --context CTX -n NS --clean                              after a run that was killed
"""


class Method(StrEnum):
    """How the conditions are made."""

    TAGS = "tags"
    ARTICLE = "article"


class Output(StrEnum):
    """The forms of a report."""

    TABLE = "table"
    WIDE = "wide"
    JSON = "json"
    JUNIT = "junit"
    MARKDOWN = "markdown"
    HTML = "html"


Namespace = Annotated[
    str,
    typer.Option(
        "--namespace", "-n", metavar="NS", help="Where to work. [the context's; with --create-namespace, a new one]"
    ),
]
CreateNamespace = Annotated[
    bool,
    typer.Option("--create-namespace", help="Make the namespace (on OpenShift: a project) and remove it at the end."),
]
Node = Annotated[str, typer.Option("--node", help="Use this node. [the one that the probe came to]")]
Registry = Annotated[
    str, typer.Option("--registry", metavar="HOST/REPO", help="Push there; or `openshift`: the internal registry.")
]
RegistryAddress = Annotated[
    str,
    typer.Option(
        metavar="HOST:PORT", help="Where that registry is for this machine, when the nodes call it otherwise."
    ),
]
RegistryCa = Annotated[
    Path | None,
    typer.Option(metavar="FILE", exists=True, dir_okay=False, help="The authority of its certificate (PEM)."),
]
Insecure = Annotated[bool, typer.Option("--insecure-registry", help="Ask for no certificate, and allow plain HTTP.")]
Serve = Annotated[
    str, typer.Option("--serve-registry", metavar="ADDR", help="Serve a registry there, where the nodes reach it.")
]
Tls = Annotated[bool, typer.Option("--tls", help="Serve it with TLS, under an authority of pullscope's own.")]
Suite = Annotated[
    Literal["article", "full"] | None,
    typer.Option("--suite", help="article: No. 1 to 8; full: all topics. [article]"),
]


def _complete_topic(incomplete: str) -> list[str]:
    """The topics that begin so, for the shell's completion."""
    from pullscope.verify.cases import suites

    return [topic for topic in suites.TOPICS if topic.startswith(incomplete)]


Topic = Annotated[
    str | None,
    typer.Option(
        "--topic",
        metavar="TOPIC",
        help="Only this part of the full suite (--suite full --list shows all).",
        autocompletion=_complete_topic,
    ),
]
Policy = Annotated[
    Literal["Always", "IfNotPresent", "Never"] | None, typer.Option("--policy", help="Only rows with this policy.")
]
Outcome = Annotated[
    Literal["running", "waiting"] | None, typer.Option("--outcome", help="Only rows where the pod must do this.")
]
Listed = Annotated[bool, typer.Option("--list", help="Show the rows, and do nothing else.")]
Clean = Annotated[bool, typer.Option("--clean", help="Remove what killed runs left behind, and do nothing else.")]


def verify(  # noqa: PLR0913, PLR0917 (its options)
    case: Annotated[
        list[str] | None, typer.Option("--case", metavar="N", help="Only this case, with its evidence; repeatable.")
    ] = None,
    suite: Suite = None,
    listed: Listed = False,
    topic: Topic = None,
    policy: Policy = None,
    outcome: Outcome = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show the evidence of every case.")] = False,
    output: Annotated[Output, typer.Option("--output", "-o", help="The form of the report.")] = Output.TABLE,
    output_file: Annotated[Path | None, typer.Option(help="Write the report there instead of printing it.")] = None,
    lang: Annotated[languages.Named, typer.Option("--lang", help="The language of the report.")] = languages.Named.EN,
    method: Annotated[
        Method,
        typer.Option("--method", help="tags: a fresh tag for each case; article: by hand, as the tutorial does it."),
    ] = Method.TAGS,
    transcript: Annotated[
        Path | None, typer.Option(metavar="FILE", help="With article: write all commands and what came back there.")
    ] = None,
    base: Annotated[
        str, typer.Option(metavar="IMAGE", help="With article: the image to build from. [the tutorial's]")
    ] = "",
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave everything there to look at (the lab: until Ctrl-C).")
    ] = False,
    context: contexts.Context = None,
    kubeconfig: contexts.Kubeconfig = None,
    namespace: Namespace = "",
    create_namespace: CreateNamespace = False,
    node: Node = "",
    registry: Registry = "",
    registry_address: RegistryAddress = "",
    registry_ca: RegistryCa = None,
    insecure_registry: Insecure = False,
    serve_registry: Serve = "",
    tls: Tls = False,
    node_access: contexts.NodeAccess = False,
    debug_image: contexts.DebugImage = "",
    clean: Clean = False,
) -> None:
    """Make every combination of pull policy, node and registry happen, and prove which image runs.

    Starts a private lab, runs the cases side by side, judges what was seen, and removes the lab (topics that need another one
    get it); that checks the lab. With --context it does the same in your cluster, and that checks your cluster. Exit codes: 0
    as expected; 1 something differs; 3 something could not be found out.
    """
    from pullscope.cli import outputs, proving, proving_asked, proving_clean, proving_cluster
    from pullscope.remote.sessions import Way
    from pullscope.verify.cases import suites

    for file in (output_file, transcript):
        outputs.check(file)
    _check_method(method, article=transcript or base, tags=suite or topic or policy or outcome or listed)
    rows = proving.choose(case or [], method.value, suite, suites.Filter(_topic(topic), policy, outcome))
    language = languages.chosen(lang, {})
    if listed:
        raise typer.Exit(proving.show_rows(rows, output.value, language))
    asked = proving_asked.Asked(
        context=context,
        kubeconfig=kubeconfig,
        namespace=namespace,
        create_namespace=create_namespace,
        node=node,
        registry=registry,
        way=Way(registry_address, insecure_registry, registry_ca),
        serve=serve_registry,
        tls=tls,
        node_access=node_access,
        debug_image=debug_image,
        keep=keep,
    )
    if clean:
        raise typer.Exit(proving_clean.clean(asked))
    wanted = proving.Wanted(
        cases=rows,
        form=output.value,
        everything=verbose or bool(case),
        language=language,
        method=method.value,
        transcript=transcript,
        **({"base": base} if base else {}),
    )
    if context is None and kubeconfig is None:
        proving_cluster.check_lab(asked)
        raise typer.Exit(proving.prove(wanted, output_file, keep=keep))
    raise typer.Exit(proving_cluster.prove(wanted, asked, output_file))


def _topic(named: str | None) -> "suites.Topic | None":
    """The topic of that name. Raises UsageError."""
    from pullscope.verify.cases import suites

    found = next((topic for topic in suites.TOPICS if topic == named), None)
    if named is not None and found is None:
        raise UsageError(f"there is no topic {named}", hint=f"the topics are {', '.join(suites.TOPICS)}")
    return found


def _check_method(method: Method, *, article: object, tags: object) -> None:
    """Raises UsageError for options of one method that are given with the other."""
    if method is Method.TAGS and article:
        raise UsageError("--transcript and --base are for --method article")
    if method is Method.ARTICLE and tags:
        raise UsageError("--suite, --list and what chooses among rows are for --method tags")
