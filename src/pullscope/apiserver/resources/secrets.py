"""Secrets.

Upstream: kubernetes v1.36 pkg/registry/core/secret, pkg/apis/core/validation (ValidateSecret), pkg/apis/core/v1/conversion.go.
"""

import base64
import binascii
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import orjson

from pullscope.apiserver import columns, decoding, syntax
from pullscope.apiserver.kinds import Kind, Strategy, Table
from pullscope.apiserver.storage import Storage
from pullscope.kube import causes, resources, status, table, validation
from pullscope.kube.api import Object
from pullscope.kube.status import Cause

SIZE_MAX = 1024 * 1024
_REQUIRED = {
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
}
_JSON_KEYS = (".dockerconfigjson", ".dockercfg")
_TOKEN, _TOKEN_OWNER = "kubernetes.io/service-account-token", "kubernetes.io/service-account.name"
_BASIC = "kubernetes.io/basic-auth"
_REDACTED = "<secret contents redacted>"


def _default(obj: Object) -> None:
    """`stringData` is a way to write `data`, never kept."""
    obj["type"] = obj.get("type") or "Opaque"
    texts = obj.pop("stringData", None) or {}
    if texts:
        encoded = {key: base64.b64encode(text.encode()).decode() for key, text in texts.items()}
        obj["data"] = {**(obj.get("data") or {}), **encoded}


def decoded(obj: Object) -> dict[str, bytes]:
    """The contents. Raises ApiError 400, as upstream's decoder does, when a value is not base64."""
    try:
        return {key: base64.b64decode(text or "", validate=True) for key, text in (obj.get("data") or {}).items()}
    except binascii.Error:
        why = "illegal base64 data"
        raise status.bad_request(f'Secret in version "v1" cannot be handled as a Secret: {why}') from None


def _validate(obj: Object) -> Iterator[Cause]:
    contents = decoded(obj)
    for key in contents:
        for why in syntax.config_key(key):
            yield causes.invalid(f"data[{key}]", key, why)
    if sum(len(value) for value in contents.values()) > SIZE_MAX:
        yield causes.too_long("data", SIZE_MAX)
    yield from _typed(obj, contents)


def _typed(obj: Object, contents: dict[str, bytes]) -> Iterator[Cause]:
    for key in _REQUIRED.get(obj["type"], ()):
        if key not in contents:
            yield causes.required(f"data[{key}]")
        elif key in _JSON_KEYS and (why := _why_no_object(contents[key])):
            yield causes.invalid(f"data[{key}]", _REDACTED, why)
    if obj["type"] == _BASIC and not {"username", "password"} & set(contents):
        yield causes.required("data[username]")
        yield causes.required("data[password]")
    if obj["type"] == _TOKEN and not (obj["metadata"].get("annotations") or {}).get(_TOKEN_OWNER):
        yield causes.required(f"metadata.annotations[{_TOKEN_OWNER}]")


def _why_no_object(content: bytes) -> str:
    """Why that is no JSON object; empty when it is one, or null, which Go takes for one."""
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError:
        return "must be JSON"
    return "" if value is None or isinstance(value, dict) else decoding.not_an_object(value)


def _validate_update(new: Object, old: Object) -> Iterator[Cause]:
    yield from immutable(new, old, "data")
    if new["type"] != old["type"]:
        yield causes.invalid("type", new["type"], validation.IMMUTABLE)
    yield from _validate(new)


def immutable(new: Object, old: Object, *fields: str) -> Iterator[Cause]:
    """An object that was made immutable stays so, with its contents: Secrets and ConfigMaps."""
    if old.get("immutable"):
        why = "field is immutable when `immutable` is set"
        if not new.get("immutable"):
            yield causes.forbidden("immutable", why)
        for field in fields:
            if (new.get(field) or {}) != (old.get(field) or {}):
                yield causes.forbidden(field, why)


def _cells(obj: Object, now: datetime) -> list[Any]:
    return [obj["metadata"]["name"], obj["type"], len(obj.get("data") or {}), table.age(obj, now)]


KIND = Kind(
    resource=resources.SECRETS,
    table=Table(
        (
            columns.NAME,
            table.column("Type", description="Used to facilitate programmatic handling of secret data."),
            table.column("Data", description="The number of keys of the secret."),
            columns.AGE,
        ),
        _cells,
    ),
    handler=Storage,
    strategy=Strategy(validate=_validate, validate_update=_validate_update),
    default=_default,
    selectable=("metadata.name", "metadata.namespace", "type"),
)
