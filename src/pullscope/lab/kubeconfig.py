"""A kubeconfig with a lab's contexts in it, and without them: a document in, a document out.

Everything of the user's stays in its place and order; what cannot be understood is refused. As with kubectl's own edits,
comments are lost. `userconfig` does it to the user's files.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pullscope.base.errors import PullscopeError
from pullscope.lab import names

Document = dict[str, Any]
_LISTS = ("clusters", "contexts", "users")


class MalformedKubeconfigError(PullscopeError):
    """The file is there and is not a kubeconfig; it was left as it is."""


@dataclass(frozen=True)
class Access:
    """What clients need for the lab: the server as a user types it, its CA (PEM), and the tokens of its two users.

    `context` is the administrator's; the cluster's entry has the same name.
    """

    context: str
    server: str
    ca: bytes
    token: str
    developer_token: str

    @property
    def developer_context(self) -> str:
        return names.developer_context(self.context)


def document(access: Access) -> Document:
    """A kubeconfig that holds nothing but the lab."""
    return merge({}, access, make_current=True)


def merge(config: Mapping[str, Any], access: Access, *, make_current: bool) -> Document:
    """`config` with the lab's cluster, users and contexts: in the place of entries of those names, else at the end.

    Namespaces that the user chose in the contexts are kept. With `make_current` the administrator's context becomes the
    current one.
    """
    merged: Document = {**config}
    merged.setdefault("apiVersion", "v1")
    merged.setdefault("kind", "Config")
    ca = base64.b64encode(access.ca).decode("ascii")
    cluster = {"certificate-authority-data": ca, "server": access.server}
    _put(merged, "clusters", access.context, "cluster", cluster)
    admin = _User("kubeadmin", access.token, {"namespace": "default"})
    developer = _User("developer", access.developer_token, {})
    _put_context(merged, access, access.context, admin)
    _put_context(merged, access, access.developer_context, developer)
    if make_current:
        merged["current-context"] = access.context
    return merged


@dataclass(frozen=True)
class _User:
    """Whom a context is for, and the namespace that it begins with."""

    name: str
    token: str
    namespace: Document


def _put_context(config: Document, access: Access, name: str, user: _User) -> None:
    """The user's entry bears the lab's name: users of several labs are not the same."""
    before = [each.get("context") or {} for each in config.get("contexts") or () if each["name"] == name]
    chosen = [{"namespace": each["namespace"]} for each in before if each.get("namespace")]
    entry = f"{user.name}/{access.context}"
    context = {"cluster": access.context, **(chosen or [user.namespace])[0], "user": entry}
    _put(config, "contexts", name, "context", context)
    _put(config, "users", entry, "user", {"token": user.token})


def unmerge(config: Mapping[str, Any], context: str) -> Document:
    """`config` without the lab's contexts, cluster and users; the current context is none if it was one of them.

    `context` is the administrator's.
    """
    rest = dict(config)
    for key in _LISTS:
        if rest.get(key):
            rest[key] = [each for each in rest[key] if not _is_ours(key, each["name"], context)]
    if rest.get("current-context") in (context, names.developer_context(context)):
        rest["current-context"] = ""
    return rest


def without_logins(config: Mapping[str, Any], access: Access) -> Document:
    """`config` without what `oc login` and `oc project` made for the lab: clusters, contexts, users of no other context.

    The lab's own contexts stay (`unmerge` takes them), and so do the entries of another server at the same address, which
    has another CA.
    """
    clusters = {each["name"] for each in config.get("clusters") or () if _leads_to(each, access)} | {access.context}
    contexts = [
        each
        for each in config.get("contexts") or ()
        if _part(each, "context", "cluster") in clusters and not _is_ours("contexts", each["name"], access.context)
    ]
    others = [each for each in config.get("contexts") or () if each not in contexts]
    users = {_part(each, "context", "user") for each in contexts} - {_part(each, "context", "user") for each in others}
    gone = {"clusters": clusters - {access.context}, "contexts": {each["name"] for each in contexts}, "users": users}
    rest = dict(config)
    for key, theirs in gone.items():
        if rest.get(key):
            rest[key] = [each for each in rest[key] if each["name"] not in theirs]
    if rest.get("current-context") in gone["contexts"]:
        rest["current-context"] = ""
    return rest


def _leads_to(entry: Mapping[str, Any], access: Access) -> bool:
    trusted = (None, base64.b64encode(access.ca).decode("ascii"))
    right_one = _part(entry, "cluster", "certificate-authority-data") in trusted
    return right_one and bool(_part(entry, "cluster", "server") == access.server)


def _part(entry: Mapping[str, Any], body: str, key: str) -> Any:
    found = entry.get(body)
    return found.get(key) if isinstance(found, dict) else None


def is_empty(config: Mapping[str, Any]) -> bool:
    """Whether nothing is in it but what every kubeconfig has."""
    return not any(value for key, value in config.items() if key not in ("apiVersion", "kind"))


def _is_ours(key: str, name: str, context: str) -> bool:
    match key:
        case "users":
            return name.endswith(f"/{context}")
        case "contexts":
            return name in (context, names.developer_context(context))
        case _:
            return name == context


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


class _Loader(yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader):  # type: ignore[misc] # chosen at import
    """Reads scalars that are no strings as they are written."""


class _Dumper(yaml.CSafeDumper if yaml.__with_libyaml__ else yaml.SafeDumper):  # type: ignore[misc] # chosen at import
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


def access_in(path: Path) -> Access:
    """What `document` put into the lab's own file."""
    config = parse(path.read_bytes(), path)
    (cluster,) = config["clusters"]
    ca = base64.b64decode(cluster["cluster"]["certificate-authority-data"])
    admin, developer = (user["user"]["token"] for user in config["users"])
    return Access(cluster["name"], cluster["cluster"]["server"], ca, admin, developer)
