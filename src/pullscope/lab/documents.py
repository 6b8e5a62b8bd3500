"""The document of `status -o json` for a lab that does not run, and the schema's name. Light: the command line reads it."""

from typing import Any, Literal

SCHEMA = "pullscope.status/v1"

Document = dict[str, Any]
State = Literal["starting", "stopping", "stopped", "error"]


def idle(name: str, state: State) -> Document:
    """Stopped, on its way up or down, or (error) alive but not answering."""
    empty = dict.fromkeys(("pid", "server", "registry", "internalRegistry", "console", "kubernetesVersion", "clock"))
    rest: Document = {"nodes": [], "credentials": {}, "faults": [], "memory_bytes": None}
    return {"schema": SCHEMA, "name": name, "state": state, **empty, **rest}
