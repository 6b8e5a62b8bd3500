"""Read a kubeconfig: which server, how to trust it, who we are.

The parsing is kubernetes_asyncio's: it runs exec plugins, refreshes OIDC tokens and turns inline certificates into files
that it removes at exit. What this module adds are the questions it answers with a traceback (no file, no such context,
not a kubeconfig) and kubectl's rule where the file is: the given one, else the list in $KUBECONFIG, else ~/.kube/config.
Refreshed OIDC tokens are not written back.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from kubernetes_asyncio.client.configuration import Configuration
from kubernetes_asyncio.config import kube_config
from kubernetes_asyncio.config.config_exception import ConfigException

from pullscope.base.errors import UnreachableError

# A file that is YAML but no kubeconfig makes the loader stumble wherever it first misses something.
_STUMBLES = (ConfigException, yaml.YAMLError, OSError, ValueError, TypeError, AttributeError, KeyError, AssertionError)


@dataclass(frozen=True)
class Access:
    """What is needed to reach one cluster. File names are absolute; `authorization` is the header's value or None."""

    server: str
    authorization: str | None
    ca_file: str | None
    cert_file: str | None
    key_file: str | None
    verify: bool
    server_name: str | None
    proxy: str | None


async def load(kubeconfig: Path | None, context: str | None) -> Access:
    """The access that `context` (None: the current one) of `kubeconfig` describes.

    Raises UnreachableError when there is no such file or context, or when its credentials cannot be had.
    """
    paths = _locate(kubeconfig)
    loader = _loader(paths, context)
    configuration = Configuration()
    try:
        await loader.load_and_set(configuration)
    except _STUMBLES as error:
        raise UnreachableError(f"the credentials of {paths} cannot be used: {error}") from error
    return Access(
        server=str(configuration.host),
        authorization=await configuration.get_api_key_with_prefix("BearerToken"),
        ca_file=configuration.ssl_ca_cert,
        cert_file=configuration.cert_file,
        key_file=configuration.key_file,
        verify=configuration.verify_ssl,
        server_name=configuration.tls_server_name,
        proxy=configuration.proxy,
    )


def _locate(kubeconfig: Path | None) -> str:
    paths = str(kubeconfig or os.environ.get("KUBECONFIG") or Path.home() / ".kube" / "config")
    listed = [Path(path).expanduser() for path in paths.split(os.pathsep) if path]
    if not any(path.is_file() for path in listed):
        raise UnreachableError(
            f"no kubeconfig at {paths}",
            hint="log in to a cluster, or start a lab with `pullscope up`",
        )
    return paths


def _loader(paths: str, context: str | None) -> Any:
    """kubernetes_asyncio's loader with the context chosen; Any, since its classes are half typed."""
    try:
        merged: Any = kube_config.KubeConfigMerger(paths).config
        contexts = [str(entry["name"]) for entry in merged.value["contexts"]]
        chosen = context or merged.value.get("current-context")
    except _STUMBLES as error:
        raise UnreachableError(f"{paths} is not a kubeconfig: {error}") from error
    there = f"contexts there: {', '.join(contexts) or 'none'}"
    if not chosen:
        raise UnreachableError(f"{paths} names no current context", hint=there)
    if chosen not in contexts:
        raise UnreachableError(f'{paths} has no context "{chosen}"', hint=there)
    try:
        return kube_config.KubeConfigLoader(merged, active_context=chosen, config_base_path=None)
    except _STUMBLES as error:
        raise UnreachableError(f'context "{chosen}" of {paths} cannot be used: {error}') from error
