"""`oc registry login`: let podman, skopeo and docker know the internal registry by the token that oc has.

Upstream: openshift/oc release 4.22 pkg/cli/registry/login (login.go). Without --to the file is podman's, or docker's with
REGISTRY_AUTH_PREFERENCE=docker.
"""

import base64
import json
import os
from pathlib import Path
from typing import Any

import aiohttp

from pullscope.base import files
from pullscope.kube.resources import IMAGE_STREAMS
from pullscope.kube.status import ApiError
from pullscope.oc import whoami
from pullscope.oc.arguments import Arguments, Flags
from pullscope.oc.errors import OcError
from pullscope.oc.session import Session
from pullscope.remote import authfiles
from pullscope.remote.client import RegistryClient
from pullscope.remote.errors import RemoteError
from pullscope.remote.registries import Login

FLAGS = Flags(values=("to", "a/registry-config", "registry", "auth-basic"), switches=("skip-check",))
_NO_HOST = "The public hostname of the integrated registry could not be determined. Please specify one with --registry."


async def run(session: Session, arguments: Arguments) -> int:
    """Check the credentials with the registry, unless told not to, and write them down."""
    if arguments.words != ["login"]:
        raise OcError("`pullscope oc registry` can `login`, and nothing else")
    login = _login(session, arguments)
    host = arguments.text("registry") or await _host(session)
    if not arguments.on("skip-check"):
        await _check(host, login)
    name = arguments.text("to") or arguments.text("registry-config")
    path = Path(name) if name else authfiles.of_login(os.environ, Path.home())
    entry = {"auth": base64.b64encode(f"{login.username}:{login.password}".encode()).decode()}
    if name == "-":
        session.console.out(_text({"auths": {host: entry}}))
        return 0
    whole = _read(path)
    whole["auths"][host] = entry
    _write(path, _text(whole), own=not name)
    session.console.out(f"Saved credentials for {host} into {path}")
    return 0


def _login(session: Session, arguments: Arguments) -> Login:
    given = arguments.text("auth-basic")
    if not given:
        return Login("user", whoami.token(session))
    user, colon, password = given.partition(":")
    if not colon:
        raise OcError("--auth-basic must be in the form user:password")
    return Login(user, password)


async def _host(session: Session) -> str:
    """Where the internal registry is, as a stream of this project or of `openshift` tells. Raises OcError."""
    for namespace in (session.namespace, "openshift"):
        try:
            listed = (await session.cluster.list(IMAGE_STREAMS, namespace)).items
        except ApiError as error:
            if error.code == 401:
                raise
            continue
        if listed:
            return _told(session, listed[0].get("status") or {})
    raise OcError(_NO_HOST)


def _told(session: Session, status: dict[str, Any]) -> str:
    public = str(status.get("publicDockerImageRepository") or "").partition("/")[0]
    internal = str(status.get("dockerImageRepository") or "").partition("/")[0]
    if public:
        session.console.err(f"info: Using registry public hostname {public}")
    elif internal:
        session.console.err(f"info: Using internal registry hostname {internal}")
    else:
        raise OcError(_NO_HOST)
    return public or internal


async def _check(host: str, login: Login) -> None:
    async with aiohttp.ClientSession() as http:
        try:
            await RegistryClient(http, host, auth=login).ping()
        except RemoteError as error:
            why = f"unable to check your credentials - pass --skip-check to bypass this error: {error.message}"
            raise OcError(why) from error


def _read(path: Path) -> dict[str, Any]:
    """What is in the file; at least `auths` is. Raises OcError."""
    try:
        whole = json.loads(path.read_bytes() or b"{}")
    except FileNotFoundError:
        whole = {}
    except OSError as error:
        raise OcError(f"unable to read {path}: {error.strerror}") from error
    except ValueError as error:
        raise OcError(f"unable to parse existing credentials {path}: {error}") from error
    if not isinstance(whole, dict) or not isinstance(whole.setdefault("auths", {}), dict):
        raise OcError(
            f"the specified config file {path} does not appear to be in the correct Docker config.json format"
        )
    return whole


def _text(whole: dict[str, Any]) -> str:
    return json.dumps(whole, indent=2)


def _write(path: Path, text: str, *, own: bool) -> None:
    """`own`: the file's directory is made when it is missing. Raises OcError."""
    try:
        if own:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        files.write_atomic(path.resolve(), text.encode(), mode=0o600)
    except OSError as error:
        raise OcError(f"unable to write {path}: {error.strerror}") from error
