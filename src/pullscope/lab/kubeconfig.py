"""The user's kubeconfig: add the lab's context to it, and take it away again.

`merge` and `unmerge` are pure: a document in, a document out, everything of the user's in its place and order. `add` and
`remove` do it to the file that kubectl would use. What cannot be understood is never written over. As with kubectl's own
edits, comments in the file are lost.
"""

import base64
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pullscope.base import files
from pullscope.base.errors import PullscopeError

Document = dict[str, Any]
_LISTS = ("clusters", "contexts", "users")


class MalformedKubeconfigError(PullscopeError):
    """The file is there and is not a kubeconfig; it was left as it is."""


class LockedKubeconfigError(PullscopeError):
    """Another program is changing the file: client-go's lock, a file `config.lock` beside it, is there."""


@dataclass(frozen=True)
class Access:
    """What a client needs for the lab: the server as a user types it, its CA (PEM) and a token."""

    context: str
    server: str
    ca: bytes
    user: str
    token: str

    @property
    def cluster(self) -> str:
        return self.context

    @property
    def user_entry(self) -> str:
        """The name of the user's entry; contexts of several labs do not share it."""
        return f"{self.user}/{self.context}"


def context_of(lab: str) -> str:
    """The name of a lab's context: `pullscope` for the default one, `pullscope-NAME` for others."""
    return "pullscope" if lab == "default" else f"pullscope-{lab}"


def document(access: Access) -> Document:
    """A kubeconfig that holds nothing but the lab."""
    return merge({}, access, make_current=True)


def merge(config: Mapping[str, Any], access: Access, *, make_current: bool) -> Document:
    """`config` with the lab's cluster, user and context: in the place of entries of those names, else at the end.

    A namespace that the user chose in the context is kept. With `make_current` the context becomes the current one.
    """
    merged: Document = {**config}
    merged.setdefault("apiVersion", "v1")
    merged.setdefault("kind", "Config")
    before = [each.get("context") or {} for each in merged.get("contexts") or () if each["name"] == access.context]
    namespace = next((each["namespace"] for each in before if each.get("namespace")), "default")
    ca = base64.b64encode(access.ca).decode("ascii")
    cluster = {"certificate-authority-data": ca, "server": access.server}
    context = {"cluster": access.cluster, "namespace": namespace, "user": access.user_entry}
    _put(merged, "clusters", access.cluster, "cluster", cluster)
    _put(merged, "contexts", access.context, "context", context)
    _put(merged, "users", access.user_entry, "user", {"token": access.token})
    if make_current:
        merged["current-context"] = access.context
    return merged


def unmerge(config: Mapping[str, Any], context: str) -> Document:
    """`config` without the lab's context, cluster and users; the current context is none if it was the lab's."""
    rest = dict(config)
    for key in _LISTS:
        if rest.get(key):
            rest[key] = [each for each in rest[key] if not _is_ours(key, each["name"], context)]
    if rest.get("current-context") == context:
        rest["current-context"] = ""
    return rest


def _is_ours(key: str, name: str, context: str) -> bool:
    return name.endswith(f"/{context}") if key == "users" else name == context


def _put(config: Document, key: str, name: str, field: str, value: Document) -> None:
    entries = list(config.get(key) or ())
    entry = {"name": name, field: value}
    if any(each["name"] == name for each in entries):
        entries = [entry if each["name"] == name else each for each in entries]
    else:
        entries.append(entry)
    config[key] = entries


# --------------------------------------------------------------------------------------------- the text


class _Verbatim(str):
    """A number, truth value or time as it is written: `010` stays `010`, whatever YAML 1.1 takes it for."""

    __slots__ = ("tag",)
    tag: str


class _Loader(yaml.SafeLoader):
    """Reads scalars that are no strings as they are written."""


class _Dumper(yaml.SafeDumper):
    """Writes them back so."""


def _construct(_loader: yaml.SafeLoader, node: yaml.ScalarNode) -> _Verbatim:
    scalar = _Verbatim(node.value)
    scalar.tag = node.tag
    return scalar


for _tag in ("int", "float", "bool", "timestamp"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_tag}", _construct)
_Dumper.add_representer(_Verbatim, lambda dumper, scalar: dumper.represent_scalar(scalar.tag, str(scalar)))


