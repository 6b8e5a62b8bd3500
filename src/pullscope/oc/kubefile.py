"""Write to the user's kubeconfig: another context, another project. The rest of the file stays as it is.

Which file: the one that was named, else of KUBECONFIG the first that is there, else ~/.kube/config. Other programs are kept
away by the lock file that client-go uses. Upstream: client-go v0.36 tools/clientcmd/{config,loader}.go, openshift/oc
release 4.22 pkg/helpers/kubeconfig.
"""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from pullscope.base import files
from pullscope.base.clock import Clock
from pullscope.clusters import kubeconfig
from pullscope.oc.errors import OcError

Document = dict[str, Any]

_TRIES, _PAUSE = 100, 0.02  # two seconds until a lock counts as left behind


def target(kubeconfig: Path | None) -> Path:
    """The file to write; it need not be there."""
    if kubeconfig is not None:
        return kubeconfig
    named = [Path(each) for each in os.environ.get("KUBECONFIG", "").split(os.pathsep) if each]
    return next((path for path in named if path.is_file()), named[-1] if named else Path.home() / ".kube" / "config")


def nickname(server: str) -> str:
    """A server's name in names of contexts: `127-0-0-1:6443`."""
    parts = urlsplit(server)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return f"{(parts.hostname or '').replace('.', '-')}:{port}"


def keep(document: Document, kind: str, name: str, value: Document) -> None:
    """Put an entry in place of the one of its name; `kind` is `context`, `cluster` or `user`."""
    entries = [each for each in document.get(f"{kind}s") or [] if each["name"] != name]
    document[f"{kind}s"] = [*entries, {"name": name, kind: value}]


async def change(path: Path, edit: Callable[[Document], None], clock: Clock) -> None:
    """Edit the file under client-go's lock. Raises OcError when another program keeps it locked."""
    path = _made_ready(path)
    async with _locked(path, clock):
        _edit(path, edit)


def _made_ready(path: Path) -> Path:
    """The file itself where `path` is a link."""
    real = path.resolve()
    real.parent.mkdir(parents=True, exist_ok=True)
    return real


def _edit(path: Path, edit: Callable[[Document], None]) -> None:
    document = kubeconfig.parse(path.read_bytes()) if path.exists() else None
    document = document or {"apiVersion": "v1", "kind": "Config", "preferences": {}}
    edit(document)
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o600
    files.write_atomic(path, yaml.safe_dump(document).encode(), mode=mode)


@asynccontextmanager
async def _locked(path: Path, clock: Clock) -> AsyncIterator[None]:
    lock = path.with_name(f"{path.name}.lock")
    for _ in range(_TRIES):
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL, 0o600))
            break
        except FileExistsError:
            await clock.sleep(_PAUSE)
    else:
        raise OcError(f"{path} is locked by another program; if there is none, remove {lock}")
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)
