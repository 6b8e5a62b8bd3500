"""Credentials from an exec plugin of a kubeconfig: a program that logs in and prints an ExecCredential.

Upstream: client-go v0.36 plugin/pkg/client/auth/exec/exec.go and pkg/apis/clientauthentication/v1. The program is asked once
for each connection; what it says to the user (a page to visit, a code to type) goes to the user's terminal.
"""

import asyncio
import contextlib
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from pullscope.base import tasks
from pullscope.base.clock import SystemClock
from pullscope.clusters.entries import BrokenError, Entry, Identity

_GROUP = "client.authentication.k8s.io"
_VERSIONS = (f"{_GROUP}/v1", f"{_GROUP}/v1beta1")
_PATIENCE = 120.0  # seconds; somebody may have to log in on a page


async def identity(config: Entry, directory: Path, cluster: Entry) -> Identity:
    """What the plugin `config` gives; `directory` is its kubeconfig's. Raises BrokenError."""
    version = str(config.get("apiVersion") or "")
    if version not in _VERSIONS:
        raise BrokenError(f'exec: its apiVersion is "{version}", not {" or ".join(_VERSIONS)}')
    interactive = _interactive(config)
    info = {"apiVersion": version, "kind": "ExecCredential", "spec": {"interactive": interactive}}
    if config.get("provideClusterInfo"):
        info["spec"] = {"cluster": _cluster(cluster), "interactive": interactive}
    output = await _output(config, directory, info, interactive=interactive)
    return _read(_status(output, version))


def _interactive(config: Entry) -> bool:
    """Whether the program gets our standard input."""
    mode, terminal = config.get("interactiveMode") or "IfAvailable", sys.stdin is not None and sys.stdin.isatty()
    if mode == "Always" and not terminal:
        raise BrokenError("exec plugin cannot support interactive mode: standard input is not a terminal")
    return mode != "Never" and terminal


def _cluster(cluster: Entry) -> Entry:
    """The part of the kubeconfig's cluster that plugins may know."""
    names = ("server", "tls-server-name", "insecure-skip-tls-verify", "certificate-authority-data", "proxy-url")
    known = {name: cluster[name] for name in names if cluster.get(name)}
    extensions = {each.get("name"): each.get("extension") for each in cluster.get("extensions") or ()}
    config = extensions.get(f"{_GROUP}/exec")
    return {**known, **({"config": config} if config else {})}


async def _output(config: Entry, directory: Path, info: dict[str, Any], *, interactive: bool) -> bytes:
    command = _command(str(config.get("command") or ""), directory)
    given = {str(each["name"]): str(each["value"]) for each in config.get("env") or ()}
    environment = {**os.environ, **given, "KUBERNETES_EXEC_INFO": json.dumps(info)}
    stdin = None if interactive else asyncio.subprocess.DEVNULL
    try:
        process = await asyncio.create_subprocess_exec(
            *(command, *map(str, config.get("args") or ())),
            env=environment,
            stdin=stdin,
            stdout=asyncio.subprocess.PIPE,
        )
    except OSError as error:
        advice = " ".join(str(config.get("installHint") or "").split())
        hint = f": {advice}" if advice else ""
        raise BrokenError(f"exec: executable {command} cannot be started ({error.strerror}){hint}") from error
    try:
        done = await tasks.within(SystemClock(), _PATIENCE, process.communicate())
    finally:
        with contextlib.suppress(ProcessLookupError):
            if process.returncode is None:
                process.kill()
                await process.wait()
    if done is None:
        raise BrokenError(f"exec: executable {command} said nothing for {_PATIENCE:.0f} s")
    if process.returncode:
        raise BrokenError(f"exec: executable {command} failed with exit code {process.returncode}")
    return done[0]


def _command(command: str, directory: Path) -> str:
    """A relative path is relative to the kubeconfig; a bare name is looked for as a shell would."""
    if not command:
        raise BrokenError("exec: it names no command")
    if Path(command).name != command:
        return str(Path(directory, command))
    return shutil.which(command) or command


def _status(output: bytes, version: str) -> Entry:
    try:
        credential = json.loads(output)
        kind, said, status = credential["kind"], credential["apiVersion"], credential.get("status")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BrokenError(f"exec: the plugin's output is no ExecCredential: {error}") from error
    if kind != "ExecCredential" or said != version:
        what = f"exec plugin is configured to use API version {version}, plugin returned version {said}"
        raise BrokenError(what if kind == "ExecCredential" else f"exec: the plugin printed a {kind}")
    if not isinstance(status, dict):
        raise BrokenError("exec plugin didn't return a status field")
    return status


def _read(status: Entry) -> Identity:
    token, certificate, key = (status.get(name) for name in ("token", "clientCertificateData", "clientKeyData"))
    if not token and not (certificate and key):
        raise BrokenError("exec plugin didn't return a token or cert/key pair")
    if bool(certificate) != bool(key):
        raise BrokenError("exec plugin returned only certificate or key, not both")
    pem = [str(each).encode() if each else None for each in (certificate, key)]
    return Identity(f"Bearer {token}" if token else None, *pem)
