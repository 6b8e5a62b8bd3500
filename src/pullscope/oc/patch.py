"""`oc patch TYPE NAME -p PATCH`. Upstream: k8s.io/kubectl v0.36 pkg/cmd/patch/patch.go."""

from pathlib import Path
from typing import Any

import yaml

from pullscope.oc import discovery
from pullscope.oc.arguments import Arguments, Flags
from pullscope.oc.errors import OcError
from pullscope.oc.session import MERGE, STRATEGIC, Session

FLAGS = Flags(values=("p/patch", "patch-file", "type"))
_TYPES = {"json": "application/json-patch+json", "merge": MERGE, "strategic": STRATEGIC}


async def run(session: Session, arguments: Arguments) -> int:
    """Patch the objects that are named."""
    form = arguments.text("type", "strategic").lower()
    if form not in _TYPES:
        raise OcError(f'--type must be one of [json merge strategic], not "{form}"')
    change = _given(arguments)
    targets = discovery.targets(await discovery.resources(session), arguments.words or [""])
    for target in targets:
        if target.name is None:
            raise OcError("resource(s) were provided, but no name was specified")
        where = target.resource.path(session.namespace, target.name)
        before = await session.read(where)
        params = {"fieldManager": "kubectl-patch"}
        after = await session.send("PATCH", where, change, params=params, content_type=_TYPES[form])
        same = before["metadata"].get("resourceVersion") == after["metadata"].get("resourceVersion")
        session.console.out(f"{discovery.label(target.resource)}/{target.name} patched{' (no change)' if same else ''}")
    return 0


def _given(arguments: Arguments) -> Any:
    """The patch, JSON or YAML. Raises OcError."""
    name = arguments.text("patch-file")
    try:
        text = Path(name).read_text(encoding="utf-8") if name else arguments.text("patch")
        if not text:
            raise OcError("must specify --patch or --patch-file containing the contents of the patch")
        return yaml.safe_load(text)
    except OSError as error:
        raise OcError(f"unable to read patch file: open {name}: {(error.strerror or '').lower()}") from error
    except yaml.YAMLError as error:
        raise OcError(f'unable to parse "{text}": {" ".join(str(error).split())}') from error
