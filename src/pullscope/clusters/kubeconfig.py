"""Read a kubeconfig: which server, how to trust it, who we are.

Where it is and how several are merged are kubectl's rules (client-go v0.36 tools/clientcmd/loader.go): the file that is
named, else the list in $KUBECONFIG, else ~/.kube/config; of a list the first that has a value or an entry wins, and
relative paths are relative to the file that names them. Tokens, passwords and certificates are read here, `execplugins` asks
programs for them, and users with an auth provider go to `plugins`, which brings in kubernetes_asyncio.
"""

import base64
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from pullscope.base.errors import UnreachableError
from pullscope.clusters import entries
from pullscope.clusters.entries import BrokenError, Entry, Identity


@dataclass(frozen=True)
class Access:
    """What is needed to reach one cluster. Certificates and keys are PEM; `authorization` is the header's value.

    With `public` the authorities that the system trusts count beside `ca`.
    """

    server: str
    authorization: str | None = field(default=None, repr=False)
    ca: bytes | None = None
    certificate: bytes | None = None
    key: bytes | None = field(default=None, repr=False)
    verify: bool = True
    server_name: str | None = None
    proxy: str | None = None
    public: bool = False


@dataclass(frozen=True)
class Context:
    """A context of a kubeconfig: its own name, and the names of what it refers to (`namespace` may be empty)."""

    name: str
    cluster: str
    user: str
    namespace: str


def choose(kubeconfig: Path | None, context: str | None) -> Context:
    """The context that `load` takes. Raises UnreachableError as it does."""
    paths = locate(kubeconfig)
    merged = _merge(paths)
    chosen = _choose(merged, context, os.pathsep.join(map(str, paths)))
    parts = (str(chosen.get(part) or "") for part in ("cluster", "user", "namespace"))
    return Context(context or merged["current-context"], *parts)


def toward(kubeconfig: Path | None, server: str) -> Access:
    """How to reach a server (empty: that of the current context) as nobody yet: as a cluster of the kubeconfig has it, if
    one does. Raises UnreachableError as `load` does.
    """
    paths = locate(kubeconfig)
    merged, shown = _merge(paths), os.pathsep.join(map(str, paths))
    try:
        if not server:
            chosen = _choose(merged, None, shown)
            return _access(_named(merged, "clusters", chosen.get("cluster")), Identity())
        known = (each for each in merged["clusters"].values() if str(each.get("server") or "").rstrip("/") == server)
        return _access(next(known, {"server": server}), Identity())
    except BrokenError as error:
        raise UnreachableError(f"{shown} cannot be used: {error}") from error


async def load(kubeconfig: Path | None, context: str | None) -> Access:
    """The access that `context` (None: the current one) of `kubeconfig` (None: kubectl's own choice) describes.

    Raises UnreachableError when there is no such file or context, or when its credentials cannot be had.
    """
    paths = locate(kubeconfig)
    shown = os.pathsep.join(map(str, paths))
    merged = _merge(paths)
    chosen = _choose(merged, context, shown)
    try:
        cluster = _named(merged, "clusters", chosen.get("cluster"))
        user = _named(merged, "users", chosen["user"]) if chosen.get("user") else {}
        return _access(cluster, await _identity(user, cluster))
    except BrokenError as error:
        raise UnreachableError(f"{shown} cannot be used: {error}") from error


def locate(kubeconfig: Path | None) -> list[Path]:
    """The files that are read. Raises UnreachableError when there is none."""
    text = str(kubeconfig or os.environ.get("KUBECONFIG") or Path.home() / ".kube" / "config")
    paths = [Path(path).expanduser() for path in ([text] if kubeconfig else text.split(os.pathsep)) if path]
    there = [path for path in paths if path.is_file()]
    if not there:
        hint = "log in to a cluster, or start a lab with `pullscope up`"
        raise UnreachableError(f"no kubeconfig at {text}", hint=hint)
    return there


def parse(data: bytes) -> Any:
    """A kubeconfig's document; with libyaml where PyYAML was built with it, which takes a tenth of the time."""
    return yaml.load(data, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 (both are safe)


def _merge(paths: list[Path]) -> Entry:
    """One kubeconfig of all files. Each entry remembers the directory of its file."""
    merged: Entry = {"current-context": "", "contexts": {}, "clusters": {}, "users": {}}
    for path in paths:
        try:
            content = parse(path.read_bytes()) or {}
            merged["current-context"] = merged["current-context"] or str(content.get("current-context") or "")
            for kind in ("contexts", "clusters", "users"):
                for entry in content.get(kind) or []:
                    value = {**(entry[kind.removesuffix("s")] or {}), "directory": path.parent}
                    merged[kind].setdefault(entry["name"], value)
        except (OSError, yaml.YAMLError, AttributeError, KeyError, TypeError, UnicodeError) as error:
            # Whatever is no mapping where one is needed: a kubeconfig never is.
            hint = "name another one with --kubeconfig, or log in to the cluster again"
            raise UnreachableError(f"{path} is not a kubeconfig: {' '.join(str(error).split())}", hint=hint) from error
    return merged


def _choose(merged: Entry, context: str | None, shown: str) -> Entry:
    name = context or merged["current-context"]
    hint = f"contexts there: {', '.join(map(str, merged['contexts'])) or 'none'}"
    if not name:
        raise UnreachableError(f"{shown} names no current context", hint=hint)
    if name not in merged["contexts"]:
        raise UnreachableError(f'{shown} has no context "{name}"', hint=hint)
    chosen: Entry = merged["contexts"][name]
    return chosen


def _named(merged: Entry, kind: str, name: Any) -> Entry:
    entry: Entry | None = merged[kind].get(name)
    if entry is None:
        raise BrokenError(f'the context names "{name}", which is not among its {kind}')
    return entry


def _access(cluster: Entry, identity: Identity) -> Access:
    server, proxy = str(cluster.get("server") or "").rstrip("/"), cluster.get("proxy-url")
    if urlsplit(server).scheme not in ("https", "http"):
        raise BrokenError(f'"{server}" is not the URL of a server')
    if proxy and urlsplit(proxy).scheme not in ("https", "http"):
        raise BrokenError(f"proxy-url {proxy}: only http and https proxies are supported")
    return Access(
        server=server,
        authorization=identity.authorization,
        ca=entries.material(cluster, "certificate-authority"),
        certificate=identity.certificate,
        key=identity.key,
        verify=not cluster.get("insecure-skip-tls-verify"),
        server_name=cluster.get("tls-server-name"),
        proxy=proxy,
    )


async def _identity(user: Entry, cluster: Entry) -> Identity:
    if user.get("exec"):
        from pullscope.clusters import execplugins  # noqa: PLC0415 (most kubeconfigs need none)

        return await execplugins.identity(user["exec"], user["directory"], cluster)
    if user.get("auth-provider"):
        from pullscope.clusters import plugins  # noqa: PLC0415 (half a second and 40 MB that others need not pay)

        return await plugins.identity(user)
    return Identity(
        _authorization(user), entries.material(user, "client-certificate"), entries.material(user, "client-key")
    )


def _authorization(user: Entry) -> str | None:
    """The header: a token file is preferred to a token, since it may be renewed (client-go)."""
    token = entries.file(user, "tokenFile").decode().strip() if user.get("tokenFile") else user.get("token")
    if token:
        return f"Bearer {token}"
    if user.get("username"):
        pair = f"{user['username']}:{user.get('password', '')}"
        return f"Basic {base64.b64encode(pair.encode()).decode()}"
    return None
