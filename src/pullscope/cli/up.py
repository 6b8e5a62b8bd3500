"""`pullscope up`: start a lab in the background."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from pullscope.cli import labs

if TYPE_CHECKING:
    from pullscope.lab.lifecycle import Up

EXAMPLES = """\
Examples:

\b
  pullscope up                                  then: kubectl --context pullscope get nodes
  pullscope up --name test --port 7443          one more, beside the first
  pullscope up -o json                          the same document as status -o json
"""

Port = Annotated[int | None, typer.Option("--port", help="The API server's port: this one or none. [6443 or the next]")]
RegistryPort = Annotated[
    int | None, typer.Option("--registry-port", help="The registry's port: this one or none. [5000 or the next]")
]


def up(
    name: labs.Name = "default", port: Port = None, registry_port: RegistryPort = None, output: labs.Output = "table"
) -> None:
    """Start a lab: an OpenShift-like cluster in one background process.

    Its context is added to your kubeconfig, so kubectl and oc work with it at once. What is in the lab is kept until
    `pullscope delete`.
    """
    from pullscope.lab import lifecycle

    as_json = labs.wants_json(output)
    wanted = lifecycle.Wanted(port, registry_port)
    result = labs.run(lifecycle.up(labs.state_of(name), wanted, labs.kubeconfigs()))
    typer.echo(json.dumps(result.status, indent=2) if as_json else told(result))


def told(result: "Up") -> str:
    """The closing text: where things are and what to type next."""
    status, context = result.status, result.context
    first = "Started the cluster." if result.started else "The cluster is already running."
    use = f" --context {context}"
    lines = [
        first,
        "",
        "The API server and the registry are at:",
        f"  {status['server']}",
        f"  {status['registry']}",
        "",
    ]
    if result.config.current:
        lines += [f"kubectl and oc use it now: the context {context} is the current one in {result.config.path}."]
        use = ""
    else:
        lines += [
            f"The context {context} was added to {result.config.path}. To make it the current one:",
            f"  $ kubectl config use-context {context}",
        ]
    tag = f"{status['registry']}/demo/app:v1"
    return "\n".join(
        [
            *lines,
            "",
            "Try:",
            f"  $ kubectl{use} get nodes",
            f"  $ pullscope image build DIR -t {tag} --push",
            f"  $ kubectl{use} create deployment app --image={tag}",
            f"  $ pullscope status{_named(status['name'])}",
        ]
    )


def _named(name: str) -> str:
    return "" if name == "default" else f" --name {name}"
