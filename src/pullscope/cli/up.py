"""`pullscope up`: start a lab in the background."""

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pullscope.cli import labs

if TYPE_CHECKING:
    from pullscope.lab.lifecycle import Up

EXAMPLES = """\
Examples:

\b
  pullscope up                                  then: kubectl --context pullscope get nodes
  pullscope up --nodes 3                        each node with an image cache of its own
  pullscope up --name test --port 7443          one more, beside the first
  pullscope up --ephemeral                      nothing of it is kept when it stops
  pullscope up --kubernetes-version 1.34        nodes from before credentials were checked again
  pullscope up --speed 60                       a minute there is a second here
  pullscope up --clock manual                   then: pullscope clock advance 5m
"""

Port = Annotated[int | None, typer.Option("--port", help="The API server's port: this one or none. [6443 or the next]")]
RegistryPort = Annotated[
    int | None, typer.Option("--registry-port", help="The registry's port: this one or none. [5000 or the next]")
]
Nodes = Annotated[
    int | None, typer.Option("--nodes", metavar="N", help="How many nodes: crc, crc-2, crc-3 … [as before, else 1]")
]
Ephemeral = Annotated[bool, typer.Option("--ephemeral", help="Delete the lab when it stops.")]
AlwaysPullImages = Annotated[
    bool | None,
    typer.Option(
        "--always-pull-images/--no-always-pull-images",
        help="The admission plugin AlwaysPullImages: every pod pulls always. [as before, else off]",
        show_default=False,
    ),
]


Mirrors = Annotated[
    list[str] | None,
    typer.Option(
        "--mirror",
        metavar="SOURCE=TARGET",
        help="Look for images of SOURCE at TARGET first; may be repeated, '' for none. [as before, else none]",
    ),
]
Tutorial = Annotated[
    bool, typer.Option("--tutorial", help="A stand-in for the tutorial's base image, which is behind a login.")
]
PullSecret = Annotated[
    Path | None,
    typer.Option("--pull-secret", metavar="FILE", help="Credentials for other registries; kept with the lab."),
]


Speed = Annotated[str | None, typer.Option("--speed", metavar="N", help="The lab's time goes N times as fast. [1]")]
Clock = Annotated[
    str | None,
    typer.Option("--clock", metavar="manual", help="The lab's time stands still until `pullscope clock advance`."),
]


Release = Annotated[
    str | None,
    typer.Option("--kubernetes-version", metavar="1.34|1.35|1.36", help="The nodes' release. [as before, else 1.36]"),
]
Runtime = Annotated[
    str | None,
    typer.Option("--runtime-flavour", metavar="crio|containerd", help="Whose words and rules. [as before, else crio]"),
]
KubeletFile = Annotated[
    Path | None,
    typer.Option("--kubelet-config", metavar="FILE", help="A KubeletConfiguration, of what bears on images."),
]


ImageDisk = Annotated[
    str | None, typer.Option("--image-disk", metavar="SIZE", help="When a node's images fill it, some go. [endless]")
]
PinnedImages = Annotated[
    list[str] | None,
    typer.Option(
        "--pinned-image",
        metavar="PATTERN",
        help="Images that are never collected: a name, quay.io/team/* or *team*. [none]",
    ),
]


def up(  # noqa: PLR0913, PLR0917 (its options)
    name: labs.Name = "default",
    port: Port = None,
    registry_port: RegistryPort = None,
    nodes: Nodes = None,
    ephemeral: Ephemeral = False,
    always_pull_images: AlwaysPullImages = None,
    mirror: Mirrors = None,
    pull_secret: PullSecret = None,
    tutorial: Tutorial = False,
    speed: Speed = None,
    clock: Clock = None,
    kubernetes_version: Release = None,
    runtime_flavour: Runtime = None,
    kubelet_config: KubeletFile = None,
    image_disk: ImageDisk = None,
    pinned_image: PinnedImages = None,
    output: labs.Output = "table",
) -> None:
    """Start a lab: an OpenShift-like cluster in one background process.

    Its contexts are added to your kubeconfig, so kubectl and oc work with it at once. What is in the lab is kept until
    `pullscope delete`, and so are the number of nodes and the ports.
    """
    from pullscope.lab import clocks, lifecycle
    from pullscope.lab.settings import Wanted

    as_json = labs.wants_json(output)
    time = clocks.wanted(speed, clock)
    secret = str(pull_secret.absolute()) if pull_secret else None
    wanted = Wanted(port, registry_port, nodes, always_pull_images, ephemeral, mirror, secret, tutorial, time)
    of_nodes = (kubernetes_version, runtime_flavour, kubelet_config, image_disk, pinned_image)
    if any(option is not None for option in of_nodes):
        from pullscope.lab import kubelets

        wanted = replace(wanted, **kubelets.asked(*of_nodes))
    result = labs.run(lifecycle.up(labs.state_of(name), wanted, labs.user_config(), labs.clock()))
    typer.echo(json.dumps(result.status, indent=2) if as_json else told(result))
    if result.left:
        typer.echo(moved(result), err=True)


def moved(result: "Up") -> str:
    """What to know and to do when the registry is at another port than before."""
    from pullscope.lab import names

    option, port = names.option(result.status["name"]), result.left.rpartition(":")[2]
    return (
        f"warning: the registry has left {result.left}: images that are named so cannot be pulled any more\n"
        f"hint: when port {port} is free, `pullscope stop{option}` and `pullscope up{option} --registry-port {port}`"
    )


def told(result: "Up") -> str:
    """The closing text, as crc's: where things are, who may come in, and what to type next."""
    status, access = result.status, result.access
    credentials = status["credentials"]
    return "\n".join(
        [
            "Started the cluster." if result.started else "The cluster is already running.",
            "",
            "The API server and the registry are at:",
            f"  {status['server']}",
            f"  {status['registry']}",
            "The internal registry is at:",
            f"  {status['internalRegistry']}",
            "",
            "Log in as administrator:",
            "  Username: kubeadmin",
            f"  Password: {credentials['kubeadmin']['password']}",
            f"  Context:  {access.context}",
            "",
            "Log in as user:",
            "  Username: developer",
            f"  Password: {credentials['developer']['password']}",
            f"  Context:  {access.developer_context}",
            "",
            *_next(result),
            *(_standing_in() if result.settings.tutorial else ()),
        ]
    )


def _standing_in() -> list[str]:
    from pullscope.lab import tutorial

    return ["", f"{tutorial.IMAGE}", "comes from a stand-in: the probe under its name, no application server."]


def _next(result: "Up") -> list[str]:
    from pullscope.lab import names

    status, context, path = result.status, result.access.context, result.config.path
    use = "" if result.config.current else f" --context {context}"
    tag, option = f"{status['registry']}/demo/app:v1", names.option(status["name"])
    return [
        f"The contexts are in {path}; {context} is the current one."
        if result.config.current
        else f"The contexts are in {path}. `kubectl config use-context {context}` makes one the current one.",
        "",
        "Use the 'oc' command line interface:",
        f"  $ oc login -u developer {status['server']}",
        "",
        "Use the 'kubectl' command line interface:",
        f"  $ kubectl{use} get nodes",
        f"  $ pullscope image build DIR -t {tag} --push",
        f"  $ kubectl{use} create deployment app --image={tag}",
        f"  $ pullscope node images{option}",
    ]
