"""`pullscope status`: what a lab is doing."""

import json
from typing import Any

import typer

from pullscope.cli import labs

EXAMPLES = """\
Examples:

\b
  pullscope status
  pullscope status --name test -o json
"""


def status(name: labs.Name = "default", output: labs.Output = "table") -> None:
    """Show a lab: its state, addresses, nodes and memory."""
    from pullscope.lab import lifecycle

    as_json = labs.wants_json(output)
    document = labs.run(lifecycle.status(labs.state_of(name)))
    typer.echo(json.dumps(document, indent=2) if as_json else told(document))


def told(document: dict[str, Any]) -> str:
    """The document as two columns, as crc prints its status; and how to log in, as `crc console --credentials` does."""
    rows = [("Lab", document["name"]), ("State", document["state"].capitalize())]
    if document["state"] == "running":
        rows += [
            ("Kubernetes", document["kubernetesVersion"]),
            ("API server", document["server"]),
            ("Registry", document["registry"]),
            *((f"Node {node['name']}", _node(node)) for node in document["nodes"]),
            *([("Clock", _clock(document["clock"]))] if document["clock"] != "system" else []),
            *(("Fault", fault["fault"]) for fault in document["faults"]),
            ("Process", str(document["pid"])),
        ]
        if document["memory_bytes"]:
            rows.append(("RAM Usage", f"{document['memory_bytes'] / 1e6:.4g}MB"))
    width = max(len(label) for label, _ in rows) + 1
    table = [f"{label + ':':{width}} {value}" for label, value in rows]
    return "\n".join([*table, *(_logins(document) if document["state"] == "running" else ())])


def _logins(document: dict[str, Any]) -> list[str]:
    server, credentials = document["server"], document["credentials"]
    user, admin = (f"-u {name} -p {credentials[name]['password']}" for name in ("developer", "kubeadmin"))
    return [
        "",
        f"To login as a regular user, run 'oc login {user} {server}'.",
        f"To login as an admin, run 'oc login {admin} {server}'",
    ]


def _clock(name: str) -> str:
    return "stands still (pullscope clock advance)" if name == "manual" else f"{name} times as fast"


def _node(node: dict[str, Any]) -> str:
    ready = "Ready" if node["ready"] else "NotReady"
    images = node["images"]
    return f"{ready}, {images} {'image' if images == 1 else 'images'}, runtime {node['runtime']}"