def parse(data: bytes, path: Path) -> Document:
    """Read a kubeconfig; empty is an empty one. Raises MalformedKubeconfigError that names the file and what is wrong."""
    hint = f"mend or move {path} away; nothing was changed"
    try:
        config = yaml.load(data, _Loader)  # noqa: S506 (a SafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        first_line = str(error).splitlines()[0]
        raise MalformedKubeconfigError(f"{path} is not a kubeconfig: {first_line}", hint=hint) from error
    wrong = _complaint(config)
    if wrong:
        raise MalformedKubeconfigError(f"{path} is not a kubeconfig: {wrong}", hint=hint)
    return config or {}


def _complaint(config: Any) -> str:
    if config is None:
        return ""
    if not isinstance(config, dict):
        return "it is not a mapping"
    for key in _LISTS:
        entries = config.get(key)
        if entries is None:
            continue
        if not isinstance(entries, list):
            return f"{key} is not a list"
        if not all(isinstance(each, dict) and isinstance(each.get("name"), str) for each in entries):
            return f"{key} has an entry without a name"
    return ""


def render(config: Mapping[str, Any]) -> bytes:
    """The document as YAML, keys in their order."""
    text = _dump(config, escaped=False)
    # PyYAML writes U+0085 and its like as they are and reads them as line breaks: then everything is escaped.
    return text if yaml.load(text, _Loader) == config else _dump(config, escaped=True)  # noqa: S506 (a SafeLoader)


def _dump(config: Mapping[str, Any], *, escaped: bool) -> bytes:
    text: str = yaml.dump(dict(config), Dumper=_Dumper, sort_keys=False, allow_unicode=not escaped, width=10**9)
    return text.encode()


# --------------------------------------------------------------------------------------------- the file


def paths(environment: Mapping[str, str]) -> list[Path]:
    """The files that kubectl reads, the one to write last: the last of KUBECONFIG, else ~/.kube/config (as crc does)."""
    named = [Path(each) for each in environment.get("KUBECONFIG", "").split(os.pathsep) if each]
    return named or [Path.home() / ".kube" / "config"]


@dataclass(frozen=True)
class Added:
    """Which file has the context now, and whether it is the current one."""

    path: Path
    current: bool


def check(files_read: list[Path]) -> None:
    """Raise MalformedKubeconfigError now rather than after a lab was started."""
    for path in files_read:
        parse(_read(path), path)


def access_in(path: Path) -> Access:
    """What `document` put into the lab's own file."""
    config = parse(path.read_bytes(), path)
    (context,), (cluster,), (user,) = (config[key] for key in ("contexts", "clusters", "users"))
    ca = base64.b64decode(cluster["cluster"]["certificate-authority-data"])
    name = user["name"].partition("/")[0]
    return Access(context["name"], cluster["cluster"]["server"], ca, name, user["user"]["token"])


def add(access: Access, files_read: list[Path]) -> Added:
    """Add the lab to the last of the files; it becomes the current context when none of them names one."""
    configs = {path: parse(_read(path), path) for path in files_read}
    current = next((each["current-context"] for each in configs.values() if each.get("current-context")), "")
    path = files_read[-1]
    _write(path, merge(configs[path], access, make_current=not current))
    return Added(path, current in ("", access.context))


def remove(context: str, files_read: list[Path]) -> None:
    """Take the lab's context out of every file that has it."""
    for path in files_read:
        config = parse(_read(path), path)
        rest = unmerge(config, context)
        if rest != config:
            _write(path, rest)


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def _write(path: Path, config: Document) -> None:
    target = path.resolve()  # a link to the real file stays a link
    target.parent.mkdir(parents=True, exist_ok=True)
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o600
    with _locked(target):
        files.write_atomic(target, render(config), mode=mode)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Keep kubectl and its like away, by the lock file that client-go uses."""
    lock = path.with_name(f"{path.name}.lock")
    try:
        os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_RDONLY, 0o600))
    except FileExistsError as error:
        hint = f"try again; if no such program runs, remove {lock}"
        raise LockedKubeconfigError(f"another program is changing {path}", hint=hint) from error
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)
